"""``gateway webhook``: where custodians' systems are told what became of their datasets."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gateway.cli.services import print_json, services
from gateway.models import Custodian, WebhookEndpoint
from gateway.store import custodians, webhooks
from gateway.store.database import utc_now
from gateway.webhooks.endpoints import EVENTS, add_endpoint, change_endpoint, remove_endpoint, rotate_secret

app = typer.Typer(no_args_is_help=True, help="Tell custodians' systems what became of their datasets.")
Id = Annotated[str, typer.Argument(help="The identifier that gateway webhook list shows.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def add(
    custodian: Annotated[str, typer.Argument(help="The custodian's short name.")],
    url: Annotated[str, typer.Option(help="Where messages are posted to.")],
    event: Annotated[list[str] | None, typer.Option(help=f"May be repeated; of {', '.join(EVENTS)}. Default: all.")] = None,
    contact: Annotated[str | None, typer.Option(help="Mail address that is told when the webhook is disabled.")] = None,
    secret: Annotated[str | None, typer.Option(envvar="GATEWAY_WEBHOOK_SECRET", help="whsec_…; made where left out.")] = None,
) -> None:
    """Add a webhook and print the secret that signs its messages. It cannot be shown again.

    Example: gateway webhook add hfea --url https://metadata.example.org/hooks --event dataset.published
    """
    with services() as built:
        new = add_endpoint(
            built.store, built.sealer, custodian=custodian, url=url, events=event or EVENTS, contact=contact, secret=secret, now=utc_now()
        )
    typer.echo(f"Webhook {new.endpoint.public_id} of {custodian} posts to {url}.")
    if not secret:
        typer.echo(f"The receiver checks signatures with this secret, shown only now: {new.secret}")


@app.command("list")
def listing(
    custodian: Annotated[str | None, typer.Option(help="Only those of this custodian.")] = None, as_json: Json = False
) -> None:
    """List webhooks with their state, never their secrets.

    Example: gateway webhook list
    """
    with services() as built, built.store.reading() as session:
        whose = custodians.by_slug(session, custodian).id if custodian else None
        rows = [_as_json(endpoint, owner) for endpoint, owner in webhooks.of_custodian(session, whose)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['id']}  {row['state']:8}  {row['custodian']}  {row['url']}  {row['last_error'] or ''}".rstrip())
    if not rows:
        typer.echo("No webhooks yet. Add one with: gateway webhook add CUSTODIAN --url URL", err=True)


@app.command()
def rotate(webhook: Id) -> None:
    """Make a new secret and print it; for a day both the old and the new one sign.

    Example: gateway webhook rotate Qm9va3NoZWxm
    """
    with services() as built:
        new = rotate_secret(built.store, built.sealer, webhook, now=utc_now())
    typer.echo(new.secret)
    typer.echo("Keep it now: it cannot be shown again. The old one signs for one more day.", err=True)


@app.command()
def enable(webhook: Id) -> None:
    """Start a webhook anew that was disabled.

    Example: gateway webhook enable Qm9va3NoZWxm
    """
    with services() as built:
        endpoint = change_endpoint(built.store, webhook, enable=True)
    typer.echo(f"{endpoint.public_id} is active again. What was not sent stays unsent.")


@app.command()
def remove(webhook: Id) -> None:
    """Remove a webhook; what still waits for it is not sent.

    Example: gateway webhook remove Qm9va3NoZWxm
    """
    with services() as built:
        endpoint = remove_endpoint(built.store, webhook)
    typer.echo(f"{endpoint.public_id} is gone.")


def _as_json(endpoint: WebhookEndpoint, owner: Custodian) -> dict[str, Any]:
    return {
        "id": endpoint.public_id, "custodian": owner.slug, "url": endpoint.url, "events": endpoint.events, "contact": endpoint.contact,
        "state": endpoint.state, "failing_since": endpoint.failing_since, "last_error": endpoint.last_error,
        "last_success_at": endpoint.last_success_at, "created_at": endpoint.created_at,
    }
