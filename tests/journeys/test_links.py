"""One dataset in two sources (S12, A20): linked by what identifies it everywhere, proposed by its title, merged never."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from gateway.api.shapes.datasets import GroupAnswer, LinkPage, LinkShape
from gateway.api.shapes.search import SearchPage
from gateway.app import create_app
from gateway.catalogue.linking import decide_link
from gateway.models import Alias, Link, Record
from gateway.sources.trying import try_source
from gateway.store import custodians, groups, links, records, removals, runs, sources
from gateway.web.auth import create_key
from gateway.wiring import Services, due_jobs
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents, writing_statements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


def feed(services: Services, folder: Path, *documents: dict[str, Any], custodian: str | None = None) -> str:
    write_documents(folder, list(documents))
    return add_files(services, folder, name=folder.name, custodian=custodian)


def found(services: Services, state: str = "linked") -> list[Link]:
    with services.store.reading() as session:
        return links.listing(session, state=state)


def with_doi(number: int, doi: str, title: str) -> dict[str, Any]:
    return document(number, doiName=doi, title=title)


def test_a20_the_same_doi_from_two_sources_is_two_records_one_link_and_one_group(services: Services, tmp_path: Path) -> None:
    first = feed(services, tmp_path / "first", with_doi(1, "10.5555/SLEEP", "Sleep in one town"))
    second = feed(services, tmp_path / "second", with_doi(2, "https://doi.org/10.5555/sleep", "The sleep register"))
    harvest(services, first)
    told = try_source(services.store, services.sealer, second, user_agent="test", clock=services.clock).diff
    harvest(services, second)
    (link,) = found(services)
    assert link.evidence == {"identifier": "10.5555/sleep"}
    mine, other = (services.catalogue.resolve(document(number)["identifier"]) for number in (1, 2))
    assert [one["dataset"] for one in told["links"]] == [mine], "the dry run told of it"
    assert mine != other
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        answer = GroupAnswer.model_validate_json(client.get(f"/api/v1/datasets/{other}/links").content)
        assert (answer.group, len(answer.items)) == ([mine, other], 1)
        page = client.get(f"/datasets/{other}", follow_redirects=True).text
        assert "The same dataset, from another source" in page
        assert "Sleep in one town" in page


def test_a20_a_rejected_link_stays_rejected(services: Services, tmp_path: Path) -> None:
    slugs = [feed(services, tmp_path / name, with_doi(number, "10.5555/sleep", name)) for number, name in enumerate(("first", "second"))]
    for slug in slugs:
        harvest(services, slug)
    (link,) = found(services)
    decide_link(services.store, link.id, state="rejected", by="Alex", now=NOW)
    write_documents(tmp_path / "second", [with_doi(1, "10.5555/sleep", "renamed") | {"version": "2.0.0", "modified": "2026-01-01T00:00:00Z"}])
    assert harvest(services, slugs[1]).counters == {"updated": 1}
    assert found(services) == []
    assert [row.decided_by for row in found(services, "rejected")] == ["Alex"]
    ref = services.catalogue.resolve(document(0)["identifier"])
    with services.store.reading() as session:
        assert len(groups.group(session, services.catalogue.get(ref or "").row.record)) == 1


def searched(services: Services, **parameters: str) -> dict[str, Any]:
    """What programs are told, after what waits for the index was written. The services go on afterwards."""
    services.catalogue.index_pending()
    answer = TestClient(create_app(services=services), base_url="http://127.0.0.1").get("/api/v1/search", params=parameters)
    assert answer.status_code == 200
    return SearchPage.model_validate_json(answer.content).model_dump()


def refs(found: dict[str, Any]) -> list[str]:
    return [one["ref"] for one in found["items"]]


def test_a20_search_shows_linked_records_as_one_dataset_and_names_the_others(services: Services, tmp_path: Path) -> None:
    """The feed of many custodians stands behind the custodian's own, though it came first."""
    with services.store.transaction() as tx:
        owner = custodians.add(tx.session, name="Example Trust", now=NOW).slug
    harvest(services, feed(services, tmp_path / "region", with_doi(1, "10.5555/sleep", "The sleep register"), document(3, title="Sleep and work")))
    assert searched(services, q="sleep")["total"] == 2
    harvest(services, feed(services, tmp_path / "own", with_doi(2, "10.5555/SLEEP", "Sleep in one town"), custodian=owner))
    region, own, other = (services.catalogue.resolve(document(number)["identifier"]) or "" for number in (1, 2, 3))
    found = searched(services, q="sleep")
    assert (sorted(refs(found)), found["total"]) == (sorted((own, other)), 2)
    assert {one["ref"]: [also["ref"] for also in one["also_described"]] for one in found["items"]} == {own: [region], other: []}
    assert refs(searched(services, q="register")) == [own], "it is found by what the other calls it"
    assert refs(searched(services, q=document(1)["identifier"])) == [own]
    assert sorted(refs(searched(services, q="sleep", each="1"))) == sorted((own, region, other))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        page = client.get("/search?q=sleep").text
        assert f'href="/datasets/{region}-the-sleep-register"' in page
        assert "Also described by" in page
        assert client.get(f"/datasets/{region}", follow_redirects=True).status_code == 200, "nothing is merged"
    assert services.catalogue.repair() == 0


