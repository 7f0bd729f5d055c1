"""H6: what strangers sent is read in a process that can do no harm, and whose death is one document's misfortune."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvesters.parsing import KINDS
from harvesters.parsing.confinement import missing_limits, say_what_is_not_limited
from harvesters.parsing.pool import ParsingPool
from harvesters.parsing.process import INLINE_BYTES, ParseLimits
from harvesters.source import PageUnreadable

SHORT = ParseLimits(wall_seconds=0.5, processor_seconds=20)
BUSY = ParseLimits(wall_seconds=60, processor_seconds=0.1)


@pytest.fixture(scope="module")
def pool() -> Iterator[ParsingPool]:
    pool = ParsingPool()
    yield pool
    pool.close()


def read(pool: ParsingPool, name: str, body: bytes | Path = b"", limits: ParseLimits | None = None, **options: Any) -> list[Any]:
    given = {"limits": limits} if limits else {}
    return list(pool.parse(f"tests.harvesters.parse_functions:{name}", body, options=options, **given))


def refusal(pool: ParsingPool, name: str, body: bytes = b"", limits: ParseLimits | None = None) -> tuple[str, str, list[Any]]:
    met: list[Any] = []
    given = {"limits": limits} if limits else {}
    with pytest.raises(PageUnreadable) as refused:
        met.extend(pool.parse(f"tests.harvesters.parse_functions:{name}", body, **given))
    return refused.value.reason, refused.value.message, met


def test_h6_values_come_as_they_are_read_with_the_options_given(pool: ParsingPool) -> None:
    assert read(pool, "lines", "one\nzwei ü\n".encode(), upper=True) == ["ONE", "ZWEI Ü"]


def test_h6_a_lone_surrogate_survives_the_way(pool: ParsingPool) -> None:
    assert read(pool, "lines", b"caf\xe9") == ["caf\udce9"]


def test_h6_a_large_body_goes_through_the_spool_and_a_file_is_read_where_it_lies(pool: ParsingPool, tmp_path: Path) -> None:
    body = b"x" * (INLINE_BYTES + 1)
    assert read(pool, "lines", body) == [body.decode()]
    file = tmp_path / "lines"
    file.write_bytes(b"from\na file\n")
    assert read(pool, "lines", file) == ["from", "a file"]


def test_h6_one_process_reads_many_documents(pool: ParsingPool) -> None:
    [first], [second] = read(pool, "process_id"), read(pool, "process_id")
    assert first == second != os.getpid()


def test_h6_a_process_is_replaced_after_its_number_of_documents() -> None:
    small = ParsingPool(documents_each=2)
    numbers = [read(small, "process_id")[0] for _ in range(4)]
    small.close()
    assert len(set(numbers)) == 2
    assert small.started == 2


def test_h6_a_refusal_names_its_reason_and_the_process_goes_on(pool: ParsingPool) -> None:
    [before] = read(pool, "process_id")
    assert refusal(pool, "refuse") == ("bad-json", "Line 2 is not what it should be.", ["first"])
    assert refusal(pool, "nest")[0] == "too-deep"
    assert read(pool, "process_id") == [before]


@pytest.mark.parametrize(
    ("name", "limits", "words"),
    [
        ("crash", None, "it crashed"),
        ("hang", SHORT, "longer than is accepted"),
        ("spin", BUSY, "processor time"),
        ("eat_memory", None, "memory"),
        ("fail", None, "KeyError in parse_functions.py"),
    ],
)
def test_h6_a_death_is_parser_killed_for_that_document_only(
    pool: ParsingPool, name: str, limits: ParseLimits | None, words: str
) -> None:
    if name in ("spin", "eat_memory") and missing_limits():
        pytest.skip("this platform cannot limit it")
    killed = pool.killed
    reason, message, _ = refusal(pool, name, b"a secret of the document", limits)
    assert reason == "parser-killed"
    assert words in message
    assert "secret" not in message
    assert pool.killed == killed + 1
    assert read(pool, "lines", b"next") == ["next"]


def test_h6_no_socket_no_process_and_no_file_outside_the_spool(pool: ParsingPool, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    assert read(pool, "try_forbidden", outside=str(tmp_path)) == []
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_h6_descriptors_are_few(pool: ParsingPool) -> None:
    if missing_limits():
        pytest.skip("this platform cannot limit it")
    [opened] = read(pool, "descriptors")
    assert opened < 32


def test_h6_nothing_of_our_environment_goes_along(pool: ParsingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", "hidden")
    fresh = ParsingPool()
    assert set(read(fresh, "environment")) <= {"LC_ALL", "LC_CTYPE", "MALLOC_ARENA_MAX", "PYTHONPATH", "TMPDIR"}
    fresh.close()


def test_h6_the_spool_is_cleared_after_each_document(pool: ParsingPool) -> None:
    [spool] = read(pool, "leave_files")
    assert list(Path(spool).iterdir()) == []


def test_h6_print_does_not_end_up_among_the_answers(pool: ParsingPool) -> None:
    assert read(pool, "chatter") == ["said"]


def test_h6_who_stops_early_leaves_the_next_document_unharmed(pool: ParsingPool) -> None:
    values = pool.parse("tests.harvesters.parse_functions:lines", b"a\n" * 1000)
    assert next(values) == "a"
    values.close()
    assert read(pool, "lines", b"b") == ["b"]


def test_h6_two_documents_may_be_open_at_once(pool: ParsingPool) -> None:
    outer = pool.parse("tests.harvesters.parse_functions:lines", b"a\nb\n")
    assert next(outer) == "a"
    assert read(pool, "lines", b"inner") == ["inner"]
    assert list(outer) == ["b"]


def test_h6_threads_share_the_pool(pool: ParsingPool) -> None:
    met: list[list[Any]] = []
    threads = [threading.Thread(target=lambda n=n: met.append(read(pool, "lines", str(n).encode()))) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(met) == [[str(n)] for n in range(6)]


def test_h6_closing_ends_the_processes_and_clears_their_spools() -> None:
    closing = ParsingPool()
    [spool] = read(closing, "leave_files")
    closing.close()
    assert not Path(spool).exists()


def test_h6_start_up_says_what_a_platform_cannot_limit(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    say_what_is_not_limited()
    assert bool(caplog.records) == bool(missing_limits())
    monkeypatch.setattr("sys.platform", "darwin")
    say_what_is_not_limited()
    assert "cannot limit memory" in caplog.text


@pytest.mark.parametrize("named", KINDS.values(), ids=KINDS)
def test_h6_each_kind_names_a_function_that_exists(named: str) -> None:
    module, _, function = named.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
