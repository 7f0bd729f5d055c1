"""``gateway route`` and ``gateway request``: how requests reach custodians, and which wait for a route."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.access.rems_setup import look_at, set_rems
from gateway.access.rerouting import reroute
from gateway.access.route_checks import WORKS_FOR, agree_on_alternative, ask_mailbox
from gateway.access.routes import SCOPES, set_route
from gateway.access.triage import triage
from gateway.cli.services import print_json, services
from gateway.store.database import utc_now

route_app = typer.Typer(no_args_is_help=True, help="How requests reach custodians.")
request_app = typer.Typer(no_args_is_help=True, help="Requests for access.")


@route_app.callback()
def _route() -> None:
    """How requests reach custodians."""


@request_app.callback()
def _request() -> None:
    """Requests for access."""


@route_app.command("set")
def set_command(
    custodian: Annotated[str, typer.Argument(help="The custodian's short name.")],
    channel: Annotated[str, typer.Option(help="committee, mailbox, portal, webhook, open or not_open.")],
    target: Annotated[str, typer.Option(help="The mail address, or the address of the webhook; workspace for a committee; for not_open, why.")],
    secret: Annotated[str | None, typer.Option(envvar="GATEWAY_WEBHOOK_SECRET", help="webhook: whsec_…; better by the variable.")] = None,
    scope: Annotated[str, typer.Option(help=f"What the route is for: {', '.join(SCOPES)}.")] = "custodian",
    name: Annotated[str | None, typer.Option(help="The dataset's ref, the collection or the network, for a scope other than custodian.")] = None,
    reference_format: Annotated[str | None, typer.Option(help="What its own references look like: A a letter, 9 a digit, as in AAA-99999.")] = None,
) -> None:
    """Say where a custodian takes requests. Only use a target that the custodian has confirmed.

    Example: gateway route set hfea --channel mailbox --target access@example.org
    """
    with services() as built:
        done = set_route(
            built.store, built.sealer, custodian=custodian, channel=channel, target=target, secret=secret, verified=True,
            now=utc_now(), scope=scope, scope_ref=name, reference_format=reference_format,
        )
    typer.echo(f"Requests to {custodian} now go to {target} by {channel}.")
    if done.requeued:
        typer.echo(f"Deliveries that will be tried again: {done.requeued}.")
    if done.secret and not secret:
        typer.echo(f"The receiver checks signatures with this secret, shown only now: {done.secret}")


@route_app.command("rems")
def rems_command(
    custodian: Annotated[str, typer.Argument(help="The custodian's short name.")],
    target: Annotated[str, typer.Option(help="The address of its REMS, without /api.")],
    reader: Annotated[str, typer.Option(help="The REMS user who may read all applications (reporter or handler).")],
    applicant: Annotated[str, typer.Option(help="The REMS user in whose name applications are made.")],
    field: Annotated[list[str], typer.Option(help="FORM/FIELD=KEY: which field takes which answer; one takes gateway.part.")],
    key: Annotated[str, typer.Option(envvar="GATEWAY_REMS_KEY", help="The API key; better by the variable.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look whether REMS answers, and at its items.")] = False,
) -> None:
    """Send a custodian's requests to its REMS. Items whose resid is a dataset's persistent id are that dataset's.

    Example: gateway route rems hfea --target https://rems.example.org --reader bot --applicant gateway --field 5/fld1=project.title --field 5/fld9=gateway.part
    """
    pairs = [one.partition("=") for one in field]
    with services() as built:
        if dry_run:
            for one in look_at(built.channels.caller, target=target, api_key=key, reader=reader):
                typer.echo(f"{one['id']}  workflow {one['wfid']}  form {one['formid']}  {one['resid']}")
            return
        done = set_rems(
            built.store, built.sealer, built.channels.caller, custodian=custodian, target=target, api_key=key, reader=reader, applicant=applicant,
            fields={place: name for place, _, name in pairs}, now=utc_now(),
        )
    typer.echo(f"Requests to {custodian} now go to its REMS: {len(done.items)} datasets have an item there.")
    if done.unknown:
        typer.echo(f"Items that are no dataset here: {', '.join(done.unknown)}.")
    typer.echo(f"REMS tells of events by PUT to /api/v1/rems/{custodian}/events with the header x-gateway-notify, shown only now: {done.notify_secret}")


@route_app.command("ask")
def ask_command(
    custodian: Annotated[str, typer.Argument(help="The custodian's short name.")],
    target: Annotated[str, typer.Option(help="The mailbox that is to confirm itself.")],
) -> None:
    """Mail a link with which a mailbox confirms that it takes the custodian's requests. It is used once it has.

    Example: gateway route ask hfea --target access@example.org
    """
    with services() as built:
        ask_mailbox(built.store, built.sealer, custodian=custodian, target=target, now=utc_now())
        built.jobs.enqueue("deliver")
    typer.echo(f"{target} was asked to confirm itself. The link works for {WORKS_FOR.days} days.")


@route_app.command("stand-in")
def stand_in_command(
    custodian: Annotated[str, typer.Argument(help="The custodian whose requests another one takes.")],
    alternative: Annotated[str, typer.Option("--by", help="The custodian that takes them.")],
    confirmed: Annotated[str, typer.Option(help="Who has confirmed it to you: custodian or alternative. It counts once both have.")],
) -> None:
    """Note that one of two custodians has agreed that the other takes its requests.

    Example: gateway route stand-in hfea --by example --confirmed custodian
    """
    if confirmed not in ("custodian", "alternative"):
        raise typer.BadParameter("Choose custodian or alternative.")
    with services() as built:
        is_agreed = agree_on_alternative(
            built.store, custodian=custodian, alternative=alternative, by="custodian" if confirmed == "custodian" else "alternative", now=utc_now()
        )
    typer.echo(f"{alternative} takes the requests of {custodian} now." if is_agreed else "Noted. The other side has not confirmed it yet.")


@request_app.command("reroute")
def reroute_command(
    part: Annotated[str, typer.Argument(help="The part's id, as gateway request triage shows it.")],
    reason: Annotated[str, typer.Option(help="Why this desk is the right one; it is kept with the request.")],
    custodian: Annotated[str, typer.Option(help="Short name of the custodian, where it was not known.")] = "",
) -> None:
    """Pass a part on that waits in triage, over the route that its custodian has by now.

    Example: gateway request reroute 5f0c… --reason "The committee answered by telephone"
    """
    with services() as built:
        done = reroute(built.store, built.sealer, part, reason=reason, actor="operator", now=utc_now(), custodian=custodian)
        built.jobs.enqueue("deliver")
    typer.echo(f"{done.reference} goes to {done.custodian} by {done.channel}.")


@request_app.command("triage")
def triage_command(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the parts of requests that wait for a route.

    Example: gateway request triage
    """
    with services() as built:
        parts = triage(built.store)
    if as_json:
        print_json([
            {"reference": part.reference, "part": part.part, "custodian": part.custodian, "datasets": list(part.datasets),
             "waiting_since": part.waiting_since}
            for part in parts
        ])
        return
    for part in parts:
        typer.echo(f"{part.reference}  {part.custodian or 'custodian not known'}  {len(part.datasets)} datasets  since {part.waiting_since:%d %B %Y}")
    if not parts:
        typer.echo("Nothing waits for a route.")
