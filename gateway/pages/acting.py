"""Forms of commands on pages: what is shown of an action, and what comes back of one that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from frontend.views.forms import FieldError
from frontend.views.requests import ActionField, ActionForm
from gateway.access.actions import Action, Field, judgeable
from gateway.access.workspace import PartDetail
from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Refused:
    """An action that was not carried out, with what was typed and why. ``part`` is empty where the page shows one part alone; ``had_file``: a file
    was chosen, which no page can keep."""

    part: str
    action: Action
    posted: dict[str, str]
    error: GatewayError
    had_file: bool = False

    def id_of(self, name: str) -> str:
        return field_id(self.part, self.action.command, name)


def field_id(part: str, command: str, name: str) -> str:
    """Of a field in the form of a command; ``part`` as in :class:`Refused`."""
    return f"{part}-{command}-{name}" if part else f"{command}-{name}"


def typed_in(posted: FormData) -> dict[str, str]:
    return {name: value for name, value in posted.items() if isinstance(value, str)}


def field_errors(refused: Refused | None) -> tuple[FieldError, ...]:
    """With the ids that the forms give to their fields."""
    if refused is None:
        return ()
    known = {field.name for field in refused.action.fields}
    named = tuple(FieldError(refused.id_of(name), sentence) for name, sentence in refused.error.fields.items() if name in known)
    found = named or (FieldError("", f"{refused.error.message} {refused.error.hint}".strip()),)
    if refused.had_file and "file" in known and "file" not in refused.error.fields:
        return (*found, FieldError(refused.id_of("file"), "Choose the file again: it was not kept."))
    return found


def typed_values(refused: Refused | None) -> dict[str, str]:
    if refused is None:
        return {}
    fields = {refused.id_of(field.name): refused.posted.get(field.name, "") for field in refused.action.fields}
    within = {refused.id_of(name): value for name, value in refused.posted.items() if "." in name}
    return {**within, **fields}


def action_form(one: Action, found: PartDetail | None = None, *, removable: Mapping[str, str], is_open: bool = False) -> ActionForm:
    return ActionForm(
        command=one.command, label=one.label, explains=one.explains, is_grave=one.is_grave, is_open=is_open,
        fields=tuple(_field(field, found, removable) for field in one.fields),
    )


def _field(field: Field, found: PartDetail | None, removable: Mapping[str, str]) -> ActionField:
    options = tuple((removable if field.kind == "removable" else field.choices or {}).items())
    if field.kind == "person" and found is not None:
        options = tuple((subject, name) for subject, name in found.team.items() if subject not in found.state.conflicts)
    if field.kind == "conditions" and found is not None:
        options = tuple((str(number), text) for number, text in enumerate(found.state.conditions))
    if field.kind == "questions" and found is not None:
        options = tuple((line.key, line.label) for line in found.lines)
    if field.kind == "evidence" and found is not None:
        options = tuple((name, name) for name in judgeable(found.state))
    return ActionField(name=field.name, label=field.label, kind=field.kind, hint=field.hint, options=options, is_required=field.is_required)
