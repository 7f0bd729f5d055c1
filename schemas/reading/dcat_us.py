"""Members of a DCAT-US catalogue (``data.json``, versions 1.1 and 3) -> canonical record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from schemas.foreign.linked import dcat_us_identities
from schemas.linked_data.values import MEDIA_TYPE, date_term
from schemas.reader import NotHere, Reading, Value
from schemas.reading.foreign_fields import (
    Field,
    any_address,
    apply,
    day,
    describe,
    doi,
    frequency,
    languages,
    plain_text,
    plain_texts,
    related,
    set_value,
    split_plain_texts,
    text_of,
    version,
)

INTERVALS: Final = {
    "R/P1Y": "Annual", "R/P2Y": "Biennial", "R/P6M": "Biannual", "R/P3M": "Quarterly", "R/P2M": "Bimonthly", "R/P1M": "Monthly",
    "R/P2W": "Biweekly", "R/P1W": "Weekly", "R/P3.5D": "Twice a week", "R/P1D": "Daily", "R/PT1S": "Continuous", "IRREGULAR": "Irregular",
}  # fmt: skip
"""Repeating intervals of ISO 8601, as the catalogues' schema lists them."""
OF_THE_CATALOGUE: Final = ("@context", "@type", "bureauCode", "programCode", "primaryITInvestmentUII", "dataQuality")


def _interval(reading: Reading, source: str, value: Value) -> str | None:
    known = INTERVALS.get(str(value).strip().upper()) if isinstance(value, str) else None
    return known or frequency(reading, source, value)


def _mail(_: Reading, __: str, value: Value) -> str:
    members = value if isinstance(value, list) else [value]
    text = next((text for member in members if isinstance(text := member, str) and text.strip()), "")
    if "@" not in text:
        raise NotHere("An e-mail address is due here.")
    return re.sub(r"\Amailto:", "", text.strip(), flags=re.IGNORECASE)


TABLE: Final = (
    Field("version", ("version", "hasVersion"), version),
    Field("issued", ("issued",), day),
    Field("modified", ("modified",), day),
    Field("summary.title", ("title",), plain_text),
    Field("summary.keywords", ("keyword", "keywords"), split_plain_texts),
    Field("summary.doiName", ("identifier", "@id"), doi),
    Field("summary.dataCustodian.name", ("publisher.name", "publisher"), plain_text),
    Field("summary.contactPoint", ("contactPoint.hasEmail", "contactPoint"), _mail),
    Field("coverage.spatial", ("spatial",), plain_texts),
    Field("provenance.temporal.publishingFrequency", ("accrualPeriodicity",), _interval),
    Field("accessibility.access.accessRights", ("landingPage",), any_address),
    Field("accessibility.formatAndStandards.language", ("language",), languages),
)


def read_dcat_us(reading: Reading, _: object = None) -> None:
    for name in OF_THE_CATALOGUE:
        reading.value(name)
    apply(reading, TABLE)
    describe(reading, "description", reading.value("description"))
    identities = dcat_us_identities(reading.document)
    reading.value("identifier")
    set_value(reading, "identifier", "identifier", identities[-1] if identities else None)
    _contact(reading)
    _period(reading)
    _formats(reading)
    parent = text_of(reading.value("isPartOf"))
    related(reading, "enrichmentAndLinkage.isPartOf", "isPartOf", [{"url" if "://" in parent else "title": parent}] if parent else [])


def _contact(reading: Reading) -> None:
    """A list of contacts, as version 3 allows: the first that has an address."""
    contacts = reading.document.get("contactPoint")
    for number, one in enumerate(contacts if isinstance(contacts, list) else ()):
        if isinstance(one, Mapping) and isinstance(one.get("hasEmail"), str) and "/summary/contactPoint" not in reading.paths:
            reading.put("summary.contactPoint", f"contactPoint.{number}.hasEmail", one["hasEmail"], _mail)


def _period(reading: Reading) -> None:
    """``start/end``, or an object (or the first of several) with both."""
    value = reading.value("temporal")
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, Mapping):
        start, end = value.get("startDate"), value.get("endDate")
    else:
        start, _, end = str(value or "").partition("/")
    for name, moment in (("startDate", start), ("endDate", end)):
        if isinstance(moment, str) and date_term(moment.strip()):
            set_value(reading, f"provenance.temporal.{name}", "temporal", moment.strip())
        elif moment not in (None, ""):
            reading.carry("temporal", moment, "A date such as 2024-03-31 is due here.")


def _formats(reading: Reading) -> None:
    distributions = reading.document.get("distribution")
    members = distributions if isinstance(distributions, list) else [distributions]
    found = [text_of(one.get("mediaType") or one.get("format")) for one in members if isinstance(one, Mapping)]
    formats = [text for text in found if text and MEDIA_TYPE.fullmatch(text)]
    set_value(reading, "accessibility.formatAndStandards.format", "distribution", list(dict.fromkeys(formats)))
