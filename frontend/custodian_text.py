"""Custodians' own text, made safe and readable.

Descriptions arrive as plain text, Markdown, HTML, or HTML whose entities were escaped twice. Long texts keep paragraphs,
lists, emphasis and links and lose everything else; short ones lose all mark-up. Links are http, https or mailto only.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

TAGS: Final = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "a", "sub", "sup", "blockquote", "code", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
SCHEMES: Final = {"http", "https", "mailto"}
_TAG: Final = re.compile(r"</?(?:p|br|ul|ol|li|strong|b|em|i|u|a|div|span|h[1-6]|table|tr|td|th|sup|sub|font|img|script|style)\b[^>]*>", re.I)
_HEADING_START: Final = re.compile(r"<h[1-6][^>]*>", re.I)
_HEADING_END: Final = re.compile(r"</h[1-6]\s*>", re.I)
_DROPPED_WHOLE: Final = {"script", "style", "template", "noscript", "iframe"}
_ADDRESS: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_DEAD_LINK: Final = re.compile(r"<a(?! href=)[^>]*>(.*?)</a>", re.S)
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")


def rich(text: str | None) -> Markup:
    """Safe HTML for a long text: only paragraphs, lists, emphasis, tables and links, no attributes but ``href``."""
    if not text or not text.strip():
        return Markup("")
    decoded = _decoded(text)
    html = decoded if _TAG.search(decoded) else _MARKDOWN.render(_unindented(decoded))
    html = _HEADING_END.sub("</strong></p>", _HEADING_START.sub("<p><strong>", html))
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )
    cleaned = _DEAD_LINK.sub(r"\1", cleaned)
    return Markup(cleaned if re.search(r"<(?:p|ul|ol|table|blockquote)\b", cleaned) else f"<p>{cleaned}</p>")  # noqa: S704  nh3 made it safe


def plain(text: str | None) -> str:
    """One line without mark-up, entities decoded: for titles, names, cells and summaries."""
    if not text:
        return ""
    decoded = _decoded(text)
    if _TAG.search(decoded):
        spaced = _TAG.sub(lambda tag: f" {tag[0]}", decoded)
        decoded = unescape(nh3.clean(spaced, tags=set(), clean_content_tags=_DROPPED_WHOLE))
    return " ".join(decoded.split())


def excerpt(text: str | None, characters: int) -> str:
    """:func:`plain`, cut at a word with an ellipsis."""
    line = plain(text)
    return line if len(line) <= characters else line[:characters].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"


def safe_address(value: str | None) -> str | None:
    """The value as a target of a link: http(s) or mailto; a bare e-mail address becomes mailto. Else None."""
    candidate = (value or "").strip()
    if _ADDRESS.fullmatch(candidate.removeprefix("mailto:")):
        return f"mailto:{candidate.removeprefix('mailto:')}"
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"[\s<>\"']", candidate)
    return candidate if is_web else None


def linked(value: str | None) -> Markup:
    """The value as escaped text, as a link where it is an address."""
    line = plain(value)
    target = safe_address(line)
    if target is None:
        return escape(line)
    return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(target, line.removeprefix("mailto:"))


def _decoded(text: str) -> str:
    for _ in range(3):
        decoded = unescape(text)
        if decoded == text:
            break
        text = decoded
    return text.replace("\x00", "").replace("\r\n", "\n")


def _unindented(text: str) -> str:
    """Indentation in pasted text is an accident, not a code block."""
    return "\n".join(line.strip() for line in text.split("\n"))
