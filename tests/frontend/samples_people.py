"""Pages about the people of a request, in their states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.collaborators import CollaboratorRow, CollaboratorsView, JoinView
from frontend.views.emergencies import EmergencyPartRow, EmergencyPartView, EmergencyView
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.requests import Answer, TimelineEvent
from frontend.views.webhooks import WebhookLogView, WebhookMessageRow, WebhookRow

IN = Layout(version="0.1.0", path="/account/requests/x/people", contact="gateway@example.org", is_indexable=False, person_name="Ada Marker", csrf="t")
REFERENCE = "AR-7KQ2M9XDB"
TERMS = ("I will not try to identify anyone in the data.", "Every output carries the acknowledgement of patient data.")
ROWS = (
    CollaboratorRow(
        number=1, name="Grace Marker", address="grace@university.example", organisation="Example University", role="Analyst", needs_access=True,
        has_joined=True, waits=False, has_accepted_terms=True, until="2026-12-01T09:00:00+00:00", is_offered_lead=True,
    ),
    CollaboratorRow(
        number=2, name="Eve", address="eve@elsewhere.example", organisation="", role="Other", needs_access=False, has_joined=False, waits=True,
        has_accepted_terms=True, until="2026-12-01T09:00:00+00:00",
    ),
    CollaboratorRow(
        number=3, name="", address="new@university.example", organisation="", role="Data manager", needs_access=True, has_joined=False, waits=False,
        has_accepted_terms=False, until="2026-12-01T09:00:00+00:00",
    ),
)
LED = CollaboratorsView(
    layout=IN, reference=REFERENCE, action="/account/requests/x/people", csrf="t", back="/requests/x", lead_name="Ada Marker",
    lead_organisation="Example University", is_led=True, rows=ROWS, roles=(("analyst", "Analyst"), ("other", "Other")), terms=TERMS, terms_version="a1",
)
JOIN = JoinView(
    layout=IN, action="/join/x", csrf="t", reference=REFERENCE, lead_name="Ada Marker", role="Analyst", needs_access=True, is_for_address=True,
    address="grace@university.example", needs_factor=False, terms=TERMS, terms_version="a1",
)
EMERGENCY = EmergencyView(
    layout=IN, csrf="t", reference=REFERENCE, unlisted_wanted={"answered": 2}, parts=(
        EmergencyPartRow(part="a1", custodian_name="Vale Primary Care", state="Under review", open_until=None),
        EmergencyPartRow(part="b2", custodian_name=None, state="Sent", open_until="2026-12-01T10:00:00+00:00"),
    ),
)
WEBHOOKS = WebhookLogView(
    layout=IN, custodian_name="Vale", base="/w/vale/webhooks", keys_href="/w/vale/keys", csrf="t", webhooks=(
        WebhookRow(id="a", url="https://vale.example/hook", is_active=True, trouble=None, last_success="2026-12-01T10:00:00+00:00", messages=(
            WebhookMessageRow(id="msg_1", event="dataset.updated", state="sent", attempts=1, at="2026-12-01T10:00:00+00:00", trouble=None),
            WebhookMessageRow(id="msg_2", event="dataset.updated", state="failed", attempts=8, at="2026-12-01T10:00:00+00:00", trouble="The server answered 500."),
            WebhookMessageRow(id="msg_3", event="run.ended", state="queued", attempts=0, at="2026-12-01T10:00:00+00:00", trouble=None),
        )),
        WebhookRow(id="b", url="https://old.example/hook", is_active=False, trouble="It answered 410.", last_success=None, messages=()),
    ),
)
PEOPLE_PAGES: dict[str, PageView] = {
    "/account/requests/x/people": LED,
    "/account/requests/x/people/empty": replace(LED, rows=()),
    "/account/requests/x/people/errors": replace(
        LED, values={"email": "x", "needs_access": "yes"},
        errors=(FieldError("email", "Enter an e-mail address."), FieldError("role", "Choose what this person does.")),
    ),
    "/account/requests/x/people/member": replace(LED, is_led=False, rows=ROWS[:1], must_accept=True, offer="lead"),
    "/account/requests/x/people/offered": replace(LED, is_led=False, rows=ROWS[:1], offer="administrator"),
    "/w/vale/webhooks": WEBHOOKS,
    "/w/vale/webhooks/none": replace(WEBHOOKS, webhooks=()),
    "/admin/requests": EMERGENCY,
    "/admin/requests/none": replace(EMERGENCY, parts=()),
    "/admin/requests/done": replace(EMERGENCY, reference="", parts=(), done="lead"),
    "/admin/requests/wrong": replace(
        EMERGENCY, values={"email": "x"},
        errors=(FieldError("a1-reason", "Say why."), FieldError("email", "Nobody with this address."), FieldError("evidence", "Say what the organisation wrote.")),
    ),
    "/admin/requests/parts/a1": EmergencyPartView(
        layout=IN, reference=REFERENCE, custodian_name="Vale Primary Care", project_title="Does stopping smoking help?", state="in_review",
        until="2026-12-01T10:00:00+00:00", reason="A court order of 3 March.", people=(("Ada Marker", "ada@university.example"),),
        datasets=(Link("Primary care events", "/datasets/7kq2m"),), answers=(Answer(question="Title", answer="Does it help?", topic="The project"),),
        events=(TimelineEvent(at="2026-12-01T09:00:00+00:00", what="An administrator opened the request in an emergency", who="The gateway’s administrator", detail="A court order."),),
    ),
    "/join/x": JOIN,
    "/join/x/other": replace(JOIN, is_for_address=False, errors=(FieldError("terms", "Read the terms, and tick that you accept them."),)),
    "/join/x/factor": replace(JOIN, needs_factor=True),
}
