"""Rules about codes and addresses: places, media types, languages, vocabularies, disease codes, links."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from schemas.rules.codes import COMMON_FORMATS, is_jurisdiction, is_media_type, is_place
from schemas.rules.rule import Flaw, Rule, Subject

FORMATS: Final = "/accessibility/formatAndStandards"
GAZETTEERS: Final = (
    "geonames.org", "statistics.gov.uk", "ons.gov.uk", "ordnancesurvey.co.uk", "wikidata.org", "what3words.com", "publications.europa.eu",
    "openstreetmap.org", "dbpedia.org", "iso.org", "nhs.uk", "wikipedia.org",
)  # fmt: skip
PROSE_WORDS: Final = 8
ICD_10: Final = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", re.ASCII)
MESH: Final = re.compile(r"[CD][0-9]{6,9}", re.ASCII)
SNOMED: Final = re.compile(r"[1-9][0-9]{5,17}", re.ASCII)
WITHDRAWN_LANGUAGES: Final = {"bh": "bho or mai", "iw": "he", "in": "id", "ji": "yi", "mo": "ro", "sh": "sr, hr or bs"}
RESERVED: Final = ("example", "test", "invalid", "localhost")
TEST_DOMAINS: Final = (".example.com", ".example.org", ".example.net")
VERHOEFF_D: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
VERHOEFF_P: Final = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def has_verhoeff_digit(number: str) -> bool:
    """Whether the last digit checks the others, as in SNOMED CT identifiers."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = int(VERHOEFF_D[check][int(VERHOEFF_P[place % 8][int(digit)])])
    return check == 0


def _jurisdictions(subject: Subject) -> Iterator[Flaw]:
    for number, code in enumerate(subject.record.accessibility.access.jurisdiction or ()):
        path = f"/accessibility/access/jurisdiction/{number}"
        if code.strip().upper() == "UK":
            yield Flaw(path, "'UK' is no country code.", "Write GB.", code, fix="GB")
        elif not is_jurisdiction(code):
            yield Flaw(path, f"{code[:60]!r} is not a code of ISO 3166.", "Give a country such as GB, or a part of one such as GB-ENG.", code)


def _places(subject: Subject) -> Iterator[Flaw]:
    for number, place in enumerate(subject.record.coverage.spatial or ()):
        path = f"/coverage/spatial/{number}"
        if "://" in place:
            host = (_split(place) or ("", ""))[1]
            if not any(host == known or host.endswith(f".{known}") for known in GAZETTEERS):
                yield Flaw(path, f"The address {place[:80]} is of no gazetteer known here.", "Give an ONS name or code, or an ISO 3166 code.", place)
        elif len(place.split()) > PROSE_WORDS:
            yield Flaw(path, "The area is described in a sentence, which no filter finds.", "Name the nations or regions, one by one.", place, "warning")
        elif not all(is_place(part) for part in place.split(",")):
            yield Flaw(path, f"{place[:60]!r} is no place known here.", "Give an ONS name or code, or an ISO 3166 code.", place)


def _media_types(subject: Subject) -> Iterator[Flaw]:
    for number, given in enumerate(subject.record.accessibility.format_and_standards.format or ()):
        meant = COMMON_FORMATS.get(given.strip().strip(".").lower())
        if meant and not is_media_type(given):
            yield Flaw(f"{FORMATS}/format/{number}", f"{given!r} is not a media type.", f"Write {meant}.", given, fix=meant)
        elif not is_media_type(given):
            hint = "Give a media type of the IANA list, such as text/csv or application/json."
            yield Flaw(f"{FORMATS}/format/{number}", f"{given[:60]!r} is not a media type.", hint, given)


def _languages(subject: Subject) -> Iterator[Flaw]:
    for number, code in enumerate(subject.record.accessibility.format_and_standards.language or ()):
        path = f"{FORMATS}/language/{number}"
        if code.lower() in WITHDRAWN_LANGUAGES:
            yield Flaw(path, f"The language code {code!r} was withdrawn.", f"Use {WITHDRAWN_LANGUAGES[code.lower()]}.", code)
        elif not re.fullmatch(r"[a-z]{2}", code):
            yield Flaw(path, f"{code[:60]!r} is not a two-letter code of ISO 639-1.", "Give a code such as en.", code)


