"""What the schema cannot say: rules over the canonical record, as a table. Each takes the record and yields flaws.

Ids are those of the specification page. A rule never raises, whatever stands in the record; it sees canonical types only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from schemas.findings import Severity
from schemas.record import Dataset

PLACEHOLDERS: Final = frozenset(
    (
        "tbc", "tbd", "n/a", "na", "none", "xxx", "todo", "unknown", "not known", "not available", "in progress",
        "see description", "lorem ipsum", "to be confirmed", "to be determined", "not applicable",
    )
)  # fmt: skip
NOT_VALUES: Final = frozenset(("null", "undefined", "NaN", "[object Object]", "None"))
ENTITY: Final = re.compile(r"&(#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
STOCK_ACCESS: Final = frozenset(("in progress", "contact the publisher", "tbc", "tbd", "n/a"))
ROLE_WORDS: Final = (
    "access", "admin", "contact", "cohort", "dars", "data", "enquir", "gateway", "governance", "hello", "help", "info",
    "inquir", "mail", "office", "request", "research", "secretar", "service", "study", "support", "team", "trial",
)  # fmt: skip
PUBLIC_MAIL: Final = ("gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "yahoo.com", "yahoo.co.uk")
PERSONAL: Final = re.compile(r"[a-z]{1,20}[._-][a-z'-]{2,30}[0-9]{0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Flaw:
    """``path`` is a JSON Pointer into the canonical record."""

    path: str
    message: str
    hint: str
    value: Any = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    severity: Severity
    find: Callable[[Dataset], Iterator[Flaw]]


def _dates(record: Dataset) -> Iterator[Flaw]:
    start, end = record.provenance.temporal.start_date, record.provenance.temporal.end_date
    if start and end and end != "CONTINUOUS" and end[:10] < start[:10]:
        yield Flaw("/provenance/temporal/endDate", f"The end date {end} is before the start date {start}.", "Swap or mend the two dates.", end)


def _age_limits(record: Dataset) -> Iterator[Flaw]:
    for name, age in (("Min", record.coverage.typical_age_range_min), ("Max", record.coverage.typical_age_range_max)):
        if age is not None and not 0 <= age <= 150:
            yield Flaw(f"/coverage/typicalAgeRange{name}", f"{age} is not an age in years.", "Give whole years from 0 to 150.", age)


def _age_order(record: Dataset) -> Iterator[Flaw]:
    least, most = record.coverage.typical_age_range_min, record.coverage.typical_age_range_max
    if least is not None and most is not None and least > most:
        yield Flaw("/coverage/typicalAgeRangeMin", f"The lowest age {least} is above the highest age {most}.", "Swap the two ages.", least)


def _population(record: Dataset) -> Iterator[Flaw]:
    size, path = record.summary.population_size, "/summary/populationSize"
    if size is None:
        return
    if size < -1:
        yield Flaw(path, f"{size} is not a number of people.", "Give the number of distinct people, or -1 where it is not reported.", size)
    elif size == -1:
        yield Flaw(path, "The number of people is not reported (-1).", "Give a number: researchers look for the size first.", size, "advice")
    elif size == 0:
        yield Flaw(path, "The record says that no people are in the data.", "Give the number of distinct people.", size, "warning")


def _placeholders(record: Dataset) -> Iterator[Flaw]:
    for path, text in _texts(record):
        if text.strip().rstrip(".").lower() in PLACEHOLDERS and path not in ENUMERATED:
            yield Flaw(path, f"{text.strip()!r} is a placeholder, not a value.", "Give the value, or leave the field out until it is known.", text)


def _not_values(record: Dataset) -> Iterator[Flaw]:
    for path, text in _texts(record):
        if text in NOT_VALUES:
            yield Flaw(path, f"The text {text!r} looks like the trace of a program, not a value.", "Leave the field out where nothing is known.", text)


def _entities(record: Dataset) -> Iterator[Flaw]:
    for path, text in _texts(record):
        found = ENTITY.search(text)
        if found:
            yield Flaw(path, f"The text holds the HTML entity {found.group()}.", "Write the character itself, such as & or >.", text)


def _access(record: Dataset) -> Iterator[Flaw]:
    rights = record.accessibility.access.access_rights or []
    stock = [text for text in rights if text.strip().rstrip(".").lower() in STOCK_ACCESS]
    if not rights or len(stock) == len(rights):
        said = f"Access rights say only {stock[0]!r}." if stock else "The record does not say how to get access."
        yield Flaw("/accessibility/access/accessRights", said, "Give the address of the page that explains access, or a few sentences.", stock[0] if stock else None)


def _personal_contacts(record: Dataset) -> Iterator[Flaw]:
    custodian = record.summary.data_custodian
    contacts = [("/summary/contactPoint", record.summary.contact_point)]
    contacts += [(f"/summary/dataCustodian/contactPoint/{n}", address) for n, address in enumerate(custodian.contact_point or [])]
    for path, address in contacts:
        local, at, domain = (address or "").lower().rpartition("@")
        is_role = any(word in local for word in ROLE_WORDS)
        if at and not is_role and (domain in PUBLIC_MAIL or PERSONAL.fullmatch(local)):
            yield Flaw(path, "The contact looks like a person's own address.", "Give the address of a team, which outlasts a person.", f"{local[:2]}…@{domain}")


ENUMERATED: Final = frozenset(
    ("/provenance/temporal/timeLag", "/accessibility/access/deliveryLeadTime", "/coverage/followUp", "/documentation/inPipeline")
)
RULES: Final = (
    Rule("XFD-01", "error", _dates), Rule("XFD-09", "error", _age_limits), Rule("XFD-10", "error", _age_order),
    Rule("XFD-12", "error", _population), Rule("TXT-01", "warning", _placeholders), Rule("TXT-02", "error", _not_values),
    Rule("TXT-04", "warning", _entities), Rule("PRV-01", "warning", _personal_contacts), Rule("ACC-01", "warning", _access),
)  # fmt: skip


def _texts(record: Dataset) -> Iterator[tuple[str, str]]:
    """Every text of the record outside tables, observations and related datasets, with its path."""
    skipped = {"structuralMetadata", "observations", "demographicFrequency", "revisions"}
    for name, value in record.as_json().items():
        if name not in skipped:
            yield from _walk(value, f"/{name}")


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, f"{path}/{number}")
