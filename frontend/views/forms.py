"""Pages with forms: what was typed, and what to mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True)
class FieldError:
    """What to mend. ``field`` is the name of the form's field; ``message`` says what to type."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithErrors(PageView):
    """A page that says what to mend; it then answers 422."""

    errors: tuple[FieldError, ...] = ()

    @property
    def status(self) -> int:
        return 422 if self.errors else 200

    def error(self, name: str) -> str | None:
        return next((error.message for error in self.errors if error.field == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView(WithErrors):
    """``values`` are the fields as they were typed (never passwords)."""

    width: ClassVar[str] = "narrow"

    values: dict[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        raise NotImplementedError

    @property
    def title(self) -> str:
        return f"Error: {self.heading}" if self.errors else self.heading

    def typed(self, name: str) -> str:
        return self.values.get(name, "")
