"""Signed tokens (JWS): only algorithms that were asked for, only keys that we hold, whatever the token itself says about keys."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from joserfc import jwk, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

PublicKey = RSAKey | ECKey | OKPKey
LONGEST_TOKEN: Final = 16_384
KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None), "RS512": ("RSA", None), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"),
}
"""What key each algorithm goes with: type and curve."""


class BadToken(Exception):
    """``code`` says what is wrong with the token: malformed, algorithm, key or signature."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Exactly(JWSRegistry):
    """The named algorithms and no other. The library's warning that RFC 9864 renamed EdDSA would not change who uses it."""

    def get_alg(self, name: str) -> Any:
        if self.allowed is None or name not in self.allowed or name not in KINDS:
            raise UnsupportedAlgorithmError(f"{name!r} is not allowed")
        return self.algorithms[name]


def read(token: str, keys: Sequence[PublicKey], algorithms: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that one of the keys signed. Raises :class:`BadToken`."""
    header, _ = unchecked(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in KINDS:
        raise BadToken("algorithm")
    key = _key_for(algorithm, header.get("kid"), keys)
    try:
        decoded = jwt.decode(token, key, algorithms=[algorithm], registry=_Exactly(algorithms=[algorithm], strict_check_header=False))
    except (JoseError, ValueError, TypeError):
        raise BadToken("signature") from None
    return header, dict(decoded.claims)


def unchecked(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature nobody has checked. Raises :class:`BadToken`."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadToken("malformed")
    try:
        opened = extract_compact(token.encode())
        claims = json.loads(opened.payload)
        header = dict(opened.headers())
    except (JoseError, ValueError, TypeError, RecursionError):
        raise BadToken("malformed") from None
    if not isinstance(claims, dict):
        raise BadToken("malformed")
    return header, claims


def sign(claims: Mapping[str, Any], key: PublicKey, algorithm: str, *, kind: str = "JWT", jku: str | None = None) -> str:
    """``jku`` tells where the public key is."""
    header = {"alg": algorithm, "typ": kind, "kid": key.kid or key.thumbprint(), **({"jku": jku} if jku else {})}
    return jwt.encode(header, dict(claims), key, registry=_Exactly(algorithms=[algorithm]))


def public_keys(found: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """The public keys for signatures in a key set; what else is in it is passed over."""
    keys: list[PublicKey] = []
    listed = found.get("keys")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        try:
            key = jwk.import_key(one)
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey) and not key.is_private:
            keys.append(key)
    return tuple(keys)


def private_key(held: bytes) -> PublicKey | None:
    """A private key from PEM or JWK; None for anything else."""
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            found = kind.import_key(json.loads(held) if held.lstrip().startswith(b"{") else held)
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(found, RSAKey | ECKey | OKPKey) and found.is_private:
            return found
    return None


def algorithm_of(key: PublicKey) -> str | None:
    """The algorithm that we sign with, by the kind of key."""
    return next((name for name in ("RS256", "ES256", "EdDSA") if _fits(key, name)), None)


def _key_for(algorithm: str, kid: object, keys: Sequence[PublicKey]) -> PublicKey:
    """The key that is called ``kid``; without a name, the only one of that kind."""
    fitting = [key for key in keys if _fits(key, algorithm) and key.get("alg", algorithm) == algorithm]
    named = [key for key in fitting if key.kid == kid] if kid is not None else fitting
    if len(named) != 1:
        raise BadToken("key")
    return named[0]


def _fits(key: PublicKey, algorithm: str) -> bool:
    kind, curve = KINDS[algorithm]
    return key.key_type == kind and (curve is None or key.get("crv") == curve)
