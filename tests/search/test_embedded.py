"""What is particular to the embedded engine: its folder, its lock, its damage."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import facets
from search.embedded import EmbeddedEngine
from search.engine import EVERY_VALUE, IndexLocked, Query, SearchDocument, SearchUnavailable
from tests.search.factories import document, found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    engine = EmbeddedEngine(tmp_path / "index")
    engine.index([document(f"a{number}", f"Study number {number}", abstract="words " * 50) for number in range(20)])
    engine.close()
    return tmp_path / "index"


def test_values_beyond_what_is_counted_at_once_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "MOST_VALUES", 20)
    values = [*(f"a{number}" for number in range(50)), *(f"({letter}.*" for letter in "abcdefghijklmnopqrstuvwxyz"), "a", "Z\u00fcrich", "\u4e2d\u6587", *(f"b [{n}]" for n in range(30))]
    engine = EmbeddedEngine(tmp_path / "index")
    engine.index([document(f"d{number}", "A study", keyword=[value, *values[:2]]) for number, value in enumerate(values)])
    (counted,) = engine.search(Query(facets=("keyword",), facet_values=EVERY_VALUE)).facets
    assert {value.value: value.count for value in counted.values} == {**dict.fromkeys(values, 1), **dict.fromkeys(values[:2], len(values))}
    assert counted.total == len(values)
    engine.close()


def test_one_process_writes_until_it_closes(folder: Path) -> None:
    first, second = EmbeddedEngine(folder), EmbeddedEngine(folder)
    first.index([document("b", "Written by the first")])
    with pytest.raises(IndexLocked):
        second.index([document("c", "Not written")])
    with pytest.raises(IndexLocked):
        second.rebuild([])
    with pytest.raises(IndexLocked):
        second.remove(["b"])
    assert found(second, "written")[0] == "b"
    first.close()
    assert second.index([document("c", "Written now")]) == 1
    assert first.search(Query()).total == 22
    second.close()


def test_nothing_is_written_any_more_once_it_is_closed(tmp_path: Path) -> None:
    """Eight commits make Tantivy merge them beside what goes on; a merge that outlived its writer would write beside the next one."""
    engine = EmbeddedEngine(tmp_path)
    for commit in range(8):
        engine.index([document(f"a{commit}-{number}", f"Study number {number}", abstract=f"words {number} " * 300) for number in range(200)])
    engine.close()
    closed = _written(tmp_path)
    time.sleep(1)
    assert _written(tmp_path) == closed
    assert len([path for path in closed if path.endswith(".store") and "variables" not in path]) == 1, "they were merged"
    assert engine.search(Query(limit=1)).total == 1600
    engine.close()


def _written(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of each file."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_the_lock_holds_between_processes(folder: Path) -> None:
    engine = EmbeddedEngine(folder)
    engine.index([document("b", "Mine")])
    script = (
        "import sys; from pathlib import Path; from search.embedded import EmbeddedEngine; from search.engine import IndexLocked\n"
        "from tests.search.factories import document\n"
        "try: EmbeddedEngine(Path(sys.argv[1])).index([document('c', 'Theirs')])\n"
        "except IndexLocked: print('locked')\n"
    )
    answer = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    assert answer.stdout == "locked\n"
    engine.close()


def test_an_index_of_other_fields_is_noticed_and_rebuilt(folder: Path) -> None:
    pointer = json.loads((folder / "current").read_text())
    (folder / "current").write_text(json.dumps({**pointer, "mapping": "older"}))
    engine = EmbeddedEngine(folder)
    state = engine.state()
    assert (state.mapping, state.is_usable) == ("older", False)
    assert "fields" in state.reason
    for attempt in (lambda: engine.search(Query()), lambda: engine.index([document("b")])):
        with pytest.raises(SearchUnavailable):
            attempt()
    assert engine.rebuild([document("b")], force=True) == 1
    assert engine.state().is_usable
    engine.close()


@pytest.mark.parametrize("damage", ["pointer", "pointer-shape", "meta", "emptied", "cut", "removed"])
def test_damage_is_noticed_said_and_mended_by_a_rebuild(folder: Path, damage: str) -> None:
    _damage(folder, damage)
    engine = EmbeddedEngine(folder)
    state = engine.state()
    assert not state.is_usable
    assert state.reason
    with pytest.raises(SearchUnavailable):
        engine.search(Query(text="study"))
    assert engine.rebuild([document("b")], force=True) == 1
    assert engine.state().is_usable
    assert engine.search(Query()).total == 1
    engine.close()


def _damage(folder: Path, damage: str) -> None:
    generation = next((folder / "generations").iterdir())
    if damage == "pointer":
        (folder / "current").write_text("{")
    elif damage == "pointer-shape":
        (folder / "current").write_text("[]")
    elif damage == "meta":
        (generation / "meta.json").write_text("nonsense")
    else:
        for file in generation.iterdir():
            if file.suffix in (".store", ".fast", ".term", ".idx"):
                content = file.read_bytes()
                if damage == "removed":
                    file.unlink()
                else:
                    file.write_bytes(b"" if damage == "emptied" else content[: len(content) // 2])


def test_what_a_killed_rebuild_left_is_cleared_away(folder: Path) -> None:
    (folder / "generations" / "half").mkdir()
    (folder / "current.123").write_text("{")
    engine = EmbeddedEngine(folder)
    engine.index([document("b")])
    assert engine.search(Query()).total == 21
    assert len(list((folder / "generations").iterdir())) == 1
    assert not list(folder.glob("current.*"))
    engine.close()


KILLED_REBUILDS = """
import os, shutil, signal, sys
from pathlib import Path
from search.embedded import EmbeddedEngine
from tests.search.factories import document
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "fcntl.flock"}
steps = die_before = 0
def step(event, arguments):
    global steps
    if die_before and event in STEPS and (event == "fcntl.flock" or str(folder) in str(arguments[0])):
        steps += 1
        if steps == die_before:
            print(event, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
def documents():
    for number in range(19, 39):
        step("open", (folder,))
        yield document(f"b{number:02}", f"New study {number}")
sys.addaudithook(step)
for attempt in range(1, 80):
    folder = Path(f"{sys.argv[1]}-{attempt}")
    shutil.copytree(sys.argv[1], folder)
    child = os.fork()
    if not child:
        die_before = attempt
        EmbeddedEngine(folder).rebuild(documents(), force=True)
        print("lived", flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


def test_a_rebuild_killed_before_any_step_leaves_a_whole_index(folder: Path) -> None:
    """Steps are what it does to files, and each document it reads, each killed in a copy of the index. The last rebuild lives."""
    done = subprocess.run([sys.executable, "-c", KILLED_REBUILDS, str(folder)], capture_output=True, text=True, check=True)
    seen, swapped = done.stdout.split(), []
    for attempt in range(1, len(seen) + 1):
        engine = EmbeddedEngine(folder.with_name(f"{folder.name}-{attempt}"))
        assert engine.state().is_usable
        held = engine.versions()
        swapped.append("b20" in held)
        assert len(held) == engine.search(Query()).total == 20
        assert engine.index([document("after", "Written after the kill")]) == 1
        engine.close()
    assert seen[-1] == "lived"
    assert {"os.mkdir", "os.rename", "shutil.rmtree"} <= set(seen)
    assert swapped == sorted(swapped), "nothing but the swap changes what is found"
    assert swapped.count(False) > 20
    assert swapped[-1]


def test_what_is_written_and_removed_during_a_rebuild_is_so_after_it(folder: Path) -> None:
    engine = EmbeddedEngine(folder)
    engine.index([document("r", "To be removed")])
    begun = threading.Event()

    def documents() -> Iterator[SearchDocument]:
        yield document("r", "To be removed")
        begun.set()
        time.sleep(0.3)
        yield from (document(f"a{number}", f"Study number {number}") for number in range(20))

    rebuilding = threading.Thread(target=engine.rebuild, args=(documents(),))
    rebuilding.start()
    assert begun.wait(10)
    assert engine.search(Query()).total == 21
    writing = [threading.Thread(target=engine.index, args=([document("w", "Written meanwhile")],)), threading.Thread(target=engine.remove, args=(["r"],))]
    for thread in writing:
        thread.start()
    for thread in (rebuilding, *writing):
        thread.join()
    assert engine.versions().keys() == {*(f"a{number}" for number in range(20)), "w"}
    engine.close()
