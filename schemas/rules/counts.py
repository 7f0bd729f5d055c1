"""Rules about ages, numbers of people, observations and demographic counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from schemas.rules.rule import Flaw, Rule, Subject

COVERAGE: Final = "/coverage/typicalAgeRange"
POPULATION: Final = "/summary/populationSize"
WHOLE_LIFE: Final = "All ages are written as 0 and 150."


def _age_limits(subject: Subject) -> Iterator[Flaw]:
    coverage = subject.record.coverage
    for name, age in (("Min", coverage.typical_age_range_min), ("Max", coverage.typical_age_range_max)):
        if age is not None and not 0 <= age <= 150:
            yield Flaw(f"{COVERAGE}{name}", f"{age} is not an age in years.", "Give whole years from 0 to 150.", age)


def _age_order(subject: Subject) -> Iterator[Flaw]:
    least, most = subject.record.coverage.typical_age_range_min, subject.record.coverage.typical_age_range_max
    if least is not None and most is not None and least > most:
        yield Flaw(f"{COVERAGE}Min", f"The lowest age {least} is above the highest age {most}.", "Swap the two ages.", least)


def _ages_that_say_little(subject: Subject) -> Iterator[Flaw]:
    least, most = subject.record.coverage.typical_age_range_min, subject.record.coverage.typical_age_range_max
    if least == most == 0:
        yield Flaw(f"{COVERAGE}Max", "Both ages are 0, so only newborn children would be in the data.", WHOLE_LIFE, most)
    elif (least is None) != (most is None):
        missing = "Min" if least is None else "Max"
        said = "lowest" if least is None else "highest"
        yield Flaw(f"{COVERAGE}{missing}", f"The {said} age is not given.", f"Give both ages. {WHOLE_LIFE}", severity="advice")


def _population(subject: Subject) -> Iterator[Flaw]:
    size = subject.record.summary.population_size
    if size is None:
        return
    if size < -1:
        yield Flaw(POPULATION, f"{size} is not a number of people.", "Give the number of distinct people, or -1 where it is not reported.", size)
    elif size == -1:
        yield Flaw(POPULATION, "The number of people is not reported (-1).", "Give a number: researchers look for the size first.", size, "advice")
    elif size == 0:
        yield Flaw(POPULATION, "The record says that no people are in the data.", "Give the number of distinct people.", size, "warning")


def _population_against_observations(subject: Subject) -> Iterator[Flaw]:
    size = subject.record.summary.population_size
    persons = [
        one for one in subject.record.observations or ()
        if one.observed_node == "Persons" and one.measured_value is not None and not one.disambiguating_description
    ]  # fmt: skip
    if not persons or size is None or size < 1:
        return
    latest = max(persons, key=lambda one: one.observation_date or "")
    if latest.measured_value is not None and abs(latest.measured_value - size) > size / 10:
        yield Flaw(
            POPULATION, f"The number of people is {size:,}, yet the latest count of people is {latest.measured_value:,}.",
            "Mend one of the two, or say in the observation what sets its count apart.", size,
        )


def _negative_counts(subject: Subject) -> Iterator[Flaw]:
    for path, count in _counts(subject):
        if count is not None and count < 0:
            yield Flaw(path, f"{count} is not a count.", "Give zero or a whole number above it; leave it out where it is not known.", count)


def _counts(subject: Subject) -> Iterator[tuple[str, int | None]]:
    record = subject.record
    for number, observation in enumerate(record.observations or ()):
        yield f"/observations/{number}/measuredValue", observation.measured_value
    for name in ("age", "ethnicity", "disease"):
        for number, group in enumerate(getattr(record.demographic_frequency, name) or ()):
            yield f"/demographicFrequency/{name}/{number}/count", group.count
    for path, column in subject.columns:
        for number, value in enumerate(column.values or ()):
            yield f"{path}/values/{number}/frequency", value.frequency


def _contradicting_observations(subject: Subject) -> Iterator[Flaw]:
    seen: dict[tuple[Any, ...], int | None] = {}
    for number, one in enumerate(subject.record.observations or ()):
        key = (one.observed_node, repr(one.measured_property), one.observation_date, one.disambiguating_description)
        path, value = f"/observations/{number}/measuredValue", one.measured_value
        if key in seen and seen[key] != value:
            yield Flaw(path, f"An earlier observation of the same day says {seen[key]} instead of {value}.", "Remove one of them.", value)
        elif key in seen:
            yield Flaw(path, "This observation stands twice.", "Remove one of them.", value, "advice")
        seen.setdefault(key, value)


def _no_observation(subject: Subject) -> Iterator[Flaw]:
    if not subject.record.observations:
        yield Flaw("/observations", "The record counts nothing.", "Give at least the number of persons, with the day on which it was counted.")


def _groups_against_population(subject: Subject) -> Iterator[Flaw]:
    size = subject.record.summary.population_size
    for name, said in (("age", "age groups"), ("ethnicity", "ethnic groups")):
        groups = getattr(subject.record.demographic_frequency, name) or ()
        total = sum(group.count or 0 for group in groups)
        if size is not None and size > 0 and total > size * 1.01:
            yield Flaw(
                f"/demographicFrequency/{name}", f"The {said} add up to {total:,}, more than the {size:,} people of the dataset.",
                "Mend the counts or the number of people.", total,
            )


def _repeated_bins(subject: Subject) -> Iterator[Flaw]:
    demographics = subject.record.demographic_frequency
    bins: tuple[tuple[str, str, Iterable[Any]], ...] = (
        ("age", "bin", [group.bin for group in demographics.age or ()]), ("ethnicity", "bin", [group.bin for group in demographics.ethnicity or ()]),
        ("disease", "diseaseCode", [(group.disease_code_vocabulary, group.disease_code) for group in demographics.disease or ()]),
    )  # fmt: skip
    for name, key, names in bins:
        seen: Counter[Any] = Counter()
        for number, one in enumerate(names):
            seen[one] += 1
            if seen[one] == 2:
                shown = one[1] if isinstance(one, tuple) else one
                yield Flaw(f"/demographicFrequency/{name}/{number}/{key}", f"{shown} is counted twice.", "Give one count for each.", shown)


def _counts_outside_ages(subject: Subject) -> Iterator[Flaw]:
    least, most = subject.record.coverage.typical_age_range_min, subject.record.coverage.typical_age_range_max
    for number, group in enumerate(subject.record.demographic_frequency.age or ()):
        first, last = _years(group.bin or "")
        is_outside = first is not None and ((least is not None and last < least) or (most is not None and first > most))
        if group.count and is_outside:
            yield Flaw(
                f"/demographicFrequency/age/{number}/count", f"{group.count} people of {group.bin} are counted, outside the age range of the dataset.",
                "Mend the age range or the count.", group.count,
            )


def _years(group: str) -> tuple[float | None, float]:
    """``5-9 years`` -> 5 to 9; groups of days and months are within the first year."""
    if group.endswith(("days", "months")):
        return 0, 0
    found = re.fullmatch(r"([0-9]{1,3})(?:-([0-9]{1,3})|\+) years", group, re.ASCII)
    if found is None:
        return None, 0
    return int(found[1]), int(found[2]) if found[2] else 150


def _diseases_above_population(subject: Subject) -> Iterator[Flaw]:
    size = subject.record.summary.population_size
    for number, group in enumerate(subject.record.demographic_frequency.disease or ()):
        if size is not None and size > 0 and group.count is not None and group.count > size:
            yield Flaw(
                f"/demographicFrequency/disease/{number}/count", f"{group.count:,} people have {group.disease_code}, but only {size:,} are in the dataset.",
                "Mend the count or the number of people.", group.count,
            )


def _small_counts(subject: Subject) -> Iterator[Flaw]:
    for path, count in _counts(subject):
        if count is not None and 1 <= count <= 4 and "/observations/" not in path:
            yield Flaw(path, f"A count of {count} may disclose who the people are.", "Give it as a rounded number, or leave the group out.", count)


RULES: Final = (
    Rule("XFD-09", "error", _age_limits), Rule("XFD-10", "error", _age_order), Rule("XFD-11", "warning", _ages_that_say_little),
    Rule("XFD-12", "error", _population), Rule("XFD-13", "warning", _population_against_observations),
    Rule("XFD-14", "error", _negative_counts), Rule("XFD-16", "warning", _contradicting_observations),
    Rule("XFD-17", "advice", _no_observation), Rule("XFD-18", "warning", _groups_against_population),
    Rule("XFD-19", "error", _repeated_bins), Rule("XFD-20", "warning", _counts_outside_ages),
    Rule("XFD-21", "warning", _diseases_above_population), Rule("PRV-04", "warning", _small_counts),
)  # fmt: skip