def test_a20_records_whose_link_is_rejected_are_found_apart_and_together_when_it_is_accepted_again(services: Services, tmp_path: Path) -> None:
    for number, name in enumerate(("first", "second")):
        harvest(services, feed(services, tmp_path / name, with_doi(number, "10.5555/sleep", f"Sleep {name}")))
    assert searched(services, q="sleep")["total"] == 1
    (link,) = found(services)
    decide_link(services.store, link.id, state="rejected", by="Alex", now=NOW)
    apart = searched(services, q="sleep")
    assert (apart["total"], [one["also_described"] for one in apart["items"]]) == (2, [[], []])
    decide_link(services.store, link.id, state="linked", by="Alex", now=NOW)
    assert searched(services, q="sleep")["total"] == 1
    assert services.catalogue.rebuild() == 2
    assert searched(services, q="sleep")["total"] == 1


def test_a20_a_record_steps_forward_when_the_one_before_it_is_removed_and_back_when_it_returns(services: Services, tmp_path: Path) -> None:
    """Three sources, so that the index must hear of records that no run touched."""
    with services.store.transaction() as tx:
        owner = custodians.add(tx.session, name="Example Trust", now=NOW).slug
    own = feed(services, tmp_path / "own", with_doi(0, "10.5555/sleep", "Sleep own"), custodian=owner)
    harvest(services, own)
    for number, name in enumerate(("north", "south"), start=1):
        harvest(services, feed(services, tmp_path / name, with_doi(number, "10.5555/sleep", f"Sleep {name}")))
    leader, north, south = (services.catalogue.resolve(document(number)["identifier"]) or "" for number in range(3))
    (one,) = searched(services, q="sleep")["items"]
    assert (one["ref"], [also["ref"] for also in one["also_described"]]) == (leader, [north, south])
    with services.store.transaction() as tx:
        record = records.by_ref(tx.session, leader)
        assert record is not None
        removals.entomb(tx.session, record, why="withdrawn", now=NOW)
    (one,) = searched(services, q="sleep")["items"]
    assert (one["ref"], [also["ref"] for also in one["also_described"]]) == (north, [south])
    with services.store.transaction() as tx:
        record = records.by_ref(tx.session, leader)
        assert record is not None
        record.state = "live"
        records.touch_index(tx.session, record, now=NOW)
    assert refs(searched(services, q="sleep")) == [leader]
    assert services.catalogue.repair() == 0


@on_sqlite
def test_a20_a_placeholder_for_a_doi_links_nothing(services: Services, tmp_path: Path) -> None:
    for number, name in enumerate(("first", "second")):
        harvest(services, feed(services, tmp_path / name, with_doi(number, "Not Available", name)))
    assert found(services) == []


@on_sqlite
def test_s12_an_identifier_that_three_records_of_a_source_share_is_a_finding_and_no_link(services: Services, tmp_path: Path) -> None:
    shared = feed(services, tmp_path / "shared", *(with_doi(number, "10.5555/all", f"Study {number}") for number in range(3)))
    harvest(services, shared)
    harvest(services, feed(services, tmp_path / "other", with_doi(9, "10.5555/all", "Another")))
    assert found(services) == []
    with services.store.reading() as session:
        assert links.overused(session, sources.by_slug(session, shared).id) == {"10.5555/all": 3}
        (run,) = runs.listing(session, source_id=sources.by_slug(session, shared).id)
    assert (run.http["warnings"], run.http["shared_identifiers"]) == (["shared-identifier"], {"10.5555/all": 3})
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        assert "10.5555/all (3 records)" in client.get(f"/sources/{shared}/runs/{run.id}").text
        assert client.get(f"/api/v1/runs/{run.id}").json()["http"]["shared_identifiers"] == {"10.5555/all": 3}


