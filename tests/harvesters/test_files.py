"""Folders and files of dataset descriptions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harvesters import file_records, files
from harvesters.files import FilesConfig, FilesSource
from harvesters.folder import SUFFIXES, find_files
from harvesters.reasons import REASONS
from harvesters.source import FetchRefused, Mark, RawRecord
from tests.corpus import corpus
from tests.harvesters.holding import Holding, dataset, kinds


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def source(path: Path, held: Holding | None = None, wanted: str = "incremental") -> FilesSource:
    return FilesSource(FilesConfig(path=str(path)), wanted, held or Holding())  # type: ignore[arg-type]


def read(path: Path) -> tuple[list[RawRecord], list[Mark]]:
    items = list(source(path).records())
    return [item for item in items if isinstance(item, RawRecord)], [item for item in items if isinstance(item, Mark)]


def test_one_document_a_list_and_lines_are_read_in_order_of_their_paths(tmp_path: Path) -> None:
    write(tmp_path, "b.json", [dataset("b1"), dataset("b2")])
    write(tmp_path, "a/one.json", dataset("a1"))
    write(tmp_path, "c.jsonl", b"\n".join(json.dumps(dataset(f"c{number}")).encode() for number in (1, 2)) + b"\n\n")
    for name in ("items", "datasets", "data"):
        write(tmp_path, f"d/{name}.json", {name: [dataset(name)]})
    write(tmp_path, "e.NDJSON", json.dumps(dataset("e1")).encode() + b"\r\n")
    write(tmp_path, "readme.txt", b"not read")
    write(tmp_path, ".hidden/x.json", dataset("x"))
    records, marks = read(tmp_path)
    assert [record.local_id for record in records] == ["a1", "b1", "b2", "c1", "c2", "data", "datasets", "items", "e1"]
    assert [record.read().locator for record in records][:4] == ["a/one.json", "b.json, element 1", "b.json, element 2", "c.jsonl, line 1"]
    assert (len(marks), marks[0].complete) == (1, True)
    assert marks[0].local_ids == tuple(record.local_id for record in records)


def test_bytes_are_kept_exactly(tmp_path: Path) -> None:
    spaced = b'{ "identifier":"a",\n "summary": {"title" : "\xc3\xa9"} }'
    line = b'{"identifier" : "b"}'
    write(tmp_path, "a.json", spaced)
    write(tmp_path, "b.jsonl", line + b"\r\n" + b'{"identifier": "c"}')
    assert [record.read().body for record in read(tmp_path)[0]] == [spaced, line, b'{"identifier": "c"}']


def test_a_single_file_is_a_source(tmp_path: Path) -> None:
    records, marks = read(write(tmp_path, "one.json", dataset("a")))
    assert [record.local_id for record in records] == ["a"]
    assert marks[0].complete


def test_unreadable_files_are_problems_and_make_the_pass_incomplete(tmp_path: Path) -> None:
    write(tmp_path, "a.json", b'{"identifier": "a"')
    write(tmp_path, "b.json", b"")
    write(tmp_path, "c.json", b"<html>")
    write(tmp_path, "d.jsonl", b'{"identifier": "d"}\n{"ident\n{"identifier": "e"}')
    write(tmp_path, "f.json", dataset("f"))
    records, marks = read(tmp_path)
    assert [record.problem for record in records] == ["bad-json", "empty-answer", "html-instead-of-data", None, "bad-json", None, None]
    assert [record.local_id for record in records if not record.problem] == ["d", "e", "f"]
    assert "line 2" in str(records[4].problem_detail)
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "file-unreadable")


def test_documents_without_identifier_are_problems_but_the_pass_is_whole(tmp_path: Path) -> None:
    write(tmp_path, "a.json", [{"summary": {}}, 7, "x", dataset("ok")])
    records, marks = read(tmp_path)
    assert [record.problem for record in records] == ["missing-id", "missing-id", "missing-id", None]
    assert marks[-1].complete


def test_an_identifier_that_is_too_long_is_called_so(tmp_path: Path) -> None:
    write(tmp_path, "a.json", [dataset("x" * 1_001), dataset("x" * 1_000)])
    records, _ = read(tmp_path)
    assert [(record.problem, len(record.local_id)) for record in records] == [("bad-id", 0), (None, 1_000)]
    assert "1001 characters" in str(records[0].problem_detail)


def test_links_out_of_the_folder_are_refused_and_links_within_are_read(tmp_path: Path) -> None:
    outside = write(tmp_path, "outside/secret.json", dataset("secret"))
    inside = write(tmp_path, "in/one.json", dataset("one"))
    (tmp_path / "in/two.json").symlink_to(outside)
    (tmp_path / "in/three.json").symlink_to(inside)
    (tmp_path / "in/four").symlink_to(outside.parent, target_is_directory=True)
    records, _ = read(tmp_path / "in")
    assert [(record.local_id, record.problem) for record in records] == [("", "outside-folder"), ("one", None), ("one", None), ("", "outside-folder")]


def test_links_to_nothing_and_in_circles_are_problems_and_make_the_pass_incomplete(tmp_path: Path) -> None:
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere.json")
    (tmp_path / "round.json").symlink_to(tmp_path / "round.json")
    records, marks = read(tmp_path)
    assert [(record.problem, str(record.problem_detail)[:4]) for record in records] == [("file-unreadable", "gone"), ("file-unreadable", "roun")]
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "file-unreadable")


def test_a_folder_that_cannot_be_listed_makes_the_pass_incomplete(tmp_path: Path) -> None:
    write(tmp_path, "a.json", dataset("a"))
    with unlistable_folder(tmp_path):
        records, marks = read(tmp_path)
    assert [record.problem for record in records] == [None, "file-unreadable"]
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "file-unreadable")


@contextmanager
def unlistable_folder(root: Path) -> Iterator[None]:
    """Folders nested so deep that the address of the last is longer than the system takes, whoever asks."""
    names = ["d" * 250] * (4096 // 250 + 1)
    opened = [os.open(root, os.O_RDONLY)]
    for name in names:
        os.mkdir(name, dir_fd=opened[-1])
        opened.append(os.open(name, os.O_RDONLY, dir_fd=opened[-1]))
    try:
        yield
    finally:
        for inner, outer, name in zip(opened[:0:-1], opened[-2::-1], names, strict=True):
            os.close(inner)
            os.rmdir(name, dir_fd=outer)
        os.close(opened[0])


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    assert read(tmp_path)[0] == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchRefused) as refused:
        read(tmp_path / "nowhere")
    assert refused.value.reason == "not-found"


def test_an_empty_folder_is_a_complete_listing_of_nothing(tmp_path: Path) -> None:
    records, marks = read(tmp_path)
    assert (records, marks[0].complete, marks[0].local_ids) == ([], True, ())


def test_files_over_the_limit_are_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_records, "MAX_DOCUMENT_BYTES", 100)
    write(tmp_path, "a.json", b" " * 101)
    write(tmp_path, "b.jsonl", b'{"identifier": "b"}\n' + b" " * 101)
    assert [(record.local_id, record.problem) for record in read(tmp_path)[0]] == [("", "too-large"), ("b", None), ("", "too-large")]


def test_an_unchanged_folder_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.json", dataset("a"))
    write(tmp_path, "b.json", [dataset("b"), dataset("c")])
    held = Holding()
    held.run(source(tmp_path, held))
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was opened"))
    met, marks = held.run(source(tmp_path, held))
    assert met == []
    assert (marks[0].unchanged, marks[0].complete, marks[0].local_ids) == (True, True, ("a", "b", "c"))


def test_only_batches_with_changed_files_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_FILES", 2)
    for name in "abcde":
        write(tmp_path, f"{name}.json", dataset(name))
    held = Holding()
    held.run(source(tmp_path, held))
    write(tmp_path, "c.json", dataset("c", version="1.0.1"))
    met, marks = held.run(source(tmp_path, held))
    assert kinds(met) == {"c": "accepted", "d": "unchanged"}
    assert [mark.unchanged for mark in marks] == [True, False, True]
    assert [mark.complete for mark in marks] == [False, False, True]


def test_touched_files_and_audits_compare_content(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", dataset("a"))
    held = Holding()
    held.run(source(tmp_path, held))
    os.utime(path, ns=(1, 1))
    met, _ = held.run(source(tmp_path, held))
    assert [(outcome.kind, outcome.reading) for outcome in met] == [("unchanged", None)]
    met, _ = held.run(source(tmp_path, held, "audit"), wanted="audit")
    assert met[0].kind == "unchanged"
    assert met[0].content is not None


def test_states_of_a_record_in_any_order_leave_the_newest_current(tmp_path: Path) -> None:
    for name, date in (("1", "2021-01-01"), ("2", "2023-01-01"), ("3", "2022-01-01T00:00:00+01:00")):
        write(tmp_path, f"{name}.json", dataset("a", modified=date, version=name))
    held = Holding()
    met, _ = held.run(source(tmp_path, held))
    assert [outcome.kind for outcome in met] == ["accepted", "accepted", "older"]
    assert held.records["a"].modified == "2023-01-01"
    met, _ = held.run(source(tmp_path, held, "full"), wanted="full")
    assert [outcome.kind for outcome in met] == ["repeated", "unchanged", "repeated"]


@pytest.mark.parametrize("modified", ["2024-02-01T00:00:00Z", None])
def test_s11_of_two_contents_under_one_identifier_and_date_the_first_one_wins(tmp_path: Path, modified: str | None) -> None:
    write(tmp_path, "1.json", dataset("a", modified=modified, version="1.0.0"))
    write(tmp_path, "2.json", dataset("a", modified=modified, version="1.0.1"))
    write(tmp_path, "3.json", dataset("a", modified=modified, version="1.0.0"))
    held = Holding()
    for _ in range(2):
        met, _ = held.run(source(tmp_path, held, "audit"))
        assert [(outcome.kind, outcome.reason) for outcome in met[1:]] == [("rejected", "duplicate-id"), ("repeated", None)]
    assert held.records["a"].version == "1.0.0"


def test_s11_the_newest_of_dated_states_wins_wherever_it_stands(tmp_path: Path) -> None:
    for name, month in (("1", "02"), ("2", "03"), ("3", "01")):
        write(tmp_path, f"{name}.json", dataset("a", modified=f"2024-{month}-01T00:00:00Z", version=f"1.{month[1]}.0"))
    held = Holding()
    met, _ = held.run(source(tmp_path, held))
    assert [outcome.kind for outcome in met] == ["accepted", "accepted", "older"]
    assert held.records["a"].version == "1.3.0"


@pytest.mark.parametrize("shape", ["[{}]", '{{"total": 3, "items": [{}], "more": 1}}'])
def test_b3_a_long_list_is_read_element_by_element_and_alike(tmp_path: Path, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [dataset(f"d{number}", odd=[1.0, 1e5, 10**20, "é\u2028", None]) for number in range(3)]
    text = shape.format(", ".join(json.dumps(one, ensure_ascii=False) for one in documents))
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    whole, _ = read(tmp_path)
    monkeypatch.setattr(file_records, "STREAMED_BYTES", 10)
    streamed, marks = read(tmp_path)
    assert [(one.local_id, one.read()) for one in streamed] == [(one.local_id, one.read()) for one in whole]
    assert (len(streamed), marks[-1].complete) == (3, True)
    (tmp_path / "a.json").write_text(text[:-20], encoding="utf-8")
    cut, marks = read(tmp_path)
    assert [one.problem for one in cut if one.problem] == ["bad-json"]
    assert not marks[-1].complete
    (tmp_path / "a.json").write_text(text.replace("\u2028", "-"), encoding="cp1252")
    assert len(read(tmp_path)[0]) == 3


def test_a_long_file_with_one_description_is_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_records, "STREAMED_BYTES", 10)
    (tmp_path / "a.json").write_text(json.dumps(dataset("a")))
    assert [one.local_id for one in read(tmp_path)[0]] == ["a"]


def test_a_file_in_a_folder_counts_once_it_rested_for_ten_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "STABLE_SECONDS", 10.0)
    for name in ("old", "fresh", "growing"):
        write(tmp_path, f"{name}.json", dataset(name))
    os.utime(tmp_path / "old.json", (1, 1))
    now, waited = (tmp_path / "growing.json").stat().st_mtime + 4.0, []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        write(tmp_path, "growing.json", dataset("growing", note="longer than it was"))

    def run(path: Path) -> tuple[dict[str, str | None], Mark]:
        items = list(FilesSource(FilesConfig(path=str(path)), "full", Holding(), pause=pause, now=lambda: now).records())
        return {one.local_id: one.problem for one in items if isinstance(one, RawRecord)}, items[-1]

    found, mark = run(tmp_path)
    assert found == {"old": None, "fresh": None, "": "file-changing"}
    assert (mark.complete, mark.why_incomplete) == (False, "file-changing"), "nothing counts as missing for it"
    assert waited == [pytest.approx(6.0, abs=0.5)]
    now += 100
    found, mark = run(tmp_path)
    assert (set(found), mark.complete, len(waited)) == ({"old", "fresh", "growing"}, True, 1)
    now -= 100
    run(tmp_path / "fresh.json")
    assert len(waited) == 1, "a single file that was named is read as it stands"


def test_names_that_are_no_unicode_do_not_end_the_run(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/a\xff.json"
    with open(path, "wb") as file:
        file.write(json.dumps(dataset("a")).encode())
    records, _ = read(tmp_path)
    assert [record.local_id for record in records] == ["a"]
    str(records[0].read().locator).encode()


def test_find_files_sorts_by_path(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", "a.json"):
        write(tmp_path, name, {})
    assert [file.name for file in find_files(tmp_path)] == ["a.json", "a/z.json", "b.json"]


@pytest.mark.parametrize("state", [("v1", "2020-08-04"), ("v2", "2020-11-20"), ("v2", "2021-04-07")])
def test_a_published_state_is_read_whole(state: tuple[str, str]) -> None:
    records, marks = read(corpus("hdruk", *state))
    assert [record.problem for record in records if record.problem] == []
    assert len(records) == {"2020-08-04": 365, "2020-11-20": 414, "2021-04-07": 318}[state[1]]
    assert len({record.local_id for record in records}) > 300
    assert marks[-1].complete


HOSTILE = ("ckan", "datacite", "dcat-us", "hdruk", "iso19115", "nde-register", "oaipmh", "rdf")


@pytest.mark.parametrize("folder", HOSTILE)
def test_a2_every_hostile_file_ends_in_outcomes_with_reasons_and_files_of_other_kinds_are_passed_over(folder: str) -> None:
    root = corpus("hostile", folder)
    expected = {path.name for path in root.iterdir() if path.suffix in SUFFIXES}
    met, marks = Holding().run(source(root))
    told = [outcome.content.locator if outcome.content else outcome.detail for outcome in met]
    assert {name for name in expected if not any(str(place).startswith(name) for place in told)} == set()
    assert all(str(place).startswith(tuple(expected)) for place in told)
    assert all(outcome.reason in REASONS for outcome in met if outcome.kind in ("rejected", "quarantined"))
    assert marks[-1].complete is (marks[-1].why_incomplete is None)


def test_a2_the_hostile_files_hold_some_of_every_kind_of_trouble() -> None:
    met, _ = Holding().run(source(corpus("hostile")))
    assert {outcome.reason for outcome in met if outcome.kind == "rejected"} >= {"bad-json", "missing-id"}
    assert {outcome.kind for outcome in met} >= {"accepted", "rejected"}


def test_an_undated_state_beside_a_dated_one_is_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path, "2021.json", dataset("a"))
    held = Holding()
    held.run(source(tmp_path, held))
    write(tmp_path, "old.jsonl", dataset("a", modified=None, version="0.9"))
    met, _ = held.run(source(tmp_path, held))
    assert [outcome.kind for outcome in met] == ["unchanged", "older"]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_an_undated_edit_of_the_file_that_was_held_is_a_newer_state(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, dataset("a"))
    held = Holding()
    held.run(source(tmp_path, held))
    write(tmp_path, name, dataset("a", modified=None, version="2.0"))
    met, _ = held.run(source(tmp_path, held))
    assert [outcome.kind for outcome in met] == ["accepted"]
