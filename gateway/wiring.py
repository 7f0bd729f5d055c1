"""Settings -> Services: the only place that chooses implementations and binds jobs to their bodies."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.access.deliver import deliver_due
from gateway.access.prefill import Prefill
from gateway.access.scanned_files import scan_waiting
from gateway.access.timekeeping import keep_time
from gateway.accounts.members import Members
from gateway.accounts.oidc.calling import Providers
from gateway.accounts.profile.prefill import prefill
from gateway.audit.heads import COPIES, KEY_FILE, Signer
from gateway.catalogue.basket import BasketCookie
from gateway.catalogue.linking import link_after
from gateway.catalogue.published import Catalogue
from gateway.channels.routing import Channels, build_channels
from gateway.harvesting import Harvesting, Telling
from gateway.jobs.housekeeping import Housekeeping
from gateway.jobs.queue import InProcessJobs, JobQueue
from gateway.limits import Limiter
from gateway.limits.counters import RedisCounter
from gateway.providers.oai.provider import Provider
from gateway.providers.oai.tokens import Tokens
from gateway.push.upsert import Pushes
from gateway.searches.looking import look_at_due
from gateway.settings import Settings
from gateway.sources.trying import try_where_it_waits
from gateway.store import Store, dry_runs, outbox, records, rhythm, runs, saved_searches, uploads, webhooks
from gateway.store.database import utc_now
from gateway.store.files import Files
from gateway.store.sealing import Sealer
from gateway.uploads.keeping import Uploads
from gateway.webhooks.deliver import notify_due
from search.embedded import EmbeddedEngine
from search.engine import SearchEngine

NEW_OBJECTS_BEFORE_COLLECTION = 20_000
"""A record and its findings are some thousand objects without a circle among them: looking for circles after every 700 new
objects, which is Python's habit, takes a sixth of a harvest's time and finds none."""
HARVESTS_AT_ONCE = 16
"""So many runs at most are rung for at each tick: the order in which they are due may change while others are worked off."""

LINKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    store: Store
    files: Files
    sealer: Sealer
    catalogue: Catalogue
    harvesting: Harvesting
    pushes: Pushes
    channels: Channels
    basket: BasketCookie
    jobs: JobQueue
    limits: Limiter
    oai: Provider
    prefill: Prefill
    """What is known of a person when they begin a request."""
    identity_providers: Providers
    audit_signer: Signer

    @property
    def clock(self) -> Callable[[], Any]:
        return self.harvesting.clock

    @property
    def uploads(self) -> Uploads:
        return self.channels.uploads

    @property
    def members(self) -> Members:
        return Members(self.store, self.sealer, waives_second=not self.settings.is_public)

    @property
    def housekeeping(self) -> Housekeeping:
        return Housekeeping(self.store, self.files, self.catalogue, self.harvesting, self.sealer, self.audit_signer, self.channels)

    def close(self) -> None:
        self.harvesting.close()
        self.jobs.stop()
        self.limits.close()
        self.catalogue.engine.close()
        self.store.close()


def build(settings: Settings) -> Services:
    """Make everything the entry points need. Nothing connects until it is used."""
    gc.set_threshold(NEW_OBJECTS_BEFORE_COLLECTION)
    data = settings.data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(settings.resolved_database_url)
    files = Files(data / "files")
    sealer = Sealer(data / "sealing.key")
    engine = build_engine(settings, data / "index")
    catalogue = Catalogue(store, engine, files, shares_index=settings.queue_url is not None and settings.search_url is None)
    jobs = build_queue(settings)
    harvesting = Harvesting(
        store, files, sealer.open, user_agent=user_agent(settings), after_change=lambda: jobs.enqueue("index"),
        telling=Telling(sealer),
    )
    pushes = Pushes(store, files, after_change=lambda run_id: _after_push(jobs, run_id), clock=harvesting.clock)
    channels = build_channels(settings, sealer)
    services = Services(
        settings, store, files, sealer, catalogue, harvesting, pushes, channels, BasketCookie(data / "basket.key"), jobs, build_limits(settings),
        Provider(settings, catalogue, Tokens(data / "oai.key")), lambda person: prefill(store, person, now=utc_now()),
        Providers(settings.identity_providers, user_agent(settings), settings.allow_networks),
        Signer(data / KEY_FILE, settings.audit_copy or data / COPIES),
    )
    _bind(services)
    return services


def build_engine(settings: Settings, folder: Path) -> SearchEngine:
    """In this folder, or on the server that GATEWAY_SEARCH_URL names. The client is loaded only then."""
    if settings.search_url is None:
        return EmbeddedEngine(folder)
    from search.elastic import ElasticEngine

    return ElasticEngine(settings.search_url)


def build_queue(settings: Settings) -> JobQueue:
    """In this process, or on Redis where GATEWAY_QUEUE_URL says so. Celery is loaded only then."""
    if settings.queue_url is None:
        return InProcessJobs(tick_seconds=settings.tick_seconds)
    from gateway.jobs.celery_queue import CeleryJobs

    return CeleryJobs(settings.queue_url, tick_seconds=settings.tick_seconds)


def build_limits(settings: Settings) -> Limiter:
    """Counted together with the other web processes where there is Redis."""
    return Limiter(RedisCounter(settings.queue_url) if settings.queue_url else None)


def user_agent(settings: Settings) -> str:
    return f"AllianceGateway/{__version__} (+{settings.resolved_public_url}/help; {settings.contact})"


def _after_push(jobs: JobQueue, run_id: int | None) -> None:
    jobs.enqueue("index")
    if run_id is not None:
        jobs.enqueue("link", run_id=run_id)


def _link(services: Services, run_id: int) -> int:
    found = link_after(services.store, run_id, now=utc_now())
    services.jobs.enqueue("index")
    return found


def _look_at_searches(services: Services) -> dict[str, int]:
    done = look_at_due(services.store, services.sealer, services.catalogue, now=utc_now())
    if done["told"]:
        services.jobs.enqueue("deliver")
    return done


def _bind(services: Services) -> None:
    services.jobs.bodies = {
        "dry-run": lambda slug: try_where_it_waits(
            services.store, services.sealer, slug, user_agent=user_agent(services.settings), clock=services.clock
        ),
        "harvest": services.harvesting.run,
        "housekeeping": lambda: services.housekeeping.keep_house(now=utc_now()),
        "index": services.catalogue.index_pending,
        "link": lambda run_id: _link(services, run_id),
        "clocks": lambda: keep_time(services.store, services.sealer, now=utc_now()),
        "deliver": lambda: deliver_due(services.store, services.channels, now=utc_now()),
        "scan": lambda: scan_waiting(services.store, services.sealer, services.uploads, now=utc_now()),
        "notify": lambda: notify_due(services.store, services.channels, clock=utc_now),
        "searches": lambda: _look_at_searches(services),
    }
    services.jobs.sweep_with(lambda: due_jobs(services))


def due_jobs(services: Services) -> dict[str, list[dict[str, Any]]]:
    """What waits to be done, as the database knows it: the sweep that heals lost jobs."""
    services.harvesting.queue_due()
    due: dict[str, list[dict[str, Any]]] = {
        "harvest": [{"run_id": run_id} for run_id in services.harvesting.claimable()[:HARVESTS_AT_ONCE]]
    }
    with services.store.reading() as session:
        due["link"] = [{"run_id": run_id} for run_id in runs.wanting_links(session, limit=LINKED_AT_ONCE)]
        due["dry-run"] = [{"slug": slug} for slug in dry_runs.waiting(session, now=utc_now())]
        if rhythm.HOUSEKEEPING.is_due(session, now=utc_now()):
            due["housekeeping"] = [{}]
        if records.count_queued_for_index(session):
            due["index"] = [{}]
        if rhythm.CLOCKS.is_due(session, now=utc_now()):
            due["clocks"] = [{}]
        if outbox.has_due(session, now=utc_now()):
            due["deliver"] = [{}]
        if services.uploads.scanner is not None and uploads.has_due(session, now=utc_now()):
            due["scan"] = [{}]
        if webhooks.has_due(session, now=utc_now()):
            due["notify"] = [{}]
        if saved_searches.has_due(session, now=utc_now()):
            due["searches"] = [{}]
    return due
