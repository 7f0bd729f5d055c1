"""The organisation answerable for access, as an object (2.0.0 and later)."""

from __future__ import annotations

from collections.abc import Mapping

from schemas import enumerations as values
from schemas.reader import Reading
from schemas.reading.converters import one_of_list, one_text, texts
from schemas.reading.objects import carry_keys

MEMBERSHIP = one_of_list(values.MEMBERSHIP)


def read_custodian(reading: Reading, source: str) -> None:
    target = "summary.dataCustodian"
    value = reading.value(source)
    if not isinstance(value, Mapping):
        if value is not None:
            reading.put(f"{target}.name", source, value, one_text)
        return
    identifier = value.get("identifier")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        reading.canonical.setdefault("summary", {}).setdefault("dataCustodian", {})["identifier"] = identifier
    elif identifier is not None:
        reading.put(f"{target}.identifier", f"{source}.identifier", identifier, one_text)
    for name, convert in (("name", one_text), ("logo", one_text), ("description", one_text), ("contactPoint", texts), ("memberOf", MEMBERSHIP)):
        if value.get(name) is not None:
            reading.put(f"{target}.{name}", f"{source}.{name}", value[name], convert)
    known = {"identifier", "name", "logo", "description", "contactPoint", "memberOf"}
    carry_keys(reading, source, value, known)
