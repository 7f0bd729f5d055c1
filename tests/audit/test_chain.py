"""S18: the audit tells the truth. What was changed, dropped, moved or put beside is named; writers at once make one chain."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gateway.acting import acting_as
from gateway.audit.chain import Link, Wrong, first_wrong, row_hash
from gateway.audit.heads import Signer, sign_heads
from gateway.audit.pruning import KEPT_FOR, prune
from gateway.audit.verify import verify
from gateway.errors import Conflict
from gateway.models import AuditRow, AuditSalt
from gateway.store import Store, audit
from gateway.store.audit import Entry
from tests.services import new_sqlite

ROWS = 100
STREAM = "organisation/alpha"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEAD = 60
"""The head was signed when the stream had so many rows."""


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "audit.key", tmp_path / "copies")


def append(store: Store, count: int, *, stream: str = STREAM, **more: Any) -> None:
    for number in range(count):
        with store.transaction() as tx:
            audit.note(tx.session, Entry(stream=stream, action="part.read", object=f"part/{number}", payload={"number": number}, **more))


def rows_of(store: Store) -> list[Link]:
    with store.reading() as session:
        return list(audit.links(session, STREAM))


def fault(links: list[Link]) -> Wrong | None:
    return first_wrong(lambda: links)


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of a hundred rows, with the head of row 60 signed, to be copied and spoilt."""
    folder = tmp_path_factory.mktemp("hundred")
    store = Store(new_sqlite(folder / "gateway.sqlite"))
    signer = Signer(folder / "audit.key", folder / "copies")
    append(store, HEAD)
    assert sign_heads(store, signer, now=NOW) == 1
    append(store, ROWS - HEAD)
    assert verify(store, signer).wrong == ()
    store.close()
    return folder


