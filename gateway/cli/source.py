"""``gateway source``: add feeds, look at them, try them without writing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from gateway.cli.dry_runs import show_diff
from gateway.cli.outcomes import in_words
from gateway.cli.services import print_json, services
from gateway.errors import Unprocessable
from gateway.models import DryRun, Run, Source
from gateway.sources.registering import NewSource, Policy, add_source, change_configuration, change_policy
from gateway.sources.shapes import check_shapes
from gateway.sources.trying import check_connection, hold_back, try_source
from gateway.store import custodians, records, runs, sources
from gateway.store.database import utc_now
from gateway.wiring import Services, user_agent
from harvesters.registry import ADDABLE

app = typer.Typer(no_args_is_help=True, help="Add, list, show and try sources.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Slug = Annotated[str, typer.Argument(help="The source's short name, as gateway source list shows it.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="A name for people.")],
    kind: Annotated[str, typer.Option(help=f"What it speaks: {', '.join(ADDABLE)}.")],
    path: Annotated[Path | None, typer.Option(help="files: the folder or file to read.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of the endpoint, for ckan and federation.")] = None,
    url: Annotated[str | None, typer.Option(help="linked data and web pages: where to begin.")] = None,
    list_path: Annotated[str | None, typer.Option(help="federation: path of the list.")] = None,
    detail_path: Annotated[str | None, typer.Option(help="federation: path of one dataset, with {id}.")] = None,
    auth: Annotated[str | None, typer.Option(help="NO_AUTH, BEARER, API_KEY, BASIC or (federation) OAUTH2.")] = None,
    secret: Annotated[str | None, typer.Option(envvar="GATEWAY_SOURCE_SECRET", help="Token or key; better by the environment variable.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Further configuration as name=value; may be repeated.")] = None,
    custodian: Annotated[str | None, typer.Option(help="Whose feed it is (name). Without one, records name their custodians.")] = None,
    schedule: Annotated[str, typer.Option(help="@hourly, @daily, @weekly, manual, or five cron fields: '30 4 * * 1-5'.")] = "@daily",
    timezone: Annotated[str, typer.Option(help="Whose clock the schedule goes by.")] = "Europe/London",
    slug: Annotated[str | None, typer.Option(help="Short name; made from the name by default.")] = None,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Allow plain http.")] = False,
    allow_network: Annotated[list[str] | None, typer.Option(help="Private network it may address, e.g. 127.0.0.0/8.")] = None,
    allow_port: Annotated[list[int] | None, typer.Option(help="Port beside 80 and 443.")] = None,
    quarantine: Annotated[str, typer.Option(help="lenient, or conformant: hold back every record that breaks the version it declares.")] = "lenient",
    host_group: Annotated[str, typer.Option(help="Sources of one group take turns, as on one host: for the hosts of one provider.")] = "",
    min_interval: Annotated[float, typer.Option(help="Seconds between requests.", min=0, max=60)] = 0.25,
    connections: Annotated[int, typer.Option(help="Documents fetched at once; ask the custodian first.", min=1, max=6)] = 1,
    as_json: Json = False,
) -> None:
    """Add a source and try it out. It is switched on when its dry run succeeds; nothing is harvested yet.

    Example: gateway source add "Trust metadata" --kind files --path ./metadata
    """
    given = {
        "path": _path(path), "base_url": base_url, "url": url, "list_path": list_path,
        "detail_path": detail_path, "auth": auth, **_options(option or []),
    }
    policy = _policy(
        allow_http=allow_http, allowed_networks=allow_network or [], allowed_ports=allow_port or [], quarantine=quarantine, host_group=host_group,
        min_interval_seconds=min_interval, connections=connections,
    )
    with services() as built:
        wanted = _wanted(
            name=name, kind=kind, configuration={key: value for key, value in given.items() if value is not None},
            secret=secret, schedule=schedule, timezone=timezone, slug=slug, policy=policy,
            custodian=_custodian(built.store, custodian) if custodian else None,
        )
        slug = add_source(built.store, built.sealer, wanted, now=utc_now()).slug
        source, tried = _try_out(built, slug)
    if as_json:
        return print_json({**_as_json(source, None), "dry_run": tried.diff})
    typer.echo(f"Added {source.slug}.")
    return _say_what_next(source, tried)


def _path(given: Path | None) -> str | None:
    if given is not None and not given.exists():
        raise Unprocessable(f"There is no folder or file {given}.", hint="Give the path as this machine sees it.")
    return str(given.resolve()) if given else None


def _try_out(built: Services, slug: str) -> tuple[Source, DryRun]:
    """A source runs only after the dry run of just this configuration succeeded."""
    hold_back(built.store, slug)
    tried = try_source(built.store, built.sealer, slug, user_agent=user_agent(built.settings), clock=built.clock)
    with built.store.reading() as session:
        return sources.by_slug(session, slug), tried


def _say_what_next(source: Source, tried: DryRun) -> None:
    show_diff(tried.diff, fails=False)
    if source.state == "unconfirmed":
        typer.echo(f"It stays switched off until somebody switches it on, on its page: /sources/{source.slug}")
    elif source.state == "untried":
        typer.echo(f"It stays switched off until a dry run succeeds. Mend it, then: gateway source dry-run {source.slug}")
    else:
        typer.echo(f"Harvest it with: gateway harvest run {source.slug}")


@app.command("set")
def change(
    slug: Slug,
    option: Annotated[list[str] | None, typer.Option(help="Configuration as name=value; may be repeated.")] = None,
    quarantine: Annotated[str | None, typer.Option(help="lenient or conformant.")] = None,
    host_group: Annotated[str | None, typer.Option(help="Sources of one group take turns.")] = None,
    min_interval: Annotated[float | None, typer.Option(help="Seconds between requests.", min=0, max=60)] = None,
    connections: Annotated[int | None, typer.Option(help="Documents fetched at once.", min=1, max=6)] = None,
) -> None:
    """Change a source's configuration, or what it is held to. What it holds stays.

    Example: gateway source set trust-metadata --option path=/srv/metadata
    """
    given = {"quarantine": quarantine, "host_group": host_group, "min_interval_seconds": min_interval, "connections": connections}
    policy = {name: value for name, value in given.items() if value is not None}
    with services() as built:
        if policy:
            _change_policy(built, slug, policy)
        if option:
            change_configuration(built.store, slug, _options(option))
        with built.store.reading() as session:
            if sources.by_slug(session, slug).kind == "push":
                typer.echo(f"{slug}: {json.dumps(policy)}")
                return
        source, tried = _try_out(built, slug)
    typer.echo(f"{source.slug}: {json.dumps(source.configuration)}")
    _say_what_next(source, tried)


@app.command("list")
def listing(as_json: Json = False) -> None:
    """List sources with their newest run.

    Example: gateway source list
    """
    with services() as built, built.store.reading() as session:
        rows = sources.listing(session)
        newest = runs.latest(session, [row.id for row in rows])
    if as_json:
        print_json([_as_json(row, newest.get(row.id)) for row in rows])
        return
    for row in rows:
        run = newest.get(row.id)
        typer.echo(f"{row.slug:32} {row.kind:11} {row.schedule:8} {run.state if run else 'never run'}")
    if not rows:
        typer.echo("No sources yet. Add one with: gateway source add NAME --kind files --path FOLDER", err=True)


@app.command()
def show(slug: Slug, as_json: Json = False) -> None:
    """Show one source, what it holds, and its last runs.

    Example: gateway source show hfea
    """
    with services() as built, built.store.reading() as session:
        row = sources.by_slug(session, slug)
        last = runs.listing(session, source_id=row.id, limit=5)
        held = records.count_by_state(session, row.id)
    value = {**_as_json(row, last[0] if last else None), "held": held}
    if as_json:
        print_json(value)
        return
    for name, text in _shown(value):
        typer.echo(f"{name:22} {text}")
    for run in last:
        typer.echo(f"run {run.id:<6} {run.state:10} {in_words(run.counters)}{f'. {run.error}' if run.error else ''}")


def _shown(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "name", value["name"]
    yield "kind", value["kind"]
    for name, setting in value["configuration"].items():
        yield name.replace("_", " "), str(setting)
    yield "secret", "kept, not shown" if value["has_secret"] else "none"
    yield "schedule", value["schedule"]
    yield "next due", _moment(value["next_due_at"])
    yield "last success", _moment(value["last_success_at"])
    yield "failures in a row", str(value["consecutive_failures"])
    yield "holds", in_words(value["held"])


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


@app.command("test")
def try_connection(slug: Slug, as_json: Json = False) -> None:
    """Sign in, read the listing and up to 25 records, and report. Nothing is written.

    Example: gateway source test hfea
    """
    with services() as built:
        diff = check_connection(built.store, built.sealer, slug, user_agent=user_agent(built.settings), clock=built.clock)
    show_diff(diff.as_json(), as_json=as_json)


@app.command("dry-run")
def dry_run_of_source(slug: Slug, as_json: Json = False) -> None:
    """Do all that a run does but write: what would be added, changed, refused and removed.

    Example: gateway source dry-run hfea
    """
    dry_run(slug, as_json)


def dry_run(slug: Slug, as_json: Json = False) -> None:
    """Do all that a run does but write, and keep what would change. A source that waited for it is switched on.

    Example: gateway harvest dry-run hfea
    """
    with services() as built:
        tried = try_source(built.store, built.sealer, slug, user_agent=user_agent(built.settings), clock=built.clock)
    show_diff(tried.diff, as_json=as_json)


def _policy(**values: Any) -> Policy:
    try:
        return Policy(**values)
    except ValidationError as error:
        raise _cannot_be_added(error) from error


@app.command("shapes")
def check_shapes_of_source(
    slug: Slug, shapes: Annotated[Path, typer.Option(help="A file of SHACL shapes in Turtle, or a folder of them.", exists=True)], as_json: Json = False,
) -> None:
    """Check the graphs that a source sent against SHACL shapes. Nothing is fetched, written or held back.

    Example: gateway source shapes national-catalogue --shapes ./dcat-ap-3.0.1
    """
    with services() as built:
        report = check_shapes(built.store, built.files, slug, shapes).as_json()
    if as_json:
        print_json(report)
        return
    typer.echo(f"{report['datasets']} datasets were checked.")
    for name, counts in report["files"].items():
        typer.echo(f"{name}: {counts.get('error', 0)} to mend, {counts.get('warning', 0)} warnings, {counts.get('advice', 0)} advice")
    for one in report["examples"]:
        typer.echo(f"  {one['severity']}: {one['message']}")


def _wanted(**values: Any) -> NewSource:
    try:
        return NewSource(**values)
    except ValidationError as error:
        raise _cannot_be_added(error) from error


def _change_policy(built: Services, slug: str, changes: dict[str, Any]) -> None:
    try:
        change_policy(built.store, slug, changes)
    except ValidationError as error:
        raise _cannot_be_added(error) from error


def _cannot_be_added(error: ValidationError) -> Unprocessable:
    fields = {".".join(map(str, flaw["loc"])): str(flaw["msg"]) for flaw in error.errors()}
    return Unprocessable("The source cannot be set up like this.", fields=fields)


def _custodian(store: Any, name: str) -> str:
    """The custodian's slug, by slug or name; a new name is registered."""
    with store.transaction() as tx:
        for card in custodians.directory(tx.session):
            if name in (card.custodian.slug, card.custodian.name):
                return card.custodian.slug
        return custodians.add(tx.session, name=name, now=utc_now()).slug


def _options(pairs: list[str]) -> dict[str, Any]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Unprocessable(f"{pair!r} is not of the form name=value.", hint="For example --option header_name=X-Key.")
        found[name] = {"true": True, "false": False}.get(value, value)
    return found


def _as_json(row: Source, run: Run | None) -> dict[str, Any]:
    return {
        "slug": row.slug, "name": row.name, "kind": row.kind, "configuration": row.configuration,
        "has_secret": row.secret is not None, "policy": row.policy, "schedule": row.schedule, "state": row.state,
        "next_due_at": row.next_due_at, "last_success_at": row.last_success_at,
        "consecutive_failures": row.consecutive_failures,
        "latest_run": {"id": run.id, "state": run.state, "counters": run.counters} if run else None,
    }
