"""``/statistics``: how many requests, what became of them, and how long it took; for everybody and by custodian. And as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import custodian_path
from frontend.views.layout import Link, Twin
from frontend.views.statistics import CustodianFigures, Figure, StatisticsView, TimeFigures
from gateway.access.clock_words import provisional
from gateway.access.published_figures import NOT_KNOWN, published_figures
from gateway.access.statistics import COUNTED, OVERALL, PERIOD, TIMED, Figures
from gateway.access.telling import CLOSINGS
from gateway.api.asking import Serving
from gateway.enquiries.statistics import COUNTED as QUESTIONS
from gateway.enquiries.statistics import KINDS, Asked, question_figures
from gateway.pages.showing import layout, show
from gateway.pages.tables import csv_lines, csv_name
from gateway.store import custodians, enquiries
from gateway.store.database import utc_now
from gateway.web.answers import answer
from gateway.wiring import Services

router = APIRouter()
COUNT_WORDS: Final[Mapping[str, str]] = {
    "submitted": "Sent", "acknowledged": "Receipt confirmed", "decided": "Decided", "approved": "Approved", "declined": "Declined", "withdrawn": "Withdrawn",
    "closed": "Closed without a decision", **{f"closed.{reason}": words.rstrip(".") for reason, words in CLOSINGS.items()},
    "redirected": "Went on in the custodian’s own system",
}
TIME_WORDS: Final[Mapping[str, str]] = {
    "acknowledgement": "From sending to confirmed receipt", "decision": "From sending to the first decision", "access": "From approval to access",
}
QUESTION_WORDS: Final[Mapping[str, str]] = {
    "asked": "Asked", "general": "General questions", "feasibility": "Feasibility questions", "columns": "Questions for a column list",
    "unlisted": "Questions for data that is not listed", "passed_on": "The same, passed on to a custodian", "acknowledged": "Confirmed by the custodian",
    "answered": "Answered", "converted": "Became a request", "closed": "Closed",
}
NOTHING: Final = Figures(counts=dict.fromkeys(COUNTED), times=dict.fromkeys(TIMED))
"""Of a custodian to whom questions alone went."""
HEADER: Final = (
    "custodian", "from", "to", *COUNTED, *(f"{name}_{figure}" for name in TIMED for figure in ("median", "p90", "elapsed_median", "elapsed_p90")),
    *(f"questions_{name}" for name in QUESTIONS),
)


@router.get("/statistics")
def page(request: Request, services: Serving) -> Response:
    now = utc_now()
    found, asked, names = published_figures(services.store, now=now).figures, _asked(services, now), _names(services)
    view = StatisticsView(
        layout=layout(request, services, twins=(Twin("CSV", "/statistics.csv", "text/csv"),)), since=(now - PERIOD).date().isoformat(),
        until=now.date().isoformat(), provisional=provisional(now.date()), counts=count_figures(found[OVERALL]), times=time_figures(found[OVERALL]),
        questions=tuple(
            Figure(words=words, value=asked[OVERALL][name], is_part=name in KINDS) for name, words in QUESTION_WORDS.items()
        ),
        custodians=tuple(
            CustodianFigures(
                custodian=Link(name, custodian_path(slug)), submitted=one.counts["submitted"], decided=one.counts["decided"],
                approved=one.counts["approved"], times=time_figures(one), questions=asked[slug]["asked"] if slug in asked else None,
            )
            for slug, name in names.items() if slug in found or slug in asked for one in (found.get(slug, NOTHING),)
        ),
    )
    return show(request, view)


@router.get("/statistics.csv")
def as_csv(request: Request, services: Serving) -> Response:
    """One line for everybody, then one for each custodian. An empty field is too few to show."""
    now = utc_now()
    found, asked, names = published_figures(services.store, now=now).figures, _asked(services, now), {OVERALL: "All", **_names(services), NOT_KNOWN: "Not known"}
    period = ((now - PERIOD).date().isoformat(), now.date().isoformat())
    lines = [
        (name, *period, *_numbers(found.get(slug, NOTHING)), *_told(asked.get(slug, {}))) for slug, name in names.items() if slug in found or slug in asked
    ]
    headers = {"Content-Disposition": f'attachment; filename="{csv_name(services, "statistics")}"'}
    return answer(request, csv_lines([HEADER, *lines]).encode(), "text/csv; charset=utf-8", headers=headers)


def count_figures(one: Figures) -> tuple[Figure, ...]:
    return tuple(Figure(words=words, value=one.counts[name], is_part=name.startswith("closed.")) for name, words in COUNT_WORDS.items())


def time_figures(one: Figures) -> tuple[TimeFigures, ...]:
    """Of those that are told."""
    return tuple(
        TimeFigures(
            name=name, words=words, parts=times.parts if times else None, median=times.median if times else None, ninetieth=times.ninetieth if times else None,
            elapsed_median=times.elapsed_median if times else None, elapsed_ninetieth=times.elapsed_ninetieth if times else None,
        )
        for name, words in TIME_WORDS.items() for times in (one.times[name],)
    )


def _asked(services: Services, now: datetime) -> dict[str, Mapping[str, int | None]]:
    with services.store.reading() as session:
        rows = enquiries.recent(session, since=now - PERIOD)
        threads = [
            Asked(
                scope=slug or NOT_KNOWN, kind="passed_on" if kind == enquiries.UNLISTED and slug else kind, at=row.created_at, state=row.state, close_reason=row.close_reason,
                is_acknowledged=row.acknowledged_at is not None, is_answered=row.answered_at is not None,
            )
            for row, kind, slug in rows
        ]
    return question_figures(threads, now=now)


def _told(counts: Mapping[str, int | None]) -> list[object]:
    return ["" if counts.get(name) is None else counts[name] for name in QUESTIONS]


def _names(services: Services) -> dict[str, str]:
    with services.store.reading() as session:
        return {card.custodian.slug: card.custodian.name for card in custodians.directory(session)}


def _numbers(one: Figures) -> list[object]:
    times = [one.times[name] for name in TIMED]
    told = [(found.median, found.ninetieth, found.elapsed_median, found.elapsed_ninetieth) if found else ("", "", "", "") for found in times]
    return [*("" if one.counts[name] is None else one.counts[name] for name in COUNTED), *(number for four in told for number in four)]
