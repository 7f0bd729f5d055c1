"""The walk through a FAIR Data Point over real HTTP (3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harvesters.singly import ReadsSingly, SingleRecords
from harvesters.source import FetchDeferred, PageUnreadable
from tests.corpus import corpus
from tests.harvesters.fair_data_point_server import PREFIXES, Custodian, DataPoint, Dataset, serving_point
from tests.harvesters.holding import Holding, kinds
from tests.harvesters.web_server import Answer, Asked, loopback_fetcher, serving


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_point(DataPoint.of(3)) as custodian:
        yield custodian


def ids(custodian: Custodian, *names: str) -> set[str]:
    return {f"{custodian.server.url}/fdp/dataset/{name}" for name in names}


def test_the_walk_finds_every_dataset_with_what_its_distributions_say(custodian: Custodian) -> None:
    met, marks = Holding().run(custodian.source())
    assert set(kinds(met)) == ids(custodian, "d0", "d1", "d2")
    assert {outcome.kind for outcome in met} == {"accepted"}
    record = met[0].record
    assert record is not None
    assert (record.summary.data_custodian.name, record.accessibility.format_and_standards.format) == ("Example Trust", ["text/csv"])
    assert (marks[-1].complete, marks[-1].why_incomplete) == (True, None)


def test_b1_unchanged_costs_the_root_the_catalogues_and_their_pages(custodian: Custodian) -> None:
    custodian.point.page_size = 2
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    met, _ = holding.run(custodian.source(holding))
    page = "/fdp/catalog/c1/page/dataset"
    assert custodian.asked() == ["/fdp", "/fdp/catalog/c1", f"{page}?page=0&size=50", f"{page}?page=1&size=50"]
    assert set(kinds(met).values()) == {"unchanged"}


def test_without_pages_children_are_read_one_by_one_and_distributions_only_where_something_changed(custodian: Custodian) -> None:
    custodian.point.has_pages = False
    holding = Holding()
    met, _ = holding.run(custodian.source(holding))
    assert set(kinds(met)) == ids(custodian, "d0", "d1", "d2")
    custodian.asked()
    custodian.point.datasets["d1"] = Dataset("Renamed", modified="2024-04-01T10:00:00Z")
    met, _ = holding.run(custodian.source(holding))
    asked = custodian.asked()
    assert [path for path in asked if "distribution" in path] == ["/fdp/distribution/d1"]
    assert sorted(kinds(met).values()) == ["accepted", "unchanged", "unchanged"]


def test_a_changed_description_replaces_the_old_one(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.point.datasets["d0"] = Dataset("New", modified="2024-05-01T10:00:00Z", media_type="application/json")
    met, _ = holding.run(custodian.source(holding))
    [changed] = [outcome for outcome in met if outcome.kind == "accepted"]
    assert changed.record is not None
    assert changed.record.accessibility.format_and_standards.format == ["application/json"]
    assert changed.record.summary.title == "New"


def test_the_lasting_address_is_the_identity_and_the_serving_one_is_asked(custodian: Custodian) -> None:
    custodian.point.base = "https://w3id.org/example-fdp"
    met, marks = Holding().run(custodian.source())
    assert set(kinds(met)) == {f"https://w3id.org/example-fdp/dataset/d{number}" for number in range(3)}
    assert marks[-1].complete


def test_drafts_are_neither_errors_nor_listed(custodian: Custodian) -> None:
    custodian.point.drafts = {"d1"}
    met, marks = Holding().run(custodian.source())
    assert set(kinds(met)) == ids(custodian, "d0", "d2")
    assert (marks[-1].complete, marks[-1].warnings) == (True, ("draft",))


def test_what_is_contained_and_on_no_page_is_read_by_itself(custodian: Custodian) -> None:
    short = custodian.point.answer
    custodian.point.overrides["/fdp/catalog/c1/page/dataset"] = lambda asked: Answer(
        short(Asked("/fdp/dataset/d0", asked.headers)).body, headers={"Content-Type": "text/turtle"}
    )
    met, marks = Holding().run(custodian.source())
    assert set(kinds(met)) == ids(custodian, "d0", "d1", "d2")
    assert marks[-1].complete


def test_s1_a_catalogue_that_cannot_be_reached_leaves_the_pass_incomplete_and_the_others_are_read(custodian: Custodian) -> None:
    custodian.point.catalogues = {"c0": ["d0"], "c1": ["d1", "d2"]}
    custodian.point.overrides["/fdp/catalog/c0"] = Answer(status=503)
    met, marks = Holding().run(custodian.source())
    assert set(kinds(met)) == ids(custodian, "d1", "d2")
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "server-error")
    custodian.point.overrides["/fdp/catalog/c0"] = Answer(status=404)
    _, marks = Holding().run(custodian.source())
    assert marks[-1].why_incomplete == "detail-missing"


def test_s2_a_dataset_that_is_listed_and_gone_was_seen(custodian: Custodian) -> None:
    custodian.point.has_pages = False
    custodian.point.overrides["/fdp/dataset/d1"] = Answer(status=404)
    met, marks = Holding().run(custodian.source())
    [gone] = [outcome for outcome in met if outcome.kind == "rejected"]
    assert (gone.local_id, gone.reason) == (*ids(custodian, "d1"), "detail-missing")
    assert marks[-1].complete
    assert gone.local_id in marks[-1].local_ids


def test_a_server_that_is_down_is_not_asked_for_every_child(custodian: Custodian) -> None:
    custodian.point.catalogues = {f"c{number}": [] for number in range(20)}
    for number in range(20):
        custodian.point.overrides[f"/fdp/catalog/c{number}"] = Answer(status=500)
    with pytest.raises(FetchDeferred):
        Holding().run(custodian.source())
    assert len(set(custodian.asked())) <= 6


@pytest.mark.parametrize(("body", "reason"), [
    (b"<html><body>A portal</body></html>", "html-instead-of-data"), ((PREFIXES + "<x> dct:title 'nothing' .").encode(), "no-dataset"), (b"<x", "bad-rdf"),
])  # fmt: skip
def test_a_root_that_is_none_fails_the_run(custodian: Custodian, body: bytes, reason: str) -> None:
    media_type = "text/html" if body.startswith(b"<html") else "text/turtle"
    custodian.point.overrides["/fdp"] = Answer(body, headers={"Content-Type": media_type})
    with pytest.raises(PageUnreadable) as failure:
        Holding().run(custodian.source())
    assert failure.value.reason == reason


def test_a_page_for_people_is_asked_once_more_for_turtle(custodian: Custodian) -> None:
    whole = custodian.point.answer
    page = Answer(b"<html><body>For people</body></html>", headers={"Content-Type": "text/html"})
    custodian.point.overrides["/fdp"] = lambda asked: (
        page if "format=ttl" not in asked.path else whole(Asked("/fdp/", asked.headers))
    )
    met, _ = Holding().run(custodian.source())
    assert len(met) == 3


def test_nodes_on_another_server_are_passed_by_with_a_warning(custodian: Custodian) -> None:
    root = f"<{custodian.server.url}/fdp> a fdp-o:FAIRDataPoint ; fdp-o:metadataCatalog <http://169.254.169.254/c>, <{custodian.server.url}/fdp/catalog/c1> ."
    custodian.point.overrides["/fdp"] = Answer((PREFIXES + root).encode(), headers={"Content-Type": "text/turtle"})
    met, marks = Holding().run(custodian.source())
    assert len(met) == 3
    assert marks[-1].warnings == ("address-refused",)


def test_a_circle_of_catalogues_is_walked_once(custodian: Custodian) -> None:
    base = f"{custodian.server.url}/fdp"
    for name, other in (("c1", "c2"), ("c2", "c1")):
        text = f"<{base}/catalog/{name}> a dcat:Catalog ; dcat:catalog <{base}/catalog/{other}> ; dcat:dataset <{base}/dataset/d0> ."
        custodian.point.overrides[f"/fdp/catalog/{name}"] = Answer((PREFIXES + text).encode(), headers={"Content-Type": "text/turtle"})
    met, marks = Holding().run(custodian.source())
    assert {outcome.local_id for outcome in met} == ids(custodian, "d0")
    assert marks[-1].complete
    assert len(custodian.asked()) < 12


def test_a_real_fair_data_point_of_the_first_kind_is_walked() -> None:
    """Plain containers, a lasting address that is not the serving one, distributions in documents of their own."""
    folder = corpus("dcat", "fair-data-point", "records")
    at = {
        "/fdp": "dtl-fdp", "/fdp/textmining": "textmining-catalog", "/fdp/transcriptomics": "transcriptomics-catalog",
        "/fdp/comparativeGenomics": "comparative-genomics-catalog", "/fdp/textmining/gene-disease-association_disgenet": "disgenet",
        "/fdp/textmining/gene-disease-association_lumc": "gda-lumc",
        "/fdp/textmining/gene-disease-association_disgenet/html": "disgenet-html-page",
        "/fdp/textmining/gene-disease-association_disgenet/textfile-gzip": "disgenet-textfile-gzip",
    }  # fmt: skip

    def answer(asked: Asked) -> Answer:
        name = at.get(asked.path)
        if name is None:
            return Answer(status=404)
        return Answer((folder / f"{name}.ttl").read_bytes(), headers={"Content-Type": "text/turtle"})

    with serving(answer) as server, loopback_fetcher() as fetcher:
        met, marks = Holding().run(Custodian(DataPoint(), server, fetcher).source())
    described = {outcome.local_id: outcome for outcome in met if outcome.record}
    assert set(described) == {
        "http://www.dtls.nl/fdp/textmining/gene-disease-association_disgenet", "http://www.dtls.nl/fdp/textmining/gene-disease-association_lumc",
    }
    assert sum(outcome.reason == "detail-missing" for outcome in met) == 2, "the datasets of the other catalogues are not in the corpus"
    assert marks[-1].complete


def again(custodian: Custodian, *names: str, **changes: Any) -> list[tuple[str, str | None]]:
    source = custodian.source(**changes)
    assert isinstance(source, ReadsSingly)
    met, marks = Holding().run(SingleRecords(source, names))
    assert marks == [], "it is no listing"
    return [(outcome.kind, outcome.reason) for outcome in met]


def test_c3_a_dataset_is_asked_for_by_its_lasting_address_where_the_root_shows_it_is_served(custodian: Custodian) -> None:
    base = custodian.point.base = "https://w3id.org/example-fdp"
    assert again(custodian, f"{base}/dataset/d0", f"{base}/dataset/d2") == [("accepted", None)] * 2
    assert custodian.asked() == ["/fdp", "/fdp/dataset/d0", "/fdp/distribution/d0", "/fdp/dataset/d2", "/fdp/distribution/d2"]


def test_c3_what_is_gone_closed_or_no_dataset_is_told_by_the_reasons_of_a_run(custodian: Custodian) -> None:
    custodian.point.drafts = {"d1"}
    base = f"{custodian.server.url}/fdp"
    assert again(custodian, f"{base}/dataset/gone", f"{base}/dataset/d1", f"{base}/catalog/c1") == [
        ("rejected", "detail-missing"), ("rejected", "detail-missing"), ("rejected", "no-dataset"),
    ]  # fmt: skip
    assert custodian.asked() == ["/fdp", "/fdp/dataset/gone", "/fdp/dataset/d1", "/fdp/catalog/c1"], "nothing below a catalogue"


def test_c3_a_root_that_fails_is_asked_anew_for_the_next_one(custodian: Custodian) -> None:
    answers = [Answer(status=503)] * custodian.fetcher.policy.attempts
    whole = custodian.point.answer
    custodian.point.overrides["/fdp"] = lambda asked: answers.pop() if answers else whole(Asked("/fdp/", asked.headers))
    base = f"{custodian.server.url}/fdp"
    assert again(custodian, f"{base}/dataset/d0", f"{base}/dataset/d1") == [("rejected", "server-error"), ("accepted", None)]


def test_no_other_server_is_asked_for_a_dataset_nor_told_the_credentials(custodian: Custodian) -> None:
    """Whether a page of descriptions names it, or an earlier run did."""
    with serving(lambda _: Answer(status=500)) as other:
        foreign = f"{other.url}/d"
        page = f"<{custodian.server.url}/fdp/catalog/c1> a dcat:Catalog . <{foreign}> a dcat:Dataset ."
        listing = f"<{custodian.server.url}/fdp/catalog/c1> a dcat:Catalog . <{custodian.server.url}/fdp/catalog/c1/dataset/> a ldp:DirectContainer ; ldp:contains <{foreign}> ; ldp:membershipResource <{custodian.server.url}/fdp/catalog/c1> ."
        for path, text in (("/fdp/catalog/c1", listing), ("/fdp/catalog/c1/page/dataset", page)):
            custodian.point.overrides[path] = Answer((PREFIXES + text).encode(), headers={"Content-Type": "text/turtle"})
        met, _ = Holding().run(custodian.source(auth="BEARER", secret="s"))
        assert [(outcome.local_id, outcome.kind, outcome.reason) for outcome in met] == [(foreign, "rejected", "address-refused")]
        assert again(custodian, foreign, auth="BEARER", secret="s") == [("rejected", "address-refused")]
        assert other.paths == []
