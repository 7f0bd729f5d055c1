"""Workers that kill themselves at a chosen point: ``python -m tests.journeys.killed_workers``, told what to do on standard input.

Each line is a JSON object: the environment of the gateway, the run to work off (or that the outbox is to be emptied), the point and
how many times it may be passed before the worker dies there; ``threads`` asks for the worker that a gateway has within it. The worker is a fork of this process, which has everything loaded; the answer, a line on standard
output, is how it ended. Kills are put in from outside, around the parts of a gateway as it is built for use.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import event, select

from gateway.access import deliver
from gateway.channels.mail import SmtpMailer
from gateway.channels.posting import GuardedPoster
from gateway.harvesting import removing
from gateway.jobs.celery_queue import CeleryJobs
from gateway.mailing import sending
from gateway.models import Delivery, IndexEntry, Run
from gateway.settings import Settings
from gateway.store import outbox, runs
from gateway.wiring import Services, build
from harvesters import files
from harvesters.change_memory import ChangeMemory
from harvesters.files import FilesSource
from harvesters.oai_pmh import OaiPmhSource
from harvesters.parsing.pool import ParsingPool
from harvesters.parsing.process import ParsingProcess
from tests.services import GIVEN_SERVER  # noqa: F401  # takes the test server out of the environment

GIVE_UP_SECONDS = 60


class Point:
    """Kills the process when it is passed once too often."""

    def __init__(self, passes: int) -> None:
        self.left = passes

    def __call__(self, *_: object, **__: object) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def passed(*args: Any, **kwargs: Any) -> Any:
            self()
            return call(*args, **kwargs)

        return passed

    def after(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def passed(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            self()
            return result

        return passed


def before_the_first_page(services: Services, point: Point) -> None:
    for kind in (FilesSource, OaiPmhSource):
        kind.records = point.before(kind.records)  # type: ignore[method-assign]  # this process only, and it ends here


def after_the_last_page(services: Services, point: Point) -> None:
    """With all of a listing committed, and its end not yet."""
    ChangeMemory.after_listing = point.before(ChangeMemory.after_listing)  # type: ignore[method-assign]  # as above


def before_a_commit(services: Services, point: Point) -> None:
    event.listen(services.store.engine, "commit", point)


def after_keeping_bytes(services: Services, point: Point) -> None:
    services.files.put = point.after(services.files.put)  # type: ignore[method-assign]  # as above


def before_the_index(services: Services, point: Point) -> None:
    services.catalogue.engine.index = point.before(services.catalogue.engine.index)  # type: ignore[method-assign]  # as above


def during_the_index(services: Services, point: Point) -> None:
    services.catalogue.engine.index = point.after(services.catalogue.engine.index)  # type: ignore[method-assign]  # as above


def during_removals(services: Services, point: Point) -> None:
    removing.REMOVALS_AT_ONCE = 1
    removing._remove = point.after(removing._remove)


def in_the_parser_child(services: Services, point: Point) -> None:
    """Not the worker dies but its child, while it has the document."""
    take = ParsingPool._take

    def taken(pool: ParsingPool) -> ParsingProcess:
        process = take(pool)
        point.left -= 1
        if point.left == -1:
            os.kill(process.id, signal.SIGKILL)
        return process

    ParsingPool._take = taken  # type: ignore[method-assign]  # as above


def before_claim(services: Services, point: Point) -> None:
    outbox.claim_delivery = point.before(outbox.claim_delivery) if _has_delivery(services) else outbox.claim_delivery
    outbox.claim_message = point.before(outbox.claim_message)


def after_claim(services: Services, point: Point) -> None:
    """With the lease taken, and not committed."""
    outbox.claim_delivery = point.after(outbox.claim_delivery) if _has_delivery(services) else outbox.claim_delivery
    outbox.claim_message = point.after(outbox.claim_message)


def before_send(services: Services, point: Point) -> None:
    """With the lease committed."""
    SmtpMailer.send = point.before(SmtpMailer.send)  # type: ignore[method-assign]  # as above
    GuardedPoster.post = point.before(GuardedPoster.post)  # type: ignore[method-assign]  # as above


def after_accepted(services: Services, point: Point) -> None:
    SmtpMailer.send = point.after(SmtpMailer.send)  # type: ignore[method-assign]  # as above
    GuardedPoster.post = point.after(GuardedPoster.post)  # type: ignore[method-assign]  # as above


def after_commit(services: Services, point: Point) -> None:
    """Both say what they did once it is committed."""
    sending.log = deliver.log = _Log(point)


class _Log:
    def __init__(self, point: Point) -> None:
        self.info = self.exception = point


def _has_delivery(services: Services) -> bool:
    with services.store.reading() as session:
        return session.scalar(select(Delivery.id).where(Delivery.state == "queued").limit(1)) is not None


files.STABLE_SECONDS = 0.0  # As in tests/conftest.py.
POINTS = {
    one.__name__: one for one in (
        before_the_first_page, after_the_last_page, before_a_commit, after_keeping_bytes, before_the_index, during_the_index, during_removals, in_the_parser_child,
        before_claim, after_claim, before_send, after_accepted, after_commit,
    )
}


def work(order: dict[str, Any]) -> None:
    """Never returns to the caller's loop: the process ends here, one way or another."""
    os.environ.update(order["environment"])
    services = build(Settings(tick_seconds=0.2))
    if order["point"]:
        POINTS[order["point"]](services, Point(order["passes"]))
    if order["run"] is None:
        services.jobs.bodies["deliver"]()
        services.close()
        return
    services.harvesting.release_dead()
    if order.get("threads"):
        _work_in_threads(services, order["run"])
    elif isinstance(services.jobs, CeleryJobs):
        services.jobs.work(concurrency=1, when_stopping=services.harvesting.close)
    else:
        services.harvesting.run(order["run"])
        services.catalogue.index_pending()
        services.close()


def _work_in_threads(services: Services, run_id: int) -> None:
    """As a gateway does that has its worker within it: the sweep finds the run, and then what is to be indexed."""
    services.jobs.start()
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not _is_over(services, run_id) and time.monotonic() < give_up:
        time.sleep(0.05)
    services.jobs.stop()
    services.close()


def _is_over(services: Services, run_id: int) -> bool:
    with services.store.reading() as session:
        return session.get_one(Run, run_id).state not in runs.ACTIVE and session.scalar(select(IndexEntry.record_id).limit(1)) is None


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Celery greets on it.
            with suppress(BaseException):
                work(json.loads(line))
                os._exit(0)
            os._exit(1)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status), "code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
