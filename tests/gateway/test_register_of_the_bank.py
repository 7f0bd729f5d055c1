"""The register's fields, worked out from answers of the bank."""

from __future__ import annotations

from typing import Any

from gateway.access.bank.whole import BANK
from gateway.access.examples import EXAMPLES
from gateway.access.parts import Event
from gateway.access.register import HEADINGS, entry
from tests.gateway.asking import FORM, NOW

ANSWERS: dict[str, Any] = {
    **EXAMPLES, **FORM.answers(), "people.lead.organisation": {"name": "Marker University", "id": "https://ror.org/00000"}, "people.team": [{"name": "Grace Marker"}],
    "data.linkage": "yes", "data.linkage_method": "By a third party.", "data.linkage_asset": "Deleted at the end.", "data.confidential_items": ["NHS number", "Postcode"],
    "project.other_approvals": [{"body": "Example committee", "ref": "E-1"}],
}
SENT = Event(command="submit", event="part.submitted", version=1, at=NOW, role="lead", actor="lead", payload={"snapshot_sha256": "0", "channel": "committee"})
APPROVED = Event(command="approve", event="part.approved", version=2, at=NOW, role="decider", actor="d", payload={"access_until": "2027-12-31", "access_mode": "TRE"})


def values(**changes: Any) -> dict[str, str]:
    document = {"answers": {**ANSWERS, **changes}, "datasets": [{"ref": "a", "pid": "p", "title": "Events, all", "version": 1}]}
    found = entry(reference="AR-000000000", document=document, events=[SENT, APPROVED])
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
    assert found["Applicant names"] == "Ada Marker-Name, Grace Marker"
    assert found["Dataset(s) name"] == '"Events, all"'
    assert {question.register_field for question in BANK.values() if question.register_field} <= {heading for heading in HEADINGS if found[heading]}


def test_A29_without_consent_no_name_and_no_orcid_is_public() -> None:
    found = values(**{"outputs.register_names": "no"})
    assert (found["Applicant names"], found["Applicant ID"]) == ("", "")
    for secret in ("Ada Marker-Name", "Grace Marker", EXAMPLES["people.lead.orcid"], FORM.email):
        assert secret not in repr(found)
