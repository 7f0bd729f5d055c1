"""Who sees an event. Each is named in one of the two lists; one that is in neither, or in both, stops the program before it starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

from gateway.access.transitions import ROWS

Audience = Literal["party", "internal"]
OF_THE_REQUEST: Final = frozenset({"request.created", "request.copied", "part.added", "dependency.at_risk", "linkage.satisfied"})
"""Events of a whole request, which no command of a part leads to."""
PARTY: Final = frozenset(
    {
        "request.created", "request.copied", "part.added", "dependency.at_risk", "linkage.satisfied",
        "answers.saved", "file.attached", "file.removed", "datasets.changed", "member.invited", "member.joined", "member.removed", "lead.changed",
        "terms.accepted", "advice.acknowledged", "part.deleted", "part.submitted", "part.resubmitted", "part.withdrawn", "part.reopened_by_lead",
        "amendment.started", "part.redirected", "reference.recorded", "outcome.reported", "part.acknowledged", "outcome.recorded", "part.rerouted",
        "part.returned", "part.validated", "part.held", "part.released", "evidence.added", "evidence.verified", "evidence.refused", "message.sent",
        "part.closed", "part.approved", "part.approved_conditionally", "part.rejected", "conditions.met", "part.reopened", "agreement.issued",
        "agreement.signed", "access.activated", "access.suspended", "access.resumed", "snapshot.updated", "amendment.needed", "access.ended",
        "access.revoked", "content.redacted", "approval.extended", "report.recorded", "outputs.named", "delivery.sent", "delivery.deferred", "delivery.manual",
    }
)
"""For the applicant and the custodian."""
INTERNAL: Final = frozenset(
    {
        "handler.assigned", "conflict.declared", "review.requested", "review.given", "vote.cast", "remark.added", "access.break_glass",
        "part.anonymised",
    }
)
"""For the custodian alone. A remark that is meant for the applicant says so in its payload."""


def classified(events: Collection[str], *, party: Collection[str] = PARTY, internal: Collection[str] = INTERNAL) -> dict[str, Audience]:
    """Raises :class:`ValueError` naming each event that is in neither list or in both, and each name in a list that is no event."""
    listed = {*party, *internal}
    wrong = sorted({*events} ^ listed | ({*party} & {*internal}))
    if wrong:
        raise ValueError(f"It is not clear who sees {', '.join(wrong)}: name each event once, in gateway/access/visibility.py.")
    return {event: "party" if event in party else "internal" for event in events}


VISIBILITY: Final[Mapping[str, Audience]] = classified({row.event for row in ROWS.values()} | OF_THE_REQUEST)
