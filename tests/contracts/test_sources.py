"""What every kind of source promises (A1), over a served feed of each kind: lazy, resumable at each mark, a bad record is a
value, honest about completeness, cheap where nothing changed, and no connection but through the fetcher it was given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from frontend.words import SOURCE_KINDS
from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.singly import SingleRecords, reads_singly
from harvesters.source import Mark, RawRecord, SourceError
from tests.contracts.feeds import FEEDS, Feed, serving_feed
from tests.harvesters.holding import Holding, kinds

PAGED = [kind for kind, feed in FEEDS.items() if feed.has_pages]
SERVED = [kind for kind, feed in FEEDS.items() if feed.least_requests]
FAILED = {"rejected", "quarantined"}


@pytest.fixture(params=FEEDS)
def feed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Feed]:
    with serving_feed(request.param, tmp_path, 3) as feed:
        yield feed


@pytest.fixture(params=PAGED)
def paged(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Feed]:
    with serving_feed(request.param, tmp_path, 5, in_pages=True) as feed:
        yield feed


def listed(items: list[Any]) -> list[str]:
    """Local ids of the records, in order; those of an unchanged page too."""
    found: list[str] = []
    for item in items:
        found += list(item.local_ids) if isinstance(item, Mark) and item.unchanged else []
        found += [item.local_id] if isinstance(item, RawRecord) else []
    return found


def last_mark(items: list[Any]) -> Mark:
    assert isinstance(items[-1], Mark), "a mark stands behind the records"
    return items[-1]


def test_a1_every_kind_is_held_to_the_contract() -> None:
    assert KINDS.keys() - FEEDS.keys() == {"push"}, "nothing is fetched for what is pushed"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_words_for_people(kind: str) -> None:
    assert kind in SOURCE_KINDS


def test_a1_nothing_is_asked_before_the_first_record_is_wanted(feed: Feed) -> None:
    records = feed.source(Holding()).records()
    assert feed.asked() == 0
    next(iter(records))
    assert feed.asked() <= feed.set_up_requests + 1


def test_a1_a_later_page_is_not_asked_for_ahead_of_its_time(paged: Feed) -> None:
    whole = len(list(paged.source(Holding(), "full").records()))
    assert whole > 5
    all_requests = paged.asked()
    next(iter(paged.source(Holding(), "full").records()))
    assert paged.asked() < all_requests


def test_a1_every_record_is_listed_once_and_the_last_mark_says_that_the_listing_is_whole(feed: Feed) -> None:
    items = list(feed.source(Holding(), "full").records())
    assert sorted(listed(items)) == sorted(feed.ids)
    assert (last_mark(items).complete, last_mark(items).why_incomplete, last_mark(items).cursor) == (True, None, None)
    marks = [item for item in items if isinstance(item, Mark)]
    assert not any(mark.complete for mark in marks[:-1])


def test_a1_a_record_is_read_when_it_is_asked_for_and_says_where_it_came_from(feed: Feed) -> None:
    items = [item for item in feed.source(Holding(), "full").records() if isinstance(item, RawRecord)]
    before = feed.asked()
    content = items[0].read()
    assert content.body
    assert feed.asked() == feed.detail_requests
    assert before <= feed.set_up_requests + (len(feed.ids) if feed.has_page_each else 1)
    assert content.url or content.locator


def test_a1_a_run_goes_on_from_each_mark(paged: Feed) -> None:
    items = list(paged.source(Holding(), "full").records())
    whole, holding, done = listed(items), Holding(), 0
    resumed = 0
    for item in items:
        if isinstance(item, RawRecord):
            done += 1
            continue
        holding.remember(item)
        if item.cursor is not None:
            rest = list(paged.source(holding, "full").records(item.cursor))
            assert listed(rest) == whole[done:]
            assert last_mark(rest).complete
            resumed += 1
    assert resumed >= 2


@pytest.mark.parametrize("position", [0, 1, 2])
def test_c6_a_bad_record_is_a_value_wherever_it_stands(feed: Feed, position: int) -> None:
    if position >= len(feed.ids):
        pytest.skip("the kind holds one record only")
    bad = feed.ids[position]
    feed.spoil(bad)
    met, marks = Holding().run(feed.source(Holding(), "full"))
    outcomes = kinds(met)
    assert outcomes[bad] in FAILED
    assert {outcomes[other] for other in feed.ids if other != bad} <= {"accepted"}
    assert outcomes.keys() == set(feed.ids)
    assert marks[-1].complete, "what is listed was seen, whether it could be read or not"
    assert bad in listed_ids(marks)


def listed_ids(marks: list[Mark]) -> set[str]:
    return {local_id for mark in marks for local_id in mark.local_ids}


def test_b1_an_unchanged_feed_costs_the_fewest_requests_and_no_record_is_read(feed: Feed) -> None:
    holding = Holding()
    holding.run(feed.source(holding, "full"))
    holding.run(feed.source(holding))
    feed.asked()
    met, marks = holding.run(feed.source(holding))
    assert feed.asked() == feed.least_requests
    assert {outcome.kind for outcome in met} <= {"unchanged", "repeated"}
    if feed.skips_unchanged:
        assert (met, marks[-1].unchanged) == ([], True)


def test_c1_what_changed_is_found_and_the_rest_is_left_alone(feed: Feed) -> None:
    holding = Holding()
    holding.run(feed.source(holding, "full"))
    changed = feed.ids[len(feed.ids) // 2]
    feed.retitle(changed, "Another title")
    met, _ = holding.run(feed.source(holding))
    outcomes = kinds(met)
    assert outcomes.pop(changed) == "accepted"
    assert set(outcomes.values()) <= {"unchanged", "repeated"}
    [outcome] = [one for one in met if one.local_id == changed]
    assert outcome.record is not None
    assert outcome.record.summary.title == "Another title"


def test_s1_what_was_removed_is_absent_from_a_whole_listing(feed: Feed) -> None:
    holding = Holding()
    holding.run(feed.source(holding, "full"))
    gone = feed.ids[0]
    feed.remove(gone)
    if not feed.ids:
        with pytest.raises(SourceError):
            list(feed.source(holding, "full").records())
        return
    items = list(feed.source(holding, "full").records())
    assert gone not in listed(items)
    assert last_mark(items).complete


def test_s1_a_failing_listing_never_claims_to_be_whole(paged: Feed) -> None:
    list(paged.source(Holding(), "full").records())
    requests = paged.asked()
    for answered in range(requests):
        paged.break_after(answered)
        items: list[Any] = []
        with suppress(SourceError):
            items.extend(paged.source(Holding(), "full").records())
        assert not any(item.complete for item in items if isinstance(item, Mark))


def test_c2_an_audit_reads_every_record_again(feed: Feed) -> None:
    holding = Holding()
    holding.run(feed.source(holding, "full"))
    met, marks = holding.run(feed.source(holding, "audit"), wanted="audit")
    assert kinds(met) == dict.fromkeys(feed.ids, "unchanged")
    assert not any(mark.unchanged and mark.local_ids for mark in marks)


@pytest.mark.parametrize("kind", FEEDS)
def test_a_record_that_is_asked_for_alone_says_what_the_listing_says_of_it(kind: str, tmp_path: Path) -> None:
    """Where what failed can be asked for without the listing; one that went is missing, and nothing else is asked for."""
    with serving_feed(kind, tmp_path, 3) as feed:
        known = Holding()
        met, _ = known.run(feed.source(known, "full"))
        source = feed.source(known)
        assert reads_singly(source) is KINDS[kind].reads_singly
        if not reads_singly(source):
            return
        held = Holding()
        feed.asked()
        alone, marks = held.run(SingleRecords(source, feed.ids[1:]))
        assert ([one.content_hash for one in alone], marks) == ([one.content_hash for one in met[1:]], [])
        assert feed.asked() <= 2 * max(1, feed.detail_requests) + feed.set_up_requests
        gone = feed.ids[0]
        feed.remove(gone)
        [missing], _ = held.run(SingleRecords(source, [gone]))
        assert (missing.kind, missing.local_id, missing.reason) == ("rejected", gone, "detail-missing")


@pytest.mark.parametrize("kind", SERVED)
def test_a12_no_connection_is_made_but_through_the_fetcher(kind: str, tmp_path: Path) -> None:
    with serving_feed(kind, tmp_path, 2) as feed, Fetcher() as strict:
        with pytest.raises(SourceError) as refused:
            list(feed.source(Holding(), "full", fetcher=strict).records())
        assert refused.value.reason == "address-refused"
        assert feed.asked() == 0
