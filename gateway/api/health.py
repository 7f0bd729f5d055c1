"""``/healthz`` says that the process lives, ``/readyz`` that database and index answer."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from gateway import __version__
from gateway.api.asking import Serving
from search.engine import SearchError

router = APIRouter(tags=["Health"])


@router.get("/healthz", summary="Is the process alive?")
def alive() -> dict[str, str]:
    return {"status": "alive", "version": __version__}


@router.get("/readyz", summary="Can it serve?", response_model=None, responses={200: {}, 503: {}})
def ready(services: Serving) -> Response:
    """200 when the database is reachable and at the newest schema and the index is usable, otherwise 503 with what is not."""
    checks = {"database": _database(services), "index": _index(services)}
    good = all(state == "ok" for state in checks.values())
    return JSONResponse({"status": "ready" if good else "not ready", **checks}, 200 if good else 503)


def _database(services: Serving) -> str:
    if not services.store.is_reachable():
        return "unreachable"
    return "ok" if services.store.is_current() else "schema is not at the newest revision"


def _index(services: Serving) -> str:
    try:
        state = services.catalogue.engine.state()
    except SearchError as error:
        return str(error)
    return "ok" if state.is_usable else state.reason
