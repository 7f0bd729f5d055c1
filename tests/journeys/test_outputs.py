"""Links to research outputs: named by whoever leads the request while access runs and after its end, beside the custodian, for the register."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from frontend.words import PATIENT_DATA_ACKNOWLEDGEMENT
from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.parts import Role
from gateway.access.register import HEADINGS
from gateway.access.status import status
from gateway.accounts.setup import grant
from gateway.models import DataUse
from gateway.store import requests
from gateway.store.uses import OUTPUTS
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import Post, text_of
from tests.journeys.test_collaborators import HANDLER, draft, joined, lead, send_it, services
from tests.journeys.test_workspace import LATER, SOON, part_path

__all__ = ["draft", "lead", "services"]
PAPER, CODE = "https://doi.org/10.1000/182", "https://code.example.org/marker"
SIGNED = {"sha256": None, "signatory": "Example Signatory"}
TO_OPEN: tuple[tuple[str, Role, dict[str, object]], ...] = (
    ("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}), ("approve", "decider", {"access_until": LATER, "access_mode": "TRE"}),
    ("issue_agreement", "handler", {"agreement": "DSA 1"}), ("sign_agreement", "handler", {"side": "custodian", **SIGNED}),
    ("sign_agreement", "lead", {"side": "applicant", **SIGNED}),
    ("activate", "handler", {"access_mode": "TRE", "access_starts": SOON, "access_ends": LATER}),
)


class Running:
    """A request of the lead, sent; its part at Alpha."""

    def __init__(self, services: Services, reference: str) -> None:
        self.services, self.reference = services, reference
        self.follow = send_it(services, reference)
        deliver_due(services.store, services.channels, now=services.clock())
        found = status(services.store, self.follow.removeprefix("/requests/"))
        self.part = next(one.part for one in found.parts if one.custodian_slug == "alpha")
        self.page = f"/account/requests/{reference}"

    def give(self, command: str, role: Role, **payload: object) -> None:
        given = Command(name=command, role=role, actor="somebody", payload=payload)
        perform(self.services.store, self.services.sealer, self.part, given, now=self.services.clock())

    def open(self) -> Running:
        for command, role, payload in TO_OPEN:
            self.give(command, role, **payload)
        return self

    def post(self, client: TestClient, outputs: str, *, page: str = "", expect: int = 200, **more: str) -> str:
        """``page`` is the private one, where it is not the account's."""
        token = "" if page else hidden(client.get("/account").text, "csrf")
        fields = {"csrf": token, "command": "name_outputs", "outputs": outputs, **more}
        answer = client.post(f"{page or self.page}/parts/{self.part}", data=fields)
        assert answer.status_code == expect, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-1500:]
        return answer.text

    def events(self) -> list[tuple[str, str, dict[str, list[str]]]]:
        """Of the links: role, actor and payload of each."""
        with self.services.store.reading() as session:
            row = requests.part_by_public_id(session, self.part)
            assert row is not None
            return [(one.role, one.actor, dict(one.payload)) for one in requests.history(session, row.part.id) if one.event == "outputs.named"]

    def outputs(self) -> list[str]:
        with self.services.store.reading() as session:
            return list(session.query(DataUse).one().outputs)


@pytest.fixture
def sent(services: Services, lead: TestClient, draft: str) -> Running:
    return Running(services, draft)


def test_the_lead_names_outputs_as_soon_as_access_is_open_and_the_register_shows_them(services: Services, lead: TestClient, sent: Running, post: Post) -> None:
    assert "Research outputs" not in lead.get(sent.page).text
    sent.post(lead, PAPER, expect=422)
    page = lead.get(sent.open().page).text
    assert page.count("Research outputs</dt>") == 1, "of the part that is open, not of the other"
    assert "None named yet. Papers, preprints, code and reports belong here." in page
    assert f"Each should say: “{PATIENT_DATA_ACKNOWLEDGEMENT}”" in page
    sent.post(lead, f"{PAPER}\n\n  {CODE}  \n{PAPER}")
    (noted,) = sent.events()
    assert noted == ("lead", subject_of(services, sent), {"added": [PAPER, CODE], "removed": []})
    page = lead.get(sent.page).text
    assert f'href="{PAPER}"' in page
    assert f"Added: {PAPER}, {CODE}." in page
    assert re.search(rf'<textarea[^>]*id="{sent.part}-name_outputs-outputs"[^>]*>\s*{PAPER}\s+{CODE}</textarea>', page)
    public = browser(services)
    (use,) = public.get("/uses.json").json()["uses"]
    assert use["outputs"] == [PAPER, CODE]
    assert use["fields"][HEADINGS[31]] == f"{PAPER}, {CODE}"
    assert use["history"][-1]["what"] == "Links to research outputs changed"
    shown = public.get(f"/uses/{use['id']}").text
    assert f'href="{CODE}"' in shown
    assert "Links to research outputs changed" in shown
    assert next(csv.DictReader(io.StringIO(public.get("/uses.csv").text)))[HEADINGS[31]] == f"{PAPER}, {CODE}"
    assert public.get(f"/uses/{use['id']}.json").json()["outputs"] == [PAPER, CODE]
    deliver_due(services.store, services.channels, now=services.clock())
    assert "The applicant changed the links to research outputs" in text_of(post.to(HANDLER)[-1])
    handler = member(services, HANDLER, name="Handler")
    assert f"Added: {PAPER}, {CODE}." in handler.get(part_path(handler)).text


