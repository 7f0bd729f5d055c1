"""Judge a document: every finding at once, each at the leaf it concerns, in words a data manager can act on."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from pydantic_core import PydanticSerializationError

from schemas.document import DEPTH_LIMIT, Parsed, Unreadable, is_too_deep
from schemas.explain import explain
from schemas.findings import Finding, Findings, Severity
from schemas.reader import NO_PLACE, excerpt, is_index, submitted_path
from schemas.record import Dataset
from schemas.rules import EACH_LIMIT, Facts, flaws, flaws_known_by, not_checked
from schemas.rules.rule import Flaw, Rule
from schemas.translate import Reading, read
from schemas.versions import VERSIONS, Version
from schemas.words import field_name, field_position

NO_FACTS: Final = Facts()
# What older versions hold and 4.0.0 does not is carried as a matter of course.
EXPECTED: Final = (NO_PLACE, "A map of revisions became a list; its identifiers lead to earlier versions.")
RANK: Final[dict[Severity, int]] = {"error": 0, "warning": 1, "advice": 2}
REPEATS_LIMIT: Final = 20
FINDINGS_LIMIT: Final = 2_000  # of the schema; a table with a flaw in each of its columns would bury everything else


def check(document: Any, version: str | None = None, *, facts: Facts = NO_FACTS) -> Findings:
    """All findings about a document, from every layer, also where an earlier layer failed.

    ``version`` (``4.0.0``, ``GWDM 2.0``) is checked against instead of the detected one. Rules that need ``facts`` which
    are not given are listed as not checked. Never raises.
    """
    if is_too_deep(document):
        return Findings((Finding("DOC-02", "error", "", "Document", f"The document is nested more than {DEPTH_LIMIT} levels deep.", "Flatten it."),))
    try:
        reading = read(document, version.rpartition(" ")[2] if version else None)
    except Unreadable as problem:
        return unreadable(problem)
    return check_reading(document, reading, version, facts=facts)


def unreadable(problem: Unreadable) -> Findings:
    """The one finding about a document that cannot be read as a record."""
    return Findings((Finding(problem.rule, "error", "", "Document", problem.message, problem.hint),))


def about_the_bytes(body: bytes, parsed: Parsed) -> Iterator[Finding]:
    """What is wrong with a document as it was sent, though it can be read."""
    if body.startswith(codecs.BOM_UTF8):
        yield Finding("DOC-01", "advice", "", "Document", "The document begins with a byte order mark.", "Save it as UTF-8 without one.")
    for name in parsed.repeated_keys[:REPEATS_LIMIT]:
        yield Finding("DOC-02", "error", "", "Document", f"An object holds the key {excerpt(name)!r} twice; the last one holds.", "Keep one of them.", excerpt(name))


def check_reading(document: Any, reading: Reading, version: str | None = None, *, facts: Facts = NO_FACTS) -> Findings:
    """As :func:`check`, for a document that was read already."""
    asked = VERSIONS.get(version) or VERSIONS.get(f"HDRUK {version}") if version else None
    target = asked or VERSIONS.get(reading.detected.name)  # Shapes of other catalogues have no schema here.
    found = [*_declaration(document, reading)]
    found += _against(target, document) if target else ()
    found += islice(_unread(reading, found), EACH_LIMIT)
    found += _rules(document, reading, facts)
    unique = {(finding.path, finding.rule, finding.message): finding for finding in found}
    shape = asked.name if asked else reading.detected.name
    return Findings(_in_order(unique.values()), shape, target.sha256 if target else None, not_checked(facts))


def with_more_facts(found: Findings, reading: Reading, facts: Facts) -> Findings:
    """Findings of a record, with those of the rules that had to wait for these facts."""
    more = [_of_rule(None, rule, flaw, reading) for rule, flaw in flaws_known_by(reading.record, facts)]
    waiting = set(not_checked(facts))
    still = tuple(rule for rule in found.not_checked if rule in waiting)
    return replace(found, items=_in_order((*found.items, *more)), not_checked=still)


def _in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """What keeps a record from being shown comes first, then field by field."""
    return tuple(sorted(found, key=lambda one: (not one.rule.startswith("BLOCK"), field_position(one.path), RANK[one.severity], one.rule, one.path)))


def blocking(record: Dataset, *, identity_problem: str, custodian_known: bool) -> tuple[Finding, ...]:
    """What keeps a record from being published, whatever else is said of it.

    ``identity_problem`` says why there is no usable identifier; it is empty where there is one.
    """
    summary = record.summary
    found = []
    if identity_problem:
        found.append(_missing("identifier", identity_problem))
    if not (summary.title or "").strip():
        found.append(_missing("summary/title", "The record has no title."))
    if not custodian_known and not (summary.data_custodian.name or "").strip():
        found.append(_missing("summary/dataCustodian/name", "The record does not say which organisation is answerable for it."))
    return (*found, *_unstorable(record))


def _missing(path: str, message: str) -> Finding:
    return Finding("BLOCK-01", "error", f"/{path}", field_name(f"/{path}"), message, "It is published as soon as this is given.")


def _unstorable(record: Dataset) -> Iterator[Finding]:
    for path, text in _all_texts(record.as_json(), "") if _may_be_unstorable(record) else ():
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            yield Finding(
                "BLOCK-02", "error", path, field_name(path), "The text holds characters that cannot be stored.",
                "Remove NUL characters and halves of characters (lone surrogates).",
            )


def _may_be_unstorable(record: Dataset) -> bool:
    """Lone surrogates cannot be written as JSON, and a NUL shows in it."""
    try:
        return "\\u0000" in record.model_dump_json()
    except PydanticSerializationError:
        return True


def _all_texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _all_texts(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _all_texts(inner, f"{path}/{number}")


def _against(version: Version, document: Any, paths: Mapping[str, str] | None = None) -> Iterator[Finding]:
    found = explain(document, version, paths)
    yield from islice(found, FINDINGS_LIMIT)
    if next(found, None) is not None:
        yield Finding(
            "SCH-MORE", "advice", "", "Document", f"The record has more flaws; the first {FINDINGS_LIMIT:,} are listed.",
            "Most are of one kind. Mend these first.",
        )


def _declaration(document: Any, reading: Reading) -> Iterator[Finding]:
    detected = reading.detected
    if detected.contradicts_declaration:
        yield Finding(
            "DOC-04", "warning", "/@schema" if "@schema" in document else "", "Version",
            f"The record is declared as {detected.declared}, but has the form of {detected.name} ({detected.evidence}).",
            "Declare the version in which the record is written.", detected.declared,
        )
    if detected.equally and detected.declared is None:
        yield Finding(
            "DOC-05", "advice", "", "Document", f"The record fits {detected.name} and {', '.join(detected.equally)} equally well; {detected.name} was used.",
            "Say in which version the record is written.",
        )


def _unread(reading: Reading, found: Iterable[Finding]) -> Iterator[Finding]:
    """Values that stay beside the record, so that no filter finds them, though the schema has nothing against them."""
    spoken_of = {finding.path for finding in found}
    for loss in reading.losses:
        if loss.kind in ("carried", "ambiguous") and loss.message not in EXPECTED and loss.from_path not in spoken_of:
            hint = "Write it in the form of 4.0.0, so that it can be searched and filtered; until then it is kept as it is."
            yield Finding("TRN-01", "advice", loss.from_path, field_name(loss.from_path), f"{loss.value!r} could not be read: {loss.message}", hint, loss.value)


def _rules(document: Any, reading: Reading, facts: Facts) -> Iterator[Finding]:
    for rule, flaw in flaws(reading.record, facts):
        yield _of_rule(document, rule, flaw, reading)


def _of_rule(document: Any, rule: Rule, flaw: Flaw, reading: Reading) -> Finding:
    path = submitted_path(flaw.path, reading.paths)
    value = None if flaw.value is None else excerpt(flaw.value)
    fix = flaw.fix if flaw.fix is not None and _stands_at(document, path) == flaw.value else None
    return Finding(rule.id, flaw.severity or rule.severity, path, field_name(flaw.path), flaw.message, flaw.hint, value, fix)


def _stands_at(document: Any, path: str) -> Any:
    """The value at a JSON Pointer; None where nothing stands."""
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and is_index(name) and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document
