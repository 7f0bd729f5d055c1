"""A whole result as a table for spreadsheets (CSV), streamed page by page: it takes the memory of one page, however long it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from gateway.catalogue.searching import Search, every_hit
from gateway.store.custodians import slugify
from gateway.wiring import Services
from schemas.spreadsheet_guard import guarded
from search.engine import Hit, Query

AT_ONCE: Final = 500


def table_of(
    request: Request, services: Services, search: Search, query: Query, *, name: str, header: Sequence[str], row: Callable[[Hit], Sequence[object]]
) -> Response:
    """The header and a row for each hit, in page order. The first page is asked for before the answer begins, so that an index that is
    out of reach is an error and not half a table. ``bom=1`` adds the mark some spreadsheets want."""
    asked = replace(query, facets=(), highlight=False, offset=0, limit=AT_ONCE)
    first = search(asked)
    mark = "\ufeff" if request.query_params.get("bom") == "1" else ""
    lines = (_line(row(hit)) for hit in every_hit(search, asked, first))
    return StreamingResponse(
        _in_pieces(mark + _line(header), lines), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{csv_name(services, name)}"', "Cache-Control": "public, no-cache"},
    )


def csv_name(services: Services, name: str) -> str:
    """Of the file: the service, what it holds, and today."""
    return f"{slugify(services.settings.service_name)}-{name}-{datetime.now(UTC):%Y-%m-%d}.csv"


def csv_lines(lines: Iterable[Sequence[object]]) -> str:
    """A short table at once (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front."""
    return "".join(map(_line, lines))


def _in_pieces(start: str, lines: Iterator[str]) -> Iterator[str]:
    """Not a piece for each line: that costs more than the lines."""
    piece = [start]
    for line in lines:
        piece.append(line)
        if len(piece) == AT_ONCE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def _cell(value: Any) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return guarded(text)


def _line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(map(_cell, cells))
    return out.getvalue()
