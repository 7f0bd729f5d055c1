"""The register's fields, worked out from answers of the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.bank.questions import Column, Question
from gateway.access.bank.reading import Unanswerable, read
from gateway.access.bank.whole import BANK
from gateway.access.examples import EXAMPLES
from gateway.access.parts import Event
from gateway.access.register import HEADINGS, entry
from gateway.register.reading import read_register
from tests.gateway.asking import FORM, NOW
from tests.gateway.test_register_reading import written

ANSWERS: dict[str, Any] = {
    **EXAMPLES, **FORM.answers(), "people.lead.organisation": {"name": "Marker University", "id": "https://ror.org/00000"}, "people.team": [{"name": "Grace Marker"}],
    "data.linkage": "yes", "data.linkage_method": "By a third party.", "data.linkage_asset": "Deleted at the end.", "data.confidential_items": ["NHS number", "Postcode"],
    "project.other_approvals": [{"body": "Example committee", "ref": "E-1"}],
}
SENT = Event(command="submit", event="part.submitted", version=1, at=NOW, role="lead", actor="lead", payload={"snapshot_sha256": "0", "channel": "committee"})
APPROVED = Event(command="approve", event="part.approved", version=2, at=NOW, role="decider", actor="d", payload={"access_until": "2027-12-31", "access_mode": "TRE"})


def values(named: Sequence[str] = (), **changes: Any) -> dict[str, str]:
    document = {"answers": {**ANSWERS, **changes}, "datasets": [{"ref": "a", "pid": "p", "title": "Events, all", "version": 1}]}
    found = entry(reference="AR-000000000", document=document, events=[SENT, APPROVED], named=named)
    assert found is not None
    assert found.missing == ()
    return dict(found.values)


def test_A29_every_field_that_the_bank_feeds_is_filled() -> None:
    found = values(**{"outputs.register_names": "yes"})
    empty = [heading for heading in HEADINGS if not found[heading]]
    assert empty == ["Release/Access date", "How has data been processed to enhance privacy?", "Link to research outputs"], "these come later"
    assert found["Organisation ID"] == "https://ror.org/00000"
    assert found["Organisation sector"] == "Academic Institute"
    assert found["Project ID"] == "000000", "the IRAS number before the reference"
    assert found["Funders/Sponsors"] == "Example Research Fund, Example University"
    assert found["Description of the confidential data being used"] == "NHS number, Postcode"
    assert found["Legal basis for provision of data under Article 6"] == "(e) Public task"
    assert found["Sub-licence arrangements (if any)?"] == "No"
    assert found["Applicant names"] == "Ada Marker-Name"
    assert found["Dataset(s) name"] == '"Events, all"'
    assert {question.register_field for question in BANK.values() if question.register_field} <= {heading for heading in HEADINGS if found[heading]}


def test_A29_without_consent_no_name_and_no_orcid_is_public() -> None:
    found = values(**{"outputs.register_names": "no"})
    assert (found["Applicant names"], found["Applicant ID"]) == ("", "")
    for secret in ("Ada Marker-Name", "Grace Marker", EXAMPLES["people.lead.orcid"], FORM.email):
        assert secret not in repr(found)


def test_A29_the_lead_answers_for_nobody_else() -> None:
    """Rows of the answers are no consent; who agreed when they joined is named, if the lead is."""
    assert "Grace Marker" in repr(ANSWERS["people.team"])
    assert values(**{"outputs.register_names": "yes"})["Applicant names"] == "Ada Marker-Name"
    assert values(("Edsger, Joined",), **{"outputs.register_names": "yes"})["Applicant names"] == 'Ada Marker-Name, "Edsger, Joined"'
    assert values(("Edsger, Joined",), **{"outputs.register_names": "no"})["Applicant names"] == ""


SHAPES = frozenset({"text", "long", "choice", "multi", "yes_no", "org", "person", "list", "country", "countries"})
CHANGEABLE = sorted(key for key, question in BANK.items() if question.need in ("R", "o") and question.of is None and question.type in SHAPES)
NAMES = st.text(alphabet="abcdefg ", max_size=12).map(lambda rest: f"Zq-{rest}".strip())


def typed(question: Question) -> st.SearchStrategy[Any]:
    """What somebody might type there; names always bear a mark."""
    words = NAMES if question.names_people or question.type == "person" else st.text(max_size=60)
    if question.columns:
        cells = {one.name: st.sampled_from(sorted(one.choices)) if one.choices else _cell(one, words) for one in question.columns}
        row = st.fixed_dictionaries(cells)
        return st.lists(row, min_size=1, max_size=3) if question.is_rows else row
    if question.choices:
        one = st.sampled_from(sorted(question.choices))
        return st.lists(one, min_size=1, unique=True) if question.type == "multi" else one
    return words


def _cell(column: Column, words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    kinds = {"date": st.dates(date(2000, 1, 1)).map(str), "email": st.just("marker@university.example"), "yes_no": st.sampled_from(["yes", "no"])}
    return kinds.get(column.kind, words)


def accepted(question: Question, text: Any) -> Any:
    """As the form would keep it; None where it would not."""
    try:
        return read(question, text)
    except Unanswerable:
        return None


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_A29_whatever_answers_the_form_keeps_make_a_valid_entry_that_names_nobody(data: st.DataObject) -> None:
    asked = data.draw(st.lists(st.sampled_from(CHANGEABLE), max_size=12, unique=True))
    drawn = {key: accepted(BANK[key], data.draw(typed(BANK[key]), label=key)) for key in asked}
    kept = {key: answer for key, answer in drawn.items() if answer is not None}
    found = values(**{**kept, "people.lead.name": "Zq-Lead", "outputs.register_names": "no"})
    assert "Zq-" not in repr(found)
    (line,) = read_register(written(found)).lines
    assert line.is_good, line.faults
