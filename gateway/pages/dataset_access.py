"""``/datasets/…/access``: the way to a dataset, its conditions of use, and what its custodian states."""

from __future__ import annotations

from frontend.views.dataset import DatasetHead
from frontend.views.layout import Layout
from frontend.views.pathways import ConditionOfUse, DatasetAccessView
from frontend.words import JURISDICTIONS, ROUTES, named
from gateway.access.advice.keys import question_words
from gateway.access.advice.rules import RULES
from gateway.access.advice.terms import Term, terms_of
from gateway.access.pathways.keeping import pathway_at
from gateway.access.policy import policy_of
from gateway.access.published_figures import published_figures
from gateway.catalogue.published import Published
from gateway.pages.pathways import card_of
from gateway.store import clocks, requests
from gateway.store.database import utc_now
from gateway.wiring import Services


def access_view(services: Services, published: Published, head: DatasetHead, frame: Layout) -> DatasetAccessView:
    one, access, now = published.row.custodian, published.dataset.accessibility.access, utc_now()
    with services.store.reading() as session:
        way = pathway_at(session, policy_of(clocks.policy_at(session, one.id, now)).pathway if one else "generic", now)
        route = requests.usable_routes(session, [one.id], now=now).get(one.id) if one else None
    found = published_figures(services.store, now=now).figures.get(one.slug) if one else None
    times = found.times["decision"] if found else None
    contact = published.dataset.summary.data_custodian.contact_point
    return DatasetAccessView(
        layout=frame, head=head, card=card_of(way, now.date()), route=ROUTES[route.channel if route else "triage"],
        rights=tuple(access.access_rights or ()), lead_time=access.delivery_lead_time, cost="; ".join(access.access_request_cost or ()) or None,
        jurisdiction=", ".join(named(access.jurisdiction, JURISDICTIONS)) or None, environment=access.access_service_category or access.access_service,
        controller=access.data_controller, processor=access.data_processor, contact=", ".join(contact or ()) or None,
        conditions=tuple(_condition(term) for term in terms_of(published.row.version.canonical)), decisions=times.parts if times else 0,
        median_days=times.median if times else None,
    )


def _condition(term: Term) -> ConditionOfUse:
    if term.condition is None:
        return ConditionOfUse(stated=term.stated, words=None, judged="The custodian reads it; it cannot be judged here.")
    keys = RULES[term.id].keys
    judged = f"Judged from: {', '.join(question_words(key) for key in keys)}." if keys else "Holds for everybody."
    return ConditionOfUse(stated=term.stated, words=term.condition.words, judged=judged)
