"""An OpenID provider on loopback, with a switch for each thing that a bad one could do."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.accounts.oidc.signatures import sign
from tests.loopback import listening

CLIENT, SECRET = "gateway", "secret of the client: ä&="
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}), "RS512": RSAKey.generate_key(2048, {"kid": "rsa-512", "use": "sig", "alg": "RS512"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}), "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "okp", "use": "sig"}),
}
FOREIGN = RSAKey.generate_key(2048, {"kid": "rsa"})
"""Somebody else's, under the name of the provider's."""


@dataclass
class Defects:
    """What the next answer does differently. ``claims``, ``answer`` and ``metadata`` are changed in place by the functions."""

    claims: Callable[[dict[str, Any]], object] = lambda _: None
    answer: Callable[[dict[str, str]], object] = lambda _: None
    token: Callable[[str, dict[str, Any]], str] = lambda made, _: made
    metadata: Callable[[dict[str, Any]], object] = lambda _: None
    exchange: Callable[[dict[str, Any]], object] = lambda _: None
    is_down: bool = False


@dataclass
class FakeProvider:
    """``person`` is who signs in there; ``asked`` are the calls of the token endpoint, ``visits`` those of its sign-in page."""

    issuer: str = ""
    algorithm: str = "RS256"
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "248289761001", "name": "Ada Marker"})
    defects: Defects = field(default_factory=Defects)
    asked: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    visits: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, Any]:
        said = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys", "authorization_response_iss_parameter_supported": True,
        }
        self.defects.metadata(said)
        return said

    def visit(self, address: str) -> str:
        """Sign in at the provider as its person does; the address that it sends the browser back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        self.visits.append(asked)
        code = base64.urlsafe_b64encode(hashlib.sha256(f"{len(self.visits)}{self.issuer}".encode()).digest()).decode()
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        self.defects.answer(answer)
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer to a code, which works once."""
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": asked["client_id"], "exp": now + 300, "iat": now, "auth_time": now, "nonce": asked["nonce"], **self.person}
        self.defects.claims(claims)
        made = self.defects.token(sign(claims, KEYS[self.algorithm], self.algorithm), claims)
        answer = {"access_token": "at-1", "token_type": "Bearer", "id_token": made}
        self.defects.exchange(answer)
        return answer


def key_set() -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in KEYS.values()]}


def unsigned(_: str, claims: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in ({"alg": "none", "kid": "rsa"}, claims)]
    return f"{parts[0]}.{parts[1]}."


def with_hmac(secret: bytes) -> Callable[[str, dict[str, Any]], str]:
    """Signed with what is no secret of the provider's, or is known to others too."""

    def made(_: str, claims: dict[str, Any]) -> str:
        return jws.serialize_compact({"alg": "HS256", "kid": "rsa"}, json.dumps(claims), OctKey.import_key(secret), algorithms=["HS256"])

    return made


def with_key(key: Any, algorithm: str = "RS256", **header: Any) -> Callable[[str, dict[str, Any]], str]:
    def made(_: str, claims: dict[str, Any]) -> str:
        full = {"alg": algorithm, "kid": "rsa", **header}
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jws.serialize_compact({k: v for k, v in full.items() if v is not None}, json.dumps(claims), key, registry=registry)

    return made


def altered(made: str, _: dict[str, Any]) -> str:
    """The same signature over other claims."""
    head, body, signature = made.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = "somebody-else"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"


@contextmanager
def fake_provider() -> Iterator[FakeProvider]:
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.paths.append(self.path)
            known = {"/.well-known/openid-configuration": provider.metadata, "/keys": key_set()}
            self.answer(known.get(self.path))

        def do_POST(self) -> None:
            provider.paths.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            provider.asked.append((form, dict(self.headers)))
            self.answer(provider.tokens(form) if self.path == "/token" else None)

        def answer(self, said: dict[str, Any] | None) -> None:
            body = json.dumps(said or {}).encode()
            status = 503 if provider.defects.is_down else 404 if said is None else 400 if "error" in said else 200
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with listening(Handler) as address:
        provider.issuer = address
        yield provider
