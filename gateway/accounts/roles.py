"""What each role may do. Rights are worked out for each request: a role that is taken away is gone with the next click."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """What can be allowed. The words complete "you may …"."""

    RUN_HARVESTS = "start, stop and undo harvests"
    SOURCES = "add and change sources"
    MEMBERS = "manage the members of a team"
    READ_PARTS = "read requests and their answers"
    READ_ALL_PARTS = "read every request to the team"
    HANDLE_PARTS = "handle requests"
    DECIDE_PARTS = "decide requests"
    FORMS = "choose what is asked"
    COUNTS = "see counts and times"
    TRIAGE = "pass requests on that have no route"
    ADMINISTER = "administer the gateway"
    PRIVACY = "answer rights requests and complaints"
    AUDIT = "read the audit"


@dataclass(frozen=True, slots=True)
class Role:
    """``of_gateway`` roles hold for the whole service, the others inside one custodian. ``can`` is the sentence for pages."""

    words: str
    can: str
    may: frozenset[Action]
    of_gateway: bool = False
    needs_second_factor: bool = False


ROLES: Final[dict[str, Role]] = {
    "team_admin": Role(
        "Team administrator", "can manage the sources, the members and the keys of the team, and what it asks",
        frozenset({Action.RUN_HARVESTS, Action.SOURCES, Action.MEMBERS, Action.FORMS, Action.COUNTS}), needs_second_factor=True,
    ),
    "metadata_editor": Role("Metadata editor", "can run harvests and keep datasets in order", frozenset({Action.RUN_HARVESTS})),
    "handler": Role("Request handler", "can handle requests", frozenset({Action.READ_PARTS, Action.READ_ALL_PARTS, Action.HANDLE_PARTS, Action.COUNTS})),
    "reviewer": Role("Reviewer", "can read the requests that they are asked to review, and advise on them", frozenset({Action.READ_PARTS})),
    "decider": Role(
        "Decision maker", "can decide requests", frozenset({Action.READ_PARTS, Action.READ_ALL_PARTS, Action.DECIDE_PARTS, Action.COUNTS}),
        needs_second_factor=True,
    ),
    "observer": Role("Observer", "can see counts and times", frozenset({Action.COUNTS})),
    "triage": Role("Triage", "can pass requests on that have no route", frozenset({Action.TRIAGE, Action.COUNTS}), of_gateway=True),
    "admin": Role(
        "Gateway administrator", "can administer the gateway", frozenset({Action.ADMINISTER, Action.RUN_HARVESTS, Action.SOURCES, Action.MEMBERS, Action.COUNTS}),
        of_gateway=True, needs_second_factor=True,
    ),
    "privacy_officer": Role("Privacy officer", "can answer rights requests and complaints", frozenset({Action.PRIVACY, Action.AUDIT}), of_gateway=True, needs_second_factor=True),
    "auditor": Role("Auditor", "can read the audit", frozenset({Action.AUDIT}), of_gateway=True),
}
"""Name in the database -> what it is. The order is that of the pages."""
TWO_PERSONS: Final = frozenset(name for name, role in ROLES.items() if role.needs_second_factor)
"""Roles that decide, administer or look into privacy: one person proposes, another confirms."""
EXCLUDING: Final = frozenset({frozenset({"admin", "decider"})})
"""Roles that one person cannot hold together."""


@dataclass(frozen=True, slots=True)
class Held:
    """One role of one person; ``custodian`` is a slug, None for the whole gateway."""

    role: str
    custodian: str | None = None
    custodian_name: str | None = None

    @property
    def words(self) -> str:
        role = ROLES[self.role].words
        return f"{role} of {self.custodian_name}" if self.custodian_name else role


def may(held: tuple[Held, ...], action: Action, *, custodian: str | None = None) -> bool:
    """Whether one of the roles allows the action, for that custodian or for the whole gateway."""
    return any(action in ROLES[one.role].may and one.custodian in (None, custodian) for one in held)
