"""The files of a folder that may hold descriptions of datasets. None is altered, and no link out of the folder is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harvesters.source import FetchRefused

LINES = frozenset({".jsonl", ".ndjson"})
SHEETS = frozenset({".xlsx", ".xlsm"})
LINKED = frozenset({".ttl", ".nt", ".nq", ".trig", ".rdf", ".jsonld"})
SUFFIXES = LINES | SHEETS | LINKED | {".json", ".csv", ".xml", ".zip"}
TABLES = (".tables.csv", ".tables.xlsx")
"""What a file is called that holds the tables of the dataset in the ``.json`` of the same name."""
SCANS = (".scan.xlsx",)
"""What a White Rabbit scan report is called that belongs to the ``.json`` of the same name."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """``name`` is the path below the folder, with slashes; bytes in it that are no UTF-8 are shown as ``\\xff``.

    ``problem`` is a reason code for what is not opened.
    """

    path: Path
    name: str
    size_bytes: int = 0
    modified_ns: int = 0
    problem: str | None = None
    tables: FoundFile | None = None
    """The file with the tables of the dataset in this one."""
    scan: FoundFile | None = None
    """The scan report of the dataset in this one."""

    @property
    def stamp(self) -> str:
        stamp = f"{self.name}:{self.size_bytes}:{self.modified_ns}"
        return "+".join([stamp, *(beside.stamp for beside in (self.tables, self.scan) if beside)])

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.name)[1].lower()


def find_files(root: Path) -> list[FoundFile]:
    """All files to read, sorted by name. Links that lead out of the folder come with a problem.

    Hidden files and folders and other suffixes are passed over. Raises :class:`FetchRefused` (``not-found``) where
    there is neither a folder nor a file.
    """
    try:
        real = root.resolve(strict=True)
    except (OSError, RuntimeError):
        raise FetchRefused("not-found", f"There is no folder or file {root}.") from None
    if real.is_file():
        return [_found(real, _name(Path(real.name)))]
    if not os.access(real, os.R_OK | os.X_OK):
        raise FetchRefused("file-unreadable", f"The folder {root} may not be read.")
    return paired(sorted(_below(real), key=lambda file: file.name))


def _below(root: Path) -> Iterator[FoundFile]:
    """A folder that cannot be listed comes with a problem too: its files are not known to be gone."""
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in [*names, *folders]:
            path = Path(folder, name)
            is_wanted = path.suffix.lower() in SUFFIXES or (name in folders and os.path.islink(path))
            if is_wanted and not name.startswith(".") and (found := _judged(path, root)):
                yield found
    for error in closed:
        path = Path(str(error.filename))
        yield FoundFile(path, _name(path.relative_to(root)), problem="file-unreadable")


def _judged(path: Path, root: Path) -> FoundFile | None:
    """None for what is no file: folders, pipes, devices."""
    name = _name(path.relative_to(root))
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return FoundFile(path, name, problem="file-unreadable")
        if not target.is_relative_to(root):
            return FoundFile(path, name, problem="outside-folder")
    return _found(path, name) if path.is_file() else None


def _name(path: Path) -> str:
    """The path as text that can be stored and shown."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _found(path: Path, name: str) -> FoundFile:
    try:
        facts = path.stat()
    except OSError:
        return FoundFile(path, name, problem="file-unreadable")
    return FoundFile(path, name, facts.st_size, facts.st_mtime_ns)


def paired(files: list[FoundFile]) -> list[FoundFile]:
    """The files, with each file of tables and each scan put to the ``.json`` it belongs to, where there is one."""
    owners = {file.name[:-5] for file in files if file.suffix == ".json"}
    tables = {stem: file for file in files if (stem := _stem(file.name, TABLES)) in owners}
    scans = {stem: file for file in files if (stem := _stem(file.name, SCANS)) in owners}
    beside = {file.name for file in (*tables.values(), *scans.values())}
    kept = [file for file in files if file.name not in beside]
    return [
        replace(file, tables=tables.get(file.name[:-5]), scan=scans.get(file.name[:-5])) if file.suffix == ".json" else file for file in kept
    ]  # fmt: skip


def _stem(name: str, endings: tuple[str, ...]) -> str:
    """``a/b`` of ``a/b.tables.csv``; empty for other names."""
    return next((name[: -len(ending)] for ending in endings if name.lower().endswith(ending)), "")
