"""Custodians' programs write datasets one at a time: what is answered, what is stored, and who may (harvesting design, section 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.models import Record
from gateway.sources.registering import change_policy
from gateway.store import pushes, runs
from gateway.wiring import Services
from harvesters.reasons import REASONS
from tests.journeys.gateways import document, make_services, titles, writing_statements
from tests.journeys.pushing import TRUST, add_custodian, key_of, program, put


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Services:
    built = make_services(tmp_path / "data", database_url, worker=False)
    add_custodian(built)
    return built


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with program(services, key_of(services)) as started:
        yield started


def test_a18_a_new_dataset_is_201_a_changed_one_200_and_an_equal_one_unchanged(services: Services, client: TestClient) -> None:
    first = put(client, "sleep-1", document(1))
    assert (first.status_code, first.json()["outcome"], first.json()["version"]) == (201, "created", 1)
    assert first.headers["etag"] == f'"{first.json()["content_sha256"]}"'
    with writing_statements(services) as written:
        same = put(client, "sleep-1", document(1))
    assert (same.status_code, same.json()["unchanged"], same.json()["run"]) == (200, True, None)
    assert {statement.split()[1] for statement in written} <= {"sources", "api_keys"}
    changed = put(client, "sleep-1", document(1, title="Study of sleep, second round"))
    assert (changed.status_code, changed.json()["outcome"], changed.json()["version"]) == (200, "updated", 2)
    assert changed.headers["etag"] != first.headers["etag"]
    assert changed.json()["ref"] == first.json()["ref"]


def test_a_push_is_a_run_of_the_custodians_push_source(services: Services, client: TestClient) -> None:
    run_id = put(client, "sleep-1", document(1)).json()["run"]
    run = client.get(f"/api/v1/runs/{run_id}").json()
    assert (run["source"], run["trigger"], run["state"], run["counters"]) == ("push-example-trust", "push", "succeeded", {"created": 1})
    outcomes = client.get(f"/api/v1/runs/{run_id}/outcomes").json()["items"]
    assert [(one["local_id"], one["outcome"]) for one in outcomes] == [("sleep-1", "created")]
    failed = services.harvesting.run(services.harvesting.queue_run("push-example-trust"))
    assert (failed.state, failed.reason) == ("failed", "no-dataset")
    assert client.get(f"{TRUST}/datasets/sleep-1").json()["state"] == "live"


def test_s6_a_withheld_dataset_is_not_brought_back_by_a_push(services: Services, client: TestClient) -> None:
    put(client, "sleep-1", document(1))
    with services.store.transaction() as tx:
        tx.session.scalars(select(Record)).one().state = "withheld"
    answer = put(client, "sleep-1", document(1, title="Once more"))
    assert (answer.status_code, answer.json()["detail"]) == (409, REASONS["withheld"].sentence)
    assert client.get(f"{TRUST}/datasets/sleep-1").json()["state"] == "withheld"


def test_p5_wait_index_answers_once_search_finds_it(services: Services, client: TestClient) -> None:
    assert put(client, "sleep-1", document(1), params={"wait": "index"}).json()["indexed"] is True
    assert titles(services, "sleep") == ["Study of sleep number 1"]
    assert put(client, "sleep-2", document(2)).json()["indexed"] is None


def test_what_was_sent_is_kept_byte_for_byte_and_given_back_with_the_canonical_record(client: TestClient) -> None:
    sent = json.dumps(document(1, title="Fish & chips <> \"'", unheard_of="kept"), indent=3).encode()
    answer = client.put(f"{TRUST}/datasets/a", content=sent, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status_code == 201
    assert any("unheard_of" in (finding["path"]) for finding in answer.json()["findings"])
    read = client.get(f"{TRUST}/datasets/a").json()
    assert read["record"]["summary"]["title"] == "Fish & chips <> \"'"
    assert read["original"]["document"]["summary"]["unheard_of"] == "kept"
    assert client.get(f"{TRUST}/datasets/a?as=original").content == sent


def test_p4_blocking_findings_are_422_stored_as_quarantined_and_the_last_good_version_stays(client: TestClient) -> None:
    never = put(client, "empty", document(2, title=None))
    assert (never.status_code, never.json()["outcome"]) == (422, "quarantined")
    assert [finding["rule"] for finding in never.json()["findings"] if finding["severity"] == "error"]
    assert client.get(f"{TRUST}/datasets/empty").json()["state"] == "unpublished"
    good = put(client, "sleep-1", document(1))
    assert put(client, "sleep-1", document(1, title=None)).status_code == 422
    held = client.get(f"{TRUST}/datasets/sleep-1").json()
    assert (held["state"], held["record"]["summary"]["title"]) == ("live", "Study of sleep number 1")
    assert held["stale_since"]
    assert held["refused"]["findings"]
    assert client.get(f"/api/v1/datasets/{good.json()['ref']}").status_code == 200
    assert put(client, "sleep-1", document(1)).json()["outcome"] == "unchanged"
    assert client.get(f"{TRUST}/datasets/sleep-1").json()["stale_since"] is None


UNREADABLE = ((b"{", "bad-json"), (b"", "empty-answer"), (b"<html>", "html-instead-of-data"), (b"\xff\xfe\x00", "encoding"), (b"[1, 2]", "unknown-version"))


def test_p4_what_cannot_be_read_is_400_says_why_and_is_not_stored(services: Services, client: TestClient) -> None:
    for body, reason in UNREADABLE:
        answer = client.put(f"{TRUST}/datasets/a", content=body)
        assert (answer.status_code, answer.json()["reason"]) == (400, reason)
        assert answer.json()["hint"]
        assert client.get(f"{TRUST}/datasets/a").status_code == 404
    with services.store.reading() as session:
        assert runs.listing(session) == []


def test_p4_more_than_five_megabytes_are_413(client: TestClient) -> None:
    assert client.put(f"{TRUST}/datasets/a", content=b" " * (5 * 2**20 + 1)).status_code == 413


def test_p1_if_match_takes_the_current_tag_only_and_tells_the_difference(client: TestClient) -> None:
    old = put(client, "a", document(1)).headers["etag"]
    new = put(client, "a", document(1, title="Second title"), headers={"If-Match": old}).headers["etag"]
    refused = put(client, "a", document(1, title="Third title"), headers={"If-Match": old})
    assert (refused.status_code, refused.headers["etag"]) == (412, new)
    assert refused.json()["diff"] == [{"path": "/summary/title", "current": "Second title", "sent": "Third title"}]
    assert put(client, "a", document(1, title="Third title"), headers={"If-Match": f'"x", {new}'}).status_code == 200
    assert put(client, "a", document(1), headers={"If-Match": f"W/{new}"}).status_code == 412
    assert put(client, "a", document(1), headers={"If-Match": "*"}).status_code == 200
    assert put(client, "new", document(2), headers={"If-Match": "*"}).status_code == 412


def test_p1_if_none_match_star_creates_only(client: TestClient) -> None:
    create = {"If-None-Match": "*"}
    assert put(client, "a", document(1), headers=create).status_code == 201
    assert put(client, "a", document(1), headers=create).status_code == 412
    assert client.delete(f"{TRUST}/datasets/a").status_code == 204
    assert put(client, "a", document(1), headers=create).json()["outcome"] == "restored"


def test_a18_of_two_writers_with_the_same_if_match_exactly_one_wins(services: Services) -> None:
    headers = key_of(services)
    with program(services, headers) as first, program(services, headers) as second:
        tag = put(first, "a", document(1)).headers["etag"]
        for turn in range(5):
            start, answers = Barrier(2), []

            def write(client: TestClient, name: str, tag: str = tag, start: Barrier = start, answers: list[Any] = answers) -> None:
                start.wait()
                answers.append(put(client, "a", document(1, title=f"Round of {name}"), headers={"If-Match": tag}))

            threads = [Thread(target=write, args=(client, f"{name} {turn}")) for client, name in ((first, "one"), (second, "two"))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            winner, loser = sorted(answers, key=lambda answer: answer.status_code)
            assert loser.headers["etag"] == winner.headers["etag"]
            tag = winner.headers["etag"]


def test_p2_the_same_idempotency_key_and_request_get_the_stored_answer(services: Services, client: TestClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = put(client, "a", document(1), headers=headers)
    again = put(client, "a", document(1), headers=headers)
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert again.headers["idempotent-replay"] == "true"
    other = put(client, "a", document(1, title="Other"), headers=headers)
    assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)
    refused = put(client, "b", document(2, title=None), headers={"Idempotency-Key": "two"})
    assert put(client, "b", document(2, title=None), headers={"Idempotency-Key": "two"}).content == refused.content
    with services.store.reading() as session:
        assert len(runs.listing(session)) == 2
    with program(services, key_of(services)) as another:
        assert put(another, "a", document(1), headers=headers).json()["unchanged"] is True


def test_p2_an_idempotency_key_still_being_worked_on_is_409(services: Services, client: TestClient) -> None:
    headers = {"Idempotency-Key": "one"}
    put(client, "a", document(1), headers=headers)
    with services.store.transaction() as tx:
        row = pushes.kept_answer(tx.session, 1, "one")
        assert row is not None
        row.status = None
    assert put(client, "a", document(1), headers=headers).status_code == 409
    assert put(client, "a", document(1), headers={"Idempotency-Key": "x" * 256}).status_code == 400


TORTURE = ["a/b?c#d", "a%2Fb", "  blank in the middle ".strip(), "doi:10.5555/12345", "ü-Ümlaut", "..", "a:b", "%", "+", "x" * 1000]


def test_s11_any_identifier_is_kept_exactly_through_both_addresses(client: TestClient) -> None:
    for local_id in TORTURE:
        address, params = f"{TRUST}/datasets", {"id": local_id}
        assert client.put(address, params=params, json=document(1)).status_code == 201, local_id
        assert client.get(address, params=params).json()["local_id"] == local_id
        if local_id != ".." and "%" not in local_id:  # dots are steps to clients, and this one decodes twice
            assert client.get(f"{address}/{quote(local_id, safe='')}").json()["local_id"] == local_id
        assert client.get(address, params={**params, "as": "original"}).status_code == 200


def test_s11_what_is_no_identifier_is_400(client: TestClient) -> None:
    for local_id in ("", "   ", "a\u0000b", "x" * 1001):
        assert client.put(f"{TRUST}/datasets", params={"id": local_id}, json=document(1)).status_code == 400


def test_s5_s6_a_deleted_dataset_leaves_a_tombstone_and_comes_back_under_the_same_pid(services: Services, client: TestClient) -> None:
    first = put(client, "a", document(1), params={"wait": "index"}).json()
    for _ in range(2):
        assert client.delete(f"{TRUST}/datasets/a").status_code == 204
    services.catalogue.index_pending()
    assert titles(services, "sleep") == []
    assert client.get(f"/api/v1/datasets/{first['ref']}").status_code == 410
    stone = client.get(f"/datasets/{first['ref']}")
    assert (stone.status_code, "This dataset has been withdrawn" in stone.text) == (410, True)
    for told in (document(1)["summary"]["title"], first["pid"], "deleted it"):
        assert told in stone.text
    assert client.delete(f"{TRUST}/datasets/never").status_code == 404
    back = put(client, "a", document(1))
    assert (back.status_code, back.json()["outcome"], back.json()["ref"]) == (200, "restored", first["ref"])
    assert client.delete(f"{TRUST}/datasets/a", headers={"If-Match": '"other"'}).status_code == 412


def test_s3_deletions_of_one_day_add_up_to_a_hold(services: Services, client: TestClient) -> None:
    for number in range(8):
        put(client, f"d{number}", document(number))
    answers = [client.delete(f"{TRUST}/datasets/d{number}") for number in range(8)]
    assert [answer.status_code for answer in answers] == [204] * 5 + [202] * 3
    assert "somebody confirms" in answers[-1].json()["why"]
    states = [one["state"] for one in client.get(f"{TRUST}/datasets").json()["items"]]
    assert states == ["removed"] * 5 + ["live"] * 3
    assert client.delete(f"{TRUST}/datasets/d5").json()["hold"] == answers[5].json()["hold"]


def test_the_list_of_own_datasets_is_paged(client: TestClient) -> None:
    for number in range(5):
        put(client, f"d{number}", document(number))
    found, address = [], f"{TRUST}/datasets?limit=2"
    while address:
        page = client.get(address).json()
        found += [one["local_id"] for one in page["items"]]
        address = page["next"]
    assert found == [f"d{number}" for number in range(5)]


def test_p3_a_key_for_another_custodian_gets_the_answer_of_a_custodian_that_does_not_exist(services: Services, client: TestClient) -> None:
    put(client, "a", document(1))
    add_custodian(services, "Other Trust")
    with program(services, key_of(services, "other-trust")) as other:
        for method in ("GET", "PUT", "DELETE"):
            foreign = other.request(method, f"{TRUST}/datasets/a", json=document(1))
            missing = other.request(method, "/api/v1/custodians/nobody/datasets/a", json=document(1))
            assert foreign.status_code == missing.status_code == 404
            assert foreign.json()["detail"].replace("example-trust", "nobody") == missing.json()["detail"]
    assert client.get(f"{TRUST}/datasets/a").json()["version"] == 1


CALLS = {"datasets:read": "GET", "datasets:write": "PUT", "datasets:delete": "DELETE"}


def test_p3_each_scope_opens_its_own_calls_only(services: Services) -> None:
    with program(services, key_of(services)) as client:
        put(client, "a", document(1))
        for scope in CALLS:
            headers = key_of(services, "example-trust", scope)
            for needed, method in sorted(CALLS.items(), key=lambda call: call[1] != "GET"):
                answer = client.request(method, f"{TRUST}/datasets/a", json=document(1), headers=headers)
                assert answer.is_success if needed == scope else answer.status_code == 403
        assert client.get(f"{TRUST}/datasets/a", headers={"Authorization": ""}).status_code == 401


def test_a_version_that_the_document_does_not_name_can_be_named_in_the_address(client: TestClient) -> None:
    answer = put(client, "a", document(1), params={"schema": "HDRUK", "version": "4.0.0"})
    assert answer.json()["specification"] == "HDRUK 4.0.0"


def test_s13_any_two_versions_are_compared_field_by_field(client: TestClient) -> None:
    ref = put(client, "a", document(1)).json()["ref"]
    put(client, "a", document(1, keywords=["survey", "sleep"], title="Second"))
    run_id = put(client, "a", document(1, title="Third")).json()["run"]
    told = client.get(f"/api/v1/datasets/{ref}/diff").json()
    assert (told["from"], told["to"], told["is_complete"], told["changed_by"]["run"]) == (2, 3, True, run_id)
    assert told["changes"] == [{"path": "/summary/title", "before": "Second", "after": "Third"}]
    over_all = client.get(f"/api/v1/datasets/{ref}/diff", params={"from": 1, "to": 3}).json()["changes"]
    assert over_all == [{"path": "/summary/title", "before": "Study of sleep number 1", "after": "Third"}]
    assert client.get(f"/api/v1/datasets/{ref}/diff", params={"to": 9}).status_code == 404


def test_p3_a_key_in_an_address_is_refused_and_revoked(services: Services, client: TestClient) -> None:
    headers = key_of(services)
    key = headers["Authorization"].removeprefix("Bearer ")
    assert client.get(f"{TRUST}/datasets", headers=headers).status_code == 200
    made_up = client.get("/search", params={"q": key[:-4] + "0000"})
    assert (made_up.status_code, client.get(f"{TRUST}/datasets", headers=headers).status_code) == (400, 200)
    assert "revoked" in client.get("/api/v1/datasets", params={"key": key}).json()["detail"]
    assert client.get(f"{TRUST}/datasets", headers=headers).status_code == 401


TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<https://trust.example.org/d/%s> a dcat:Dataset ; dct:title "Waking in one town"@en ; dct:description "Who woke when."@en ;
  dct:publisher [ a foaf:Organization ; foaf:name "Example Trust" ] .
"""


