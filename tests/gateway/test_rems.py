"""Requests to a custodian that decides in REMS, against a server that follows the published API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.access import drafts
from gateway.access.attaching import Attaching
from gateway.access.commands import Command, answer, perform
from gateway.access.deliver import deliver_due
from gateway.access.part_forms import publish
from gateway.access.rems import notified
from gateway.access.rems_setup import RemsSet, look_at, set_rems
from gateway.access.routes import routes
from gateway.access.status import PartStatus, status
from gateway.access.triage import triage
from gateway.channels.routing import Channels
from gateway.errors import NotFound, NotSignedIn, Unprocessable
from gateway.store import Store
from tests.gateway.asking import NOW, applicant, channels, sealer, seeded, written
from tests.gateway.asking import send as sending
from tests.gateway.rems_server import APPLICANT, FIELDS, KEY, READER, RemsServer, rems
from tests.gateway.sending import send
from tests.gateway.test_requests import content_digest


@pytest.fixture
def refs(store: Store) -> dict[str, list[str]]:
    return seeded(store)


@pytest.fixture
def server(refs: dict[str, list[str]]) -> Iterator[RemsServer]:
    """Alpha's two datasets are items of one workflow, and something else is there that is none of ours."""
    items = [{"id": 10 + number, "resid": f"pid-{ref}", "wfid": 1, "formid": 5, "enabled": True, "archived": False} for number, ref in enumerate(refs["alpha"])]
    with rems([*items, {"id": 99, "resid": "urn:other", "wfid": 1, "formid": 5, "enabled": True, "archived": False}]) as running:
        yield running


def out(folder: Path) -> Channels:
    return channels(folder)


def set_up(store: Store, folder: Path, server: RemsServer, **changes: object) -> RemsSet:
    wanted = {"custodian": "alpha", "target": server.url, "api_key": KEY, "reader": READER, "applicant": APPLICANT, "fields": FIELDS, **changes}
    return set_rems(store, sealer(folder), out(folder).caller, now=NOW, **wanted)  # type: ignore[arg-type]


def only(store: Store, token: str) -> PartStatus:
    (part,) = status(store, token).parts
    return part


def tell(store: Store, folder: Path, held: RemsSet, number: int) -> list[str]:
    return notified(
        store, sealer(folder), out(folder).caller, custodian="alpha", secret=held.notify_secret, application=number, now=NOW + timedelta(hours=2)
    )


