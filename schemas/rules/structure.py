"""Rules about tables, columns, code lists, relations and revisions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from schemas.rules.rule import Flaw, Rule, Subject
from schemas.rules.words import IDENTIFIER_WORDS, words_of

TABLES: Final = "/structuralMetadata/tables"
RELATIONS: Final = {
    "derivedFrom": "derived_from", "isPartOf": "is_part_of", "linkableDatasets": "linkable_datasets", "similarToDatasets": "similar_to_datasets",
}  # fmt: skip
MASKED: Final = ("pseudo", "encrypt", "hash", "anonym", "deidentif", "masked")
MOST_CODES: Final = 500
BIRTH_DATE: Final = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3][0-9]/[01][0-9]/(?:19|20)[0-9]{2}", re.ASCII)
IDENTIFIER: Final = re.compile(r"[0-9]{10}|[A-Za-z]{2}[0-9]{6}[A-Za-z]", re.ASCII)


def _repeated(names: list[Any]) -> Iterator[tuple[int, Any]]:
    """The second place of each name that stands more than once."""
    seen: Counter[str] = Counter()
    for number, name in enumerate(names):
        if name is None:
            continue
        seen[str(name)] += 1
        if seen[str(name)] == 2:
            yield number, name


def _repeated_names(subject: Subject) -> Iterator[Flaw]:
    tables = subject.record.structural_metadata.tables or []
    for number, name in _repeated([table.name for table in tables]):
        yield Flaw(f"{TABLES}/{number}/name", f"Two tables are called {name!r}.", "Give each table a name of its own.", name)
    for at, table in enumerate(tables):
        for number, name in _repeated([column.name for column in table.columns or ()]):
            path = f"{TABLES}/{at}/columns/{number}/name"
            yield Flaw(path, f"Two columns of this table are called {name!r}.", "Give each column a name of its own.", name)
    for path, column in subject.columns:
        for number, name in _repeated([value.name for value in column.values]) if column.values else ():
            yield Flaw(f"{path}/values/{number}/name", f"The code {name!r} stands twice.", "List each code once.", name)


def _empty_tables(subject: Subject) -> Iterator[Flaw]:
    for number, table in enumerate(subject.record.structural_metadata.tables or ()):
        if not table.columns:
            yield Flaw(f"{TABLES}/{number}/columns", f"The table {table.name or number + 1} has no columns.", "List its columns.")
    for path, column in subject.columns:
        if column.description and str(column.name).strip().casefold() == column.description.strip().rstrip(".").casefold():
            yield Flaw(f"{path}/description", "The description only repeats the column's name.", "Say what the column holds, with its unit or codes.", column.description)


def _empty_relations(subject: Subject) -> Iterator[Flaw]:
    record = subject.record
    stated_by_name = {name: getattr(record.enrichment_and_linkage, attribute) for name, attribute in RELATIONS.items()}
    own = {value.strip().casefold() for value in (record.identifier, record.summary.title) if value} if any(stated_by_name.values()) else set()
    for name, relations in stated_by_name.items():
        for number, relation in enumerate(relations or ()):
            path = f"/enrichmentAndLinkage/{name}/{number}"
            stated = [value.strip().casefold() for value in (relation.pid, relation.title, relation.url) if value and value.strip()]
            if not stated:
                yield Flaw(path, "This related dataset has neither identifier, title nor address.", "Name it, or remove the entry.")
            elif own & set(stated):
                yield Flaw(path, "This related dataset is the record itself.", "Remove the entry.", stated[0], "error")


BY_FIRST_WORD: Final = {wanted[0]: [one for one in IDENTIFIER_WORDS if one[0] == wanted[0]] for wanted in IDENTIFIER_WORDS}


def _revision_numbers(subject: Subject) -> Iterator[Flaw]:
    current = version_number(subject.record.version)
    seen: set[str] = set()
    for number, revision in enumerate(subject.record.revisions or ()):
        path, found = f"/revisions/{number}/version", version_number(revision.version)
        if revision.version is not None and revision.version in seen:
            yield Flaw(path, f"Version {revision.version} is listed twice.", "List each earlier version once.", revision.version)
        elif current and found and found > current:
            yield Flaw(path, f"Version {revision.version} is later than the current {subject.record.version}.", "List earlier versions only.", revision.version)
        seen.add(revision.version or "")


def version_number(text: str | None) -> tuple[int, ...] | None:
    return tuple(map(int, text.split("."))) if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9}){2}", text or "", re.ASCII) and text else None


def _identifying_columns(subject: Subject) -> Iterator[Flaw]:
    for path, column in subject.columns:
        words = words_of(column.name) if isinstance(column.name, str) else ()
        is_masked = any(word.startswith(MASKED) for word in words)
        if column.sensitive is not True and not is_masked and _names_a_person(words):
            yield Flaw(f"{path}/sensitive", f"The column {column.name} looks like an identifier of a person, but is not marked sensitive.", "Mark it sensitive, or rename it.", column.name)


def _names_a_person(words: tuple[str, ...]) -> bool:
    """Whether the words of an identifier stand among these, one after the other."""
    return any(
        words[start : start + len(wanted)] == wanted for start, word in enumerate(words) for wanted in BY_FIRST_WORD.get(word, ())
    )


def _values_that_look_like_data(subject: Subject) -> Iterator[Flaw]:
    for path, column in subject.columns:
        codes = [str(value.name) for value in column.values] if column.values else []
        personal = sum(1 for code in codes if BIRTH_DATE.fullmatch(code) or IDENTIFIER.fullmatch(code))
        if len(codes) > MOST_CODES or (len(codes) >= 3 and personal > len(codes) / 2):
            yield Flaw(
                f"{path}/values", f"The code list of {column.name} looks like the data themselves ({len(codes)} values).",
                "List codes with their meanings only; never values that stand for people.",
            )


RULES: Final = (
    Rule("XFD-34", "warning", _repeated_names), Rule("XFD-35", "warning", _empty_tables), Rule("XFD-36", "warning", _empty_relations),
    Rule("XFD-37", "warning", _revision_numbers), Rule("PRV-03", "warning", _identifying_columns),
    Rule("PRV-05", "warning", _values_that_look_like_data),
)  # fmt: skip
