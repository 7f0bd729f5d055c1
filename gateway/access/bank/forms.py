"""What one custodian asks: which optional questions it offers or requires, its guidance, its own questions. Read, and checked before it
is published; a published form never changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.access.bank.checking import Fault, faults_in, similar
from gateway.access.bank.questions import ANNEX_TYPES, YES_NO, Question, When
from gateway.access.bank.whole import BANK, CORE, OPTIONAL, TOPICS, UPLOAD_CORE
from gateway.errors import Unprocessable

Chosen = Literal["offer", "require"]
COMPLETED: Final = "completed_form"
"""Name of the question that takes a custodian's own form, filled in."""
NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Optional(_Strict):
    """An optional question of the bank that the custodian asks. ``why`` stands beside it; ``private``: its answers are not for reviewers."""

    need: Chosen
    why: str = Field("", max_length=300)
    private: bool = False


class Condition(_Strict):
    key: str
    values: tuple[str, ...] = ()


class Annex(_Strict):
    """A question of the custodian's own. ``reason`` says why no question of the bank will do; ``private`` is as above."""

    name: str
    type: str
    label: str = Field(max_length=200)
    need: Chosen = "require"
    help: str = Field("", max_length=500)
    choices: tuple[str, ...] = ()
    words: int | None = Field(None, ge=1, le=2000)
    when: tuple[Condition, ...] = ()
    why: str = Field("", max_length=300)
    reason: str = Field(max_length=500)
    private: bool = False


