"""What a question is. Values only; the questions themselves stand in the tables beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

Type = Literal[
    "text", "long", "choice", "multi", "yes_no", "date", "period", "number", "email", "person", "org", "orcid", "country", "countries",
    "columns", "file", "files", "list", "datasets", "tick",
]
Need = Literal["R", "c", "o"]
TYPES: Final[tuple[Type, ...]] = get_args(Type)
FILES: Final[tuple[Type, ...]] = ("file", "files")
"""Answers of these are lists of ids of attached files; of ``file`` one at most."""
ANNEX_TYPES: Final[tuple[Type, ...]] = ("text", "long", "choice", "multi", "yes_no", "date", "number", "tick")
"""What a custodian's own question may be."""
YES_NO: Final[Mapping[str, str]] = {"yes": "Yes", "no": "No"}
Answers = Mapping[str, Any]
"""Key of a question -> its answer: text, a list, or a row of named texts, by the question's type."""


@dataclass(frozen=True, slots=True)
class When:
    """Holds where the answer to an earlier question is one of ``values``, or (without any) is not empty."""

    key: str
    values: frozenset[str] = frozenset()

    def holds(self, answers: Answers) -> bool:
        found = answers.get(self.key)
        if not self.values:
            return bool(found)
        return not self.values.isdisjoint(found if isinstance(found, list) else [found])


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a person, an organisation or a row. ``kind`` is how it is typed, ``characters`` how many there is room for."""

    name: str
    label: str
    kind: Literal["text", "email", "date", "choice", "yes_no", "country"] = "text"
    is_required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    characters: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``key`` is stable for ever: another wording raises ``version``, another meaning gets another key, a retired key is never used again.

    ``need`` is R (asked of everybody), c (required where one of ``when`` holds) or o (as the custodian chooses). ``of`` names the
    list whose rows hold the answer, in the column called like the key's last word. ``none_words`` says that there is none, where that is
    an answer. ``register_field`` is the heading of the data use register that the answer feeds.
    """

    key: str
    type: Type
    need: Need
    label: str
    help: str = ""
    version: int = 1
    words: int | None = None
    characters: int | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    when: tuple[When, ...] = ()
    of: str | None = None
    none_words: str = ""
    register_field: str | None = None
    is_private: bool = False
    """Read by those who handle and decide, not by reviewers; so is every address."""
    names_people: bool = False
    """People or places are expected in the answer, so nothing warns of them."""
    custodian: str | None = None
    """Whose own question it is; None for those of the bank."""
    reads: tuple[str, str] | None = None
    """Words and path of a page that the answer is about."""

    @property
    def section(self) -> str:
        return self.key.split(".", 1)[0]

    @property
    def column(self) -> str:
        """Its name within the rows of ``of``."""
        return self.key.rsplit(".", 1)[1]

    @property
    def is_rows(self) -> bool:
        return self.type in ("list", "columns") and bool(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One page of the form. ``group`` is the heading of the task list that it stands under; ``told_as`` the title for those who read
    the answers, where the applicant is addressed in it."""

    slug: str
    title: str
    group: str
    questions: tuple[Question, ...]
    told_as: str = ""


def ask(key: str, type: Type, need: Need, label: str, help: str = "", **rest: Any) -> Question:  # noqa: A002  the bank's own words
    """A row of the tables."""
    if type == "yes_no":
        rest["choices"] = YES_NO
    if type in COMPOSED and "columns" not in rest:
        rest["columns"] = COMPOSED[type]
    return Question(key=key, type=type, need=need, label=label, help=help, **rest)


def when(key: str, *values: str) -> When:
    return When(key, frozenset(values))


def chosen(*words: str) -> Mapping[str, str]:
    """Choices that are kept in the words that are shown."""
    return {one: one for one in words}


ORGANISATION: Final = (
    Column("name", "Name of the organisation", is_required=True),
    Column("id", "Identifier, if you know one: ROR, ODS, Companies House or charity number"),
)
PERSON: Final = (
    Column("name", "Name", is_required=True), Column("role", "Post held"), Column("email", "E-mail address", "email", is_required=True),
)
COMPOSED: Final[Mapping[str, tuple[Column, ...]]] = {"person": PERSON, "org": ORGANISATION}
