"""Views of agreements with made-up values, in their normal, their empty and their error states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.agreements import AgreementTemplatesView, IssueAgreementView, TemplateRow
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.requests import AgreementRow

IN = Layout(version="0.1.0", path="/w/vale/agreements", contact="gateway@example.org", is_indexable=False, person_name="Ada Marker", csrf="t")
ROWS = tuple(
    AgreementRow(title="Data sharing agreement, version 2", name="agreement.pdf", size_bytes=210_000, sha256="0f" * 32, issued_at="2026-11-20", standing=standing, href="/a/1")
    for standing in ("unsigned", "by_applicant", "by_custodian", "in_force", "replaced", "over")
)
TEMPLATES = AgreementTemplatesView(
    layout=IN, custodian_name="Vale Primary Care", inbox_href="/w/vale/requests", action="/w/vale/agreements", csrf="t", may_publish=True, accepted="PDF, DOCX or ODT",
    places=(("{reference}", "reference of the request"), ("{until}", "last day of the approval")), rows=(
        TemplateRow(title="Data sharing agreement", version=2, name="agreement.pdf", href="/w/vale/agreements/2", published_at="2026-11-20"),
        TemplateRow(title="Data sharing agreement", version=1, name="agreement.txt", href="/w/vale/agreements/1", published_at="2026-01-20"),
    ),
)
ISSUE = IssueAgreementView(
    layout=IN, reference="AR-7K2M9QXDA", back=Link("Request AR-7K2M9QXDA", "/w/vale/requests/a"), action="/w/vale/requests/a/agreement", csrf="t", version=7,
    templates=(("2", "Data sharing agreement, version 2"),), templates_href="/w/vale/agreements", accepted="PDF, DOCX or ODT",
)
AGREEMENT_PAGES: dict[str, PageView] = {
    "/w/vale/agreements": TEMPLATES,
    "/w/vale/agreements/none": replace(TEMPLATES, rows=(), may_publish=False),
    "/w/vale/agreements/wrong": replace(TEMPLATES, values={"title": "Ours"}, errors=(FieldError("text", "Give exactly one: a template, a text or a file."),)),
    "/w/vale/requests/a/agreement": ISSUE,
    "/w/vale/requests/a/agreement/wrong": replace(
        ISSUE, templates=(), errors=(FieldError("title", "Name the agreement."), FieldError("file", "Choose a file first.")), values={"text": "The parties agree."},
    ),
}
