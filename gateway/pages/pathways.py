"""``/pathways``: the ways to data, each alone and side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from frontend.addresses import custodian_path
from frontend.views.layout import Link
from frontend.views.pathways import (
    ComparedRow,
    ComparePathwaysView,
    PathwayCard,
    PathwayStep,
    PathwaysView,
    PathwayView,
)
from frontend.words import day
from gateway.access.pathways.keeping import pathways_now
from gateway.access.pathways.pathway import ZONES, Pathway
from gateway.access.policy import policy_of
from gateway.access.telling import EVIDENCE
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.store import clocks, custodians
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter()
Line = Callable[[PathwayCard], Sequence[str]]
ROWS: Final[Mapping[str, Line]] = {
    "Nation": lambda one: (one.nation,),
    "Body": lambda one: (one.body,),
    "Applies when": lambda one: (one.applies_when,),
    "Question first": lambda one: ("Yes" if one.needs_enquiry_first else "Not required",),
    "Safe researcher training": lambda one: ("Required" if one.needs_training else "Not stated",),
    "Approvals of others": lambda one: one.evidence,
    "Depending on the project": lambda one: one.evidence_by_answers,
    "The researcher": lambda one: _titles(one.of_zone("researcher")),
    "Ethics and regulation": lambda one: _titles(one.of_zone("ethics")),
    "The custodian": lambda one: _titles(one.of_zone("custodian")),
    "Public involved in": lambda one: _titles(step for step in one.steps if step.has_public_involvement),
    "Stated time": lambda one: [f"{step.title}: {step.typical_days} working days" for step in one.steps if step.typical_days],
    "Good to know": lambda one: (*one.rules, *one.clocks),
    "Checked": lambda one: (day(one.last_checked) + (" (more than six months ago)" if one.is_unchecked else ""),),
    "Source": lambda one: (one.source,),
}
"""Of the comparison, in its order."""


@router.get("/pathways")
def listing(request: Request, services: Serving) -> Response:
    return show(request, PathwaysView(layout=layout(request, services), cards=all_cards(services)))


@router.get("/pathways/compare")
def compare(request: Request, services: Serving, way: Annotated[list[str] | None, Query(max_length=20)] = None, differences: str = "") -> Response:
    every = all_cards(services)
    cards = tuple(card for card in every if card.id in (way or ())) or every
    rows = [ComparedRow(label=label, values=tuple(tuple(line(card)) for card in cards)) for label, line in ROWS.items()]
    view = ComparePathwaysView(
        layout=layout(request, services, canonical="/pathways/compare"), cards=cards, all_cards=every, only_differences=differences == "1",
        rows=tuple(row for row in rows if row.differs or differences != "1"),
    )
    return show(request, view)


@router.get("/pathways/{name}")
def one(request: Request, services: Serving, name: str) -> Response:
    with services.store.reading() as session:
        found = pathways_now(session).get(name)
    if found is None:
        raise NotFound("There is no such way.", hint="The page of ways lists all of them.")
    return show(request, PathwayView(layout=layout(request, services), card=card_of(found, utc_now().date()), custodians=_followers(services, name)))


def card_of(found: Pathway, today: date) -> PathwayCard:
    return PathwayCard(
        id=found.id, title=found.title, body=found.body, nation=found.nation, applies_when=found.applies_when, source=found.source,
        last_checked=found.last_checked.isoformat(), is_unchecked=found.is_unchecked(today),
        evidence=tuple(EVIDENCE[kind] for kind in found.evidence), evidence_by_answers=tuple(EVIDENCE[kind] for kind in found.evidence_by_answers),
        rules=found.rules, clocks=found.clocks, needs_enquiry_first=found.needs_enquiry_first, needs_training=found.needs_training,
        steps=tuple(
            PathwayStep(
                zone=step.zone, zone_words=ZONES[step.zone], title=step.title, about=step.about, link=step.link,
                has_public_involvement=step.has_public_involvement, typical_days=step.typical_days,
            )
            for step in found.steps
        ),
    )


def all_cards(services: Services) -> tuple[PathwayCard, ...]:
    today = utc_now().date()
    with services.store.reading() as session:
        return tuple(card_of(found, today) for found in pathways_now(session).values())


def _titles(steps: Iterable[PathwayStep]) -> list[str]:
    return [step.title for step in steps]


def _followers(services: Services, name: str) -> tuple[Link, ...]:
    """Custodians that chose this way."""
    with services.store.reading() as session:
        chosen = clocks.newest_policies(session)
        known = custodians.by_ids(session, {number for number, values in chosen.items() if policy_of(values).pathway == name})
    return tuple(Link(one.name, custodian_path(one.slug)) for one in sorted(known.values(), key=lambda one: one.name_key))
