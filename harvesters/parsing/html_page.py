"""A web page -> the datasets described in it: JSON-LD scripts and microdata. Scripts are never run.

Yields one ``{"page": ...}`` with the page's canonical address, links to the same in RDF, and what was wrong with single
scripts, then ``{"dataset": ...}`` for each dataset.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin

from lxml import html as parser
from lxml.etree import ParserError, XMLSyntaxError

from harvesters.parsing.document import Document, Unparsable
from harvesters.parsing.json_value import json_value
from harvesters.parsing.linked_json import schema_org_values
from harvesters.parsing.microdata import items
from harvesters.parsing.utf8 import as_utf8

SIZE_LIMIT_BYTES: Final = 5 * 1024 * 1024
SCRIPTS_AT_MOST: Final = 100
SCRIPT_LIMIT: Final = 5 * 1024 * 1024
WRAPPERS: Final = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)\s*|\s*(?://\s*)?(?:-->|/\*\s*\]\]>\s*\*/|\]\]>)\s*\Z")
ENTITY: Final = re.compile(r"&(?:quot|amp|lt|gt|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")
META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
SHELL_TEXT: Final = 200
"""A page with less visible text than this, but with scripts, is filled in by them."""


def datasets(document: Document, *, base: str, charset: str | None = None) -> Iterator[dict[str, Any]]:
    if document.size_bytes > SIZE_LIMIT_BYTES:
        raise Unparsable("too-large", f"The page is larger than {SIZE_LIMIT_BYTES:,} bytes.")
    root = _root(document, charset)
    problems: list[list[str]] = []
    values = [*_scripts(root, problems), *items(root, base)]
    found = list(_datasets(values, base))
    yield {"page": {
        "canonical": _canonical(root, base), "alternates": list(_alternates(root, base)), "problems": problems,
        "needs_scripts": not found and _is_shell(root), "warnings": [], "next": [], "total": None, "series": 0,
        "is_catalogue": any(value["page"]["is_catalogue"] for value in found if "page" in value),
    }}  # fmt: skip
    yield from (value for value in found if "dataset" in value)


def _datasets(values: list[Any], base: str) -> Iterator[dict[str, Any]]:
    met: set[str] = set()
    for value in values:
        for found in schema_org_values(value, base, []):
            address = found["dataset"]["iri"] if "dataset" in found else None
            if address is None or address not in met:
                yield found
            met |= {address} if address else set()


def _root(document: Document, charset: str | None) -> Any:
    body = document.read()
    named = META_CHARSET.search(body[:4096])
    written = as_utf8(document, charset or (named.group(1).decode() if named else None))
    try:
        return parser.fromstring(written.read(), parser=parser.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    except (ParserError, XMLSyntaxError, ValueError):
        raise Unparsable("empty-answer", "The page has no content.") from None


def _scripts(root: Any, problems: list[list[str]]) -> Iterator[Any]:
    found = [one for one in root.iter("script") if str(one.get("type", "")).strip().lower().startswith("application/ld+json")]
    if len(found) > SCRIPTS_AT_MOST:
        problems.append(["too-large", f"The page has more than {SCRIPTS_AT_MOST} scripts with data; the first ones were read."])
    for number, one in enumerate(found[:SCRIPTS_AT_MOST], start=1):
        try:
            yield _script_value(one.text or "")
        except Unparsable as problem:
            problems.append([problem.reason, f"Script {number} (from line {one.sourceline}): {problem.message}"])


def _script_value(script: str) -> Any:
    """Once as it is; where that is no JSON, once more with HTML entities decoded."""
    plain = WRAPPERS.sub("", script.lstrip("\ufeff"))
    if not plain.strip():
        raise Unparsable("empty-answer", "The script is empty.")
    if len(plain) > SCRIPT_LIMIT:
        raise Unparsable("too-large", f"The script is larger than {SCRIPT_LIMIT:,} characters.")
    try:
        return json_value(plain.encode("utf-8", "surrogatepass"), what="script")
    except Unparsable:
        decoded = html.unescape(plain) if ENTITY.search(plain) else plain
        if decoded == plain:
            raise
        try:
            return json_value(decoded.encode("utf-8", "surrogatepass"), what="script")
        except Unparsable:
            pass
        raise


def _canonical(root: Any, base: str) -> str | None:
    for link in root.iter("link"):
        if "canonical" in str(link.get("rel", "")).lower().split() and str(link.get("href", "")).strip():
            return _absolute(base, link.get("href"))
    return None


def _alternates(root: Any, base: str) -> Iterator[list[str]]:
    """Media type and address of other forms of the page."""
    for link in list(root.iter("link"))[:1000]:
        rel, address = str(link.get("rel", "")).lower().split(), _absolute(base, str(link.get("href", "")))
        if {"alternate", "describedby"} & set(rel) and address:
            yield [str(link.get("type", "")).split(";")[0].strip().lower(), address]


def _absolute(base: str, address: str) -> str | None:
    try:
        return urljoin(base, address.strip()) if address.strip() else None
    except ValueError:
        return None


def _is_shell(root: Any) -> bool:
    body = root.find(".//body")
    visible = " ".join(text for one in (body if body is not None else root).iter() if isinstance(one.tag, str) and one.tag not in ("script", "style", "noscript") for text in (one.text or "", one.tail or ""))
    has_scripts = any(not str(one.get("type", "")).lower().startswith("application/ld+json") for one in root.iter("script"))
    return has_scripts and len(" ".join(visible.split())) < SHELL_TEXT