def _vocabularies(subject: Subject) -> Iterator[Flaw]:
    schemes, path = subject.record.accessibility.format_and_standards.vocabulary_encoding_scheme or [], f"{FORMATS}/vocabularyEncodingScheme"
    if {"DM PLUS D", "DM+D"} <= set(schemes):
        yield Flaw(path, "DM PLUS D and DM+D are the same vocabulary.", "Keep DM+D.", schemes)
    if schemes and set(schemes) <= {"OTHER", "LOCAL"}:
        yield Flaw(path, "No vocabulary is named that others know.", "Name the one in use, or describe the local one.", schemes, "advice")


def _disease_codes(subject: Subject) -> Iterator[Flaw]:
    for number, group in enumerate(subject.record.demographic_frequency.disease or ()):
        code, vocabulary = str(group.disease_code or ""), group.disease_code_vocabulary
        fits = (
            ICD_10.fullmatch(code) if vocabulary == "ICD10" else MESH.fullmatch(code) if vocabulary == "MeSH"
            else SNOMED.fullmatch(code) and has_verhoeff_digit(code) if vocabulary == "SNOMED CT" else True
        )  # fmt: skip
        if code and not fits:
            yield Flaw(f"/demographicFrequency/disease/{number}/diseaseCode", f"{code[:40]!r} is not a code of {vocabulary}.", "Copy the code again from the vocabulary.", code)


@lru_cache(maxsize=1024)
def _split(address: str) -> tuple[str, str] | None:
    """Scheme and host, in lower case."""
    try:
        parts = urlsplit(address)
        return parts.scheme.lower(), (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return None


def _unusable_addresses(subject: Subject) -> Iterator[Flaw]:
    for path, address in subject.addresses:
        found = _split(address)
        said = (
            "cannot be understood" if found is None else "does not begin with http or https" if found[0] not in ("http", "https")
            else "holds a user name or password" if "@" in urlsplit(address).netloc else "leads to a private or local host" if _is_private(found[1])
            else "has no complete host name" if "." not in found[1] else None
        )  # fmt: skip
        if said:
            yield Flaw(path, f"The address {address[:80]} {said}.", "Give an address that everybody can open.", address)


@lru_cache(maxsize=1024)
def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".localhost", ".internal", ".lan", ".intranet"))


def _test_domains(subject: Subject) -> Iterator[Flaw]:
    hosts = [(path, address, (_split(address) or ("", ""))[1]) for path, address in subject.addresses]
    summary = subject.record.summary
    contacts = [("/summary/contactPoint", summary.contact_point)]
    contacts += [(f"/summary/dataCustodian/contactPoint/{number}", text) for number, text in enumerate(summary.data_custodian.contact_point or ())]
    hosts += [(path, text, text.rpartition("@")[2].strip().lower()) for path, text in contacts if text and "@" in text]
    for path, given, host in hosts:
        is_reserved = host.rpartition(".")[2] in RESERVED and "." in host
        if is_reserved or f".{host}".endswith(TEST_DOMAINS):
            yield Flaw(path, f"{given[:80]} is in a domain reserved for examples and tests.", "Give the real address.", given)


def _dead_links(subject: Subject) -> Iterator[Flaw]:
    probes = subject.facts.probes or {}
    for path, address in subject.addresses:
        if probes.get(address) == "dead":
            yield Flaw(path, f"The page {address[:80]} was gone at two visits.", "Give the page's new address.", address)


RULES: Final = (
    Rule("REF-04", "error", _jurisdictions), Rule("REF-05", "advice", _places), Rule("REF-06", "warning", _media_types),
    Rule("REF-07", "advice", _languages), Rule("REF-08", "warning", _vocabularies), Rule("REF-09", "warning", _disease_codes),
    Rule("REF-10", "error", _unusable_addresses), Rule("REF-11", "warning", _test_domains),
    Rule("REF-12", "warning", _dead_links, ("probes",)),
)  # fmt: skip
