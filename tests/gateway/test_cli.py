"""The command line through its front door: what it prints where, how it ends, and what it says when it cannot."""

from __future__ import annotations

import json
import logging
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer

from gateway.cli import main
from gateway.cli.main import app
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import document, write_documents
from tests.search.factories import SERVERS, elastic_engine, forget, server_url

PROGRAM = [
    sys.executable, "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from gateway.cli import main; main()",
]


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Gateway = Callable[..., Answer]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, and a folder to stand in with nothing in it."""
    for name in [name for name in os.environ if name.startswith("GATEWAY_") and not name.startswith("GATEWAY_TEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "data"


@pytest.fixture
def gateway(data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Gateway]:
    """Runs one command as the installed program does and gives its answer."""
    handlers, level = logging.root.handlers[:], logging.root.level

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["gateway", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(code, out, err)

    yield run
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def feed(gateway: Gateway, tmp_path: Path) -> Path:
    """A source called *feed* over a folder of three records."""
    write_documents(tmp_path / "feed", [document(number) for number in range(3)])
    assert gateway("source", "add", "Feed", "--kind", "files", "--path", str(tmp_path / "feed")).code == 0
    return tmp_path / "feed"


# help


def commands() -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(command: Any, path: str) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {name}".strip())
        if not hasattr(command, "commands"):
            found[path] = command

    walk(typer.main.get_command(app), "")
    return found


def test_j26_the_commands_are_those_promised() -> None:
    assert set(commands()) >= {
        "serve", "demo", "harvest run", "validate", "search", "source add", "source list", "source show", "source test",
        "source dry-run", "index rebuild", "db upgrade", "key create", "key list", "key revoke",
    }


@pytest.mark.parametrize("path", sorted(commands()))
def test_every_command_has_help_with_an_example_of_itself(gateway: Gateway, path: str) -> None:
    answer = gateway(*path.split(), "--help")
    assert answer.code == 0
    assert f"Example: gateway {path}" in answer.out
    assert not [option.name for option in commands()[path].params if not getattr(option, "help", None)]


def test_help_needs_no_installation_and_makes_none(gateway: Gateway, data_dir: Path) -> None:
    assert "harvest" in gateway("--help").out
    assert gateway("--version").out.startswith("gateway ")
    assert not data_dir.exists()


# the journey


def test_a_folder_goes_from_source_to_search(
    gateway: Gateway, tmp_path: Path, database_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database_url:
        monkeypatch.setenv("GATEWAY_DATABASE_URL", database_url)
    write_documents(tmp_path / "feed", [document(number) for number in range(3)])
    added = gateway("source", "add", "Feed", "--kind", "files", "--path", str(tmp_path / "feed"))
    assert (added.code, added.err) == (0, "")
    assert "gateway harvest run feed" in added.out
    assert "Would be: 3 created." in added.out
    assert "never run" in gateway("source", "list").out
    tried = gateway("source", "dry-run", "feed")
    assert tried.out == "Would be: 3 created. Requests: 0. Nothing was written.\n"
    assert gateway("search", "sleep").out == "0 datasets\n"
    run = gateway("harvest", "feed")
    assert run.code == 0
    assert run.out == "Feed: succeeded (3 created).\nIndexed 3 datasets.\n"
    assert "Feed: 3 records" in run.err
    found = gateway("search", "sleep", "number", "2", "--limit", "1")
    assert found.out.startswith("3 datasets\n")
    assert "Study of sleep number 2  (Example Trust)" in found.out
    again = gateway("harvest", "feed")
    assert (again.code, again.out) == (0, "Feed: succeeded (3 unchanged). Nothing new; nothing was written.\n")
    shown = gateway("source", "show", "feed").out
    assert "3 live" in shown
    assert shown.index("3 unchanged") < shown.index("3 created"), "newest first"


def test_all_that_is_due_is_harvested_once(gateway: Gateway, feed: Path) -> None:
    assert gateway("harvest").out.startswith("Feed: succeeded (3 created).")
    assert gateway("harvest").out == "Nothing is due.\n"
    assert gateway("harvest", "--all").out.startswith("Feed: succeeded (3 unchanged).")


def test_an_audit_reads_everything_again(gateway: Gateway, feed: Path) -> None:
    gateway("harvest", "feed")
    assert gateway("harvest", "feed", "--audit", "--json").json[0]["counters"] == {"unchanged": 3}


def test_refused_records_are_named_with_what_to_do(gateway: Gateway, feed: Path) -> None:
    (feed / "broken.json").write_text('{"a":')
    write_documents(feed, [document(7, title=None)])
    for command in (("source", "test", "feed"), ("source", "dry-run", "feed"), ("harvest", "feed")):
        answer = gateway(*command)
        assert "rejected: broken.json: The answer is not valid JSON" in answer.out
        assert f"quarantined: {document(7)['identifier']}:" in answer.out
        assert answer.code == 0, "refused records alone are no failure of the run"


def test_of_many_refused_records_some_are_shown_and_the_rest_counted(gateway: Gateway, feed: Path) -> None:
    for number in range(8):
        (feed / f"broken{number}.json").write_text("{")
    out = gateway("harvest", "feed").out
    assert out.count("rejected: broken") == 5
    assert "and 3 more: http://127.0.0.1:8000/sources/feed/runs/1" in out


def test_a_source_that_fails_ends_in_exit_code_1_and_says_why(gateway: Gateway, feed: Path) -> None:
    for file in feed.iterdir():
        file.unlink()
    feed.rmdir()
    tried, run = gateway("source", "test", "feed"), gateway("harvest", "feed")
    assert (tried.code, run.code) == (1, 1)
    assert f"There is no folder or file {feed}." in tried.err
    assert f"Feed: failed (no records). There is no folder or file {feed}." in run.out


def test_a_configuration_is_changed_and_what_is_held_stays(gateway: Gateway, feed: Path, tmp_path: Path) -> None:
    gateway("harvest", "feed")
    write_documents(tmp_path / "moved", [document(number) for number in range(4)])
    assert gateway("source", "set", "feed", "--option", f"path={tmp_path / 'moved'}").code == 0
    assert gateway("harvest", "feed", "--json").json[0]["counters"] == {"created": 1, "unchanged": 3}


def test_a_lost_index_is_rebuilt_on_demand(gateway: Gateway, feed: Path, data_dir: Path) -> None:
    gateway("harvest", "feed")
    rebuilt = gateway("index", "rebuild")
    assert (rebuilt.code, rebuilt.out) == (0, "Indexed 3 datasets.\n")
    assert gateway("db", "upgrade").out == "The database is at the newest schema (sqlite).\n"
    assert gateway("search", "sleep").out.startswith("3 datasets")
    refused = gateway("index", "roll-back")
    assert refused.code != 0
    assert "keeps no former one" in refused.err


@pytest.mark.parametrize("kind", SERVERS)
def test_the_former_index_serves_again_with_what_was_written_since(
    gateway: Gateway, feed: Path, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine = elastic_engine(kind, tmp_path)
    monkeypatch.setenv("GATEWAY_SEARCH_URL", f"{server_url(kind)}/{engine.address.name}")
    gateway("harvest", "feed")
    assert gateway("index", "rebuild").code == 0
    assert "no former" not in gateway("index", "rebuild").err
    write_documents(feed, [document(8, title="Sleep of shift workers")])
    gateway("harvest", "feed")
    answer = gateway("index", "roll-back")
    assert (answer.code, answer.out) == (0, "The former index serves again. Indexed anew, as it differed from the database: 1 dataset.\n")
    assert gateway("search", "shift workers").out.partition("\n")[2].count("Sleep of shift workers") == 1
    forget(engine)


def test_documents_are_validated_without_an_installation(gateway: Gateway, data_dir: Path, tmp_path: Path) -> None:
    write_documents(tmp_path, [document(1, title=None)])
    flawed, broken = tmp_path / f"{document(1)['identifier']}.json", tmp_path / "broken.json"
    broken.write_text('{"a":')
    answer = gateway("validate", str(flawed), str(broken))
    assert answer.code == 1
    assert "      /summary/title [SCH-" in answer.out.partition("Must be mended:")[2].partition("Should be mended:")[0]
    assert f"{broken}: cannot be read as a dataset record\n  Must be mended: 1\n    Document: This is not JSON" in answer.out
    assert set(gateway("validate", str(flawed), str(broken), "--json").json) == {str(flawed), str(broken)}
    assert not data_dir.exists()


def test_s14_a_note_survives_a_harvest_that_changes_its_dataset(gateway: Gateway, feed: Path) -> None:
    gateway("harvest", "feed")
    number = document(0)["identifier"]
    assert gateway("note", "add", number, "Ask again in May.").out == "Note 1 is kept.\n"
    write_documents(feed, [document(0, title="Renamed") | {"version": "2.0.0", "modified": "2026-01-01T00:00:00Z"}])
    assert gateway("harvest", "feed", "--json").json[0]["counters"]["updated"] == 1
    assert gateway("note", "list", number, "--json").json[0]["text"] == "Ask again in May."
    assert gateway("note", "withdraw", "1").code == 0
    assert gateway("note", "list", number).out == "No notes.\n"
    assert "There is no dataset 'nobody'" in gateway("note", "add", "nobody", "x").err


def test_the_command_line_sets_what_a_source_is_held_to(gateway: Gateway, tmp_path: Path) -> None:
    write_documents(tmp_path / "folder", [document(1) | {"issued": "not a date"}])
    added = gateway("source", "add", "Strict", "--kind", "files", "--path", str(tmp_path / "folder"), "--quarantine", "conformant", "--host-group", "trust", "--json").json
    assert (added["policy"]["quarantine"], added["policy"]["host_group"]) == ("conformant", "trust")
    assert gateway("harvest", "run", "strict", "--json").json[0]["counters"] == {"quarantined": 1}
    assert gateway("source", "set", "strict", "--quarantine", "lenient").code == 0
    assert gateway("harvest", "strict", "--audit", "--json").json[0]["counters"]["created"] == 1
    assert gateway("source", "set", "strict", "--quarantine", "harsh").code == 2


def test_j19_the_command_line_allows_up_to_six_requests_at_once(gateway: Gateway, tmp_path: Path) -> None:
    write_documents(tmp_path / "folder", [document(1)])
    assert gateway("source", "add", "Near", "--kind", "files", "--path", str(tmp_path / "folder"), "--connections", "2", "--json").json["policy"]["connections"] == 2
    assert gateway("source", "set", "near", "--connections", "6").code == 0
    assert gateway("source", "show", "near", "--json").json["policy"]["connections"] == 6
    assert gateway("source", "set", "near", "--connections", "7").code == 2
    assert gateway("source", "show", "near", "--json").json["policy"]["connections"] == 6


# keys


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(gateway: Gateway) -> None:
    made = gateway("key", "create", "--name", "night", "--scope", "harvest")
    key = made.out.strip()
    assert made.code == 0
    assert key.startswith("gwk_")
    assert "cannot be shown again" in made.err
    listed = gateway("key", "list")
    assert key.split("_", 2)[2] not in listed.out
    prefix = key.split("_")[1]
    assert re.fullmatch(rf"{prefix}  active    night  operators  \(harvest\)\n", listed.out)
    assert gateway("key", "revoke", prefix).code == 0
    assert gateway("key", "list", "--json").json[0]["state"] == "revoked"


# for programs


def test_json_is_all_that_stands_on_standard_output(gateway: Gateway, feed: Path) -> None:
    (feed / "broken.json").write_text("{")
    assert gateway("source", "list", "--json").json[0]["latest_run"] is None
    assert gateway("source", "show", "feed", "--json").json["configuration"] == {"path": str(feed), "charset": ""}
    assert gateway("source", "test", "feed", "--json").json["counters"] == {"created": 3, "rejected": 1}
    assert gateway("source", "dry-run", "feed", "--json").json["records"][-1]["reason"] == "bad-json"
    assert gateway("harvest", "feed", "--json").json[0]["state"] == "partial"
    assert gateway("harvest", "--json").json[0]["counters"] == {"unchanged": 3, "rejected": 1}
    assert gateway("search", "sleep", "--json").json["total"] == 3
    assert gateway("key", "create", "--name", "n", "--json").json["key"].startswith("gwk_")


def test_a12_c8_a_secret_is_never_shown(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SOURCE_SECRET", "s3cret-value")
    federation = ["--kind", "federation", "--base-url", "https://127.0.0.1", "--auth", "BEARER"]
    answers = [
        gateway("source", "add", "Secret", *federation), gateway("source", "add", "Secret", *federation),
        gateway("source", "show", "secret"), gateway("source", "show", "secret", "--json"), gateway("source", "list", "--json"),
    ]
    assert [answer.code for answer in answers] == [0, 2, 0, 0, 0]
    assert not [answer for answer in answers if "s3cret" in answer.out + answer.err]


# what cannot be done

WRONG = {
    ("bogus",): "No such command 'bogus'",
    ("harvest", "--bogus"): "No such option: --bogus",
    ("harvest", "nope"): "There is no source called 'nope'.\n  Sources: feed.",
    ("harvest", "feed", "--all"): "A source and --all were given.",
    ("source", "show", "nope"): "There is no source called 'nope'.",
    ("source", "test", "nope"): "There is no source called 'nope'.",
    ("source", "dry-run", "nope"): "There is no source called 'nope'.",
    ("source", "add", "Feed", "--kind", "files", "--path", "."): "There is a source called 'feed' already.",
    ("source", "add", "X", "--kind", "nope"): "Kinds: ckan, datacite, dcat, ",
    ("source", "add", "X", "--kind", "files"): "path: is needed",
    ("source", "add", "X", "--kind", "files", "--path", "nowhere"): "There is no folder or file nowhere.",
    ("source", "add", "X", "--kind", "files", "--path", ".", "--schedule", "@yearly"): "'@yearly' is not a schedule.",
    ("source", "add", "X", "--kind", "files", "--path", ".", "--option", "a"): "'a' is not of the form name=value.",
    ("source", "add", "X", "--kind", "files", "--path", ".", "--option", "a=b"): "a: is not known",
    ("source", "add", "X", "--kind", "federation", "--base-url", "ftp://x"): "base_url: must begin with https://",
    ("source", "add", "X", "--kind", "oai-pmh"): "base_url: is needed",
    ("source", "add", "X", "--kind", "datacite"): "needs client_id, provider_id or prefix: whose DOIs are meant",
    ("source", "add", "X", "--kind", "ckan", "--base-url", "https://x.example.org", "--option", "rows=ten"): "rows: must be a whole number",
    ("source", "add", "X", "--kind", "ckan", "--base-url", "https://x.example.org", "--option", "rows=5000"): "rows: must be less than or equal to 1000",
    ("source", "add", "X", "--kind", "web-files", "--url", "/srv/data"): "url: must begin with https://",
    ("source", "add", "X", "--kind", "files", "--path", ".", "--option", "charset=klingon"): "charset: is no character encoding that is known here",
    ("source", "add", "X", "--kind", "scan-report", "--path", "."): "dataset is needed, or a file called",
    ("template", "t.pdf"): "t.pdf ends in neither .xlsx nor .csv.",
    ("source", "set", "feed", "--option", "a=b"): "a: is not known",
    ("validate", "nowhere.json"): "file 'nowhere.json' does not exist",
    ("validate", "."): "is a directory",
    ("validate",): "Missing argument",
    ("validate", __file__, "--version", "9"): "There is no version '9' to check against.\n  Choose one of HDRUK 4.0.0",
    ("search",): "Missing argument",
    ("search", "x", "--limit", "0"): "'--limit'",
    ("key", "create"): "Missing option '--name'",
    ("key", "create", "--name", "n", "--scope", "all"): "Unknown scope 'all'.",
    ("key", "revoke", "00000000"): "There is no key '00000000'.",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_use_ends_in_exit_code_2_and_says_what_to_mend(gateway: Gateway, feed: Path, arguments: tuple[str, ...]) -> None:
    answer = gateway(*arguments)
    assert answer.code == 2
    assert WRONG[arguments] in answer.err
    assert answer.out == ""


SETTINGS = {
    "GATEWAY_PORT=abc": "GATEWAY_PORT: Input should be a valid integer",
    "GATEWAY_DATABASE_URL=nonsense": "The address of the database cannot be read.",
    "GATEWAY_DATABASE_URL=mysql://root:pw@host/name": "A database of kind mysql cannot be used.",
    "GATEWAY_DATABASE_URL=postgresql://me:pw@127.0.0.1:1/name": "The database cannot be reached",
    "GATEWAY_DATA_DIR=/dev/null": "GATEWAY_DATA_DIR says where data are kept",
    "GATEWAY_DATA_DIR=/dev/null/x": "GATEWAY_DATA_DIR says where data are kept",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_that_cannot_be_used_is_named(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(*setting.split("=", 1))
    answer = gateway("key", "list")
    assert answer.code == 2
    assert SETTINGS[setting] in answer.err
    assert "pw" not in answer.err


def test_a_file_that_is_no_database_is_named_as_such(gateway: Gateway, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "gateway.sqlite").write_text("this is a text of some length, and nothing else " * 10)
    answer = gateway("source", "list")
    assert answer.code == 2
    assert "The database file is damaged, or is none" in answer.err


def test_a_database_that_another_process_keeps_locked_is_said_to_be(
    gateway: Gateway, feed: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", f"sqlite:///{data_dir / 'gateway.sqlite'}?timeout=0.1")
    other = sqlite3.connect(data_dir / "gateway.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = gateway("key", "create", "--name", "n")
        assert answer.code == 2
        assert "Another process has been writing to the database for too long." in answer.err
        assert gateway("source", "list").code == 0, "reading does not wait"
    finally:
        other.close()


# on a terminal


def test_a_terminal_shows_a_moving_bar_and_a_pipe_plain_lines(feed: Path, data_dir: Path) -> None:
    write_documents(feed, [document(number) for number in range(250)])
    master, slave = pty.openpty()
    process = subprocess.Popen([*PROGRAM, "harvest", "feed"], stdout=subprocess.PIPE, stderr=slave, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    shown = read_terminal(master)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "250/" in shown
    assert "\x1b[" in shown
    assert "\x1b[" not in out.decode()
    assert "Feed: succeeded (250 created)." in out.decode()


def read_terminal(master: int) -> str:
    seen = b""
    while True:
        try:
            some = os.read(master, 65536)
        except OSError:  # The other end was closed.
            some = b""
        if not some:
            os.close(master)
            return seen.decode(errors="replace")
        seen += some


class Hanging(Endpoint):
    """Answers the list, and no detail before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked, self.is_let = threading.Event(), threading.Event()

    def answer(self, path: str) -> tuple[int, bytes, str]:
        if path.startswith("/detail/"):
            self.is_asked.set()
            self.is_let.wait(60)
        return super().answer(path)


def test_an_interrupted_harvest_says_so_and_the_next_one_goes_on(gateway: Gateway) -> None:
    with serving(Hanging()) as endpoint:
        assert isinstance(endpoint, Hanging)
        endpoint.hold(document(1), document(2))
        port = endpoint.base_url.rpartition(":")[2]
        endpoint.is_let.set()
        added = gateway(
            "source", "add", "Slow", "--kind", "federation", "--base-url", endpoint.base_url, "--list-path", "/list",
            "--detail-path", "/detail/{id}", "--allow-http", "--allow-network", "127.0.0.0/8", "--allow-port", port,
        )
        assert added.code == 0, added.err
        endpoint.is_let.clear()
        endpoint.is_asked.clear()
        process = subprocess.Popen([*PROGRAM, "harvest", "slow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert endpoint.is_asked.wait(60)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        endpoint.is_let.set()
        assert process.returncode == 130
        assert "Stopped. What was committed stays" in err
        assert "Traceback" not in err
        run = gateway("harvest", "slow", "--json").json[0]
        assert (run["run"], run["state"], run["counters"]) == (1, "succeeded", {"created": 2})
