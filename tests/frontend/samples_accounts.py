"""Views of the account pages with made-up values, in their normal and their error states."""

from __future__ import annotations

from dataclasses import replace

import segno

from frontend.views.accounts import (
    AccountView,
    CloseAccountView,
    ClosingRequest,
    CodeView,
    ConfirmAddressView,
    ForgottenView,
    NewPasswordView,
    OpenSession,
    OwnRequest,
    PasskeyLine,
    RecoveryCodesView,
    RegisterView,
    ScanView,
    SecurityView,
    SignInByLinkView,
    SignInView,
)
from frontend.views.audit import AuditHeadsView, AuditLine, AuditView, SignedDay
from frontend.views.feeds import CustodianFeed, FeedsView
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView, Twin
from frontend.views.lost import LostView, RecoverView, RecoveryRow, StopRecoveryView
from frontend.views.members import (
    HeldRole,
    InvitationRow,
    InvitationView,
    KeyRow,
    KeysView,
    MemberRow,
    MembersView,
    NewKeyView,
    PeopleView,
    PersonRow,
    ProposalRow,
)
from frontend.views.notifications import NoticeLine, NotificationsView, OneButtonView, TopicChoice
from frontend.views.paging import paging
from frontend.views.records import NoteLine, NotesView, RecordLine, RecordsView
from frontend.views.requests import ActionField, ActionForm, Answer, AnsweredFile, EvidenceLine, TimelineEvent
from frontend.views.saved_searches import (
    NewsLine,
    SavedSearchesView,
    SavedSearchLine,
    SavedSearchView,
    SaveSearchView,
)
from frontend.views.today import TodayView, WorkItem, WorkQueue
from frontend.views.uses import HeldBackUse, HeldBackView, UseBlock, UseFilter, UseLine, UsesView, UseView
from frontend.views.workspace import (
    AccessSettingsView,
    InboxRow,
    InboxView,
    KeptOutView,
    ParticipantRow,
    PartView,
    StageTab,
)
from gateway.pages.feed_list import FEEDS
from tests.frontend.samples_agreements import ROWS as AGREEMENTS

