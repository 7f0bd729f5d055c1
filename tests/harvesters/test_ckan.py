"""Harvesting a CKAN portal over a real loopback server: paging, changes, refusals, and answers as portals gave them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from harvesters.registry import WrongConfiguration, configure
from harvesters.source import Mark, PageUnreadable, RawRecord, SourceError
from tests.corpus import corpus
from tests.harvesters.ckan_server import Custodian, Portal, package, refused, result, serving_portal
from tests.harvesters.holding import Holding, broken_off, kinds
from tests.harvesters.web_server import Answer, as_json

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_portal(Portal(*(package(number) for number in range(5)))) as served:
        yield served


def ids(*numbers: int) -> list[str]:
    return [package(number)["id"] for number in numbers]


def test_ckan_reads_every_page_in_the_order_of_ids(custodian: Custodian) -> None:
    held = Holding()
    met, marks = held.run(custodian.source(held, rows=2))
    assert kinds(met) == dict.fromkeys(ids(0, 1, 2, 3, 4), "accepted")
    assert marks[-1].complete
    asked = custodian.asked()
    assert [(query["start"], query["rows"], query["sort"], query["facet"]) for query in asked] == [
        ("0", "2", "id asc", "false"), ("2", "2", "id asc", "false"), ("4", "2", "id asc", "false"),
    ]


def test_ckan_pages_by_what_was_received_where_a_portal_caps_rows(custodian: Custodian) -> None:
    custodian.portal.most_rows = 2
    met, marks = Holding().run(custodian.source(rows=100))
    assert (len(met), marks[-1].complete) == (5, True)
    assert [query["start"] for query in custodian.asked()] == ["0", "2", "4"]


def test_ckan_by_keyset_asks_for_what_stands_behind_the_last_id(custodian: Custodian) -> None:
    met, marks = Holding().run(custodian.source(rows=2, keyset=True))
    assert (len(met), marks[-1].complete) == (5, True)
    asked = custodian.asked()
    assert {query["start"] for query in asked} == {"0"}
    assert asked[1]["fq"] == f'id:{{"{ids(1)[0]}" TO *]'


def test_ckan_keeps_every_package_when_one_is_edited_during_the_crawl(custodian: Custodian) -> None:
    def edit(query: dict[str, str]) -> None:
        if query.get("start") == "2":
            custodian.portal.packages[0]["metadata_modified"] = "2024-05-30T00:00:00.000000"

    custodian.portal.before_answering = edit
    met, _ = Holding().run(custodian.source(rows=2))
    assert sorted(kinds(met)) == ids(0, 1, 2, 3, 4)


def test_ckan_asks_an_unchanged_portal_one_question_and_finds_nothing_to_write(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.asked()
    met, marks = held.run(custodian.source(held))
    assert set(kinds(met).values()) <= {"unchanged"}
    assert marks[-1].complete
    assert all(mark.unchanged for mark in marks)
    assert {local_id for mark in marks for local_id in mark.local_ids} == set(ids(0, 1, 2, 3, 4))
    [query] = custodian.asked()
    assert query["fq"] == "metadata_modified:[2024-05-05T09:00:00Z TO *]"
    assert query["sort"] == "metadata_modified asc, id asc"


def test_ckan_reads_only_what_changed_and_keeps_the_rest(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.portal.packages[1] = package(1, title="Renamed", metadata_modified="2024-05-29T00:00:00.000000")
    custodian.portal.packages.append(package(27))
    met, marks = held.run(custodian.source(held))
    accepted = {local_id for local_id, kind in kinds(met).items() if kind == "accepted"}
    assert accepted == {*ids(1, 27)}
    assert {one for mark in marks for one in mark.local_ids if mark.unchanged} >= set(ids(0, 1, 2, 3, 4, 27))
    again, marks = held.run(custodian.source(held))
    assert set(kinds(again).values()) == {"unchanged"}
    assert {one for mark in marks for one in mark.local_ids} == set(ids(0, 1, 2, 3, 4, 27))


def test_ckan_lists_in_full_after_a_week_so_that_absence_is_noticed() -> None:
    portal = Portal(*(package(number) for number in range(3)))
    now = [NOW]
    with serving_portal(portal, now=lambda: now[0]) as custodian:
        held = Holding()
        held.run(custodian.source(held))
        portal.packages.pop()
        now[0] = NOW + timedelta(days=6)
        _, marks = held.run(custodian.source(held))
        assert set(ids(0, 1, 2)) == {one for mark in marks for one in mark.local_ids}
        now[0] = NOW + timedelta(days=7)
        custodian.asked()
        met, marks = held.run(custodian.source(held))
        assert custodian.asked()[0].get("fq") is None
        assert (sorted(kinds(met)), marks[-1].complete) == (ids(0, 1), True)


def test_ckan_takes_only_datasets_that_are_shown_and_announces_deleted_ones() -> None:
    odd = [
        package(1, type="harvest"), package(2, private=True), package(3, state="draft"), package(4, state="deleted"),
        package(5, type={"name": "dataset", "display_name": "Dataset"}), {**package(6), "state": None},
    ]  # fmt: skip
    with serving_portal(Portal(package(0), *odd)) as custodian:
        met, marks = Holding().run(custodian.source())
    assert kinds(met) == {**dict.fromkeys(ids(0, 5, 6), "accepted"), ids(4)[0]: "deleted"}
    assert marks[-1].complete


def test_ckan_c5_a_count_that_is_never_reached_makes_the_pass_incomplete(custodian: Custodian) -> None:
    custodian.portal.count = 7
    met, marks = Holding().run(custodian.source())
    assert {local_id for local_id, kind in kinds(met).items() if kind in ("accepted", "repeated")} == set(ids(0, 1, 2, 3, 4))
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "count-mismatch")


def test_ckan_c5_empty_pages_although_the_count_says_five_remove_nothing() -> None:
    portal = Portal()
    portal.count = 5
    with serving_portal(portal) as custodian:
        met, marks = Holding().run(custodian.source())
    assert (met, marks[-1].complete, marks[-1].why_incomplete) == ([], False, "count-mismatch")


def test_ckan_c3_a_portal_that_ignores_start_is_left_after_its_second_answer(custodian: Custodian) -> None:
    first = result({"count": 50, "results": custodian.portal.packages})
    custodian.portal.overrides["package_search"] = first
    _, marks = Holding().run(custodian.source(rows=5))
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "paging-loop")
    assert len(custodian.asked()) == 2


def test_ckan_goes_by_names_where_search_is_refused(custodian: Custodian) -> None:
    custodian.portal.overrides["package_search"] = refused(400, "Search is switched off")
    met, marks = Holding().run(custodian.source())
    assert (sorted(kinds(met)), marks[-1].complete) == (ids(0, 1, 2, 3, 4), True)
    assert [query["action"] for query in custodian.asked()] == ["package_search", "package_list", *["package_show"] * 5]


def test_ckan_s2_a_package_that_cannot_be_shown_makes_the_walk_by_names_incomplete(custodian: Custodian) -> None:
    custodian.portal.overrides["package_search"] = refused(400, "Search is switched off")
    custodian.portal.overrides["package_show"] = lambda query: refused(404, "Not found") if query["id"] == "breathing-2" else None
    met, marks = Holding().run(custodian.source())
    assert sorted(outcome.reason or outcome.kind for outcome in met) == ["accepted"] * 4 + ["detail-missing"]
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "detail-missing")


@pytest.mark.parametrize(("answer", "reason", "words"), [
    (Answer(status=401), "credentials", "not accepted"), (refused(403, "Access denied"), "credentials", "Access denied"),
    (refused(200, "Solr is away"), "request-refused", "CKAN says: Solr is away"),
    (refused(409, "Search Query is invalid"), "request-refused", "Search Query is invalid"),
    (Answer(b"<!doctype html><title>Log in</title>"), "html-instead-of-data", "web page"),
    (as_json('{"result": {"count": 1}}'), "not-a-list", "no list of packages"),
    (as_json('{"success": true}'), "not-a-list", "no result"),
    (as_json('{"result": {"count": 5, "results": [{"id":'), "bad-json", "not valid JSON"),
])  # fmt: skip
def test_ckan_says_in_the_portals_words_why_it_cannot_be_read(custodian: Custodian, answer: Answer, reason: str, words: str) -> None:
    custodian.portal.overrides = {"package_search": answer, "package_list": Answer(status=404)}
    with pytest.raises(SourceError, match=words) as failure:
        list(custodian.source().records())
    assert failure.value.reason == reason


def test_ckan_sends_the_token_as_it_is_and_never_in_an_address(custodian: Custodian) -> None:
    list(custodian.source(secret="s3cret").records())
    assert [asked.headers["authorization"] for asked in custodian.server.asked] == ["s3cret"]
    assert not any("s3cret" in path for path in custodian.server.paths)


@pytest.mark.parametrize("after_page", [1, 2])
def test_a1_ckan_resumes_at_each_mark(custodian: Custodian, after_page: int) -> None:
    held = Holding()
    marks: list[Mark] = []
    before: list[str] = []
    for item in custodian.source(held, rows=2).records():
        if isinstance(item, RawRecord):
            before.append(item.local_id)
            continue
        marks.append(item)
        held.remember(item)
        if len(marks) == after_page:
            break
    rest = list(custodian.source(held, rows=2).records(json.loads(json.dumps(marks[-1].cursor))))
    assert sorted([*before, *(item.local_id for item in rest if isinstance(item, RawRecord))]) == ids(0, 1, 2, 3, 4)
    assert isinstance(rest[-1], Mark)
    assert rest[-1].complete


def test_ckan_a_bad_package_is_a_value_and_the_others_come_through(custodian: Custodian) -> None:
    custodian.portal.packages[2:2] = [{"title": "No id"}, {**package(9), "id": "x" * 1500}, {**package(8), "title": None}]
    met, marks = Holding().run(custodian.source())
    assert [(outcome.kind, outcome.reason) for outcome in met if outcome.kind not in ("accepted", "unchanged")] == [
        ("quarantined", "blocking-findings"), ("rejected", "missing-id"), ("rejected", "bad-id"),
    ]
    assert marks[-1].complete


def test_ckan_what_a_portal_counts_and_checks_is_no_change(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    for one in custodian.portal.packages:
        one["resources"][0]["tracking_summary"] = {"total": 5000}
        one["extras"].append({"key": "harvest_object_id", "value": "new"})
        one["num_tags"] = 3
    met, _ = held.run(custodian.source(held, wanted="audit"), wanted="audit")
    assert set(kinds(met).values()) == {"unchanged"}


def test_ckan_read_as_a_record_with_every_loss_told(custodian: Custodian) -> None:
    rich = package(
        0, doi="10.1234/ABC", language=["http://id.loc.gov/vocabulary/iso639-1/en", "cym"], conforms_to=["OMOP", "house style"],
        in_series=["series-a"], license_id="uk-ogl", notes="One &amp; all. " * 60,
        extras=[
            {"key": "spatial", "value": '{"type": "Polygon"}'}, {"key": "population_size", "value": "1,200"},
            {"key": "temporal_coverage-from", "value": "2020-01-01"}, {"key": "temporal_coverage-to", "value": "soon"},
            {"key": "frequency", "value": "Monthly"}, {"key": "frequency", "value": "Daily"}, {"key": "number_of_records", "value": "77"},
        ],
    )  # fmt: skip
    custodian.portal.packages = [rich]
    [outcome], _ = Holding().run(custodian.source())
    assert outcome.record is not None
    record = outcome.record.as_json()
    assert record["summary"] | {"abstract": ""} == {
        "title": "Breathing study 0", "abstract": "", "keywords": ["lungs"], "doiName": "10.1234/abc", "contactPoint": "data@example.org",
        "populationSize": 1200, "dataCustodian": {"name": "Example Trust", "identifier": "0a"},
    }
    assert record["documentation"]["description"].startswith("One & all. One")
    assert len(record["summary"]["abstract"]) <= 500
    assert record["accessibility"]["formatAndStandards"] == {"language": ["en", "cy"], "format": ["CSV"], "conformsTo": ["OMOP"]}
    assert record["provenance"]["temporal"] == {"startDate": "2020-01-01", "publishingFrequency": "Monthly"}
    assert record["enrichmentAndLinkage"]["isPartOf"] == [{"title": "series-a"}]
    assert record["observations"] == [{"observedNode": "Events", "measuredValue": 77, "measuredProperty": "COUNT"}]
    told = {loss.from_path for loss in outcome.losses if loss.kind == "carried"}
    assert told >= {"/license_id", "/conforms_to/1", "/extras/0/value", "/extras/3/value", "/extras/5", "/resources"}


@pytest.mark.parametrize(("configuration", "field"), [
    ({}, "base_url"), ({"base_url": "ftp://x"}, "base_url"), ({"base_url": "https://x?a=1"}, "base_url"),
    ({"base_url": "https://x", "rows": 5000}, "rows"), ({"base_url": "https://x", "list_path": "/"}, "list_path"),
])  # fmt: skip
def test_ckan_names_each_wrong_field_of_a_configuration(configuration: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        configure("ckan", configuration)
    assert list(wrong.value.fields) == [field]


# answers as portals gave them

FOUND = {
    "gdi-user-portal/package_search_datasets_when_query_ckan_only.200.json": {"accepted": 3},
    "gdi-user-portal/package_search_datasets_when_query_ckan_and_beacon.200.json": {"accepted": 1},
    "gdi-user-portal/package_search_ids.200.json": {"missing-id": 3},
    "gdi-user-portal/package_search_filters.200.json": {"complete": False},
    "gdi-user-portal/package_search_retrieve_filters_values.200.json": {"complete": False},
    "data-gov-uk/search_dataset_p1.json": {"blocking-findings": 5},
    "data-gov-uk/search_dataset_p2.json": {"complete": False},
}
SHOWN = {
    "data-gov-uk/package_show_create.json": "accepted", "data-gov-uk/package_show_empty.json": "accepted",
    "data-gov-uk/package_show_inspire.json": "accepted", "data-gov-uk/package_show_update.json": "accepted",
    "gdi-user-portal/package_show.200.json": "accepted", "gdi-user-portal/package_show_inseries_error_series.200.json": "accepted",
    "gdi-user-portal/package_show_inseries_missing_series.200.json": "accepted",
    "gdi-user-portal/package_show_not_found.404.json": "detail-missing", "gdi-user-portal/package_show_series_error_1.404.json": "detail-missing",
    "gdi-user-portal/package_show_series_missing_1.200.json": "detail-missing",
}


@pytest.mark.parametrize("name", FOUND)
def test_a2_ckan_searches_as_portals_answered_them(name: str) -> None:
    """Every answer but the first page is an empty one, as a portal gives it past its end."""
    body = (corpus("ckan") / name).read_bytes()
    expected: dict[str, Any] = dict(FOUND[name])

    def search(query: dict[str, str]) -> Answer:
        return as_json(body) if query["start"] == "0" else result({"count": json.loads(body)["result"]["count"], "results": []})

    portal = Portal()
    portal.overrides = {"package_search": search, "package_list": Answer(status=404)}
    with serving_portal(portal) as custodian:
        met, marks = Holding().run(custodian.source())
    assert marks[-1].complete == expected.pop("complete", True)
    found = [outcome.reason or outcome.kind for outcome in met if outcome.kind != "repeated"]
    assert {reason: found.count(reason) for reason in found} == expected


@pytest.mark.parametrize("name", SHOWN)
def test_a2_ckan_packages_as_portals_showed_them(name: str) -> None:
    body = (corpus("ckan") / name).read_bytes()
    portal = Portal()
    status = 404 if ".404." in name else 200
    portal.overrides = {
        "package_search": refused(400, "off"), "package_list": result(["one"]),
        "package_show": Answer(body, status, {"Content-Type": "application/json"}),
    }
    with serving_portal(portal) as custodian:
        [outcome], _ = Holding().run(custodian.source())
    assert (outcome.reason or outcome.kind) == SHOWN[name], outcome.detail


def test_a2_ckan_every_answer_of_the_corpus_is_in_these_tables() -> None:
    root = corpus("ckan")
    files = {str(path.relative_to(root)) for path in root.rglob("*.json")}
    assert files == {*FOUND, *SHOWN, "gdi-user-portal/package_show_with_error.500.json"}


def test_a2_ckan_error_500_is_told_in_the_portals_words() -> None:
    body = (corpus("ckan") / "gdi-user-portal/package_show_with_error.500.json").read_bytes()
    portal = Portal()
    portal.overrides = {"package_search": Answer(body, 500, {"Content-Type": "application/json"})}
    with serving_portal(portal) as custodian, pytest.raises(SourceError, match="Not expected error") as failure:
        list(custodian.source().records())
    assert failure.value.reason == "server-error"


def test_a2_hostile_ckan_comment_lines_above_the_json_are_dropped() -> None:
    root = corpus("hostile") / "ckan"
    for path in root.glob("*.json"):
        portal = Portal()
        portal.overrides = {
            "package_search": refused(400, "off"), "package_list": Answer(path.read_bytes(), headers={"Content-Type": "application/json"}),
            "package_show": refused(404, "Not found"),
        }
        with serving_portal(portal) as custodian:
            if "organization_list" in path.name:
                met, marks = Holding().run(custodian.source())
                assert [outcome.reason for outcome in met] == ["detail-missing"] * 2
                assert not marks[-1].complete
            else:
                with pytest.raises(PageUnreadable, match="no list of names"):
                    Holding().run(custodian.source())


@pytest.mark.parametrize("after_mark", [1, 2, 3])
def test_j8_ckan_what_is_no_dataset_is_no_shortfall_when_a_listing_is_taken_up_again(after_mark: int) -> None:
    """What is held of the pages before does not name it, and the portal's count does."""
    others = {0: {"type": "harvest"}, 1: {"state": "deleted"}, 3: {"private": True}}
    with serving_portal(Portal(*(package(number, **others.get(number, {})) for number in range(8)))) as custodian:
        named, last = broken_off(partial(custodian.source, rows=2), after_mark=after_mark)
        assert (sorted(named), last.complete, last.why_incomplete) == (ids(1, 2, 4, 5, 6, 7), True, None)
        assert [query["start"] for query in custodian.asked()] == ["0", "2", "4", "6"], "nothing was asked for again"


