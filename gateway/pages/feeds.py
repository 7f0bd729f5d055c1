"""What is new in a search, as an Atom feed; the description by which browsers add this search; and suggestions for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress, dataset_path
from frontend.column_addresses import ColumnAddress
from frontend.custodian_text import excerpt, plain
from frontend.words import counted
from gateway.api.asking import Serving
from gateway.catalogue.published import Catalogue, Published
from gateway.catalogue.searching import datasets_with_columns, query_of
from gateway.pages.limited import SEARCHING
from gateway.web.answers import answer
from gateway.wiring import Services
from schemas.words import field_name

router = APIRouter()
ENTRIES: Final = 50
FIELDS_NAMED: Final = 3
ATOM: Final = "application/atom+xml; charset=utf-8"
DESCRIPTION: Final = "application/opensearchdescription+xml; charset=utf-8"
SUGGESTIONS: Final = "application/x-suggestions+json"
_ATOM_NAMES: Final = "http://www.w3.org/2005/Atom"
_SEARCH_NAMES: Final = "http://a9.com/-/spec/opensearch/1.1/"
_NOTHING_YET: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORBIDDEN: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""Characters that no XML document may hold."""


@router.get("/search.atom", dependencies=SEARCHING)
def new_in_search(request: Request, services: Serving) -> Response:
    """The datasets of the search that changed last, with what changed of each."""
    address = SearchAddress.read(request.query_params.multi_items()).on_page(1)
    return _answer(request, services, address, newest_in(services.catalogue, address))


@router.get("/columns.atom", dependencies=SEARCHING)
def new_in_columns(request: Request, services: Serving) -> Response:
    """The datasets with columns of the search that changed last, with what changed of each."""
    address = ColumnAddress.read(request.query_params.multi_items()).on_page(1)
    return _answer(request, services, address, newest_in(services.catalogue, address))


def newest_in(catalogue: Catalogue, address: SearchAddress | ColumnAddress) -> list[Published]:
    """The datasets of the search that changed last, newest first."""
    if isinstance(address, ColumnAddress):
        return catalogue.newest(datasets_with_columns(catalogue, address), ENTRIES)
    query = replace(query_of(catalogue, address), sort="updated", facets=(), highlight=False, offset=0, limit=ENTRIES)
    return catalogue.get_many(hit.id for hit in catalogue.search(query).hits)


@router.get("/opensearch.xml")
def description(request: Request, services: Serving) -> Response:
    base, name = services.settings.resolved_public_url, services.settings.service_name
    root = ET.Element("OpenSearchDescription", xmlns=_SEARCH_NAMES)
    for tag, text in (("ShortName", name[:16]), ("LongName", name[:48]), ("Description", "Search descriptions of health datasets"), ("InputEncoding", "UTF-8")):
        _add(root, tag, text)
    _add(root, "Url", type="text/html", method="get", template=f"{base}/search?q={{searchTerms}}")
    _add(root, "Url", type="application/atom+xml", template=f"{base}/search.atom?q={{searchTerms}}")
    _add(root, "Url", type=SUGGESTIONS, template=f"{base}/suggest?q={{searchTerms}}")
    return answer(request, _bytes(root), DESCRIPTION)


@router.get("/suggest", dependencies=SEARCHING)
def suggest(request: Request, services: Serving, q: str = "") -> Response:
    """Titles and columns that begin with what was typed, in the form that browsers expect."""
    base = services.settings.resolved_public_url
    found = [item for item in services.catalogue.suggest(q) if item.kind in ("dataset", "variable")]
    addresses = [base + (dataset_path(item.id) if item.id else f"/columns?q={quote(item.text)}") for item in found]
    value = [q, [item.text for item in found], ["Dataset" if item.id else "Column" for item in found], addresses]
    return answer(request, orjson.dumps(value), SUGGESTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a feed says of itself; all but the title are paths."""

    title: str
    id: str
    self_href: str
    page_href: str


def _answer(request: Request, services: Services, address: SearchAddress | ColumnAddress, found: list[Published]) -> Response:
    subject = address.q or "datasets" if isinstance(address, SearchAddress) else f"columns for {address.q or address.name}" if address.q or address.name else "columns"
    title = f"{services.settings.service_name}: {subject}"
    body = feed_of(services, Heading(title=title, id=address.href(), self_href=address.href(".atom"), page_href=address.href()), found)
    return answer(request, body, ATOM, headers={"Last-Modified": format_datetime(_latest(found).astimezone(UTC), usegmt=True)})


def feed_of(services: Services, heading: Heading, found: list[Published]) -> bytes:
    base = services.settings.resolved_public_url
    feed = ET.Element("feed", xmlns=_ATOM_NAMES)
    _add(feed, "title", heading.title)
    _add(feed, "id", base + heading.id)
    _add(feed, "link", rel="self", href=base + heading.self_href)
    _add(feed, "link", rel="alternate", href=base + heading.page_href, type="text/html")
    _add(feed, "updated", _moment(_latest(found)))
    _add(_add(feed, "author"), "name", services.settings.service_name)
    for one in found:
        _entry(feed, base, one)
    return _bytes(feed)


def _latest(found: list[Published]) -> datetime:
    return max((one.row.record.last_changed_at for one in found), default=_NOTHING_YET)


def _entry(feed: ET.Element, base: str, one: Published) -> None:
    record, custodian = one.row.record, one.row.custodian
    entry = _add(feed, "entry")
    _add(entry, "title", plain(record.title) or record.local_id)
    _add(entry, "id", base + dataset_path(record.ref))
    _add(entry, "link", rel="alternate", href=base + dataset_path(record.ref, record.slug))
    _add(entry, "published", _moment(record.first_seen_at))
    _add(entry, "updated", _moment(record.last_changed_at))
    if custodian:
        _add(_add(entry, "author"), "name", custodian.name)
    _add(entry, "summary", f"{what_changed(one)} {excerpt(one.dataset.summary.abstract, 300)}".strip())


def what_changed(one: Published) -> str:
    """A sentence on the newest version."""
    version = one.row.version
    if version.number == 1:
        return "Added to the catalogue."
    names = list(dict.fromkeys(field_name(path) for path in version.changed_paths))
    if not names:
        return "Read again, without a change."
    more = f" and {counted(len(names) - FIELDS_NAMED, 'more field')}" if len(names) > FIELDS_NAMED else ""
    return f"Changed: {', '.join(names[:FIELDS_NAMED])}{more}."


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})
    made.text = None if text is None else _clean(text)
    return made


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().translate(_FORBIDDEN)


def _moment(value: datetime) -> str:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _bytes(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
