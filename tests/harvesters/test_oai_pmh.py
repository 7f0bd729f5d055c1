"""Harvesting an OAI-PMH repository over a real loopback server: tokens, dates, deletions, errors, and answers as they were given."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harvesters.oai_pmh_walk import earlier
from harvesters.pipeline import Outcome, outcomes
from harvesters.source import FetchRefused, Mark, PageUnreadable, RawRecord, SourceError
from tests.corpus import corpus
from tests.harvesters.holding import TODAY, Holding, kinds
from tests.harvesters.oai_pmh_server import Custodian, Kept, Repository, datacite, dublin_core, serving_repository
from tests.harvesters.web_server import Answer, Asked

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_repository(Repository(5)) as served:
        yield served


def ids(*numbers: int) -> list[str]:
    return [f"oai:example.org:{number}" for number in numbers]


# reading

def test_oai_lists_every_record_and_sends_a_token_alone(custodian: Custodian) -> None:
    custodian.repository.page_size = 2
    met, marks = Holding().run(custodian.source())
    assert kinds(met) == dict.fromkeys(ids(0, 1, 2, 3, 4), "accepted")
    assert (marks[-1].complete, marks[0].declared_total) == (True, 5)
    asked = custodian.asked()
    assert [query["verb"] for query in asked] == ["Identify", "ListMetadataFormats", "ListRecords", "ListRecords", "ListRecords"]
    assert asked[2] == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    assert [set(query) for query in asked[3:]] == [{"verb", "resumptionToken"}] * 2


def test_a16_oai_the_next_page_is_fetched_before_the_one_in_hand_is_worked_through(custodian: Custodian) -> None:
    custodian.repository.page_size = 2
    items = custodian.source().records()
    next(items)
    assert custodian.verbs() == ["Identify", "ListMetadataFormats", "ListRecords", "ListRecords"]


@pytest.mark.parametrize("always", [False, True])
def test_oai_asks_by_post_where_an_address_gets_too_long_or_always(always: bool) -> None:
    repository = Repository(5)
    repository.page_size = 2
    long = "x" * 3_000
    ask = repository.answer

    def answer(asked: Asked) -> Answer:
        """Tokens that no server takes in an address."""
        reply = ask(replace(asked, path=asked.path.replace(long, ""), body=asked.body.replace(long.encode(), b"")))
        return replace(reply, body=re.sub(rb"(\|\d+)</resumptionToken>", rb"\1" + long.encode() + b"</resumptionToken>", reply.body))

    repository.answer = answer  # type: ignore[method-assign]
    with serving_repository(repository) as custodian:
        met, marks = Holding().run(custodian.source(post=always))
        posted = [one for one in custodian.server.asked if one.body]
        assert len(met) == 5
        assert marks[-1].complete
        assert len(posted) == (len(custodian.server.asked) if always else 2)
        assert all(one.headers["content-type"] == "application/x-www-form-urlencoded" and "?" not in one.path for one in posted)
        assert max(len(path) for path in custodian.server.paths) < 2_000


def test_oai_chooses_the_richest_format_by_its_namespace() -> None:
    repository = Repository()
    repository.formats = ["oai_dc", "marcxml", "oai_datacite", "datacite"]
    repository.records = {ids(0)[0]: Kept({"oai_dc": dublin_core("poor"), "datacite": datacite("rich"), "oai_datacite": (
        f'<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.1/"><payload>{datacite("wrapped")}</payload></oai_datacite>'
    )})}  # fmt: skip
    with serving_repository(repository) as custodian:
        [outcome], _ = Holding().run(custodian.source())
        assert outcome.record is not None
        assert outcome.record.summary.title == "wrapped"
        assert outcome.reading is not None
        assert outcome.reading.detected.name == "DataCite 4"
        [outcome], _ = Holding().run(custodian.source(metadata_prefix="datacite"))
        assert outcome.record is not None
        assert outcome.record.summary.title == "rich"


def test_oai_reads_dcat_before_anything_else_and_takes_one_dataset_from_each_record() -> None:
    def described(*names: str) -> str:
        inner = "".join(
            f'<dcat:Dataset rdf:about="https://example.org/{name}"><dct:title>{name}</dct:title><dct:publisher><foaf:Agent><foaf:name>Trust</foaf:name>'
            "</foaf:Agent></dct:publisher></dcat:Dataset>" for name in names
        )
        return (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/" '
            f'xmlns:foaf="http://xmlns.com/foaf/0.1/">{inner}</rdf:RDF>'
        )

    repository = Repository()
    repository.formats = ["oai_dc", "datacite", "dcat"]
    repository.records = {ids(0)[0]: Kept({"dcat": described("Sleep")}), ids(1)[0]: Kept({"dcat": described("one", "two")})}
    with serving_repository(repository) as custodian:
        met, marks = Holding().run(custodian.source())
    assert [(outcome.local_id, outcome.reason or outcome.kind) for outcome in met] == [(ids(0)[0], "accepted"), (ids(1)[0], "no-dataset")]
    assert met[0].record is not None
    assert (met[0].record.summary.title, met[0].record.summary.data_custodian.name) == ("Sleep", "Trust")
    assert marks[-1].complete


def test_oai_takes_the_next_format_where_one_is_offered_but_not_given(custodian: Custodian) -> None:
    custodian.repository.formats = ["datacite", "oai_dc"]
    custodian.repository.override = lambda query: (
        custodian.repository.error("cannotDisseminateFormat") if query.get("metadataPrefix") == "datacite" else None
    )
    met, marks = Holding().run(custodian.source())
    assert (len(met), marks[-1].complete) == (5, True)


@pytest.mark.parametrize(("options", "expected"), [({}, [0, 3]), ({"all_types": True}, [0, 1, 2, 3]), ({"set": "health"}, [1])])
def test_oai_takes_datasets_only_unless_a_set_does_the_choosing(options: dict[str, object], expected: list[int]) -> None:
    repository = Repository()
    types = ["Dataset", "Text", "info:eu-repo/semantics/article", "info:eu-repo/semantics/dataset"]
    for number, kind in enumerate(types):
        sets = ("health",) if number == 1 else ()
        repository.records[ids(number)[0]] = Kept({"oai_dc": dublin_core(f"Study {number}", kind=kind)}, sets=sets)
    with serving_repository(repository) as custodian:
        met, marks = Holding().run(custodian.source(**options))
    assert (sorted(kinds(met)), marks[-1].complete) == (ids(*expected), True)


def test_oai_a_record_as_it_came_is_kept_and_read_with_every_loss_told(custodian: Custodian) -> None:
    more = (
        "<dc:identifier>https://doi.org/10.1234/ABC</dc:identifier><dc:identifier>local-7</dc:identifier><dc:date>2023-02-01</dc:date>"
        "<dc:date>2023</dc:date><dc:subject>heart; blood</dc:subject><dc:language>eng</dc:language><dc:creator>Heart Study Group</dc:creator>"
        "<dc:rights>info:eu-repo/semantics/openAccess</dc:rights><dc:rights>On request</dc:rights><dc:relation>a paper</dc:relation>"
        "<dc:coverage>Leeds</dc:coverage><dc:title xml:lang='de'>Studie</dc:title>"
    )
    custodian.repository.records = {ids(0)[0]: Kept({"oai_dc": dublin_core("Study", more=more)})}
    [outcome], _ = Holding().run(custodian.source())
    assert outcome.content is not None
    assert b"<dc:relation>a paper</dc:relation>" in outcome.content.body
    assert (outcome.content.media_type, outcome.content.locator) == ("application/xml", ids(0)[0])
    assert outcome.record is not None
    record = outcome.record.as_json()
    assert record["summary"] == {
        "title": "Study", "datasetAliases": ["Studie"], "abstract": "Blood pressure of volunteers.", "doiName": "10.1234/abc",
        "dataCustodian": {"name": "Example Trust"}, "keywords": ["heart", "blood"],
    }
    assert record["accessibility"]["access"] == {"accessRights": ["On request"], "accessServiceCategory": "Open access"}
    assert (record["issued"], record["coverage"]["spatial"]) == ("2023-02-01", ["Leeds"])
    told = {loss.from_path for loss in outcome.losses if loss.kind == "carried"}
    assert told == {"/identifier/1", "/date/1", "/relation", "/type"}
    assert "10.1234/abc" in outcome.aliases


# changes

def test_oai_asks_for_changes_from_the_repositorys_own_date_and_writes_nothing_when_there_are_none(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.asked()
    met, marks = held.run(custodian.source(held))
    assert custodian.asked() == [{"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2024-06-01T11:00:00Z"}]
    assert (met, marks[-1].complete) == ([], True)
    assert all(mark.unchanged for mark in marks)
    assert {local_id for mark in marks for local_id in mark.local_ids} == set(ids(0, 1, 2, 3, 4))


def test_oai_reads_what_changed_and_what_was_deleted(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.repository.records[ids(1)[0]] = Kept({"oai_dc": dublin_core("Renamed")}, "2024-06-02T00:00:00Z")
    custodian.repository.records[ids(2)[0]] = Kept({"oai_dc": dublin_core("Gone")}, "2024-06-02T00:00:00Z", is_deleted=True)
    custodian.repository.records[ids(9)[0]] = Kept({"oai_dc": dublin_core("New")}, "2024-06-02T00:00:00Z")
    custodian.repository.response_date = "2024-06-03T12:00:00Z"
    met, marks = held.run(custodian.source(held))
    assert kinds(met) == {ids(1)[0]: "accepted", ids(2)[0]: "deleted", ids(9)[0]: "accepted"}
    assert set(ids(0, 1, 3, 4, 9)) <= {local_id for mark in marks for local_id in mark.local_ids if mark.unchanged}
    custodian.asked()
    held.run(custodian.source(held))
    assert custodian.asked()[0]["from"] == "2024-06-03T11:00:00Z"


def test_a16_oai_a_deleted_header_with_metadata_is_still_deleted(custodian: Custodian) -> None:
    custodian.repository.records[ids(0)[0]].is_deleted = True
    met, _ = Holding().run(custodian.source())
    assert kinds(met)[ids(0)[0]] == "deleted"


def test_a16_oai_a_repository_that_counts_in_days_is_asked_in_days(custodian: Custodian) -> None:
    custodian.repository.granularity = "YYYY-MM-DD"
    held = Holding()
    held.run(custodian.source(held))
    custodian.asked()
    held.run(custodian.source(held))
    assert [query["from"] for query in custodian.asked()] == ["2024-05-31"]


def test_a16_oai_dates_by_day_are_tried_once_where_a_finer_one_is_refused(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.repository.granularity = "YYYY-MM-DD"
    custodian.asked()
    _, marks = held.run(custodian.source(held))
    assert [query["from"] for query in custodian.asked()] == ["2024-06-01T11:00:00Z", "2024-06-01"]
    assert marks[-1].complete


@pytest.mark.parametrize(("moment", "granularity", "expected"), [
    ("2024-03-01T00:30:00Z", "YYYY-MM-DDThh:mm:ssZ", "2024-02-29T23:30:00Z"), ("2024-03-01T00:30:00Z", "YYYY-MM-DD", "2024-02-29"),
    ("2024-03-01", "", "2024-02-29"), ("yesterday", "", None), (None, "", None),
])  # fmt: skip
def test_oai_overlap_is_an_hour_or_a_day(moment: str | None, granularity: str, expected: str | None) -> None:
    assert earlier(moment, granularity) == expected


@pytest.mark.parametrize(("deletions", "days"), [("no", 7), ("transient", 7), ("persistent", 28)])
def test_a16_oai_lists_in_full_every_week_or_month_by_what_the_repository_says_of_deletions(deletions: str, days: int) -> None:
    repository = Repository(3)
    repository.deletions = deletions
    now = [NOW]
    with serving_repository(repository, now=lambda: now[0]) as custodian:
        held = Holding()
        held.run(custodian.source(held))
        del repository.records[ids(2)[0]]
        now[0] = NOW + timedelta(days=days - 1)
        _, marks = held.run(custodian.source(held))
        assert ids(2)[0] in {local_id for mark in marks for local_id in mark.local_ids}
        now[0] = NOW + timedelta(days=days)
        met, marks = held.run(custodian.source(held))
        assert (sorted(kinds(met)), marks[-1].complete) == (ids(0, 1), True)


def test_a16_oai_late_records_with_old_dates_are_found_by_the_weekly_list_of_identifiers() -> None:
    repository = Repository(3)
    now = [NOW]
    with serving_repository(repository, now=lambda: now[0]) as custodian:
        held = Holding()
        held.run(custodian.source(held, all_types=True))
        repository.records[ids(7)[0]] = Kept({"oai_dc": dublin_core("Late")}, "2019-01-01T00:00:00Z")
        met, _ = held.run(custodian.source(held, all_types=True))
        assert met == []
        now[0] = NOW + timedelta(days=7)
        custodian.asked()
        met, marks = held.run(custodian.source(held, all_types=True))
        assert (kinds(met)[ids(7)[0]], marks[-1].complete) == ("accepted", True)
        assert custodian.verbs() == ["Identify", "ListMetadataFormats", "ListIdentifiers", "GetRecord"]


# tokens

def test_a16_oai_a_token_that_expired_restarts_the_listing_once(custodian: Custodian) -> None:
    custodian.repository.page_size = 2
    custodian.repository.expired = {"oai_dc|||2"}
    met, marks = Holding().run(custodian.source())
    assert (set(kinds(met)), marks[-1].complete) == (set(ids(0, 1, 2, 3, 4)), True)
    asked = custodian.asked()
    assert asked[4] == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2024-05-01T09:00:00Z"}


def test_a16_oai_tokens_that_always_expire_end_the_run_and_keep_what_came(custodian: Custodian) -> None:
    custodian.repository.page_size = 2
    custodian.repository.override = lambda query: custodian.repository.error("badResumptionToken") if "resumptionToken" in query else None
    met: list[RawRecord] = []
    with pytest.raises(PageUnreadable) as failure:
        met.extend(item for item in custodian.source().records() if isinstance(item, RawRecord))
    assert failure.value.reason == "bad-token"


@pytest.mark.parametrize("repeats", ["token", "page"])
def test_a16_oai_c3_a_repository_that_walks_in_a_circle_is_left(custodian: Custodian, repeats: str) -> None:
    served = custodian.repository.records
    count = iter(range(1000))

    def circle(query: dict[str, str]) -> Answer | None:
        if query["verb"] != "ListRecords":
            return None
        token = "again" if repeats == "token" else f"t{next(count)}"
        entries = "".join(custodian.repository._entry("ListRecords", name, one, "oai_dc") for name, one in served.items())
        return custodian.repository.wrapped(f"<ListRecords>{entries}<resumptionToken>{token}</resumptionToken></ListRecords>")

    custodian.repository.override = circle
    met, marks = Holding().run(custodian.source())
    assert (set(kinds(met)), marks[-1].complete, marks[-1].why_incomplete) == (set(ids(0, 1, 2, 3, 4)), False, "paging-loop")
    assert len(custodian.asked()) < 10


def test_oai_c5_fewer_records_than_declared_make_the_pass_incomplete(custodian: Custodian) -> None:
    custodian.repository.page_size = 2
    with serving_repository(custodian.repository) as other:
        answers = iter(range(10))

        def lose(query: dict[str, str]) -> Answer | None:
            if "resumptionToken" in query and next(answers) == 0:
                custodian.repository.records = {name: custodian.repository.records[name] for name in ids(0, 1, 2)}
            return None

        custodian.repository.override = lose
        _, marks = Holding().run(other.source())
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "count-mismatch")


@pytest.mark.parametrize("after_page", [1, 2])
def test_a1_oai_resumes_at_each_mark(custodian: Custodian, after_page: int) -> None:
    custodian.repository.page_size = 2
    held = Holding()
    marks: list[Mark] = []
    before: list[str] = []
    for item in custodian.source(held).records():
        if isinstance(item, RawRecord):
            before.append(item.local_id)
            continue
        marks.append(item)
        held.remember(item)
        if len(marks) == after_page:
            break
    rest = list(custodian.source(held).records(json.loads(json.dumps(marks[-1].cursor))))
    assert sorted([*before, *(item.local_id for item in rest if isinstance(item, RawRecord))]) == ids(0, 1, 2, 3, 4)
    assert isinstance(rest[-1], Mark)
    assert rest[-1].complete


# errors

@pytest.mark.parametrize("status", [200, 422, 404])
def test_a16_oai_an_error_is_read_whatever_its_status(custodian: Custodian, status: int) -> None:
    custodian.repository.error_status = status
    custodian.repository.records.clear()
    met, marks = Holding().run(custodian.source())
    assert (met, marks[-1].complete) == ([], True)


@pytest.mark.parametrize(("code", "reason", "words"), [
    ("badArgument", "wrong-configuration", "does not take an argument"), ("noSetHierarchy", "wrong-configuration", "has no sets"),
    ("cannotDisseminateFormat", "wrong-configuration", "this format"), ("badVerb", "wrong-configuration", "verb"),
    ("undefinedError", "request-refused", "undefinedError: of its own"), ("", "request-refused", "of its own"),
])  # fmt: skip
def test_oai_each_error_of_the_protocol_has_its_meaning(custodian: Custodian, code: str, reason: str, words: str) -> None:
    custodian.repository.override = lambda query: custodian.repository.error(code, "of its own") if query["verb"] == "ListRecords" else None
    with pytest.raises(SourceError, match=words) as failure:
        list(custodian.source(set="x").records())
    assert failure.value.reason == reason


def test_oai_a_set_that_the_repository_does_not_have_is_named_with_those_it_has(custodian: Custodian) -> None:
    for number, one in enumerate(custodian.repository.records.values()):
        one.sets = ("cohorts",) if number else ("registries",)
    met, _ = Holding().run(custodian.source(set="cohorts"))
    assert len(met) == 4
    with pytest.raises(FetchRefused, match=r"no set 'cohort'. Sets: cohorts, registries") as failure:
        list(custodian.source(set="cohort").records())
    assert failure.value.reason == "wrong-configuration"


def test_oai_a_listed_record_that_is_not_there_is_detail_missing() -> None:
    repository = Repository(2)
    now = [NOW]
    with serving_repository(repository, now=lambda: now[0]) as custodian:
        held = Holding()
        held.run(custodian.source(held, all_types=True))
        repository.records[ids(5)[0]] = Kept({"oai_dc": dublin_core("Listed only")}, "2019-01-01T00:00:00Z")
        repository.override = lambda query: repository.error("idDoesNotExist") if query["verb"] == "GetRecord" else None
        now[0] = NOW + timedelta(days=8)
        met, marks = held.run(custodian.source(held, all_types=True))
    assert [(outcome.local_id, outcome.reason) for outcome in met if outcome.reason] == [(ids(5)[0], "detail-missing")]
    assert marks[-1].complete


@pytest.mark.parametrize(("body", "reason"), [
    (b"<!DOCTYPE html><html><p>Welcome", "html-instead-of-data"), (b"", "empty-answer"), (b"<OAI-PMH><ListRecords>", "bad-xml"),
    (b"<feed/>", "not-a-list"), (b"{}", "bad-xml"), (b'<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH/>', "dtd-forbidden"),
])  # fmt: skip
def test_oai_what_is_no_answer_of_a_repository_has_a_name(custodian: Custodian, body: bytes, reason: str) -> None:
    custodian.repository.override = lambda _: Answer(body, headers={"Content-Type": "text/html"})
    with pytest.raises(PageUnreadable) as failure:
        list(custodian.source().records())
    assert failure.value.reason == reason


def test_oai_without_a_format_that_is_read_here_is_a_matter_of_configuration(custodian: Custodian) -> None:
    custodian.repository.formats = ["marcxml"]
    with pytest.raises(FetchRefused, match="no format") as failure:
        list(custodian.source().records())
    assert failure.value.reason == "wrong-configuration"


def test_oai_a_bad_record_is_a_value_at_the_start_in_the_middle_and_at_the_end(custodian: Custodian) -> None:
    kept = custodian.repository.records
    bad = Kept({"oai_dc": "<other>thing</other>"})
    custodian.repository.records = {"bad:1": bad, **kept, "bad:2": Kept({"oai_dc": dublin_core("")})}
    met, marks = Holding().run(custodian.source(all_types=True))
    assert [outcome.reason for outcome in met if outcome.kind != "accepted"] == ["unreadable-shape", "blocking-findings"]
    assert (len(met), marks[-1].complete) == (7, True)


def test_oai_control_characters_are_left_out_with_a_warning(custodian: Custodian) -> None:
    custodian.repository.records = {ids(0)[0]: Kept({"oai_dc": dublin_core("Blood\x0bpressure &#1;")})}
    custodian.repository.records[ids(0)[0]].metadata["oai_dc"] = dublin_core("x").replace(">x<", ">Blood\x0b pressure&#x1;<")
    [outcome], marks = Holding().run(custodian.source())
    assert outcome.record is not None
    assert outcome.record.summary.title == "Blood pressure"
    assert marks[0].warnings == ("encoding",)


def test_j8_oai_what_was_announced_as_gone_before_a_pass_was_broken_off_is_no_shortfall(custodian: Custodian) -> None:
    """What is held of the pages before does not name it, and the repository's total counts it."""
    custodian.repository.page_size = 2
    first = next(iter(custodian.repository.records))
    custodian.repository.records[first].is_deleted = True
    held = Holding()
    held.run(custodian.source(wanted="audit"))
    begun = [item for item in custodian.source(held, wanted="audit").records() if isinstance(item, Mark)]
    assert begun[-1].complete
    ended = [item for item in custodian.source(held, wanted="audit").records(begun[0].cursor) if isinstance(item, Mark)][-1]
    assert (ended.complete, ended.why_incomplete) == (True, None)


