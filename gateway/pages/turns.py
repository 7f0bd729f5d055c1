"""Whose turn it is, in words for either side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from gateway.access.clock_words import provisional
from gateway.access.clocks import Turn

Side = Literal["applicant", "custodian"]
WAITS: Final[Mapping[str, str]] = {
    "delivery": "being delivered", "own_system": "in the custodian’s own system", "hold": "paused; nobody’s turn", "access": "nobody has to do anything",
    "reopen": "over, unless the custodian reopens it",
}
"""What a part does while it is neither side's turn."""


def is_turn_of(turn: Turn, side: Side) -> bool:
    return turn.owner == side and turn.reason not in WAITS


def turn_words(turn: Turn | None, *, side: Side, usual: int | None = None) -> str | None:
    """``usual`` is the custodian's median for this stage."""
    if turn is None:
        return None
    if turn.reason in WAITS:
        return f"Now: {WAITS[turn.reason]}"
    if is_turn_of(turn, side):
        whose = "Your turn"
    else:
        whose = "The custodian’s turn" if turn.owner == "custodian" else "The applicant’s turn"
    median = f"; the median here is {usual:,}" if usual is not None else ""
    why = provisional(turn.until)
    return f"{whose}, {_days(turn.working_days)} so far{f' ({why})' if why else ''}{median}"


def _days(count: int) -> str:
    return {0: "less than a working day", 1: "1 working day"}.get(count, f"{count:,} working days")
