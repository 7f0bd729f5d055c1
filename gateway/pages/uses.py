"""``/uses``: the data use register for people, and its twins for programs, spreadsheets and feed readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from lxml import etree

from frontend.addresses import dataset_path
from frontend.views.layout import Link, Twin
from frontend.views.paging import paging
from frontend.views.uses import HeldBackUse, HeldBackView, UseBlock, UseFilter, UseLine, UsesView, UseView
from frontend.words import PATIENT_DATA_ACKNOWLEDGEMENT, PATIENT_DATA_CREDIT, USE_STATES, day
from gateway.access.register import HEADINGS, REPORT_DUE
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.pages.tables import csv_lines, csv_name
from gateway.register.columns import COMMERCIAL, COUNTRIES, DATES, LISTS, NAMES, OWN_COLUMNS, SECTORS
from gateway.store import custodians, requests, uses
from gateway.store.database import utc_now
from gateway.store.uses import UseRow, Wanted
from gateway.web.answers import answer
from gateway.wiring import Services

router = APIRouter()
PER_PAGE: Final = 25
IN_FEED: Final = 50
ATOM: Final = "http://www.w3.org/2005/Atom"
BLOCKS: Final[Mapping[str, slice]] = {
    "Safe people": slice(0, 8), "Safe project": slice(8, 17), "Safe data": slice(17, 28), "Safe setting": slice(28, 31), "Safe outputs": slice(31, 32),
}
"""Which of the 32 fields stand under which of the Five Safes."""
REGISTRY_KEYS: Final[Mapping[str, str]] = {
    "unique_id": "Project ID", "title": "Project title", "lay_summary": "Lay summary", "public_benefit": "Public benefit statement",
    "request_category_type": "Request category type", "technical_summary": "Technical summary", "other_approval_committees": "Other approval committees",
    "start_date": "Project start date", "end_date": "Project end date",
}
"""Keys of a project in the Safe People Registry, and the fields that they hold."""
NOT_PUBLISHED: Final = "Not published"
SHOWN_ABOVE: Final = frozenset({"Project title", "Lay summary", "Public benefit statement", "Dataset(s) name"})
Words = Annotated[str, Query(max_length=200)]
Name = Annotated[str, Query(max_length=100)]


FILTERS: Final = ("q", "custodian", "dataset", "year", "status", "sector", "access", "sensitivity", "commercial")


def wanted(
    q: Words = "", custodian: Name = "", dataset: Name = "", year: Name = "", status: Name = "", sector: Name = "", access: Name = "",
    sensitivity: Name = "", commercial: Name = "",
) -> Wanted:
    """What the address asks for; a year that is none narrows nothing."""
    return Wanted(
        text=q, custodian=custodian, dataset=dataset, year=int(year) if year.isdecimal() and len(year) == 4 else None, status=status, sector=sector,
        access=access, sensitivity=sensitivity, commercial=commercial,
    )


Asked = Annotated[Wanted, Depends(wanted)]


@router.get("/uses")
def register(request: Request, services: Serving, asked: Asked, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    with services.store.reading() as session:
        total = uses.count(session, asked)
        rows = uses.listing(session, asked, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
        years = tuple(uses.years(session))
        waiting = tuple(_held_back(row) for row in uses.held_back(session))
        places = tuple((card.custodian.slug, card.custodian.name) for card in custodians.directory(session))
    chosen = {name: value for name in FILTERS if (value := request.query_params.get(name, ""))}
    view = UsesView(
        layout=layout(request, services, twins=_twins("/uses", chosen)), lines=tuple(_line(row) for row in rows), total=total, chosen=chosen,
        choices=_choices(places, years), held_back=waiting if not chosen else (),
        paging=paging(page, -(-total // PER_PAGE), lambda number: f"/uses?{urlencode({**chosen, 'page': number})}"),
    )
    return show(request, view)


@router.get("/uses.json")
def as_json(request: Request, services: Serving, asked: Asked) -> Response:
    with services.store.reading() as session:
        found = [document(services, row) for row in uses.every(session, asked)]
    return answer(request, orjson.dumps({"total": len(found), "uses": found}), "application/json")


@router.get("/uses.csv")
def as_csv(request: Request, services: Serving, asked: Asked) -> Response:
    """The 32 columns of the standard in their order, then ours."""
    with services.store.reading() as session:
        lines = [
            [*(row.use.values.get(heading, "") for heading in HEADINGS), row.use.public_id, row.custodian.name if row.custodian else "",
             row.use.status, row.use.values.get(COMMERCIAL, ""), row.use.values.get(COUNTRIES, ""), PATIENT_DATA_ACKNOWLEDGEMENT]
            for row in uses.every(session, asked)
        ]
    headers = {"Content-Disposition": f'attachment; filename="{csv_name(services, "uses")}"'}
    return answer(request, csv_lines([[*HEADINGS, *OWN_COLUMNS], *lines]).encode(), "text/csv; charset=utf-8", headers=headers)


@router.get("/uses.atom")
def as_feed(request: Request, services: Serving, asked: Asked) -> Response:
    with services.store.reading() as session:
        rows = uses.listing(session, asked, limit=IN_FEED)
    return answer(request, _feed(services, request, rows), "application/atom+xml")


@router.get("/uses/{public_id}.json")
def use_as_json(request: Request, services: Serving, public_id: str) -> Response:
    with services.store.reading() as session:
        row = uses.by_public_id(session, public_id)
    if _is_held_back(row):
        waiting = _held_back(row)
        raise NotFound(f"This entry is held back until {day(waiting.until)}.", hint=waiting.reason)
    return answer(request, orjson.dumps(document(services, row)), "application/json")


@router.get("/uses/{public_id}")
def use(request: Request, services: Serving, public_id: str) -> Response:
    with services.store.reading() as session:
        row = uses.by_public_id(session, public_id)
        titles = requests.known_titles(session, row.use.dataset_refs)
    if _is_held_back(row):
        waiting = _held_back(row)
        return show(request, HeldBackView(layout=layout(request, services, is_indexable=False), until=waiting.until, reason=waiting.reason, custodian_name=waiting.custodian_name))
    values = row.use.values
    view = UseView(
        layout=layout(request, services, twins=(Twin("JSON", f"/uses/{public_id}.json", "application/json"),)),
        project_title=values["Project title"], organisation=values["Lead applicant organisation name"], summary=values["Lay summary"],
        benefit=values["Public benefit statement"], use_status=row.use.status, custodian_name=row.custodian.name if row.custodian else None,
        custodian_slug=row.custodian.slug if row.custodian else None,
        datasets=tuple(Link(titles.get(ref, ref), dataset_path(ref)) for ref in row.use.dataset_refs),
        blocks=tuple(
            UseBlock(name=name, values=tuple((heading, _shown(heading, values.get(heading, ""))) for heading in HEADINGS[places] if heading not in SHOWN_ABOVE))
            for name, places in BLOCKS.items()
        ),
        history=tuple((line["at"], line["what"]) for line in row.use.history), outputs=tuple(row.use.outputs), report_due=values.get(REPORT_DUE) or None,
        is_report_late=bool(values.get(REPORT_DUE)) and values[REPORT_DUE] < utc_now().date().isoformat(), wrong_href=_wrong_href(row),
    )
    return show(request, view)


def _shown(heading: str, value: str) -> str:
    if heading in DATES and value:
        return day(value)
    return NOT_PUBLISHED if heading in NAMES and not value else value


def _wrong_href(row: UseRow) -> str | None:
    """Where to say that something is wrong: a question to the custodian, which names the entry."""
    if row.custodian is None:
        return None
    about = f"About the entry {row.use.public_id} of the data use register: "
    return f"/questions/new?{urlencode({'custodian': row.custodian.slug, 'question': about})}"


def _is_held_back(row: UseRow) -> bool:
    return row.use.embargo_until is not None and row.use.embargo_until > utc_now()


def _held_back(row: UseRow) -> HeldBackUse:
    assert row.use.embargo_until is not None
    return HeldBackUse(
        href=f"/uses/{row.use.public_id}", custodian_name=row.custodian.name if row.custodian else None, until=row.use.embargo_until.isoformat(),
        reason=row.use.embargo_reason or "",
    )


def _choices(places: tuple[tuple[str, str], ...], years: tuple[int, ...]) -> tuple[UseFilter, ...]:
    """What the list can be narrowed to, in the order of the page."""
    def same(*values: str) -> tuple[tuple[str, str], ...]:
        return tuple((value, value) for value in values)

    found = (
        UseFilter(name="custodian", label="Custodian", options=places), UseFilter(name="year", label="Approved in", options=same(*map(str, years))),
        UseFilter(name="status", label="Access", options=tuple((name, words[0]) for name, words in USE_STATES.items())),
        UseFilter(name="sector", label="Sector", options=same(*SECTORS)),
        UseFilter(name="access", label="Access type", options=(("TRE", "Secure environment"), ("Release", "A copy was released"))),
        UseFilter(name="sensitivity", label="Sensitivity", options=same(*LISTS["Data sensitivity level"])),
        UseFilter(name="commercial", label="Commercial involvement", options=same("Yes", "No")),
    )
    return tuple(one for one in found if one.options)


def document(services: Services, row: UseRow) -> dict[str, Any]:
    """An entry for programs."""
    base = services.settings.resolved_public_url
    return {
        "id": row.use.public_id, "url": f"{base}/uses/{row.use.public_id}", "status": row.use.status,
        "custodian": {"slug": row.custodian.slug, "name": row.custodian.name} if row.custodian else None, "fields": row.use.values,
        "project": {name: row.use.values.get(heading, "") for name, heading in REGISTRY_KEYS.items()},
        "datasets": [{"ref": ref, "url": f"{base}{dataset_path(ref)}"} for ref in row.use.dataset_refs], "history": row.use.history,
        "outputs": row.use.outputs,
        "updated": row.use.updated_at.isoformat(), "acknowledgement": {"text": PATIENT_DATA_ACKNOWLEDGEMENT, "credit": PATIENT_DATA_CREDIT},
    }


def _twins(path: str, chosen: Mapping[str, str]) -> tuple[Twin, ...]:
    query = f"?{urlencode(chosen)}" if chosen else ""
    kinds = (("CSV", ".csv", "text/csv"), ("JSON", ".json", "application/json"), ("Atom feed", ".atom", "application/atom+xml"))
    return tuple(Twin(name, f"{path}{end}{query}", media_type) for name, end, media_type in kinds)


def _line(row: UseRow) -> UseLine:
    values = row.use.values
    return UseLine(
        href=f"/uses/{row.use.public_id}", title=values["Project title"], organisation=values["Lead applicant organisation name"],
        custodian_name=row.custodian.name if row.custodian else None, custodian_slug=row.custodian.slug if row.custodian else None,
        summary=values["Lay summary"], status=row.use.status, approved_at=row.use.approved_at.isoformat(),
    )


def _feed(services: Services, request: Request, rows: list[UseRow]) -> bytes:
    """RFC 4287."""
    base = services.settings.resolved_public_url
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    newest = max((row.use.updated_at for row in rows), default=None)
    _text(feed, "id", f"{base}/uses")
    _text(feed, "title", f"{services.settings.service_name}: data use register")
    _text(feed, "updated", newest.isoformat() if newest else "1970-01-01T00:00:00+00:00")
    etree.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}/uses.atom?{request.url.query}".rstrip("?"))
    _text(etree.SubElement(feed, f"{{{ATOM}}}author"), "name", services.settings.service_name)
    for row in rows:
        item = etree.SubElement(feed, f"{{{ATOM}}}entry")
        address = f"{base}/uses/{row.use.public_id}"
        _text(item, "id", address)
        _text(item, "title", row.use.values["Project title"])
        _text(item, "updated", row.use.updated_at.isoformat())
        etree.SubElement(item, f"{{{ATOM}}}link", href=address)
        _text(item, "summary", row.use.values["Lay summary"])
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="UTF-8"))


def _text(parent: Any, name: str, words: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = words
