"""The records in a file, by what its ending says it is. A bad line, row or element is a value; only a bad file raises.

``.json`` is one document, a list of them, or an object with a list under ``items``, ``datasets``, ``dataset`` or ``data``; ``.jsonl`` and
``.ndjson`` hold one a line; ``.csv`` and ``.xlsx`` are filled-in templates; ``.xml`` is a DataCite or Dublin Core record or an answer of
an OAI-PMH repository; ``.ttl``, ``.nt``, ``.rdf`` and ``.jsonld`` are linked data; ``.zip`` holds any of these.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from harvesters.fetched import Fetched
from harvesters.folder import LINES, LINKED, SHEETS, FoundFile
from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.linked_formats import SUFFIXES as LINKED_FORMATS
from harvesters.linked_values import record as linked_record
from harvesters.linked_values import values as linked_values
from harvesters.parsing import BIG_FILE, parse
from harvesters.scan_reports import with_scan
from harvesters.source import Content, PageUnreadable, RawRecord
from harvesters.unpacking import unpacked
from harvesters.workbooks import filled_templates, with_tables
from schemas import translate
from schemas.findings import Finding

LIST_FIELDS = ("items", "datasets", "dataset", "data")
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_FILE_BYTES = 1024 * 1024 * 1024
PROBLEMS = {"outside-folder": "is a link that leads out of the folder", "file-changing": "was being written"}
STREAMED_BYTES = 8 * 1024 * 1024
"""A list in a longer JSON file is read element by element."""


def records_of(file: FoundFile, *, charset: str | None = None) -> Iterator[RawRecord]:
    """Raises :class:`PageUnreadable`, and ``OSError`` for a file that cannot be opened."""
    if file.problem is not None:
        yield RawRecord.unusable(file.problem, f"{file.name} {PROBLEMS.get(file.problem, 'cannot be read')}.")
    elif file.size_bytes > MAX_FILE_BYTES:
        raise PageUnreadable("too-large", f"It is larger than {MAX_FILE_BYTES // 2**20:,} MiB.")
    elif file.suffix in LINES:
        yield from _read_lines(file)
    elif file.suffix in SHEETS or file.suffix == ".csv":
        yield from _read_template(file, charset)
    elif file.suffix == ".zip":
        yield from _read_archive(file, charset)
    elif file.suffix == ".xml":
        yield from _read_xml(file)
    elif file.suffix in LINKED:
        yield from _read_linked(file)
    elif file.size_bytes > STREAMED_BYTES and file.tables is None and file.scan is None:
        yield from _read_long_list(file)
    else:
        yield from _read_document(file)


def _read_long_list(file: FoundFile) -> Iterator[RawRecord]:
    number = 0
    try:
        for number, value in enumerate(parse("json-elements", file.path, limits=BIG_FILE, members=list(LIST_FIELDS)), start=1):
            if "element" in value:
                yield _slice(value["element"], file, f"{file.name}, element {number}")
            else:
                yield from _read_document(file)
    except PageUnreadable:
        if number or file.size_bytes > MAX_DOCUMENT_BYTES:
            raise
        yield from _read_document(file)  # In another encoding than UTF-8, say.


def _read_document(file: FoundFile) -> Iterator[RawRecord]:
    """One record for a file that is one document: its bytes as they are. Elements of a list are written anew, one by one,
    as compact JSON with the order of their members kept; that is what their ``Content`` then holds."""
    if file.size_bytes > MAX_DOCUMENT_BYTES:
        raise PageUnreadable("too-large", f"It is larger than {MAX_DOCUMENT_BYTES:,} bytes; lines (.jsonl) may be used.")
    body = file.path.read_bytes()
    document = read_json(body)
    listed = _list_in(document)
    if listed is None and (file.tables is not None or file.scan is not None):
        yield _with_what_is_beside(document, file)
        return
    if listed is None:
        yield _record(document, Content(body, locator=file.name), hint=file.stamp)
        return
    for number, element in enumerate(listed, start=1):
        yield _slice(element, file, f"{file.name}, element {number}")


def _with_what_is_beside(document: Any, file: FoundFile) -> RawRecord:
    findings: tuple[Finding, ...] = ()
    if file.tables is not None:
        document, findings = with_tables(document, file.tables)
    if file.scan is not None:
        document, told = with_scan(document, file.scan)
        findings += told
    return replace(_slice(document, file, file.name), findings=findings)


def _slice(document: Any, file: FoundFile, locator: str, *, known_as: str | None = None) -> RawRecord:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return _record(document, Content(body, locator=locator), hint=_hint(file, body), known_as=known_as)


def _read_lines(file: FoundFile) -> Iterator[RawRecord]:
    with file.path.open("rb") as lines:
        number = 0
        while line := lines.readline(MAX_DOCUMENT_BYTES + 1):
            number += 1
            if len(line) > MAX_DOCUMENT_BYTES:
                raise PageUnreadable("too-large", f"Line {number} is larger than {MAX_DOCUMENT_BYTES:,} bytes.")
            if line.strip():
                yield _line(file, line.rstrip(b"\r\n"), number)


def _line(file: FoundFile, line: bytes, number: int) -> RawRecord:
    locator = f"{file.name}, line {number}"
    try:
        document = read_json(line)
    except PageUnreadable as error:
        return RawRecord.unusable(error.reason, f"{locator}: {error.message}")
    return _record(document, Content(line, locator=locator), hint=_hint(file, line))


def _list_in(document: Any) -> list[Any] | None:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    lists = (document.get(name) for name in LIST_FIELDS)
    return next((value for value in lists if isinstance(value, list)), None)


def _record(document: Any, content: Content, *, hint: str, known_as: str | None = None) -> RawRecord:
    try:
        found = local_id(known_as or translate.local_id(document))
    except UnusableIdError as error:
        return RawRecord.unusable("bad-id", f"{content.locator}: {error}")
    if found is None:
        return RawRecord.unusable("missing-id", f"{content.locator}: there is no identifier in it.")
    return RawRecord(found, read=lambda: content, hint=hint)


def _hint(file: FoundFile, body: bytes) -> str:
    return f"{file.name}:sha256:{hashlib.sha256(body).hexdigest()}"


# templates, archives, XML, linked data


def _read_template(file: FoundFile, charset: str | None) -> Iterator[RawRecord]:
    for filled, findings in filled_templates(file, charset):
        yield replace(_slice(filled.document, file, f"{file.name}, {filled.place}", known_as=filled.local_id or None), findings=findings)


def _read_archive(file: FoundFile, charset: str | None) -> Iterator[RawRecord]:
    """A member that cannot be read is a value, as a file of a folder is; the archive itself being bad is not."""
    with tempfile.TemporaryDirectory(prefix="gateway-archive-") as folder:
        for member in unpacked(file, Path(folder)):
            try:
                yield from records_of(member, charset=charset)
            except PageUnreadable as problem:
                yield RawRecord.unusable(problem.reason, f"{member.name}: {problem.message}")


def _read_xml(file: FoundFile) -> Iterator[RawRecord]:
    with file.path.open("rb") as opened:
        start = opened.read(4096)
    if b"RDF" in start and b"22-rdf-syntax-ns" in start:
        yield from _read_linked(file)
    elif b"OAI-PMH" in start:
        yield from _read_oai(file)
    else:
        [value] = parse("xml-record", file.path)
        body = file.path.read_bytes()
        yield _record(value, Content(body, media_type="application/xml", locator=file.name), hint=_hint(file, body))


def _read_oai(file: FoundFile) -> Iterator[RawRecord]:
    for part in parse("oai-pmh", file.path, limits=BIG_FILE):
        entry = part.get("record")
        if entry is None or "xml" not in entry:
            continue
        body = entry["xml"].encode()
        locator = f"{file.name}, {str(entry['identifier'])[:500]}"
        content = Content(body, media_type="application/xml", charset="utf-8", locator=locator)
        yield replace(_record({}, content, hint=_hint(file, body), known_as=entry["identifier"]), deleted=entry["deleted"])


def _read_linked(file: FoundFile) -> Iterator[RawRecord]:
    """The datasets of a document of linked data; addresses in it stand as they are, since a file has none of its own."""
    answer = Fetched(
        status=200, body=b"", media_type="application/octet-stream", charset=None, url=f"file:///{Path(file.name).name}", etag=None,
        last_modified=None, body_hash="", file=file.path,
    )  # fmt: skip
    _, found = linked_values(answer, configured=LINKED_FORMATS.get(file.suffix))
    number = 0
    for one in found:
        if one.dataset is not None:
            number += 1
            yield _of_this_file(linked_record(one.dataset, answer, number=number), file)
    if number == 0:
        raise PageUnreadable("no-dataset", "The document describes no dataset.")


def _of_this_file(entry: RawRecord, file: FoundFile) -> RawRecord:
    if entry.problem is not None:
        return replace(entry, problem_detail=f"{file.name}: {entry.problem_detail}")
    found = entry.read()
    content = replace(found, locator=f"{file.name}, {found.locator or entry.local_id}", url=None)
    return replace(entry, read=lambda: content, hint=f"{file.name}:{entry.hint}")