def test_one_dataset_is_taken_in_any_form_that_a_file_may_have(client: TestClient) -> None:
    turtle = {"Content-Type": "text/turtle"}
    answer = client.put(f"{TRUST}/datasets/waking", content=TURTLE % 1, headers=turtle)
    assert (answer.status_code, answer.json()["local_id"]) == (201, "waking")
    assert client.get(f"{TRUST}/datasets/waking").json()["record"]["summary"]["title"] == "Waking in one town"
    assert client.put(f"{TRUST}/datasets/waking", content=TURTLE % 1, headers=turtle).json()["unchanged"] is True
    several = client.put(f"{TRUST}/datasets/waking", content=TURTLE % 1 + TURTLE % 2, headers=turtle)
    assert (several.status_code, "datasets:bulk" in several.json()["detail"]) == (400, True)
    assert client.put(f"{TRUST}/datasets/waking", content="@prefix", headers=turtle).json()["reason"] == "bad-rdf"


def test_s8_a_push_source_may_demand_conformance_too(services: Services, client: TestClient) -> None:
    flawed = document(1) | {"issued": "not a date"}
    assert put(client, "a", flawed).status_code == 201
    slug = next(row for row in client.get("/api/v1/sources").json()["items"] if row["kind"] == "push")["slug"]
    change_policy(services.store, slug, {"quarantine": "conformant"})
    refused = put(client, "b", flawed)
    assert refused.status_code == 422
    assert any(finding["severity"] == "error" for finding in refused.json()["findings"])
    assert put(client, "a", {**flawed, "version": "2.0.0"}).status_code == 422
    assert client.get(f"{TRUST}/datasets/a").json()["record"]["version"] == "1.0.0", "the version before stays shown"
