"""An archive's members as files of a folder: unpacked by the parsing process, written here, under names of our own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from harvesters.folder import SUFFIXES, FoundFile, paired
from harvesters.parsing import BIG_FILE, parse


def unpacked(archive: FoundFile, folder: Path) -> list[FoundFile]:
    """The members that may hold records, sorted by name. Raises :class:`harvesters.source.PageUnreadable`."""
    return paired(sorted(_members(archive, folder), key=lambda file: file.name))


def _members(archive: FoundFile, folder: Path) -> Iterator[FoundFile]:
    number, size = 0, 0
    for piece in parse("archive", archive.path, limits=BIG_FILE):
        name = str(piece["member"])
        suffix = Path(name).suffix.lower()
        path = folder / f"{number}{suffix if suffix in SUFFIXES else ''}"
        body = base64.b64decode(piece["piece"])
        size += len(body)
        if suffix in SUFFIXES:
            with path.open("ab") as opened:
                opened.write(body)
        if piece["is_last"]:
            if suffix in SUFFIXES:
                yield FoundFile(path, f"{archive.name}/{name}", size, archive.modified_ns)
            number, size = number + 1, 0
