"""What the store promises, over SQLite and over PostgreSQL."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from gateway.models import (
    Alias,
    ApiKey,
    Base,
    Custodian,
    Delivery,
    IndexEntry,
    Message,
    Outcome,
    Raw,
    Record,
    Request,
    RequestPart,
    Run,
    Snapshot,
    Source,
    Version,
)
from gateway.store import Store, changes, custodians, keys, outbox, records, runs, sources
from gateway.store.changes import Applied, Change
from gateway.store.files import Files
from harvesters.source import Content
from tests.services import new_sqlite

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def address(database_url: str | None, tmp_path: Path) -> str:
    return database_url or f"sqlite:///{tmp_path / 'gateway.sqlite'}"


@pytest.fixture
def open_store(address: str) -> Iterator[Callable[[], Store]]:
    """Opens the same database again, on connections of its own, as another process would."""
    with ExitStack() as stack:

        def opened() -> Store:
            store = Store(address)
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture
def store(address: str, open_store: Callable[[], Store]) -> Store:
    if address.startswith("sqlite:///"):
        new_sqlite(Path(address.removeprefix("sqlite:///")))
    return open_store()


def add_source(store: Store, slug: str = "feed", **facts: Any) -> Source:
    with store.transaction() as tx:
        return sources.add(
            tx.session,
            Source(
                **{
                    "slug": slug, "name": slug.title(), "kind": "files", "configuration": {}, "policy": {}, "schedule": "manual",
                    "configuration_hash": "0", "created_at": NOW, **facts,
                }
            ),
        )


def add_run(store: Store, source: Source, **options: Any) -> Run:
    with store.transaction() as tx:
        return runs.queue(tx.session, source, **{"trigger": "manual", "wanted": "incremental", "now": NOW, **options})


def claim(store: Store, run: Run, owner: str, *, now: datetime = NOW) -> Run | None:
    with store.transaction() as tx:
        return runs.claim(tx.session, run.id, owner=owner, now=now)


def change(local_id: str, title: str | None = "A title", **facts: Any) -> Change:
    """An accepted record of that title; ``facts`` replace parts of it."""
    body = f'{{"identifier": "{local_id}", "title": "{title}"}}'.encode()
    accepted = Change(
        kind="accepted", local_id=local_id, title=title, content=Content(body), raw_sha256=hashlib.sha256(body).hexdigest(),
        content_hash=hashlib.sha256(str(title).encode()).hexdigest(),
        canonical={"identifier": local_id, "summary": {"title": title}},
    )
    return replace(accepted, **facts)


def apply(store: Store, source: Source, run: Run, *wanted: Change, now: datetime = NOW) -> list[Applied]:
    with store.transaction() as tx:
        return changes.apply(tx.session, source, run, wanted, now=now)


def count(store: Store, table: type[Base]) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def everything(store: Store, *tables: type[Base]) -> list[list[tuple[Any, ...]]]:
    with store.reading() as session:
        return [[tuple(row) for row in session.execute(select(table.__table__).order_by(text("1")))] for table in tables]


# the schema


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with ExitStack() as stack:
            store = Store(f"sqlite:///{tmp_path / 'empty.sqlite'}")
            stack.callback(store.close)
            yield store
        return
    with request.getfixturevalue("postgresql_server").empty_database() as address:
        store = Store(address)
        yield store
        store.close()


on_an_empty_database = pytest.mark.parametrize("empty", ["sqlite", "postgresql"], indirect=True)


def tables(store: Store) -> set[str]:
    return set(inspect(store.engine).get_table_names()) - {"alembic_version"}


@on_an_empty_database
def test_migrations_from_nothing_to_the_newest_give_exactly_the_models(empty: Store) -> None:
    assert not empty.is_current()
    empty.upgrade()
    assert empty.is_current()
    assert tables(empty) == set(Base.metadata.tables)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


@on_an_empty_database
def test_the_schema_goes_down_to_nothing_and_up_again(empty: Store) -> None:
    empty.upgrade()
    with empty.migrating() as config:
        command.downgrade(config, "base")
    assert tables(empty) == set()
    empty.upgrade()
    assert tables(empty) == set(Base.metadata.tables)


@on_an_empty_database
def test_processes_that_start_together_upgrade_once(empty: Store) -> None:
    starting = [Store(empty.url) for _ in range(4)]
    with ThreadPoolExecutor(len(starting)) as pool:
        list(pool.map(lambda store: store.upgrade(), starting))
    for store in starting:
        store.close()
    assert empty.is_current()


def test_a_schema_that_is_newest_already_is_not_written(store: Store, open_store: Callable[[], Store]) -> None:
    other = open_store()
    with store.transaction():
        other.upgrade()  # A second writer would have to wait for the first one's end, which comes only after this.


# transactions


def test_what_is_queued_in_a_transaction_runs_after_its_commit(store: Store, open_store: Callable[[], Store]) -> None:
    other, seen = open_store(), []
    with store.transaction() as tx:
        custodians.add(tx.session, name="Trust", now=NOW)
        tx.after_commit(lambda name: seen.append((name, count(other, Custodian))), "index")
        assert seen == []
        assert count(other, Custodian) == 0
    assert seen == [("index", 1)]


def test_a_transaction_that_fails_leaves_nothing_and_rings_no_bell(store: Store) -> None:
    rung: list[str] = []

    def fail_late() -> None:
        with store.transaction() as tx:
            custodians.add(tx.session, name="Trust", now=NOW)
            tx.session.flush()
            tx.after_commit(rung.append, "index")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail_late()
    assert count(store, Custodian) == 0
    assert rung == []


def test_j6_a_batch_that_fails_at_its_last_record_leaves_nothing_of_the_first(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    tables = (Record, Version, Raw, Outcome, Alias, IndexEntry)
    with pytest.raises((IntegrityError, StatementError)):
        apply(store, source, run, change("a", aliases=(("identifier", "x"),)), change("b", content_hash=None))
    assert [count(store, table) for table in tables] == [0] * len(tables)


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_it(store: Store, open_store: Callable[[], Store]) -> None:
    other = open_store()
    with store.transaction() as tx:
        custodians.add(tx.session, name="Trust", now=NOW)
        tx.session.flush()
        assert count(other, Custodian) == 0
    assert count(other, Custodian) == 1


def test_two_writers_take_turns_and_lose_nothing(store: Store, open_store: Callable[[], Store]) -> None:
    source = add_source(store)

    def add_failures(own: Store) -> None:
        for _ in range(20):
            with own.transaction() as tx:
                held = tx.session.scalar(select(Source).where(Source.id == source.id).with_for_update())
                assert held is not None
                held.consecutive_failures += 1

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(add_failures, [open_store() for _ in range(3)]))
    with store.reading() as session:
        assert sources.by_id(session, source.id).consecutive_failures == 60


# bytes, versions, identity


AWKWARD = [b"", b"\x00\xff\xfe", b'{"a": 1}', '{"ä": "\u2028"}'.encode("utf-16"), bytes(range(256)) * 4096]


@pytest.mark.parametrize("body", AWKWARD, ids=range(len(AWKWARD)))
def test_submitted_bytes_are_kept_exactly_under_their_hash(store: Store, tmp_path: Path, body: bytes) -> None:
    source, files = add_source(store), Files(tmp_path / "files")
    content = Content(body, media_type="application/json", charset="utf-16", url="https://example.org/é", etag='W/"1"', locator="a.json")
    apply(store, source, add_run(store, source), change("a", content=content, raw_sha256=files.put(body)))
    with store.reading() as session:
        raw = records.raw(session, session.scalars(select(Version)).one().raw_id)
    assert raw.sha256 == hashlib.sha256(body).hexdigest()
    assert raw.length_bytes == len(body)
    assert (raw.charset, raw.url, raw.etag, raw.locator) == ("utf-16", "https://example.org/é", 'W/"1"', "a.json")
    assert files.get(raw.sha256) == body
    assert files.put(body) == raw.sha256
    assert len([path for path in files.folder.rglob("*") if path.is_file()]) == 1


ODD_VALUES = [
    {"text": "é 😀 \u2028 \\u0000", "blank": "", "whole": 2**63 - 1, "least": -(2**63), "decimal": 0.1, "nothing": None, "yes": True},
    {"beyond 64 bits": 2**64 - 1}, {"nested": [[], {}, [{"a": [1.5, None]}]]},
]  # fmt: skip


@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_json_comes_back_as_it_was_written(store: Store, value: dict[str, Any]) -> None:
    source = add_source(store)
    apply(store, source, add_run(store, source), replace(change("a"), canonical=value, losses=[value]))
    with store.reading() as session:
        version = session.scalars(select(Version)).one()
        assert (version.canonical, version.losses) == (value, [value])


def test_equal_bytes_from_two_places_are_two_rows_and_each_version_names_its_own(store: Store, tmp_path: Path) -> None:
    source, body = add_source(store), b"{}"
    kept = Files(tmp_path / "files").put(body)
    changes = [
        change(name, content=Content(body, media_type="application/json", url=f"https://example.org/{name}"), raw_sha256=kept) for name in "abc"
    ]
    apply(store, source, add_run(store, source), *changes)
    with store.reading() as session:
        rows = session.execute(select(Record.local_id, Raw.url).join(Version, Version.id == Record.current_version_id).join(Raw, Raw.id == Version.raw_id))
        assert {tuple(row) for row in rows} == {(name, f"https://example.org/{name}") for name in "abc"}


def test_s13_versions_are_only_ever_added(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    apply(store, source, run, change("a", "First"))
    first = everything(store, Version, Raw)
    apply(store, source, run, change("a", "Second"), now=NOW + MINUTE)
    apply(store, source, run, change("a", None, kind="quarantined"), now=NOW + 2 * MINUTE)
    apply(store, source, run, change("a", "Zeroth", kind="older", stated_modified="2019-01-01"), now=NOW + 3 * MINUTE)
    versions, raws = everything(store, Version, Raw)
    assert versions[: len(first[0])] == first[0]
    assert raws[: len(first[1])] == first[1]
    with store.reading() as session:
        record = session.scalars(select(Record)).one()
        history = records.versions(session, record.id)
        current = session.get_one(Version, record.current_version_id)
    assert [(version.number, version.is_older_state) for version in history] == [(2, False), (1, False), (3, True)]
    assert current.canonical["summary"]["title"] == "Second"
    assert current.changed_paths == ["/summary/title"]
    assert record.stale_since == NOW + 2 * MINUTE
    assert record.version_count == 3


def test_states_of_one_record_in_one_batch_become_its_versions(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    applied = apply(store, source, run, change("a", "First"), change("b", "Other"), change("a", "Second"))
    assert [one.outcome for one in applied] == ["created", "created", "updated"]
    with store.reading() as session:
        record = session.scalars(select(Record).where(Record.local_id == "a")).one()
        history = records.versions(session, record.id)
        reported = runs.outcomes(session, run.id)
    assert [version.canonical["summary"]["title"] for version in history] == ["Second", "First"]
    assert record.current_version_id == history[0].id
    assert [(row.local_id, row.old_version_id, row.new_version_id) for row in reported if row.local_id == "a"] == [
        ("a", None, history[1].id), ("a", history[1].id, history[0].id),
    ]


def test_a_record_is_one_by_source_and_identifier(store: Store) -> None:
    one, other = add_source(store, "one"), add_source(store, "other")
    for source in (one, other):
        run = add_run(store, source)
        apply(store, source, run, change("same"))
        apply(store, source, run, change("same", "Again"))
    assert count(store, Record) == 2
    with store.reading() as session:
        refs = records.refs_by_identifier(session, "same")
        taken = session.scalars(select(Record)).first()
    assert len(set(refs)) == 2
    assert taken is not None
    copy = {column.key: getattr(taken, column.key) for column in inspect(Record).columns if column.key != "id"}
    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.session.add(Record(**{**copy, "ref": "another"}))


def test_identifiers_that_differ_in_case_or_accent_are_different_records(store: Store) -> None:
    source = add_source(store)
    names = ["abc", "ABC", "äbc", "abc ", "a%c", "a_c"]
    apply(store, source, add_run(store, source), *(change(name) for name in names))
    assert count(store, Record) == len(names)
    with store.reading() as session:
        assert all(len(records.refs_by_identifier(session, name)) == 1 for name in names)


def test_other_identifiers_lead_to_the_record_and_are_kept_once(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    named = change("new", aliases=(("identifier", "10.1/x"), ("identifier", "new")), former_ids=("old",))
    apply(store, source, run, change("old", "First"))
    apply(store, source, run, named)
    apply(store, source, run, replace(named, content_hash="0" * 64))
    with store.reading() as session:
        record = session.scalars(select(Record)).one()
        found = [records.refs_by_identifier(session, name) for name in ("old", "new", "10.1/x")]
        held = records.held(session, source, with_history=True)
        assert records.aliases(session, [record.id]) == {record.id: ["old", "10.1/x", "new"]}
    assert record.local_id == "new"
    assert record.pid == "old"
    assert found == [[record.ref]] * 3
    by_old_name = held.record("old")
    assert by_old_name is not None
    assert by_old_name.local_id == "new"
    assert len(by_old_name.known_hashes) == 3


def test_s6_a_record_that_was_withheld_stays_so_and_the_run_says_it(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    apply(store, source, run, change("a"))
    with store.transaction() as tx:
        tx.session.scalars(select(Record)).one().state = "withheld"
    applied = apply(store, source, run, change("a", "Changed"))
    assert [one.outcome for one in applied] == ["withheld"]
    assert count(store, Version) == 1
    with store.reading() as session:
        assert [one.reason for one in session.scalars(select(Outcome)) if one.outcome == "withheld"] == ["withheld"]


# runs and leases


def test_a7_j2_of_two_workers_that_claim_a_run_at_once_one_gets_it(store: Store, open_store: Callable[[], Store]) -> None:
    source = add_source(store)
    workers = [open_store(), open_store()]
    for _ in range(15):
        run = add_run(store, source)
        together = threading.Barrier(2)

        def try_to_claim(number: int, run: Run = run, together: threading.Barrier = together) -> Run | None:
            together.wait(10)
            return claim(workers[number], run, f"worker {number}")

        with ThreadPoolExecutor(2) as pool:
            won = [claimed for claimed in pool.map(try_to_claim, range(2)) if claimed is not None]
        assert [claimed.attempt for claimed in won] == [1]
        with store.transaction() as tx:
            runs.save(tx.session, won[0], state="succeeded")


def test_of_two_runs_of_a_source_only_one_is_claimed_even_before_the_first_claim_is_committed(
    store: Store, open_store: Callable[[], Store]
) -> None:
    source = add_source(store)
    first = add_run(store, source)
    with store.transaction() as tx:
        second = Run(
            source_id=source.id, trigger="manual", wanted_pass="full", state="queued", queued_at=NOW, counters={}, timings_ms={}, http={}
        )
        tx.session.add(second)
    other = open_store()
    with ThreadPoolExecutor(1) as pool:
        with store.transaction() as tx:
            assert runs.claim(tx.session, first.id, owner="one", now=NOW) is not None
            waiting = pool.submit(claim, other, second, "two")
            done, _ = wait([waiting], timeout=0.5)
            assert not done, "it must wait for what becomes of the first claim"
        assert waiting.result(30) is None
    assert claim(other, second, "two", now=NOW + 2 * MINUTE) is None, "the older one goes first, whoever takes it up again"
    assert claim(other, first, "two", now=NOW + 2 * MINUTE) is not None, "its lease ran out"


def test_j2_a_lease_that_ran_out_can_be_claimed_and_one_that_did_not_cannot(store: Store) -> None:
    run = add_run(store, add_source(store))
    assert claim(store, run, "one") is not None
    assert claim(store, run, "two", now=NOW + runs.LEASE - timedelta(seconds=1)) is None
    with store.reading() as session:
        assert runs.claimable(session, now=NOW + runs.LEASE - timedelta(seconds=1)) == []
        assert runs.claimable(session, now=NOW + runs.LEASE) == [run.id]
    again = claim(store, run, "two", now=NOW + runs.LEASE)
    assert again is not None
    assert (again.attempt, again.lease_owner, again.started_at) == (2, "two", NOW)


def test_j3_a_renewed_lease_lasts_from_its_renewal(store: Store) -> None:
    run = add_run(store, add_source(store))
    mine = claim(store, run, "one")
    assert mine is not None
    with store.transaction() as tx:
        runs.renew(tx.session, mine, now=NOW + MINUTE / 2)
    assert claim(store, run, "two", now=NOW + MINUTE) is None
    assert claim(store, run, "two", now=NOW + MINUTE * 3 / 2) is not None


def test_j3_a_worker_that_lost_its_lease_writes_nothing(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    mine = claim(store, run, "one")
    theirs = claim(store, run, "two", now=NOW + 2 * MINUTE)
    assert mine is not None
    assert theirs is not None

    def write_a_batch() -> None:
        with store.transaction() as tx:
            changes.apply(tx.session, source, mine, [change("a")], now=NOW)
            runs.renew(tx.session, mine, now=NOW + 3 * MINUTE)

    def end_the_run() -> None:
        with store.transaction() as tx:
            sources.by_id(tx.session, source.id).last_success_at = NOW
            runs.save(tx.session, mine, state="succeeded")

    for attempt in (write_a_batch, end_the_run):
        with pytest.raises(runs.LeaseLostError):
            attempt()
    assert count(store, Record) == 0
    with store.reading() as session:
        now_held = runs.by_id(session, run.id)
        assert (now_held.state, now_held.lease_owner) == ("running", "two")
        assert sources.by_id(session, source.id).last_success_at is None


def test_a_run_that_is_over_is_neither_claimed_nor_renewed_nor_cancelled(store: Store) -> None:
    run = add_run(store, add_source(store))
    mine = claim(store, run, "one")
    assert mine is not None
    with store.transaction() as tx:
        runs.save(tx.session, mine, state="cancelled", lease_until=None)
    assert claim(store, run, "two", now=NOW + timedelta(days=1)) is None
    with pytest.raises(runs.LeaseLostError), store.transaction() as tx:
        runs.renew(tx.session, mine, now=NOW)


def test_the_leases_of_a_dead_worker_are_freed_and_of_no_other(store: Store) -> None:
    claimed = [add_run(store, add_source(store, slug)) for slug in ("one", "two")]
    for run, owner in zip(claimed, ("host:12:a", "host:123:a"), strict=True):
        assert claim(store, run, owner) is not None
    with store.transaction() as tx:
        assert runs.release_of_dead_owner(tx.session, "host:12:a", now=NOW) == 1
    with store.reading() as session:
        assert runs.claimable(session, now=NOW) == [claimed[0].id]


def test_a_due_time_of_a_source_makes_one_run_however_many_tickers(store: Store, open_store: Callable[[], Store]) -> None:
    source = add_source(store)
    tickers = [open_store() for _ in range(3)]
    with ThreadPoolExecutor(len(tickers)) as pool:
        made = list(pool.map(lambda own: add_run(own, source, due_at=NOW, trigger="schedule"), tickers))
    assert len({run.id for run in made}) == 1
    assert claim(store, made[0], "one") is not None
    assert add_run(store, source, due_at=NOW).id == made[0].id
    assert add_run(store, source, due_at=NOW + MINUTE).id != made[0].id
    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.session.add(
            Run(
                source_id=source.id, trigger="schedule", wanted_pass="full", state="queued", due_at=NOW, queued_at=NOW,
                counters={}, timings_ms={}, http={},
            )
        )


def test_a_run_that_waits_or_was_broken_off_takes_the_more_thorough_wish(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    assert add_run(store, source, wanted="audit").id == run.id
    assert claim(store, run, "one") is not None
    following = add_run(store, source, now=NOW)
    assert following.id != run.id, "the first is being worked on"
    broken_off = add_run(store, source, now=NOW + 2 * MINUTE, wanted="incremental")
    assert broken_off.id == run.id
    with store.reading() as session:
        assert runs.by_id(session, run.id).wanted_pass == "audit"


# lists


def test_datasets_by_cursor_come_once_each_though_others_are_added_meanwhile(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    apply(store, source, run, *(change(f"a{number}") for number in range(7)))
    with store.transaction() as tx:
        tx.session.scalars(select(Record).where(Record.local_id == "a2")).one().state = "removed"
    seen: list[str] = []
    after = 0
    while True:
        with store.reading() as session:
            page = records.datasets_page(session, after_id=after, limit=3)
        if not page:
            break
        seen += [row.record.local_id for row in page]
        after = page[-1].record.id
        if len(seen) == 3:
            apply(store, source, run, change("b"))
    assert seen == ["a0", "a1", "a3", "a4", "a5", "a6", "b"]


def test_runs_and_outcomes_by_cursor_come_once_each_in_order(store: Store) -> None:
    source = add_source(store)
    made = []
    for number in range(5):
        run = add_run(store, source, due_at=NOW + number * MINUTE)
        mine = claim(store, run, "one")
        assert mine is not None
        apply(store, source, run, *(change(f"{number}-{letter}") for letter in "abc"), change(f"{number}-d", kind="rejected", reason="bad-json"))
        with store.transaction() as tx:
            runs.save(tx.session, mine, state="succeeded", lease_until=None)
        made.append(run.id)
    with store.reading() as session:
        first = runs.listing(session, source_id=source.id, limit=2)
        rest = runs.listing(session, source_id=source.id, before=first[-1].id, limit=10)
        assert [run.id for run in (*first, *rest)] == made[::-1]
        page = runs.outcomes(session, made[0], limit=2)
        more = runs.outcomes(session, made[0], after=page[-1].id, limit=10)
        assert [row.local_id for row in (*page, *more)] == ["0-a", "0-b", "0-c", "0-d"]
        assert [row.local_id for row in runs.outcomes(session, made[0], outcome="rejected")] == ["0-d"]
        assert runs.reported_counts(session, made[0]) == {"created": 3, "rejected": 1}


def test_outcomes_are_found_by_the_rule_of_a_finding_and_by_reason(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)

    def finding(rule: str) -> dict[str, Any]:
        return {"rule": rule, "severity": "error", "path": "/x", "field": "x", "message": f"Not \"rule\": {rule}.", "hint": "Mend it.", "value": None}

    apply(
        store, source, run, change("a", findings=[finding("required"), finding("pattern")]), change("b", findings=[finding("required")]),
        change("c", kind="rejected", reason="bad-json"), change("d", findings=[finding("required-not")]),
    )
    with store.reading() as session:
        found = {
            code: [row.local_id for row in runs.outcomes_page(session, run.id, outcome=None, code=code, offset=0, limit=10)[0]]
            for code in ("required", "pattern", "bad-json", "req%", "nothing")
        }
        assert found == {"required": ["a", "b"], "pattern": ["a"], "bad-json": ["c"], "req%": [], "nothing": []}
        assert runs.outcomes_page(session, run.id, outcome="created", code="required", offset=1, limit=1)[1] == 2
        assert [(one.code, one.records) for one in runs.problems(session, run.id)] == [
            ("bad-json", 1), ("required", 2), ("pattern", 1), ("required-not", 1),
        ]


def test_custodians_are_listed_by_name_with_their_visible_datasets(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    apply(
        store, source, run, change("a", custodian_name="beta trust"), change("b", custodian_name="Beta  Trust"),
        change("c", custodian_name="Alpha"), change("d", custodian_name="Gamma 100%"),
    )
    with store.transaction() as tx:
        tx.session.scalars(select(Record).where(Record.local_id == "c")).one().state = "removed"
    with store.reading() as session:
        cards = custodians.directory(session)
        assert [(card.custodian.name, card.datasets) for card in cards] == [("Alpha", 0), ("beta trust", 2), ("Gamma 100%", 1)]
        assert [card.custodian.name for card in custodians.directory(session, after=1, limit=1)] == ["beta trust"]
        assert [card.custodian.name for card in custodians.directory(session, text="100%")] == ["Gamma 100%"]
        assert custodians.directory(session, text="1_0") == []


# the index's queue


def test_a_change_stands_in_the_index_queue_until_the_index_has_it(store: Store, open_store: Callable[[], Store]) -> None:
    source = add_source(store)
    run = add_run(store, source)
    apply(store, source, run, change("a"), change("b"))
    store.close()
    later = open_store()
    with later.reading() as session:
        waiting = records.queued_for_index(session, limit=10)
    assert [entry.change_number for entry in waiting] == [1, 1]
    apply(later, source, run, change("a", "Changed meanwhile"), now=NOW + MINUTE)
    with later.transaction() as tx:
        records.indexed(tx.session, waiting)
    with later.reading() as session:
        left = records.queued_for_index(session, limit=10)
        assert [(entry.record_id, entry.change_number) for entry in left] == [(waiting[0].record_id, 2)]
        assert records.count_queued_for_index(session) == 1


def test_the_index_queue_gives_the_longest_waiting_first(store: Store) -> None:
    source = add_source(store)
    run = add_run(store, source)
    apply(store, source, run, change("late"), now=NOW + MINUTE)
    apply(store, source, run, change("early"))
    with store.reading() as session:
        names = {row.id: row.local_id for row in session.scalars(select(Record))}
        assert [names[entry.record_id] for entry in records.queued_for_index(session, limit=5)] == ["early", "late"]
        assert len(records.queued_for_index(session, limit=1)) == 1


# the outbox


def add_deliveries(store: Store, *due: datetime | None, state: str = "queued") -> list[int]:
    with store.transaction() as tx:
        custodian = custodians.add(tx.session, name=f"Trust {len(due)} {state}", now=NOW)
        request = Request(
            reference=f"R{len(due)}{state}", follow_token_sha256=f"{len(due)}{state}", lead={}, answers={}, created_at=NOW,
        )
        tx.session.add(request)
        tx.session.flush()
        made = []
        for number, due_at in enumerate(due):
            part = RequestPart(
                request_id=request.id, public_id=f"{state}{number}", custodian_id=custodian.id, channel="mailbox",
                dataset_refs=[], state="submitted", created_at=NOW, updated_at=NOW,
            )
            tx.session.add(part)
            tx.session.flush()
            snapshot = Snapshot(part_id=part.id, sha256="0" * 64, document={"a": number}, created_at=NOW)
            tx.session.add(snapshot)
            tx.session.flush()
            delivery = Delivery(
                part_id=part.id, snapshot_id=snapshot.id, channel="mailbox", state=state, message_id=f"{state}{number}",
                due_at=due_at, created_at=NOW,
            )
            tx.session.add(delivery)
            tx.session.flush()
            made.append(delivery.id)
    return made


def claim_delivery(store: Store, *, now: datetime = NOW) -> int | None:
    with store.transaction() as tx:
        claimed = outbox.claim_delivery(tx.session, now=now, lease_until=now + MINUTE)
    return claimed.delivery_id if claimed else None


def test_deliveries_are_claimed_in_the_order_in_which_they_fell_due(store: Store) -> None:
    late, early, future, never = add_deliveries(store, NOW - MINUTE, NOW - 2 * MINUTE, NOW + MINUTE, None)
    add_deliveries(store, NOW - 3 * MINUTE, state="sent")
    with store.reading() as session:
        assert outbox.has_due(session, now=NOW)
    assert [claim_delivery(store) for _ in range(3)] == [early, late, None]
    assert [claim_delivery(store, now=NOW + MINUTE) for _ in range(4)] == [early, late, future, None], "leases ran out"
    with store.reading() as session:
        assert outbox.delivery(session, early).attempts == 2
        assert outbox.delivery(session, never).attempts == 0


def test_two_workers_never_claim_the_same_delivery(store: Store, open_store: Callable[[], Store]) -> None:
    made = add_deliveries(store, *([NOW] * 12))
    workers = [open_store() for _ in range(3)]

    def claim_some(own: Store) -> list[int]:
        return [found for _ in range(8) if (found := claim_delivery(own)) is not None]

    with ThreadPoolExecutor(len(workers)) as pool:
        claimed = [found for some in pool.map(claim_some, workers) for found in some]
    assert sorted(claimed) == made


def test_messages_are_claimed_in_due_order_and_one_key_is_one_message(store: Store) -> None:
    def message(key: str, due_at: datetime) -> Message:
        return Message(idempotency_key=key, to_address="a@example.org", subject=key, sealed_body="b", state="pending", due_at=due_at, created_at=NOW)

    with store.transaction() as tx:
        tx.session.add_all([message("second", NOW), message("first", NOW - MINUTE), message("later", NOW + MINUTE)])
    claimed = []
    for _ in range(3):
        with store.transaction() as tx:
            found = outbox.claim_message(tx.session, now=NOW, lease_until=NOW + MINUTE)
            claimed.append(found.subject if found else None)
    assert claimed == ["first", "second", None]
    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.session.add(message("first", NOW))


# times


def test_times_come_back_as_the_same_instant_in_utc(store: Store) -> None:
    elsewhere = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    source = add_source(store, created_at=elsewhere, next_due_at=elsewhere)
    with store.reading() as session:
        held = sources.by_id(session, source.id)
    assert held.created_at == elsewhere
    assert held.created_at.tzinfo is UTC
    assert held.created_at.isoformat() == "2026-07-01T06:30:00.123456+00:00"


def test_times_are_utc_whatever_zone_the_server_lives_in(store: Store, open_store: Callable[[], Store]) -> None:
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE \"{store.engine.url.database}\" SET timezone TO 'Asia/Tokyo'"))
    abroad = open_store()
    source = add_source(abroad, next_due_at=NOW)
    with abroad.reading() as session:
        assert sources.by_id(session, source.id).next_due_at == NOW
        assert [one.id for one in sources.due(session, now=NOW)] == [source.id]
        assert sources.due(session, now=NOW - timedelta(microseconds=1)) == []


def test_a_time_without_an_offset_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without an offset"):
        add_source(store, created_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_times_of_different_offsets_are_ordered_as_instants(store: Store) -> None:
    west = timezone(timedelta(hours=-5))
    add_source(store, "first", next_due_at=datetime(2026, 1, 1, 3, 0, tzinfo=UTC))
    add_source(store, "second", next_due_at=datetime(2026, 1, 1, 0, 0, tzinfo=west))
    add_source(store, "third", next_due_at=datetime(2026, 1, 1, 6, 0, tzinfo=UTC))
    with store.reading() as session:
        assert [source.slug for source in sources.due(session, now=NOW)] == ["first", "second", "third"]


# keys


def test_a_key_is_found_by_its_prefix_and_its_use_noted_by_the_day(store: Store) -> None:
    with store.transaction() as tx:
        keys.add(tx.session, ApiKey(prefix="abcd1234", secret_sha256="0" * 64, name="n", scopes=["harvest"], created_at=NOW))
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    for later in (timedelta(), timedelta(minutes=2), timedelta(days=1)):
        with store.transaction() as tx:
            found = keys.by_prefix(tx.session, "abcd1234")
            assert found is not None
            keys.used(tx.session, found.id, now=NOW + later)
            assert found.last_used_at == midnight + timedelta(days=later.days)
    with store.reading() as session:
        assert keys.by_prefix(session, "ABCD1234") is None
