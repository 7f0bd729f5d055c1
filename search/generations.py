"""The folder of an embedded index: generations of the index, the pointer to the one that serves, and the writer's lock.

    <folder>/current            JSON: the serving generation and the hash of the mapping it was made with
    <folder>/writer.lock        held by the one process that may write; the system releases it when the process dies
    <folder>/generations/<name> one Tantivy index each

The pointer is replaced in one step, so a reader sees the old index or the new one, whole, whatever is killed when.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from search.engine import IndexLocked


@dataclass(frozen=True, slots=True)
class Pointer:
    """``generation`` names a folder; ``mapping`` is the hash of the FIELDS table it was made with."""

    generation: str
    mapping: str


class Generations:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / "current"
        self._lock: IO[bytes] | None = None

    def current(self) -> Pointer | None:
        """None where there is no index. Raises ``ValueError`` for a pointer that cannot be read."""
        try:
            value = json.loads(self._pointer.read_bytes())
            return Pointer(value["generation"], value["mapping"])
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"The pointer {self._pointer} cannot be read.") from error

    def path(self, generation: str) -> Path:
        return self.folder / "generations" / generation

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever another generation serves; cheap."""
        try:
            stat = self._pointer.stat()
        except FileNotFoundError:
            return ()
        return stat.st_mtime_ns, stat.st_ino

    def create(self) -> str:
        """A new, empty generation; it does not serve yet."""
        name = f"{time.time_ns():x}-{os.getpid()}"
        self.path(name).mkdir(parents=True, mode=0o700)
        return name

    def serve(self, pointer: Pointer) -> None:
        """Let a finished generation serve, in one step that survives a power cut."""
        beside = self.folder / f"current.{os.getpid()}"
        with beside.open("wb") as file:
            file.write(json.dumps({"generation": pointer.generation, "mapping": pointer.mapping}).encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._pointer)
        self._sync_folder()

    def remove_all_but(self, generation: str | None) -> None:
        """Clear away former generations and what a killed rebuild left. Only with the lock."""
        parent = self.folder / "generations"
        for path in parent.iterdir() if parent.exists() else ():
            if path.name != generation:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob("current.*"):
            path.unlink(missing_ok=True)

    # the writer's lock

    def lock(self) -> None:
        """Become the writer. Raises IndexLocked where another process is."""
        if self._lock:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (self.folder / "writer.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise IndexLocked(f"Another process writes to the search index in {self.folder}.") from error
        self._lock = file

    def unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def _sync_folder(self) -> None:
        with suppress(OSError):
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
