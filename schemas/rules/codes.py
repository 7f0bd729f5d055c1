"""Bundled code lists: countries and places of the United Kingdom, media types. Each file in schemas/data says its source."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

# ISO 3166-2:GB: the four nations, and the groups England and Wales, Great Britain, United Kingdom.
NATIONS: Final = {"GB-ENG": "England", "GB-SCT": "Scotland", "GB-WLS": "Wales", "GB-NIR": "Northern Ireland"}
GROUPS: Final = {"GB-EAW": "England and Wales", "GB-GBN": "Great Britain", "GB-UKM": "United Kingdom"}
# Regions of England (ONS), and other names by which the countries of the United Kingdom go.
REGIONS: Final = (
    "north east", "north east england", "north west", "north west england", "yorkshire and the humber", "yorkshire", "east midlands",
    "west midlands", "east of england", "london", "greater london", "south east", "south east england", "south west", "south west england",
)  # fmt: skip
OTHER_NAMES: Final = ("uk", "u.k.", "united kingdom of great britain and northern ireland", "great britain", "united states of america", "usa")
ONS: Final = re.compile(r"[EKLMNSW][0-9]{8}", re.ASCII)
COUNTRY: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII)
MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.ASCII)
# What people write for a format -> its media type.
COMMON_FORMATS: Final = {
    "csv": "text/csv", "comma separated values": "text/csv", "csv file": "text/csv", "text": "text/plain", "txt": "text/plain",
    "text/comma-separated-values": "text/csv", "text/tab": "text/tab-separated-values", "tsv": "text/tab-separated-values",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json", "xml": "application/xml",
    "sql": "application/sql", "sql database": "application/sql", "sql database table": "application/sql", "sql server": "application/sql",
    "stata": "application/x-stata", "dta": "application/x-stata", "sas": "application/x-sas", "spss": "application/x-spss-sav",
    "parquet": "application/vnd.apache.parquet", "pdf": "application/pdf", "dicom": "application/dicom", "image/diacom-rle": "image/dicom-rle",
    "fhir": "application/fhir+json", "html": "text/html", "zip": "application/zip", "jpeg": "image/jpeg", "tiff": "image/tiff",
}  # fmt: skip


def _lines(name: str) -> list[str]:
    text = files("schemas").joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 -> English name."""
    return dict(line.split(" ", 1) for line in _lines("countries.txt"))


@cache
def _media_types() -> frozenset[str]:
    pairs = (line.split(": ", 1) for line in _lines("media_types.txt"))
    return frozenset(f"{top}/{sub}" for top, subs in pairs for sub in subs.split())


def is_media_type(text: str) -> bool:
    """Of the standards tree, or of the form of the vendor and personal trees; parameters are set aside."""
    bare = text.split(";", 1)[0].strip().lower()
    top, _, sub = bare.partition("/")
    if not MEDIA_TYPE.fullmatch(bare):
        return False
    return bare in _media_types() or (sub.startswith(("vnd.", "prs.")) and any(one.startswith(f"{top}/") for one in _media_types()))


def is_jurisdiction(text: str) -> bool:
    """ISO 3166-1, or 3166-2 within a known country; subdivisions of the United Kingdom have three letters."""
    country, dash, part = text.partition("-")
    if country not in countries() or COUNTRY.fullmatch(text) is None:
        return False
    return not dash or country != "GB" or (len(part) == 3 and part.isalpha())


@cache
def _place_names() -> frozenset[str]:
    names = [*countries().values(), *NATIONS.values(), *GROUPS.values(), *REGIONS, *OTHER_NAMES]
    codes = [*countries(), *NATIONS, *GROUPS]
    return frozenset(name.casefold() for name in (*names, *codes))


def is_place(text: str) -> bool:
    """A country, nation or region by its name or code."""
    found = text.strip()
    return found.casefold().removeprefix("the ") in _place_names() or ONS.fullmatch(found) is not None or is_jurisdiction(found)
