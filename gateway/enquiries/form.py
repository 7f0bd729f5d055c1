"""What a question asks for, and the keys of the question bank that its answers become when it turns into a request."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from gateway.access.addresses import check_address
from gateway.errors import Unprocessable

Kind = Literal["general", "feasibility", "columns", "unlisted"]
LONGEST: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``bank_key`` is where the answer goes when the question becomes a request; several may share one that takes text."""

    name: str
    label: str
    ask: str
    bank_key: str
    is_required: bool = True
    rows: int = 4


GENERAL: Final = (Asked(name="question", label="Your question", ask="Write your question.", bank_key="project.aims", rows=7),)
FEASIBILITY: Final = (
    Asked(name="title", label="Title of the project", ask="Give the project a title.", bank_key="project.title", rows=0),
    Asked(name="aim", label="What you want to find out", ask="Say what you want to find out.", bank_key="project.aims"),
    Asked(name="population", label="Whose data: a sketch of the population", ask="Sketch the population.", bank_key="data.population"),
    Asked(name="variables", label="Which variables", ask="", bank_key="project.background", is_required=False),
    Asked(name="other_data", label="Other data you would link", ask="", bank_key="data.linkage_sources", is_required=False, rows=2),
    Asked(name="funding", label="Funding", ask="", bank_key="project.background", is_required=False, rows=2),
    Asked(name="benefit", label="How the public may benefit", ask="", bank_key="project.public_benefit", is_required=False),
)
UNLISTED: Final = (
    Asked(name="data", label="What data you look for", ask="Say what data you look for.", bank_key="project.background", rows=3),
    Asked(name="whom", label="About whom, and for which years", ask="Say about whom, and for which years.", bank_key="data.population", rows=2),
    Asked(name="purpose", label="What for, in one sentence", ask="Say what the data are for.", bank_key="project.aims", rows=2),
    Asked(name="search", label="Where you looked here", ask="", bank_key="project.background", is_required=False, rows=0),
    Asked(name="elsewhere", label="Where else you looked", ask="", bank_key="project.background", is_required=False, rows=2),
)
QUESTIONS: Final[Mapping[Kind, tuple[Asked, ...]]] = {"general": GENERAL, "feasibility": FEASIBILITY, "columns": GENERAL, "unlisted": UNLISTED}
"""``columns`` asks a custodian for the column list of a dataset; ``unlisted`` asks the gateway's staff for data that no dataset here holds."""
LABELS: Final[Mapping[str, str]] = {one.name: one.label for asked in QUESTIONS.values() for one in asked}
SEARCH: Final = re.compile(r"/(?:search|columns)(?:\?[!-~]{0,2000})?")
"""The path of a search, with its query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it will be kept: Unicode NFC, no control characters, within the limits."""

    kind: Kind
    name: str
    address: str
    answers: Mapping[str, str]


def read_question(values: Mapping[str, str]) -> Question:
    """Raises :class:`Unprocessable` whose ``fields`` maps each field in trouble to what to do."""
    kind = cast("Kind", values["kind"]) if values.get("kind") in QUESTIONS else "general"
    faults: dict[str, str] = {}
    answers = {one.name: text for one in QUESTIONS[kind] if (text := _checked(one.name, values, one.ask if one.is_required else "", faults))}
    if (search := answers.get("search")) and not SEARCH.fullmatch(search):
        faults["search"] = "Paste the address of a search of this service, or leave it empty."
    name = _checked("name", values, "Enter your name.", faults, longest=120)
    address = values.get("email", "").strip()
    try:
        check_address(address)
    except Unprocessable as error:
        faults |= error.fields
    if faults:
        raise Unprocessable("Some answers need to be changed.", hint=" ".join(faults.values()), fields=faults)
    return Question(kind=kind, name=name, address=address, answers=answers)


def read_text(text: str, field: str = "text") -> str:
    """A reply. Raises :class:`Unprocessable`."""
    faults: dict[str, str] = {}
    found = _checked(field, {field: text}, "Write something.", faults)
    if faults:
        raise Unprocessable("The message was not sent.", fields=faults)
    return found


def _checked(name: str, values: Mapping[str, str], ask: str, faults: dict[str, str], *, longest: int = LONGEST) -> str:
    text = unicodedata.normalize("NFC", values.get(name, "")).replace("\r\n", "\n").strip()
    if not text and ask:
        faults[name] = ask
    elif len(text) > longest:
        faults[name] = f"This must be {longest:,} characters or fewer. You have {len(text):,}."
    elif any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        faults[name] = "This contains characters that cannot be shown. Type it again without them."
    return text
