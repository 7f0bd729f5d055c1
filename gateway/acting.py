"""Who is doing what is being done: known to the entry points, read where the audit is written.

An entry point opens one :class:`Acting` for each request or command; what learns later who is asking (the session's cookie, an
API key) fills it in. Outside of any, the gateway itself acts.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Acting:
    """``actor`` is an opaque subject, ``key:<number>``, or one of ``public``, ``operator``, ``system``, ``mailbox``, ``webhook``: never a name
    or an address.

    ``noted`` are the actions that were written into the audit meanwhile. ``shown`` is the public id of the part whose answers are about to
    be shown, where the address is a secret and cannot tell.
    """

    actor: str = "system"
    role: str = "system"
    request_id: str = ""
    noted: list[str] = field(default_factory=list)
    shown: str | None = None

    def become(self, actor: str, role: str) -> None:
        self.actor, self.role = actor, role


_ACTING: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting:
    return _ACTING.get() or Acting()


@contextmanager
def acting_as(actor: str, role: str, *, request_id: str | None = None) -> Iterator[Acting]:
    """Threads and tasks begun within share the same :class:`Acting`."""
    opened = Acting(actor, role, request_id or secrets.token_hex(8))
    token = _ACTING.set(opened)
    try:
        yield opened
    finally:
        _ACTING.reset(token)
