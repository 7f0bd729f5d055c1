"""A17: what is internal to a custodian reaches the applicant by no way: pages, answers to programs, exports, feeds, mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from gateway.access.commands import Command, perform
from gateway.access.parts import Role
from gateway.access.telling import INTERNAL as SENTENCES
from gateway.access.visibility import INTERNAL, VISIBILITY
from gateway.models import Message
from gateway.store import requests
from tests.security.walking import routes
from tests.security.world import World

APPROVED = Path(__file__).with_name("event-visibility.txt")
STEPS: tuple[tuple[str, Role, dict[str, Any]], ...] = (
    ("acknowledge", "handler", {"delivery": "d"}), ("assign_handler", "handler", {"person": "handler-zz"}),
    ("request_review", "handler", {"person": "reviewer-zz"}),
    ("give_review", "reviewer", {"review": "zzreview of the part"}), ("accept_for_review", "handler", {}),
    ("vote", "decider", {"vote": "against", "reason": "zzvote because"}), ("remark", "handler", {"text": "zzremark for us", "audience": "internal"}),
    ("break_glass_view", "administrator", {"reason": "zzglass was broken"}), ("declare_conflict", "reviewer", {}),
    ("remark", "handler", {"text": "yyremark for you", "audience": "party"}), ("reject", "decider", {"code": "other", "reason": "yyreason for you"}),
    ("anonymise", "system", {"note": "zzanonymised"}),
)
SECRETS = ("zzreview", "zzvote", "zzremark", "zzglass", "zzanonymised", "reviewer-zz", "handler-zz")
TOLD = ("yyremark", "yyreason")


def lived_through(world: World) -> None:
    for name, role, changes in STEPS:
        actor = {"reviewer": "reviewer-zz", "system": "system"}.get(role, f"{role}-zy")
        given = Command(name=name, role=role, actor=actor, payload=changes)
        perform(world.services.store, world.services.sealer, world.alpha.ids["part"], given, now=world.services.clock())


def test_A17_the_table_of_who_sees_an_event_is_the_approved_one() -> None:
    running = "".join(f"{event:<28}{seen}\n" for event, seen in sorted(VISIBILITY.items()))
    assert running == APPROVED.read_text(), "who sees an event changed: look at it, then approve it in event-visibility.txt"


def test_A17_no_internal_event_reaches_the_applicant(two_tenants: World) -> None:
    alpha, services = two_tenants.alpha, two_tenants.services
    lived_through(two_tenants)
    with services.store.reading() as session:
        row = requests.part_by_public_id(session, alpha.ids["part"])
        assert row is not None
        assert {event.event for event in requests.history(session, row.part.id)} >= INTERNAL, "every internal kind of event happened"
        letters = [(one.to_address, f"{one.subject} {one.line} {services.sealer.open(one.sealed_body)}") for one in session.scalars(select(Message))]
    sentences = [SENTENCES[event] for event in sorted(INTERNAL)]
    found, told, read = [], set(), 0
    for route in routes(two_tenants.app):
        if route.method != "GET" or route.is_of_program:
            continue
        for kind in ("json", "csv", "docx", "pdf") if "{kind}" in route.path else ("",):
            for who, client in {"applicant": alpha.applicant, "outside": two_tenants.outside}.items():
                answer = client.get(alpha.path(route, **({"kind": kind} if kind else {})))
                read += answer.status_code == 200
                found += [f"{who}: {route}: {one}" for one in (*SECRETS, *sentences) if one in answer.text]
                told |= {one for one in TOLD if one in answer.text}
    found += [f"letter to {address}: {one}" for address, text in letters if address == alpha.applicant_address for one in (*SECRETS, *sentences) if one in text]
    assert found == []
    assert read > 60
    assert told == set(TOLD), "the applicant reads what is meant for them"
    assert any(address == alpha.applicant_address for address, _ in letters)
    page = alpha.team["handler"].get(f"/w/alpha/requests/{alpha.ids['part']}").text
    assert [one for one in SECRETS[:3] if one not in page] == [], "the custodian's own people read it"
