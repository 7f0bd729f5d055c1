"""Rules about personal data in a record: contacts, numbers of people, names. What they show is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schemas.rules.rule import Flaw, Rule, Subject
from schemas.rules.words import PUBLIC_MAIL, ROLE_WORDS

ROLE: Final = re.compile("|".join(map(re.escape, ROLE_WORDS)))
PERSONAL: Final = re.compile(r"[a-z]{1,20}[._-][a-z'-]{2,30}[0-9]{0,2}", re.ASCII)
NHS_NUMBER: Final = re.compile(r"(?<![0-9/.-])([0-9]{3})[ -]?([0-9]{3})[ -]?([0-9]{4})(?![0-9/.-])", re.ASCII)
INSURANCE: Final = re.compile(r"(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D](?![A-Za-z0-9])", re.ASCII)
PHONE: Final = re.compile(r"\b[A-Z][a-z]{1,20} [A-Z][a-z]{1,20}[^0-9\n]{0,40}(?:\+44|0)[0-9 ]{9,13}(?![0-9])", re.ASCII)
POSTCODE_SHAPE: Final = re.compile(r"[A-Z][0-9][0-9A-Z]? [0-9][A-Z]", re.ASCII)
POSTCODE: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])", re.ASCII)
ORGANISATION: Final = re.compile(
    r"universit|hospital|trust|institute|centre|center|school|college|house|campus|road|street|building|department|council|office|way|park|lane|square",
    re.IGNORECASE,
)
PERSON: Final = re.compile(r"(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms|Miss|Sir|Dame)\.? )[A-Z][A-Za-z.' -]{1,60}|[A-Z][a-z]{1,20},? [A-Z]\.?(?: ?[A-Z]\.?)?", re.ASCII)
SPOT: Final = 50_000


def _personal_contacts(subject: Subject) -> Iterator[Flaw]:
    custodian = subject.record.summary.data_custodian
    contacts = [("/summary/contactPoint", subject.record.summary.contact_point)]
    contacts += [(f"/summary/dataCustodian/contactPoint/{n}", address) for n, address in enumerate(custodian.contact_point or [])]
    for path, address in contacts:
        local, at, domain = (address or "").strip().lower().rpartition("@")
        if at and not ROLE.search(local) and (domain in PUBLIC_MAIL or PERSONAL.fullmatch(local)):
            yield Flaw(path, "The contact looks like a person's own address.", "Give the address of a team, which outlasts a person.", f"{local[:2]}…@{domain}")


def is_nhs_number(digits: str) -> bool:
    """Ten digits of which the last checks the others (modulus 11)."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return check % 11 == int(digits[9]) and check != 10


def _personal_numbers(subject: Subject) -> Iterator[Flaw]:
    for texts, look in ((subject.numbered_texts, _numbers_in), (subject.plain_texts.matching(POSTCODE_SHAPE), _postcodes_in)):
        for path, text in texts:
            for said, shown in look(text[:SPOT]) if not _is_identifier(path, text) else ():
                yield Flaw(path, f"The text seems to hold {said}.", "Remove it: a record must not say anything of a person.", f"{shown[:2]}…")


def _is_identifier(path: str, text: str) -> bool:
    return path.endswith(("/contactPoint", "/url", "/identifier", "/pid", "/doiName")) or "/publication" in path or "://" in text[:8]


def _numbers_in(text: str) -> Iterator[tuple[str, str]]:
    for found in NHS_NUMBER.finditer(text):
        if is_nhs_number("".join(found.groups())):
            yield "an NHS number", found.group()
    for said, pattern in (("a National Insurance number", INSURANCE), ("a person's telephone number", PHONE)):
        for found in pattern.finditer(text):
            yield said, found.group()


def _postcodes_in(text: str) -> Iterator[tuple[str, str]]:
    for found in POSTCODE.finditer(text):
        if not ORGANISATION.search(text[max(0, found.start() - 150) : found.start()]):
            yield "the postcode of somebody's address", found.group()


def _named_persons(subject: Subject) -> Iterator[Flaw]:
    accessibility = subject.record.accessibility
    names = [(f"/accessibility/usage/resourceCreator/{n}", name) for n, name in enumerate(accessibility.usage.resource_creator or ())]
    names.append(("/accessibility/access/dataController", accessibility.access.data_controller or ""))
    for path, name in names:
        if PERSON.fullmatch(name.strip()[:80]):
            yield Flaw(path, "This looks like the name of a person.", "Name the organisation.", f"{name.strip()[:2]}…")


RULES: Final = (
    Rule("PRV-01", "warning", _personal_contacts), Rule("PRV-02", "warning", _personal_numbers), Rule("PRV-06", "advice", _named_persons),
)  # fmt: skip
