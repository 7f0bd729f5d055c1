"""Reading what strangers sent, in a process of its own that can do no harm (harvesters/parsing/confinement.py).

``parse("rdf", body, base=address)`` gives plain values, one after another. Each kind is a function of its own module,
called in the parsing process with the :class:`Document` and the options; it yields plain values and raises
:class:`Unparsable`. To add a kind, write such a function and name it in ``KINDS``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from harvesters.parsing.confinement import missing_limits, say_what_is_not_limited
from harvesters.parsing.document import Document, Unparsable, Value
from harvesters.parsing.pool import shared_pool
from harvesters.parsing.process import BIG_FILE, DOCUMENT, ParseLimits

__all__ = ["BIG_FILE", "DOCUMENT", "KINDS", "Document", "ParseLimits", "Unparsable", "Value", "missing_limits", "parse", "say_what_is_not_limited"]

KINDS: Final[dict[str, str]] = {
    "oai-pmh": "harvesters.parsing.oai_pmh:answer",
    "json-elements": "harvesters.parsing.json_elements:elements",
    "archive": "harvesters.parsing.archive:members",
    "csv": "harvesters.parsing.csv_rows:rows",
    "xlsx": "harvesters.parsing.xlsx_rows:rows",
    "folder-listing": "harvesters.parsing.folder_listing:children",
    "xml-record": "harvesters.parsing.xml_records:record",
    "rdf": "harvesters.parsing.rdf:datasets",
    "triples": "harvesters.parsing.rdf:triples",
    "linked-json": "harvesters.parsing.linked_json:datasets",
    "html": "harvesters.parsing.html_page:datasets",
    "robots": "harvesters.parsing.sitemap:robots",
    "sitemap": "harvesters.parsing.sitemap:entries",
}
"""Kind of document -> ``module:function``. The module is imported in the parsing process only."""


def parse(kind: str, body: bytes | Path, *, limits: ParseLimits = DOCUMENT, **options: Any) -> Iterator[Value]:
    """The values of a document of that kind, as they are read; options are plain values too.

    Raises :class:`harvesters.source.PageUnreadable` with the reason that the function gave, or ``parser-killed`` where
    reading it took too long, too much memory, or ended the process.
    """
    return shared_pool().parse(KINDS[kind], body, options=options, limits=limits)
