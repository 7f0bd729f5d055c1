"""Harvesting DataCite's REST API over a real loopback server: cursors, changes, withdrawals, and descriptions as they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest

from harvesters.document_values import opened
from harvesters.fetch import Fetcher
from harvesters.registry import KINDS, WrongConfiguration, configure
from harvesters.source import Content, Held, Mark, Pass, RawRecord, Source, SourceError
from schemas import document, translate
from tests.corpus import corpus
from tests.harvesters.holding import Holding, broken_off, kinds
from tests.harvesters.web_server import Answer, Asked, WebServer, as_json, loopback_fetcher, serving

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """A DOI as the API lists it; written for these tests."""
    attributes = {
        "doi": f"10.1234/study+{number}", "titles": [{"title": f"Walking study {number}"}], "publisher": "Example Trust", "state": "findable",
        "descriptions": [{"description": "Steps of volunteers.", "descriptionType": "Abstract"}], "types": {"resourceTypeGeneral": "Dataset"},
        "updated": f"2024-05-{number + 1:02d}T10:00:00.000Z", "viewCount": 3, "creators": [{"name": "Walking Group"}],
    }  # fmt: skip
    return {"id": attributes["doi"], "type": "dois", "attributes": attributes | changes}


class Api:
    """``drops_filters``: the next link names only its cursor, as the real API's sometimes does."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = list(entries)
        self.override: Answer | None = None
        self.total: int | None = None
        self.drops_filters, self.is_circle = False, False
        self.next_host: str | None = None

    def answer(self, asked: Asked) -> Answer:
        if self.override is not None:
            return self.override
        alone = urlsplit(asked.path).path.removeprefix("/dois").removeprefix("/")
        if alone:
            named = [one for one in self.entries if one["id"] == unquote(alone)]
            return as_json(json.dumps({"data": named[0]})) if named else Answer(status=404)
        query = {name: values[-1] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        since = query.get("query", "").removeprefix("updated:[").removesuffix(" TO *]")
        chosen = [one for one in self.entries if one.get("attributes", {}).get("updated", "9") >= since]
        start, size = int(query["page[cursor]"]) - 1, int(query["page[size]"])
        host = self.next_host or f"http://{asked.headers['host']}"
        kept = {} if self.drops_filters else query
        following = 1 if self.is_circle else start + size + 1
        links = {"next": f"{host}/dois?{urlencode({**kept, 'page[cursor]': following})}"} if start + size < len(chosen) else {}
        total = len(chosen) if self.total is None else self.total
        return as_json(json.dumps({"data": chosen[start : start + size], "meta": {"total": total}, "links": links}))


class Custodian:
    def __init__(self, api: Api, server: WebServer, fetcher: Fetcher) -> None:
        self.api, self.server, self.fetcher = api, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", **changes: Any) -> Source:
        configuration = {"base_url": self.server.url, "client_id": "example.trust", **changes}
        return KINDS["datacite"].build(configuration, fetcher=self.fetcher, held=held or Holding(), wanted=wanted)

    def asked(self) -> list[dict[str, str]]:
        found = [{name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()} for path in self.server.paths]
        self.server.asked.clear()
        return found


@contextmanager
def serving_api(api: Api, **options: Any) -> Iterator[Custodian]:
    with serving(api.answer) as server, loopback_fetcher(**options) as fetcher:
        yield Custodian(api, server, fetcher)


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_api(Api(*(entry(number) for number in range(5)))) as served:
        yield served


def dois(*numbers: int) -> list[str]:
    return [f"10.1234/study+{number}" for number in numbers]


def test_datacite_pages_by_cursor_and_adds_filters_that_the_next_link_dropped(custodian: Custodian) -> None:
    custodian.api.drops_filters = True
    met, marks = Holding().run(custodian.source(page_size=2))
    assert (kinds(met), marks[-1].complete) == (dict.fromkeys(dois(0, 1, 2, 3, 4), "accepted"), True)
    asked = custodian.asked()
    assert [query["page[cursor]"] for query in asked] == ["1", "3", "5"]
    assert {(query["client-id"], query["resource-type-id"], query["disable-facets"]) for query in asked} == {("example.trust", "dataset", "true")}


def test_datacite_asks_once_when_nothing_changed_and_lists_in_full_after_a_month() -> None:
    api = Api(*(entry(number) for number in range(3)))
    now = [NOW]
    with serving_api(api, now=lambda: now[0]) as custodian:
        held = Holding()
        held.run(custodian.source(held))
        api.entries[0] = entry(0, titles=[{"title": "Renamed"}], updated="2024-05-20T00:00:00.000Z")
        custodian.asked()
        met, marks = held.run(custodian.source(held))
        assert {doi: kind for doi, kind in kinds(met).items() if kind != "unchanged"} == {dois(0)[0]: "accepted"}
        assert [query["query"] for query in custodian.asked()] == ["updated:[2024-05-03T09:00:00Z TO *]"]
        met, marks = held.run(custodian.source(held))
        assert (len(custodian.asked()), marks[-1].complete, all(mark.unchanged for mark in marks)) == (1, True, True)
        assert set(kinds(met).values()) <= {"unchanged"}
        api.entries.pop()
        now[0] = NOW + timedelta(days=28)
        met, marks = held.run(custodian.source(held))
        assert (sorted(kinds(met)), marks[-1].complete) == (dois(0, 1), True)


def test_datacite_a_doi_that_is_no_longer_findable_was_withdrawn(custodian: Custodian) -> None:
    custodian.api.entries[1]["attributes"]["state"] = "registered"
    met, _ = Holding().run(custodian.source())
    assert kinds(met)[dois(1)[0]] == "deleted"


def test_datacite_counts_of_views_and_citations_are_no_change(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    for one in custodian.api.entries:
        one["attributes"] |= {"viewCount": 99, "citationCount": 7, "updated": "2024-05-30T00:00:00.000Z", "viewsOverTime": [{"total": 1}]}
    met, _ = held.run(custodian.source(held))
    assert set(kinds(met).values()) == {"unchanged"}
    assert len(met) == 5


def test_datacite_c3_a_next_link_in_a_circle_ends_the_pass_incomplete(custodian: Custodian) -> None:
    custodian.api.is_circle = True
    met, marks = Holding().run(custodian.source(page_size=2))
    assert (marks[-1].complete, marks[-1].why_incomplete, len(custodian.asked())) == (False, "paging-loop", 1)
    assert sorted(kinds(met)) == dois(0, 1)


def test_datacite_c4_a_next_link_to_another_server_is_not_followed(custodian: Custodian) -> None:
    custodian.api.next_host = "http://10.0.0.1"
    with pytest.raises(SourceError, match="another server") as failure:
        list(custodian.source(page_size=2).records())
    assert (failure.value.reason, len(custodian.asked())) == ("redirect-refused", 1)


def test_datacite_c5_fewer_than_the_total_make_the_pass_incomplete(custodian: Custodian) -> None:
    custodian.api.total = 9
    _, marks = Holding().run(custodian.source())
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "count-mismatch")


@pytest.mark.parametrize("after_page", [1, 2])
def test_a1_datacite_resumes_at_each_mark(custodian: Custodian, after_page: int) -> None:
    held = Holding()
    marks: list[Mark] = []
    before: list[str] = []
    for item in custodian.source(held, page_size=2).records():
        if isinstance(item, RawRecord):
            before.append(item.local_id)
            continue
        marks.append(item)
        held.remember(item)
        if len(marks) == after_page:
            break
    rest = list(custodian.source(held, page_size=2).records(json.loads(json.dumps(marks[-1].cursor))))
    assert [*before, *(item.local_id for item in rest if isinstance(item, RawRecord))] == dois(0, 1, 2, 3, 4)
    assert isinstance(rest[-1], Mark)
    assert rest[-1].complete


def test_datacite_a_bad_entry_is_a_value(custodian: Custodian) -> None:
    custodian.api.entries[2:2] = [{"id": "x"}, {"attributes": {"titles": []}}, entry(8, titles=[]), entry(9, descriptions=None)]
    met, marks = Holding().run(custodian.source())
    assert [outcome.reason for outcome in met if outcome.kind != "accepted"] == ["unreadable-shape", "missing-id", "blocking-findings"]
    assert (len(met), marks[-1].complete) == (9, True)


@pytest.mark.parametrize(("answer", "reason"), [
    (as_json("{}"), "not-a-list"), (as_json('{"data": {"id": "one"}}'), "not-a-list"), (Answer(b"<html>"), "html-instead-of-data"),
    (Answer(status=429, headers={"Retry-After": "3600"}), "rate-limited"), (Answer(status=404), "not-found"),
])  # fmt: skip
def test_datacite_says_why_it_cannot_be_read(custodian: Custodian, answer: Answer, reason: str) -> None:
    custodian.api.override = answer
    with pytest.raises(SourceError) as failure:
        list(custodian.source().records())
    assert failure.value.reason == reason


@pytest.mark.parametrize(("configuration", "said"), [
    ({}, "whose DOIs"), ({"prefix": "10.1"}, "prefix"), ({"client_id": "a", "page_size": 0}, "page_size"), ({"client_id": "a", "list_path": "/"}, "list_path"),
])  # fmt: skip
def test_datacite_says_what_is_wrong_with_a_configuration(configuration: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfiguration, match=said):
        configure("datacite", configuration)


def test_datacite_every_field_and_every_loss(custodian: Custodian) -> None:
    rich = entry(
        0, titles=[{"title": "Studie", "lang": "de"}, {"title": "Study", "lang": "en"}, {"title": "Part", "titleType": "Subtitle"}],
        publisher={"name": "Example Trust", "publisherIdentifier": "https://ror.org/000"}, subjects=[{"subject": "heart &amp; lungs"}],
        dates=[{"date": "2016-01-01/2020-12-31", "dateType": "Collected"}, {"date": "2021-02-03", "dateType": "Issued"}, {"date": "2021", "dateType": "Updated"}],
        rightsList=[{"rights": "On request", "rightsUri": "https://example.org/licence"}], geoLocations=[{"geoLocationPlace": "Leeds"}, {"geoLocationPoint": {"pointLatitude": 1}}],
        relatedIdentifiers=[
            {"relatedIdentifier": "10.5555/WHOLE", "relatedIdentifierType": "DOI", "relationType": "IsPartOf"},
            {"relatedIdentifier": "10.5555/SAME", "relatedIdentifierType": "DOI", "relationType": "IsIdenticalTo"},
            {"relatedIdentifier": "10.5555/paper", "relatedIdentifierType": "DOI", "relationType": "IsCitedBy"},
            {"relatedIdentifier": "12345", "relatedIdentifierType": "PMID", "relationType": "IsCitedBy"},
        ],
        descriptions=[{"description": "How it was done.", "descriptionType": "Methods"}, {"description": "What it is.", "descriptionType": "Abstract"}],
        language="en", formats=["text/csv"], version="1.1", publicationYear=2021,
    )  # fmt: skip
    custodian.api.entries = [rich]
    [outcome], _ = Holding().run(custodian.source())
    assert outcome.record is not None
    record = outcome.record.as_json()
    assert record["summary"] == {
        "title": "Study", "datasetAliases": ["Studie", "Part"], "abstract": "What it is.", "keywords": ["heart & lungs"], "doiName": "10.1234/study+0",
        "dataCustodian": {"name": "Example Trust", "identifier": "https://ror.org/000"},
    }
    assert record["documentation"]["description"] == "What it is.\n\nHow it was done."
    assert record["provenance"]["temporal"] == {"startDate": "2016-01-01", "endDate": "2020-12-31"}
    assert (record["issued"], record["version"], record["coverage"]["spatial"]) == ("2021-02-03", "1.1", ["Leeds"])
    assert record["enrichmentAndLinkage"] == {"isPartOf": [{"url": "https://doi.org/10.5555/whole"}], "publicationUsingDataset": ["10.5555/paper"]}
    assert {loss.from_path for loss in outcome.losses if loss.kind == "carried"} == {
        "/dates/2", "/rightsList/0/rightsUri", "/geoLocations/1/geoLocationPoint", "/relatedIdentifiers/3", "/publicationYear", "/types",
    }
    assert "10.5555/same" in outcome.aliases


# descriptions as they are

def test_a2_datacite_every_recorded_answer_is_read() -> None:
    entries = [json.loads(path.read_text())["data"] for path in sorted((corpus("datacite") / "rest-api").glob("*.json"))]
    with serving_api(Api(*entries)) as custodian:
        met, marks = Holding().run(custodian.source(page_size=10))
    assert (len(met), marks[-1].complete) == (37, True)
    assert Counter(outcome.reason or outcome.kind for outcome in met) == {"accepted": 37}
    assert all(outcome.reading is not None and outcome.reading.detected.model == "DataCite" for outcome in met)


READ = {
    "datacite/documents/datacite_software_version.json": "10.5281/zenodo.2598836", "datacite/documents/crosscite.json": "10.5281/zenodo.48440",
    "datacite/documents/datacite.json": "10.5438/4k3m-nyvg", "datacite/documents/datacite_with_container.json": "10.5438/4k3m-nyvg",
    "hostile/datacite/datacite_software_overlapping_keys.json": "10.5063/f1m61h5x",
}
REFUSED = {
    "hostile/datacite/datacite_software_missing_comma.json": "bad-json", "hostile/datacite/datacite-example-relateditems-mismatched-tags.xml": "bad-xml",
    "hostile/iso19115/decode_error.xml": "unreadable-shape", "hostile/iso19115/invalid_iso2.xml": "unreadable-shape", "hostile/oaipmh/ListRecordsBroken.xml": "bad-xml",
}


def documents() -> Iterator[tuple[str, Path]]:
    root = corpus("datacite").parent
    for folder in ("datacite/documents", "hostile/datacite", "hostile/iso19115", "hostile/oaipmh"):
        for path in sorted((root / folder).iterdir()):
            yield str(path.relative_to(root)), path


def test_a2_datacite_documents_are_read_or_refused_by_name() -> None:
    for name, path in documents():
        content = Content(path.read_bytes(), media_type="application/xml" if path.suffix == ".xml" else "application/json")
        if name in REFUSED:
            with pytest.raises(document.Unreadable) as failure:
                opened(content)
            assert failure.value.reason == REFUSED[name], name
            continue
        value = opened(content).value
        reading = translate.read(value)
        assert reading.detected.model == "DataCite", name
        assert reading.record.summary.title or "overlapping" in name, name
        assert name not in READ or translate.local_id(value) == READ[name]


@pytest.mark.parametrize("after_mark", [1, 2])
def test_j8_datacite_what_was_withdrawn_before_a_listing_was_broken_off_is_no_shortfall(custodian: Custodian, after_mark: int) -> None:
    """What is held of the pages before does not name it, and the total counts it."""
    for one in custodian.api.entries[:3]:
        one["attributes"]["state"] = "registered"
    named, last = broken_off(partial(custodian.source, page_size=2), after_mark=after_mark)
    assert (sorted(named), last.complete, last.why_incomplete) == (dois(0, 1, 2, 3, 4), True, None)


@pytest.mark.parametrize("after_mark", [1, 2])
def test_j8_datacite_dois_that_come_and_go_behind_and_before_the_place_are_no_shortfall(custodian: Custodian, after_mark: int) -> None:
    """The place itself stays where it is."""
    api = custodian.api
    source = partial(custodian.source, page_size=2)
    named, last = broken_off(source, after_mark=after_mark, meanwhile=lambda: setattr(api, "total", len(api.entries) + 1))
    assert (sorted(named), last.complete, last.why_incomplete) == (dois(0, 1, 2, 3, 4), True, None)
    api.total = None
    named, last = broken_off(source, after_mark=after_mark, meanwhile=api.entries.pop)
    assert (sorted(named), last.complete, last.why_incomplete) == (dois(0, 1, 2, 3), True, None)
