"""A29, from the front door: with access open, everything that anybody may read is read, and looked through for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.access.part_forms import publish
from gateway.access.register import HEADINGS, MINIMUM
from gateway.web.policy import ANYBODY, policies
from gateway.wiring import Services
from tests.accounts.people import browser
from tests.gateway.asking import Asking, submit
from tests.journeys.test_pathways import opened_by_both
from tests.journeys.test_workspace import DECIDER, HANDLER, part_path, services, team

__all__ = ["services", "team"]
ORCID, SIGNATORY, PAYER, MEMBER = "0000-0002-9079-593X", "Sigrid Marker-Signs", "Fay Marker-Pays", "Grace Marker-Team"
FORM_OF_ALPHA = {"optional": {key: {"need": "require", "why": ""} for key in ("people.lead.orcid", "people.invoice")}}
NAMED = (Asking.name, ORCID)
"""Of who may be named, if they agreed."""
NEVER = (MEMBER, Asking.email, "grace@university.example", "sigrid@university.example", SIGNATORY, PAYER)


@dataclass(frozen=True)
class Team(Asking):
    register_names: str = "no"

    def answers(self) -> dict[str, Any]:
        return {
            **super().answers(), "outputs.register_names": self.register_names, "people.lead.orcid": ORCID,
            "people.team": [{"name": MEMBER, "email": "grace@university.example", "role": "analyst", "organisation": "Marker University", "needs_access": "yes"}],
            "people.signatory": {"name": SIGNATORY, "role": "Head of contracts", "email": "sigrid@university.example"},
            "people.invoice": {"name": PAYER, "email": "fay@university.example"},
        }


@pytest.mark.parametrize("consent", ["no", "yes"])
def test_A29_people_stand_nowhere_in_public_unless_they_agreed(services: Services, team: dict[str, TestClient], consent: str) -> None:
    publish(services.store, "alpha", FORM_OF_ALPHA, actor="operator", now=services.clock())
    refs = [one.row.record.ref for one in services.catalogue.listing()]
    submit(services.store, services.sealer, dataset_refs=refs, form=Team(register_names=consent), now=services.clock())
    deliver_due(services.store, services.channels, now=services.clock())
    opened_by_both(services, team[HANDLER], team[DECIDER], part_path(team[HANDLER]), signatory=SIGNATORY)
    pages = everything_public(services)
    (use,) = browser(services).get("/uses.json").json()["uses"]
    assert [HEADINGS[place] for place in MINIMUM if not use["fields"][HEADINGS[place]]] == []
    about = {path for path, text in pages.items() if Asking.title in text}
    assert {"/uses", "/uses.json", "/uses.csv", "/uses.atom", f"/uses/{use['id']}", f"/uses/{use['id']}.json"} <= about
    told = {name: sorted(path for path, text in pages.items() if name in text) for name in (*NAMED, *NEVER)}
    assert {name: told[name] for name in NEVER if told[name]} == {}
    if consent == "no":
        assert {name: told[name] for name in NAMED if told[name]} == {}
    else:
        assert all(f"/uses/{use['id']}" in told[name] for name in NAMED)


def everything_public(services: Services) -> dict[str, str]:
    """Path -> text, of every GET route that is open to everybody, with names of this gateway in its address."""
    client = browser(services)
    dataset = client.get("/api/v1/datasets").json()["items"][0]
    run = client.get("/api/v1/runs").json()["items"][0]
    values = {
        "public_id": client.get("/uses.json").json()["uses"][0]["id"], "ref": dataset["ref"], "identifier": dataset["pid"], "run_id": run["id"],
        "number": "1", "version": "4.0.0", "model": "HDRUK", "target": "dcat-ap",
    }
    values_of = {
        "/datasets/": {"name": dataset["ref"], "asked": "1"}, "/sources/": {"slug": run["source"], "number": run["id"]}, "/custodians/": {"slug": "alpha"},
        "/search/values/": {"name": "custodian"}, "/columns/values/": {"name": "type"}, "/pathways/": {"name": "scotland.edris"},
        "/help/specification/": {"asked": "hdruk-4.0.0"}, "/help/": {"topic": "access"}, "/templates/": {"name": "dataset.json"},
    }
    pages = {}
    for path in sorted({one.path for one in policies(client.app) if one.method == "GET" and one.lets_in == ANYBODY}):
        own = {**values, **next((found for part, found in values_of.items() if part in path), {})}
        answer = client.get(re.sub(r"\{(\w+)(?::\w+)?\}", lambda found, own=own: str(own.get(found[1], "1")), path))
        if answer.status_code == 200:
            pages[str(answer.url.path)] = answer.text
    assert len(pages) > 90, sorted(pages)
    return pages