# answers as repositories gave them

ERRORS = {
    "badArgument.xml": "wrong-configuration", "badResumptionToken.xml": "bad-token", "cannotDisseminateFormat.xml": "wrong-configuration",
    "noSetHierarchy.xml": "wrong-configuration", "undefinedError.xml": "request-refused", "idDoesNotExist.xml": "request-refused",
}


def recorded(folder: str, name: str) -> Answer:
    """An answer as it was recorded, with its status and media type."""
    root = corpus("oaipmh") / folder
    index = root / f"{name.rpartition('.')[0].rpartition('-')[0]}.index.json"
    facts = next((one for one in json.loads(index.read_text()) if one["file"] == name), {}) if index.exists() else {}
    media_type = (facts.get("content_type") or ["text/xml;charset=UTF-8"])[0]
    return Answer((root / name).read_bytes(), facts.get("status", 200), {"Content-Type": media_type})


@pytest.mark.parametrize("name", ERRORS)
def test_a2_oai_errors_of_an_older_server(custodian: Custodian, name: str) -> None:
    custodian.repository.override = lambda query: recorded("sickle-samples", name) if query["verb"] == "ListRecords" else None
    with pytest.raises(SourceError) as failure:
        list(custodian.source().records())
    assert failure.value.reason == ERRORS[name]


