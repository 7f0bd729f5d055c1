"""Many datasets in one call: receipts, dry runs, whole listings, limits (harvesting design, section 4)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.store import records, runs
from gateway.wiring import Services
from tests.journeys.gateways import document, make_services, titles
from tests.journeys.pushing import TRUST, add_custodian, key_of, program, put, run_queued

LINES = {"Content-Type": "application/x-ndjson"}
MANY = 1_000
"""The whole of A18, 10,000 with 1 % bad, is benchmarks/push.py; this keeps the suite quick."""


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Services:
    built = make_services(tmp_path / "data", database_url, worker=False)
    add_custodian(built)
    return built


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with program(services, key_of(services)) as started:
        yield started


def lines(*documents: Any) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in documents)


def push_all(services: Services, client: TestClient, body: bytes, **options: Any) -> dict[str, Any]:
    """Push, work it off, and read the whole receipt."""
    options.setdefault("headers", LINES)
    taken = client.post(f"{TRUST}/datasets:bulk", content=body, **options)
    assert taken.status_code == 202, taken.text
    assert taken.json()["state"] == "queued"
    run_queued(services)
    return whole_receipt(client, taken.headers["location"])


def whole_receipt(client: TestClient, address: str) -> dict[str, Any]:
    first: dict[str, Any] = client.get(address, params={"limit": 100}).json()
    items, following = list(first["items"]), first["next"]
    while following:
        page = client.get(following).json()
        items, following = items + page["items"], page["next"]
    return {**first, "items": items}


def test_a18_a_bulk_push_with_one_in_a_hundred_bad_publishes_the_good_and_names_each_bad(services: Services, client: TestClient) -> None:
    bad = {number: (document(number, title=None) if number % 200 else b'{"identifier": broken') for number in range(0, MANY, 100)}
    receipt = push_all(services, client, lines(*(bad.get(number, document(number)) for number in range(MANY))))
    assert (receipt["state"], receipt["is_over"]) == ("partial", True)
    assert receipt["counts"] == {"created": MANY - len(bad), "quarantined": len(bad) // 2, "rejected": len(bad) // 2}
    assert len(receipt["items"]) == MANY
    assert len({one["id"] for one in receipt["items"]}) == MANY
    refused = [one for one in receipt["items"] if one["outcome"] != "created"]
    assert all(one["hint"] for one in refused)
    assert {one["local_id"] for one in refused if one["outcome"] == "quarantined"} == {document(number)["identifier"] for number in bad if number % 200}
    assert [one["detail"].partition(":")[0] for one in refused if one["outcome"] == "rejected"][:2] == ["pushed.jsonl, line 1", "pushed.jsonl, line 201"]
    with services.store.reading() as session:
        assert records.count_visible(session) == MANY - len(bad)
    again = push_all(services, client, lines(*(document(number) for number in range(1, 50))))
    assert again["counts"] == {"unchanged": 49}


def test_an_array_is_read_as_lines_are_and_its_datasets_are_found(services: Services, client: TestClient) -> None:
    body = json.dumps([document(1), document(2)]).encode()
    assert push_all(services, client, body, headers={"Content-Type": "application/json"})["counts"] == {"created": 2}
    assert len(titles(services, "sleep")) == 2
    assert client.get(f"{TRUST}/datasets/{document(1)['identifier']}").json()["state"] == "live"


def test_s3_s4_replace_lets_what_is_left_out_go_missing_first_and_many_wait_for_a_human(services: Services, client: TestClient) -> None:
    replace = {"params": {"mode": "replace"}}
    everything = [document(number) for number in range(60)]
    assert push_all(services, client, lines(*everything), **replace)["state"] == "succeeded"
    one_less = push_all(services, client, lines(*everything[1:]), **replace)
    assert (one_less["state"], one_less["counts"]) == ("succeeded", {"missing": 1, "unchanged": 59})
    half = push_all(services, client, lines(*everything[30:]), **replace)
    assert (half["state"], half["reason"]) == ("held", "many-missing")
    with services.store.reading() as session:
        assert records.count_visible(session) == 60
    broken = push_all(services, client, lines(*everything[2:], b"{"), **replace)
    assert (broken["state"], broken["counts"]) == ("partial", {"rejected": 1, "unchanged": 58})


def test_s1_an_empty_listing_removes_nothing(services: Services, client: TestClient) -> None:
    push_all(services, client, lines(document(1)))
    nothing = push_all(services, client, b"[]", headers={"Content-Type": "application/json"}, params={"mode": "replace"})
    assert (nothing["state"], nothing["reason"]) == ("held", "empty-listing")
    assert client.get(f"{TRUST}/datasets/{document(1)['identifier']}").json()["state"] == "live"


def test_upsert_leaves_alone_what_is_not_in_the_file(services: Services, client: TestClient) -> None:
    push_all(services, client, lines(document(1), document(2)))
    assert push_all(services, client, lines(document(3)))["counts"] == {"created": 1}
    assert {one["state"] for one in client.get(f"{TRUST}/datasets").json()["items"]} == {"live"}


def test_one_by_one_and_in_bulk_are_the_same_datasets(services: Services, client: TestClient) -> None:
    local_id = document(1)["identifier"]
    tag = put(client, local_id, document(1)).headers["etag"]
    assert push_all(services, client, lines(document(1)))["counts"] == {"unchanged": 1}
    push_all(services, client, lines(document(1, title="From the file")))
    assert put(client, local_id, document(1), headers={"If-Match": tag}).status_code == 412


def test_p5_four_bulk_pushes_of_a_key_may_wait_and_a_waiting_one_can_be_cancelled(services: Services, client: TestClient) -> None:
    taken = [client.post(f"{TRUST}/datasets:bulk", content=lines(document(number)), headers=LINES) for number in range(5)]
    assert [one.status_code for one in taken] == [202] * 4 + [429]
    assert taken[4].headers["retry-after"] == "10"
    last = taken[3].headers["location"]
    assert client.post(f"{last}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{last}/cancel").status_code == 409
    run_queued(services)
    assert [client.get(one.headers["location"]).json()["state"] for one in taken[:4]] == ["succeeded"] * 3 + ["cancelled"]


def test_p2_a_bulk_push_sent_twice_with_its_key_is_one_receipt(client: TestClient) -> None:
    headers = {**LINES, "Idempotency-Key": "night"}
    first, again = (client.post(f"{TRUST}/datasets:bulk", content=lines(document(1)), headers=headers) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert client.post(f"{TRUST}/datasets:bulk", content=lines(document(2)), headers=headers).status_code == 422


def test_p4_what_is_no_file_of_datasets_is_refused_at_once(client: TestClient) -> None:
    assert client.post(f"{TRUST}/datasets:bulk", content=b"", headers=LINES).status_code == 400
    unread = client.post(f"{TRUST}/datasets:bulk", content=b"x", headers={"Content-Type": "image/png"})
    assert (unread.status_code, "application/x-ndjson" in unread.json()["hint"]) == (400, True)
    too_large = client.post(f"{TRUST}/datasets:bulk", content=iter([b" " * 2**20] * 65), headers=LINES)
    assert too_large.status_code == 413


def test_p3_a_receipt_of_another_custodian_is_404_and_needs_its_own_scope(services: Services, client: TestClient) -> None:
    address = client.post(f"{TRUST}/datasets:bulk", content=lines(document(1)), headers=LINES).headers["location"]
    add_custodian(services, "Other Trust")
    assert client.get(address, headers=key_of(services, "other-trust")).status_code == 404
    assert client.post(f"{address}/cancel", headers=key_of(services, "other-trust")).status_code == 404
    assert client.get(address, headers=key_of(services, "example-trust", "datasets:write")).status_code == 403
    assert client.get(address, headers=key_of(services, "example-trust", "runs:read")).status_code == 200


def test_validate_tells_what_a_push_would_do_and_writes_nothing(services: Services, client: TestClient) -> None:
    put(client, document(1)["identifier"], document(1))
    body = lines(document(1), document(1, title="Another"), document(2), document(3, title=None), b"{")
    with services.store.reading() as session:
        before = (records.data_version(session), len(runs.listing(session)))
    told = client.post(f"{TRUST}/datasets:validate", content=body, headers=LINES).json()
    with services.store.reading() as session:
        assert (records.data_version(session), len(runs.listing(session))) == before
    assert told["counts"] == {"unchanged": 1, "updated": 1, "created": 1, "quarantined": 1, "rejected": 1}
    assert told["items"][1]["diff"] == [{"path": "/summary/title", "current": "Study of sleep number 1", "sent": "Another"}]
    assert [one["reason"] for one in told["items"]][3:] == ["blocking-findings", "bad-json"]
    one = client.post(f"{TRUST}/datasets:validate", params={"id": "mine"}, json=document(9)).json()
    assert (one["items"][0]["local_id"], one["items"][0]["outcome"]) == ("mine", "created")


def test_what_a_dry_run_tells_is_what_the_push_then_does(services: Services, client: TestClient) -> None:
    body = lines(document(1), document(2, title=None), document(3))
    told = client.post(f"{TRUST}/datasets:validate", content=body, headers=LINES).json()
    assert push_all(services, client, body)["counts"] == told["counts"]


def test_a_receipt_can_be_taken_back(services: Services, client: TestClient) -> None:
    push_all(services, client, lines(document(1)))
    taken = client.post(f"{TRUST}/datasets:bulk", content=lines(document(1, title="Wrong"), document(2)), headers=LINES)
    run_queued(services)
    undone = client.post(f"{taken.headers['location']}/undo")
    assert (undone.status_code, undone.json()["undoes"]) == (201, client.get(taken.headers["location"]).json()["run"])
    assert client.get(f"{TRUST}/datasets/{document(1)['identifier']}").json()["record"]["summary"]["title"] == "Study of sleep number 1"
    assert client.get(f"{TRUST}/datasets/{document(2)['identifier']}").json()["state"] == "removed"


TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<https://trust.example.org/d/1> a dcat:Dataset ; dct:identifier "turtle-1" ; dct:title "Waking in one town"@en ;
  dct:description "Who woke when."@en ; dct:publisher [ a foaf:Organization ; foaf:name "Example Trust" ] .
"""


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, body in members.items():
            archive.writestr(name.replace("_", "."), body)
    return made.getvalue()


