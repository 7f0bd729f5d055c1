"""Views of the pages of questions with made-up values, in their normal, their empty and their error states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.questions import (
    AskedField,
    ConfirmQuestionView,
    CustodianChoice,
    DeskView,
    QuestionFormView,
    QuestionInboxView,
    QuestionRow,
    QuestionView,
    ThreadLine,
    ThreadPanel,
)

OUT = Layout(version="0.1.0", path="/questions/new", contact="gateway@example.org", is_indexable=False)
IN = replace(OUT, person_name="Ada Marker", csrf="t")
AT = "2026-11-20T09:00:00+00:00"
ASKED = (("Your question", "Do you hold data on sleep?\nFor which years?"),)
LINES = (
    ThreadLine(who="Vale Primary Care", text="Which ages do you need? See /datasets/7kq2m, or https://data.example/ages.", at=AT, is_from_desk=True), ThreadLine(who="You", text="From 16.", at=AT, by_mail=True),
)
THREAD = ThreadPanel(
    heading="Vale Primary Care", state="with_custodian", since=AT, explains="To be confirmed by 27 November 2026.", lines=LINES,
    datasets=(Link("Primary care events", "/datasets/7kq2m"),), action="/questions/t/threads/a", whom="Vale Primary Care",
)
FORM = QuestionFormView(
    layout=OUT, kind="general", fields=(AskedField(name="question", label="Your question", rows=7),), other_kind_href="/questions/new?kind=feasibility",
    datasets=(("7kq2m", "Primary care events", "Vale Primary Care"), ("8kq2m", "Sleep", "")),
)
UNLISTED = replace(
    FORM, kind="unlisted", datasets=(), due="4 December 2026", values={"data": "sleep diaries", "search": "https://gateway.example/search?q=sleep+diaries&nation=Wales"},
    fields=(
        AskedField(name="data", label="What data you look for", rows=3), AskedField(name="whom", label="About whom, and for which years", rows=2),
        AskedField(name="purpose", label="What for, in one sentence", rows=2), AskedField(name="search", label="Where you looked here", rows=0, is_required=False),
        AskedField(name="elsewhere", label="Where else you looked", rows=2, is_required=False),
    ),
)
SOUGHT = (("What data you look for", "Sleep diaries"), ("Where you looked here", "/search?q=sleep+diaries&nation=Wales&nation=Scotland&custodian=North+Biobank&from=2004"))
STAFFS = replace(
    THREAD, heading="The gateway’s staff", whom="the gateway’s staff", state="new", datasets=(),
    explains="The gateway’s staff look where such data may be held. To be confirmed by 4 December 2026.",
)
DESK = DeskView(
    layout=IN, reference="QU-7K3M9Q2X4", asker="Ada Marker", answers=ASKED, thread=THREAD, back=Link("Questions", "/w/vale/questions"), csrf="t",
    can_acknowledge=True, can_forward=True, closings=(("spam", "Spam"), ("out_of_scope", "Out of scope")),
)
QUESTION = QuestionView(
    layout=OUT, reference="QU-7K3M9Q2X4", sent_at=AT, answers=ASKED, is_just_sent=True, threads=(
        THREAD, replace(THREAD, heading="Harbour Trust", state="new", explains="No confirmed desk is known.", lines=()),
        replace(THREAD, heading="Moor Trust", state="closed", explains="Out of scope.", action=""),
    ),
)
QUESTION_PAGES: dict[str, PageView] = {
    "/questions/new": FORM,
    "/questions/new/again": replace(
        FORM, values={"name": "Ada"}, errors=(FieldError("question", "Write your question."), FieldError("datasets", "Choose at least one dataset.")),
    ),
    "/questions/new/none": replace(FORM, datasets=()),
    "/questions/new/sent": replace(FORM, sent_to="ada@university.example"),
    "/questions/new/known": replace(FORM, layout=IN, datasets=(), custodians=(("vale", "Vale Primary Care"),), is_known=True, csrf="t"),
    "/questions/confirm": ConfirmQuestionView(layout=OUT, action="/questions/confirm/t", reference="QU-7K3M9Q2X4", answers=ASKED),
    "/questions/t": QUESTION,
    "/questions/t/own": replace(QUESTION, layout=IN, is_just_sent=False, convert_action="/questions/t/convert", csrf="t"),
    "/questions/t/again": replace(QUESTION, is_just_sent=False, errors=(FieldError("", "The message was not sent."),)),
    "/questions/new/unlisted": UNLISTED,
    "/questions/new/unlisted/again": replace(
        UNLISTED, layout=IN, is_known=True, csrf="t", values={"search": "https://other.example"},
        errors=(FieldError("data", "Say what data you look for."), FieldError("search", "Paste the address of a search of this service, or leave it empty.")),
    ),
    "/questions/t/unlisted": replace(QUESTION, answers=SOUGHT, threads=(replace(STAFFS, state="passed_on", explains="It was passed on to custodians that may hold such data."), THREAD)),
    "/triage/questions/unlisted": replace(
        DESK, answers=SOUGHT, thread=STAFFS, back=Link("What waits", "/triage"), can_forward=False, can_pass_on=True, find="north", not_shown=8, choices=(
            CustodianChoice(slug="vale", name="Vale Primary Care", datasets=12, is_chosen=True), CustodianChoice(slug="north", name="North Biobank", datasets=0),
        ),
        errors=(FieldError("custodian", "Choose at least one custodian."),),
    ),
    "/triage/questions/unlisted/none": replace(DESK, answers=SOUGHT, thread=STAFFS, can_forward=False, can_pass_on=True, find="zzz"),
    "/questions/desk": DESK,
    "/questions/desk/again": replace(DESK, errors=(FieldError("text", "Write something."),)),
    "/questions/desk/closed": replace(DESK, thread=replace(THREAD, state="closed", action="", lines=()), back=None, closings=()),
    "/w/vale/questions": QuestionInboxView(
        layout=IN, custodian_name="Vale Primary Care", inbox_href="/w/vale/requests", columns_wanted=((Link("Sleep", "/datasets/8kq2m/columns"), 3),), rows=(
            QuestionRow(href="/questions/desk", reference="QU-7K3M9Q2X4", asker="Ada Marker", excerpt="Do you hold data on sleep?", state="with_enquirer", since=AT,
                        explains="The custodian asks something back."),
        ),
    ),
    "/w/vale/questions/none": QuestionInboxView(layout=IN, custodian_name="Vale Primary Care", inbox_href="/w/vale/requests", rows=()),
}
