"""Ages given as a range, and materials given as samples."""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemas import enumerations as values
from schemas.reader import Reading, pointer


def read_ages(reading: Reading, source: str) -> None:
    value = reading.value(source)
    if value is None:
        return
    found = re.fullmatch(r"\s*([0-9]{1,3})\s*-\s*([0-9]{1,3})\s*", value) if isinstance(value, str) else None
    if found is None or any(int(age) > 150 for age in found.groups()):
        reading.carry(source, value, "Not a range of ages such as 18-65; it is not interpreted.")
        return
    coverage = reading.canonical.setdefault("coverage", {})
    coverage["typicalAgeRangeMin"], coverage["typicalAgeRangeMax"] = (int(age) for age in found.groups())
    reading.paths["/coverage/typicalAgeRangeMin"] = reading.paths["/coverage/typicalAgeRangeMax"] = pointer(source)


def read_samples(reading: Reading) -> None:
    """The materials of all samples, repeats merged; the samples themselves are carried whole."""
    samples = reading.document.get("tissuesSampleCollection")
    if "materialType" in reading.canonical.get("coverage", {}):
        return
    found: dict[str, None] = {}
    for sample in samples if isinstance(samples, list) else ():
        given = sample.get("materialType") if isinstance(sample, Mapping) else None
        for text in given if isinstance(given, list) else [given]:
            known, _ = values.split_by_longest(text, values.MATERIAL, values.MATERIAL_ALSO) if isinstance(text, str) else ([], [])
            found |= dict.fromkeys(known)
    if found:
        reading.canonical.setdefault("coverage", {})["materialType"] = list(found)
        reading.paths["/coverage/materialType"] = "/tissuesSampleCollection"
        reading.note("narrowed", "tissuesSampleCollection", samples, f"Materials read: {', '.join(found)}. The samples are carried whole.")
