"""Where the tests find the corpus of real inputs: beside the checkout, or where GATEWAY_TEST_CORPUS says."""

import os
from pathlib import Path

from tests.services import leave_out

CORPUS = Path(os.environ.get("GATEWAY_TEST_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))


def corpus(*parts: str) -> Path:
    """The path of a corpus file or folder; leaves the test out with a plain message where it is absent, and fails where ``CI`` is set."""
    path = CORPUS.joinpath(*parts)
    if not path.exists():
        leave_out(f"The corpus of real inputs is not here: {'/'.join(parts)} (set GATEWAY_TEST_CORPUS to its folder).")
    return path
