"""The demonstration endpoints over real HTTP on loopback ports."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from jsonschema import Draft7Validator

from demonstration.holdings import Holding, holdings
from demonstration.server import DemonstrationCustodian, DemonstrationServers
from demonstration.webhook import signature
from tests.corpus import corpus


@pytest.fixture(scope="module")
def servers() -> Iterator[DemonstrationServers]:
    with DemonstrationServers(base_port=0) as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, timeout=10) as client:
        yield client


def custodian(servers: DemonstrationServers, slug: str) -> DemonstrationCustodian:
    return next(one for one in servers.custodians if one.slug == slug)


def holding(slug: str) -> Holding:
    return next(one for one in holdings() if one.facts["slug"] == slug)


def credentials(one: DemonstrationCustodian) -> dict[str, str]:
    match one.auth:
        case "BEARER":
            return {"Authorization": f"Bearer {one.secret}"}
        case "API_KEY":
            return {one.header or "apikey": one.secret or ""}
    return {}


def listing(http: httpx2.Client, one: DemonstrationCustodian, **parameters: int) -> httpx2.Response:
    return http.get(one.base_url + one.list_path, params=parameters, headers=credentials(one))


def detail(http: httpx2.Client, one: DemonstrationCustodian, dataset_id: str, **headers: str) -> httpx2.Response:
    address = one.base_url + one.detail_path.replace("{id}", quote(dataset_id, safe=""))
    return http.get(address, headers={**credentials(one), **headers})


def everything_listed(http: httpx2.Client, one: DemonstrationCustodian) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = listing(http, one, offset=len(items)).json()
        items += page["items"]
        if not page["items"] or len(items) >= page["query"]["total"]:
            return items


def test_every_custodian_lists_what_it_holds_and_serves_each_byte_for_byte(
    servers: DemonstrationServers, http: httpx2.Client
) -> None:
    assert len(servers.custodians) == len(holdings())
    for one in servers.custodians:
        items = everything_listed(http, one)
        assert len(items) == one.datasets
        for item, document in zip(items, holding(one.slug).documents, strict=True):
            assert detail(http, one, item["persistentId"]).content == document.body
            assert http.get(item["self"], headers=credentials(one)).content == document.body


def test_a_list_has_the_official_shape(servers: DemonstrationServers, http: httpx2.Client) -> None:
    schema = json.loads(corpus("specification", "federation", "gmi.schema.json").read_bytes())
    entry = schema["definitions"]["dataset"]["properties"]
    del entry["@schema"], entry["name"]["maxLength"], entry["description"]["maxLength"]  # No version after 2.2.0 fits.
    validator = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
    for slug in ("cprd", "hfea", "opcrd", "british-regional-heart-study"):
        assert not list(validator.iter_errors(listing(http, custodian(servers, slug)).json()))


def test_the_list_names_the_version_each_record_is_written_in(servers: DemonstrationServers, http: httpx2.Client) -> None:
    items = listing(http, custodian(servers, "hfea")).json()["items"]
    assert [item["@schema"].split("/")[-2] for item in items] == ["3.0.0", "2.1.2", "4.0.0"]


def test_what_has_not_changed_is_answered_304(servers: DemonstrationServers, http: httpx2.Client) -> None:
    one = custodian(servers, "hfea")
    dataset_id = holding("hfea").documents[0].id
    for path in (one.list_path, one.detail_path.replace("{id}", dataset_id)):
        first = http.get(one.base_url + path, headers=credentials(one))
        again = http.get(one.base_url + path, headers={**credentials(one), "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        other = http.get(one.base_url + path, headers={**credentials(one), "If-None-Match": '"something else"'})
        assert other.status_code == 200


def test_missing_or_wrong_credentials_are_refused(servers: DemonstrationServers, http: httpx2.Client) -> None:
    for one in servers.custodians:
        detail_path = one.detail_path.replace("{id}", holding(one.slug).documents[0].id)
        for path in (one.list_path, detail_path):
            expected = 200 if one.auth == "NO_AUTH" else 401
            assert http.get(one.base_url + path).status_code == expected
            wrong = {name: value + "x" for name, value in credentials(one).items()}
            assert http.get(one.base_url + path, headers=wrong).status_code == expected


def test_a_list_is_paged_by_offset_and_limit(servers: DemonstrationServers, http: httpx2.Client) -> None:
    one = custodian(servers, "cprd")
    whole = [item["persistentId"] for item in listing(http, one).json()["items"]]
    page = listing(http, one, offset=1, limit=2).json()
    assert [item["persistentId"] for item in page["items"]] == whole[1:3]
    assert page["query"] == {"q": "", "total": len(whole), "limit": 2, "offset": 1}
    assert listing(http, one, offset=100).json()["items"] == []


def test_a_custodian_may_limit_its_pages_by_itself(servers: DemonstrationServers, http: httpx2.Client) -> None:
    one = custodian(servers, "british-regional-heart-study")
    page = listing(http, one).json()
    assert (len(page["items"]), page["query"]["limit"], page["query"]["total"]) == (4, 4, 6)


def test_a_page_that_is_no_number_is_refused(servers: DemonstrationServers, http: httpx2.Client) -> None:
    one = custodian(servers, "breathe")
    answer = http.get(one.base_url + one.list_path, params={"offset": "-1"})
    assert answer.status_code == 400
    assert "offset" in answer.json()["detail"]


def test_an_unknown_identifier_or_address_is_not_found(servers: DemonstrationServers, http: httpx2.Client) -> None:
    one = custodian(servers, "breathe")
    assert detail(http, one, "no/such dataset").status_code == 404
    assert http.get(one.base_url + "/elsewhere").status_code == 404


def test_an_identifier_may_be_percent_encoded(servers: DemonstrationServers, http: httpx2.Client) -> None:
    one = custodian(servers, "breathe")
    encoded = "".join(f"%{ord(letter):02X}" for letter in holding("breathe").documents[0].id)
    assert http.get(one.base_url + one.detail_path.replace("{id}", encoded)).status_code == 200


@pytest.fixture
def failing(servers: DemonstrationServers, http: httpx2.Client) -> Iterator[DemonstrationCustodian]:
    (one,) = [each for each in servers.custodians if each.fails_on_demand]
    yield one
    assert switch(http, one, "ok").status_code == 200


def switch(http: httpx2.Client, one: DemonstrationCustodian, mode: str) -> httpx2.Response:
    return http.post(one.base_url + "/demonstration/mode", json={"mode": mode})


def test_told_to_be_empty_it_lists_nothing(failing: DemonstrationCustodian, http: httpx2.Client) -> None:
    switch(http, failing, "empty")
    page = listing(http, failing).json()
    assert (page["items"], page["query"]["total"]) == ([], 0)


def test_told_to_fail_it_answers_500(failing: DemonstrationCustodian, http: httpx2.Client) -> None:
    switch(http, failing, "error")
    assert listing(http, failing).status_code == 500


def test_told_to_truncate_its_list_is_no_json(failing: DemonstrationCustodian, http: httpx2.Client) -> None:
    switch(http, failing, "truncated")
    answer = listing(http, failing)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_told_to_break_a_detail_the_others_stay_whole(failing: DemonstrationCustodian, http: httpx2.Client) -> None:
    switch(http, failing, "broken-detail")
    first, *others = (item["persistentId"] for item in listing(http, failing).json()["items"])
    with pytest.raises(json.JSONDecodeError):
        detail(http, failing, first).json()
    assert all(detail(http, failing, other).json()["identifier"] == other for other in others)


def test_set_back_it_lists_everything_again(failing: DemonstrationCustodian, http: httpx2.Client) -> None:
    switch(http, failing, "error")
    switch(http, failing, "ok")
    assert len(listing(http, failing).json()["items"]) == failing.datasets


def test_an_unknown_mode_is_refused(failing: DemonstrationCustodian, http: httpx2.Client) -> None:
    answer = switch(http, failing, "sulk")
    assert answer.status_code == 400
    assert "broken-detail" in answer.json()["detail"]


def test_other_custodians_cannot_be_told_to_fail(servers: DemonstrationServers, http: httpx2.Client) -> None:
    assert switch(http, custodian(servers, "hfea"), "error").status_code == 404


def send(
    http: httpx2.Client, one: DemonstrationCustodian, body: bytes, *, message_id: str = "msg_1", age_seconds: int = 0,
    signed: str | None = None,
) -> int:  # fmt: skip
    assert one.webhook_secret is not None
    sent = str(int(time.time()) - age_seconds)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": sent,
        "webhook-signature": signed or signature(one.webhook_secret, message_id, sent, body),
    }
    return http.post(one.route["target"], content=body, headers=headers).status_code


def received(http: httpx2.Client, one: DemonstrationCustodian) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = http.get(one.route["target"]).json()["requests"]
    return messages


@pytest.fixture
def receiving() -> Iterator[DemonstrationCustodian]:
    with DemonstrationServers(base_port=0) as running:
        yield custodian(running, "opcrd")


def test_a_signed_request_is_accepted_and_remembered_once(
    receiving: DemonstrationCustodian, http: httpx2.Client
) -> None:
    assert send(http, receiving, b'{"type":"access_request.submitted"}') == 200
    assert send(http, receiving, b'{"type":"access_request.submitted"}') == 200
    assert received(http, receiving) == [{"id": "msg_1", "times": 2, "body": {"type": "access_request.submitted"}}]


def test_one_of_several_signatures_suffices(receiving: DemonstrationCustodian, http: httpx2.Client) -> None:
    sent = str(int(time.time()))
    signatures = f"v1,AAAA {signature(receiving.webhook_secret or '', 'msg_2', sent, b'{}')}"
    headers = {"webhook-id": "msg_2", "webhook-timestamp": sent, "webhook-signature": signatures}
    assert http.post(receiving.route["target"], content=b"{}", headers=headers).status_code == 200


def test_a_wrong_signature_is_refused_and_forgotten(receiving: DemonstrationCustodian, http: httpx2.Client) -> None:
    assert send(http, receiving, b"{}", signed="v1,AAAA") == 401
    assert http.post(receiving.route["target"], content=b"{}").status_code == 401
    assert received(http, receiving) == []


@pytest.mark.parametrize("age_seconds", [3600, -3600])
def test_a_request_from_another_time_is_refused(
    receiving: DemonstrationCustodian, http: httpx2.Client, age_seconds: int
) -> None:
    assert send(http, receiving, b"{}", age_seconds=age_seconds) == 401


def test_a_receiver_answers_as_told_until_set_back(receiving: DemonstrationCustodian, http: httpx2.Client) -> None:
    address = receiving.base_url + "/demonstration/receiver"
    assert http.post(address, json={"status": 500}).status_code == 200
    assert send(http, receiving, b"{}") == 500
    assert received(http, receiving) == []
    assert http.post(address, json={"status": "well"}).status_code == 400
    assert http.post(address, json={"status": 200}).status_code == 200
    assert send(http, receiving, b"{}") == 200


def test_the_routes_lead_where_requests_are_to_go(servers: DemonstrationServers) -> None:
    assert custodian(servers, "cprd").route == {"channel": "portal", "target": "https://applications.cprd.example.org/new"}
    assert custodian(servers, "hfea").route == {"channel": "committee", "target": "workspace"}
    assert custodian(servers, "researchone").route == {"channel": "mailbox", "target": "access@researchone.example.org"}
    one = custodian(servers, "nihr-bioresource")
    assert one.route == {"channel": "webhook", "target": f"{one.base_url}/demonstration/requests"}
    assert custodian(servers, "nottinghamshire-healthcare").route == {"channel": "none"}


def test_ports_that_are_taken_are_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with DemonstrationServers(base_port=port) as running:
            ports = [int(one.base_url.rpartition(":")[2]) for one in running.custodians]
    assert min(ports) > port
    assert ports == sorted(set(ports))


def test_nothing_answers_after_stopping(http: httpx2.Client) -> None:
    servers = DemonstrationServers(base_port=0)
    servers.start()
    address = servers.custodians[0].base_url
    servers.stop()
    assert servers.custodians == ()
    with pytest.raises(httpx2.ConnectError):
        http.get(address)
