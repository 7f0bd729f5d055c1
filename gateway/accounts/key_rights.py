"""What a key of a person may do: its scopes, as far as the person's roles of this moment allow the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.accounts.roles import ROLES, Action, Held, may

SCOPE_NEEDS: Final[dict[str, frozenset[Action]]] = {
    "datasets:read": frozenset({Action.RUN_HARVESTS}),
    "datasets:write": frozenset({Action.RUN_HARVESTS}),
    "datasets:delete": frozenset({Action.RUN_HARVESTS}),
    "datasets:validate": frozenset({Action.RUN_HARVESTS}),
    "runs:read": frozenset({Action.RUN_HARVESTS}),
    "parts:read": frozenset({Action.READ_ALL_PARTS}),
    "parts:act": frozenset({Action.HANDLE_PARTS, Action.DECIDE_PARTS}),
}
"""Scope -> what its owner must be allowed. ``parts:act`` carries decisions too, so it takes both roles."""
SCOPE_WORDS: Final = {
    "datasets:read": "Read the custodian's own datasets", "datasets:write": "Add and change datasets", "datasets:delete": "Withdraw datasets",
    "datasets:validate": "Check datasets without keeping them", "runs:read": "Read what became of a push",
    "parts:read": "Read requests for access", "parts:act": "Handle and decide requests for access",
}


def allowed_scopes(held: tuple[Held, ...], *, custodian: str, has_second_factor: bool) -> tuple[str, ...]:
    """In the order of the table. Roles of the whole gateway give no key to one custodian's data."""
    counted = tuple(
        one for one in held if one.custodian == custodian and (has_second_factor or not ROLES[one.role].needs_second_factor)
    )
    return tuple(scope for scope, needs in SCOPE_NEEDS.items() if all(may(counted, action, custodian=custodian) for action in needs))


def lesser(scopes: Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
    return tuple(scope for scope in scopes if scope in allowed)
