"""Documents fetched ahead: the same records in the same order, none that will not be read, none before its mark (J19)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import pytest

from harvesters.read_ahead import read_ahead
from harvesters.source import Content, Mark, PageUnreadable, RawRecord

MARK = Mark(cursor={"page": 1}, page_key="one")


class Desk:
    """Hands out records whose documents it counts."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.lock = threading.Lock()

    def record(self, local_id: str, *, is_fetched: bool = True, problem: str | None = None) -> RawRecord:
        def read() -> Content:
            with self.lock:
                self.read.append(local_id)
            return Content(local_id.encode())

        return RawRecord(local_id, read=read, is_fetched=is_fetched, problem=problem)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def names(items: Iterable[RawRecord | Mark]) -> list[str]:
    """Each read when it is taken, as the pipeline does."""
    return [item.page_key if isinstance(item, Mark) else item.read().body.decode() for item in items]


def test_j19_all_come_in_their_order_and_each_document_is_fetched_once(desk: Desk) -> None:
    items = [*(desk.record(f"r{number}") for number in range(10)), MARK, desk.record("last")]
    assert names(read_ahead(items, at_once=3, is_wanted=lambda _: True)) == [*(f"r{number}" for number in range(10)), "one", "last"]
    assert sorted(desk.read) == sorted([*(f"r{number}" for number in range(10)), "last"])


def test_j19_what_will_not_be_read_is_not_fetched(desk: Desk) -> None:
    items = [desk.record("done"), desk.record("known"), desk.record("new"), desk.record("new"), desk.record("local", is_fetched=False)]
    met: list[str] = []
    for one in read_ahead(items, at_once=4, is_wanted=lambda one: one.local_id != "known", leaves_out=1):
        assert isinstance(one, RawRecord)
        met.append(one.local_id)
        if met == ["done", "known", "new"]:
            one.read()
    assert met == ["done", "known", "new", "new", "local"]
    assert desk.read == ["new"]


def test_j19_nothing_behind_a_mark_is_asked_for_before_it_is_taken(desk: Desk) -> None:
    pulled: list[str] = []

    def listing() -> Iterator[RawRecord | Mark]:
        for item in (desk.record("a"), desk.record("b"), MARK, desk.record("c")):
            pulled.append(item.page_key if isinstance(item, Mark) else item.local_id)
            yield item

    found = read_ahead(listing(), at_once=6, is_wanted=lambda _: True)
    taken = [next(found), next(found), next(found)]
    assert (taken[2], pulled) == (MARK, ["a", "b", "one"])


def test_c6_a_listing_that_fails_in_the_middle_gives_what_stood_before(desk: Desk) -> None:
    def listing() -> Iterator[RawRecord | Mark]:
        yield desk.record("a")
        yield desk.record("b")
        raise PageUnreadable("bad-json", "No more.")

    ahead = read_ahead(listing(), at_once=4, is_wanted=lambda _: True)
    assert names([next(ahead)]) + names([next(ahead)]) == ["a", "b"]
    with pytest.raises(PageUnreadable):
        next(ahead)


def test_j24_what_waits_is_dropped_when_nobody_takes_any_more(desk: Desk) -> None:
    go = threading.Event()

    def slow(local_id: str) -> RawRecord:
        record = desk.record(local_id)
        return RawRecord(local_id, read=lambda: (go.wait(30), record.read())[1], is_fetched=True)

    found = read_ahead([slow("a"), *(slow(f"r{number}") for number in range(20))], at_once=2, is_wanted=lambda _: True)
    first = next(found)
    go.set()
    assert isinstance(first, RawRecord)
    assert first.read().body == b"a"
    found.close()
    assert len(desk.read) <= 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]