def test_an_application_is_made_filled_in_with_the_snapshot_and_submitted(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    held = set_up(store, tmp_path, server)
    assert held.items == {f"pid-{ref}": 10 + number for number, ref in enumerate(refs["alpha"])}
    assert held.unknown == ("urn:other",)
    assert KEY not in content_digest(store)
    assert held.notify_secret not in content_digest(store)
    sent = send(store, tmp_path, refs["alpha"])
    deliver_due(store, out(tmp_path), now=NOW)
    (one,) = server.applications.values()
    part = only(store, sent.follow_token)
    assert (one.items, one.state, one.accepted) == ([10, 11], "application.state/submitted", [7])
    assert one.values["5/fld1"] == "Marker-Title of the study"
    assert one.values["5/fld9"] == part.part
    assert json.loads(one.attachments[int(one.values["5/fld8"])]) == part.document
    assert part.delivery
    assert (part.state, part.delivery.state) == ("screening", "sent")
    assert {user for _, path, user in server.calls if "my-applications" in path or "create" in path} == {APPLICANT}


def test_files_become_attachments_of_the_field_that_asks_for_them(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    set_up(store, tmp_path, server, fields={**FIELDS, "5/fld2": "project.protocol"})
    publish(store, "alpha", {"optional": {"project.protocol": {"need": "require"}}}, actor="operator", now=NOW)
    ways, person = channels(tmp_path, send_unscanned_files=True), applicant(store)
    reference = written(store, sealer(tmp_path), dataset_refs=refs["alpha"])
    body = "Größe\r\n--gateway\r\n".encode()
    Attaching(store=store, sealer=sealer(tmp_path), uploads=ways.uploads, person=person, reference=reference, now=NOW).attach(
        "project.protocol", name='Proto"col\r\n.txt', body=body
    )
    sending(store, sealer(tmp_path), person, reference, rules=ways.uploads.rules)
    deliver_due(store, ways, now=NOW)
    (one,) = server.applications.values()
    assert one.state == "application.state/submitted"
    assert one.attachments[int(one.values["5/fld2"])] == body


@pytest.mark.parametrize("where", ["create", "save-draft", "add-attachment", "submit"])
def test_a_try_that_broke_off_is_gone_on_with_and_makes_no_second_submission(
    store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer, where: str
) -> None:
    set_up(store, tmp_path, server)
    sent = send(store, tmp_path, refs["alpha"])
    server.cut = [where]
    deliver_due(store, out(tmp_path), now=NOW)
    assert only(store, sent.follow_token).state == "submitted"
    deliver_due(store, out(tmp_path), now=NOW + timedelta(minutes=1))
    assert only(store, sent.follow_token).state == "screening"
    assert [one.state for one in server.applications.values()].count("application.state/submitted") == 1


def test_what_is_decided_comes_back_and_notifications_are_checked(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    held = set_up(store, tmp_path, server)
    sent = send(store, tmp_path, refs["alpha"])
    deliver_due(store, out(tmp_path), now=NOW)
    (number,) = server.applications
    assert tell(store, tmp_path, held, number) == [], "nothing was decided, whatever a notification says"
    with pytest.raises(NotSignedIn):
        notified(store, sealer(tmp_path), out(tmp_path).caller, custodian="alpha", secret="guess", application=number, now=NOW)
    with pytest.raises(NotFound):
        tell(store, tmp_path, held, 999)
    server.decide(number, "returned", **{"application/comment": "Which years, marker-years?"})
    assert tell(store, tmp_path, held, number) == ["return"]
    assert tell(store, tmp_path, held, number) == [], "told twice is done once"
    part = only(store, sent.follow_token)
    assert part.state == "returned"
    assert any("marker-years" in (entry.detail or "") for entry in part.timeline)
    answer(store, sealer(tmp_path), part.part, reply="2004 to 2019.", expected_version=None, now=NOW + timedelta(hours=3))
    deliver_due(store, out(tmp_path), now=NOW + timedelta(hours=3))
    assert list(server.applications) == [number], "the same application goes on"
    assert server.applications[number].state == "application.state/submitted"
    server.decide(number, "approved", **{"entitlement/end": "2027-06-30T00:00:00.000Z"})
    assert tell(store, tmp_path, held, number) == ["accept_for_review", "approve"]
    part = only(store, sent.follow_token)
    assert part.state == "approved"
    assert any("30 June 2027" in (entry.detail or "") for entry in part.timeline)
    server.decide(number, "revoked", **{"application/comment": "A breach."})
    assert tell(store, tmp_path, held, number) == ["revoke"]
    assert only(store, sent.follow_token).state == "revoked"


@pytest.mark.parametrize(("decided", "state"), [("rejected", "rejected"), ("closed", "closed")])
def test_refusals_and_closings_come_back(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer, decided: str, state: str) -> None:
    held = set_up(store, tmp_path, server)
    sent = send(store, tmp_path, refs["alpha"])
    deliver_due(store, out(tmp_path), now=NOW)
    (number,) = server.applications
    server.decide(number, decided, **{"application/comment": "Not for us."})
    tell(store, tmp_path, held, number)
    part = only(store, sent.follow_token)
    assert part.state == state
    assert any("Not for us." in (entry.detail or "") for entry in part.timeline)


def test_items_of_different_workflows_become_different_parts(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    server.catalogue[1]["wfid"] = 2
    set_up(store, tmp_path, server)
    sent = send(store, tmp_path, refs["alpha"])
    deliver_due(store, out(tmp_path), now=NOW)
    assert len(status(store, sent.follow_token).parts) == 2
    assert sorted(one.items for one in server.applications.values()) == [[10], [11]]


def test_a_dataset_without_an_item_goes_to_people(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    del server.catalogue[1]
    set_up(store, tmp_path, server)
    send(store, tmp_path, refs["alpha"])
    (waiting,) = triage(store)
    assert waiting.datasets == (refs["alpha"][1],)
    assert "no item in its REMS" in dict(waiting.passed)["the custodian’s own route"]


@pytest.mark.parametrize(("statuses", "delivery", "health"), [([500], "queued", "healthy"), ([401], "manual", "suspended"), ([429], "queued", "healthy")])
def test_a_rems_that_fails_is_tried_again_and_one_that_refuses_is_suspended(
    store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer, statuses: list[int], delivery: str, health: str
) -> None:
    set_up(store, tmp_path, server)
    sent = send(store, tmp_path, refs["alpha"])
    server.fail = list(statuses)
    deliver_due(store, out(tmp_path), now=NOW)
    part = only(store, sent.follow_token)
    assert part.delivery
    assert part.delivery.state == delivery
    assert [route.health for route in routes(store)] == [health]


def test_a_form_that_rems_does_not_take_goes_to_people_and_the_route_stays(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    set_up(store, tmp_path, server, fields={"5/fld9": "gateway.part"})
    send(store, tmp_path, refs["alpha"])
    deliver_due(store, out(tmp_path), now=NOW)
    (waiting,) = triage(store)
    assert "form.validation/required" in (waiting.last_error or "")
    assert [route.health for route in routes(store)] == ["healthy"]


def changed_for_alpha(store: Store, folder: Path, refs: dict[str, list[str]]) -> str:
    """Answers that change because of what beta asked; alpha has the request in its REMS."""
    sent = send(store, folder, [*refs["alpha"], *refs["beta"]])
    deliver_due(store, out(folder), now=NOW)
    beta = next(one for one in status(store, sent.follow_token).parts if one.custodian_slug == "beta")
    for name, role, payload in (("acknowledge", "handler", {"delivery": "d"}), ("return", "handler", {"comment": "Why?", "is_general": True})):
        perform(store, sealer(folder), beta.part, Command(name=name, role=role, actor="h", payload=payload), now=NOW)  # type: ignore[arg-type]
    person = applicant(store)
    drafts.save(store, sealer(folder), person, sent.reference, {"project.lay_summary": "We will study marker-changed."}, seen_version=99, now=NOW)
    answer(store, sealer(folder), beta.part, reply="So.", expected_version=None, now=NOW + timedelta(hours=1))
    return sent.follow_token or ""


def of_alpha(store: Store, token: str) -> PartStatus:
    return next(one for one in status(store, token).parts if one.custodian_slug == "alpha")


@pytest.mark.parametrize("stage", ["submitted", "returned"])
def test_what_changed_because_of_another_custodian_becomes_a_remark_with_the_new_snapshot(
    store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer, stage: str
) -> None:
    set_up(store, tmp_path, server)
    token = changed_for_alpha(store, tmp_path, refs)
    (one,) = server.applications.values()
    one.state = f"application.state/{stage}"
    server.cut = ["remark"]
    deliver_due(store, out(tmp_path), now=NOW + timedelta(hours=2))
    deliver_due(store, out(tmp_path), now=NOW + timedelta(hours=3))
    (remark,) = [event for event in one.events if event["event/type"] == "application.event/remarked"]
    part = of_alpha(store, token)
    assert json.loads(one.attachments[remark["event/attachments"][0]["attachment/id"]]) == part.document
    assert "marker-changed" in str(part.document["answers"])
    assert one.values["5/fld2"] == "We will study marker-summary.", "what was submitted stays as it was"
    assert one.state == f"application.state/{stage}", "nothing is sent back in the applicant's name"
    assert part.delivery
    assert part.delivery.state == "sent"


def test_a_rems_that_takes_no_remark_of_the_gateway_leaves_the_change_to_people(
    store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer
) -> None:
    set_up(store, tmp_path, server)
    server.may_remark = False
    token = changed_for_alpha(store, tmp_path, refs)
    deliver_due(store, out(tmp_path), now=NOW + timedelta(hours=2))
    part = of_alpha(store, token)
    assert part.delivery
    assert (part.delivery.state, part.state) == ("manual", "screening")
    assert [route.health for route in routes(store)] == ["healthy"]


def test_setting_up_says_what_is_wrong(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    assert len(look_at(out(tmp_path).caller, target=server.url, api_key=KEY, reader=READER)) == len(refs["alpha"]) + 1
    for changes in ({"api_key": "wrong"}, {"fields": {"5/fld1": "no.such.key", "5/fld9": "gateway.part"}}, {"fields": {"5/fld1": "project.title"}}, {"custodian": "beta"}):
        with pytest.raises(Unprocessable):
            set_up(store, tmp_path, server, **changes)


def test_a_withdrawn_part_is_left_alone(store: Store, tmp_path: Path, refs: dict[str, list[str]], server: RemsServer) -> None:
    held = set_up(store, tmp_path, server)
    sent = send(store, tmp_path, refs["alpha"])
    deliver_due(store, out(tmp_path), now=NOW)
    (number,) = server.applications
    perform(store, sealer(tmp_path), only(store, sent.follow_token).part, Command(name="withdraw", role="lead", actor="lead", payload={}), now=NOW)
    server.decide(number, "approved")
    assert tell(store, tmp_path, held, number) == []
    assert only(store, sent.follow_token).state == "withdrawn"
