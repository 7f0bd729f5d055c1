"""Adding a source and changing one, for team administrators of its custodian and administrators of the gateway.

To others these pages do not exist. What is typed goes through ``gateway/sources/editing.py``, which knows what a team may not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.addresses import source_path
from frontend.source_words import KIND_WORDS, choice, plain_hint
from frontend.views.forms import FieldError
from frontend.views.source_forms import KindCard, OptionField, SourceFormView, SourceKindsView
from frontend.words import SOURCE_KINDS
from gateway.accounts.people import Person
from gateway.accounts.roles import Action, may
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import NotFound, Unprocessable
from gateway.models import Custodian, Source
from gateway.pages.acting import typed_in
from gateway.pages.limited import by_account
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.pages.stewarding import owner_of, to_dry_run
from gateway.sources.editing import Typed, add, addable_by, change
from gateway.sources.options import TICKED, Option, as_typed, options_of, policy_options, values
from gateway.sources.rhythms import WEEKDAYS, Rhythm, rhythm_of
from gateway.store import custodians, sources
from gateway.wiring import Services
from harvesters.registry import ADDABLE

team = APIRouter(prefix="/w/{custodian}/sources")
router = APIRouter()
TRIES = [by_account("source")]
OFFICE: Final = "/admin/sources/new"
MOST_FIELDS: Final = 100
ALWAYS_ASKED: Final = frozenset({"base_url", "url", "path", "list_path", "detail_path", "auth", "secret", "provider_id", "prefix", "set", "filter", "dataset"})
"""Options that are asked openly; the others stand folded, since their defaults suit most sources."""


# adding


@team.get("/new")
def team_kinds(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    return show(request, _kinds(request, services, person, _owner(services, person, custodian)), store=False)


@team.get("/new/{kind}")
def team_form(request: Request, services: Serving, person: SignedIn, custodian: str, kind: str) -> Response:
    return show(request, _new(request, services, person, kind, _owner(services, person, custodian)), store=False)


@team.post("/new/{kind}", dependencies=TRIES)
async def add_to_team(request: Request, services: Serving, person: SignedIn, custodian: str, kind: str) -> Response:
    async with request.form(max_fields=MOST_FIELDS, max_files=0) as posted:
        return await run_in_threadpool(_add, request, services, person, kind, typed_in(posted), custodian)


@router.get(OFFICE)
def office_kinds(request: Request, services: Serving, person: SignedIn) -> Response:
    _require_administrator(person)
    return show(request, _kinds(request, services, person, None), store=False)


@router.get(f"{OFFICE}/{{kind}}")
def office_form(request: Request, services: Serving, person: SignedIn, kind: str) -> Response:
    _require_administrator(person)
    return show(request, _new(request, services, person, kind, None), store=False)


@router.post(f"{OFFICE}/{{kind}}", dependencies=TRIES)
async def add_at_office(request: Request, services: Serving, person: SignedIn, kind: str) -> Response:
    async with request.form(max_fields=MOST_FIELDS, max_files=0) as posted:
        return await run_in_threadpool(_add, request, services, person, kind, typed_in(posted), None)


def _add(request: Request, services: Services, person: Person, kind: str, posted: dict[str, str], custodian: str | None) -> Response:
    owner = _owner(services, person, custodian) if custodian else None
    if owner is None:
        _require_administrator(person)
    require_form_token(person, posted.get("csrf", ""))
    options = _options(person, kind)
    try:
        chosen = owner.slug if owner else _chosen_custodian(services, posted)
        source = add(services.store, services.sealer, kind, _typed(person, options, posted), custodian=chosen, now=services.clock())
    except Unprocessable as error:
        return show(request, _new(request, services, person, kind, owner, values=_kept(posted), errors=mistakes(error)), store=False)
    return to_dry_run(services, source.slug)


# changing


@router.get("/sources/{slug}/settings")
def settings(request: Request, services: Serving, person: SignedIn, slug: str) -> Response:
    return show(request, _settings(request, services, person, _own(services, person, slug)), store=False)


@router.post("/sources/{slug}/settings", dependencies=TRIES)
async def save_settings(request: Request, services: Serving, person: SignedIn, slug: str) -> Response:
    async with request.form(max_fields=MOST_FIELDS, max_files=0) as posted:
        return await run_in_threadpool(_save, request, services, person, slug, typed_in(posted))


def _save(request: Request, services: Services, person: Person, slug: str, posted: dict[str, str]) -> Response:
    feed = _own(services, person, slug)
    require_form_token(person, posted.get("csrf", ""))
    options = _options(person, feed.kind, is_new=False)
    try:
        must_be_tried = change(services.store, services.sealer, slug, _typed(person, options, posted), now=services.clock())
    except Unprocessable as error:
        return show(request, _settings(request, services, person, feed, values=_kept(posted), errors=mistakes(error)), store=False)
    return to_dry_run(services, slug) if must_be_tried else see_other(source_path(slug))


# who may


def _owner(services: Services, person: Person, custodian: str) -> Custodian:
    """Raises :class:`NotFound` for people who do not look after the custodian's sources, :class:`NotAllowed` where a second step is missing."""
    _require(person, custodian)
    with services.store.reading() as session:
        return custodians.by_slug(session, custodian)


