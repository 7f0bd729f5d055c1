"""ZIP archives from outside: judged by their directory before anything is unpacked, and metered while it is.

An archive may be small and unfold to gigabytes, name files outside the folder it is unpacked to, or hold links. Nothing is
written here: members are handed to the caller in pieces.
"""

from __future__ import annotations

import base64
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from harvesters.parsing.document import Document, Unparsable, Value

MEMBERS: Final = 10_000
TOTAL_BYTES: Final = 1024 * 1024 * 1024
RATIO: Final = 50
RATIO_FROM_BYTES: Final = 64 * 1024 * 1024
PIECE_BYTES: Final = 512 * 1024
ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".jar")
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PASSED_BY: Final = ("__MACOSX", ".")


def members(document: Document) -> Iterator[Value]:
    """``{"member": name, "piece": base64, "is_last": …}`` for each file, in the order of the archive.

    Raises :class:`Unparsable` (bad-archive, unsafe-archive, nested-archive, encrypted, too-large, compression).
    """
    with opened(document) as archive:
        meter = Meter(document.size_bytes)
        for info in archive.infolist():
            if info.is_dir() or any(part.startswith(PASSED_BY) for part in info.filename.split("/")):
                continue
            if info.filename.lower().endswith(ARCHIVES):
                raise Unparsable("nested-archive", f"The archive holds another one, {info.filename[:200]!r}.")
            yield from _pieces(archive, info, meter)


@contextmanager
def opened(document: Document) -> Iterator[zipfile.ZipFile]:
    """The archive, whose directory is in order. Errors met while it is read have our names."""
    try:
        with document.open() as body:
            _check_start(body)
            with zipfile.ZipFile(body) as archive:
                _check_directory(archive.infolist())
                yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, UnicodeDecodeError, KeyError) as problem:
        raise Unparsable("bad-archive", f"The archive cannot be opened: {str(problem)[:200] or type(problem).__name__}.") from None
    except RuntimeError as problem:
        raise Unparsable("encrypted", f"A member of the archive is encrypted: {str(problem)[:200]}.") from None


def _check_start(body: BinaryIO) -> None:
    if body.read(8) == OLE:
        raise Unparsable("encrypted", "This is an encrypted workbook, or one in the format of before 2007.")
    body.seek(0)


def _check_directory(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MEMBERS:
        raise Unparsable("too-large", f"The archive has {len(infos):,} members; at most {MEMBERS:,} are read.")
    met: set[str] = set()
    for info in infos:
        _check_name(info)
        name = unicodedata.normalize("NFC", info.filename).casefold()
        if name in met:
            raise Unparsable("unsafe-archive", f"The archive names {info.filename[:200]!r} twice.")
        met.add(name)
    if sum(info.file_size for info in infos) > TOTAL_BYTES:
        raise Unparsable("too-large", f"The archive unfolds to more than {TOTAL_BYTES // 2**20:,} MiB.")


def _check_name(info: zipfile.ZipInfo) -> None:
    name = info.filename.replace("\\", "/")
    if info.flag_bits & 0x1:
        raise Unparsable("encrypted", f"{info.filename[:200]!r} is encrypted.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unparsable("unsafe-archive", f"{info.filename[:200]!r} is a link.")
    is_absolute = name.startswith("/") or (len(name) > 1 and name[1] == ":")
    if is_absolute or ".." in name.split("/") or "\0" in name or not name.strip("/"):
        raise Unparsable("unsafe-archive", f"{info.filename[:200]!r} would lie outside the archive.")


class Meter:
    """How much was unfolded so far, against the size of the archive as it came."""

    def __init__(self, packed_bytes: int) -> None:
        self._packed_bytes = max(packed_bytes, 1)
        self._unfolded_bytes = 0

    def add(self, count: int) -> None:
        self._unfolded_bytes += count
        if self._unfolded_bytes > TOTAL_BYTES:
            raise Unparsable("too-large", f"The archive unfolds to more than {TOTAL_BYTES // 2**20:,} MiB.")
        if self._unfolded_bytes > RATIO_FROM_BYTES and self._unfolded_bytes > RATIO * self._packed_bytes:
            raise Unparsable("compression", f"The archive unfolds to more than {RATIO} times its size.")


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> Iterator[Value]:
    with archive.open(info) as member:
        piece = member.read(PIECE_BYTES)
        while True:
            meter.add(len(piece))
            following = member.read(PIECE_BYTES) if piece else b""
            yield {"member": info.filename, "piece": base64.b64encode(piece).decode("ascii"), "is_last": not following}
            if not following:
                return
            piece = following
