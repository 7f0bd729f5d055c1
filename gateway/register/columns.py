"""The columns of register files: what they are called in the published templates, and the values that their lists offer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gateway.access.register import HEADINGS, MINIMUM

GATEWAY_ID, CUSTODIAN, STATUS, COMMERCIAL, COUNTRIES, ACKNOWLEDGEMENT = OWN_COLUMNS = (
    "Gateway ID", "Custodian", "Status", "Commercial involvement", "Countries", "Acknowledgement",
)  # fmt: skip
"""After the 32 of the standard."""
REQUIRED: Final = tuple(HEADINGS[place] for place in MINIMUM)
DATES: Final = ("Project start date", "Project end date", "Latest approval date", "Release/Access date")
NAMES: Final = ("Applicant names", "Applicant ID")
"""Published with the people's consent alone."""
ALIASES: Final[Mapping[str, str]] = {
    "organisation name": "Lead applicant organisation name",
    "applicant name(s)": "Applicant names",
    "how new data assets created from this linkage will be managed": "For linked datasets, specify how any new assets created will be managed and archived",
    "dataset name": "Dataset(s) name",
    "link to research output": "Link to research outputs",
}
"""Other spellings, of the upload template and of older files."""
SECTOR: Final = "Organisation sector"
SECTORS: Final = (
    "Academic Institute", "CQC Registered Health or/and Social Care provider", "Independent Sector Organisation",
    "Government Agency (Health and Adult Social Care)", "Government Agency (Other)", "Local authority", "Commercial", "Other",
)  # fmt: skip
SECTOR_SPELLINGS: Final[Mapping[str, str]] = {
    "academic institution": "Academic Institute", "academic": "Academic Institute", "academia": "Academic Institute", "university": "Academic Institute",
    "higher education": "Academic Institute", "nhs": "CQC Registered Health or/and Social Care provider",
    "nhs trust": "CQC Registered Health or/and Social Care provider", "nhs organisation": "CQC Registered Health or/and Social Care provider",
    "cqc registered health and/or social care provider": "CQC Registered Health or/and Social Care provider",
    "cqc registered health or social care provider": "CQC Registered Health or/and Social Care provider",
    "charity": "Independent Sector Organisation", "third sector": "Independent Sector Organisation", "independent sector": "Independent Sector Organisation",
    "voluntary sector": "Independent Sector Organisation", "government": "Government Agency (Other)", "government agency": "Government Agency (Other)",
    "government agency (health & adult social care)": "Government Agency (Health and Adult Social Care)",
    "local government": "Local authority", "council": "Local authority", "commercial organisation": "Commercial", "industry": "Commercial",
    "private sector": "Commercial", "pharmaceutical": "Commercial",
}  # fmt: skip
"""Shown on the import page. What stands in neither table is kept as it is written, with a remark."""
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "DEA accredited researcher?": ("Yes", "No", "Unknown"),
    "Sub-licence arrangements (if any)?": ("Yes", "No"),
    "Data sensitivity level": ("Personally Identifiable", "De-Personalised", "Anonymous"),
    "Common Law Duty of Confidentiality": ("Not applicable", "Consent", "Section 251 NHS Act 2006", "Other"),
    "National data opt-out applied?": ("Yes", "No", "Not applicable"),
    "Request frequency": ("One-off", "Recurring"),
    "Access type": ("TRE", "Release"),
    COMMERCIAL: ("Yes", "No"),
}


def key(heading: str) -> str:
    """A heading in one spelling: templates carry asterisks, line ends, double spaces, blanks around slashes and no-break spaces."""
    plain = re.sub(r"\s+", " ", heading.replace("*", " ").replace("\ufeff", "")).strip().casefold()
    return re.sub(r"\s*/\s*", "/", plain).rstrip(" :")


KNOWN: Final[Mapping[str, str]] = {**{key(one): one for one in (*HEADINGS, *OWN_COLUMNS)}, **ALIASES}


def column(heading: str) -> str | None:
    """The standard's name of a column; None for one that is not known."""
    return KNOWN.get(key(heading))


def sector(written: str) -> str | None:
    """The listed sector that a spelling means; None where no table holds it."""
    said = key(written)
    return next((one for one in SECTORS if key(one) == said), None) or SECTOR_SPELLINGS.get(said)


def listed(column_name: str, written: str) -> str | None:
    """The listed value that was meant, whatever its case and hyphens; None where the list has none."""
    return next((one for one in LISTS[column_name] if _loose(one) == _loose(written)), None)


def _loose(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
