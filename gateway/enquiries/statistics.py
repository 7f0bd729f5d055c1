"""How many questions were asked, and what became of them: by custodian and for all, without small numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.access.statistics import OVERALL, PERIOD
from gateway.access.suppression import Sum, shown

KINDS: Final = ("general", "feasibility", "columns", "unlisted", "passed_on")
"""What was asked. ``passed_on`` is a question for what is not listed as a custodian has it that the gateway's staff passed it on to."""
COUNTED: Final = ("asked", *KINDS, "acknowledged", "answered", "converted", "closed")
SPAM: Final = "spam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as one custodian has it. ``scope`` is the custodian's short name."""

    scope: str
    kind: str
    at: datetime
    state: str
    close_reason: str | None
    is_acknowledged: bool
    is_answered: bool

    def counted(self) -> frozenset[str]:
        """Of :data:`COUNTED`: a question that was answered and then became a request counts as both."""
        is_so = {
            "asked": True, self.kind: True, "acknowledged": self.is_acknowledged, "answered": self.is_answered,
            "converted": self.state == "converted", "closed": self.state == "closed",
        }
        return frozenset(name for name, holds in is_so.items() if holds)


def question_figures(asked: Iterable[Asked], *, now: datetime) -> dict[str, Mapping[str, int | None]]:
    """By scope, of the last twelve months, all under :data:`OVERALL`. None is "too few to show", also by subtraction. Spam is left out."""
    found = [one for one in asked if now - PERIOD <= one.at <= now and one.close_reason != SPAM]
    scopes = sorted({one.scope for one in found})
    cells = {
        (scope, name): sum(name in one.counted() for one in found if scope in (OVERALL, one.scope)) for scope in (OVERALL, *scopes) for name in COUNTED
    }
    across: list[Sum[tuple[str, str]]] = [((OVERALL, name), tuple((scope, name) for scope in scopes)) for name in COUNTED] if scopes else []
    kinds: list[Sum[tuple[str, str]]] = [((scope, "asked"), tuple((scope, kind) for kind in KINDS)) for scope in (OVERALL, *scopes)]
    told = shown(cells, across + kinds)
    return {scope: {name: told[scope, name] for name in COUNTED} for scope in (OVERALL, *scopes)}
