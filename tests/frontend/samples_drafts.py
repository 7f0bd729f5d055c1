"""Pages on which a request is written, in their states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.basket import BasketGroup, BasketItem
from frontend.views.custodian_forms import ChoosableQuestion, CustodianFormView
from frontend.views.dataset import ChosenCount
from frontend.views.drafts import (
    CheckAnswersView,
    CheckLine,
    ChooseDatasetsView,
    DeleteDraftView,
    DraftPartRow,
    FieldColumn,
    FileRow,
    FilesView,
    QuestionField,
    Remark,
    TaskListView,
    TaskRow,
    TopicView,
)
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.requests import AdviceLine, AdvicePanel

IN = Layout(version="0.1.0", path="/requests", contact="gateway@example.org", is_indexable=False, person_name="Ada Marker", csrf="t")
REFERENCE, PROJECT = "AR-7KQ2M9XDB", "Does stopping smoking early change the course of severe asthma?"
GROUPS = (
    BasketGroup(custodian_name="Vale Primary Care", custodian_slug="vale", route="e-mail", items=(
        BasketItem(ref="7kq2m", slug="primary-care-events", title="Primary care events", year_from=1987, is_continuing=True, chosen=ChosenCount(columns=12)),
        BasketItem(ref="k1k1k", slug="prescriptions", title="Prescriptions", problem="The custodian withdrew it on 3 November 2026."),
    )),
    BasketGroup(custodian_name="Biobank", custodian_slug=None, items=(BasketItem(ref="h6t1c", slug="genotypes", title="Genotypes"),)),
)
PARTS = (
    DraftPartRow(part="a", name="Vale Primary Care", datasets=("Primary care events", "Prescriptions"), route="e-mail", state="draft", missing=3, questions=58, is_new_form=True),
    DraftPartRow(part="b", name="Biobank", datasets=("Genotypes",), route="its own form", state="draft", missing=0, questions=55),
)
FILES = (
    FileRow(id="a" * 24, name="protocol.pdf", size_bytes=210_000, state="clean", told="Scanned; nothing harmful was found.", href="/requests/x/files/a"),
    FileRow(
        id="b" * 24, name="letter.txt", size_bytes=900, state="unavailable", told="It cannot be sent yet: the virus scanner does not answer.",
        href="/requests/x/files/b", warnings=("It seems to hold an NHS number.",),
    ),
    FileRow(id="c" * 24, name="virus.docx", size_bytes=9000, state="refused", told="The virus scanner found something harmful in it.", href=None),
)
FIELDS = (
    QuestionField(key="project.title", kind="line", label="Title of the project", help="It stands in the public register.", text="nobody"),
    QuestionField(key="project.kind", kind="choice", label="What kind of request this is", options=(("new", "A new project"), ("renewal", "A renewal")), text="new", is_asked_again=True),
    QuestionField(key="project.purpose", kind="multi", label="What the work is", options=(("research", "Research"), ("audit", "Clinical audit")), texts=("audit",)),
    QuestionField(key="project.aims", kind="long", label="Your aims", words=400, word_count=2, text="Two words", guidance=(Remark("Vale Primary Care", "Number them."),)),
    QuestionField(key="project.start", kind="date", label="When it starts", text="2027-04-01"),
    QuestionField(key="data.period", kind="period", label="Years of data", row={"from": "2010", "to": "2020"}),
    QuestionField(key="data.geography", kind="lines", label="Area covered", text="Wales\nScotland", is_required=False, only=("Vale Primary Care",), why=(Remark("Vale Primary Care", "It sets the fee."),)),
    QuestionField(key="people.signatory", kind="row", label="Who can sign", columns=(FieldColumn("name", "Name", "text"), FieldColumn("email", "E-mail address", "email")), row={"name": "B"}),
    QuestionField(
        key="people.team", kind="rows", label="Everybody else", none_words="Nobody else is involved", rows=({"name": "Grace", "role": "analyst"},),
        columns=(FieldColumn("name", "Name", "text"), FieldColumn("role", "Role", "choice", (("analyst", "Analyst"),)), FieldColumn("until", "Until", "date")),
    ),
    QuestionField(key="data.datasets", kind="datasets", label="Datasets", options=(("7kq2m", "Primary care events"),)),
    QuestionField(key="people.lead.name", kind="line", label="Your name", text="Ada", is_from_profile=True),
    QuestionField(key="project.protocol", kind="files", label="The protocol", files=(FILES[0],)),
    QuestionField(key="data.code_lists", kind="files", label="Code lists", is_required=False),
    QuestionField(key="declare.accurate", kind="tick", label="My answers are true and complete."),
)
TOPIC = TopicView(layout=IN, reference=REFERENCE, project=PROJECT, heading="The project", action=f"/requests/{REFERENCE}/project", csrf="t", version=3, fields=FIELDS)
WRONG = replace(
    TOPIC, fields=(
        replace(FIELDS[0], error="Use 150 characters or fewer. You have 151."), replace(FIELDS[3], doubt="It seems to hold an NHS number."),
        *FIELDS[4:6],
    ),
    errors=(FieldError("q-project.title", "Title of the project: Use 150 characters or fewer. You have 151."), FieldError("q-project.aims-keep", "Your aims: It seems to hold an NHS number.")),
)
CHECK = CheckAnswersView(
    layout=IN, reference=REFERENCE, project=PROJECT, action=f"/requests/{REFERENCE}/check", csrf="t", parts=PARTS, chosen=("a", "b"),
    advice=(AdvicePanel(part="a", custodian="Vale", digest="0" * 64, promises=(("a.publication", "You promise to make the results available to others."),), lines=(
        AdviceLine(condition="No linkage", verdict="conflict", because="The project links the data; these may not be linked."),
        AdviceLine(condition="Publication required", verdict="undertaking", because="You promise to make the results available to others."),
    )),), topics=(
        ("The project", (
            CheckLine(key="project.title", label="Title of the project", text=PROJECT, href=f"/requests/{REFERENCE}/project#q-project.title"),
            CheckLine(key="data.geography", label="Area covered", text="Wales", href="/requests/x", only=("Vale Primary Care", "Biobank")),
            CheckLine(key="project.aims", label="Your aims", text="", href="/requests/x", error="Give an answer: Your aims"),
        )),
    ),
)
FILES_PAGE = FilesView(
    layout=IN, reference=REFERENCE, project=PROJECT, heading="Code lists", help="That define the population.", action=f"/requests/{REFERENCE}/attach/data.code_lists",
    csrf="t", back=Link("Data", f"/requests/{REFERENCE}/data#q-data.code_lists"), files=FILES, is_single=False, accepted="PDF or TXT", most_megabytes=10,
)
CHOOSE = ChooseDatasetsView(layout=IN, groups=GROUPS, chosen=("7kq2m",), action="/requests", csrf="t", drafts=(Link(PROJECT, f"/requests/{REFERENCE}"),))
EMPTY = dict.fromkeys(("label", "name", "help", "words", "why", "reason", "type", "need", "choices", "private"), "")
CHOOSING = CustodianFormView(
    layout=IN, custodian_name="Vale Primary Care", action="/w/vale/form", csrf="t", version=2, variant="questions", counts=(55, 42), is_published=True,
    published=((2, "2026-11-20T09:00:00+00:00"), (1, "2026-11-01T09:00:00+00:00")), types=(("long", "Long text"), ("choice", "One of several")),
    annex=({**EMPTY, "label": "Which clinics", "name": "clinics", "type": "choice", "choices": "One\nTwo", "need": "offer"}, EMPTY), topics=(
        ("The project", (
            ChoosableQuestion(key="project.title", label="Title of the project", help="", need="R", guidance="Keep it short."),
            ChoosableQuestion(key="project.previous", label="Which request it follows", help="", need="c"),
            ChoosableQuestion(key="project.ip", label="Intellectual property", help="", need="o", chosen="require", why="Our policy."),
        )),
    ),
)
DRAFT_PAGES: dict[str, PageView] = {
    "/w/vale/form": CHOOSING,
    "/w/vale/form/wrong": replace(
        CHOOSING, is_published=False, errors=(FieldError("annex-0", "annex.vale.clinics: Give two or more different answers."), FieldError("need-project.ip", "No."), FieldError("", "Somebody published.")),
    ),
    "/requests/new": CHOOSE,
    "/requests/empty": replace(CHOOSE, groups=(), drafts=()),
    "/requests/datasets": replace(CHOOSE, reference=REFERENCE, chosen=("k1k1k",), errors=(FieldError("datasets", "Choose at least one dataset."),)),
    "/requests/draft": TaskListView(
        layout=IN, reference=REFERENCE, project=PROJECT, csrf="t", minutes=42, parts=PARTS, status_href="/account/requests/x", example_action="/requests/x/example", groups=(
            ("Project", (
                TaskRow(words="The project", href="/requests/x/project", answered=3, asked=9, minutes=12, is_done=False),
                TaskRow(words="Funding", href="/requests/x/funding", answered=5, asked=5, minutes=0, is_done=True),
            )),
            ("More questions", (TaskRow(words="Only Vale Primary Care asks this", href="/requests/x/only-vale", answered=0, asked=2, minutes=3, is_done=False, is_asked_again=True),)),
        ),
    ),
    "/requests/draft/returned": TaskListView(
        layout=IN, reference=REFERENCE, project=PROJECT, csrf="t", minutes=1, parts=(replace(PARTS[1], state="returned"),), groups=(), status_href="/account/requests/x",
    ),
    "/requests/topic": TOPIC,
    "/requests/files": FILES_PAGE,
    "/requests/files/one": replace(FILES_PAGE, files=FILES[:1], is_single=True, help=""),
    "/requests/files/wrong": replace(FILES_PAGE, files=(), errors=(FieldError("file", "Files of this kind are not taken. Send PDF or TXT."),)),
    "/requests": WRONG,
    "/requests/topic/conflict": replace(
        TOPIC, fields=(replace(FIELDS[0], theirs="Another title"),), is_conflict=True, errors=(FieldError("q-project.title", "Somebody saved another answer."),), notice="It is here again.",
    ),
    "/requests/check": CHECK,
    "/requests/check/linked": replace(
        CHECK, linked=frozenset({"a"}), errors=(FieldError("linked", "Choose at least two that are needed together, or none."), FieldError("discloses", "Tick this too.")),
    ),
    "/requests/check/wrong": replace(CHECK, errors=(FieldError("q-project.aims", "Give an answer: Your aims"),)),
    "/requests/delete": DeleteDraftView(layout=IN, reference=REFERENCE, project=PROJECT, action="/requests/x/delete", csrf="t", recipients=("Vale",)),
    "/requests/delete/wrong": DeleteDraftView(
        layout=IN, reference=REFERENCE, project=PROJECT, action="/requests/x/delete", csrf="t", errors=(FieldError("sure", "Tick the box to delete the draft."),),
    ),
}
