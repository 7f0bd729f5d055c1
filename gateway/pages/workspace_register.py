"""``/w/{custodian}/register``: the custodian's entries of the data use register, files of them, and what is done to one."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.register import EntryRow, FaultRow, NamedDataset, OwnEntryView, OwnRegisterView, RegisterTrialView
from gateway.access.outputs import name_outputs
from gateway.access.register import HEADINGS
from gateway.access.transitions import ROWS
from gateway.access.workspace import staff_roles
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound, Unavailable, Unprocessable
from gateway.models import DataUse
from gateway.pages.acting import typed_in
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.register import editing
from gateway.register.columns import SECTOR_SPELLINGS
from gateway.register.importing import What, carry_out, plan
from gateway.register.reading import LARGEST_BYTES, read_register
from gateway.store import custodians, uses
from gateway.store.database import utc_now
from gateway.wiring import Services
from search.engine import Query

router = APIRouter(prefix="/w")
SHOWN_FAULTS: Final = 500
GUESSES: Final = 5
COUNTS: Final[tuple[tuple[What, str], ...]] = (
    ("new", "New drafts"), ("update", "Entries brought up to date"), ("same", "Unchanged"), ("kept", "Follow a decision here"), ("faulty", "Rows to mend"),
)


@router.get("/{custodian}/register")
def entries(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    _require(person, custodian)
    return _register(request, services, person, custodian)


@router.post("/{custodian}/register/file")
async def try_file(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    async with request.form(max_fields=10, max_files=1, max_part_size=LARGEST_BYTES) as posted:
        file = posted.get("file")
        body = await file.read() if isinstance(file, UploadFile) else b""
        name = str(file.filename or "") if isinstance(file, UploadFile) else ""
        return await run_in_threadpool(_try, request, services, person, custodian, body=body, name=name, posted=typed_in(posted))


def _try(
    request: Request, services: Services, person: Person, custodian: str, *, body: bytes, name: str, posted: dict[str, str]
) -> Response:
    _require(person, custodian)
    require_form_token(person, posted.get("csrf", ""))
    try:
        if not body:
            raise Unprocessable("No file was sent.", fields={"file": "Choose a file."})
        found = plan(services.store, read_register(body), custodian=custodian)
    except Unprocessable as error:
        return _register(request, services, person, custodian, errors=mistakes(error))
    faults = [fault for line in found.file.lines for fault in line.faults]
    view = RegisterTrialView(
        layout=layout(request, services, is_indexable=False), back=Link("Data use register", f"/w/{custodian}/register"),
        action=f"/w/{custodian}/register/import", csrf=person.csrf, sha256=services.files.put(body), name=name, encoding=found.file.encoding,
        counts=tuple((words, found.count(what)) for what, words in COUNTS), can_import=bool(found.count("new") + found.count("update")),
        has_names=found.has_names, faults_not_shown=max(0, len(faults) - SHOWN_FAULTS), sectors=tuple(found.file.sectors.items()), ignored=found.file.ignored,
        faults=tuple(
            FaultRow(row=one.row, column=one.column, sentence=one.sentence, written=one.written, is_error=one.is_error) for one in faults[:SHOWN_FAULTS]
        ),
    )
    return show(request, view, store=False)


@router.post("/{custodian}/register/import")
async def import_file(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    async with request.form(max_fields=10, max_files=0) as posted:
        return await run_in_threadpool(_import, services, person, custodian, typed_in(posted))


def _import(services: Services, person: Person, custodian: str, posted: dict[str, str]) -> Response:
    _require(person, custodian)
    require_form_token(person, posted.get("csrf", ""))
    sha256 = posted.get("sha256", "")
    path = services.files.path(sha256) if len(sha256) == 64 and sha256.isalnum() else None
    if path is None or not path.exists():
        raise NotFound("The file is not kept any more.", hint="Try it again, then enter it.")

    def candidates(name: str) -> list[tuple[str, str]]:
        try:
            hits = services.catalogue.search(Query(text=name[:200], limit=GUESSES, each_description=True)).hits
        except Unavailable:
            return []  # exact matches are found without the index
        return [(hit.id, str(hit.stored["title"])) for hit in hits]

    done = carry_out(
        services.store, read_register(path.read_bytes()), custodian=custodian, people_agreed=posted.get("agreed") == "yes", candidates=candidates,
        now=utc_now(),
    )
    return see_other(f"/w/{custodian}/register?new={done['new']}&updated={done['update']}")


@router.get("/{custodian}/register/{entry}")
def one_entry(request: Request, services: Serving, person: SignedIn, custodian: str, entry: str) -> Response:
    _require(person, custodian)
    return _entry(request, services, person, custodian, entry)


@router.post("/{custodian}/register/{entry}")
async def act(request: Request, services: Serving, person: SignedIn, custodian: str, entry: str) -> Response:
    async with request.form(max_fields=200, max_files=0) as posted:
        refs = [one for one in posted.getlist("d") if isinstance(one, str)]
        return await run_in_threadpool(_act, request, services, person, custodian, entry=entry, posted=typed_in(posted), refs=refs)


def _act(
    request: Request, services: Services, person: Person, custodian: str, *, entry: str, posted: dict[str, str], refs: list[str]
) -> Response:
    _require(person, custodian)
    require_form_token(person, posted.get("csrf", ""))
    wanted, now = posted.get("do"), utc_now()
    try:
        if wanted == "publish":
            editing.publish(services.store, custodian=custodian, public_id=entry, dataset_refs=refs, now=now)
        elif wanted == "discard":
            editing.discard(services.store, custodian=custodian, public_id=entry)
            return see_other(f"/w/{custodian}/register")
        elif wanted == "embargo":
            editing.hold_back(
                services.store, custodian=custodian, public_id=entry, until=posted.get("embargo_until", "").strip(), reason=posted.get("embargo_reason", ""), now=now
            )
        else:
            _name_outputs(services, person, custodian, entry, posted)
    except (Unprocessable, Conflict) as error:
        return _entry(request, services, person, custodian, entry, values=posted, errors=mistakes(error))
    return see_other(f"/w/{custodian}/register/{entry}")


def _name_outputs(services: Services, person: Person, custodian: str, entry: str, posted: dict[str, str]) -> None:
    """Of what follows a request here, as a step of the request."""
    written, now = posted.get("outputs", ""), utc_now()
    with services.store.reading() as session:
        part = uses.part_of(session, custodians.by_slug(session, custodian).id, entry)
    if part is None:
        editing.name_outputs(services.store, custodian=custodian, public_id=entry, written=written, now=now)
        return
    role = next(role for role in staff_roles(person, custodian) if role in ROWS["name_outputs"].roles)
    version = posted.get("version", "")
    name_outputs(
        services.store, services.sealer, part.public_id, written=written, role=role, actor=person.subject,
        expected_version=int(version) if version.isdigit() else None, now=now,
    )
    services.jobs.enqueue("deliver")


def _require(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound`: to others it does not exist."""
    if not person.may(Action.HANDLE_PARTS, custodian=custodian) and not person.may(Action.DECIDE_PARTS, custodian=custodian):
        raise NotFound("There is nothing at this address.")


