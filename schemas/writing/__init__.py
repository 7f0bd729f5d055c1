"""Canonical record -> a published shape that the caller names, with a report of everything that was chosen, lost or is missing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, cast

from schemas.explain import explain, is_valid
from schemas.reader import Carried
from schemas.record import Dataset
from schemas.translate import Reading, read
from schemas.versions import VERSIONS, Version
from schemas.versions.vocabulary import Schema
from schemas.writing import gwdm, hdruk_2, modern
from schemas.writing.forms import Form, apply_forms, forms_of
from schemas.writing.report import NOT_CONFORMING, Entry, Kind, NotConforming, Written
from schemas.writing.restore import restore
from schemas.writing.writer import Writing, gap_of

__all__ = ["WRITERS", "Entry", "Mode", "NotConforming", "UnknownTarget", "Written", "forms", "translate", "write"]
Mode = Literal["faithful", "strict"]

WRITERS: Final[dict[str, Callable[[Writing], None]]] = {
    "HDRUK 4.0.0": modern.write_4_0_0, "HDRUK 3.0.0": modern.write_3_0_0, "HDRUK 2.2.1": hdruk_2.write_2_2_1,
    "HDRUK 2.2.0": hdruk_2.write_2_2_0, "HDRUK 2.1.3": hdruk_2.write_2_1_3, "HDRUK 2.1.2": hdruk_2.write_2_1_2,
    "HDRUK 2.1.0": hdruk_2.write_2_1_0, "HDRUK 2.0.2": hdruk_2.write_2_0_2, "GWDM 2.1": gwdm.write_gwdm,
    "GWDM 2.0": gwdm.write_gwdm, "CRUK 1.0.0": modern.write_4_0_0,
}  # fmt: skip

class UnknownTarget(ValueError):
    """No writer has this name."""


def translate(document: Mapping[str, Any], target: str, *, declared: str | None = None, mode: Mode = "faithful") -> Written:
    """A document of any readable shape in the shape ``target``; the report tells of both steps.

    Raises what :func:`write` raises, and :class:`schemas.document.Unreadable` for a document of no known shape.
    """
    reading = read(document, declared)
    written = write(
        reading.record, target, carried=reading.carried, source=reading.detected.name, mode=mode,
        forms=forms(reading, document) if target == reading.detected.name else (),
    )  # fmt: skip
    return Written(target, written.document, (*_said_by(reading), *written.report))


def forms(reading: Reading, document: Mapping[str, Any]) -> tuple[Form, ...]:
    """How a document wrote what its reading says, for a shape that can be written."""
    name = reading.detected.name
    if name not in WRITERS:
        return ()
    return forms_of(write(reading.record, name, carried=reading.carried, source=name).document, document)


def _said_by(reading: Reading) -> Iterator[Entry]:
    """What the reader chose. What it carried is told once, where it ends up."""
    for loss in reading.losses:
        if loss.kind not in ("carried", "ambiguous"):
            yield Entry(cast("Kind", loss.kind), loss.from_path, loss.to_path, loss.value, loss.rule, loss.is_reversible, loss.message)


def write(
    record: Dataset, target: str, *, carried: Sequence[Carried] = (), source: str | None = None, forms: Sequence[Form] = (),
    mode: Mode = "faithful",
) -> Written:  # fmt: skip
    """The record in the shape ``target`` (``HDRUK 2.1.2``).

    ``carried`` values return to their places where ``target`` has them; ``source`` names the shape they were read from.
    ``forms`` give back how the source wrote its values, where ``target`` is that source. Raises :class:`UnknownTarget`, and
    in strict mode :class:`NotConforming` where something is missing, too long or not allowed.
    """
    if target not in WRITERS:
        raise UnknownTarget(f"There is no writer for {target}. There are: {', '.join(WRITERS)}.")
    version = VERSIONS[target]
    writing = Writing(record.as_json(), source or "", {one.path: one.value for one in carried})
    WRITERS[target](writing)
    writing.drop_the_rest()
    document = copy.deepcopy(writing.document)
    report = [*writing.report, *restore(document, copy.deepcopy(tuple(carried)), source or "", version)]
    document = _with_nulls(document, version.schema)
    if source == target:
        document = apply_forms(document, forms)
    report += _gaps(document, version)
    written = Written(target, document, tuple(report))
    if mode == "strict" and not written.conforms:
        raise NotConforming(target, tuple(entry for entry in report if entry.kind in NOT_CONFORMING))
    return written


def _with_nulls(document: Any, schema: Schema) -> Any:
    """Keys that must be there, and take null, say *not stated*; sections that must be there are opened. No value is filled in."""
    if "anyOf" in schema:
        kind = "items" if isinstance(document, list) else "properties"
        filled = [(_with_nulls(document, branch), branch) for branch in schema["anyOf"] if kind in branch]
        return next((one for one, branch in filled if is_valid(one, branch)), filled[0][0] if len(filled) == 1 else document)
    if isinstance(document, list) and "items" in schema:
        return [_with_nulls(member, schema["items"]) for member in document]
    if not isinstance(document, dict):
        return document
    properties: Mapping[str, Schema] = schema.get("properties", {})
    whole = {name: _with_nulls(value, properties.get(name, {})) for name, value in document.items()}
    for name in schema.get("required", ()):
        if name not in whole and "properties" in properties[name]:
            whole[name] = _with_nulls({}, properties[name])
        elif name not in whole and properties[name] and is_valid(None, properties[name]):
            whole[name] = None
    return whole


def _gaps(document: Mapping[str, Any], version: Version) -> list[Entry]:
    return [gap_of(finding) for finding in explain(document, version)]
