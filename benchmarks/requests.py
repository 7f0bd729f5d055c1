"""Sending a request to five custodians, held against the bare transaction that writes the same rows.

Run: ``python -m benchmarks.requests [requests]``. Complete drafts are made ready and the database is copied. Sending them is
timed while every statement is noted down; then the same statements are run on the copy, in one transaction a request, by the
bare driver. Both end with a commit that reaches the disk. Statements that read are in both. SQLite, and PostgreSQL where it
is installed. The result is kept in benchmarks/results/requests.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.clock import ROUNDS, SAYS, best_of_each
from gateway.store import Store
from gateway.store.sealing import Sealer
from tests.gateway.asking import applicant, sealer, seeded, send, written
from tests.services import Unavailable, postgresql

RESULTS = Path(__file__).parent / "results" / "requests.json"
CUSTODIANS = ("alpha", "beta", "gamma", "delta", "epsilon")
Statement = tuple[str, Any, bool]


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    result: dict[str, Any] = {"at": datetime.now(UTC).date().isoformat(), "how": SAYS, "parts": len(CUSTODIANS), "each_round": wanted}
    with tempfile.TemporaryDirectory() as folder:
        for name, databases in (("sqlite", on_sqlite(Path(folder))), ("postgresql", on_postgresql(Path(folder)))):
            with databases as prepared:
                result[name] = measured(*prepared(wanted * ROUNDS), wanted) if prepared else "not installed here"
    print(json.dumps(result, indent=1))
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


Prepared = Callable[[int], tuple[Store, Store, Sealer, list[str]]]


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Prepared | None]:
    original, copy = (Store(f"sqlite:///{folder / name}.db") for name in ("original", "copy"))

    def prepared(number: int) -> tuple[Store, Store, Sealer, list[str]]:
        original.upgrade()
        references, opener = drafts(original, folder, number)
        with original.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM INTO ?", (str(folder / "copy.db"),))
            connection.exec_driver_sql("BEGIN")
        return original, copy, opener, references

    yield prepared
    original.close()
    copy.close()


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Prepared | None]:
    try:
        with postgresql() as server, server.database() as address:
            def prepared(number: int) -> tuple[Store, Store, Sealer, list[str]]:
                store = Store(address)
                references, opener = drafts(store, folder, number)
                store.close()
                return Store(address), Store(server.copy(address)), opener, references

            yield prepared
    except Unavailable:
        yield None


def drafts(store: Store, folder: Path, number: int) -> tuple[list[str], Sealer]:
    opener = sealer(folder)
    refs = [of_one[0] for of_one in seeded(store, *CUSTODIANS).values()]
    return [written(store, opener, dataset_refs=refs) for _ in range(number)], opener


def measured(original: Store, copy: Store, opener: Sealer, references: list[str], wanted: int) -> dict[str, Any]:
    person = applicant(original)
    noted: list[list[Statement]] = []

    @event.listens_for(original.engine, "before_cursor_execute")
    def _note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, is_many: bool) -> None:
        noted[-1].append((statement, parameters, is_many))

    def sent(number: int) -> None:
        for reference in references[number * wanted : (number + 1) * wanted]:
            noted.append([])
            send(original, opener, person, reference)

    def bare(number: int) -> None:
        for statements in noted[number * wanted : (number + 1) * wanted]:
            in_one_transaction(copy, statements)

    spent = best_of_each({"request": sent, "bare": bare})
    assert parts_sent(original) == parts_sent(copy) == wanted * ROUNDS * len(CUSTODIANS)
    return {
        "statements_a_request": round(sum(len(one) for one in noted) / len(noted)),
        "request_milliseconds": round(spent["request"].seconds / wanted * 1000, 1),
        "bare_transaction_milliseconds": round(spent["bare"].seconds / wanted * 1000, 1),
        "request_against_the_bare_transaction": round(spent["request"].seconds / spent["bare"].seconds, 2),
        "request_against_the_bare_transaction_by_processor": round(spent["request"].processor_seconds / spent["bare"].processor_seconds, 2),
    }


def in_one_transaction(store: Store, statements: list[Statement]) -> None:
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if store.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for statement, parameters, is_many in statements:
            if not statement.startswith("BEGIN"):
                (cursor.executemany if is_many else cursor.execute)(statement, parameters)
                if cursor.description:
                    cursor.fetchall()
        connection.commit()
    finally:
        connection.close()


def parts_sent(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM parts WHERE state = 'submitted'").scalar_one())


if __name__ == "__main__":
    main()
