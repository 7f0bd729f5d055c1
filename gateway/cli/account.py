"""``gateway account``: who has an account, who holds which role, and help for those who are locked out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gateway.accounts import operator, setup
from gateway.accounts.roles import ROLES
from gateway.cli.services import print_json, services
from gateway.store import accounts
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="People: accounts, roles, and help for those who are locked out.")
Address = Annotated[str, typer.Argument(help="The person's e-mail address.")]
RoleName = Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")]
Custodian = Annotated[str | None, typer.Option(help="The custodian's short name; leave it out for roles of the whole gateway.")]


@app.command("list")
def listing(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List accounts with their roles.

    Example: gateway account list
    """
    with services() as built, built.store.reading() as session:
        rows = accounts.listing(session)
    if as_json:
        print_json([_as_json(row) for row in rows])
        return
    for row in rows:
        roles = "; ".join(held.words for held in row.held) or "no role"
        typer.echo(f"{row.account.address}  {row.account.name}  {row.account.state}  {roles}")
    if not rows:
        typer.echo("No accounts yet. People make one at /register; the first administrator with: gateway account setup", err=True)


@app.command("setup")
def setup_command() -> None:
    """Print a link with which the first administrator is made. It works once, for 60 minutes.

    Example: gateway account setup
    """
    with services() as built:
        path = setup.setup_path(built.store, now=utc_now())
        address = built.settings.resolved_public_url
    typer.echo(f"{address}{path}" if path else "There is an administrator already; gateway account list names all accounts.")


@app.command()
def grant(address: Address, role: RoleName, custodian: Custodian = None) -> None:
    """Give a person a role.

    Example: gateway account grant ada@example.org team_admin --custodian hfea
    """
    with services() as built:
        new = setup.grant(built.store, address=address, role=role, custodian=custodian, granted_by="operator", now=utc_now())
    typer.echo(f"{address} {'is now' if new else 'was already'} {ROLES[role].words.lower()}{f' of {custodian}' if custodian else ''}.")
    if new and ROLES[role].needs_second_factor:
        typer.echo("The role works once the account has a passkey or an authenticator app: /account/security.", err=True)


@app.command()
def withdraw(address: Address, role: RoleName, custodian: Custodian = None) -> None:
    """Take a role away.

    Example: gateway account withdraw ada@example.org reviewer --custodian hfea
    """
    with services() as built:
        gone = setup.withdraw(built.store, address=address, role=role, custodian=custodian, now=utc_now())
    typer.echo(f"{address} {'is no longer' if gone else 'was not'} {ROLES[role].words.lower()}{f' of {custodian}' if custodian else ''}.")


@app.command()
def suspend(address: Address) -> None:
    """Stop an account from signing in, and end its sessions. Nothing is deleted.

    Example: gateway account suspend ada@example.org
    """
    with services() as built:
        operator.suspend(built.store, address, now=utc_now())
    typer.echo(f"{address} cannot sign in any more. gateway account resume {address} undoes it.")


@app.command()
def resume(address: Address) -> None:
    """Let a suspended account sign in again.

    Example: gateway account resume ada@example.org
    """
    with services() as built:
        operator.resume(built.store, address)
    typer.echo(f"{address} can sign in.")


@app.command("remove-factor")
def remove_factor(address: Address) -> None:
    """For a person who lost phone and recovery codes: remove app and passkeys, and end all sessions. The owner is told by mail.

    Example: gateway account remove-factor ada@example.org
    """
    with services() as built:
        operator.remove_factor(built.store, built.sealer, address, now=utc_now())
    typer.echo(f"{address} signs in with the password alone, and can set up another second step. Make sure that it is the person who asked.")


def _as_json(row: accounts.Listed) -> dict[str, Any]:
    return {
        "address": row.account.address, "name": row.account.name, "state": row.account.state, "roles": [held.words for held in row.held],
        "second_factor": row.has_second_factor, "last_signed_in_at": row.account.last_signed_in_at,
    }
