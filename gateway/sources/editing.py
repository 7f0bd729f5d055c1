"""Add and change a source as a form has it: everything that is wrong at once, and what only the gateway's administrators may widen.

Why this exists: a team administrator decides where their own source is read, and must neither reach what the address guard
keeps closed nor learn a secret that somebody else entered. So where an operator has opened networks, ports or plain http for a
source, its addresses stay on the servers they are on; a secret never follows an address to another server; and files on the
gateway's own machine are none of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationError

from gateway.errors import Conflict, GatewayError, Unprocessable
from gateway.models import Source
from gateway.sources.registering import NewSource, Policy, add_source, point
from gateway.sources.rhythms import Rhythm
from gateway.sources.schedule import check, next_due
from gateway.store import Store, sources
from gateway.store.sealing import Sealer
from harvesters.registry import ADDABLE, KINDS, WrongConfiguration, configure

ON_THIS_MACHINE: Final = ("files", "scan-report")
"""Kinds that read the disk of the gateway."""
ADDRESSES: Final = ("base_url", "url", "token_url")
LONGEST_NAME: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A source as it was typed. ``configuration`` or ``policy`` is None where whoever typed may not choose it.

    An empty ``secret`` keeps the one that is there, unless it is to be forgotten.
    """

    name: str
    configuration: Mapping[str, Any] | None
    rhythm: Rhythm
    timezone: str
    policy: Mapping[str, Any] | None = None
    secret: str = ""
    forgets_secret: bool = False


def addable_by(*, is_administrator: bool) -> tuple[str, ...]:
    """The kinds that such a person may add."""
    return tuple(kind for kind in ADDABLE if is_administrator or kind not in ON_THIS_MACHINE)


def add(store: Store, sealer: Sealer, kind: str, typed: Typed, *, custodian: str | None, now: datetime) -> Source:
    """It waits for its dry run, and then for a person. Raises :class:`Unprocessable` with all that is wrong, by the names of
    :class:`Typed`; options as ``option.<name>`` and ``policy.<name>``."""
    flaws = _flaws(kind, typed, has_secret=False)
    if flaws:
        raise _wrong(flaws)
    wanted = NewSource(
        name=typed.name.strip(), kind=kind, configuration=dict(typed.configuration or {}), secret=_secret(kind, typed) or None, custodian=custodian,
        schedule=typed.rhythm.schedule(), timezone=typed.timezone.strip(), policy=Policy(**(typed.policy or {})),
    )
    try:
        return add_source(store, sealer, wanted, now=now, state="unconfirmed")
    except Conflict as error:
        raise _wrong({"name": f"{error.message} Choose another name."}) from error


