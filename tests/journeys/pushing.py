"""A custodian's program for tests: it pushes over the API with a key of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.store import custodians
from gateway.store.database import utc_now
from gateway.web.auth import create_key
from gateway.wiring import Services

TRUST = "/api/v1/custodians/example-trust"


def add_custodian(services: Services, name: str = "Example Trust") -> str:
    with services.store.transaction() as tx:
        return custodians.add(tx.session, name=name, now=utc_now()).slug


def key_of(services: Services, custodian: str = "example-trust", *scopes: str) -> dict[str, str]:
    """Headers with a new key of the custodian."""
    new = create_key(services.store, name="test", custodian=custodian, scopes=scopes or None, now=utc_now())
    return {"Authorization": f"Bearer {new.key}"}


@contextmanager
def program(services: Services, headers: dict[str, str]) -> Iterator[TestClient]:
    """A client that sends these headers with every request, to a gateway whose jobs run only when asked to."""
    with TestClient(create_app(services=services), base_url="http://127.0.0.1", headers=headers) as client:
        yield client


def run_queued(services: Services) -> None:
    """Work off what bulk pushes queued, as a worker would."""
    for run_id in services.harvesting.claimable():
        services.harvesting.run(run_id)
    services.catalogue.index_pending()


def put(client: TestClient, local_id: str, document: dict[str, Any], **options: Any) -> Any:
    return client.put(f"{TRUST}/datasets/{local_id}", json=document, **options)
