"""An answer of linked data, read in the parsing process: what its page says, and a record for each dataset on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harvesters.fetched import Fetched
from harvesters.identity import UnusableIdError, local_id
from harvesters.linked_formats import Format, format_of
from harvesters.linked_graph import NTRIPLES
from harvesters.parsing import BIG_FILE, DOCUMENT, parse
from harvesters.parsing.process import MEBIBYTE
from harvesters.source import Content, PageUnreadable, RawRecord

BIG_BYTES = 8 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Page:
    """``following`` are addresses of the next page. ``alternates`` are (media type, address) of other forms of a web page."""

    following: tuple[str, ...] = ()
    total: int | None = None
    warnings: tuple[str, ...] = ()
    is_catalogue: bool = False
    alternates: tuple[tuple[str, str], ...] = ()
    canonical: str | None = None
    problems: tuple[tuple[str, str], ...] = ()
    needs_scripts: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One value of an answer: a dataset, or the address of one (``listed``) or of a ``catalogue`` that is described elsewhere."""

    dataset: dict[str, Any] | None = None
    listed: str | None = None
    catalogue: str | None = None


def values(answer: Fetched, *, configured: Format | None = None) -> tuple[Page, Iterator[Found]]:
    """The page first; datasets come as they are read. Raises :class:`PageUnreadable`, also while they are gone through."""
    found = _parsed(answer, format_in(answer, configured))
    first = next(found, None)
    page = _page(first["page"]) if first is not None else Page()
    return page, (Found(one.get("dataset"), one.get("listed"), one.get("catalogue")) for one in found)


def format_in(answer: Fetched, configured: Format | None = None) -> Format:
    """Raises :class:`PageUnreadable` for an answer in no form that is known."""
    start = answer.start(1024)
    found = format_of(start, media_type=answer.media_type, url=answer.url, configured=configured)
    if not start.strip():
        raise PageUnreadable("empty-answer", "The answer has no content.", url=answer.url)
    if found is None:
        raise PageUnreadable("bad-rdf", f"The answer ({answer.media_type}) is in no form of RDF or JSON that is known.", url=answer.url)
    return found


def _parsed(answer: Fetched, format_: Format) -> Iterator[dict[str, Any]]:
    size = answer.file.stat().st_size if answer.file else len(answer.body)
    limits = BIG_FILE if size > BIG_BYTES else DOCUMENT
    options = {"base": answer.url, "charset": answer.charset}
    if format_ in ("json", "html"):
        return parse("linked-json" if format_ == "json" else "html", answer.whole, limits=limits, **options)
    return parse("rdf", answer.whole, limits=limits, syntax=format_, **options)


def _page(said: dict[str, Any]) -> Page:
    return Page(
        following=tuple(said["next"]), total=said["total"], warnings=tuple(said["warnings"]), is_catalogue=said["is_catalogue"],
        alternates=tuple((kind, address) for kind, address in said.get("alternates", ())), canonical=said.get("canonical"),
        problems=tuple((reason, message) for reason, message in said.get("problems", ())),
        needs_scripts=said.get("needs_scripts", False),
    )


def record(dataset: dict[str, Any], answer: Fetched, *, number: int, identity: str | None = None) -> RawRecord:
    """The record of a dataset that was read. Its identity is its address, else an identifier it states."""
    stated = identity or dataset["iri"] or next(iter(dataset["identifiers"]), None)
    try:
        found = local_id(stated)
    except UnusableIdError as error:
        return RawRecord.unusable("bad-id", f"Dataset {number} of the page: {error}")
    if found is None:
        return RawRecord.unusable("missing-id", f"Dataset {number} of the page has neither an address nor an identifier.")
    content = content_of(dataset, answer)
    hint = f"sha256:{hashlib.sha256(content.body).hexdigest()}"
    return RawRecord(found, read=lambda: content, hint=hint, deleted=dataset.get("is_withdrawn", False))


def content_of(dataset: dict[str, Any], answer: Fetched) -> Content:
    """The part of the answer that is about the dataset: its graph as N-Triples, or its object as JSON-LD."""
    is_graph = "graph" in dataset
    body = dataset["graph"].encode() if is_graph else _json(dataset["json"])
    return Content(
        body=body, media_type=NTRIPLES if is_graph else "application/ld+json", url=answer.url, status=answer.status,
        etag=answer.etag, last_modified=answer.last_modified, locator=dataset["iri"],
    )


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
