"""What a custodian chose about its requests, within published limits. A part keeps the choices under which it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

from gateway.access.parts import Role, Row
from gateway.access.pathways.listing import GENERIC, shipped
from gateway.access.pathways.pathway import Pathway
from gateway.errors import Unprocessable

Flag = Literal["reviews", "votes", "conditions", "four_eyes", "final_approval", "final_rejection", "mailbox_visits", "training", "names_handlers", "organisation_conflicts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``words`` complete "How long …"."""

    least: int
    most: int
    unit: Literal["working days", "days"]
    words: str


LIMITS: Final[Mapping[str, Limit]] = {
    "acknowledge_days": Limit(least=2, most=20, unit="working days", words="until you confirm receipt"),
    "screening_days": Limit(least=2, most=40, unit="working days", words="for the check that a request is complete"),
    "decision_days": Limit(least=5, most=260, unit="working days", words="until you decide"),
    "answer_days": Limit(least=30, most=180, unit="days", words="an applicant has to answer you"),
    "conditions_days": Limit(least=30, most=365, unit="days", words="an applicant has to meet conditions without a date"),
    "activation_days": Limit(least=60, most=365, unit="days", words="an approval can wait for the agreement and access"),
    "hold_days": Limit(least=5, most=60, unit="working days", words="a pause lasts before you are reminded of it"),
    "report_days": Limit(least=30, most=180, unit="days", words="after the end of access the report is due"),
    "reopen_days": Limit(least=30, most=90, unit="days", words="a decision against a request can be reopened"),
}
"""Nobody can choose less or more."""
FLAGS: Final[Mapping[str, str]] = {
    "reviews": "Ask reviewers", "votes": "Vote in the committee", "conditions": "Approve with conditions",
    "four_eyes": "Whoever accepts a request for review does not decide on it",
    "final_approval": "Approval is given by a person here, never by our own system",
    "final_rejection": "Refusal is given by a person here, never by our own system",
    "training": "Everybody who will handle the data shows current training, verified in their profile, before access opens",
    "organisation_conflicts": "Whoever works for the applicant’s organisation is kept out of the request",
    "names_handlers": "Applicants see by name who of us works on their request, not the desk alone",
    "mailbox_visits": "Read requests with a code that our mailbox receives, without an account",
}
_APPROVALS: Final = ("approve", "approve_conditionally")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``decision_days`` None: the lead time that the datasets state. ``pathway`` is the id of a pathway of law or nation, ``followed`` what it
    says; that is not part of the choice.

    ``evidence`` are the kinds that a request must come with; ``hard_rules`` the rules of advice (gateway/access/advice.py) that
    keep a request with a conflict from being sent. What flags of the answers (gateway/access/raised_flags.py) call for: ``flag_evidence`` are
    pairs of a flag and a kind, ``flag_reviews`` the flags for which a review is given before the decision.
    """

    acknowledge_days: int = 5
    screening_days: int = 10
    decision_days: int | None = None
    answer_days: int = 60
    conditions_days: int = 90
    activation_days: int = 180
    hold_days: int = 20
    report_days: int = 60
    reopen_days: int = 30
    reviews: bool = True
    votes: bool = True
    conditions: bool = True
    four_eyes: bool = False
    final_approval: bool = False
    final_rejection: bool = False
    mailbox_visits: bool = True
    training: bool = False
    names_handlers: bool = False
    organisation_conflicts: bool = False
    pathway: str = "generic"
    followed: Pathway = GENERIC
    evidence: tuple[str, ...] = ()
    hard_rules: tuple[str, ...] = ()
    flag_evidence: tuple[str, ...] = ("non_uk:DPIA", "identifiable:DPIA", "release:DPIA")
    flag_reviews: tuple[str, ...] = ("non_uk", "commercial", "excluded_uses")

    def evidence_for(self, flag: str) -> tuple[str, ...]:
        """Kinds that a request comes with because of a flag of its answers."""
        return tuple(kind for name, _, kind in (one.partition(":") for one in self.flag_evidence) if name == flag)

    @property
    def needs_training(self) -> bool:
        """By the custodian's choice, or because its pathway asks for safe researcher training."""
        return self.training or "trained" in self.followed.guards

    def without(self) -> frozenset[Row]:
        """What the choices take out of the table: a command for everybody (role None), or for one role."""
        off: set[Row] = set()
        if not self.reviews:
            off |= {("request_review", None), ("give_review", None)}
        if not self.votes:
            off.add(("vote", None))
        if not self.conditions:
            off.add(("approve_conditionally", None))
        system: Role = "integration"
        if self.final_approval:
            off |= {(command, system) for command in _APPROVALS}
        if self.final_rejection:
            off.add(("reject", system))
        return frozenset(off)

    def facts(self) -> dict[str, Any]:
        """As the guards read them."""
        return {"without": self.without(), "four_eyes": self.four_eyes, "reopen_days": self.reopen_days, "rules": self.followed.guards}


DEFAULT: Final = Policy()
"""Of custodians that chose nothing."""


def policy_of(values: Mapping[str, Any] | None) -> Policy:
    """From what was kept; what is not known any more is left out. It follows the pathway as it comes with the gateway."""
    known = {one.name for one in fields(Policy)} - {"followed"}
    stored: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in (values or {}).items() if name in known}
    return Policy(**stored, followed=shipped(str(stored.get("pathway", "generic"))))


def kept(policy: Policy) -> dict[str, Any]:
    """For the database."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(policy).items() if name != "followed"}


def checked(policy: Policy) -> Policy:
    """The same. Raises :class:`Unprocessable` naming each number that is outside its limits."""
    faults = {}
    for name, limit in LIMITS.items():
        value = getattr(policy, name)
        if value is not None and not limit.least <= value <= limit.most:
            faults[name] = f"Choose a number from {limit.least} to {limit.most} ({limit.unit})."
    if faults:
        raise Unprocessable("A number is outside its limits.", fields=faults)
    return policy