def change(store: Store, sealer: Sealer, slug: str, typed: Typed, *, now: datetime) -> bool:
    """Whether it is to be tried out again. Where it is read otherwise than before, it is switched off until a person has read
    what the dry run told. Raises :class:`Unprocessable` as :func:`add` does."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        flaws = _flaws(source.kind, typed, has_secret=source.secret is not None) or _not_theirs(source, typed)
        if flaws:
            raise _wrong(flaws)
        source.name = typed.name.strip()
        _reschedule(source, typed, now)
        has_new_secret = _change_secret(source, sealer, typed)
        is_read_otherwise = _point(source, typed)
    return is_read_otherwise or has_new_secret


def _point(source: Source, typed: Typed) -> bool:
    configuration = configure(source.kind, typed.configuration) if typed.configuration is not None else source.configuration
    policy = Policy(**typed.policy).model_dump() if typed.policy is not None else source.policy
    if not point(source, configuration, policy):
        return False
    if source.state in ("active", "paused"):
        source.state = "unconfirmed"
    return True


def _reschedule(source: Source, typed: Typed, now: datetime) -> None:
    wanted = (typed.rhythm.schedule(), typed.timezone.strip())
    if wanted != (source.schedule, source.timezone):
        source.schedule, source.timezone = wanted
        source.next_due_at = next_due(*wanted, source_slug=source.slug, after=now)


def _change_secret(source: Source, sealer: Sealer, typed: Typed) -> bool:
    secret = _secret(source.kind, typed)
    if secret:
        source.secret = sealer.seal(secret)
        return True
    is_needless = typed.forgets_secret or (typed.configuration or {}).get("auth") == "NO_AUTH"
    if source.secret is None or not is_needless:
        return False
    source.secret = None
    return True


def _secret(kind: str, typed: Typed) -> str:
    return typed.secret.strip() if KINDS[kind].has_secret and typed.configuration is not None else ""


# what is wrong


def _flaws(kind: str, typed: Typed, *, has_secret: bool) -> dict[str, str]:
    keeps_secret = has_secret and not typed.forgets_secret and not typed.secret.strip()
    found = {} if 1 <= len(typed.name.strip()) <= LONGEST_NAME else {"name": f"Enter a name of up to {LONGEST_NAME} characters."}
    return {**found, **_configuration_flaws(kind, typed, keeps_secret), **_policy_flaws(typed), **_schedule_flaws(typed)}


def _configuration_flaws(kind: str, typed: Typed, keeps_secret: bool) -> dict[str, str]:
    if typed.configuration is None:
        return {}
    try:
        configure(kind, typed.configuration, secret=_secret(kind, typed), is_complete=not keeps_secret)
    except WrongConfiguration as error:
        return _by_option(kind, error.fields)
    return {}


def _by_option(kind: str, flaws: Mapping[str, str]) -> dict[str, str]:
    """Sentences by option; one about the whole stands at the first option that it names."""
    fields = KINDS[kind].config.model_fields
    found: dict[str, str] = {}
    for where, problem in flaws.items():
        name = where.partition(".")[0]
        named = [one for one in re.findall(r"\w+", problem) if one in fields]
        if name not in fields and named:
            name = named[0]
        subject = fields[name].title if name in fields and where in fields else ""
        found.setdefault(f"option.{name}", f"{subject} {_labelled(problem, kind)}.".strip().replace("..", "."))
    return found


def _labelled(problem: str, kind: str) -> str:
    fields = KINDS[kind].config.model_fields
    return re.sub(r"\w+", lambda found: f"“{fields[found[0]].title}”" if "_" in found[0] and found[0] in fields else found[0], problem)


def _policy_flaws(typed: Typed) -> dict[str, str]:
    try:
        Policy(**(typed.policy or {}))
    except ValidationError as error:
        return {f"policy.{one['loc'][0]}": f"{str(one['msg']).removeprefix('Value error, ')}." for one in error.errors()}
    return {}


def _schedule_flaws(typed: Typed) -> dict[str, str]:
    try:
        check(typed.rhythm.schedule(), typed.timezone.strip())
    except Unprocessable as error:
        return {("cron" if name == "schedule" else name): _sentence(name, error) for name in error.fields}
    return {}


def _sentence(name: str, error: GatewayError) -> str:
    return f"{error.message} {error.hint}" if name in ("schedule", "timezone") else error.message


def _not_theirs(source: Source, typed: Typed) -> dict[str, str]:
    """What needs an administrator of the gateway, or the secret once more."""
    if typed.configuration is None:
        return {}
    wanted = configure(source.kind, typed.configuration)
    moved = _moved(source.configuration, wanted)
    if not moved:
        return {}
    if typed.policy is None and Policy(**source.policy).is_widened:
        sentence = "For this source an administrator of the gateway opened an address that is closed otherwise. Only they can lead it to another server."
        return {f"option.{moved}": sentence}
    keeps_secret = source.secret is not None and not typed.forgets_secret and not typed.secret.strip()
    if keeps_secret and wanted.get("auth") != "NO_AUTH":
        return {"option.secret": "Enter it once more: the source would be read from another server, and the one that is kept is not sent there."}
    return {}


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The option by which the source would reach another server than before; empty where there is none."""
    for name in ADDRESSES:
        if after.get(name) and _server(str(after[name])) != _server(str(before.get(name) or "")):
            return name
    others = set(after.get("allowed_hosts") or ()) - set(before.get("allowed_hosts") or ())
    return "allowed_hosts" if others else ""


def _server(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port. What cannot be read is like no other."""
    with suppress(ValueError):
        parts: SplitResult = urlsplit(address.strip())
        return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    return "", address, None


def _wrong(flaws: Mapping[str, str]) -> Unprocessable:
    return Unprocessable("The source cannot be set up like this.", hint="Mend the fields named.", fields=dict(flaws))
