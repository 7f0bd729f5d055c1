"""What a profile holds: groups of items, and the fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "date", "choice", "orcid", "email", "ror", "evidence"]

SECTORS: Final = (
    "Academic Institute", "CQC Registered Health or/and Social Care provider", "Independent Sector Organisation",
    "Government Agency (Health and Adult Social Care)", "Government Agency (Other)", "Local authority", "Commercial", "Other",
)
"""In the words of the data use register."""
YES_NO: Final = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class Field:
    """``key`` is stored; ``label`` and ``hint`` are shown."""

    key: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    is_required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """``is_single``: one item at most. ``ends`` is the field after which an item no longer holds; ``why`` is for the check list."""

    key: str
    title: str
    one: str
    why: str
    fields: tuple[Field, ...]
    is_single: bool = False
    ends: str | None = None
    leading: tuple[str, ...] = ()
    """The fields that name an item in a list."""

    def field(self, key: str) -> Field:
        return next(field for field in self.fields if field.key == key)


_EVIDENCE: Final = Field(
    "evidence", "Where it can be checked", "evidence", "An https address of the certificate or register entry, if there is one."
)
PERSON: Final = Group(
    "person", "About you", "details about you", "Custodians ask where you will work from.",
    (
        Field("country", "Country you work in", is_required=True), Field("orcid", "ORCID iD", "orcid", "For example 0000-0002-1825-0097."),
        Field("language", "Language you prefer for letters", hint="English, if you say nothing."),
    ),
    is_single=True, leading=("country",),
)
AFFILIATION: Final = Group(
    "affiliation", "Where you work", "a place of work", "Every custodian asks who employs you, and as what.",
    (
        Field("organisation", "Organisation", is_required=True), Field("role", "Your post", is_required=True),
        Field("relationship", "Relationship", "choice", choices=("Employed", "Honorary contract", "Student", "Contractor", "Visitor")),
        Field("ror", "ROR of the organisation", "ror", "For example https://ror.org/01cwqze88."),
        Field("ods", "ODS code, for NHS organisations"), Field("address", "E-mail address there", "email"),
        Field("from", "Since", "date"), Field("to", "Until", "date"),
    ),
    ends="to", leading=("organisation", "role"),
)
TRAINING: Final = Group(
    "training", "Training", "a training", "Most custodians want current training in handling data safely.",
    (
        Field("title", "Title", is_required=True, hint="For example: Safe Researcher Training."), Field("provider", "Provider", is_required=True),
        Field("certificate", "Certificate number"), Field("awarded", "Awarded on", "date", is_required=True), Field("expires", "Valid until", "date"),
        _EVIDENCE,
    ),
    ends="expires", leading=("title", "provider"),
)
ACCREDITATION: Final = Group(
    "accreditation", "Accreditation and registration", "an accreditation", "Secure environments often need an accredited researcher.",
    (
        Field("body", "Granted by", is_required=True, hint="For example: UK Statistics Authority, General Medical Council."),
        Field("kind", "Kind", is_required=True, hint="For example: accredited researcher, professional registration."),
        Field("number", "Number"), Field("granted", "Granted on", "date"), Field("expires", "Valid until", "date"), _EVIDENCE,
    ),
    ends="expires", leading=("kind", "body"),
)
ORGANISATION: Final = Group(
    "organisation", "Your organisation", "details about your organisation", "What custodians ask about the organisation is the same each time.",
    (
        Field("name", "Name", is_required=True), Field("sector", "Sector", "choice", is_required=True, choices=SECTORS),
        Field("ror", "ROR", "ror"), Field("ods", "ODS code"), Field("companies_house", "Companies House number"), Field("charity", "Charity number"),
        Field("dspt", "DSPT status", "choice", choices=("Standards met", "Standards exceeded", "Approaching standards", "Not submitted")),
        Field("dspt_expires", "DSPT valid until", "date"), Field("iso_27001", "ISO 27001", "choice", choices=YES_NO),
        Field("cyber_essentials", "Cyber Essentials", "choice", choices=("Cyber Essentials", "Cyber Essentials Plus", "No")),
        Field("ico", "ICO registration"), Field("size", "Size", "choice", choices=("Under 10 people", "10 to 249 people", "250 people or more")),
        Field("senior_officer", "Role of the senior responsible officer", hint="The post, not the name."),
    ),
    is_single=True, leading=("name",),
)
GROUPS: Final[Mapping[str, Group]] = {one.key: one for one in (PERSON, AFFILIATION, TRAINING, ACCREDITATION, ORGANISATION)}

SANCTION_REASONS: Final[Mapping[str, str]] = {
    "terms": "Terms of access were broken", "security": "Data were not kept safe", "output": "Results were published without clearance",
    "identification": "Somebody tried to identify a person", "other": "Another reason, told to the person",
}