def test_s12_identifiers_that_are_shared_are_told_as_long_as_they_are(services: Services, tmp_path: Path) -> None:
    """By later runs that changed nothing too, for no statement more; once they are not shared, not any more."""
    folder = tmp_path / "shared"
    slug = feed(services, folder, *(with_doi(number, "10.5555/all", f"Study {number}") for number in range(3)))
    harvest(services, slug)
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    for _ in range(2):
        with writing_statements(services) as written:
            run = harvest(services, slug)
        assert (run.counters, run.http["shared_identifiers"], run.http["warnings"]) == ({"unchanged": 3}, {"10.5555/all": 3}, ["shared-identifier"])
        assert {statement.split()[1] for statement in written} <= {"runs", "sources"}
        assert len(written) <= 5
        assert "known by one identifier" in client.get(f"/sources/{slug}").text
    write_documents(folder, [with_doi(number, f"10.5555/{number}", f"Study {number}") | {"modified": "2026-01-01T00:00:00Z"} for number in range(3)])
    with services.store.transaction() as tx:
        tx.session.execute(delete(Alias).where(Alias.value == "10.5555/all"))
    assert harvest(services, slug).counters == {"updated": 3}
    assert "known by one identifier" not in client.get(f"/sources/{slug}").text
    assert "shared_identifiers" not in harvest(services, slug).http


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("fault", [RuntimeError("no space left"), Killed()])
def test_s12_links_that_were_lost_to_a_crash_are_found_by_the_sweep(
    services: Services, tmp_path: Path, fault: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    slugs = [feed(services, tmp_path / name, with_doi(number, "10.5555/sleep", name)) for number, name in enumerate(("first", "second"))]
    harvest(services, slugs[0])
    rung: list[str] = []
    services.harvesting.after_change = lambda: rung.append("index")
    with monkeypatch.context() as broken:
        broken.setattr(links, "save", lambda *_, **__: (_ for _ in ()).throw(fault))
        with suppress(Killed):
            assert harvest(services, slugs[1]).state == "succeeded"
    assert rung == ([] if isinstance(fault, Killed) else ["index"]), "one step that fails keeps the other from nothing"
    assert found(services) == []
    due = due_jobs(services)
    (ids,) = due["link"]
    assert "index" in due or not isinstance(fault, Killed)
    assert services.jobs.bodies["link"](**ids) == 1
    assert len(found(services)) == 1
    assert due_jobs(services)["link"] == []
    assert harvest(services, slugs[1]).counters == {"unchanged": 1}
    assert due_jobs(services)["link"] == []


def test_s12_no_title_is_left_out_however_many_records_a_custodian_has(services: Services, tmp_path: Path) -> None:
    """Rows that say no more than the search for links reads."""
    with services.store.transaction() as tx:
        owner = custodians.add(tx.session, name="Example Trust", now=NOW)
    slugs = [add_files(services, tmp_path / name, name=name, custodian=owner.slug) for name in ("first", "second")]
    with services.store.transaction() as tx:
        first, second = (sources.by_slug(tx.session, slug).id for slug in slugs)
        tx.session.add_all(
            Record(ref=f"r{number}", pid=f"p{number}", slug=f"s{number}", source_id=first if number < 3000 else second, local_id=str(number), state="live",
                   custodian_id=owner.id, title=f"Survey number {number % 3000}", first_seen_at=NOW, last_seen_at=NOW, last_changed_at=NOW)
            for number in (*range(3000), 5998, 5999)
        )  # fmt: skip
    with services.store.reading() as session:
        pairs = links.find(session, second).proposed
        held = {record.id: record.title for record in session.scalars(select(Record))}
    assert sorted((held[one], held[other]) for one, other in pairs) == [("Survey number 2998",) * 2, ("Survey number 2999",) * 2]


def test_s12_titles_alone_only_propose_and_a_curator_decides(services: Services, tmp_path: Path) -> None:
    with services.store.transaction() as tx:
        slug = custodians.add(tx.session, name="Example Trust", now=NOW).slug
    for number, name in enumerate(("first", "second")):
        title = "Study of sleep in one town" if number else "STUDY OF SLEEP, in one town"
        harvest(services, feed(services, tmp_path / name, document(number, title=title), custodian=slug))
    (link,) = found(services, "proposed")
    headers = {"Authorization": f"Bearer {create_key(services.store, name='Alex', scopes=('curate',), now=datetime.now(UTC)).key}"}
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        assert LinkPage.model_validate_json(client.get("/api/v1/links").content).items[0].id == link.id
        assert client.post(f"/api/v1/links/{link.id}/accept").status_code == 401
        accepted = LinkShape.model_validate_json(client.post(f"/api/v1/links/{link.id}/accept", headers=headers).content)
        assert (accepted.state, accepted.decided_by) == ("linked", "Alex")
        assert client.post("/api/v1/links/99/reject", headers=headers).status_code == 404
        assert client.post(f"/api/v1/links/{link.id}/reject", headers=headers).json()["state"] == "rejected"


@on_sqlite
def test_s11_two_sources_with_one_identifier_keep_both_records_and_link_them(services: Services, tmp_path: Path) -> None:
    for name in ("first", "second"):
        harvest(services, feed(services, tmp_path / name, document(1, title=name)))
    assert services.catalogue.listing(limit=10).__len__() == 2
    assert [row.evidence for row in found(services)] == [{"identifier": document(1)["identifier"]}]
