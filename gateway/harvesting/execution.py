"""Work off one run: read the source, commit what it brings, end it. Whatever goes wrong ends this run only."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

import structlog

from gateway.errors import GatewayError
from gateway.harvesting.attempt import Attempt, Cancelled, SliceOver, TakenOver
from gateway.harvesting.batches import Batches
from gateway.harvesting.checkpoint import LOSSES_PER_RECORD
from gateway.harvesting.ending import Ending, ending_after, finish, pause_is_allowed, waiting_for
from gateway.harvesting.pushed import pushed_to
from gateway.harvesting.removing import commit_removals, judge_removals
from gateway.harvesting.replayed import note_replayed, replayed
from gateway.harvesting.retried import retried
from gateway.harvesting.scanned import keep_scan
from gateway.harvesting.turns import RunTurns
from gateway.sources.registering import build_source, demands_conformance
from gateway.store import records, runs
from harvesters.pipeline import outcomes
from harvesters.registry import WrongConfiguration
from harvesters.retries import is_pause
from harvesters.source import CursorRefused, Mark, Source, SourceError
from harvesters.stored import NothingHeld

log = structlog.get_logger(__name__)


class Execution:
    def __init__(self, attempt: Attempt, open_secret: Callable[[str], str], *, user_agent: str) -> None:
        self.attempt = attempt
        self.open_secret = open_secret
        self.user_agent = user_agent
        self.batches = Batches(attempt)

    def execute(self) -> None:
        """A run that another worker has taken over is left to it."""
        started = time.perf_counter()
        try:
            ending = self._ending()
            finish(self.attempt, ending, seconds=time.perf_counter() - started)
        except runs.LeaseLostError:
            log.warning("run.lease_lost", run=self.attempt.run.id)
        finally:
            if self.attempt.fetcher is not None:
                self.attempt.fetcher.close()

    def _ending(self) -> Ending:
        try:
            return self._work_until_others_come()
        except Cancelled:
            return Ending("cancelled", error="Stopped by request; what was committed stays.")
        except TakenOver:
            raise runs.LeaseLostError(f"run {self.attempt.run.id} was taken over") from None
        except (GatewayError, WrongConfiguration) as failure:
            return Ending("failed", "wrong-configuration", str(failure))
        except runs.LeaseLostError:
            raise
        except Exception as failure:
            log.exception("run.failed", run=self.attempt.run.id, source=self.attempt.source.slug)
            return Ending("failed", "parser-killed", f"The harvester failed: {type(failure).__name__}.")

    def _work_until_others_come(self) -> Ending:
        try:
            return self._work()
        except SliceOver:
            self.batches.commit()
            return Ending("queued")

    def _work(self) -> Ending:
        if self.attempt.checkpoint.lost > LOSSES_PER_RECORD:
            return Ending("failed", "parser-killed", "Reading the listing ended the worker again and again.")
        error: SourceError | None = None
        try:
            self._read()
        except SourceError as failure:
            error = failure
            self.batches.commit()
            if is_pause(failure) and pause_is_allowed(self.attempt, failure):
                return waiting_for(self.attempt, failure)
        verdict = judge_removals(self.attempt, error)
        with self.attempt.stages.taking("write"):
            commit_removals(self.attempt, verdict)
        return ending_after(self.attempt, verdict, error)

    def _read(self) -> None:
        attempt = self.attempt
        feed, attempt.fetcher = build_source(
            attempt.source, self.open_secret, user_agent=self.user_agent, turns=RunTurns(attempt)
        )
        with attempt.store.reading() as session:
            attempt.take_up(records.held(session, attempt.source, with_history=feed.holds_history))
        if attempt.checkpoint.end is not None:
            return
        source = replayed(attempt) or pushed_to(attempt) or retried(attempt, feed.build(attempt.fetcher, attempt.held, attempt.run.wanted_pass))
        try:
            self._read_on(source)
        except CursorRefused:
            if attempt.checkpoint.is_restarted:
                raise
            self.batches.commit()
            attempt.start_again()
            self._read_on(feed.build(attempt.fetcher, attempt.held, attempt.run.wanted_pass))

    def _read_on(self, source: Source) -> None:
        attempt = self.attempt
        keep_scan(attempt, source)
        attempt.be_careful_after_losses()
        knows_custodian = attempt.source.custodian_id is not None
        held = NothingHeld() if attempt.run.trigger == "replay" else attempt.held
        met = outcomes(
            source, held, custodian_known=knows_custodian, wanted=attempt.run.wanted_pass, today=attempt.clock().date(),
            position=attempt.checkpoint.position, demands_conformance=demands_conformance(attempt.source), at_once=attempt.requests_at_once,
            stages=attempt.stages,
        )
        with closing(met):
            for item in met:
                if isinstance(item, Mark):
                    self.batches.at_mark(item)
                else:
                    self.batches.collect(item)
        if attempt.run.trigger in ("replay", "retry"):
            self.batches.commit()
        if attempt.run.trigger == "replay":
            note_replayed(attempt)
