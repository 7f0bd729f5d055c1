"""One request to several custodians: what each may learn of the others, what is needed together, and what opening access asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.access.policy import DEFAULT, kept
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.store import clocks, custodians
from gateway.web.auth import PART_SCOPES, create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.accounts.test_profile import TRAINING, entered
from tests.gateway.asking import FORM, Post, text_of, written
from tests.journeys.gateways import two_custodians
from tests.journeys.test_workspace import LATER, SOON, part_path, press

SLUGS = ("alpha", "beta")


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url, mail_url=post.url) as built:
        yield built


@pytest.fixture
def staff(services: Services) -> dict[str, TestClient]:
    """By custodian: one person who handles and decides."""
    people = {}
    for slug in SLUGS:
        address = f"staff@{slug}.example"
        people[slug] = member(services, address, name=f"Staff {slug}", has_app=True)
        for role in ("handler", "decider"):
            grant(services.store, address=address, role=role, custodian=slug, granted_by="operator", now=services.clock())
        set_route(services.store, services.sealer, custodian=slug, channel="committee", target="workspace")
    return people


def lead_of(services: Services) -> TestClient:
    return member(services, FORM.email, name=FORM.name, has_app=True)


def send(services: Services, *, expect: str = "/sent", discloses: bool = False, together: bool = False) -> tuple[str, str]:
    """Reference of a request to both custodians, through the page of the check; and what came back."""
    reference = written(services.store, services.sealer, dataset_refs=[one.row.record.ref for one in services.catalogue.listing()], now=services.clock())
    lead = lead_of(services)
    page = lead.get(f"/requests/{reference}/check").text
    parts = re.findall(r'name="parts" value="(\w+)"', page)
    data: dict[str, object] = {
        "csrf": hidden(page, "csrf"), "parts": parts, "advice": re.findall(r'name="advice" value="(\w+)"', page),
        "promise": re.findall(r'name="promise" value="([^"]+)"', page), **({"discloses": "yes"} if discloses else {}), **({"linked": parts} if together else {}),
    }
    answer = lead.post(f"/requests/{reference}/check", data=data)
    assert answer.url.path.endswith(expect), re.sub(r"<[^>]+>|\s+", " ", answer.text)[-2500:]
    return reference, answer.text


def approve(client: TestClient, slug: str) -> None:
    path = part_path(client, slug)
    press(client, path, "acknowledge")
    press(client, path, "accept_for_review")
    press(client, path, "approve", access_until=LATER, access_mode="TRE")


def sign(services: Services, client: TestClient, slug: str, reference: str) -> str:
    """Both sides; the path of the part."""
    path = part_path(client, slug)
    press(client, path, "issue_agreement", agreement="Agreement 1")
    press(client, path, "sign_agreement")
    lead, base = lead_of(services), f"/account/requests/{reference}"
    own = f"{base}/parts/{path.rsplit('/', 1)[1]}"
    assert lead.post(own, data={"csrf": hidden(lead.get(base).text, "csrf"), "command": "sign_agreement"}).status_code == 200
    return path


def activate(client: TestClient, path: str, *, expect: int = 200) -> str:
    return press(client, path, "activate", expect=expect, access_mode="TRE", access_starts=SOON, access_ends=LATER)


def seen_by(services: Services, staff: dict[str, TestClient], slug: str, post: Post) -> str:
    """All that reaches a custodian about the request: inbox, page, snapshot of its own system, mail, the refusal of a step."""
    client, path = staff[slug], part_path(staff[slug], slug)
    key = create_key(services.store, name=slug, custodian=slug, scopes=PART_SCOPES, now=services.clock()).key
    api = browser(services).get(f"/api/v1/parts/{path.rsplit('/', 1)[1]}", headers={"Authorization": f"Bearer {key}"}).text
    deliver_due(services.store, services.channels, now=services.clock())
    mail = "".join(str(letter["Subject"]) + text_of(letter) for letter in post.to(f"staff@{slug}.example"))
    return client.get(f"/w/{slug}/requests").text + client.get(path).text + api + mail + press(client, path, "activate", expect=403)


def test_A14_without_the_tick_a_custodian_does_not_learn_that_there_are_others(services: Services, staff: dict[str, TestClient], post: Post) -> None:
    send(services)
    for slug, other in (("alpha", "Beta"), ("beta", "Alpha")):
        told = seen_by(services, staff, slug, post)
        assert FORM.title in told
        assert f"Custodian {other}" not in told
        assert "Asked as well" not in told
        assert '"others":[]' in told


def test_with_the_tick_each_custodian_sees_the_others_names_and_nothing_else(services: Services, staff: dict[str, TestClient], post: Post) -> None:
    send(services, discloses=True)
    told = seen_by(services, staff, "alpha", post)
    assert "Asked as well" in told
    assert "Custodian Beta" in told
    theirs = part_path(staff["beta"], "beta")
    assert theirs.rsplit("/", 1)[1] not in told
    with services.store.reading() as session:
        assert custodians.by_slug(session, "beta").name == "Custodian Beta"
    datasets = [one.row.record for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "beta"]
    assert not any(record.ref in told or (record.title or "?") in told for record in datasets)


def test_what_is_needed_together_needs_the_tick_and_at_least_two(services: Services, staff: dict[str, TestClient]) -> None:
    _, page = send(services, expect="/check", together=True)
    assert "must learn of each other" in page


def test_linked_parts_open_only_once_all_are_approved(services: Services, staff: dict[str, TestClient], post: Post) -> None:
    reference, _ = send(services, discloses=True, together=True)
    approve(staff["alpha"], "alpha")
    path = sign(services, staff["alpha"], "alpha", reference)
    refusal = activate(staff["alpha"], path, expect=422)
    assert "needs other data at the same time" in refusal
    assert "Custodian Beta (Sent)" in refusal
    assert "Needed together with Custodian Beta (Sent)" in lead_of(services).get(f"/account/requests/{reference}").text
    approve(staff["beta"], "beta")
    assert "Everything that is needed together is approved" in lead_of(services).get(f"/account/requests/{reference}").text
    activate(staff["alpha"], path)
    deliver_due(services.store, services.channels, now=services.clock())
    for address in (FORM.email, "staff@alpha.example", "staff@beta.example"):
        assert any("needed together is approved" in text_of(letter) for letter in post.to(address)), address


def test_a_refusal_puts_at_risk_what_depends_on_it_and_only_the_lead_is_told(services: Services, staff: dict[str, TestClient], post: Post) -> None:
    reference, _ = send(services)
    path = part_path(staff["beta"], "beta")
    press(staff["beta"], path, "acknowledge")
    press(staff["beta"], path, "reject", code="capacity", reason="Not this year.")
    assert "may be at risk" in lead_of(services).get(f"/account/requests/{reference}").text
    approve(staff["alpha"], "alpha")
    activate(staff["alpha"], sign(services, staff["alpha"], "alpha", reference))
    for slug in SLUGS:
        assert "at risk" not in staff[slug].get(part_path(staff[slug], slug)).text
    deliver_due(services.store, services.channels, now=services.clock())
    assert any("at risk" in text_of(letter) for letter in post.to(FORM.email))


def test_access_opens_only_for_people_with_verified_training_where_the_custodian_asks_for_it(services: Services, staff: dict[str, TestClient]) -> None:
    with services.store.transaction() as tx:
        place = custodians.by_slug(tx.session, "alpha").id
        clocks.add_policy(tx.session, place, kept(replace(DEFAULT, training=True)), by="operator", now=services.clock() - timedelta(days=1))
    reference, _ = send(services)
    approve(staff["alpha"], "alpha")
    approve(staff["beta"], "beta")
    path = sign(services, staff["alpha"], "alpha", reference)
    assert f"missing for: {FORM.name}" in activate(staff["alpha"], path, expect=422)
    activate(staff["beta"], sign(services, staff["beta"], "beta", reference))
    entered(lead_of(services), "training", **TRAINING)
    assert "missing for" in activate(staff["alpha"], path, expect=422), "stated is not verified"
    card = f"{path}/applicant"
    item = re.search(rf"{card}/items/\d+", staff["alpha"].get(card).text)
    assert item is not None
    staff["alpha"].post(item[0], data={"csrf": hidden(staff["alpha"].get(item[0]).text, "csrf"), "until": "2031-01-01"})
    assert "training verified" in staff["alpha"].get(path).text
    activate(staff["alpha"], path)
