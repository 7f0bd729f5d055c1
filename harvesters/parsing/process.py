"""One parsing process as its parent sees it: given a document, read from, ended and cleared away."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harvesters.parsing.document import Value
from harvesters.parsing.frames import LENGTH_BYTES, LONGEST, packed, unpacked
from harvesters.source import PageUnreadable

START_SECONDS: Final = 60.0
INLINE_BYTES: Final = 1024 * 1024
CHUNK_BYTES: Final = 256 * 1024
MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class ParseLimits:
    """For one document. ``wall_seconds`` counts only the time the catalogue waits for values, not what it does with them."""

    wall_seconds: float = 20.0
    processor_seconds: float = 20.0


DOCUMENT: Final = ParseLimits()
BIG_FILE: Final = ParseLimits(wall_seconds=300.0, processor_seconds=300.0)


class ProcessEnded(Exception):
    """The process died, or had to be ended. The text says why, in words."""


class ParsingProcess:
    def __init__(self) -> None:
        self.spool = Path(tempfile.mkdtemp(prefix="gateway-parsing-"))
        self.documents = 0
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-P", "-B", "-m", "harvesters.parsing.child", str(self.spool)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.spool, env=self._environment(),
            bufsize=0,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._answers = self._process.stdout.fileno()
        self._received = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._answers, selectors.EVENT_READ)
        self._left_seconds = START_SECONDS
        self._receive()

    def _environment(self) -> dict[str, str]:
        """Nothing of ours but where the code is: no settings, no secrets."""
        return {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "TMPDIR": str(self.spool),
            "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2",
        }  # fmt: skip

    def parse(self, function: str, body: bytes | Path, options: Mapping[str, Any], limits: ParseLimits) -> Iterator[Value]:
        """Raises :class:`PageUnreadable` for a document that cannot be read, :class:`ProcessEnded` where none can follow."""
        self.documents += 1
        self._left_seconds = limits.wall_seconds
        path = body if isinstance(body, Path) else self._spooled(body)
        request = {
            "function": function, "options": dict(options), "processor_seconds": limits.processor_seconds,
            "path": str(path) if path else None, "length": len(body) if path is None and isinstance(body, bytes) else 0,
        }  # fmt: skip
        self._send(packed(request))
        if path is None and isinstance(body, bytes):
            self._send(body)
        while True:
            answer = self._receive()
            if "refused" in answer:
                reason, message = answer["refused"]
                raise PageUnreadable(reason, message)
            if "failed" in answer:
                raise ProcessEnded(f"it failed ({answer['failed']})")
            if "values" not in answer:
                break
            yield from answer["values"]

    @property
    def id(self) -> int:
        return self._process.pid

    def clear_spool(self) -> None:
        for left in self.spool.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._selector.close()
        shutil.rmtree(self.spool, ignore_errors=True)

    def forget(self) -> None:
        """In a process forked from the one that started it: leave it and its spool alone."""
        self._process.returncode = 0
        self._selector.close()

    def _spooled(self, body: bytes) -> Path | None:
        if len(body) <= INLINE_BYTES:
            return None
        path = self.spool / "document"
        path.write_bytes(body)
        return path

    def _send(self, message: bytes) -> None:
        assert self._process.stdin is not None
        waiting = memoryview(message)
        try:
            while waiting:
                waiting = waiting[os.write(self._process.stdin.fileno(), waiting):]
        except OSError:
            raise ProcessEnded(self._cause()) from None

    def _receive(self) -> dict[str, Any]:
        length = int.from_bytes(self._exactly(LENGTH_BYTES), "big")
        if length > LONGEST:
            raise ProcessEnded("it gave a value larger than is accepted")
        try:
            answer = unpacked(self._exactly(length))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise ProcessEnded("it answered with something that is no answer")
        return answer

    def _exactly(self, wanted: int) -> bytes:
        while len(self._received) < wanted:
            self._received += self._chunk()
        found = bytes(self._received[:wanted])
        del self._received[:wanted]
        return found

    def _chunk(self) -> bytes:
        started = time.monotonic()
        is_ready = self._selector.select(max(self._left_seconds, 0))
        self._left_seconds -= time.monotonic() - started
        if not is_ready:
            raise ProcessEnded("it took longer than is accepted")
        chunk = os.read(self._answers, CHUNK_BYTES)
        if not chunk:
            raise ProcessEnded(self._cause())
        return chunk

    def _cause(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "it closed its answers"
        if code == -getattr(signal, "SIGXCPU", 0):
            return "it used more processor time than is accepted"
        if code == -signal.SIGKILL:
            return "the system ended it, for lack of memory or by hand"
        return "it needed more memory than is accepted, or failed" if code > 0 else "it crashed"
