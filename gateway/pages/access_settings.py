"""``/w/{custodian}/settings``: how a custodian works on requests, within the published limits. For its team administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.requests import ActionField
from frontend.views.workspace import AccessSettingsView, EarlierChoice
from gateway.access.advice.terms import CONDITIONS
from gateway.access.pathways.keeping import pathways_now
from gateway.access.pathways.pathway import Pathway
from gateway.access.policy import FLAGS, LIMITS, Policy, checked, kept, policy_of
from gateway.access.raised_flags import FLAG_WORDS
from gateway.access.telling import EVIDENCE
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import NotFound, Unprocessable
from gateway.models import AccessPolicy
from gateway.pages.acting import typed_in
from gateway.pages.showing import layout, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.store import accounts, clocks, custodians
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/w")
TICKS: Final = frozenset(FLAGS)
SHOWN: Final = 20
JUDGED: Final = frozenset({"not-for-profit", "not-for-profit-organisation", "non-commercial", "no-methods", "geographical", "no-linkage", "time-limit"})
"""Conditions that a request can conflict with, as its answers tell."""


@router.get("/{custodian}/settings")
def settings_page(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    _require_administrator(person, custodian)
    return show(request, _view(request, services, person, custodian, _typed(_present(services, custodian))), store=False)


@router.post("/{custodian}/settings")
async def save(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    async with request.form(max_fields=150, max_files=0) as posted:
        return await run_in_threadpool(_save, request, services, person, custodian, typed_in(posted))


def _save(request: Request, services: Services, person: Person, custodian: str, posted: dict[str, str]) -> Response:
    _require_administrator(person, custodian)
    require_form_token(person, posted.get("csrf", ""))
    try:
        chosen = checked(_read(posted, _ways(services)))
    except Unprocessable as error:
        return show(request, _view(request, services, person, custodian, posted, error), store=False)
    with services.store.transaction() as tx:
        clocks.add_policy(tx.session, custodians.by_slug(tx.session, custodian).id, kept(chosen), by=person.subject, now=utc_now())
    return see_other(f"/w/{custodian}/settings?saved=1")


def _require_administrator(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound`: to others the page does not exist."""
    if not person.may(Action.MEMBERS, custodian=custodian):
        raise NotFound("There is nothing at this address.")


def _present(services: Services, custodian: str) -> Policy:
    with services.store.reading() as session:
        return policy_of(clocks.policy_at(session, custodians.by_slug(session, custodian).id, utc_now()))


def _choice(row: AccessPolicy, ways: Mapping[str, Pathway], names: Mapping[str, str]) -> EarlierChoice:
    way = policy_of(row.values).pathway
    return EarlierChoice(
        at=row.set_at.isoformat(), by=names.get(row.set_by, "the gateway’s operator" if row.set_by == "operator" else "somebody whose account is closed"),
        way=Link(ways[way].title, f"/pathways/{way}") if way in ways else Link(way, "/pathways"),
    )


def _ways(services: Services) -> Mapping[str, Pathway]:
    with services.store.reading() as session:
        return pathways_now(session)


def _read(posted: dict[str, str], ways: Mapping[str, Pathway]) -> Policy:
    """Raises :class:`Unprocessable` for what is no number."""
    values: dict[str, Any] = {name: posted.get(name) == "yes" for name in FLAGS}
    faults = {}
    for name, limit in LIMITS.items():
        typed = posted.get(name, "").strip()
        if typed.isascii() and typed.isdigit():
            values[name] = int(typed[:6])
        elif typed or name != "decision_days":
            faults[name] = f"Enter a number of {limit.unit}."
    if faults:
        raise Unprocessable("A number is missing.", fields=faults)
    values["pathway"] = posted.get("pathway") if posted.get("pathway") in ways else "generic"
    values["evidence"] = tuple(kind for kind in EVIDENCE if posted.get(f"evidence.{kind}"))
    values["flag_evidence"] = tuple(f"{flag}:{kind}" for flag in FLAG_WORDS for kind in EVIDENCE if posted.get(f"flag_evidence.{flag}:{kind}"))
    values["flag_reviews"] = tuple(flag for flag in FLAG_WORDS if posted.get(f"flag_reviews.{flag}"))
    values["hard_rules"] = tuple(rule for rule in CONDITIONS if posted.get(f"hard.{rule}"))
    return Policy(**values)


def _typed(policy: Policy) -> dict[str, str]:
    found = {one.name: getattr(policy, one.name) for one in fields(policy)}
    ticked = {name: "yes" for name in TICKS if found[name]}
    numbers = {name: str(found[name]) for name in LIMITS if found[name] is not None}
    return {**ticked, **numbers, "pathway": policy.pathway, **{f"evidence.{kind}": "yes" for kind in policy.evidence},
            **{f"hard.{rule}": "yes" for rule in policy.hard_rules}, **{f"flag_evidence.{one}": "yes" for one in policy.flag_evidence},
            **{f"flag_reviews.{flag}": "yes" for flag in policy.flag_reviews}}


def _view(
    request: Request, services: Services, person: Person, custodian: str, values: dict[str, str], error: Unprocessable | None = None
) -> AccessSettingsView:
    with services.store.reading() as session:
        one = custodians.by_slug(session, custodian)
        ways, earlier = pathways_now(session), clocks.policies(session, one.id)
        names = accounts.names(session, [row.set_by for row in earlier])
    return AccessSettingsView(
        layout=layout(request, services, is_indexable=False), custodian_name=one.name, action=f"/w/{custodian}/settings", csrf=person.csrf,
        inbox_href=f"/w/{custodian}/requests", values={f"settings-{name}": value for name, value in values.items()},
        errors=tuple(FieldError(f"settings-{name}", sentence) for name, sentence in error.fields.items()) if error else (),
        is_saved=request.method == "GET" and request.query_params.get("saved") == "1",
        numbers=tuple(
            ActionField(
                name=name, label=f"{limit.unit.capitalize()} {limit.words}", kind="number", is_required=name != "decision_days",
                hint=f"From {limit.least} to {limit.most}." + (" Empty: what your datasets state." if name == "decision_days" else ""),
            )
            for name, limit in LIMITS.items()
        ),
        flags=tuple(ActionField(name=name, label=words, kind="tick") for name, words in FLAGS.items()),
        pathway=ActionField(
            name="pathway", label="The way to your data", kind="choice", options=tuple((way.id, f"{way.title} ({way.nation})") for way in ways.values()),
        ),
        earlier=tuple(_choice(row, ways, names) for row in earlier[:SHOWN]),
        evidence=ActionField(name="evidence", label="Evidence that every request must come with", kind="awaited", options=tuple(EVIDENCE.items())),
        flag_evidence=tuple(
            ActionField(name="flag_evidence", label=words, kind="awaited", options=tuple((f"{flag}:{kind}", name) for kind, name in EVIDENCE.items()))
            for flag, words in FLAG_WORDS.items()
        ),
        flag_reviews=ActionField(name="flag_reviews", label="A review is given before you decide where this stands out", kind="awaited", options=tuple(FLAG_WORDS.items())),
        hard_rules=ActionField(
            name="hard", label="Conditions of use with which a request may not conflict", kind="awaited",
            options=tuple((one.id, one.words) for one in CONDITIONS.values() if one.id in JUDGED),
        ),
    )
