"""Visas given out: for each dataset that a person has access to, a signed statement of at most an hour (GA4GH, ``ControlledAccessGrants``).

They are worked out anew whenever somebody asks: whoever's access was stopped or suspended gets none, and what was given out ends by
itself. Off until an operator sets a key (GATEWAY_VISA_KEY_FILE).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from gateway.access.status import PartStatus, own_requests
from gateway.accounts.oidc.signatures import PublicKey, algorithm_of, private_key, sign
from gateway.accounts.people import Person
from gateway.errors import NotFound, Unavailable
from gateway.store import Store

LIFE: Final = timedelta(hours=1)
KEYS_PATH: Final = "/.well-known/visa-keys.json"
KIND: Final = "vnd.ga4gh.visa+jwt"


@dataclass(frozen=True, slots=True)
class Signer:
    """``public_url`` has no slash at the end; it is the issuer."""

    key: PublicKey
    algorithm: str
    public_url: str

    @property
    def key_set(self) -> dict[str, Any]:
        public = {name: value for name, value in self.key.as_dict(private=False).items() if name not in ("key_ops", "use", "alg", "kid")}
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}]}

    @property
    def kid(self) -> str:
        return str(self.key.kid or self.key.thumbprint())


def signer(key_file: Path | None, public_url: str) -> Signer:
    """Raises :class:`NotFound` where no key is set, :class:`Unavailable` for one that cannot be used."""
    if key_file is None:
        raise NotFound("This gateway gives out no visas.", hint="An operator may set a key for them.")
    try:
        key = private_key(key_file.read_bytes())
    except OSError:
        key = None
    algorithm = algorithm_of(key) if key else None
    if key is None or algorithm not in ("ES256", "RS256"):
        raise Unavailable("Visas cannot be signed just now.", hint="The operator must set a private key of the kind P-256 or RSA.")
    return Signer(key, algorithm, public_url)


def issue(store: Store, signed_by: Signer, person: Person, *, now: datetime) -> list[str]:
    """One for each dataset that the person may use now."""
    return [_visa(signed_by, person, part, line.ref, now) for part in _granted(store, person) for line in part.datasets]


def _granted(store: Store, person: Person) -> Iterator[PartStatus]:
    for request in own_requests(store, person):
        for part in request.parts if request.has_access else ():
            if part.state == "active" and not part.folded.is_suspended:
                yield part


def _visa(signed_by: Signer, person: Person, part: PartStatus, ref: str, now: datetime) -> str:
    made = int(now.timestamp())
    claims = {
        "iss": signed_by.public_url, "sub": person.subject, "iat": made, "exp": made + int(LIFE.total_seconds()), "jti": secrets.token_urlsafe(16),
        "ga4gh_visa_v1": {
            "type": "ControlledAccessGrants", "asserted": int((part.since or now).timestamp()), "value": f"{signed_by.public_url}/id/datasets/{ref}",
            "source": f"{signed_by.public_url}/custodians/{part.custodian_slug}", "by": "dac",
        },
    }
    return sign(claims, signed_by.key, signed_by.algorithm, kind=KIND, jku=signed_by.public_url + KEYS_PATH)
