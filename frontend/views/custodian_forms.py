"""What a custodian asks: the page on which its team administrator chooses, and the page on which everybody can read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosableQuestion:
    """``need``: R (asked of everybody), c (asked where another answer calls for it), o (to be chosen: ``chosen`` is ``offer``, ``require``
    or empty). ``field`` is the end of its fields' names."""

    key: str
    label: str
    help: str
    need: str
    chosen: str = ""
    why: str = ""
    is_private: bool = False
    """Reviewers do not see the answer."""
    guidance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianFormView(FormView):
    """Posted to ``action``. ``annex`` are the custodian's own questions by the names of their fields, the last of them empty;
    ``errors`` name ``need-``, ``guidance-`` and a key, or ``annex-`` and a number."""

    template: ClassVar[str] = "workspace/form.html"
    width: ClassVar[str] = "wide"

    custodian_name: str
    action: str
    csrf: str
    version: int
    variant: str
    topics: tuple[tuple[str, tuple[ChoosableQuestion, ...]], ...]
    annex: tuple[Mapping[str, str], ...]
    types: tuple[tuple[str, str], ...]
    published: tuple[tuple[int, str], ...] = ()
    """Versions and when they were published, the newest first."""
    counts: tuple[int, int] = (0, 0)
    """Questions that everybody is asked, and that may come on top."""
    own_form: str | None = None
    """Name of the custodian's own form."""
    template_action: str = ""
    is_published: bool = False
    """Just now."""

    @property
    def heading(self) -> str:
        return f"What {self.custodian_name} asks"
