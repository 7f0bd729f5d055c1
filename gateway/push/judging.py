"""One pushed document, judged by the pipeline against what is held of it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from gateway.errors import BadRequest
from gateway.judging.siblings import NO_SOURCE, Others
from gateway.models import Custodian, Source
from gateway.sources.registering import demands_conformance
from harvesters.identity import UnusableIdError, local_id
from harvesters.pipeline import Outcome, outcomes
from harvesters.push import PushSource, pushed_one
from harvesters.reasons import REASONS
from harvesters.source import Content, Held, PageUnreadable, RawRecord


def judged(session: Session, raw: RawRecord, held: Held, *, custodian: Custodian, source: Source | None, today: dt.date) -> Outcome:
    """``source`` is the custodian's push source, once there is one."""
    found = outcomes(PushSource([raw]), held, custodian_known=True, wanted="full", today=today, demands_conformance=source is not None and demands_conformance(source))
    outcome = next(item for item in found if isinstance(item, Outcome))
    return Others(source.id if source else NO_SOURCE, custodian.id).judge(session, [outcome])[0]


def require_readable(outcome: Outcome) -> None:
    """Raises :class:`BadRequest` for a document that is no dataset description."""
    if outcome.kind != "rejected":
        return
    known = REASONS[outcome.reason or "parser-killed"]
    raise BadRequest(outcome.detail or known.sentence, hint=known.hint, extra={"reason": known.code})


def readable(local_id: str, content: Content, *, declared: str | None) -> RawRecord:
    """The document that was sent for one dataset. Raises :class:`BadRequest` for what holds none, or several."""
    try:
        return pushed_one(local_id, content, declared=declared)
    except PageUnreadable as failure:
        raise BadRequest(failure.message, hint=REASONS[failure.reason].hint, extra={"reason": failure.reason}) from None


def usable_id(given: str) -> str:
    """The identifier as it is kept. Raises :class:`BadRequest`."""
    try:
        found = local_id(given)
    except UnusableIdError as error:
        raise BadRequest(str(error), hint=REASONS["bad-id"].hint) from None
    if found is None:
        raise BadRequest("A dataset needs an identifier.", hint="Name it in the address, or as id=… where it holds / ? or #.")
    return found
