"""What writing did to a record: one entry for each choice, loss or gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal[
    "renamed", "reshaped", "split", "joined", "inherited", "narrowed", "broadened", "carried", "dropped", "ambiguous",
    "over_limit", "unfilled", "invalid_in_target",
]  # fmt: skip
NOT_CONFORMING: Final = frozenset(("over_limit", "unfilled", "invalid_in_target"))
LOSSES: Final = frozenset(("carried", "dropped", "ambiguous"))


@dataclass(frozen=True, slots=True)
class Entry:
    """``from_path`` is a JSON Pointer into the canonical record (for carried values: into the submitted document),
    ``to_path`` one into the written document; either is None where nothing stands there. ``rule`` names the rule or field
    table that decided, ``reversible`` says whether reading the result gives the value back.
    """

    kind: Kind
    from_path: str | None
    to_path: str | None
    value: str
    rule: str
    is_reversible: bool
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "from": self.from_path, "to": self.to_path, "value": self.value, "rule": self.rule,
            "reversible": self.is_reversible, "message": self.message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """``document`` in the shape of ``target`` (``HDRUK 2.1.2``), and everything that happened on the way there."""

    target: str
    document: dict[str, Any]
    report: tuple[Entry, ...]

    @property
    def conforms(self) -> bool:
        """Whether the document passes the target's schema with nothing missing or too long."""
        return not any(entry.kind in NOT_CONFORMING for entry in self.report)

    @property
    def lost_paths(self) -> tuple[str, ...]:
        """Canonical paths whose value the document does not hold, or not whole."""
        return tuple(entry.from_path for entry in self.report if entry.from_path is not None and not entry.is_reversible)

    def as_json(self) -> dict[str, Any]:
        return {"document": self.document, "conforms": self.conforms, "report": [entry.as_json() for entry in self.report]}


class NotConforming(Exception):
    """A strict call whose document would not pass the target's schema. ``entries`` name every reason."""

    def __init__(self, target: str, entries: tuple[Entry, ...]) -> None:
        super().__init__(f"The record cannot be written as {target}: {len(entries)} values are missing, too long or not allowed there.")
        self.entries = entries
