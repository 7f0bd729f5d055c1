"""A file that was pushed and kept, as a source of records."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.models import Receipt
from gateway.store.files import Files
from harvesters.push import SUFFIXES, PushSource, pushed_file
from harvesters.source import RawRecord


def bulk_source(files: Files, receipt: Receipt) -> PushSource:
    """What the run of a receipt reads."""
    return PushSource(_records(files, receipt), is_whole=receipt.mode == "replace")


def _records(files: Files, receipt: Receipt) -> Iterator[RawRecord]:
    with opened(files.path(receipt.sha256), SUFFIXES[receipt.media_type]) as path:
        yield from pushed_file(path, declared=receipt.declared)


@contextmanager
def opened(kept: Path, suffix: str) -> Iterator[Path]:
    """The kept file under a name that says what it is, without a copy where the file system lets it."""
    with tempfile.TemporaryDirectory(prefix="push-", dir=kept.parent.parent) as folder:
        named = Path(folder) / f"pushed{suffix}"
        try:
            os.link(kept, named)
        except OSError:
            shutil.copyfile(kept, named)
        yield named