@pytest.mark.parametrize("how", ["change", "delete", "swap", "fork"])
def test_S18_the_first_wrong_row_of_a_hundred_is_named(hundred: Path, tmp_path: Path, how: str) -> None:
    """In the database file itself, with the triggers dropped, as somebody with the file in hands would do it."""
    kinds = {"change": "changed", "delete": "missing", "swap": "reordered", "fork": "forked"}
    for number in range(1, ROWS + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(hundred / "gateway.sqlite", folder / "gateway.sqlite")
        last = number == ROWS
        with sqlite3.connect(folder / "gateway.sqlite") as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            SPOILING[how](connection, number)
        connection.close()
        store = Store(f"sqlite:///{folder / 'gateway.sqlite'}")
        wrong = verify(store, Signer(hundred / "audit.key", hundred / "copies")).wrong
        store.close()
        shutil.rmtree(folder)
        if last and how == "delete":
            assert wrong == (), "nothing tells of a row after the last signed head; the next head would have"
        else:
            assert wrong == (Wrong(STREAM, min(number, ROWS - 1) if how == "swap" else number, kinds[how]),), number  # type: ignore[arg-type]


def _change(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("UPDATE audit SET actor = 'somebody' WHERE sequence = ?", (number,))


def _delete(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("DELETE FROM audit WHERE sequence = ?", (number,))


def _swap(connection: sqlite3.Connection, number: int) -> None:
    other = number + 1 if number < ROWS else number - 1
    for old, new in ((number, -1), (other, number), (-1, other)):
        connection.execute("UPDATE audit SET sequence = ? WHERE sequence = ?", (new, old))


def _fork(connection: sqlite3.Connection, number: int) -> None:
    """A second row after the one before, whole in itself, in a table whose unique index is gone."""
    connection.execute("CREATE TABLE copied AS SELECT * FROM audit")
    connection.execute("DROP TABLE audit")
    connection.execute("ALTER TABLE copied RENAME TO audit")
    connection.row_factory = sqlite3.Row
    held = dict(connection.execute("SELECT * FROM audit WHERE sequence = ?", (number,)).fetchone())
    held["at"] = datetime.fromisoformat(held["at"]).replace(tzinfo=UTC)
    link = Link(**{**held, "actor": "somebody"})
    forged = asdict(link) | {"hash": row_hash(link), "at": held["at"].replace(tzinfo=None).isoformat(sep=" ")}
    connection.execute(f"INSERT INTO audit ({','.join(forged)}) VALUES ({','.join('?' * len(forged))})", tuple(forged.values()))


SPOILING = {"change": _change, "delete": _delete, "swap": _swap, "fork": _fork}


def test_S18_a_row_rewritten_with_a_fitting_hash_is_found_by_the_next_row_or_the_signed_head(hundred: Path) -> None:
    store = Store(f"sqlite:///{hundred / 'gateway.sqlite'}")
    links = rows_of(store)
    store.close()
    for place in range(ROWS - 1):
        forged = _rewritten(links[place], actor="somebody")
        assert fault([*links[:place], forged, *links[place + 1 :]]) == Wrong(STREAM, place + 1, "changed")
    rebuilt = _rechained(links, 30)
    assert fault(rebuilt) is None, "a chain made anew fits in itself"


def test_S18_a_chain_made_anew_does_not_match_its_signed_head(hundred: Path, tmp_path: Path) -> None:
    shutil.copytree(hundred, tmp_path / "copy")
    store, signer = Store(f"sqlite:///{tmp_path / 'copy' / 'gateway.sqlite'}"), Signer(hundred / "audit.key", hundred / "copies")
    rebuilt = _rechained(rows_of(store), 30)
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        for link in rebuilt:
            connection.execute(
                text("UPDATE audit SET actor = :actor, previous = :previous, hash = :hash WHERE sequence = :sequence"), asdict(link) | {"at": None}
            )
    assert verify(store, signer).wrong == (Wrong(STREAM, HEAD, "head mismatch"),)
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_heads_no_delete"))
        connection.execute(text("DELETE FROM audit_heads"))
    assert verify(store, signer).wrong == (Wrong(STREAM, HEAD, "head mismatch"),), "the copy in the second place still tells"
    assert verify(store, Signer(hundred / "audit.key", tmp_path / "nothing")).wrong == ()
    store.close()


def _rewritten(link: Link, **changes: Any) -> Link:
    forged = Link(**(asdict(link) | changes))
    return Link(**(asdict(forged) | {"hash": row_hash(forged)}))


def _rechained(links: list[Link], place: int) -> list[Link]:
    rebuilt, previous = links[:place], links[place - 1].hash
    for link in links[place:]:
        rebuilt.append(_rewritten(link, previous=previous, actor="somebody"))
        previous = rebuilt[-1].hash
    return rebuilt


def test_S18_eight_writers_make_one_chain_without_a_fork(store: Store, signer: Signer) -> None:
    barrier, each = threading.Barrier(8), 25
    faults: list[BaseException] = []

    def write() -> None:
        own = Store(store.engine.url.render_as_string(hide_password=False))
        try:
            barrier.wait(30)
            for number in range(each):
                with own.transaction() as tx:
                    audit.note(tx.session, Entry(stream=STREAM, action="part.read", object=f"part/{number}"))
                    audit.note(tx.session, Entry(stream=audit.SECURITY if number % 2 else audit.GATEWAY, action="part.read", object=f"part/{number}"))
        except BaseException as error:
            faults.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert faults == []
    found = verify(store, signer)
    assert (found.wrong, found.rows) == ((), 8 * each * 2)
    assert [link.sequence for link in rows_of(store)] == list(range(1, 8 * each + 1))


def test_S18_the_database_refuses_every_change(store: Store, signer: Signer) -> None:
    append(store, 3)
    sign_heads(store, signer, now=NOW)
    statements = [
        "UPDATE audit SET actor = 'x'", "UPDATE audit SET actor = 'x' WHERE sequence = 2", "DELETE FROM audit", "DELETE FROM audit WHERE sequence = 3",
        "UPDATE audit_heads SET signature = 'x'", "DELETE FROM audit_heads",
    ]
    if store.is_sqlite:
        statements.append("INSERT OR REPLACE INTO audit SELECT stream, sequence, at, 'x', role, action, object, outcome, request_id, digest, previous, hash FROM audit")
    else:
        statements += ["TRUNCATE audit", "TRUNCATE audit CASCADE", "TRUNCATE audit_heads"]
    before = rows_of(store)
    for statement in statements:
        with pytest.raises(DBAPIError, match="only grows"), store.engine.begin() as connection:
            connection.execute(text(statement))
    assert rows_of(store) == before
    assert verify(store, signer).wrong == ()


def test_S18_line_breaks_and_control_signs_never_make_a_row(store: Store, signer: Signer) -> None:
    nasty = "part/1\n9  2026-01-01  admin  role.granted\r\x00\x1b[31m\u202e\ud800"
    append(store, 1, outcome=nasty, actor=nasty)
    (link,) = rows_of(store)
    for value in (link.outcome, link.actor):
        assert value.isprintable()
        assert "\\u000a9  2026" in value
        assert "\\u0000" in value
    assert verify(store, signer).wrong == ()


def test_S18_a_payload_and_its_salt_are_erased_and_the_chain_stays_valid(store: Store, signer: Signer) -> None:
    append(store, 3)
    with store.transaction() as tx:
        assert audit.is_payload(tx.session, STREAM, 2, {"number": 1}) is True
        assert audit.is_payload(tx.session, STREAM, 2, {"number": 2}) is False
        audit.forget_salt(tx.session, STREAM, 2)
        assert audit.is_payload(tx.session, STREAM, 2, {"number": 1}) is None
    assert verify(store, signer).wrong == ()
    with store.reading() as session:
        assert session.query(AuditSalt).count() == 2


def test_S18_what_is_rolled_back_leaves_no_row(store: Store) -> None:
    with suppress(RuntimeError), store.transaction() as tx:
        audit.note(tx.session, Entry(stream=STREAM, action="part.read", object="part/1"))
        raise RuntimeError
    assert rows_of(store) == []


def test_S18_a_row_names_who_acted_and_the_request(store: Store) -> None:
    with acting_as("subject1", "handler", request_id="r1"):
        append(store, 1)
    (link,) = rows_of(store)
    assert (link.actor, link.role, link.request_id) == ("subject1", "handler", "r1")


def test_S18_a_prefix_of_seven_years_is_dropped_for_a_signed_checkpoint(store: Store, signer: Signer) -> None:
    append(store, 5)
    sign_heads(store, signer, now=NOW)
    assert prune(store, signer, STREAM, now=datetime.now(UTC)) == 0, "too young"
    assert prune(store, signer, STREAM, now=datetime.now(UTC) + KEPT_FOR + timedelta(days=1)) == 5
    assert rows_of(store) == []
    append(store, 2)
    assert [link.sequence for link in rows_of(store)] == [6, 7]
    assert verify(store, signer).wrong == ()
    with pytest.raises(DBAPIError, match="only grows"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit"))
    _unlock(store)
    with Session(store.engine) as session:
        session.execute(text("UPDATE audit_checkpoints SET sequence = 6"))
        session.execute(text("DELETE FROM audit WHERE sequence = 6 AND stream LIKE 'organisation%'"))
        session.commit()
    assert [one.kind for one in verify(store, signer, stream=STREAM).wrong] == ["head mismatch"], "the signature covers what was dropped"
    with pytest.raises(Conflict):
        prune(store, signer, STREAM, now=datetime.now(UTC))


def _unlock(store: Store) -> None:
    with store.engine.begin() as connection:
        if store.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_checkpoints_no_update"))
        else:
            connection.execute(text("ALTER TABLE audit_checkpoints DISABLE TRIGGER USER"))


def test_S18_without_the_lock_a_fork_would_be_found(tmp_path: Path) -> None:
    """The test above can fail: two writers that read the same last row write two rows after it."""
    store = Store(new_sqlite(tmp_path / "gateway.sqlite"))
    append(store, 2)
    first, second = rows_of(store)
    store.close()
    beside = _rewritten(second, sequence=3, object="part/9")
    assert beside.previous == first.hash
    assert fault([first, second, beside]) == Wrong(STREAM, 3, "forked")


def test_S18_heads_are_signed_once_a_day_and_copied(store: Store, signer: Signer) -> None:
    append(store, 2)
    assert sign_heads(store, signer, now=NOW) == 1
    assert sign_heads(store, signer, now=NOW + timedelta(hours=1)) == 0
    assert sign_heads(store, signer, now=NOW + timedelta(days=1)) == 1
    assert sorted(path.name for path in signer.folder.iterdir()) == ["2026-11-24.json", "2026-11-25.json"]
    assert oct(signer.key_file.stat().st_mode)[-3:] == "600"
    (signer.folder / "2026-11-24.json").write_text((signer.folder / "2026-11-24.json").read_text().replace('"sequence": 2', '"sequence": 1'))
    assert [one.kind for one in verify(store, signer).wrong] == ["head mismatch"]


def test_S18_the_table_on_disk_is_what_the_models_say(store: Store) -> None:
    engine = create_engine(store.engine.url)
    with engine.connect() as connection:
        names = connection.execute(text("SELECT * FROM audit")).keys()
    engine.dispose()
    assert set(names) == {column.name for column in AuditRow.__table__.columns}
