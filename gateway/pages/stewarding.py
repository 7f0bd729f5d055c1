"""What people of a custodian, and administrators, do to their sources and runs from the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from frontend.addresses import dry_run_path, hold_path, run_path, source_path
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.api.asking import Serving, harvest_limit
from gateway.errors import NotFound
from gateway.models import Source
from gateway.pages.showing import see_other
from gateway.pages.signed_in import FromOwnForm, visitor
from gateway.sources.holds import approve, reject
from gateway.sources.trying import ask_to_try
from gateway.sources.undoing import undo_run
from gateway.sources.upkeep import pause, resume
from gateway.store import custodians, holds, runs, sources
from gateway.wiring import Services

router = APIRouter(prefix="/sources/{slug}")
RunId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def may_steward(request: Request, services: Services, feed: Source) -> bool:
    """Whether whoever looks at the page may act on the source."""
    person = visitor(request, services)
    return person is not None and person.may(Action.RUN_HARVESTS, custodian=owner_of(services, feed))


def owner_of(services: Services, feed: Source) -> str | None:
    """The slug of its custodian; None for a feed of several."""
    if feed.custodian_id is None:
        return None
    with services.store.reading() as session:
        return custodians.by_ids(session, {feed.custodian_id})[feed.custodian_id].slug


def steward(services: Services, person: Person, slug: str) -> Source:
    """The source. Raises :class:`NotAllowed` for those who may not act on it."""
    with services.store.reading() as session:
        feed = sources.by_slug(session, slug)
    person.require(Action.RUN_HARVESTS, custodian=owner_of(services, feed))
    return feed


def _run(session: Session, feed: Source, number: int) -> None:
    if runs.by_id(session, number).source_id != feed.id:
        raise NotFound(f"Run {number} is not one of {feed.name}.")


@router.post("/run", dependencies=[Depends(harvest_limit)])
def run_now(services: Serving, person: FromOwnForm, slug: str) -> Response:
    steward(services, person, slug)
    number = services.harvesting.queue_run(slug)
    services.jobs.enqueue("harvest", run_id=number)
    return see_other(run_path(slug, number))


@router.post("/pause")
def pause_source(services: Serving, person: FromOwnForm, slug: str) -> Response:
    steward(services, person, slug)
    pause(services.store, slug)
    return see_other(source_path(slug))


@router.post("/resume")
def resume_source(services: Serving, person: FromOwnForm, slug: str) -> Response:
    steward(services, person, slug)
    resume(services.store, slug, now=services.clock())
    return see_other(source_path(slug))


@router.post("/dry-runs", dependencies=[Depends(harvest_limit)])
def try_again(services: Serving, person: FromOwnForm, slug: str) -> Response:
    steward(services, person, slug)
    return to_dry_run(services, slug)


def to_dry_run(services: Services, slug: str) -> Response:
    """Ask for one, and go to its page."""
    number = ask_to_try(services.store, slug, now=services.clock())
    services.jobs.enqueue("dry-run", slug=slug)
    return see_other(dry_run_path(slug, number))


@router.post("/runs/{number}/cancel")
def cancel(services: Serving, person: FromOwnForm, slug: str, number: RunId) -> Response:
    feed = steward(services, person, slug)
    with services.store.reading() as session:
        _run(session, feed, number)
    services.harvesting.cancel(number)
    return see_other(run_path(slug, number))


@router.post("/runs/{number}/retry", dependencies=[Depends(harvest_limit)])
def retry(services: Serving, person: FromOwnForm, slug: str, number: RunId) -> Response:
    feed = steward(services, person, slug)
    with services.store.reading() as session:
        _run(session, feed, number)
    following = services.harvesting.queue_retry(number)
    services.jobs.enqueue("harvest", run_id=following)
    return see_other(run_path(slug, following))


@router.post("/runs/{number}/undo")
def undo(services: Serving, person: FromOwnForm, slug: str, number: RunId) -> Response:
    feed = steward(services, person, slug)
    with services.store.reading() as session:
        _run(session, feed, number)
    done = undo_run(services.store, number, by=person.name, now=services.clock())
    services.jobs.enqueue("index")
    return see_other(run_path(slug, done.id))


@router.post("/holds/{number}/approve")
def approve_hold(services: Serving, person: FromOwnForm, slug: str, number: RunId) -> Response:
    _hold(services, steward(services, person, slug), number)
    approve(services.store, number, by=person.name, now=services.clock())
    services.jobs.enqueue("index")
    return see_other(hold_path(slug, number))


@router.post("/holds/{number}/reject")
def reject_hold(services: Serving, person: FromOwnForm, slug: str, number: RunId) -> Response:
    _hold(services, steward(services, person, slug), number)
    reject(services.store, number, by=person.name, now=services.clock())
    return see_other(hold_path(slug, number))


def _hold(services: Services, feed: Source, number: int) -> None:
    with services.store.reading() as session:
        if holds.by_id(session, number).source_id != feed.id:
            raise NotFound(f"Hold {number} is not one of {feed.name}.")
