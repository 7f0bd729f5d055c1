"""Links to what came of a use: they stand in its entry of the register, and the history of the part tells who named them and when."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.access.commands import Command, perform_in
from gateway.access.parts import Role
from gateway.access.register import links
from gateway.errors import Unprocessable
from gateway.store import Store, requests, uses
from gateway.store.sealing import Sealer

MAX_OUTPUTS: Final = 100


def web_addresses(written: str) -> list[str]:
    """One on each line, each once. Raises :class:`Unprocessable` (field ``outputs``)."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    bad = next((line for line in lines if links(line) != [line]), None)
    if bad is not None or len(lines) > MAX_OUTPUTS:
        sentence = f"This is no web address: {bad[:100]}" if bad is not None else f"Name {MAX_OUTPUTS} at most."
        raise Unprocessable("The links were not kept.", fields={"outputs": sentence})
    return list(dict.fromkeys(lines))


def name_outputs(
    store: Store, sealer: Sealer, public_id: str, *, written: str, role: Role, actor: str, expected_version: int | None, now: datetime
) -> None:
    """The links of a part's entry are those ``written`` from now on. Raises :class:`Unprocessable`, :class:`Conflict`, :class:`NotFound`."""
    wanted = web_addresses(written)
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        held = uses.outputs_of_part(tx.session, part.id)
        payload = {"added": [one for one in wanted if one not in held], "removed": [one for one in held if one not in wanted]}
        if not payload["added"] and not payload["removed"]:
            raise Unprocessable("Nothing was changed.", fields={"outputs": "These are the links that stand there already."})
        perform_in(tx.session, sealer, part, Command(name="name_outputs", role=role, actor=actor, payload=payload, expected_version=expected_version), now)
