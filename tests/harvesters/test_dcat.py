"""Catalogues as linked data over real HTTP (3.2): what is asked for, what is believed, what is refused and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from harvesters.dcat import DcatSource
from harvesters.fetch import Fetcher
from harvesters.linked_config import DcatConfig
from harvesters.registry import KINDS, WrongConfiguration, configure
from harvesters.source import FetchDeferred, Mark, PageUnreadable, SourceError
from tests.harvesters.dcat_server import PREFIXES, Catalogue, Custodian, Described, serving_catalogue, turtle
from tests.harvesters.holding import Holding, kinds
from tests.harvesters.web_server import Answer, Asked, as_json, loopback_fetcher, serving

D = "https://data.example.org/d/"


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_catalogue(Catalogue(3)) as custodian:
        yield custodian


@pytest.fixture
def paged() -> Iterator[Custodian]:
    with serving_catalogue(Catalogue(5, page_size=2)) as custodian:
        yield custodian


def test_a_catalogue_becomes_records_with_what_it_says(custodian: Custodian) -> None:
    custodian.catalogue.datasets[f"{D}0"].extra = "dcat:landingPage <https://example.org/apply> ;"
    met, marks = Holding().run(custodian.source())
    assert kinds(met) == {f"{D}{number}": "accepted" for number in range(3)}
    record = met[0].record
    assert record is not None
    assert (record.summary.title, record.summary.data_custodian.name) == ("Breathing study 0", "Example Trust")
    assert (record.summary.keywords, record.summary.contact_point) == (["home", "lungs"], "data@example.org")
    assert record.summary.abstract == "Lung function of volunteers, measured at home."
    assert record.accessibility.access.access_rights == ["https://example.org/apply"]
    assert record.accessibility.format_and_standards.format == ["text/csv"]
    assert (marks[-1].complete, marks[-1].why_incomplete) == (True, None)
    assert custodian.server.asked[0].headers["accept"].startswith("text/turtle")


def test_b1_an_unchanged_catalogue_costs_one_request(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    met, marks = holding.run(custodian.source(holding))
    assert (met, custodian.asked(), marks[-1].unchanged, marks[-1].complete) == ([], ["/catalogue.ttl"], True, True)
    custodian.catalogue.sends_etag = False
    met, marks = holding.run(custodian.source(holding))
    assert (met, marks[-1].unchanged) == ([], True)


def test_c1_only_what_changed_is_read_anew(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.catalogue.datasets[f"{D}1"].title = "Renamed"
    met, _ = holding.run(custodian.source(holding))
    assert kinds(met) == {f"{D}0": "unchanged", f"{D}1": "accepted", f"{D}2": "unchanged"}


def test_a_date_renewed_with_every_export_is_no_change(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    hint = holding.records[f"{D}0"].hint
    custodian.catalogue.datasets[f"{D}0"].modified = "2024-09-09"
    met, _ = holding.run(custodian.source(holding))
    assert kinds(met)[f"{D}0"] == "unchanged"
    assert holding.records[f"{D}0"].hint != hint


def test_other_names_of_blank_nodes_and_another_order_are_no_change(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    catalogue = custodian.catalogue
    catalogue.datasets = dict(reversed(catalogue.datasets.items()))
    met, _ = holding.run(custodian.source(holding))
    assert set(kinds(met).values()) == {"unchanged"}


def test_pages_follow_by_hydra_and_each_is_asked_once(paged: Custodian) -> None:
    holding = Holding()
    met, marks = holding.run(paged.source(holding))
    assert len(met) == 5
    assert paged.asked() == ["/catalogue.ttl", "/catalogue.ttl?page=2", "/catalogue.ttl?page=3"]
    assert [mark.complete for mark in marks] == [False, False, True]
    met, marks = holding.run(paged.source(holding))
    assert (met, len(paged.asked())) == ([], 3)
    assert marks[-1].complete


def test_pages_follow_by_a_link_header(custodian: Custodian) -> None:
    second = custodian.catalogue.page(1)
    custodian.catalogue.datasets = {f"{D}9": Described("First page")}
    first = turtle(custodian.catalogue.page(1), Link='</x>; rel="prev", </more.ttl>; rel="next"')
    custodian.catalogue.overrides = {"/catalogue.ttl": first, "/more.ttl": turtle(second)}
    met, marks = Holding().run(custodian.source())
    assert len(met) == 4
    assert marks[-1].complete


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("<http://169.254.169.254/latest>", "address-refused"), ("<https://elsewhere.example.org/x.ttl>", "address-refused"),
        ("<file:///etc/passwd>", "address-refused"), ("<?page=1>", "paging-loop"), ("<>", "paging-loop"),
    ],
)
def test_c4_a_next_link_that_may_not_be_followed_leaves_the_pass_incomplete(custodian: Custodian, link: str, why: str) -> None:
    custodian.catalogue.more = f"<?page=1> a hydra:PartialCollectionView ; hydra:next {link} ."
    met, marks = Holding().run(custodian.source())
    assert len({outcome.local_id for outcome in met}) == 3
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, why)


def test_c4_a_link_to_an_internal_name_is_put_on_the_catalogues_own_server(custodian: Custodian) -> None:
    custodian.catalogue.page_size = 2
    body = custodian.catalogue.page(1).replace("<?page=2>", "<http://backend.internal:8080/catalogue.ttl?page=2>")
    custodian.catalogue.overrides["/catalogue.ttl"] = lambda asked: turtle(
        custodian.catalogue.page(2) if "page=2" in asked.path else body
    )
    met, marks = Holding().run(custodian.source())
    assert len(met) == 3
    assert marks[-1].complete
    assert "next-rewritten" in marks[-1].warnings


def test_c3_pages_that_repeat_end_the_pass(custodian: Custodian) -> None:
    custodian.catalogue.page_size = 1
    body = custodian.catalogue.page(1).replace("<?page=2>", "<?page=2&again>")
    custodian.catalogue.overrides["/catalogue.ttl"] = lambda asked: turtle(
        body.replace("page=2&again", f"page=2&again{len(asked.path)}")
    )
    _, marks = Holding().run(custodian.source())
    assert marks[-1].why_incomplete == "paging-loop"
    assert len(custodian.asked()) < 10


@pytest.mark.parametrize(("total", "complete", "why", "warned"), [(3, True, None, False), (4, False, "count-mismatch", False), (2, True, None, True)])
def test_c5_a_declared_total_is_compared(custodian: Custodian, total: int, complete: bool, why: str | None, warned: bool) -> None:
    custodian.catalogue.total = total
    _, marks = Holding().run(custodian.source())
    assert (marks[-1].complete, marks[-1].why_incomplete) == (complete, why)
    assert ("count-mismatch" in marks[-1].warnings) == warned


def test_c6_a_dataset_without_identity_is_missing_id_and_the_others_go_on(custodian: Custodian) -> None:
    custodian.catalogue.more = '[] a dcat:Dataset ; dct:title "Nameless" . [] a dcat:Dataset ; dct:identifier "by-identifier" ; dct:title "Named" .'
    met, marks = Holding().run(custodian.source())
    assert sorted((outcome.local_id, outcome.reason) for outcome in met if outcome.kind == "rejected") == [("", "missing-id")]
    assert "by-identifier" in kinds(met)
    assert marks[-1].complete


def test_a_dataset_that_is_only_named_is_read_at_its_own_address_once(custodian: Custodian) -> None:
    url = custodian.server.url
    custodian.catalogue.more = f"<#catalogue> dcat:dataset <{url}/own>, <{url}/gone>, <https://elsewhere.example.org/d> ."
    custodian.catalogue.overrides["/own"] = turtle(PREFIXES + Described("On its own").turtle(f"{url}/own") + "<#trust> a foaf:Agent .")
    holding = Holding()
    met, marks = holding.run(custodian.source(holding))
    assert kinds(met) == {
        **{f"{D}{number}": "accepted" for number in range(3)}, f"{url}/own": "accepted", f"{url}/gone": "rejected",
        "https://elsewhere.example.org/d": "rejected",
    }
    assert {outcome.reason for outcome in met if outcome.kind == "rejected"} == {"detail-missing"}
    assert marks[-1].complete, "a dataset that is listed counts as present"
    assert f"{url}/gone" in marks[-1].local_ids
    custodian.asked()
    met, _ = holding.run(custodian.source(holding))
    assert custodian.asked().count("/own") == 1
    assert kinds(met)[f"{url}/own"] == "unchanged"


def test_catalogues_within_the_catalogue_are_read_and_one_that_fails_leaves_the_others(custodian: Custodian) -> None:
    inner = PREFIXES + "<#c> a dcat:Catalog ; dcat:dataset <https://data.example.org/d/in> . "
    custodian.catalogue.more = "<#catalogue> dcat:catalog </inner.ttl>, </broken.ttl> ."
    custodian.catalogue.overrides = {
        "/inner.ttl": turtle(inner + Described("Inside").turtle(f"{D}in") + "<#trust> a foaf:Agent ."), "/broken.ttl": turtle("this is no Turtle"),
    }
    met, marks = Holding().run(custodian.source())
    assert f"{D}in" in kinds(met)
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "bad-rdf")


def test_a_withdrawn_dataset_is_deleted_at_its_custodians_word(custodian: Custodian) -> None:
    custodian.catalogue.datasets[f"{D}1"].extra = "adms:status <http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN> ;"
    met, _ = Holding().run(custodian.source())
    assert kinds(met)[f"{D}1"] == "deleted"


def test_s1_an_empty_catalogue_is_a_whole_listing_of_nothing(custodian: Custodian) -> None:
    custodian.catalogue.datasets = {}
    met, marks = Holding().run(custodian.source())
    assert (met, marks[-1].complete, marks[-1].local_ids) == ([], True, ())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<!doctype html><html><body>Please log in.</body></html>", headers={"Content-Type": "text/html"}), "html-instead-of-data"),
        (Answer(b"<!doctype html><html><body>Please log in.</body></html>", headers={"Content-Type": "text/turtle"}), "html-instead-of-data"),
        (turtle("<a> <b> ."), "bad-rdf"), (turtle(""), "empty-answer"), (turtle("<https://a.example/> a <https://b.example/> ."), "no-dataset"),
        (Answer(b"<rdf:RDF/>", headers={"Content-Type": "application/rdf+xml"}), "bad-rdf"),
        (Answer(b'<!DOCTYPE rdf:RDF [<!ENTITY a "b">]><rdf:RDF/>', headers={"Content-Type": "application/rdf+xml"}), "dtd-forbidden"),
        (as_json('{"@context": "https://contexts.example.org/mine.jsonld", "@id": "x"}'), "unknown-context"),
        (as_json('{"@context": "file:///etc/passwd", "@id": "x"}'), "unknown-context"),
        (as_json('{"dataset": [{"title": "x", "identifier": "y"'), "bad-json"), (as_json("[" * 100_000 + "]" * 100_000), "too-deep"),
        (as_json('{"a": NaN}'), "bad-json"), (Answer(bytes(range(128, 256)) * 20, headers={"Content-Type": "text/turtle"}), "encoding"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_catalogue_fails_the_run_with_its_reason(custodian: Custodian, answer: Answer, reason: str) -> None:
    custodian.catalogue.overrides["/catalogue.ttl"] = answer
    with pytest.raises(PageUnreadable) as failure:
        Holding().run(custodian.source())
    assert failure.value.reason == reason


def test_a_page_that_fails_later_ends_the_pass_and_keeps_what_came_before(paged: Custodian) -> None:
    paged.catalogue.overrides["/catalogue.ttl?page=2"] = Answer(status=500)
    holding = Holding()
    with pytest.raises(FetchDeferred):
        holding.run(paged.source(holding))
    assert len(holding.records) == 2


def test_a_web_page_leads_to_its_data(custodian: Custodian) -> None:
    data = custodian.catalogue.page(1)
    page = '<html><head><link rel="alternate" type="text/turtle" href="/data.ttl"></head><body>A catalogue</body></html>'
    custodian.catalogue.overrides = {"/catalogue.ttl": Answer(page.encode(), headers={"Content-Type": "text/html"}), "/data.ttl": turtle(data)}
    met, _ = Holding().run(custodian.source())
    assert len(met) == 3


def test_a_web_page_with_descriptions_in_it_is_read(custodian: Custodian) -> None:
    page = """<html><body><script type="application/ld+json">
        {"@context": "https://schema.org/", "@type": "Dataset", "@id": "/d/1", "name": "In a page", "publisher": {"name": "Trust"}}
        </script></body></html>"""
    custodian.catalogue.overrides["/catalogue.ttl"] = Answer(page.encode(), headers={"Content-Type": "text/html"})
    met, _ = Holding().run(custodian.source())
    assert kinds(met) == {f"{custodian.server.url}/d/1": "accepted"}


def test_an_address_with_a_blank_is_read_with_a_warning(custodian: Custodian) -> None:
    custodian.catalogue.datasets = {f"{D}a b": Described("Blank in its address")}
    met, marks = Holding().run(custodian.source())
    assert kinds(met) == {f"{D}a%20b": "accepted"}
    assert "bad-address" in marks[-1].warnings


def test_giant_records_are_cut_for_reading_and_kept_whole(custodian: Custodian) -> None:
    words = ", ".join(f'"word {number}"' for number in range(2500))
    parts = ", ".join(f'[ dct:title "Part {number}" ]' for number in range(1600))
    custodian.catalogue.datasets[f"{D}0"].extra = f"dcat:keyword {words} ; dcat:distribution {parts} ;"
    met, _ = Holding().run(custodian.source())
    first = next(outcome for outcome in met if outcome.local_id == f"{D}0")
    assert first.kind == "accepted"
    assert first.record is not None
    assert first.content is not None
    assert len(first.record.summary.keywords or ()) == 2000
    assert first.content.body.count(b"#keyword>") == 2502
    assert any(loss.value == "too-large" for loss in first.losses)


def test_us_catalogues_are_read_member_by_member(custodian: Custodian) -> None:
    body = """{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [
        {"title": "One", "identifier": "one", "description": "First.", "publisher": {"name": "Agency"}, "accessLevel": "public",
         "contactPoint": {"fn": "Team", "hasEmail": "mailto:team@example.org"}, "keyword": ["a", "b"], "accrualPeriodicity": "R/P1M",
         "temporal": "2019-01-01/2020-01-01"},
        {"title": "Blank", "identifier": "  "}, {"title": "None"}, {"title": "One again", "identifier": "one"}]}"""
    custodian.catalogue.overrides["/catalogue.ttl"] = as_json(body)
    met, marks = Holding().run(custodian.source())
    assert [(outcome.local_id, outcome.kind, outcome.reason) for outcome in met] == [
        ("one", "accepted", None), ("", "rejected", "missing-id"), ("", "rejected", "missing-id"), ("one", "rejected", "duplicate-id"),
    ]
    record = met[0].record
    assert record is not None
    assert (record.summary.contact_point, record.provenance.temporal.publishing_frequency) == ("team@example.org", "Monthly")
    assert (record.provenance.temporal.start_date, record.provenance.temporal.end_date) == ("2019-01-01", "2020-01-01")
    assert marks[-1].complete


def test_credentials_go_in_a_header_and_not_to_another_server(custodian: Custodian) -> None:
    source = custodian.source(auth="BEARER", secret="hidden")
    Holding().run(source)
    assert custodian.server.asked[0].headers["authorization"] == "Bearer hidden"


@pytest.mark.parametrize(
    ("configuration", "field"),
    [({}, "url"), ({"url": "data.example.org"}, "url"), ({"url": "https://a.example/x y"}, "url"), ({"url": "https://u:p@a.example/"}, "url"),
     ({"url": "https://a.example/", "format": "csv"}, "format"), ({"url": "https://a.example/", "colour": "red"}, "colour")],
)  # fmt: skip
def test_a_configuration_that_cannot_work_is_refused_with_the_field_named(configuration: dict[str, str], field: str) -> None:
    with pytest.raises(WrongConfiguration) as problem:
        configure("dcat", configuration)
    assert list(problem.value.fields) == [field]


def test_a_run_goes_on_after_each_page(paged: Custodian) -> None:
    holding = Holding()
    items = list(paged.source().records())
    whole = [item.local_id for item in items if hasattr(item, "local_id")]
    done = 0
    for item in items:
        if hasattr(item, "local_id"):
            done += 1
        elif item.cursor is not None:
            rest = list(paged.source(holding).records(item.cursor))
            assert [one.local_id for one in rest if hasattr(one, "local_id")] == whole[done:]
            assert rest[-1].complete


def test_nothing_is_called_that_the_fetcher_does_not_allow(custodian: Custodian) -> None:
    with Fetcher() as strict, pytest.raises(SourceError):
        list(DcatSource(DcatConfig(url=custodian.server.url), strict, "full", Holding()).records())
    assert custodian.asked() == []


# asked for changes


def test_what_changed_is_asked_for_where_a_server_can_tell_and_all_of_it_once_a_week() -> None:
    catalogue, now, held = Catalogue(6, page_size=2), [datetime(2026, 6, 1, 12, tzinfo=UTC)], Holding()
    asked: list[str] = []
    whole = catalogue.answer

    def answer(request: Asked) -> Answer:
        since = parse_qs(urlsplit(request.path).query).get("modified_since")
        asked.append(since[0] if since else "all")
        if since is None:
            return whole(request)
        changed = {address: one for address, one in catalogue.datasets.items() if one.modified >= since[0][:10]}
        some = Catalogue()
        some.datasets, some.sends_etag = changed, False
        return some.answer(replace(request, path="/catalogue.ttl"))

    with serving(answer) as server, loopback_fetcher(now=lambda: now[0]) as fetcher:

        def run() -> tuple[dict[str, str], list[Mark]]:
            asked.clear()
            source = KINDS["dcat"].build({"url": f"{server.url}/catalogue.ttl", "modified_since": "modified_since"}, fetcher=fetcher, held=held, wanted="incremental")
            met, marks = held.run(source)
            return kinds(met), marks

        met, marks = run()
        assert (len(met), marks[-1].complete, set(asked)) == (6, True, {"all"})
        now[0] += timedelta(days=1)
        met, marks = run()
        assert (met, asked, marks[-1].unchanged, marks[-1].complete) == ({}, ["2026-06-01T11:00:00Z"], True, True), "one request, and nothing to write"
        assert len(marks[-1].local_ids) == 6
        first = next(iter(catalogue.datasets))
        catalogue.datasets[first] = Described("Renamed", modified="2026-06-02")
        catalogue.datasets["https://data.example.org/d/new"] = Described("New", modified="2026-06-02")
        met, marks = run()
        assert met == {first: "accepted", "https://data.example.org/d/new": "accepted"}
        assert (marks[-1].complete, len(marks[-1].local_ids)) == (True, 7), "the others are still listed"
        now[0] += timedelta(days=1)
        assert set(run()[0].values()) == {"unchanged"}, "what changed within the hour before comes again"
        assert asked == ["2026-06-02T11:00:00Z"]
        del catalogue.datasets[first]
        now[0] += timedelta(days=7)
        met, marks = run()
        assert set(asked) == {"all"}
        assert first not in {local_id for mark in marks for local_id in mark.local_ids}, "absence is noticed by the listing of each week"
        assert marks[-1].complete



THEMES = """dcat:theme <http://publications.europa.eu/resource/authority/data-theme/SOCI>, <https://example.org/theme/lungs>, <https://example.org/theme/unknown>, [ skos:prefLabel "Home"@en ] ;"""


def test_themes_become_keywords_by_their_label_or_the_table_of_the_eu() -> None:
    catalogue = Catalogue(1)
    catalogue.datasets[f"{D}0"] = Described("Sleep", extra=THEMES)
    catalogue.more = '<https://example.org/theme/lungs> skos:prefLabel "Longen"@nl, "Breathing"@en .'
    with serving_catalogue(catalogue) as custodian:
        [outcome], _ = Holding().run(custodian.source())
    assert outcome.record is not None
    assert outcome.record.summary.keywords == ["home", "lungs", "Population and society", "Breathing"]
    assert any("theme" in str(loss.from_path) for loss in outcome.losses), "an unknown theme stays an address, and is told"
