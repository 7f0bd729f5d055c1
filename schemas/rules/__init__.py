"""What the schema cannot say: rules over the canonical record, as one table. Ids are those of the specification page.

A rule sees canonical types only and never raises, whatever stands in the record. Rules that need facts from outside the
record (the date, probes of links, other records) run where these are given, and are else listed as not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final

from schemas.record import Dataset
from schemas.rules import access, counts, dates, identity, kinds, listing, privacy, references, structure, texts
from schemas.rules.rule import Before, Facts, Flaw, Listed, Rule, Siblings, Subject
from schemas.rules.words import NOT_VALUES, PLACEHOLDERS, STOCK_ACCESS

__all__ = [
    "EACH_LIMIT", "NOT_VALUES", "PLACEHOLDERS", "RULES", "STOCK_ACCESS", "Before", "Facts", "Flaw", "Listed", "Rule", "Siblings", "Subject",
    "flaws", "flaws_known_by", "not_checked",
]  # fmt: skip

RULES: Final[tuple[Rule, ...]] = tuple(
    sorted(
        (
            *dates.RULES, *counts.RULES, *kinds.RULES, *structure.RULES, *identity.RULES, *references.RULES, *texts.RULES,
            *privacy.RULES, *access.RULES, *listing.RULES,
        ),
        key=lambda rule: rule.id,
    )
)  # fmt: skip
NEEDS: Final = frozenset(need for rule in RULES for need in rule.needs)
EACH_LIMIT: Final = 200  # a table in which one flaw stands in every column would bury everything else


def flaws(record: Dataset, facts: Facts = Facts()) -> Iterator[tuple[Rule, Flaw]]:  # noqa: B008 (frozen)
    """What the rules find, each rule at most 200 times."""
    subject = Subject(record, facts)
    for rule in _runnable(_known(facts)):
        for flaw in islice(rule.find(subject), EACH_LIMIT):
            yield rule, flaw


def flaws_known_by(record: Dataset, facts: Facts) -> Iterator[tuple[Rule, Flaw]]:
    """As :func:`flaws`, of those rules alone that these facts let run."""
    subject, known = Subject(record, facts), _known(facts)
    for rule in RULES:
        if rule.needs and known.issuperset(rule.needs):
            for flaw in islice(rule.find(subject), EACH_LIMIT):
                yield rule, flaw


def not_checked(facts: Facts) -> tuple[str, ...]:
    """The ids of rules whose facts are missing."""
    return _missing(_known(facts))


def _known(facts: Facts) -> frozenset[str]:
    return frozenset(need for need in NEEDS if getattr(facts, need) is not None)


@cache
def _runnable(known: frozenset[str]) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if known.issuperset(rule.needs))


@cache
def _missing(known: frozenset[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.id for rule in RULES if not known.issuperset(rule.needs)))
