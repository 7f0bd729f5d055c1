"""Pages for who lost every way into an account, and for whom they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class LostView(FormView):
    """Fields: email, reach. ``is_sent`` says the same whether there is such an account."""

    template: ClassVar[str] = "accounts/lost.html"

    is_sent: bool = False

    @property
    def heading(self) -> str:
        return "Check your mail" if self.is_sent else "Lost every way in"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverView(FormView):
    """Field: password, once ``is_ripe``; until then it says what is waited for."""

    template: ClassVar[str] = "accounts/recover.html"

    action: str
    is_ripe: bool
    ripe_at: str | None = None

    @property
    def heading(self) -> str:
        return "Choose a new password" if self.is_ripe else "Not yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecoveryView(PageView):
    template: ClassVar[str] = "accounts/stop-recovery.html"
    width: ClassVar[str] = "narrow"

    action: str
    is_stopped: bool = False

    @property
    def title(self) -> str:
        return "Stopped" if self.is_stopped else "Stop this"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRow:
    """``reach`` is the address that they gave. ``says`` is who confirmed already: nobody, the team, the gateway."""

    number: int
    name: str
    address: str
    reach: str
    asked_at: str
    says: str
