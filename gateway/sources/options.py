"""The options of a kind of source, read from its own configuration model: what a form asks, and what was typed as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.sources.registering import Policy
from harvesters.registry import KINDS

Form = Literal["text", "number", "tick", "choice", "lines", "pairs", "secret"]
TICKED: Final = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """``form`` says how it is typed: ``lines`` are several values and ``pairs`` name=value, one a line. ``default`` is as typed."""

    name: str
    label: str
    hint: str
    form: Form
    choices: tuple[str, ...] = ()
    default: str = ""
    is_required: bool = False

    def value(self, typed: str) -> Any:
        """What was typed, for the model to judge; None where nothing was."""
        text = typed.strip()
        if self.form == "tick":
            return text == TICKED
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if self.form == "pairs":
            pairs = (line.partition("=") for line in lines)
            return {name.strip(): value.strip() for name, _, value in pairs}
        return lines if self.form == "lines" else text or None

    def typed(self, value: Any) -> str:
        """The value as it is shown in its field."""
        if value is None or self.form == "secret":
            return ""
        if self.form == "tick":
            return TICKED if value else ""
        if self.form == "pairs":
            return "\n".join(f"{name}={one}" for name, one in value.items())
        return "\n".join(map(str, value)) if self.form == "lines" else str(value)


def options_of(kind: str) -> tuple[Option, ...]:
    """In the order of the model. The secret is one of them where the kind has any."""
    return _options(KINDS[kind].config)


def policy_options() -> tuple[Option, ...]:
    return _options(Policy)


def values(options: Sequence[Option], typed: Mapping[str, str]) -> dict[str, Any]:
    """By name, without what was left empty: there the default holds."""
    found = {option.name: option.value(typed.get(option.name, "")) for option in options if option.form != "secret"}
    return {name: value for name, value in found.items() if value is not None}


def as_typed(options: Sequence[Option], held: Mapping[str, Any]) -> dict[str, str]:
    return {option.name: option.typed(held[option.name]) if option.name in held else option.default for option in options}


def _options(model: type[BaseModel]) -> tuple[Option, ...]:
    return tuple(_option(name, field) for name, field in model.model_fields.items())


def _option(name: str, field: FieldInfo) -> Option:
    form, choices = _form(field.annotation)
    option = Option(name=name, label=field.title or name, hint=field.description or "", form=form, choices=choices, is_required=field.is_required())
    return option if option.is_required else replace(option, default=option.typed(field.get_default(call_default_factory=True)))


def _form(annotation: Any) -> tuple[Form, tuple[str, ...]]:
    """Raises ``TypeError`` for a type that no form has yet, which is a fault of ours."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        (inner,) = (one for one in args if one is not NoneType)
        form, choices = _form(inner)
        return form, ("", *choices) if form == "choice" else ()
    if origin is Literal:
        return "choice", tuple(map(str, args))
    if origin in (tuple, list):
        return "lines", ()
    found: dict[Any, Form] = {dict: "pairs", bool: "tick", int: "number", float: "number", str: "text", SecretStr: "secret"}
    known = found.get(origin or annotation)
    if known is None:
        raise TypeError(f"no form for {annotation!r}")
    return known, ()
