"""Rules about dates, frequencies and releases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from schemas.rules.rule import Flaw, Rule, Subject

TEMPORAL: Final = "/provenance/temporal"
# Days between two releases; frequencies without a rhythm are absent.
INTERVALS: Final = {
    "Biennial": 730, "Annual": 365, "Biannual": 183, "Quarterly": 92, "Bimonthly": 61, "Monthly": 31, "Biweekly": 14, "Weekly": 7,
    "Twice a week": 4, "Daily": 1,
}  # fmt: skip
STOCK_DATES: Final = frozenset(("1970-01-01", "1900-01-01", "0001-01-01"))


def day(text: str | None) -> dt.date | None:
    """The day of a date or date-time; None for anything else."""
    try:
        return dt.date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _end_before_start(subject: Subject) -> Iterator[Flaw]:
    temporal = subject.record.provenance.temporal
    start, end = day(temporal.start_date), day(temporal.end_date)
    if start and end and end < start:
        yield Flaw(
            f"{TEMPORAL}/endDate", f"The end date {temporal.end_date} is before the start date {temporal.start_date}.",
            "Swap or mend the two dates.", temporal.end_date,
        )


def _continuous_end(subject: Subject) -> Iterator[Flaw]:
    if subject.record.provenance.temporal.end_date == "CONTINUOUS":
        yield Flaw(
            f"{TEMPORAL}/endDate", "The end date says CONTINUOUS, which is allowed but not recommended.",
            "Leave the end date out while collection goes on.", "CONTINUOUS",
        )


def _end_against_frequency(subject: Subject) -> Iterator[Flaw]:
    temporal = subject.record.provenance.temporal
    end = day(temporal.end_date)
    if temporal.end_date == "CONTINUOUS" and temporal.publishing_frequency == "Static":
        yield Flaw(
            f"{TEMPORAL}/endDate", "Collection goes on, yet the data are said to be static.",
            "Give an end date, or another publishing frequency.", temporal.end_date,
        )
    if temporal.publishing_frequency == "Continuous" and end and end < subject.today:
        yield Flaw(
            f"{TEMPORAL}/endDate", f"The data are said to be published continuously, yet they end on {temporal.end_date}.",
            "Remove the end date, or give another publishing frequency.", temporal.end_date,
        )


def _odd_start(subject: Subject) -> Iterator[Flaw]:
    given = subject.record.provenance.temporal.start_date
    start = day(given)
    if start is None or given is None:
        return
    said = (
        "is in the future" if start > subject.today else "is before 1850" if start.year < 1850
        else "is often a default of software" if given[:10] in STOCK_DATES else None
    )  # fmt: skip
    if said:
        yield Flaw(f"{TEMPORAL}/startDate", f"The start date {given} {said}.", "Give the day on which the period covered begins.", given)


def _late_release(subject: Subject) -> Iterator[Flaw]:
    temporal = subject.record.provenance.temporal
    release, interval = day(temporal.distribution_release_date), INTERVALS.get(temporal.publishing_frequency or "")
    if release and interval and (subject.today - release).days > interval:
        yield Flaw(
            f"{TEMPORAL}/distributionReleaseDate",
            f"The next release was due on {temporal.distribution_release_date}, and another has been due since.",
            "Give the date of the next release.", temporal.distribution_release_date,
        )


def _release_and_frequency(subject: Subject) -> Iterator[Flaw]:
    temporal, path = subject.record.provenance.temporal, f"{TEMPORAL}/distributionReleaseDate"
    frequency, release = temporal.publishing_frequency, temporal.distribution_release_date
    if frequency in INTERVALS and release is None:
        yield Flaw(path, f"The data are published in a rhythm ({frequency}), but no next release is given.", "Give its date, such as 2026-04-01.")
    if frequency in ("Irregular", "Continuous") and release is not None:
        yield Flaw(path, f"A release date is given although publication is {frequency.lower()}.", "Leave it out, or give another frequency.", release)


def _metadata_dates(subject: Subject) -> Iterator[Flaw]:
    issued, modified = day(subject.record.issued), day(subject.record.modified)
    if issued and modified and modified < issued:
        yield Flaw(
            "/modified", f"The record was changed ({subject.record.modified}) before it was issued ({subject.record.issued}).",
            "Swap or mend the two dates.", subject.record.modified,
        )
    for name, found, given in (("issued", issued, subject.record.issued), ("modified", modified, subject.record.modified)):
        if found and found > subject.today + dt.timedelta(days=1):
            yield Flaw(f"/{name}", f"The date {given} is in the future.", "Give the day on which it happened.", given)


def _lag_not_applicable(subject: Subject) -> Iterator[Flaw]:
    temporal = subject.record.provenance.temporal
    if temporal.time_lag == "Not applicable" and temporal.publishing_frequency not in (None, "Static"):
        yield Flaw(
            f"{TEMPORAL}/timeLag", "The time lag is said not to apply, which holds for static data only.",
            "Give the usual delay between an event and its data.", temporal.time_lag,
        )


def _observation_dates(subject: Subject) -> Iterator[Flaw]:
    start = day(subject.record.provenance.temporal.start_date)
    for number, observation in enumerate(subject.record.observations or ()):
        when, given = day(observation.observation_date), observation.observation_date
        said = None if when is None else "in the future" if when > subject.today else "before the data begin" if start and when < start else None
        if said:
            yield Flaw(f"/observations/{number}/observationDate", f"The observation of {given} is {said}.", "Give the day on which it was counted.", given)


RULES: Final = (
    Rule("XFD-01", "error", _end_before_start), Rule("XFD-02", "advice", _continuous_end),
    Rule("XFD-03", "warning", _end_against_frequency, ("today",)), Rule("XFD-04", "warning", _odd_start, ("today",)),
    Rule("XFD-05", "warning", _late_release, ("today",)), Rule("XFD-06", "advice", _release_and_frequency),
    Rule("XFD-07", "error", _metadata_dates, ("today",)), Rule("XFD-08", "advice", _lag_not_applicable),
    Rule("XFD-15", "warning", _observation_dates, ("today",)),
)  # fmt: skip
