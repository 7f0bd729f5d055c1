"""A request that was sent, in one step: for tests of what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.testclient import TestClient

from gateway.wiring import Services
from tests.accounts.people import browser
from tests.gateway.asking import submit


@dataclass(frozen=True, slots=True)
class Sent:
    """``path`` is the applicant's page, which ``applicant`` may open."""

    reference: str
    path: str
    applicant: TestClient


def send(services: Services, refs: Sequence[str]) -> Sent:
    done = submit(services.store, services.sealer, dataset_refs=list(refs), now=services.clock())
    return Sent(done.reference, f"/requests/{done.follow_token}", browser(services))
