"""``/uses``: the data use register for people, and its twins for programs, spreadsheets and feed readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from lxml import etree

from frontend.addresses import dataset_path
from frontend.views import Link, Twin, UseBlock, UseLine, UsesView, UseView
from frontend.views.paging import paging
from frontend.words import PATIENT_DATA_ACKNOWLEDGEMENT, PATIENT_DATA_CREDIT
from gateway.access.register import HEADINGS
from gateway.api.asking import Serving
from gateway.pages.showing import layout, show
from gateway.pages.tables import csv_lines, csv_name
from gateway.store import custodians, requests, uses
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
SHOWN_ABOVE: Final = frozenset({"Project title", "Lay summary", "Public benefit statement", "Dataset(s) name"})
OWN_COLUMNS: Final = ("Gateway ID", "Custodian", "Status", "Acknowledgement")
Words = Annotated[str, Query(max_length=200)]
Name = Annotated[str, Query(max_length=100)]


def wanted(q: Words = "", custodian: Name = "", dataset: Name = "", year: Name = "", status: Name = "") -> Wanted:
    """What the address asks for; a year that is none narrows nothing."""
    return Wanted(text=q, custodian=custodian, dataset=dataset, year=int(year) if year.isdecimal() and len(year) == 4 else None, status=status)


@router.get("/uses")
def register(
    request: Request, services: Serving, q: Words = "", custodian: Name = "", dataset: Name = "", year: Name = "", status: Name = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    asked = wanted(q, custodian, dataset, year, status)
    with services.store.reading() as session:
        total = uses.count(session, asked)
        rows = uses.listing(session, asked, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
        years = tuple(uses.years(session))
        places = tuple((card.custodian.slug, card.custodian.name) for card in custodians.directory(session))
    chosen = {name: value for name, value in {"q": q, "custodian": custodian, "dataset": dataset, "year": year, "status": status}.items() if value}
    view = UsesView(
        layout=layout(request, services, twins=_twins("/uses", chosen)), lines=tuple(_line(row) for row in rows), total=total,
        is_narrowed=bool(chosen), q=q, custodian=custodian, year=year, use_status=status, custodians=places, years=years,
        paging=paging(page, -(-total // PER_PAGE), lambda number: f"/uses?{urlencode({**chosen, 'page': number})}"),
    )
    return show(request, view)


@router.get("/uses.json")
def as_json(request: Request, services: Serving, q: Words = "", custodian: Name = "", dataset: Name = "", year: Name = "", status: Name = "") -> Response:
    with services.store.reading() as session:
        found = [document(services, row) for row in uses.every(session, wanted(q, custodian, dataset, year, status))]
    return answer(request, orjson.dumps({"total": len(found), "uses": found}), "application/json")


@router.get("/uses.csv")
def as_csv(request: Request, services: Serving, q: Words = "", custodian: Name = "", dataset: Name = "", year: Name = "", status: Name = "") -> Response:
    """The 32 columns of the standard in their order, then ours."""
    with services.store.reading() as session:
        lines = [
            [*(row.use.values.get(heading, "") for heading in HEADINGS), row.use.public_id, row.custodian.name if row.custodian else "",
             row.use.status, PATIENT_DATA_ACKNOWLEDGEMENT]
            for row in uses.every(session, wanted(q, custodian, dataset, year, status))
        ]
    headers = {"Content-Disposition": f'attachment; filename="{csv_name(services, "uses")}"'}
    return answer(request, csv_lines([[*HEADINGS, *OWN_COLUMNS], *lines]).encode(), "text/csv; charset=utf-8", headers=headers)


@router.get("/uses.atom")
def as_feed(request: Request, services: Serving, q: Words = "", custodian: Name = "", dataset: Name = "", year: Name = "", status: Name = "") -> Response:
    with services.store.reading() as session:
        rows = uses.listing(session, wanted(q, custodian, dataset, year, status), limit=IN_FEED)
    return answer(request, _feed(services, request, rows), "application/atom+xml")


@router.get("/uses/{public_id}.json")
def use_as_json(request: Request, services: Serving, public_id: str) -> Response:
    with services.store.reading() as session:
        row = uses.by_public_id(session, public_id)
    return answer(request, orjson.dumps(document(services, row)), "application/json")


@router.get("/uses/{public_id}")
def use(request: Request, services: Serving, public_id: str) -> Response:
    with services.store.reading() as session:
        row = uses.by_public_id(session, public_id)
        titles = requests.known_titles(session, row.use.dataset_refs)
    values = row.use.values
    view = UseView(
        layout=layout(request, services, twins=(Twin("JSON", f"/uses/{public_id}.json", "application/json"),)),
        project_title=values["Project title"], organisation=values["Lead applicant organisation name"], summary=values["Lay summary"],
        benefit=values["Public benefit statement"], use_status=row.use.status, custodian_name=row.custodian.name if row.custodian else None,
        custodian_slug=row.custodian.slug if row.custodian else None,
        datasets=tuple(Link(titles.get(ref, ref), dataset_path(ref)) for ref in row.use.dataset_refs),
        blocks=tuple(
            UseBlock(name=name, values=tuple((heading, values[heading]) for heading in HEADINGS[places] if heading not in SHOWN_ABOVE))
            for name, places in BLOCKS.items()
        ),
        history=tuple((line["at"], line["what"]) for line in row.use.history),
    )
    return show(request, view)


def document(services: Services, row: UseRow) -> dict[str, Any]:
    """An entry for programs."""
    base = services.settings.resolved_public_url
    return {
        "id": row.use.public_id, "url": f"{base}/uses/{row.use.public_id}", "status": row.use.status,
        "custodian": {"slug": row.custodian.slug, "name": row.custodian.name} if row.custodian else None, "fields": row.use.values,
        "datasets": [{"ref": ref, "url": f"{base}{dataset_path(ref)}"} for ref in row.use.dataset_refs], "history": row.use.history,
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
