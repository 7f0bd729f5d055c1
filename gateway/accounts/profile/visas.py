"""Visas of GA4GH passports, taken in: what somebody else vouches for fills in items of the profile as verified. It approves nothing.

A visa counts from configured pairs of issuer and key location alone. Everything that can be judged without its signature is judged
first, so that a visa that does not count causes no call; addresses inside a visa are never called at all. It must be about the person:
its subject is one of their identities, or linked to one by a ``LinkedIdentities`` visa that counts itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

from sqlalchemy.orm import Session

from gateway.accounts.oidc.calling import Providers
from gateway.accounts.oidc.faults import ProviderFault
from gateway.accounts.oidc.signatures import BadToken, read, unchecked
from gateway.accounts.people import Person
from gateway.accounts.profile.issuers import VisaIssuer
from gateway.accounts.profile.items import verify
from gateway.accounts.tables import ProfileItem
from gateway.store import Store, identities, profiles

ALGORITHMS: Final = ("RS256", "ES256")
SKEW_SECONDS: Final = 60
AT_MOST: Final = 50
TYPES: Final = ("AffiliationAndRole", "ResearcherStatus", "AcceptedTermsAndPolicies", "LinkedIdentities")
BY: Final = ("self", "peer", "system", "so", "dac")
NEEDS_BY: Final = ("ResearcherStatus", "AcceptedTermsAndPolicies")
ROLES: Final = ("faculty", "staff", "student", "member", "affiliate", "alum", "employee", "library-walk-in")
BONA_FIDE: Final = "https://doi.org/10.1038/s41431-018-0219-y"
Subject = tuple[str, str]
"""Issuer and subject."""


class Ignored(Exception):
    """The visa does not count; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a visa. ``kind`` is its type as far as it could be read."""

    kind: str
    taken: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visa:
    """One that counts, but for whom it is about."""

    issuer: VisaIssuer
    subject: str
    kind: str
    value: str
    ends_at: datetime

    @property
    def about(self) -> Subject:
        return self.issuer.issuer, self.subject


def take_in(
    store: Store, providers: Providers, trusted: Sequence[VisaIssuer], person: Person, tokens: Sequence[str], *, now: datetime
) -> tuple[Outcome, ...]:
    """Fill in the person's profile from the visas that count. What became of each, in their order."""
    judged = [_judged(providers, trusted, token, now) for token in tokens[:AT_MOST]]
    visas = [visa for visa, _ in judged if visa is not None]
    with store.transaction() as tx:
        own = _own(visas, [(row.issuer, row.subject) for row in identities.of_account(tx.session, person.account_id)])
        return tuple(outcome if visa is None else _filled_in(tx.session, person, visa, own, now) for visa, outcome in judged)


def _judged(providers: Providers, trusted: Sequence[VisaIssuer], token: str, now: datetime) -> tuple[Visa | None, Outcome]:
    kind = "Visa"
    try:
        header, claims = unchecked(token)
        stated = claims.get("ga4gh_visa_v1")
        kind = str(stated.get("type"))[:60] if isinstance(stated, Mapping) else kind
        visa = _plausible(trusted, header, claims, now)
        read(token, providers.key_set(visa.issuer, visa.issuer.key_location), ALGORITHMS)
    except BadToken as error:
        return None, Outcome(kind, False, f"It is not signed as it should be ({error.code}).")
    except ProviderFault:
        return None, Outcome(kind, False, "The keys of its issuer cannot be reached just now. Try again later.")
    except Ignored as reason:
        return None, Outcome(kind, False, str(reason))
    return visa, Outcome(kind, True, "")


