"""What a parsing process may not do: open sockets, start processes, write outside its spool, use memory without end.

Why this exists: RDF, XML, HTML, archives and spreadsheets of strangers are read by large native libraries. Some of them
have fetched what a document named, unfolded it without bound, or crashed the process on deep nesting. Here such a document
ends one small process, not the catalogue. The hook stops what Python code does; what native code does is stopped by the
limits of the operating system, as far as it has them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

MEMORY_BYTES: Final = 512 * 1024 * 1024
DESCRIPTORS: Final = 32
SPOOL_BYTES: Final = 4 * 1024 * 1024 * 1024
WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
REFUSED_PREFIXES: Final = ("socket.", "ctypes.", "subprocess.", "pty.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "syslog.")
REFUSED: Final = frozenset({
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "os.kill", "os.killpg",
    "os.chmod", "os.chown", "os.link", "os.symlink", "os.setxattr", "sys.addaudithook",
})  # fmt: skip
CHANGES_A_PATH: Final = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree", "shutil.move", "sqlite3.connect"})

log = logging.getLogger(__name__)


class Forbidden(PermissionError):
    """Code in a parsing process tried what it may not do."""


def missing_limits() -> tuple[str, ...]:
    """What this platform cannot limit, in words; empty where it can limit everything."""
    if resource is None:
        return ("memory", "processor time", "open files")
    return () if sys.platform.startswith("linux") else ("memory",)


def say_what_is_not_limited() -> None:
    """At start-up, so that an operator knows what the platform leaves open."""
    missing = missing_limits()
    if missing:
        log.warning(
            "This platform cannot limit %s of the processes that read harvested documents. A document that needs too much "
            "can slow this machine down; a crash is still contained. Run on Linux for all limits.", " and ".join(missing),
        )


def confine(spool: Path) -> None:
    """For good, and for this process."""
    if resource is not None:
        _limit("RLIMIT_CORE", 0)
        _limit("RLIMIT_NOFILE", DESCRIPTORS)
        _limit("RLIMIT_FSIZE", SPOOL_BYTES)
        _limit("RLIMIT_AS", MEMORY_BYTES)
    sys.addaudithook(_hook(os.path.realpath(spool)))


def allow_processor_seconds(seconds: float) -> None:
    """From now on, for the document in hand. The system ends the process when they are used up."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _limit(name: str, value: int) -> None:
    """As far as the platform knows the limit and lets it be set."""
    known = getattr(resource, name, None)
    if known is None:
        return
    _, hard = resource.getrlimit(known)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(known, (wanted, wanted))


def _hook(spool: str) -> Callable[[str, tuple[Any, ...]], None]:
    def is_outside(path: Any) -> bool:
        if isinstance(path, int):
            return False
        real = os.path.realpath(os.fsdecode(path))
        return real != spool and not real.startswith(spool + os.sep)

    def judge(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & WRITES and path not in (os.devnull,) and is_outside(path):
                raise Forbidden("a parsing process may write in its spool only")
        elif event in REFUSED or event.startswith(REFUSED_PREFIXES):
            raise Forbidden(f"a parsing process may not do this: {event}")
        elif event in CHANGES_A_PATH and arguments[0] != ":memory:" and is_outside(arguments[0]):
            raise Forbidden(f"a parsing process may do this in its spool only: {event}")

    return judge