class Template(_Strict):
    """A custodian's own form to be filled in. The bytes are kept under their hash."""

    name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class FormDocument(_Strict):
    """As it is stored, and as it comes from a page, a file or a program. ``template`` counts for the variant of documents alone."""

    variant: Literal["questions", "documents"] = "questions"
    template: Template | None = None
    optional: dict[str, Optional] = Field(default_factory=dict)
    guidance: dict[str, str] = Field(default_factory=dict)
    annex: tuple[Annex, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianForm:
    """``version`` 0 is the form of a custodian that has chosen nothing: the core alone. ``annex`` are its own questions under whole keys."""

    custodian: str
    name: str
    version: int = 0
    document: FormDocument = field(default_factory=FormDocument)
    annex: Mapping[str, Question] = field(default_factory=dict)

    def question(self, key: str) -> Question | None:
        return self.annex.get(key) or BANK.get(key)

    def is_private(self, key: str) -> bool:
        """Whether reviewers do not see the answer: by the bank, or by the custodian's choice."""
        question, chosen = self.question(key), self.document.optional.get(key)
        return question is not None and (question.is_private or question.type == "email" or (chosen is not None and chosen.private))

    @property
    def core(self) -> frozenset[str]:
        return UPLOAD_CORE if self.document.variant == "documents" else CORE

    def why(self, key: str) -> str:
        """The custodian's reason for a question that not everybody asks."""
        if key in self.document.optional:
            return self.document.optional[key].why
        return next((one.why for one in self.document.annex if annex_key(self.custodian, one.name) == key), "")


def annex_key(custodian: str, name: str) -> str:
    return f"annex.{custodian}.{name}"


def plain_form(custodian: str, name: str) -> CustodianForm:
    return CustodianForm(custodian=custodian, name=name)


def stored_form(document: Mapping[str, Any], *, custodian: str, name: str, version: int) -> CustodianForm:
    """A published form, which was checked when it was published."""
    read = FormDocument.model_validate(document)
    return CustodianForm(custodian=custodian, name=name, version=version, document=read, annex=_annex(read, custodian))


def read_document(values: Mapping[str, Any]) -> FormDocument:
    """Raises :class:`Unprocessable` whose ``fields`` say where it cannot be read."""
    try:
        return FormDocument.model_validate(values)
    except ValidationError as error:
        fields = {".".join(map(str, one["loc"])) or "form": str(one["msg"]) for one in error.errors()}
        raise Unprocessable("The form cannot be read.", hint="; ".join(f"{where}: {what}" for where, what in fields.items()), fields=fields) from None


def check(document: FormDocument, *, custodian: str) -> tuple[Fault, ...]:
    """Why the form cannot be published; nothing where it can."""
    return (*_unknown_keys(document), *_own_questions(document, custodian), *faults_in(asked_ever(document, custodian), feeds=_fed(document)))


def asked_ever(document: FormDocument, custodian: str) -> tuple[Question, ...]:
    """Every question that could be asked for the custodian, in the order of the form."""
    core = UPLOAD_CORE if document.variant == "documents" else CORE
    held = [
        question for topic in TOPICS for question in topic.questions
        if question.key in core or question.key in document.optional or question.need == "c"
    ]
    known = {question.key for question in held}
    return (*(one for one in held if one.need != "c" or any(when.key in known for when in one.when)), *_own(document, custodian))


def resembling(label: str) -> tuple[Question, ...]:
    """Questions of the bank that may ask the same."""
    return tuple(question for question in BANK.values() if similar(label, f"{question.label} {question.help}"))


def _unknown_keys(document: FormDocument) -> list[Fault]:
    chosen = [
        Fault(f"optional.{key}", "The bank has no such question." if key not in BANK else "Everybody is asked this; it cannot be chosen.")
        for key in document.optional if key not in OPTIONAL
    ]
    guided = [Fault(f"guidance.{key}", "Guidance can stand beside questions of the bank alone.") for key in document.guidance if key not in BANK]
    return [*chosen, *guided]


def _own_questions(document: FormDocument, custodian: str) -> list[Fault]:
    faults = []
    for one in document.annex:
        where = annex_key(custodian, one.name)
        if not NAME.fullmatch(one.name):
            faults.append(Fault(where, "A name is 2 to 40 small letters, digits and underscores, and begins with a letter."))
        if one.type not in ANNEX_TYPES:
            faults.append(Fault(where, f"The type is one of: {', '.join(ANNEX_TYPES)}."))
        if not one.reason.strip():
            near = resembling(one.label)
            known = f" It has: {near[0].label} ({near[0].key})." if near else ""
            faults.append(Fault(where, f"Say why no question of the bank will do.{known}"))
    return faults


def _fed(document: FormDocument) -> frozenset[str]:
    """The fields of the register that this form must fill."""
    core = UPLOAD_CORE if document.variant == "documents" else CORE
    return frozenset(question.register_field for key in core if (question := BANK[key]).register_field)


def _own(document: FormDocument, custodian: str) -> tuple[Question, ...]:
    own = tuple(_question(one, custodian) for one in document.annex)
    return own if document.variant == "questions" or document.template is None else (_completed(custodian), *own)


def _completed(custodian: str) -> Question:
    return Question(
        key=annex_key(custodian, COMPLETED), type="files", need="R", label="The custodian’s own form, filled in",
        help="Attach a file shows where to get it.", custodian=custodian,
    )


def _annex(document: FormDocument, custodian: str) -> Mapping[str, Question]:
    return {question.key: question for question in _own(document, custodian)}


def _question(one: Annex, custodian: str) -> Question:
    choices: Mapping[str, str] = {text: text for text in one.choices}
    if one.type == "yes_no" and not choices:
        choices = YES_NO
    return Question(
        key=annex_key(custodian, one.name), type=one.type, need="R" if one.need == "require" else "o",  # type: ignore[arg-type]  # checked by _own_questions
        label=one.label, help=one.help, choices=choices, words=one.words or (300 if one.type == "long" else None), custodian=custodian,
        is_private=one.private,
        when=tuple(When(condition.key, frozenset(condition.values)) for condition in one.when),
    )


def described(faults: Sequence[Fault]) -> dict[str, str]:
    """For :class:`Unprocessable`: where -> what to mend."""
    found: dict[str, str] = {}
    for fault in faults:
        found[fault.where] = f"{found[fault.where]} {fault.sentence}" if fault.where in found else fault.sentence
    return found