def _plausible(trusted: Sequence[VisaIssuer], header: Mapping[str, Any], claims: Mapping[str, Any], now: datetime) -> Visa:
    """All but the signature. Raises :class:`Ignored`."""
    issuer = next((one for one in trusted if one.issuer == claims.get("iss")), None)
    if issuer is None:
        raise Ignored("This gateway does not take visas of its issuer.")
    if header.get("jku") != issuer.key_location:
        raise Ignored("It names another place for its keys than its issuer uses.")
    if header.get("alg") not in ALGORITHMS:
        raise Ignored("It is signed in a way that is not taken.")
    ends, made = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    if ends is None or ends <= now.timestamp() - SKEW_SECONDS:
        raise Ignored("It has expired.")
    if made is None or made > now.timestamp() + SKEW_SECONDS:
        raise Ignored("It does not say when it was made, or was made in the future.")
    subject, stated = claims.get("sub"), claims.get("ga4gh_visa_v1")
    if not isinstance(subject, str) or not subject or not isinstance(stated, Mapping):
        raise Ignored("It is no visa.")
    _check_statement(stated, now)
    return Visa(issuer=issuer, subject=subject, kind=stated["type"], value=stated["value"], ends_at=datetime.fromtimestamp(ends, UTC))


def _check_statement(stated: Mapping[str, Any], now: datetime) -> None:
    kind, value, by = stated.get("type"), stated.get("value"), stated.get("by")
    if kind not in TYPES:
        raise Ignored("Visas of its type are not taken; upper and lower case count.")
    if stated.get("conditions"):
        raise Ignored("It holds under conditions only, and this gateway understands none.")
    asserted = _seconds(stated.get("asserted"))
    if asserted is None or asserted > now.timestamp() + SKEW_SECONDS or not isinstance(stated.get("source"), str):
        raise Ignored("It does not say who asserted it, and when.")
    if (by is None and kind in NEEDS_BY) or (by is not None and by not in BY):
        raise Ignored("It does not say by whom it was asserted (by).")
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 1000:
        raise Ignored("It holds no value.")
    if kind == "ResearcherStatus" and value != BONA_FIDE:
        raise Ignored("It is about another status than that of a bona fide researcher.")
    if kind == "AffiliationAndRole" and (value.partition("@")[0].partition(".")[0] not in ROLES or not value.partition("@")[2]):
        raise Ignored("It names no role at an organisation.")
    if kind == "AcceptedTermsAndPolicies" and not value.startswith("https://"):
        raise Ignored("It does not say which terms.")


def _own(visas: Iterable[Visa], known: Iterable[Subject]) -> frozenset[Subject]:
    """The person's identities, and those that visas about them link to these."""
    own, linking = set(known), [visa for visa in visas if visa.kind == "LinkedIdentities"]
    for _ in linking:
        for visa in linking:
            linked = {visa.about, *_pairs(visa.value)}
            if linked & own:
                own |= linked
    return frozenset(own)


def _pairs(value: str) -> list[Subject]:
    """``subject,issuer;subject,issuer``, each of them percent-encoded."""
    parts = [pair.split(",") for pair in value.split(";")]
    return [(unquote(part[1]), unquote(part[0])) for part in parts if len(part) == 2]


def _filled_in(session: Session, person: Person, visa: Visa, own: frozenset[Subject], now: datetime) -> Outcome:
    if visa.about not in own:
        return Outcome(visa.kind, False, "It is not about you: sign in once with the account that it names, and add it under Security.")
    if visa.kind == "LinkedIdentities":
        return Outcome(visa.kind, True, "It says that accounts of yours belong together.")
    group, facts = _facts(visa)
    rows = profiles.of_account(session, person.account_id)
    row = next((row for row in rows if row.group == group and row.facts == facts), None)
    if row is None:
        row = ProfileItem(account_id=person.account_id, group=group, facts=facts, created_at=now, updated_at=now)
        profiles.add(session, row)
    verify(row, by=f"{visa.issuer.name} (visa)", until=max(visa.ends_at, now).date(), now=now)
    return Outcome(visa.kind, True, f"Your profile now holds it as verified until {visa.ends_at:%-d %B %Y}.")


def _facts(visa: Visa) -> tuple[str, dict[str, str]]:
    if visa.kind == "AffiliationAndRole":
        role, _, place = visa.value.partition("@")
        return "affiliation", {"organisation": place[:200], "role": role[:200]}
    if visa.kind == "ResearcherStatus":
        return "accreditation", {"body": visa.issuer.name, "kind": "Bona fide researcher", "evidence": BONA_FIDE}
    return "accreditation", {"body": visa.issuer.name, "kind": "Terms and policies accepted", "evidence": visa.value}


def _seconds(found: object) -> float | None:
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 1e11 else None
