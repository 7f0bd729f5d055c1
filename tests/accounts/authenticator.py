"""A passkey in software, with a switch for each defect that a relying party must notice (WebAuthn level 3, section 6)."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """``origin`` is what the browser says; the rest is what the device does. ``counter`` is that of the next answer."""

    origin: str
    party: str = "localhost"
    verifies: bool = True
    is_present: bool = True
    counter: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""
    challenge: str | None = None
    """Instead of the one that was asked for."""
    signs: bool = True

    def but(self, **defects: Any) -> Authenticator:
        """The same key with defects."""
        return replace(self, **defects)

    def make(self, options: dict[str, Any]) -> str:
        """Answer ``navigator.credentials.create``."""
        self.user = base64url_to_bytes(options["user"]["id"])
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + self._public_key()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested})
        client = self._client("webauthn.create", options["challenge"])
        self.counter += 1
        return self._answer({"clientDataJSON": bytes_to_base64url(client), "attestationObject": bytes_to_base64url(attestation)})

    def get(self, options: dict[str, Any]) -> str:
        """Answer ``navigator.credentials.get``."""
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        self.counter += 1
        return self._answer({
            "clientDataJSON": bytes_to_base64url(client), "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature if self.signs else secrets.token_bytes(70)), "userHandle": bytes_to_base64url(self.user),
        })

    def _answer(self, response: dict[str, str]) -> str:
        named = bytes_to_base64url(self.credential)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response, "clientExtensionResults": {}})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": self.challenge or challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int = 0) -> bytes:
        flags |= (PRESENT if self.is_present else 0) | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.party.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
