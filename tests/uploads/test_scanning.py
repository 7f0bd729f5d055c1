"""S15: the scanner, well and unwell: a verdict or none, and never a wrong one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.errors import Unprocessable
from gateway.uploads.scanning import Clamd, Command, Scanner, ScannerUnavailable
from tests.uploads.clamd_server import ClamdServer, clamd
from tests.uploads.made import EICAR, pdf

AT_ONCE = 0.3
"""Seconds, for a scanner that never answers."""


@contextmanager
def over_tcp(_: Path) -> Iterator[tuple[ClamdServer, Scanner]]:
    with clamd() as server:
        yield server, Clamd(server.url)


@contextmanager
def over_a_socket(folder: Path) -> Iterator[tuple[ClamdServer, Scanner]]:
    with clamd(socket_path=folder / "clamd.ctl") as server:
        yield server, Clamd(server.url)


@pytest.mark.parametrize("way", [over_tcp, over_a_socket])
def test_S15_clamd_gets_every_byte_and_its_verdict_counts(tmp_path: Path, way: Callable[[Path], contextmanager[tuple[ClamdServer, Scanner]]]) -> None:
    big = pdf() + b"\n" * 200_000
    with way(tmp_path) as (server, scanner):
        assert scanner.finds(big, seconds=10) is False
        assert scanner.finds(EICAR, seconds=10) is True
        assert scanner.finds(big + EICAR, seconds=10) is True
        assert scanner.finds(b"", seconds=10) is False
        assert server.scanned == [big, EICAR, big + EICAR, b""]


@pytest.mark.parametrize("mood", ["slow", "crashing", "confused"])
def test_S15_a_scanner_that_is_unwell_gives_no_verdict(mood: str) -> None:
    with clamd() as server:
        server.mood = mood
        with pytest.raises(ScannerUnavailable):
            Clamd(server.url).finds(EICAR, seconds=AT_ONCE if mood == "slow" else 10)


def test_S15_an_absent_scanner_gives_no_verdict(tmp_path: Path) -> None:
    with clamd() as server:
        pass
    for url in (server.url, f"clamd://{tmp_path}/none.ctl"):
        with pytest.raises(ScannerUnavailable):
            Clamd(url).finds(EICAR, seconds=1)
    with pytest.raises(ScannerUnavailable):
        Command(["/no/such/scanner"]).finds(EICAR, seconds=1)


def test_S15_files_go_to_no_scanner_outside_this_machine_unless_it_is_allowed() -> None:
    with pytest.raises(ScannerUnavailable, match="allowed networks"):
        Clamd("clamd://192.0.2.1:3310").finds(b"x", seconds=1)
    with clamd() as server:
        assert Clamd(server.url.replace("127.0.0.1", "localhost"), allowed_networks=["192.0.2.0/24"]).finds(b"x", seconds=10) is False


@pytest.mark.parametrize("url", ["http://127.0.0.1:3310", "clamd:", "clamd", ""])
def test_S15_an_address_that_is_not_understood_stops_the_start(url: str) -> None:
    with pytest.raises(Unprocessable, match="not understood"):
        Clamd(url)


PROGRAM = "import sys; body = sys.stdin.buffer.read(); sys.exit({} if b'EICAR' in body else 0)"


def test_S15_a_command_gets_the_file_on_its_standard_input() -> None:
    scanner = Command([sys.executable, "-c", PROGRAM.format(1)])
    assert scanner.finds(pdf(), seconds=30) is False
    assert scanner.finds(EICAR, seconds=30) is True


@pytest.mark.parametrize("program", [PROGRAM.format(2), "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "import time; time.sleep(60)"])
def test_S15_any_other_end_of_the_command_is_no_verdict(program: str) -> None:
    with pytest.raises(ScannerUnavailable):
        Command([sys.executable, "-c", program]).finds(EICAR, seconds=1 if "sleep" in program else 30)