def _own(services: Services, person: Person, slug: str) -> Source:
    with services.store.reading() as session:
        feed = sources.by_slug(session, slug)
    _require(person, owner_of(services, feed))
    if feed.kind not in ADDABLE:
        raise NotFound("There is nothing to set up for this source.", hint="It takes what its custodian sends through the API.")
    return feed


def _require(person: Person, custodian: str | None) -> None:
    if not may(person.held, Action.SOURCES, custodian=custodian):
        raise NotFound("There is nothing at this address for you.", hint="The team administrator of the custodian looks after its sources.")
    person.require(Action.SOURCES, custodian=custodian)


def _require_administrator(person: Person) -> None:
    if not may(person.held, Action.ADMINISTER):
        raise NotFound("There is nothing at this address.")
    person.require(Action.ADMINISTER)


# what was typed


def _options(person: Person, kind: str, *, is_new: bool = True) -> tuple[Option, ...] | None:
    """None where the person may not choose where it is read. Raises :class:`NotFound` for a kind that they may not add."""
    if kind in addable_by(is_administrator=person.may(Action.ADMINISTER)):
        return options_of(kind)
    if is_new:
        raise NotFound("There is no such kind of source.", hint="Choose one of the list.")
    return None


def _typed(person: Person, options: tuple[Option, ...] | None, posted: Mapping[str, str]) -> Typed:
    rhythm = Rhythm(posted.get("every", ""), posted.get("time", ""), posted.get("weekday", ""), posted.get("cron", ""))
    return Typed(
        name=posted.get("name", ""), configuration=None if options is None else values(options, _under("option", posted)), rhythm=rhythm,
        timezone=posted.get("timezone", ""), secret=posted.get("option.secret", ""), forgets_secret=posted.get("forget") == TICKED,
        policy=values(policy_options(), _under("policy", posted)) if person.may(Action.ADMINISTER) else None,
    )


def _under(prefix: str, posted: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(f"{prefix}."): value for name, value in posted.items() if name.startswith(f"{prefix}.")}


def _chosen_custodian(services: Services, posted: Mapping[str, str]) -> str | None:
    """Raises :class:`Unprocessable` for one that is not of the list."""
    chosen = posted.get("custodian", "")
    with services.store.reading() as session:
        if chosen and all(card.custodian.slug != chosen for card in custodians.directory(session)):
            raise Unprocessable("Choose a custodian of the list.", fields={"custodian": "Choose a custodian of the list."})
    return chosen or None


def _kept(posted: Mapping[str, str]) -> dict[str, str]:
    """What is shown again: never the secret."""
    return {name: value for name, value in posted.items() if name not in ("csrf", "option.secret")}


# what is shown


