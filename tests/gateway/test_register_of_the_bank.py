"""The register's fields, worked out from answers of the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.accreditation import accredited
from gateway.access.bank.questions import Column, Question
from gateway.access.bank.reading import Unanswerable, read
from gateway.access.bank.whole import BANK
from gateway.access.examples import EXAMPLES
from gateway.access.parts import Event
from gateway.access.register import HEADINGS, Named, entry
from gateway.accounts.profile.items import judged as judged_item
from gateway.accounts.tables import ProfileItem
from gateway.register.reading import read_register
from tests.gateway.asking import FORM, NOW
from tests.gateway.test_register_reading import written

ANSWERS: dict[str, Any] = {
    **EXAMPLES, **FORM.answers(), "people.lead.organisation": {"name": "Marker University", "id": "https://ror.org/00000"}, "people.team": [{"name": "Grace Marker"}],
    "data.linkage": "yes", "data.linkage_method": "By a third party.", "data.linkage_asset": "Deleted at the end.", "data.confidential_items": ["NHS number", "Postcode"],
    "project.other_approvals": [{"body": "Only said", "ref": "E-0"}],
}
SENT = Event(command="submit", event="part.submitted", version=1, at=NOW, role="lead", actor="lead", payload={"snapshot_sha256": "0", "channel": "committee"})
APPROVED = Event(command="approve", event="part.approved", version=2, at=NOW, role="decider", actor="d", payload={"access_until": "2027-12-31", "access_mode": "TRE"})
REC = {"evidence": "REC 20/EM/0148", "type": "REC", "reference": "20/EM/0148", "issuer": "London Central, REC"}
CAG = {"evidence": "CAG_s251 21/CAG/0001", "type": "CAG_s251", "reference": "21/CAG/0001"}
OTHER = {"evidence": "other E-1", "type": "other", "reference": "E-1", "issuer": "Example committee"}
SPONSOR = {"evidence": "sponsor S-1", "type": "sponsor", "reference": "S-1"}
UNSEEN = {"evidence": "PBPP P-1", "type": "PBPP", "reference": "P-1"}
EVIDENCE = (REC, CAG, OTHER, SPONSOR, UNSEEN)


def values(named: Sequence[Named] = (), accreditation: str = "Unknown", after: Sequence[Event] = (), **changes: Any) -> dict[str, str]:
    document = {"answers": {**ANSWERS, **changes}, "datasets": [{"ref": "a", "pid": "p", "title": "Events, all", "version": 1}]}
    found = entry(reference="AR-000000000", document=document, events=[SENT, APPROVED, *after], named=named, accreditation=accreditation)
    assert found is not None
    assert found.missing == ()
    return dict(found.values)


def judged() -> list[Event]:
    """Evidence that was handed in; all but the last was confirmed."""
    added = [("add_evidence", "evidence.added", one) for one in EVIDENCE]
    confirmed = [("verify_evidence", "evidence.verified", {"evidence": one["evidence"]}) for one in EVIDENCE[:-1]]
    return [
        Event(command=command, event=event, version=3 + number, at=NOW, role="handler", actor="h", payload=payload)
        for number, (command, event, payload) in enumerate([*added, *confirmed])
    ]


OPENED = Event(
    command="activate", event="access.activated", version=50, at=NOW, role="handler", actor="h",
    payload={"access_mode": "TRE", "access_starts": "2027-01-01", "access_ends": "2027-12-31", "privacy_measures": "Dates were shifted."},
)


def test_A29_every_field_that_the_bank_feeds_is_filled() -> None:
    found = values(after=judged(), **{"outputs.register_names": "yes"})
    empty = [heading for heading in HEADINGS if not found[heading]]
    assert empty == ["Release/Access date", "How has data been processed to enhance privacy?", "Link to research outputs"], "these come later"
    opened = values(after=[*judged(), OPENED], **{"outputs.register_names": "yes"})
    assert [heading for heading in HEADINGS if not opened[heading]] == ["Link to research outputs"], "what came of it is named later"
    assert opened["How has data been processed to enhance privacy?"] == "Dates were shifted."
    assert opened["Release/Access date"] == "2027-01-01"
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


def test_A29_other_committees_are_those_whose_approval_the_custodian_confirmed() -> None:
    """Not what the answers say alone, what nobody has confirmed yet, or the agreement of a sponsor."""
    expected = '"London Central, REC 20/EM/0148", Section 251 support (Confidentiality Advisory Group) 21/CAG/0001, Example committee E-1'
    assert values(after=judged())["Other approval committees"] == expected
    assert values()["Other approval committees"] == ""


def test_A29_orcid_ids_stand_in_the_order_of_the_names() -> None:
    people = (Named("Grace Joined"), Named("Edsger Joined", "0000-0002-9079-593X"))
    found = values(people, **{"outputs.register_names": "yes"})
    assert found["Applicant ID"] == f"{EXAMPLES['people.lead.orcid']}, , 0000-0002-9079-593X"
    assert values(people[:1], **{"outputs.register_names": "yes", "people.lead.orcid": ""})["Applicant ID"] == ""


@pytest.mark.parametrize(("facts", "verified", "said"), [
    ({"kind": "Accredited researcher", "body": "UK Statistics Authority"}, True, "Yes"),
    ({"kind": "Accredited researcher (DEA)", "body": "Somebody"}, True, "Yes"),
    ({"kind": "Accredited researcher", "body": "UK Statistics Authority"}, False, "Unknown"),
    ({"kind": "Accredited researcher", "body": "UK Statistics Authority", "expires": "2020-01-01"}, True, "No"),
    ({"kind": "Professional registration", "body": "General Medical Council"}, True, "Unknown"),
])
def test_A29_the_accreditation_is_what_was_verified_of_it(facts: dict[str, str], verified: bool, said: str) -> None:
    row = ProfileItem(id=1, group="accreditation", facts=facts, verified_at=NOW if verified else None, verified_by="somebody" if verified else None)
    assert accredited([judged_item(row, today=NOW.date())]) == said
    assert values(accreditation=said)["DEA accredited researcher?"] == said


def test_A29_the_lead_answers_for_nobody_else() -> None:
    """Rows of the answers are no consent; who agreed when they joined is named, if the lead is."""
    assert "Grace Marker" in repr(ANSWERS["people.team"])
    assert values(**{"outputs.register_names": "yes"})["Applicant names"] == "Ada Marker-Name"
    assert values((Named("Edsger, Joined"),), **{"outputs.register_names": "yes"})["Applicant names"] == 'Ada Marker-Name, "Edsger, Joined"'
    assert values((Named("Edsger, Joined"),), **{"outputs.register_names": "no"})["Applicant names"] == ""


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