def test_a_zip_and_linked_data_are_read_as_a_folder_of_them_would_be(services: Services, client: TestClient) -> None:
    body = zipped(one_json=json.dumps(document(1)).encode(), more_jsonl=lines(document(2), document(3)))
    assert push_all(services, client, body, headers={"Content-Type": "application/zip"})["counts"] == {"created": 3}
    linked = push_all(services, client, TURTLE.encode(), headers={"Content-Type": "text/turtle"})
    assert linked["counts"] == {"created": 1}
    assert titles(services, "waking") == ["Waking in one town"]
    broken = push_all(services, client, b"PK not a zip", headers={"Content-Type": "application/zip"})
    assert (broken["counts"], broken["items"][0]["reason"]) == ({"rejected": 1}, "bad-archive")


def test_a_filled_template_is_pushed_as_it_is(services: Services, client: TestClient) -> None:
    template = client.get("/api/v1/templates/datasets.csv").content
    assert client.post(f"{TRUST}/datasets:validate", content=template, headers={"Content-Type": "text/csv"}).status_code == 200
    workbook = client.get("/api/v1/templates/datasets.xlsx").content
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert client.post(f"{TRUST}/datasets:bulk", content=workbook, headers={"Content-Type": media}).status_code == 202


def test_j4_a_long_push_is_worked_off_in_slices_and_forgets_nothing_between_them(services: Services, client: TestClient) -> None:
    everything = [document(number) for number in range(250)]
    services.harvesting.slice_seconds = 0
    taken = client.post(f"{TRUST}/datasets:bulk", params={"mode": "replace"}, content=lines(*everything), headers=LINES)
    slices = 0
    while services.harvesting.claimable():
        run_queued(services)
        slices += 1
    receipt = client.get(taken.headers["location"]).json()
    assert slices > 1
    assert (receipt["state"], receipt["counts"]) == ("succeeded", {"created": 250})
    taken = client.post(f"{TRUST}/datasets:bulk", params={"mode": "replace"}, content=lines(*everything[1:]), headers=LINES)
    while services.harvesting.claimable():
        run_queued(services)
    assert client.get(taken.headers["location"]).json()["counts"] == {"missing": 1, "unchanged": 249}
