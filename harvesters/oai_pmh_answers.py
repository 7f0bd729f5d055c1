"""Answers of an OAI-PMH repository as this package sees them, and what each of the protocol's errors means here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harvesters.fetch import Fetched
from harvesters.linked_values import content_of as linked_content
from harvesters.linked_values import values as linked_values
from harvesters.parsing import parse
from harvesters.source import Content, FetchRefused, PageUnreadable, SourceError

FORMATS = (
    ("http://www.w3.org/ns/dcat#", "https://www.w3.org/ns/dcat", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://data.europa.eu/r5r/"),
    ("http://datacite.org/schema/kernel", "http://schema.datacite.org/oai/oai-1"),
    ("http://www.openarchives.org/OAI/2.0/oai_dc/",),
)
"""Namespaces of metadata formats that are read here, the richest first; a format's namespace may go on after these."""
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IS_CONFIGURATION = {
    "badVerb": "The repository does not know a verb of the protocol", "noSetHierarchy": "The repository has no sets",
    "cannotDisseminateFormat": "The repository does not give its records in this format",
    "badArgument": "The repository does not take an argument",
}


class ProtocolError(Exception):
    """The repository answered with an error of the protocol. ``code`` is its own, the text what it said."""

    def __init__(self, code: str, said: str, url: str | None) -> None:
        super().__init__(said)
        self.code = code
        self.said = said
        self.url = url

    def as_source_error(self) -> SourceError:
        """What it means for the run where nothing else can be tried."""
        quoted = f"{self.code}: {self.said}".strip(": ")[:300] or "an error without a code"
        if self.code in IS_CONFIGURATION:
            return FetchRefused("wrong-configuration", f"{IS_CONFIGURATION[self.code]} ({quoted}).", url=self.url)
        if self.code == "badResumptionToken":
            return PageUnreadable("bad-token", f"The repository refused its own resumption token ({quoted}).", url=self.url)
        return PageUnreadable("request-refused", f"The repository answered with {quoted}.", url=self.url)


@dataclass(frozen=True, slots=True)
class OaiPage:
    """One answer. ``entries`` are the records, headers or formats in it; ``token`` is empty on the last page."""

    entries: tuple[dict[str, Any], ...]
    token: str
    total: int | None
    response_date: str | None
    said: Mapping[str, str]
    body_hash: str
    warnings: tuple[str, ...]
    is_empty_answer: bool = False


def read_page(answer: Fetched) -> OaiPage:
    """Raises :class:`ProtocolError`, but for ``noRecordsMatch``, which is an empty page; and :class:`PageUnreadable`."""
    parts = _parts(answer)
    head = next(parts)["head"]
    entries = tuple(next(iter(part.values())) for part in parts)
    codes = [error["code"] for error in head["errors"]]
    for error in head["errors"]:
        if error["code"] != "noRecordsMatch":
            raise ProtocolError(error["code"], error["text"], answer.url)
    total = head["total"] or ""
    return OaiPage(
        entries, head["token"], int(total) if total.isdigit() and len(total) < 16 else None, head["responseDate"], head["said"],
        answer.body_hash, tuple(head["warnings"]), is_empty_answer="noRecordsMatch" in codes,
    )


def _parts(answer: Fetched) -> Iterator[dict[str, Any]]:
    try:
        yield from parse("oai-pmh", answer.body, charset=answer.charset)
    except PageUnreadable as failure:
        if failure.reason in ("html-instead-of-data", "empty-answer"):
            failure.message = f"{failure.message} This is not an OAI-PMH endpoint."
        failure.args, failure.url = (failure.message,), answer.url
        raise


def formats_of(page: OaiPage) -> list[str]:
    """The prefixes of the formats that are read here, the richest first."""
    found = []
    for namespaces in FORMATS:
        for entry in page.entries:
            namespace, prefix = entry.get("metadataNamespace", ""), entry.get("metadataPrefix", "")
            if prefix and namespace.startswith(namespaces):
                found.append(prefix)
    return list(dict.fromkeys(found))


def is_dataset(types: list[str]) -> bool:
    """Whether a record that names its types is a dataset; one that names none is not known to be."""
    return any("dataset" in text.lower().replace(" ", "") or text.lower() == "collection" for text in types)


def content_of(entry: dict[str, Any], url: str) -> Content:
    """The metadata of a record as they came; of linked data, the graph of the dataset in them. Raises :class:`PageUnreadable`."""
    if entry.get("namespace") == RDF:
        return _of_linked_data(entry, url)
    return Content(entry["xml"].encode(), media_type="application/xml", charset="utf-8", url=url, locator=str(entry["identifier"])[:1000])


def as_answer(refused: FetchRefused) -> Fetched:
    """Errors of the protocol often come with a status of their own (422, 400, 404)."""
    return Fetched(
        status=422, body=refused.answer, media_type="text/xml", charset=None, url=refused.url or "", etag=None, last_modified=None,
        body_hash=hashlib.sha256(refused.answer).hexdigest(),
    )


def _of_linked_data(entry: dict[str, Any], url: str) -> Content:
    answer = Fetched(
        status=200, body=entry["xml"].encode(), media_type="application/rdf+xml", charset="utf-8", url=url, etag=None, last_modified=None, body_hash="",
    )  # fmt: skip
    _, found = linked_values(answer, configured="rdfxml")
    datasets = [one.dataset for one in found if one.dataset is not None]
    if len(datasets) != 1:
        raise PageUnreadable("no-dataset", f"The record {str(entry['identifier'])[:200]} describes {len(datasets)} datasets; one is due.")
    return linked_content(datasets[0], answer)