def _register(request: Request, services: Services, person: Person, custodian: str, errors: tuple[FieldError, ...] = ()) -> Response:
    with services.store.reading() as session:
        one = custodians.by_slug(session, custodian)
        rows = uses.of_custodian(session, one.id)
    made, changed = request.query_params.get("new", ""), request.query_params.get("updated", "")
    view = OwnRegisterView(
        layout=layout(request, services, is_indexable=False), custodian_name=one.name, inbox_href=f"/w/{custodian}/requests",
        action=f"/w/{custodian}/register", csrf=person.csrf, errors=errors, sectors=tuple(SECTOR_SPELLINGS.items()),
        export_href=f"/uses.csv?custodian={custodian}",
        done=f"Entered: {made} new, {changed} brought up to date." if made.isdecimal() and changed.isdecimal() else "",
        rows=tuple(
            EntryRow(
                href=f"/w/{custodian}/register/{use.public_id}", title=use.values.get("Project title", ""),
                organisation=use.values.get("Lead applicant organisation name", ""), state=state_of(use), approved_at=use.approved_at.isoformat(),
                until=use.embargo_until.isoformat() if use.embargo_until and use.embargo_until > utc_now() else None,
            )
            for use in rows
        ),
    )
    return show(request, view, store=False)


def _entry(
    request: Request, services: Services, person: Person, custodian: str, entry: str, *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    with services.store.reading() as session:
        one = custodians.by_slug(session, custodian)
        use = next((row for row in uses.of_custodian(session, one.id) if row.public_id == entry), None)
        part = uses.part_of(session, one.id, entry)
    if use is None:
        raise NotFound("There is no such entry of yours.", hint="The register's page lists all.")
    typed, until = values or {}, use.embargo_until
    view = OwnEntryView(
        layout=layout(request, services, is_indexable=False), back=Link("Data use register", f"/w/{custodian}/register"),
        action=f"/w/{custodian}/register/{entry}", csrf=person.csrf, entry_title=use.values.get("Project title", ""), state=state_of(use),
        is_draft=use.part_id is None and use.opened_at is None, can_hold_back=use.opened_at is None or (until is not None and until > utc_now()),
        public_href=f"/uses/{entry}" if use.opened_at else None, fields=tuple((heading, use.values.get(heading, "")) for heading in HEADINGS),
        names=tuple(
            NamedDataset(name=named["name"], is_exact=named["is_exact"], options=tuple((each["ref"], each["title"]) for each in named["datasets"]))
            for named in (use.imported or {}).get("proposals", ())
        ),
        embargo_until=typed.get("embargo_until", until.date().isoformat() if until else ""), errors=errors,
        embargo_reason=typed.get("embargo_reason", use.embargo_reason or ""), outputs=typed.get("outputs", "\n".join(use.outputs)),
        has_outputs=part is None or part.state in ROWS["name_outputs"].sources, version=part.version if part is not None else None,
    )
    return show(request, view, store=False)


def state_of(use: DataUse) -> str:
    """Drafts of either kind are not public yet."""
    return "draft" if use.opened_at is None else use.status
