"""Functions that a parsing process can be asked to run: well-behaved ones, and ones that try what is not allowed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harvesters.parsing.document import Document, Unparsable


def lines(document: Document, *, upper: bool = False) -> Iterator[Any]:
    with document.open() as opened:
        for line in opened:
            text = line.decode("utf-8", "surrogateescape").rstrip("\n")
            yield text.upper() if upper else text


def process_id(document: Document) -> Iterator[Any]:
    yield os.getpid()


def refuse(document: Document) -> Iterator[Any]:
    yield "first"
    raise Unparsable("bad-json", "Line 2 is not what it should be.")


def fail(document: Document) -> Iterator[Any]:
    yield "first"
    raise KeyError(document.read().decode())


def hang(document: Document) -> Iterator[Any]:
    yield "first"
    time.sleep(600)


def spin(document: Document) -> Iterator[Any]:
    yield "first"
    while True:
        pass


def crash(document: Document) -> Iterator[Any]:
    yield "first"
    signal.raise_signal(signal.SIGSEGV)


def eat_memory(document: Document) -> Iterator[Any]:
    yield "first"
    hoard = [bytearray(2**20)]
    while True:
        hoard.append(bytearray(2**24))


def nest(document: Document) -> Iterator[Any]:
    def deeper(depth: int) -> int:
        return deeper(depth + 1)

    yield deeper(0)


def chatter(document: Document) -> Iterator[Any]:
    print("this is no answer", flush=True)
    yield "said"


def leave_files(document: Document) -> Iterator[Any]:
    (document.spool / "sub").mkdir()
    (document.spool / "sub" / "left").write_text("over")
    with sqlite3.connect(document.spool / "rows.sqlite") as rows:
        rows.execute("create table t (x)")
    rows.close()
    yield str(document.spool)


def try_forbidden(document: Document, *, outside: str) -> Iterator[Any]:
    """Names each attempt that was not refused."""
    attempts = {
        "socket": lambda: socket.create_connection(("127.0.0.1", 9)),
        "name": lambda: socket.getaddrinfo("localhost", 80),
        "process": lambda: subprocess.run([sys.executable, "-c", "pass"], check=False),
        "shell": lambda: os.system("true"),
        "fork": os.fork,
        "write": lambda: Path(outside, "written").write_text("x"),
        "append": lambda: os.open(Path(outside, "there"), os.O_WRONLY | os.O_APPEND),
        "remove": lambda: Path(outside, "there").unlink(),
        "move": lambda: Path(outside, "there").rename(document.spool / "taken"),
        "folder": lambda: Path(outside, "folder").mkdir(),
        "database": lambda: sqlite3.connect(Path(outside, "rows.sqlite")),
        "up": lambda: (document.spool / ".." / "written").write_text("x"),
        "link": lambda: (document.spool / "link").symlink_to(outside),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except PermissionError:
            continue
        yield name


def descriptors(document: Document) -> Iterator[Any]:
    opened = []
    try:
        while len(opened) < 1000:
            opened.append(open(os.devnull))  # noqa: SIM115
    except OSError:
        yield len(opened)
    for one in opened:
        one.close()


def environment(document: Document) -> Iterator[Any]:
    yield from sorted(os.environ)
