"""Harvesting a federation over a real loopback server: lists as they are met, lies of lists, what is asked for."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from harvesters.plan import removals
from harvesters.registry import KINDS, WrongConfiguration, configure
from harvesters.source import FetchDeferred, FetchRefused, Mark, PageUnreadable, RawRecord, Source, SourceError
from tests.corpus import corpus
from tests.harvesters.federation_server import Custodian, Federation, serving_federation
from tests.harvesters.holding import Holding, broken_off, dataset, kinds
from tests.harvesters.web_server import Answer, as_json

NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_federation(Federation.of(3)) as served:
        yield served


def listed(items: object, **more: object) -> Answer:
    return as_json(json.dumps({"items": items, **more}))


def read(custodian: Custodian, **options: object) -> tuple[list[RawRecord], Mark]:
    """The records that the list names, and the last mark."""
    items = list(custodian.source(**options).records())  # type: ignore[arg-type]
    assert isinstance(items[-1], Mark)
    return [item for item in items if isinstance(item, RawRecord)], items[-1]


# ordinary runs

def test_the_first_run_accepts_what_the_list_names(custodian: Custodian) -> None:
    held = Holding()
    met, marks = held.run(custodian.source(held))
    assert kinds(met) == {"d0": "accepted", "d1": "accepted", "d2": "accepted"}
    assert [mark.complete for mark in marks] == [True]
    assert marks[0].local_ids == ("d0", "d1", "d2")
    assert marks[0].declared_total == 3
    assert custodian.asked() == ["/api/list", "/api/one/d0", "/api/one/d1", "/api/one/d2"]


@pytest.mark.parametrize("sends_etag", [True, False])
def test_an_unchanged_list_costs_one_request_and_names_its_records(custodian: Custodian, sends_etag: bool) -> None:
    custodian.federation.sends_etag = sends_etag
    held = Holding()
    held.run(custodian.source(held))
    custodian.asked()
    met, marks = held.run(custodian.source(held))
    assert (met, custodian.asked()) == ([], ["/api/list"])
    assert (marks[0].unchanged, marks[0].complete, marks[0].local_ids) == (True, True, ("d0", "d1", "d2"))


def test_only_changed_details_are_read(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.asked()
    custodian.federation.documents["d1"] = dataset("d1", version="0.9.0", summary={"title": "New", "abstract": "a"})
    met, _ = held.run(custodian.source(held))
    assert kinds(met) == {"d0": "unchanged", "d1": "accepted", "d2": "unchanged"}
    assert custodian.asked() == ["/api/list", "/api/one/d1"]


def test_a_full_pass_reads_the_list_and_trusts_hints_an_audit_reads_all(custodian: Custodian) -> None:
    held = Holding()
    held.run(custodian.source(held))
    custodian.asked()
    met, marks = held.run(custodian.source(held, wanted="full"), wanted="full")
    assert (set(kinds(met).values()), custodian.asked()) == ({"unchanged"}, ["/api/list"])
    assert not marks[-1].unchanged
    custodian.federation.documents["d2"]["documentation"] = {"description": "Edited without a bump."}
    met, _ = held.run(custodian.source(held, wanted="audit"), wanted="audit")
    assert kinds(met) == {"d0": "unchanged", "d1": "unchanged", "d2": "accepted"}
    assert met[2].reason == "version-not-bumped"
    assert len(custodian.asked()) == 4


def test_a_withdrawn_dataset_is_missing_from_a_complete_pass(custodian: Custodian) -> None:
    del custodian.federation.documents["d1"]
    records, mark = read(custodian)
    assert [record.local_id for record in records] == ["d0", "d2"]
    assert mark.complete


# credentials

@pytest.mark.parametrize(("auth", "header", "value"), [
    ({"auth": "NO_AUTH"}, "authorization", None), ({"auth": "BEARER"}, "authorization", "Bearer s3cret"), ({"auth": "API_KEY"}, "apikey", "s3cret"),
    ({"auth": "API_KEY", "header_name": "x-key"}, "x-key", "s3cret"),
    ({"auth": "API_KEY", "encode_base64": True}, "apikey", b64encode(b"s3cret").decode()),
])
def test_c8_credentials_travel_in_a_header_of_every_request(custodian: Custodian, auth: dict[str, object], header: str, value: str | None) -> None:
    held = Holding()
    held.run(custodian.source(held, secret="s3cret", query={"team": "a b"}, **auth))
    assert {request.headers.get(header) for request in custodian.server.asked} == {value}
    assert not [path for path in custodian.asked() if "s3cret" in path]


def test_refused_credentials_end_the_run_without_naming_the_secret(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/one/d1"] = Answer(status=403)
    with pytest.raises(FetchRefused) as refused:
        Holding().run(custodian.source(auth="BEARER", secret="s3cret"))
    assert refused.value.reason == "credentials"
    assert "s3cret" not in f"{refused.value!r}{refused.value.message}{refused.value.url}"
    assert custodian.asked()[-1] == "/api/one/d1"


# addresses

@pytest.mark.parametrize(("dataset_id", "path"), [
    ("a/b?c#d", "/api/one/a%2Fb%3Fc%23d"), ("50%:x", "/api/one/50%25%3Ax"), ("..", "/api/one/%2E%2E"), ("é ü", "/api/one/%C3%A9%20%C3%BC"),
    ("https://doi.org/10.1/x", "/api/one/https%3A%2F%2Fdoi.org%2F10.1%2Fx"),
])
def test_any_identifier_becomes_one_step_of_the_path(custodian: Custodian, dataset_id: str, path: str) -> None:
    custodian.federation.documents = {dataset_id: dataset(dataset_id)}
    met, _ = Holding().run(custodian.source())
    assert custodian.asked() == ["/api/list", path]
    assert kinds(met) == {dataset_id: "accepted"}


# lists as they are met

@pytest.mark.parametrize("field", ["persistentId", "identifier", "identifer", "pid", "id"])
def test_an_entry_is_known_by_any_of_the_usual_fields(custodian: Custodian, field: str) -> None:
    custodian.federation.overrides["/api/list"] = listed([{field: " x1 "}, {field: 7}])
    assert [record.local_id for record in read(custodian)[0]] == ["x1", "7"]


@pytest.mark.parametrize("body", [
    [{"id": "x"}], {"items": [{"id": "x"}]}, {"data": [{"id": "x"}]}, {"data": {"items": [{"id": "x"}], "total": 9}}, {"datasets": [{"id": "x"}], "total": "1"},
])
def test_a_list_may_stand_at_the_root_or_in_an_envelope(custodian: Custodian, body: object) -> None:
    custodian.federation.overrides["/api/list"] = as_json(json.dumps(body))
    records, mark = read(custodian)
    assert [record.local_id for record in records] == ["x"]
    assert mark.complete


def test_entries_without_a_usable_identifier_are_problems_not_the_end(custodian: Custodian) -> None:
    entries = [{"name": "x"}, {"id": "  "}, {"id": True}, "text", {"id": "x" * 1001}, {"id": "ok"}]
    custodian.federation.overrides["/api/list"] = listed(entries, total=6)
    records, mark = read(custodian)
    assert [record.problem for record in records] == ["missing-id"] * 4 + ["bad-id", None]
    assert mark.complete


def test_c7_byte_order_mark_utf_16_and_comment_lines_are_read(custodian: Custodian) -> None:
    text = '// made by a tool\n{"items": [{"id": "é"}]}'
    for body in (text.encode("utf-8-sig"), text.encode("utf-16")):
        custodian.federation.overrides["/api/list"] = as_json(body)
        assert [record.local_id for record in read(custodian)[0]] == ["é"]


# failures told apart

BROKEN_LISTS = [
    (Answer(status=500), FetchDeferred, "server-error"), (Answer(status=404), FetchRefused, "not-found"), (Answer(status=401), FetchRefused, "credentials"),
    (Answer(b"<!doctype html><p>Sign in", headers={"Content-Type": "text/html"}), PageUnreadable, "html-instead-of-data"),
    (as_json('{"items": [{"id": "a"}, {"id'), PageUnreadable, "bad-json"), (as_json(""), PageUnreadable, "empty-answer"), (Answer(status=204), PageUnreadable, "empty-answer"),
    (as_json('{"message": "ok"}'), PageUnreadable, "not-a-list"), (as_json('"text"'), PageUnreadable, "not-a-list"),
    (as_json('{"items": [NaN]}'), PageUnreadable, "bad-json"), (as_json("[" * 100_000), PageUnreadable, "too-deep"),
    (as_json(b"\xff\xfe\x00"), PageUnreadable, "encoding"),
]


@pytest.mark.parametrize(("answer", "kind", "reason"), BROKEN_LISTS)
def test_a_broken_list_raises_with_its_own_reason(custodian: Custodian, answer: Answer, kind: type[SourceError], reason: str) -> None:
    custodian.federation.overrides["/api/list"] = answer
    with pytest.raises(kind) as failure:
        read(custodian)
    assert failure.value.reason == reason


def test_an_honest_empty_list_is_complete_and_removes_nothing_by_itself(custodian: Custodian) -> None:
    custodian.federation.documents = {}
    records, mark = read(custodian)
    assert (records, mark.complete, mark.local_ids) == ([], True, ())
    verdict = removals(live={"d0", "d1"}, seen=set(), complete=True, why_incomplete=None, already_missing={}, now=NOW)
    assert verdict.held == {"d0", "d1"}
    assert not verdict.missing | verdict.removed


def test_a_missing_detail_is_its_records_own_outcome(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/one/d1"] = Answer(status=404)
    met, marks = Holding().run(custodian.source())
    assert kinds(met) == {"d0": "accepted", "d1": "rejected", "d2": "accepted"}
    assert met[1].reason == "detail-missing"
    assert marks[-1].complete
    assert "d1" in marks[-1].local_ids


@pytest.mark.parametrize(("answer", "reason"), [
    (Answer(status=500), "server-error"), (as_json('{"identifier": "d1", '), "bad-json"), (Answer(b"<html>", headers={"Content-Type": "text/html"}), "html-instead-of-data"),
    (as_json(""), "empty-answer"),
])
def test_one_broken_detail_leaves_the_others(custodian: Custodian, answer: Answer, reason: str) -> None:
    custodian.federation.overrides["/api/one/d1"] = answer
    met, marks = Holding().run(custodian.source())
    assert kinds(met) == {"d0": "accepted", "d1": "rejected", "d2": "accepted"}
    assert met[1].reason == reason
    assert marks[-1].complete


def test_a_server_that_fails_for_one_record_after_another_ends_the_run() -> None:
    with serving_federation(Federation.of(20)) as custodian:
        for number in range(5, 20):
            custodian.federation.overrides[f"/api/one/d{number}"] = Answer(status=503)
        with pytest.raises(FetchDeferred) as deferred:
            Holding().run(custodian.source())
    assert deferred.value.reason == "server-error"
    assert "/api/one/d10" not in custodian.asked()


def test_a_rate_limit_in_mid_run_ends_it_for_now(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/one/d1"] = Answer(status=429, headers={"Retry-After": "600"})
    with pytest.raises(FetchDeferred) as deferred:
        Holding().run(custodian.source())
    assert (deferred.value.reason, deferred.value.retry_after_seconds) == ("rate-limited", 600)


@pytest.mark.parametrize("wrap", [
    lambda one: {"metadata": one}, lambda one: {"data": one}, lambda one: [one], lambda one: {"data": json.dumps(one)}, lambda one: {"data": {"metadata": [one]}},
])
def test_a_detail_is_taken_out_of_its_envelope(custodian: Custodian, wrap: object) -> None:
    body = json.dumps(wrap(dataset("d1")))  # type: ignore[operator]
    custodian.federation.overrides["/api/one/d1"] = as_json(body)
    met, _ = Holding().run(custodian.source())
    assert met[1].kind == "accepted"
    assert met[1].record is not None
    assert met[1].record.summary.title == "Dataset d1"
    assert met[1].content is not None
    assert met[1].content.body == body.encode()


def test_another_version_in_the_list_is_advice(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/one/d1"] = as_json(json.dumps(dataset("d1", version="2.0.0")))
    met, _ = Holding().run(custodian.source())
    assert [(outcome.kind, outcome.reason) for outcome in met] == [("accepted", None), ("accepted", "version-mismatch"), ("accepted", None)]
    told = [[finding.path for finding in outcome.findings or () if finding.rule == "DOC-06"] for outcome in met]
    assert ["/version" in paths for paths in told] == [False, True, False]


# paging

@pytest.mark.parametrize("states_total", [True, False])
def test_pages_are_followed_by_what_was_received(states_total: bool) -> None:
    with serving_federation(Federation.of(7)) as custodian:
        custodian.federation.page_size, custodian.federation.states_total = 3, states_total
        held = Holding()
        met, marks = held.run(custodian.source(held))
        assert len(met) == 7
        assert marks[-1].complete
        assert [mark.complete for mark in marks[:-1]] == [False] * (len(marks) - 1)
        assert {mark.etag for mark in marks} == {None}
        lists = [path for path in custodian.asked() if path.startswith("/api/list")]
        assert lists[:3] == ["/api/list", "/api/list?offset=3&limit=3", "/api/list?offset=6&limit=3"]
        met, marks = held.run(custodian.source(held))
        assert set(kinds(met).values()) == {"unchanged"}
        assert len(met) == 7


def test_a_server_that_caps_pages_below_its_first_one_is_read_to_the_end() -> None:
    with serving_federation(Federation.of(7)) as custodian:
        custodian.federation.page_size = 3
        first = custodian.federation.overrides["/api/list?offset=3&limit=3"] = listed(
            [custodian.federation.entry(custodian.federation.documents["d3"])], total=7
        )
        assert first
        records, mark = read(custodian)
        assert [record.local_id for record in records] == [f"d{number}" for number in range(7)]
        assert mark.complete


def test_a15_c3_a_server_that_ignores_paging_makes_the_pass_incomplete(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/list"] = listed([{"id": "a"}, {"id": "b"}], total=5)
    records, mark = read(custodian)
    assert [record.local_id for record in records] == ["a", "b"]
    assert (mark.complete, mark.why_incomplete) == (False, "paging-ignored")


def test_without_a_total_a_server_that_ignores_paging_is_believed(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/list"] = listed([{"id": "a"}, {"id": "b"}])
    records, mark = read(custodian)
    assert len(records) == 2
    assert mark.complete


def test_a15_c3_pages_that_repeat_later_are_a_loop(custodian: Custodian) -> None:
    custodian.federation.overrides |= {
        "/api/list": listed([{"id": "a"}], total=9), "/api/list?offset=1&limit=1": listed([{"id": "b"}], total=9),
        "/api/list?offset=2&limit=1": listed([{"id": "a"}], total=9, again=1),
    }
    records, mark = read(custodian)
    assert [record.local_id for record in records] == ["a", "b"]
    assert (mark.complete, mark.why_incomplete) == (False, "paging-loop")


@pytest.mark.parametrize("total", [5, "5"])
def test_a15_c5_a_list_shorter_than_its_total_is_incomplete(custodian: Custodian, total: object) -> None:
    custodian.federation.overrides |= {
        "/api/list": listed([{"id": "a"}, {"id": "b"}], query={"total": total}), "/api/list?offset=2&limit=2": listed([], query={"total": total}),
    }
    mark = read(custodian)[1]
    assert (mark.complete, mark.why_incomplete, mark.declared_total) == (False, "count-mismatch", 5)


def test_an_empty_page_under_a_total_is_incomplete(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/list"] = listed([], total=5)
    mark = read(custodian)[1]
    assert (mark.complete, mark.why_incomplete) == (False, "count-mismatch")


def test_repeated_identifiers_do_not_count_towards_the_total(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/list"] = listed([{"id": "a"}, {"id": "a"}, {"id": "b"}], total=3)
    held = Holding()
    items = list(custodian.source(held).records())
    mark = items[-1]
    assert isinstance(mark, Mark)
    assert (mark.complete, mark.why_incomplete, mark.etag) == (False, "count-mismatch", None)
    held.remember(mark)
    again = read(custodian, held=held)[1]
    assert not again.complete


def test_more_than_the_total_is_a_warning(custodian: Custodian) -> None:
    custodian.federation.overrides["/api/list"] = listed([{"id": "a"}, {"id": "b"}], total=1)
    mark = read(custodian)[1]
    assert (mark.complete, mark.warnings) == (True, ("count-mismatch",))


def test_a_list_that_fails_on_its_second_page_is_never_complete_and_never_unchanged() -> None:
    with serving_federation(Federation.of(6)) as custodian:
        custodian.federation.page_size = 3
        custodian.federation.overrides["/api/list?offset=3&limit=3"] = Answer(status=500)
        held = Holding()
        for _ in range(2):
            marks: list[Mark] = []
            with pytest.raises(FetchDeferred):
                remember_marks(custodian.source(held), held, marks)
            assert marks
            assert not any(mark.complete or mark.unchanged for mark in marks)


def remember_marks(source: Source, held: Holding, marks: list[Mark]) -> None:
    for item in source.records():
        if isinstance(item, Mark):
            marks.append(item)
            held.remember(item)


def test_a15_a_list_that_shrank_is_probed_before_anything_counts_as_gone() -> None:
    with serving_federation(Federation.of(4)) as custodian:
        custodian.federation.states_total = False
        held = Holding()
        held.run(custodian.source(held))
        custodian.federation.page_size = 2
        met, marks = held.run(custodian.source(held))
        assert len(met) == 4
        assert marks[-1].complete


# real payloads

def test_published_payloads_are_read() -> None:
    for folder in ("", "gateway-client", "mdw"):
        files = corpus("hdruk", "federation", folder)
        federation = Federation()
        federation.overrides["/api/list"] = as_json((files / "list.json").read_bytes())
        for name, detail in (("e96e36ba-30ca-4c25-bc55-fab02d72a51c", "dataset.json"), ("242c84be-a866-ac0c-0000-000000001bbe", "242c84be-a866-ac0c-0000-000000001bbe.json")):
            if (files / detail).exists():
                federation.overrides[f"/api/one/{name}"] = as_json((files / detail).read_bytes())
        with serving_federation(federation) as custodian:
            met, marks = Holding().run(custodian.source())
        assert [outcome.kind for outcome in met] == ["accepted"]
        assert met[0].record is not None
        assert met[0].record.summary.title
        assert marks[-1].complete


# configuration

def test_configuration_is_checked_and_kept_without_the_secret() -> None:
    kept = configure("federation", {"base_url": "https://data.example/", "auth": "BEARER", "secret": "x"})
    assert kept["base_url"] == "https://data.example"
    assert "secret" not in kept


@pytest.mark.parametrize(("changes", "field"), [
    ({"base_url": "ftp://x"}, "base_url"), ({"base_url": "https://x/?key=1"}, "base_url"), ({"detail_path": "/one"}, "detail_path"),
    ({"detail_path": "/{id}/{id}"}, "detail_path"), ({"auth": "MAGIC"}, "auth"), ({"colour": "red"}, "colour"), ({"header_name": "a b"}, "header_name"),
])
def test_wrong_configuration_names_the_field_and_no_value(changes: dict[str, object], field: str) -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        configure("federation", {"base_url": "https://data.example", "secret": "s3cret"} | changes)
    assert set(wrong.value.fields) == {field}
    assert "s3cret" not in str(wrong.value)


def test_a_kind_that_does_not_exist_and_a_missing_secret_are_named(custodian: Custodian) -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        configure("magic", {})
    assert "federation, files" in wrong.value.fields["kind"]
    with pytest.raises(WrongConfiguration, match="BEARER needs a secret"):
        custodian.source(auth="BEARER")
    with pytest.raises(WrongConfiguration) as wrong:
        KINDS["federation"].build({}, fetcher=custodian.fetcher, held=Holding(), wanted="full")
    assert wrong.value.fields == {"base_url": "is needed"}


# what changes while a listing is broken off


@pytest.mark.parametrize("after_mark", [1, 2])
def test_j8_federation_a_listing_is_complete_when_it_is_taken_up_at_any_mark(after_mark: int) -> None:
    federation = Federation.of(6)
    federation.page_size = 2
    federation.entry = lambda document: {"name": "n"} if document["identifier"] == "d1" else {"persistentId": document["identifier"]}  # type: ignore[method-assign]  # one has no identifier
    with serving_federation(federation) as custodian:
        named, last = broken_off(custodian.source, after_mark=after_mark)
    assert (named, last.complete, last.why_incomplete) == ({"d0", "", "d2", "d3", "d4", "d5"}, True, None)


@pytest.mark.parametrize("after_mark", [1, 2])
@pytest.mark.parametrize("gone", ["d0", "d5"])
def test_j8_federation_a_listing_that_shrank_meanwhile_claims_nothing(after_mark: int, gone: str) -> None:
    """What stood behind the place may have moved in front of it, and nobody would have met it."""
    federation = Federation.of(6)
    federation.page_size = 2
    with serving_federation(federation) as custodian:
        _, last = broken_off(custodian.source, after_mark=after_mark, meanwhile=lambda: federation.documents.pop(gone))
    assert (last.complete, last.why_incomplete) == (False, "count-mismatch")


@pytest.mark.parametrize("after_mark", [1, 2])
def test_j8_federation_a_dataset_that_comes_meanwhile_is_met(after_mark: int) -> None:
    federation = Federation.of(6)
    federation.page_size = 2
    with serving_federation(federation) as custodian:
        named, last = broken_off(custodian.source, after_mark=after_mark, meanwhile=lambda: federation.documents.update({"d9": dataset("d9")}))
    assert (named, last.complete) == ({"d0", "d1", "d2", "d3", "d4", "d5", "d9"}, True)
