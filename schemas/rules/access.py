"""Rules about the way to access: whether an applicant learns where to go, what it takes and what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from schemas.rules.rule import Flaw, Rule, Subject
from schemas.rules.words import STOCK_ACCESS, plain

RIGHTS: Final = "/accessibility/access/accessRights"
WHERE: Final = "Give the address of the page that explains access, or a few sentences."
RUN_TOGETHER: Final = re.compile(r"https?://[^\s,;|]{1,2000}?https?://", re.ASCII | re.IGNORECASE)
CAPITALS: Final = re.compile(r"HTTPS?://[^\s,;]*", re.ASCII)
COST_WORDS: Final = re.compile(r"\b(?:cost|price|pricing|fee|fees|charge|charges|free of charge|no charge)", re.IGNORECASE)


def _stock_phrases(subject: Subject) -> Iterator[Flaw]:
    rights = subject.record.accessibility.access.access_rights or []
    stock = [text for text in rights if plain(text) in STOCK_ACCESS]
    if not rights or len(stock) == len(rights):
        said = f"Access rights say only {stock[0]!r}." if stock else "The record does not say how to get access."
        yield Flaw(RIGHTS, said, WHERE, stock[0] if stock else None)


def _no_explanation(subject: Subject) -> Iterator[Flaw]:
    rights = subject.record.accessibility.access.access_rights or []
    explained = [text for text in rights if plain(text) not in STOCK_ACCESS]
    if explained and not any("://" in text or "www." in text for text in explained) and sum(map(len, explained)) < 40:
        yield Flaw(RIGHTS, "Access rights hold neither an address nor an explanation.", WHERE, rights[0])


def _run_together(subject: Subject) -> Iterator[Flaw]:
    for number, text in enumerate(subject.record.accessibility.access.access_rights or ()):
        path = f"{RIGHTS}/{number}"
        if "web.archive.org" not in text and RUN_TOGETHER.search(text[:20_000]):
            yield Flaw(path, "Addresses run together without a separator.", "Put a comma between them.", text)
        capitals = next((found for found in CAPITALS.findall(text[:20_000]) if found.isupper() and "/" in found[8:]), None)
        if capitals:
            yield Flaw(path, f"The address {capitals[:80]} is in capitals; most servers tell capitals apart.", "Copy it from the browser.", text)


def _bare_home_page(subject: Subject) -> Iterator[Flaw]:
    rights = subject.record.accessibility.access.access_rights or []
    for number, text in enumerate(rights):
        if re.fullmatch(r"https?://[^\s/]{1,253}/?", text.strip(), re.ASCII) and urlsplit(text.strip()).path in ("", "/"):
            yield Flaw(f"{RIGHTS}/{number}", "The address is a bare home page.", "Link to the page that explains access.", text)


def _left_unsaid(subject: Subject) -> Iterator[Flaw]:
    access, path = subject.record.accessibility.access, "/accessibility/access"
    if access.access_service_category is None:
        yield Flaw(f"{path}/accessServiceCategory", "The kind of access is not stated.", "Choose TRE/SDE, Direct access, Open access or Varies based on project.")
    if access.delivery_lead_time is None:
        yield Flaw(f"{path}/deliveryLeadTime", "The time until access is not stated.", "Choose the usual time from a complete application to access.")
    if not access.access_request_cost and not COST_WORDS.search(" ".join((access.access_service or "", *(access.access_rights or ())))[:50_000]):
        yield Flaw(f"{path}/accessRequestCost", "Nothing is said about costs.", "Give them, link to them, or say that there are none.")


RULES: Final = (
    Rule("ACC-01", "warning", _stock_phrases), Rule("ACC-02", "warning", _no_explanation), Rule("ACC-03", "warning", _run_together),
    Rule("ACC-04", "advice", _bare_home_page), Rule("ACC-05", "advice", _left_unsaid),
)  # fmt: skip
