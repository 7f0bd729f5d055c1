"""Views of a custodian's register pages with made-up values, in their normal, their empty and their error states."""

from __future__ import annotations

from dataclasses import replace

from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.register import EntryRow, FaultRow, NamedDataset, OwnEntryView, OwnRegisterView, RegisterTrialView

IN = Layout(version="0.1.0", path="/w/vale/register", contact="gateway@example.org", is_indexable=False, person_name="Ada Marker", csrf="t")
BACK = Link("Data use register", "/w/vale/register")
REGISTER = OwnRegisterView(
    layout=IN, custodian_name="Vale Primary Care", inbox_href="/w/vale/requests", action="/w/vale/register", csrf="t",
    sectors=(("university", "Academic Institute"), ("charity", "Independent Sector Organisation")), export_href="/uses.csv?custodian=vale",
    done="Entered: 2 new, 1 brought up to date.", rows=(
        EntryRow(href="/w/vale/register/a", title="Smoking and asthma", organisation="Example University", state="active", approved_at="2026-11-20"),
        EntryRow(href="/w/vale/register/b", title="Sleep", organisation="Example University", state="draft", approved_at="2026-11-20", until="2027-01-01"),
    ),
)
TRIAL = RegisterTrialView(
    layout=IN, back=BACK, action="/w/vale/register/import", csrf="t", sha256="0" * 64, name="uses.csv", encoding="windows-1252",
    counts=(("New drafts", 2), ("Rows to mend", 1)), can_import=True, has_names=True, faults_not_shown=3, sectors=(("University", "Academic Institute"),),
    ignored=("Notes",), faults=(
        FaultRow(row=3, column="Latest approval date", sentence="Write the date as 2026-11-30.", written="soon", is_error=True),
        FaultRow(row=4, column="Organisation sector", sentence="This sector is not listed.", written="Guild", is_error=False),
    ),
)
ENTRY = OwnEntryView(
    layout=IN, back=BACK, action="/w/vale/register/b", csrf="t", entry_title="Sleep", state="draft", is_draft=True, can_hold_back=True, public_href=None,
    fields=(("Project title", "Sleep"), ("Organisation sector", "")), names=(
        NamedDataset(name="Primary care events", is_exact=True, options=(("7kq2m", "Primary care events"),)),
        NamedDataset(name="Sleeps", is_exact=False, options=(("8kq2m", "Sleep"), ("9kq2m", "Sleep again"))), NamedDataset(name="Births", is_exact=False, options=()),
    ),
)
REGISTER_PAGES: dict[str, PageView] = {
    "/w/vale/register": REGISTER,
    "/w/vale/register/none": replace(REGISTER, rows=(), done="", errors=(FieldError("file", "Choose a file."),)),
    "/w/vale/register/file": TRIAL,
    "/w/vale/register/file/bad": replace(TRIAL, can_import=False, has_names=False, sectors=(), ignored=(), faults_not_shown=0),
    "/w/vale/register/b": ENTRY,
    "/w/vale/register/b/again": replace(
        ENTRY, errors=(FieldError("embargo_until", "Choose a day within the next twelve months."), FieldError("outputs", "This is no web address: x")), outputs="x",
    ),
    "/w/vale/register/a": replace(
        ENTRY, state="active", is_draft=False, can_hold_back=False, public_href="/uses/a", names=(), outputs="https://example.org/paper", entry_title="Smoking",
    ),
}