@pytest.mark.parametrize("after_mark", [1, 2])
def test_j8_ckan_a_package_that_goes_meanwhile_hides_none_that_stays(custodian: Custodian, after_mark: int) -> None:
    """What stood behind the place moved in front of it."""
    named, last = broken_off(partial(custodian.source, rows=2), after_mark=after_mark, meanwhile=lambda: custodian.portal.packages.pop(0))
    assert (sorted(named), last.complete) == (ids(0, 1, 2, 3, 4), True)


@pytest.mark.parametrize("after_mark", [1, 2])
@pytest.mark.parametrize("number", [-1, 9])
def test_j8_ckan_a_package_that_comes_meanwhile_is_met(custodian: Custodian, after_mark: int, number: int) -> None:
    """In front of the place, where only another traversal meets it, or behind it."""
    new = package(9, id="00000000-0000-4000-8000-000000000000") if number < 0 else package(9)
    named, last = broken_off(partial(custodian.source, rows=2), after_mark=after_mark, meanwhile=lambda: custodian.portal.packages.append(new))
    assert (sorted(named), last.complete) == (sorted((*ids(0, 1, 2, 3, 4), new["id"])), True)


def test_j8_ckan_a_package_that_goes_from_pages_by_id_is_no_shortfall(custodian: Custodian) -> None:
    named, last = broken_off(partial(custodian.source, rows=2, keyset=True), after_mark=1, meanwhile=custodian.portal.packages.pop)
    assert (sorted(named), last.complete, last.why_incomplete) == (ids(0, 1, 2, 3), True, None)
