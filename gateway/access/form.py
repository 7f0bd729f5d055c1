"""The form a researcher fills in, and the keys of the question bank under which its answers are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from gateway.errors import Unprocessable


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``key`` is stable for ever. ``ask`` is the sentence shown where the answer is missing."""

    key: str
    ask: str
    label: str
    max_characters: int
    max_words: int | None = None
    is_required: bool = True
    is_one_line: bool = True


QUESTIONS: Mapping[str, Question] = {
    "name": Question(key="people.lead.name", ask="Enter your name.", label="Your name", max_characters=120),
    "email": Question(
        key="people.lead.email", ask="Enter your work e-mail address.", label="Your e-mail address", max_characters=254
    ),
    "organisation": Question(
        key="people.lead.organisation", ask="Enter the organisation you work for.", label="The organisation", max_characters=200
    ),
    "title": Question(key="project.title", ask="Enter a title for the project.", label="The title", max_characters=150),
    "lay_summary": Question(
        key="project.lay_summary", ask="Describe in plain English what you will do and why.", label="The summary",
        max_characters=5000, max_words=300, is_one_line=False,
    ),
    "purpose": Question(
        key="project.purpose", ask="Say what the project is for.", label="The purpose", max_characters=5000, max_words=300,
        is_required=False, is_one_line=False,
    ),
    "public_benefit": Question(
        key="project.public_benefit", ask="Say how the public may benefit.", label="The public benefit",
        max_characters=5000, max_words=300, is_one_line=False,
    ),
}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class RequestForm(BaseModel):
    """Answers as they will be kept: Unicode NFC, no control characters, within the limits of :data:`QUESTIONS`.

    Made from untrusted values by :func:`read_form`; the constructor raises pydantic's ``ValidationError``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    email: str
    organisation: str
    title: str
    lay_summary: str
    public_benefit: str
    purpose: str = ""

    @field_validator("*", mode="before")
    @classmethod
    def _checked(cls, value: object, info: ValidationInfo) -> str:
        assert info.field_name is not None
        text = _plain(value, QUESTIONS[info.field_name])
        if info.field_name == "email":
            _check_address(text)
        return text

    def answers(self) -> dict[str, str]:
        """Key of the question bank -> answer, without the questions that were left out."""
        return {question.key: text for name, question in QUESTIONS.items() if (text := getattr(self, name))}


def read_form(values: Mapping[str, Any]) -> RequestForm:
    """Raises :class:`Unprocessable` whose ``fields`` maps each field in trouble to what to do."""
    try:
        return RequestForm(**values)
    except ValidationError as error:
        fields = {_field(problem): _sentence(problem) for problem in error.errors()}
        raise Unprocessable("Some answers need to be changed.", hint=" ".join(fields.values()), fields=fields) from None


def check_address(address: str) -> str:
    """A mail address that is safe in a header. Raises :class:`Unprocessable`."""
    try:
        _check_address(address)
    except ValueError as error:
        raise Unprocessable(str(error), fields={"email": str(error)}) from None
    return address


def _plain(value: object, question: Question) -> str:
    if not isinstance(value, str):
        raise ValueError(question.ask)  # pydantic makes a ValueError a problem of the field
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").strip()
    if question.is_required and not text:
        raise ValueError(question.ask)
    if any(_is_control(sign) and not (sign in "\n\t" and not question.is_one_line) for sign in text):
        raise ValueError(f"{question.label} contains characters that cannot be shown. Type it again without them.")
    if len(text) > question.max_characters:
        raise ValueError(f"{question.label} must be {question.max_characters:,} characters or fewer. You have {len(text):,}.")
    words = len(text.split())
    if question.max_words is not None and words > question.max_words:
        raise ValueError(f"{question.label} must be {question.max_words} words or fewer. You have {words:,}.")
    return text


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign in _DIRECTION_MARKS


def _check_address(address: str) -> None:
    local, _, domain = address.rpartition("@")
    labels_are_good = all(label and not label.startswith("-") and not label.endswith("-") for label in domain.split("."))
    dots_are_good = not local.startswith(".") and not local.endswith(".") and ".." not in local
    if not (_ADDRESS.fullmatch(address) and labels_are_good and dots_are_good and "." in domain and len(address) <= 254):
        raise ValueError("Enter an e-mail address in the form name@organisation.ac.uk.")


def _field(problem: Any) -> str:
    return str(problem["loc"][0]) if problem["loc"] else "form"


def _sentence(problem: Any) -> str:
    if problem["type"] == "missing":
        return QUESTIONS[_field(problem)].ask
    if problem["type"] == "extra_forbidden":
        return f"The form has no field {_field(problem)!r}."
    return str(problem["ctx"]["error"]) if "ctx" in problem else str(problem["msg"])