def test_a2_oai_a_whole_list_of_an_older_server_over_its_tokens(custodian: Custodian) -> None:
    def replay(query: dict[str, str]) -> Answer | None:
        if query["verb"] == "Identify":
            return recorded("sickle-samples", "Identify.xml")
        if query["verb"] == "ListMetadataFormats":
            return recorded("sickle-samples", "ListMetadataFormats.xml")
        return recorded("sickle-samples", query.get("resumptionToken", "ListRecords.xml"))

    custodian.repository.override = replay
    met, marks = Holding().run(custodian.source(all_types=True))
    found = [outcome.reason or outcome.kind for outcome in met]
    assert {reason: found.count(reason) for reason in found} == {"deleted": 3, "accepted": 1, "repeated": 3, "missing-id": 1}
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "count-mismatch")


ZENODO: dict[str, tuple[dict[str, int], dict[str, int], str]] = {
    "list_records-00.xml": ({"accepted": 50}, {}, "bad-token"), "list_records-01.xml": ({"accepted": 50}, {}, "bad-token"),
    "list_records-04.xml": ({"accepted": 50}, {"accepted": 29}, "bad-token"), "list_records-05.xml": ({"accepted": 3}, {}, "bad-token"),
    "list_records-07.xml": ({"accepted": 50}, {}, "bad-token"), "list_records-08.xml": ({"accepted": 3}, {}, ""),
    "list_records-09.xml": ({"accepted": 2, "deleted": 2}, {"deleted": 2}, "bad-token"), "list_records-11.xml": ({"accepted": 50}, {}, "bad-token"),
}
"""Of each page: what came of records of every type, what came of those that say they are datasets, and how the run ended."""


