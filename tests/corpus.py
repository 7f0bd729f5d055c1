"""Where the tests find the corpus of real inputs: beside the checkout, or where GATEWAY_TEST_CORPUS says."""

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("GATEWAY_TEST_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))


def corpus(*parts: str) -> Path:
    """The path of a corpus file or folder; skips the test with a plain message where it is absent."""
    path = CORPUS.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"The corpus of real inputs is not here: {'/'.join(parts)} (set GATEWAY_TEST_CORPUS to its folder)")
    return path