OUT = Layout(version="0.1.0", path="/sign-in", contact="gateway@example.org", is_indexable=False)
IN = replace(OUT, path="/account", person_name="Ada Marker", csrf="t")
FEED_LIST = FeedsView(
    layout=replace(OUT, path="/feeds", base_url="https://gateway.example.org", twins=tuple(Twin(feed.name, feed.href, "application/atom+xml") for feed in FEEDS)),
    feeds=FEEDS, most=50, custodians=(
        CustodianFeed("Vale & Partners <Trust>", 1),
        *(CustodianFeed(f"National Registry of Rather Long Names and Unusually Detailed Remits, number {number}", number * 100) for number in range(1, 60)),
    ),
)
QR = segno.make("otpauth://totp/Example:a@example.org?secret=ABCDEFGH", error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff")
TOO_SHORT = (FieldError("password", "Use at least 15 characters."),)
SCAN = ScanView(layout=IN, action="/account/security/app", qr_code=QR, secret="ABCD" * 8, offer="o", csrf="t")
SIGN_IN = SignInView(layout=OUT, next_path="/account", passkeys_here=True)
PASSKEYS = (
    PasskeyLine(number=1, name="My phone", since="2026-11-20T09:00:00+00:00", used="2026-11-21T09:00:00+00:00", is_blocked=False),
    PasskeyLine(number=2, name="Blue security key", since="2026-11-20T09:00:00+00:00", used=None, is_blocked=True),
)

ACTIONS = (
    ActionForm(command="accept_for_review", label="Accept for review", explains="It goes to review."),
    ActionForm(command="assign_handler", label="Give it to a colleague", explains="", fields=(ActionField(name="person", label="Who handles it", kind="person", options=(("s1", "Grace"),)),)),
    ActionForm(
        command="approve_conditionally", label="Approve with conditions", explains="Told at once.", is_open=True, fields=(
            ActionField(name="conditions", label="Conditions, one on each line", kind="lines"), ActionField(name="access_until", label="Approved until", kind="date", hint="As 2027-12-31."),
            ActionField(name="release_confirmed", label="We mean this", kind="tick", is_required=False),
        ),
    ),
    ActionForm(command="confirm_conditions", label="Settle", explains="", fields=(ActionField(name="conditions", label="Met", kind="conditions", options=(("0", "Ethics"), ("1", "Contract"))),)),
    ActionForm(command="add_evidence", label="Note evidence", explains="", is_open=True, fields=(ActionField(name="file", label="The paper that shows it", kind="file", hint="PDF, at most 10 MB.", is_required=False),)),
    ActionForm(command="reject", label="Decline", explains="", is_grave=True, fields=(ActionField(name="reason", label="Reason", kind="long"),)),
)
PART = PartView(
    agreements=AGREEMENTS, use_href="/uses/a", issue_href="/w/vale/requests/a/agreement", flags=("The data identify people. This calls for: Data protection impact assessment.",),
    layout=IN, inbox_href="/w/vale/requests", action="/w/vale/requests/a", csrf="t", version=3, custodian_name="Vale Primary Care", reference="AR-7K3M9Q2X4",
    project_title="Smoking and asthma", state="in_review", since="2026-11-20T09:00:00+00:00", handler="Grace Example",
    answers=(Answer(question="Purpose", answer="We want to learn.\nMore.", before="We want."), Answer(question="Public benefit", answer="")),
    datasets=(Link("Primary care events", "/datasets/7kq2m"),), delivery=None,
    events=(TimelineEvent(at="2026-11-20T09:00:00+00:00", what="The request is complete", who="Grace", detail="Fine."),), actions=ACTIONS,
    conditions=(("Ethics opinion", "open"),),
    evidence=(
        EvidenceLine(kind="Opinion of a research ethics committee", reference="20/EM/0148", state="verified", opinion="favourable", issued="2026-05-01", expires="2028-05-01",
                     file=AnsweredFile(name="Letter of the committee.pdf", size_bytes=120_000, href="/w/vale/requests/a/files/0f9c5d1e7a3b4c2d8e6f0a1b")),
        EvidenceLine(kind="Section 251 support", state="missing"),
    ), votes=(("For", 2), ("Against", 1)), hindered=(("Approve", "evidence is still awaited: DPIA"),),
)
TABS = (StageTab(name="all", words="All", href="/w/vale/requests", count=1, is_current=True), StageTab(name="new", words="New", href="/w/vale/requests?stage=new", count=0, is_current=False))

SOON = "2026-12-01T09:00:00+00:00"
ROLES = (("handler", "can handle requests"), ("decider", "can decide requests"))
MEMBERS = MembersView(
    layout=IN, custodian_name="Vale Primary Care", base="/w/vale/members", csrf="t", roles=ROLES, people=(
        MemberRow(subject="s1", name="Ada Marker", address="ada@vale.example", roles=(HeldRole(role="team_admin", can="can manage the members", waits=True),)),
        MemberRow(subject="s2", name="Grace Example", address="grace@vale.example", roles=(HeldRole(role="handler", can="can handle requests"),), free=ROLES[1:]),
    ),
    invitations=(InvitationRow(number=1, address="new@vale.example", can="can handle requests", until=SOON), InvitationRow(number=2, address="gone@vale.example", can="can decide requests", until=SOON, is_undelivered=True)),
    proposals=(ProposalRow(number=1, name="Grace Example", address="grace@vale.example", can="can decide requests", until=SOON, may_confirm=True),
               ProposalRow(number=2, name="Ada Marker", address="ada@vale.example", can="can decide requests", until=SOON, may_confirm=False)),
)
KEYS = KeysView(
    layout=IN, custodian_name="Vale Primary Care", base="/w/vale/keys", csrf="t", scopes=(("datasets:write", "Add and change datasets"), ("runs:read", "Read what became of a push")), keys=(
        KeyRow(prefix="1f2e3d4c", name="Nightly push", owner="Ada Marker", scopes=("datasets:write",), lacks=("parts:read",), state="active", ends=SOON, used="2026-08-01", is_idle=True),
        KeyRow(prefix="1f2e3d4d", name="Old push", owner="the operator", scopes=("datasets:write",), lacks=(), state="revoked", ends=SOON, used=None, is_idle=False),
    ),
)
PERSON = PersonRow(subject="s1", name="Ada Marker", address="ada@vale.example", state="active", roles=("Gateway administrator",), last_seen=SOON, has_second_factor=True, is_self=True)
RECOVERY = RecoveryRow(number=1, name="Grace Example", address="grace@vale.example", reach="grace@new.example", asked_at=SOON, says="Nobody has confirmed yet.")
RECOVER = RecoverView(layout=OUT, action="/lost/t", is_ripe=False)
SETTINGS = AccessSettingsView(
    layout=IN, custodian_name="Vale Primary Care", inbox_href="/w/vale/requests", action="/w/vale/settings", csrf="t", is_saved=True,
    numbers=(ActionField(name="answer_days", label="Days an applicant has to answer you", kind="number", hint="From 30 to 180."),),
    flags=(ActionField(name="votes", label="Vote in the committee", kind="tick"),),
    pathway=ActionField(name="pathway", label="The way to your data", kind="choice", options=(("generic", "Usual way"),)),
    evidence=ActionField(name="evidence", label="Evidence that every request must come with", kind="awaited", options=(("REC", "Ethics opinion"),)),
    hard_rules=ActionField(name="hard", label="Conditions of use with which a request may not conflict", kind="awaited", options=(("no-linkage", "No linkage"),)),
    flag_reviews=ActionField(name="flag_reviews", label="A review is given before you decide where this stands out", kind="awaited", options=(("commercial", "A commercial body gains"),)),
    flag_evidence=(ActionField(name="flag_evidence", label="A commercial body gains", kind="awaited", options=(("commercial:DPIA", "Data protection impact assessment"),)),),
    values={"settings-answer_days": "60", "settings-votes": "yes", "settings-pathway": "generic", "settings-evidence.REC": "yes"},
)
OFTEN = (("off", "Do not tell me"), ("daily", "Once a day, at 7:00"), ("weekly", "Once a week, on Monday at 7:00"))
SEARCH = SavedSearchLine(
    name="Asthma in Wales", asked="Datasets for “asthma”; Nation: Wales; Keyword: <i>wheeze</i>", href="/search?q=asthma&nation=Wales&keyword=wheeze",
    path="/account/searches/s", news="3 new, 1 changed", since="2026-11-12T07:00:00+00:00", found="12 datasets", often="Told once a week",
    vanished=("Keyword: wheeze",),
)
SAVED = SavedSearchView(
    layout=IN, csrf="t", search=SEARCH, choices=OFTEN, feed=f"/feeds/searches/{'Zm9v' * 10}abc.atom", looked_at="2026-11-20T07:00:00+00:00", news_left=2,
    news=(
        NewsLine("Severe asthma register", "/datasets/abcdefghij-severe-asthma-register", "New in the catalogue, 20 November 2026"),
        NewsLine("Asthma in primary care", "/datasets/abcdefghik-asthma-in-primary-care", "Changed, 19 November 2026"),
    ),
    values={"name": "Asthma in Wales", "often": "weekly"},
)
ACCOUNT_PAGES: dict[str, PageView] = {
    "/lost": LostView(layout=OUT),
    "/lost/again": LostView(layout=OUT, errors=(FieldError("email", "Enter an address."),)),
    "/lost/sent": LostView(layout=OUT, is_sent=True, values={"email": "a@example.org", "reach": "b@example.org"}),
    "/lost/t": RECOVER,
    "/lost/confirmed": replace(RECOVER, ripe_at=SOON),
    "/lost/ripe": replace(RECOVER, is_ripe=True, errors=TOO_SHORT),
    "/lost/stop/t": StopRecoveryView(layout=OUT, action="/lost/stop/t"),
    "/lost/stop/done": StopRecoveryView(layout=OUT, action="", is_stopped=True),
    "/w/vale/members/lost": replace(MEMBERS, recoveries=(RECOVERY,)),
    "/admin/people/lost": PeopleView(layout=IN, csrf="t", people=(), recoveries=(RECOVERY,)),
    "/w/vale/members": MEMBERS,
    "/w/vale/members/waived": replace(MEMBERS, waives_second=True, people=MEMBERS.people[:1], invitations=(), proposals=(), errors=(FieldError("email", "Enter an address."), FieldError("role", "Choose one of the roles that you may give."))),
    "/w/vale/members/confirming": replace(MEMBERS, may_end=False, roles=()),
    "/w/vale/members/none": replace(MEMBERS, people=(), invitations=(), proposals=(), roles=()),
    "/invitations/t": InvitationView(layout=IN, action="/invitations/t", custodian_name="Vale Primary Care", can="can decide requests", csrf="t", needs_second=True),
    "/invitations/accepted": InvitationView(layout=IN, action="/invitations/t", custodian_name="Vale Primary Care", can="can handle requests", csrf="t", needs_second=False, is_accepted=True),
    "/invitations/waits": InvitationView(layout=IN, action="/invitations/t", custodian_name="Vale Primary Care", can="can decide requests", csrf="t", needs_second=True, is_accepted=True),
    "/w/vale/keys": KEYS,
    "/w/vale/keys/none": replace(KEYS, keys=(), scopes=()),
    "/w/vale/keys/again": replace(KEYS, errors=(FieldError("name", "Name the program."), FieldError("scope", "Choose what the key may do.")), values={"scope": "runs:read"}),
    "/w/vale/keys/new": NewKeyView(layout=IN, key="gwk_1f2e3d4c_" + "x" * 49, name="Nightly push", ends=SOON, back="/w/vale/keys", former_until=SOON),
    "/admin/people": PeopleView(layout=IN, csrf="t", without_admin=(("Vale", "/w/vale/members"),), people=(PERSON, replace(PERSON, is_self=False, state="suspended", roles=(), last_seen=None, has_second_factor=False), replace(PERSON, is_self=False))),
    "/admin/people/none": PeopleView(layout=IN, csrf="t", q="zzz", people=()),
    "/sign-in": SIGN_IN,
    "/w/vale/settings": SETTINGS,
    "/w/vale/settings/wrong": replace(SETTINGS, is_saved=False, errors=(FieldError("settings-answer_days", "Choose a number from 30 to 180 (days)."),)),
    "/sign-in/wrong": replace(SIGN_IN, values={"email": "a@example.org"}, errors=(FieldError("password", "The address or the password is not right."),)),
    "/sign-in/code": CodeView(layout=OUT, action="/sign-in/code", passkeys_here=True),
    "/sign-in/code/passkey": CodeView(layout=OUT, action="/sign-in/code", has_app=False),
    "/account/again": CodeView(layout=IN, action="/account/again", is_again=True, csrf="t", errors=(FieldError("code", "This code is not right."),)),
    "/sign-in/link": SignInByLinkView(layout=OUT, action="/sign-in/link/t"),
    "/register": RegisterView(layout=OUT),
    "/register/sent": RegisterView(layout=OUT, is_sent=True, values={"email": "a@example.org"}),
    "/register/confirm": ConfirmAddressView(layout=OUT, action="/register/t", address="a@example.org"),
    "/register/confirm/again": ConfirmAddressView(
        layout=OUT, action="/register/t", address="a@example.org", values={"name": "Ada", "agrees": "yes"},
        errors=(*TOO_SHORT, FieldError("is_adult", "Accounts are for people of 18 years or over.")),
    ),
    "/forgotten": ForgottenView(layout=OUT),
    "/forgotten/sent": ForgottenView(layout=OUT, is_sent=True, values={"email": "a@example.org"}),
    "/reset": NewPasswordView(layout=OUT, action="/reset/t"),
    "/reset/again": NewPasswordView(layout=OUT, action="/reset/t", errors=TOO_SHORT),
    "/setup": replace(SCAN, layout=OUT, action="/setup/t", is_setup=True),
    "/account/deleted": AccountView(layout=IN, address="a@example.org", csrf="t", values={"name": "Ada", "organisation": "Example"}, deleted="t0k3n"),
    "/account": AccountView(layout=IN, address="a@example.org", csrf="t", values={"name": "Ada Marker", "organisation": "Example University"}),
    "/w/vale": TodayView(
        layout=IN, of="Vale Primary Care", harvest="Last harvest 20 November 2026, 04:10, Vale feed: 3 records changed.",
        queues=(
            WorkQueue(heading="Sources", total=1, whole=Link("All sources", "/w/vale/sources"), items=(
                WorkItem(words="Vale feed", href="/sources/vale-feed", says="Failed 3 times in a row. The server answered 503.", since="2026-11-20T04:10:00+00:00"),
            )),
            WorkQueue(heading="Records held back", total=14, whole=Link("All records held back", "/w/vale/records"), items=(
                WorkItem(words="Sleep survey", href="/sources/vale-feed/runs/1/records/2", says="A dataset description lacks what is needed to show it.", since="2026-02-01T00:00:00Z"),
                WorkItem(words="x" * 90, href="/w/vale/records"),
            )),
        ),
        places=(Link("Requests", "/w/vale/requests"), Link("Keys for programs", "/w/vale/keys")),
    ),
    "/w/vale/none": TodayView(
        layout=IN, of="Vale Primary Care", queues=(), harvest="Last harvest 20 November 2026, 04:10, Vale feed: nothing changed.", places=(Link("Requests", "/w/vale/requests"),),
    ),
    "/admin": TodayView(
        layout=replace(IN, path="/admin", desks=(Link("Workspace", "/w/vale"), Link("Triage", "/triage"), Link("Administration", "/admin"))), of="All custodians", places=(Link("People", "/admin/people"),),
        queues=(WorkQueue(heading="Triage", total=1, items=(WorkItem(words="2 requests without a way to their custodian", href=None, since="2026-11-20T04:10:00+00:00"),)),),
    ),
    "/w/vale/requests": InboxView(
        layout=IN, custodian_name="Vale Primary Care", stages=TABS, today_href="/w/vale", rows=(
            InboxRow(href="/w/vale/requests/a", reference="AR-7K3M9Q2X4", title="Smoking and asthma", applicant="Dr A. Example", organisation="University",
                     state="screening", since="2026-11-20T09:00:00+00:00", sent_at="2026-11-19T09:00:00+00:00", handler=None, datasets=2),
            InboxRow(href="/w/vale/requests/d", reference="AR-7K3M9Q2X5", title="Sleep and work", applicant="Dr B. Example", organisation="University",
                     state="screening", since="2026-11-20T09:00:00+00:00", sent_at="2026-11-19T09:00:00+00:00", handler=None, datasets=1,
                     kept_out="You are on this request yourself, so you cannot see here how it is worked on."),
        ),
    ),
    "/w/vale/records": RecordsView(
        layout=replace(IN, twins=(Twin("CSV", "/w/vale/records.csv", "text/csv"),)), custodian_name="Vale Primary Care", base="/w/vale/records", state="quarantined", total=2,
        states=(StageTab(name="quarantined", words="Held back or refused", href="/w/vale/records", count=2, is_current=True), StageTab(name="missing", words="No longer listed", href="/w/vale/records?state=missing", count=0, is_current=False)),
        rows=(
            RecordLine(title="Sleep survey", local_id="00000000-0000-4000-8000-000000000001", source_name="Feed", source_href="/sources/feed", notes_href="/w/vale/records/a/notes",
                       dataset_href="/datasets/a", report_href="/sources/feed/runs/1/records/2", good_version="1.0.0", good_since="2026-01-01T00:00:00Z", label="Stale since",
                       since="2026-02-01T00:00:00Z", reason="A dataset description lacks what is needed to show it.", hint="See the findings.", findings=("/summary/title: A title is needed.", "and 3 more")),
            RecordLine(title=None, local_id="x" * 90, source_name="Feed", source_href="/sources/feed", notes_href="/w/vale/records/b/notes", label="Waits since", since="2026-02-01T00:00:00Z"),
        ),
    ),
    "/w/vale/records/none": RecordsView(layout=IN, custodian_name="Vale Primary Care", base="/w/vale/records", state="missing", states=(), rows=()),
    "/w/vale/records/a/notes": NotesView(
        layout=IN, action="/w/vale/records/a/notes", csrf="t", record_title="Sleep survey", records_href="/w/vale/records", dataset_href="/datasets/a",
        notes=(NoteLine("Ask again in May.", "Ada Marker", "2026-02-01T00:00:00Z", "/w/vale/records/a/notes/1/withdraw"),), errors=(FieldError("text", "Write what the next reader should know."),),
    ),
    "/w/vale/requests/none": InboxView(layout=IN, custodian_name="Vale Primary Care", stages=TABS, rows=()),
    "/w/vale/requests/a": PART,
    "/w/vale/requests/together": replace(
        PART, others=(("Biobank", True), ("Trust", False)), waits_for=("Biobank (Under review)",), people=(
            ParticipantRow(name="Ada", address="a@example.org", organisation="Example University", role="Lead", has_access=True, is_trained=True, href="/w/vale/requests/a/applicant"),
            ParticipantRow(name="Grace", address="", organisation="", role="Named in the answers", has_access=True, is_trained=False, href=None),
        ),
    ),
    "/w/vale/requests/b": replace(PART, state="ended", actions=(), handler=None, since=None),
    "/w/vale/requests/d": KeptOutView(
        layout=IN, inbox_href="/w/vale/requests", custodian_name="Vale Primary Care", reference="AR-7K3M9Q2X4", project_title="Smoking and asthma",
        state="screening", why="You are on this request yourself, so you cannot see here how it is worked on.", hint="Your colleagues work on it without you.",
    ),
    "/w/vale/requests/c": replace(
        PART, errors=(FieldError("approve_conditionally-conditions", "Fill in: Conditions."), FieldError("approve_conditionally-access_until", "Give a date.")),
        values={"approve_conditionally-access_until": "soon"},
    ),
    "/account/notifications": NotificationsView(
        layout=IN, csrf="t", notices=(
            NoticeLine("2026-11-20T09:00:00+00:00", "The custodian has questions: request AR-7K3M9Q2X4, Vale.", "/account/requests/AR-7K3M9Q2X4", "sent by mail"),
            NoticeLine("2026-11-19T09:00:00+00:00", "The password of your account was changed.", None, "your mailbox refused the mail"),
        ),
        topics=(
            TopicChoice("turn", "Your turn, and decisions", "A custodian asks you something."),
            TopicChoice("progress", "Steps of your requests", "A custodian confirmed receipt.", (("at_once", "At once", True), ("daily", "Once a day", False))),
        ),
        trouble="Your mailbox refused our mail.", can_confirm=True, done="Your choice was saved.",
    ),
    "/account/notifications/none": NotificationsView(
        layout=IN, csrf="t", notices=(), topics=(), errors=(FieldError("", "Your choice was not saved."),),
    ),
    "/account/searches": SavedSearchesView(
        layout=IN, csrf="t", removed="0123456789ab" * 2,
        searches=(SEARCH, replace(SEARCH, name="Everything", asked="All datasets", news="", often="You are not told of news", vanished=())),
    ),
    "/account/searches/none": SavedSearchesView(layout=IN, csrf="t", searches=(), done="The search is back."),
    "/account/searches/new": SaveSearchView(
        layout=IN, csrf="t", asked=SEARCH.asked, href=SEARCH.href, choices=OFTEN, values={"name": SEARCH.asked, "often": "weekly"},
    ),
    "/account/searches/new/again": SaveSearchView(
        layout=IN, csrf="t", asked=SEARCH.asked, href=SEARCH.href, choices=OFTEN, values={"name": "", "often": ""},
        errors=(FieldError("name", "Give the search a name of at most 120 characters."), FieldError("often", "Choose how often we tell you.")),
    ),
    "/account/searches/s": SAVED,
    "/account/searches/quiet": replace(SAVED, search=replace(SEARCH, news="", vanished=()), news=(), news_left=0, done="Your changes were saved."),
    "/unsubscribe/t": OneButtonView(layout=OUT, heading="Stop this mail", sentence="No mail will come about: steps.", button="Stop this mail", action="/unsubscribe/t"),
    "/unsubscribe/done": OneButtonView(layout=OUT, heading="The mail is stopped", sentence="No mail comes any more."),
    "/audit": AuditView(
        layout=IN, name="organisation/vale", action="/audit/organisation/vale", csrf="t", older="/audit/organisation/vale?before=2",
        streams=(Link("gateway", "/audit/gateway"), Link("organisation/vale", "/audit/organisation/vale")),
        lines=(AuditLine(2, "2026-11-20T09:00:00+00:00", "Ada Marker", "handler", "Answers or files of a request were read", f"part/{'0123456789ab' * 2}", "shown"),),
        verified=("Every row is as it was written: 2 rows, 1 signed day.",),
    ),
    "/audit/none": AuditView(
        layout=IN, name="gateway", action="/audit/gateway", csrf="t", lines=(), verified=("Something was changed. gateway: row 1 is gone (missing).",), is_wrong=True
    ),
    "/audit/heads": AuditHeadsView(layout=OUT, days=(SignedDay("2026-11-20", 3, 1200, "0123456789abcdef", "c2lnbmF0dXJl" * 7),), public_key="a2V5" * 11),
    "/audit/heads/none": AuditHeadsView(layout=OUT, days=(), public_key="a2V5" * 11),
    "/feeds": FEED_LIST,
    "/feeds/none": replace(FEED_LIST, custodians=()),
    "/uses": UsesView(
        layout=OUT, total=30, paging=paging(1, 2, lambda page: f"/uses?page={page}"), chosen={"year": "2026"},
        choices=(UseFilter(name="custodian", label="Custodian", options=(("vale", "Vale"),)), UseFilter(name="year", label="Approved in", options=(("2026", "2026"),))),
        held_back=(HeldBackUse(href="/uses/b", custodian_name="Vale", until="2027-01-01T00:00:00+00:00", reason="A patent is pending."),), lines=(
            UseLine(href="/uses/a", title="Smoking and asthma", organisation="Example University", custodian_name="Vale", custodian_slug="vale",
                    summary="We want to learn. " * 30, status="active", approved_at="2026-11-20T09:00:00+00:00"),
        ),
    ),
    "/uses/none": UsesView(layout=OUT, total=0, lines=(), paging=paging(1, 0, str)),
    "/uses/narrowed": UsesView(layout=OUT, total=0, lines=(), paging=paging(1, 0, str), chosen={"q": "zzz", "dataset": "7kq2m"}),
    "/uses/a": UseView(
        layout=OUT, project_title="Smoking and asthma", organisation="Example University", summary="We want to learn.", benefit="Better care.", use_status="revoked",
        custodian_name="Vale", custodian_slug="vale", datasets=(Link("Primary care events", "/datasets/7kq2m"),),
        blocks=(UseBlock(name="Safe people", values=(("Organisation sector", ""), ("Sub-licence arrangements (if any)?", "With the sponsor"))),),
        history=(("2026-11-20T09:00:00+00:00", "Approved"),), outputs=("https://example.org/paper",), wrong_href="/questions/new?custodian=vale",
    ),
    "/uses/ended": UseView(
        layout=OUT, project_title="Smoking", organisation="Example University", summary="We want to learn.", benefit="Better care.", use_status="ended", custodian_name=None,
        custodian_slug=None, datasets=(), blocks=(), history=(), report_due="2027-03-01", is_report_late=True,
    ),
    "/uses/b": HeldBackView(layout=OUT, custodian_name="Vale", until="2027-01-01T00:00:00+00:00", reason="A patent is pending."),
    "/account/requests": AccountView(
        layout=IN, address="a@example.org", csrf="t", values={"name": "Ada", "organisation": "Example"}, workspaces=(Link("Workspace of Vale", "/w/vale"),),
        requests=(OwnRequest(href="/account/requests/AR-7K3M9Q2X4", title="Smoking and asthma", reference="AR-7K3M9Q2X4", state="in_progress", sent_at="2026-11-19", turns=1),),
    ),
    "/account/roles": AccountView(
        layout=IN, address="a@example.org", roles=("Team administrator of Vale Primary Care",), csrf="t", waits_for_factor=True,
        values={"name": "", "organisation": ""}, errors=(FieldError("name", "Enter 1 to 200 characters on one line."),),
    ),
    "/account/security": SecurityView(
        layout=IN, has_app=True, codes_left=9, csrf="t", passkeys_here=True, passkeys_at="https://gateway.example", browser="Firefox on Windows",
        passkeys=PASSKEYS,
        sessions=(OpenSession(key="0" * 16, browser="Firefox on a laptop", since="2026-11-21T09:00:00+00:00", seen="2026-11-21T09:20:00+00:00", is_this=True),),
    ),
    "/account/security/none": SecurityView(layout=IN, has_app=False, codes_left=0, csrf="t", sessions=(), passkeys_at="http://localhost:8000", errors=TOO_SHORT),
    "/account/security/app": SCAN,
    "/account/security/app/again": replace(SCAN, errors=(FieldError("code", "This code does not belong to what you scanned."),)),
    "/account/security/codes": RecoveryCodesView(layout=IN, codes=("ABCD-EFGH-IJKL-MNOP-QRST-UVWX", "BCDE-FGHI-JKLM-NOPQ-RSTU-VWXY")),
    "/account/close": CloseAccountView(layout=IN, csrf="t"),
    "/account/close/under-way": CloseAccountView(layout=IN, csrf="t", requests=(ClosingRequest("Sleep in two towns", "/account/requests/AR-1", ("Vale Trust", "North Trust"), ()),)),
    "/account/close/access": CloseAccountView(layout=IN, csrf="t", requests=(ClosingRequest("Sleep in two towns", "/account/requests/AR-1", ("Vale Trust",), ("North Trust",)),)),
    "/account/close/again": CloseAccountView(layout=IN, csrf="t", errors=(FieldError("sure", "Tick the box to delete your account."),)),
}
