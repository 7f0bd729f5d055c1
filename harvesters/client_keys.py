"""The private key with which a client of a token endpoint signs who it is: as PEM or as a JWK."""

from __future__ import annotations

import json
import warnings
from typing import Final

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, RSAKey, import_key

CURVES: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
SMALLEST_RSA_BITS: Final = 2048


def signing_key(text: str) -> Key:
    """Raises :class:`ValueError` with a sentence that quotes nothing of the key."""
    stripped = text.strip()
    for kind in ("RSA", "EC"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # Small keys are refused below, in words.
                key = import_key(json.loads(stripped) if stripped.startswith("{") else stripped, kind)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not key.is_private:
            raise ValueError("must be a private key; this is a public one")
        algorithm_of(key)
        return key
    raise ValueError("must be a private key, as PEM without a password or as a JWK")


def algorithm_of(key: Key) -> str:
    if isinstance(key, RSAKey):
        if key.raw_value.key_size < SMALLEST_RSA_BITS:
            raise ValueError(f"must be an RSA key of at least {SMALLEST_RSA_BITS} bits")
        return "RS256"
    if isinstance(key, ECKey) and key.curve_name in CURVES:
        return CURVES[key.curve_name]
    raise ValueError("must be an RSA key, or an EC key of P-256, P-384 or P-521")
