"""Views to HTML: ``page(view)``. Undefined names fail, everything is escaped, the static files may be missing."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from frontend import addresses, assets, custodian_text, pictures, source_words, typed_text, words
from frontend.views.layout import PageView
from search.engine import Fragment

STATIC_PREFIX: Final = "/static/"
_DIRECTION_MARKS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "report-uri /csp-report",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-create=(self), publickey-credentials-get=(self), "
    "usb=(), xr-spatial-tracking=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every page is to be answered with; the templates keep to it."""
HTMX_CONFIG: Final = json.dumps(
    {"includeIndicatorCSS": False, "morphIgnore": ["data-htmx-powered", "open"], "noSwap": [204, 304, "5xx", 429]}
)
_BREAKS: Final = re.compile(r"(?<=[_.\-/])(?![_.\-/])|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_log = logging.getLogger(__name__)


def page(view: PageView) -> str:
    """The whole page as HTML. Raises ``jinja2.UndefinedError`` where a template asks for what its view does not hold."""
    return environment().get_template(view.template).render(view=view, layout=view.layout)


def static_folder() -> Path:
    """The folder served under ``/static/``. Its files are named by their content and may be cached for ever; beside each
    stand a ``.br`` and a ``.gz`` twin. The folder is absent until ``make assets`` has run."""
    return assets.BUILT


def asset(name: str) -> str | None:
    """The address of a static file by its logical name (``app.css``); None where the files have not been built."""
    file = _manifest().get(name)
    return f"{STATIC_PREFIX}{file}" if file else None


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    try:
        files = json.loads((static_folder() / "manifest.json").read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        _log.warning("The static files are missing: pages are served without styles. Run: make assets")
        return {}
    return dict(files)


def _site(address: str) -> str:
    """The name of the site that a web address is on."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


def without_direction_marks(value: object) -> object:
    """What a page shows, without the marks that make text be read in another order than it is stored in."""
    if not isinstance(value, str) or value.isascii() or not _DIRECTION_MARKS.search(value):
        return value
    plain = _DIRECTION_MARKS.sub("", value)
    return Markup(plain) if isinstance(value, Markup) else plain  # noqa: S704  it was marked before, and nothing was added


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The Jinja environment with the filters and functions that templates may use."""
    made = Environment(
        loader=PackageLoader("frontend"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=without_direction_marks,
    )
    made.filters |= {
        "day": words.day,
        "moment": words.moment,
        "number": words.number,
        "rounded": words.rounded,
        "seconds": words.seconds,
        "size": words.size,
        "listed": words.listed,
        "rich": custodian_text.rich,
        "plain": custodian_text.plain,
        "excerpt": custodian_text.excerpt,
        "linked": custodian_text.linked,
        "typed": typed_text.typed,
        "breakable": _breakable,
        "site": _site,
        "marked": _marked,
        "marked_name": _marked_name,
        "or_not_reported": _or_not_reported,
        "data_block": _data_block,
        "drawing": _drawing,
    }
    made.globals |= {
        "asset": asset,
        "words": words,
        "source_words": source_words,
        "words_status": words.status,
        "pictures": pictures,
        "addresses": addresses,
        "htmx_config": HTMX_CONFIG,
        "counted": words.counted,
        "years": words.years,
    }
    return made


def _marked(fragments: Iterable[Fragment]) -> Markup:
    """Pieces of text, the ones that matched in ``<mark>``."""
    pieces = (Markup("<mark>{}</mark>").format(piece.text) if piece.marked else escape(piece.text) for piece in fragments)
    return Markup("").join(pieces)


def _marked_name(fragments: Iterable[Fragment]) -> Markup:
    """A name in its pieces, as :func:`_breakable` and :func:`_marked` write them."""
    pieces = (Markup("<mark>{}</mark>").format(_soft(piece.text)) if piece.marked else _soft(piece.text) for piece in fragments)
    return Markup("").join(pieces)


def _breakable(name: str | None) -> Markup:
    """The name of a column or table, which may break after an underscore, point or hyphen and before an inner capital: nowhere else."""
    return _soft(custodian_text.plain(name))


def _soft(name: str) -> Markup:
    return Markup("<wbr>").join(_BREAKS.split(name))


def _or_not_reported(value: object) -> Markup:
    """The value, or the words for its absence, set apart quietly."""
    if value in (None, "", (), words.NOT_REPORTED):
        return Markup('<span class="app-unsaid">{}</span>').format(words.NOT_REPORTED)
    return escape(words.listed(value) if isinstance(value, tuple) else value)


def _data_block(document: str) -> Markup:
    """JSON for a ``<script type="application/ld+json">``: cannot end the element."""
    return Markup(document.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704  escaped for JSON in HTML


def _drawing(svg: str) -> Markup:
    """An SVG that this service drew itself. Anything else in place of one is shown as text."""
    is_plain = svg.startswith("<svg ") and "<script" not in svg and "style=" not in svg
    return Markup(svg) if is_plain else escape(svg)  # noqa: S704  drawn by segno from our own text
