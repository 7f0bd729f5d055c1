"""The page with which a web server lists a folder (Apache, IIS, a plain ``<pre>``) -> addresses of what is in it.

Only links to children count: no parent, no link that sorts the listing, nothing on another server or in another folder. Dates
in such pages are written in every way, so they are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html as parser
from lxml.etree import ParserError, XMLSyntaxError

from harvesters.parsing.document import Document, Unparsable, Value

SIZE_LIMIT_BYTES: Final = 5 * 1024 * 1024
LINKS_AT_MOST: Final = 50_000


def children(document: Document, *, base: str, charset: str | None = None) -> Iterator[Value]:
    """``{"address": …, "is_folder": …}`` for each child, once, in the order of the page.

    Raises :class:`Unparsable` (too-large, empty-answer, bad-xml).
    """
    if document.size_bytes > SIZE_LIMIT_BYTES:
        raise Unparsable("too-large", f"The page is larger than {SIZE_LIMIT_BYTES:,} bytes.")
    body = document.read()
    if not body.strip():
        raise Unparsable("empty-answer", "The page has no content.")
    try:
        root = parser.fromstring(body, parser=parser.HTMLParser(encoding=charset, no_network=True, huge_tree=False))
    except (ParserError, XMLSyntaxError, LookupError, ValueError) as problem:
        raise Unparsable("bad-xml", f"The page cannot be read: {str(problem)[:200]}.") from None
    yield from _children(root, base)


def _children(root: parser.HtmlElement, base: str) -> Iterator[Value]:
    folder = base.rpartition("/")[0] + "/" if urlsplit(base).path else f"{base}/"
    met: set[str] = set()
    for link in root.iter("a"):
        address = _child(link.get("href") or "", base, folder)
        if address is None or address in met:
            continue
        met.add(address)
        if len(met) > LINKS_AT_MOST:
            raise Unparsable("too-large", f"The page links to more than {LINKS_AT_MOST:,} files.")
        yield {"address": address, "is_folder": address.endswith("/")}


def _child(href: str, base: str, folder: str) -> str | None:
    """The absolute address of a link that leads to a child of the folder, one step down."""
    try:
        address = urljoin(base, href.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.query or parts.fragment or not address.startswith(folder) or address == folder:
        return None
    rest = address[len(folder) :]
    name = unquote(rest.removesuffix("/"))
    is_step_down = "/" not in rest.removesuffix("/") and name not in (".", "..") and "/" not in name and not name.startswith(".")
    return address if is_step_down else None
