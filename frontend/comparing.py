"""Records side by side: the facts of their pages in the same rows, the columns they share."""

from __future__ import annotations

from collections.abc import Sequence

from frontend import words
from frontend.custodian_text import plain
from frontend.record_facts import ages, can_i_use, column_count, column_rows, fact_groups, years
from frontend.views.compare import ComparedGroup, ComparedRow
from schemas.record import Dataset
from search.variable import name_key


def groups(records: Sequence[Dataset | None], custodians: Sequence[str | None]) -> tuple[ComparedGroup, ...]:
    """What is known of each; a record that is not there has nothing. The facts first by which one chooses."""
    held = [record or Dataset() for record in records]
    facts = [fact_groups(record) for record in held]
    told = (
        ComparedGroup(one[0].title, tuple(ComparedRow(row[0].label, tuple(_listed(fact.values) for fact in row)) for row in zip(*(group.facts for group in one), strict=True)))
        for one in zip(*facts, strict=True)
    )
    return (ComparedGroup("At a glance", tuple(_first(held, custodians))), *told)


def shared_names(records: Sequence[Dataset]) -> list[str]:
    """Names of columns that each of the records has, however they are spelt there, as the first one writes them."""
    if len(records) < 2:
        return []
    named = [{name_key(row.name): row.name for row in reversed(column_rows(record)) if name_key(row.name)} for record in records]
    return [name for key, name in reversed(named[0].items()) if all(key in others for others in named[1:])]


def _first(records: Sequence[Dataset], custodians: Sequence[str | None]) -> list[ComparedRow]:
    uses = [can_i_use(record) for record in records]
    people = [record.summary.population_size for record in records]
    covered = [years(record) for record in records]
    return [
        ComparedRow("Custodian", tuple(custodians)),
        ComparedRow("People", tuple(words.number(count) if count is not None and count >= 0 else None for count in people)),
        ComparedRow("Years", tuple(words.years(*one) if one[0] is not None or one[1] is not None else None for one in covered)),
        ComparedRow("Ages", tuple(map(ages, records))),
        ComparedRow("Where it is analysed", tuple(plain(use.where_analysed) or None for use in uses)),
        ComparedRow("Lead time", tuple(plain(use.lead_time) or None for use in uses)),
        ComparedRow("Columns", tuple(words.number(count) if (count := column_count(record)) else None for record in records)),
    ]


def _listed(values: Sequence[str]) -> str | None:
    return "; ".join(map(plain, values)) or None