def test_they_go_on_after_its_end_by_the_private_link_too_and_can_be_taken_out(services: Services, lead: TestClient, sent: Running) -> None:
    sent.open()
    sent.post(lead, PAPER)
    sent.give("suspend_access", "decider", reason="A question.")
    sent.post(lead, f"{PAPER}\n{CODE}")
    sent.give("resume_access", "decider")
    sent.give("end", "handler", reason="finished")
    away = browser(services)
    assert "Name research outputs" in away.get(sent.follow).text
    sent.post(away, CODE, page=sent.follow)
    assert sent.outputs() == [CODE]
    assert sent.events()[-1] == ("lead", "lead", {"added": [], "removed": [PAPER]})
    sent.give("record_report", "lead", report=f"It stands at {PAPER}.")
    assert sent.outputs() == [CODE, PAPER]
    sent.post(away, "", page=sent.follow)
    assert sent.outputs() == []
    assert browser(services).get("/uses.json").json()["uses"][0]["fields"][OUTPUTS] == ""


def test_an_entry_under_embargo_takes_them_and_keeps_them_back(services: Services, lead: TestClient, sent: Running) -> None:
    sent.open()
    with services.store.transaction() as tx:
        use = tx.session.query(DataUse).one()
        use.embargo_until, use.embargo_reason = services.clock() + timedelta(days=30), "A patent."
        public_id = use.public_id
    sent.post(lead, PAPER)
    assert sent.outputs() == [PAPER]
    assert f'href="{PAPER}"' in lead.get(sent.page).text
    public = browser(services)
    for path in ("/uses.json", "/uses.csv", f"/uses/{public_id}", f"/uses/{public_id}.json"):
        assert PAPER not in public.get(path).text


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        ("javascript:alert(1)", "This is no web address: javascript:alert(1)"),
        (f"{PAPER}\nour paper", "This is no web address: our paper"),
        ("ftp://example.org/paper", "This is no web address: ftp://example.org/paper"),
        ("\n".join(f"https://example.org/a-paper-with-a-rather-long-address/{number:03}" for number in range(101)), "Name 100 at most."),
        ("", "These are the links that stand there already."),
    ],
    ids=["script", "words", "ftp", "101", "nothing"],
)
def test_what_is_refused_is_told_beside_the_field_with_what_was_typed(lead: TestClient, sent: Running, outputs: str, sentence: str) -> None:
    page = sent.open().post(lead, outputs, expect=422)
    field = f"{sent.part}-name_outputs-outputs"
    assert re.search(rf'id="{field}-error"[^>]*>.*{re.escape(sentence)}', page)
    assert f'href="#{field}"' in page
    assert "".join(outputs.split()) in "".join(page.split())
    assert (sent.outputs(), sent.events()) == ([], [])


def test_a_hundred_long_ones_are_kept(lead: TestClient, sent: Running) -> None:
    wanted = [f"https://example.org/a-paper-with-a-rather-long-address/{number:03}" for number in range(100)]
    sent.open().post(lead, "\n".join(wanted))
    assert sent.outputs() == wanted


def test_nobody_but_the_lead_and_the_custodian_changes_them(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    grace = joined(services, post, lead, draft)
    sent = Running(services, draft).open()
    page = grace.get(sent.page).text
    assert "None named yet" in page
    assert "Name research outputs" not in page
    sent.post(grace, PAPER, expect=403)
    stranger = member(services, "stranger@elsewhere.example", name="Stranger")
    sent.post(stranger, PAPER, expect=404)
    sent.post(browser(services), PAPER, page="/requests/not-the-token", expect=404)
    member(services, "other@beta.example", name="Other")
    grant(services.store, address="other@beta.example", role="handler", custodian="beta", granted_by="operator", now=services.clock())
    other = member(services, "other@beta.example", name="Other")
    assert other.post(entry_path(services, "beta"), data={"csrf": hidden(other.get("/account").text, "csrf"), "do": "outputs", "outputs": PAPER}).status_code == 404
    assert (sent.outputs(), sent.events()) == ([], [])


def test_the_custodian_changes_them_as_a_step_of_the_request_and_never_over_the_lead(services: Services, lead: TestClient, sent: Running) -> None:
    handler, path = member(services, HANDLER, name="Handler"), entry_path(sent.open().services, "alpha")
    seen = handler.get(path).text
    sent.post(lead, PAPER)
    old = {"csrf": hidden(seen, "csrf"), "version": hidden(seen, "version"), "do": "outputs", "outputs": CODE}
    answer = handler.post(path, data=old)
    assert (answer.status_code, "Somebody changed this request a moment ago." in answer.text) == (422, True)
    assert sent.outputs() == [PAPER]
    now = {**old, "version": hidden(handler.get(path).text, "version"), "outputs": f"{PAPER}\n{CODE}"}
    assert handler.post(path, data=now).status_code == 200
    assert [role for role, _, _ in sent.events()] == ["lead", "handler"]
    assert sent.outputs() == [PAPER, CODE]
    sent.give("revoke", "decider", reason="A breach.")
    assert "Name research outputs" not in lead.get(sent.page).text
    sent.post(lead, "", expect=422)
    assert handler.post(path, data={**old, "version": "", "outputs": CODE}).status_code == 200
    assert sent.outputs() == [CODE]


def entry_path(services: Services, custodian: str) -> str:
    with services.store.reading() as session:
        return f"/w/{custodian}/register/{session.query(DataUse).one().public_id}"


def subject_of(services: Services, sent: Running) -> str:
    with services.store.reading() as session:
        row = requests.part_by_public_id(session, sent.part)
        assert row is not None
        return str(row.request.lead_subject)