@pytest.mark.parametrize("name", ZENODO)
@pytest.mark.parametrize("all_types", [True, False])
def test_a2_oai_pages_of_a_large_repository_whose_tokens_expired(custodian: Custodian, name: str, all_types: bool) -> None:
    """After each page comes the recorded refusal of its token, with status 422."""

    def replay(query: dict[str, str]) -> Answer | None:
        if query["verb"] == "Identify":
            return recorded("zenodo-2026", "identify-02.xml")
        if query["verb"] == "ListMetadataFormats":
            return recorded("zenodo-2026", "list_metadata_formats-00.xml")
        return recorded("zenodo-2026", "list_records-10.xml" if "resumptionToken" in query else name)

    custodian.repository.override = replay
    held, met, failure = Holding(), [], ""
    try:
        for outcome in outcomes(custodian.source(all_types=all_types, metadata_prefix="oai_dc"), held, custodian_known=True, wanted="full", today=TODAY):
            met += [outcome] if isinstance(outcome, Outcome) else []
    except PageUnreadable as caught:
        failure = caught.reason
    found = Counter(outcome.reason or outcome.kind for outcome in met if outcome.kind != "repeated")
    every, datasets, ending = ZENODO[name]
    assert (dict(found), failure) == (every if all_types else datasets, ending)