def _kinds(request: Request, services: Services, person: Person, owner: Custodian | None) -> SourceKindsView:
    base = f"/w/{owner.slug}/sources/new" if owner else OFFICE
    return SourceKindsView(
        layout=layout(request, services, is_indexable=False), custodian_name=owner.name if owner else None, back=_back(owner),
        kinds=tuple(
            KindCard(SOURCE_KINDS[kind], KIND_WORDS[kind].about, KIND_WORDS[kind].needs, f"{base}/{kind}", _help(kind))
            for kind in KIND_WORDS if kind in addable_by(is_administrator=person.may(Action.ADMINISTER))
        ),
    )


def _new(
    request: Request, services: Services, person: Person, kind: str, owner: Custodian | None, *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> SourceFormView:
    options = _options(person, kind) or ()
    begun = {**_as_fields("option", as_typed(options, {})), **_as_fields("policy", as_typed(policy_options(), {})), **_rhythm(Rhythm(), "Europe/London")}
    listed: tuple[tuple[str, str], ...] = ()
    if owner is None:
        with services.store.reading() as session:
            listed = tuple((card.custodian.slug, card.custodian.name) for card in custodians.directory(session))
    return SourceFormView(
        **_shared(request, services, person, kind, options), action=f"/w/{owner.slug}/sources/new/{kind}" if owner else f"{OFFICE}/{kind}",
        custodians=listed, custodian_name=owner.name if owner else None, values=begun if values is None else values, errors=errors, back=_back(owner),
    )


def _settings(
    request: Request, services: Services, person: Person, feed: Source, *, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = (),
) -> SourceFormView:
    options = _options(person, feed.kind, is_new=False)
    held = {
        "name": feed.name, **_as_fields("option", as_typed(options or (), feed.configuration)),
        **_as_fields("policy", as_typed(policy_options(), feed.policy)), **_rhythm(rhythm_of(feed.schedule), feed.timezone),
    }
    return SourceFormView(
        **_shared(request, services, person, feed.kind, options or ()), action=f"{source_path(feed.slug)}/settings", source_slug=feed.slug,
        source_name=feed.name, has_secret=feed.secret is not None, is_elsewhere=options is None, values=held if values is None else values, errors=errors,
    )


def _shared(request: Request, services: Services, person: Person, kind: str, options: tuple[Option, ...]) -> dict[str, Any]:
    fields = {option.name: _field("option", option) for option in options}
    is_administrator = person.may(Action.ADMINISTER)
    asked = ALWAYS_ASKED | ({"client_id"} if kind == "datacite" else set())
    return {
        "layout": layout(request, services, is_indexable=False), "csrf": person.csrf, "kind": SOURCE_KINDS[kind], "needs": KIND_WORDS[kind].needs,
        "help_href": _help(kind), "options": tuple(field for name, field in fields.items() if name in asked),
        "further": tuple(field for name, field in fields.items() if name not in asked),
        "policy": tuple(_field("policy", option) for option in policy_options()) if is_administrator else (),
        "weekdays": tuple((str(number), name) for number, name in enumerate(WEEKDAYS, start=1)),
    }


def _field(prefix: str, option: Option) -> OptionField:
    return OptionField(
        name=f"{prefix}.{option.name}", label=option.label, hint=plain_hint(option.hint), form=option.form,
        choices=tuple((value, choice(value)) for value in option.choices),
    )


def _as_fields(prefix: str, typed: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}.{name}": value for name, value in typed.items()}


def _rhythm(rhythm: Rhythm, timezone: str) -> dict[str, str]:
    return {"every": rhythm.every, "time": rhythm.time, "weekday": rhythm.weekday, "cron": rhythm.cron, "timezone": timezone}


def _back(owner: Custodian | None) -> tuple[str, str]:
    return (f"Sources of {owner.name}", f"/w/{owner.slug}/sources") if owner else ("Sources", "/sources")


def _help(kind: str) -> str:
    return f"/help/custodians#kind-{kind}"


