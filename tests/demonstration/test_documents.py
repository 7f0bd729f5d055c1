"""What the demonstration custodians hold: well formed, marked as demonstration, and nobody's real addresses."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from demonstration.holdings import Document, Holding, holdings
from demonstration.webhook import signature

HOLDINGS = holdings()
DOCUMENTS = [document for holding in HOLDINGS for document in holding.documents]
NOTICE = re.compile(r"demonstration", re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^\s\"';,)]+|[\w.+-]+@[\w.-]+")
CATEGORIES = {
    "Academic centre", "Charity or social enterprise", "Cohorts and biobanks", "Healthcare provider",
    "National agency or public body", "Programme Investment", "Public and/or patient advocacy group",
    "Research Data Service", "Research funder", "Research Support Service", "Trade Association",
}  # fmt: skip
NATIONS = {"England", "Scotland", "Wales", "Northern Ireland"}


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from texts(member)
        case list():
            for member in value:
                yield from texts(member)


def host(address: str) -> str:
    return (urlsplit(address).hostname if "://" in address else address.rpartition("@")[2]) or ""


def name_of(document: Document) -> str:
    return document.file_name


def slug_of(holding: Holding) -> str:
    return str(holding.facts["slug"])


def test_there_are_enough_custodians_and_records() -> None:
    assert len(HOLDINGS) >= 13
    assert len(DOCUMENTS) >= 36
    assert all(holding.documents for holding in HOLDINGS)


def test_the_versions_are_mixed() -> None:
    counts = Counter(document.specification for document in DOCUMENTS)
    assert set(counts) == {"2.1.2", "3.0.0", "4.0.0"}
    assert counts["2.1.2"] >= 8
    assert counts["3.0.0"] >= 8


def test_identifiers_are_uuids_and_unique() -> None:
    identifiers = [document.id for document in DOCUMENTS]
    assert len(set(identifiers)) == len(identifiers)
    assert [str(UUID(identifier)) for identifier in identifiers] == identifiers


def test_titles_are_unique_where_there_is_one() -> None:
    titles = [document.content["summary"].get("title") for document in DOCUMENTS]
    assert titles.count(None) + titles.count("") == 2
    assert not [title for title, count in Counter(titles).items() if title and count > 1]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_a_record_says_that_it_is_a_demonstration(document: Document) -> None:
    told = (document.content["summary"].get("abstract"), document.content["documentation"].get("description"))
    assert any(NOTICE.search(text) for text in told if text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_a_record_with_tables_says_that_they_are_illustrative(document: Document) -> None:
    structure = document.content.get("structuralMetadata") or []
    tables = structure.get("tables", []) if isinstance(structure, dict) else structure
    assert all("llustrative" in table["description"] for table in tables)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_a_record_names_its_custodian_as_the_custodian_names_itself(document: Document) -> None:
    summary = document.content["summary"]
    owner = next(holding for holding in HOLDINGS if document in holding.documents)
    assert (summary.get("dataCustodian") or summary["publisher"])["name"] == owner.facts["name"]


@pytest.mark.parametrize("holding", HOLDINGS, ids=slug_of)
def test_only_reserved_addresses_occur(holding: Holding) -> None:
    everything = [holding.facts, *(document.content for document in holding.documents)]
    hosts = {host(address) for text in texts(everything) for address in ADDRESS.findall(text)}
    assert hosts
    assert not [one for one in hosts if not one.endswith((".example.org", ".invalid")) and one != "ror.org"]


@pytest.mark.parametrize("holding", HOLDINGS, ids=slug_of)
def test_a_custodian_is_described_in_full(holding: Holding) -> None:
    facts = holding.facts
    assert facts["category"] in CATEGORIES
    assert facts["nations"]
    assert set(facts["nations"]) <= NATIONS
    assert NOTICE.search(facts["description"])
    assert facts["auth"] in {"NO_AUTH", "BEARER", "API_KEY"}
    assert (facts["auth"] == "NO_AUTH") == ("secret" not in facts)
    assert facts["route"]["channel"] in {"committee", "mailbox", "portal", "webhook", "none"}
    assert (facts["route"]["channel"] == "webhook") == ("webhook_secret" in facts)


def test_every_kind_of_credentials_and_route_is_shown_and_one_custodian_fails() -> None:
    assert {holding.facts["auth"] for holding in HOLDINGS} == {"NO_AUTH", "BEARER", "API_KEY"}
    assert {holding.facts["route"]["channel"] for holding in HOLDINGS} == {"committee", "mailbox", "portal", "webhook", "none"}
    assert [slug_of(holding) for holding in HOLDINGS if holding.facts["fails_on_demand"]] == ["bristol-weston"]


def test_fertility_finds_each_record_of_the_regulator() -> None:
    (regulator,) = [holding for holding in HOLDINGS if slug_of(holding) == "hfea"]
    assert len(regulator.documents) == 3
    assert all("fertility" in " ".join(texts(document.content["summary"])).lower() for document in regulator.documents)


def test_signatures_follow_standard_webhooks() -> None:
    """The example that the Standard Webhooks libraries share."""
    body = b'{"test": 2432232314}'
    signed = signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
