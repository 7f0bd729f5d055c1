"""What search says of access is what the dataset's own page says: on its card, in the filter, and as routes come, go and lapse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.access.route_checks import agree_on_alternative
from gateway.access.routes import set_route
from gateway.catalogue.published import Catalogue
from gateway.models import Record, Version
from gateway.pages.search import card
from gateway.store import Store
from gateway.store.files import Files
from search.embedded import EmbeddedEngine
from search.engine import Query
from tests.gateway.asking import NOW, sealer, seeded


@pytest.fixture
def catalogue(store: Store, tmp_path: Path) -> Iterator[Catalogue]:
    engine = EmbeddedEngine(tmp_path / "index")
    yield Catalogue(store, engine, Files(tmp_path / "files"), clock=lambda: NOW)
    engine.close()


def say(store: Store, ref: str, **canonical: object) -> None:
    with store.transaction() as tx:
        record = tx.session.scalars(select(Record).where(Record.ref == ref)).one()
        tx.session.execute(update(Version).where(Version.id == record.current_version_id).values(canonical=canonical))


def statuses(catalogue: Catalogue) -> dict[str, str]:
    """What the cards say, by ref; they agree with the page, and the filter with them."""
    catalogue.index_pending()
    found = {hit.id: card(hit) for hit in catalogue.search(Query()).hits}
    pages = {ref: catalogue.get(ref).offer for ref in found}
    assert {ref: (one.request_status, one.request_status_reason) for ref, one in found.items()} == {ref: (one.status, one.reason) for ref, one in pages.items()}
    filtered = {hit.id for hit in catalogue.search(Query(filters={"open": ("yes",)})).hits}
    assert filtered == {ref for ref, one in found.items() if one.request_status == "open"}
    return {ref: one.request_status for ref, one in found.items()}


def test_cards_and_the_filter_say_what_the_page_of_the_dataset_says(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    refs = seeded(store)
    say(store, refs["gamma"][0], documentation={"inPipeline": "Not available"})
    catalogue.rebuild()
    assert statuses(catalogue) == {**dict.fromkeys((*refs["alpha"], *refs["beta"], *refs["gamma"]), "unrouted"), refs["gamma"][0]: "preparation"}
    set_route(store, sealer(tmp_path), custodian="alpha", channel="open", target="https://data.example.org/a", now=NOW)
    set_route(store, sealer(tmp_path), custodian="beta", channel="not_open", target="The archive is closed until 2028.", now=NOW)
    set_route(
        store, sealer(tmp_path), custodian="gamma", channel="portal", target="https://gamma.example", scope="dataset", scope_ref=refs["beta"][1], now=NOW
    )
    found = statuses(catalogue)
    assert found == {
        **dict.fromkeys(refs["alpha"], "open_data"), refs["beta"][0]: "closed", refs["beta"][1]: "open", refs["gamma"][0]: "preparation",
        refs["gamma"][1]: "unrouted",
    }
    shown = {hit.id: card(hit) for hit in catalogue.search(Query()).hits}
    assert shown[refs["beta"][0]].request_status_reason == "The archive is closed until 2028."
    assert {ref for ref, one in shown.items() if one.takes_requests} == {refs["beta"][1], refs["gamma"][1]}


def test_routes_for_a_collection_and_of_who_stands_in_reach_the_datasets_of_others(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    refs = seeded(store)
    say(store, refs["gamma"][0], enrichmentAndLinkage={"isPartOf": [{"title": "Coll\u00e9ction 1"}]})
    catalogue.rebuild()
    agree_on_alternative(store, custodian="beta", alternative="alpha", by="custodian", now=NOW)
    agree_on_alternative(store, custodian="beta", alternative="alpha", by="alternative", now=NOW)
    assert set(statuses(catalogue).values()) == {"unrouted"}
    set_route(store, sealer(tmp_path), custodian="alpha", channel="portal", target="https://alpha.example", now=NOW)
    set_route(
        store, sealer(tmp_path), custodian="alpha", channel="portal", target="https://c.example", scope="collection", scope_ref="Coll\u00e9ction 1", now=NOW
    )
    found = statuses(catalogue)
    assert {ref for ref, status in found.items() if status == "unrouted"} == {refs["gamma"][1]}


def test_a_route_that_nobody_confirmed_for_a_year_lapses_in_the_search_too(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    refs = seeded(store, "alpha")["alpha"]
    set_route(store, sealer(tmp_path), custodian="alpha", channel="portal", target="https://alpha.example", now=NOW)
    catalogue.rebuild()
    assert statuses(catalogue) == dict.fromkeys(refs, "open")
    later = Catalogue(store, catalogue.engine, catalogue.files, clock=lambda: NOW + timedelta(days=366))
    later.repair()
    assert statuses(later) == dict.fromkeys(refs, "unrouted")
