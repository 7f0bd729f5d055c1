"""How custodians take requests. A route is entered by an operator; addresses met in records are never used by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.channels.webhook import check_secret, new_secret
from gateway.errors import Unprocessable
from gateway.models import Route
from gateway.store import Store, accounts, custodians, outbox, requests
from gateway.store import routes as stored_routes
from gateway.store.database import utc_now
from gateway.store.sealing import Sealer

CHANNELS = ("committee", "mailbox", "portal", "webhook", "open", "not_open")
SCOPES = ("custodian", "dataset", "collection", "network")
WORKSPACE = "workspace"
"""The target of the channel ``committee``."""
LONGEST_EXPLANATION = 500

BOTH_SIGN_FOR = timedelta(days=1)

@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSet:
    """``secret`` is the webhook's signing secret, shown here once. ``requeued`` deliveries will be tried again."""

    custodian: str
    channel: str
    target: str
    secret: str | None
    requeued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """``health``: healthy, suspended (refused for good), replaced."""

    custodian: str
    channel: str
    target: str
    health: str
    scope: str
    scope_ref: str | None
    verified_at: datetime | None


def set_route(
    store: Store, sealer: Sealer, *, custodian: str, channel: str, target: str, secret: str | None = None,
    verified: bool = True, now: datetime | None = None, scope: str = "custodian", scope_ref: str | None = None, reference_format: str | None = None,
) -> RouteSet:
    """Send the custodian's requests to ``target`` from now on. ``custodian`` is its slug.

    ``scope_ref`` names the dataset, collection or network that the route is for; ``custodian`` then is who decides there.
    ``reference_format`` is the shape of the references that its own system gives: ``A`` a letter, ``9`` a digit, the rest as it stands.

    A webhook without ``secret`` gets a new one; where the target stays, the one before signs as well for a day. Deliveries that were given up on this route are tried again.
    Raises :class:`NotFound` for an unknown custodian, :class:`Unprocessable` for a channel, target or secret that cannot be used.
    """
    now = now or utc_now()
    _check_target(channel, target)
    _check_scope(scope, scope_ref)
    opened = (check_secret(secret) if secret else new_secret()) if channel == "webhook" else None
    with store.transaction() as tx:
        custodian_id = custodians.by_slug(tx.session, custodian).id
        if channel == "committee" and not accounts.count_holding(tx.session, "handler", custodian_id):
            raise Unprocessable("Nobody there could handle a request.", hint="Give somebody the role handler first: gateway account grant.")
        route = _route(tx.session, custodian_id, channel, scope=scope, scope_ref=scope_ref, now=now)
        is_rotated = opened is not None and route.secret is not None and route.target == target
        route.former_secret, route.former_secret_until = (route.secret, now + BOTH_SIGN_FOR) if is_rotated else (None, None)
        route.target, route.health, route.failing_since = target, requests.USABLE, None
        route.secret = sealer.seal(opened) if opened else None
        route.settings = {**(route.settings or {}), "reference_format": reference_format.strip()} if reference_format else route.settings
        route.verified_at = now if verified else None
        tx.session.flush()
        requests.touch_route(tx.session, route, now=now)
        requeued = outbox.requeue(tx.session, route.id, now=now) if verified else 0
    return RouteSet(custodian=custodian, channel=channel, target=target, secret=opened, requeued=requeued)


def routes(store: Store) -> list[RouteFacts]:
    """Every route by the custodian's name, without its secret."""
    with store.reading() as session:
        return [
            RouteFacts(
                custodian=custodian.slug, channel=route.channel, target=route.target, health=route.health,
                scope=route.scope, scope_ref=route.scope_ref, verified_at=route.verified_at,
            )
            for route, custodian in requests.routes(session)
        ]


def _route(session: Session, custodian_id: int, channel: str, *, scope: str, scope_ref: str | None, now: datetime) -> Route:
    """The custodian's route of that channel, new where there is none; routes of other channels for the same thing are laid aside."""
    held = stored_routes.of_scope(session, custodian_id, scope, scope_ref)
    for other in held:
        if other.channel != channel:
            other.health = "replaced"
    same = next((route for route in held if route.channel == channel), None)
    if same is None:
        same = Route(custodian_id=custodian_id, channel=channel, target="", scope=scope, scope_ref=scope_ref, created_at=now)
        session.add(same)
    return same


def _check_target(channel: str, target: str) -> None:
    if channel == "mailbox":
        check_address(target)
    elif channel in ("portal", "webhook", "open"):
        check_web_address(target)
    elif channel == "not_open":
        if not target.strip() or len(target) > LONGEST_EXPLANATION:
            raise Unprocessable("Say why no requests are taken.", hint="The target is a sentence that people read.", fields={"target": "empty or too long"})
    elif channel == "committee":
        if target != WORKSPACE:
            raise Unprocessable("The channel committee has no address.", hint=f"Its target is {WORKSPACE!r}.", fields={"target": "not understood"})
    else:
        raise Unprocessable(
            f"{channel!r} is not a channel.", hint=f"Choose one of {', '.join(CHANNELS)}.", fields={"channel": "unknown"}
        )


def _check_scope(scope: str, scope_ref: str | None) -> None:
    if scope not in SCOPES or (scope == "custodian") != (scope_ref is None):
        raise Unprocessable(
            "It is not clear what the route is for.", hint="Name a dataset's ref, a collection or a network; nothing for all of the custodian.",
            fields={"scope": "not understood"},
        )


def check_web_address(target: str) -> None:
    """Raises :class:`Unprocessable`. Whether it may be called is judged when it is."""
    try:
        parts = urlsplit(target)
        is_good = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username and not parts.fragment
        is_good = is_good and parts.port != 0 and target.isascii() and target.isprintable() and " " not in target
    except ValueError:
        is_good = False
    if not is_good:
        raise Unprocessable(
            "That is not a web address that anything can be sent to.",
            hint="Give https://host/path, without user name, password and fragment.", fields={"target": "not understood"},
        )
