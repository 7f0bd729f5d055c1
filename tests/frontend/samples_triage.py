"""Views of the triage pages with made-up values, in their normal, their empty and their error states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.questions import QuestionRow
from frontend.views.requests import ActionField
from frontend.views.triage import ConfirmRouteView, OutcomeRow, OutcomeView, SuspendedRoute, TriagePartRow, TriageView

IN = Layout(version="0.1.0", path="/triage", contact="gateway@example.org", is_indexable=False, person_name="Ada Marker", csrf="t")
PART = TriagePartRow(
    part="5f0c", reference="AR-7K3M9Q2X4", custodian_name="Vale Primary Care", custodian_slug="vale", since="2026-11-20T09:00:00+00:00",
    why="No confirmed address is known for this custodian yet.", trouble=None, passed=(("the custodian’s own route", "there is none"),), applicant="Dr A. Example",
    applicant_address="a@example.org", datasets=(Link("Primary care events", "/datasets/7kq2m"),),
    statements=(("prose_and_link", "Apply to the committee at https://example.org/a/very/long/address/that/must/break/on/small/screens"), ("blank", "")),
    contacts=("data@example.org",),
)
TRIAGE = TriageView(
    layout=IN, action="/triage", csrf="t", parts=(PART, replace(PART, part="6f", custodian_name=None, custodian_slug=None, trouble="The mailbox does not exist.", passed=())),
    questions=(
        QuestionRow(href="/triage/questions/a", reference="QU-7K3M9Q2X4", asker="Ada", excerpt="Do you", state="new", since="2026-11-20", explains="No desk is known."),
        QuestionRow(href="/triage/questions/b", reference="QU-8K3M9Q2X4", asker="Ada", excerpt="Sleep diaries", state="new", since="2026-11-20", explains="To be confirmed by 4 December 2026.", is_unlisted=True),
    ),
    unlisted_wanted={"new": 1, "passed_on": 3, "answered": 2},
    custodians=(("vale", "Vale Primary Care"), ("north", "North Biobank")),
    suspended=(SuspendedRoute(custodian_name="Vale", custodian_slug="vale", channel="its own system", target="https://example.org/hook"),), done="ask",
)
OUTCOME = OutcomeView(
    layout=IN, action="/triage/parts/a/outcome", csrf="t", reference="AR-7K3M9Q2X4", custodian_name="Vale", fields=(
        ActionField(name="outcome", label="What they decided", kind="choice", options=(("approved", "Approved"),)), ActionField(name="letter", label="The letter", kind="text", hint="Its date."),
    ),
)
ENTERED = replace(OUTCOME, entered=(("Decision", "Approved"), ("Letter", "3 March 2027, signed by the chair")))
TRIAGE_PAGES: dict[str, PageView] = {
    "/triage": TRIAGE,
    "/triage/again": replace(TRIAGE, done="", errors=(FieldError("5f0c-reason", "Say why."), FieldError("6f-custodian", "Choose whose data these are."), FieldError("5f0c-email", "Enter an e-mail address."))),
    "/triage/none": replace(TRIAGE, parts=(), questions=(), suspended=(), done="reroute"),
    "/triage/outcomes": replace(TRIAGE, done="outcome", outcomes=(OutcomeRow(href="/triage/parts/a/outcome", reference="AR-7K3M9Q2X4", custodian_name="Vale", since="2026-11-20", is_entered=True),)),
    "/triage/parts/a/outcome": OUTCOME,
    "/triage/parts/a/outcome/wrong": replace(OUTCOME, errors=(FieldError("record_outcome-letter", "Fill in: The letter."),)),
    "/triage/parts/a/outcome/own": ENTERED,
    "/triage/parts/a/outcome/second": replace(ENTERED, may_confirm=True),
    "/routes/confirm": ConfirmRouteView(layout=IN, action="/routes/confirm/t", custodian_name="Vale", mailbox="data@example.org", is_confirmed=False),
    "/routes/confirm/done": ConfirmRouteView(layout=IN, action="/routes/confirm/t", custodian_name="Vale", mailbox="data@example.org", is_confirmed=True),
}
