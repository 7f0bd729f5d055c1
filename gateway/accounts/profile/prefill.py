"""Answers to the question bank that an account and its profile hold already. They are copied into a draft; nothing flows back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gateway.accounts.people import Person
from gateway.accounts.profile.items import Item, of_person
from gateway.store import Store


def prefill(store: Store, person: Person, *, now: datetime) -> Mapping[str, Any]:
    """By key of the bank, in the shapes in which it keeps answers. What has ended is left out."""
    items = [item for item in of_person(store, person, today=now.date()) if not item.has_ended]
    known = {
        "people.lead.name": person.name, "people.lead.email": person.address, **_work(person, items), **_about(items),
        "people.lead.training": _rows(items, "training", _training), "people.lead.accreditation": _rows(items, "accreditation", _accreditation),
    }
    return {key: answer for key, answer in known.items() if answer}


def _work(person: Person, items: Iterable[Item]) -> dict[str, Any]:
    places = [item.facts for item in items if item.group.key == "affiliation"]
    place: Mapping[str, str] = places[0] if places else {}
    whole = next((item.facts for item in items if item.group.key == "organisation"), {})
    name = place.get("organisation") or whole.get("name") or person.organisation
    identifier = place.get("ror") or place.get("ods") or (_identifier(whole) if whole.get("name") == name else None)
    contracts = [{"kind": one["relationship"], **_given(end=one.get("to"))} for one in places if one.get("relationship")]
    return {
        "people.lead.job_title": place.get("role"), "people.lead.organisation": {"name": name, **_given(id=identifier)} if name else None,
        "people.lead.sector": whole.get("sector"), "people.lead.contract": contracts,
    }


def _about(items: Iterable[Item]) -> dict[str, Any]:
    facts = next((item.facts for item in items if item.group.key == "person"), {})
    return {"people.lead.country": facts.get("country"), "people.lead.orcid": facts.get("orcid")}


def _identifier(facts: Mapping[str, str]) -> str | None:
    return next((facts[key] for key in ("ror", "ods", "companies_house", "charity") if facts.get(key)), None)


def _rows(items: Iterable[Item], group: str, read: Any) -> list[dict[str, str]]:
    return [read(item.facts) for item in items if item.group.key == group]


def _training(facts: Mapping[str, str]) -> dict[str, str]:
    return {"provider": f"{facts['title']}, {facts['provider']}", **_given(date=facts.get("awarded"), expiry=facts.get("expires"))}


def _accreditation(facts: Mapping[str, str]) -> dict[str, str]:
    return {"body": f"{facts['body']}, {facts['kind']}", **_given(number=facts.get("number"), expiry=facts.get("expires"))}


def _given(**facts: str | None) -> dict[str, str]:
    return {name: text for name, text in facts.items() if text}
