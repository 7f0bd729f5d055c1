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
    """``actor`` is an opaque subject, ``key:<number>``, or one of ``public``, ``operator``, ``system``: never a name or an address.

    ``noted`` are the actions that were written into the audit meanwhile.
    """

    actor: str = "system"
    role: str = "system"
    request_id: str = ""
    noted: list[str] = field(default_factory=list)

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
