"""What a source of kind ``federation`` is configured with: addresses and credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from harvesters.client_keys import signing_key
from harvesters.oauth2 import ClientCredentials


class FederationConfig(BaseModel):
    """``secret`` is the token or key, for BASIC ``name:password``, for OAUTH2 the client's secret; it travels in a header only and is never part of an address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(min_length=1, title="Address", description="Address that both paths are put after, such as https://metadata.example.org.")
    list_path: str = Field(default="/datasets", title="Path of the list", description="Put after the address, such as /api/v1/datasets.")
    detail_path: str = Field(default="/datasets/{id}", title="Path of one document", description="Put after the address, such as /api/v1/datasets/{id}; {id} stands for the identifier.")
    query: dict[str, str] = Field(default_factory=dict, title="Parameters of the list", description="Fixed parameters of the list; no credentials.")
    auth: Literal["NO_AUTH", "BEARER", "API_KEY", "BASIC", "OAUTH2"] = Field(default="NO_AUTH", title="Signing in", description="How the server knows who asks.")
    header_name: str = Field(default="apikey", pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$", title="Header of the key", description="For API_KEY.")
    encode_base64: bool = Field(default=False, title="Send the key base64-encoded", description="For API_KEY: send the key base64-encoded.")
    client_id: str = Field(default="", max_length=500, title="Client", description="For OAUTH2: the client.")
    token_url: str = Field(default="", title="Address of the token endpoint", description="For OAUTH2: address of the token endpoint.")
    scope: str = Field(default="", max_length=1000, title="Scope", description="For OAUTH2, where the endpoint wants one.")
    token_request: Literal["form", "json"] = Field(default="form", title="How a token is asked for", description="For OAUTH2: how the token endpoint is asked.")
    client_in: Literal["body", "basic", "private_key_jwt"] = Field(
        default="body", title="Where the client says who it is", description="For OAUTH2: where client and secret stand; with private_key_jwt the secret is a private key, which signs and is never sent."
    )
    refresh: Literal["grant", "bare"] = Field(default="grant", title="How a token is renewed", description="For OAUTH2: how a refresh token is given back, with its grant type or alone.")
    secret: SecretStr | None = Field(default=None, title="Key, token or password", description="For BASIC the name and the password with a colon between; for a private key a JWK on one line.")

    @field_validator("base_url")
    @classmethod
    def _base_url_is_plain(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        if any(mark in value for mark in "?#@ "):
            raise ValueError("must not hold a query, a user name or blanks")
        return value.rstrip("/")

    @field_validator("token_url")
    @classmethod
    def _token_url_is_plain(cls, value: str) -> str:
        if value and (not value.startswith(("https://", "http://")) or any(mark in value for mark in "#@ ")):
            raise ValueError("must begin with https://, and hold no user name or blanks")
        return value

    @field_validator("detail_path")
    @classmethod
    def _detail_path_names_id(cls, value: str) -> str:
        if value.count("{id}") != 1:
            raise ValueError("must hold {id} once, in the place of the dataset's identifier")
        return value

    @model_validator(mode="after")
    def _secret_is_there(self, info: ValidationInfo) -> FederationConfig:
        """Judged when the source is built: until then the secret is kept apart from the configuration."""
        is_complete = (info.context or {}).get("is_complete", True)
        self._check_secret()
        if is_complete and self.auth != "NO_AUTH" and not (self.secret and self.secret.get_secret_value()):
            raise ValueError(f"{self.auth} needs a secret")
        for name in ("client_id", "token_url") if self.auth == "OAUTH2" else ():
            if not getattr(self, name):
                raise ValueError(f"OAUTH2 needs {name}")
        return self

    def _check_secret(self) -> None:
        secret = self.secret.get_secret_value() if self.secret else ""
        if self.auth == "OAUTH2" and self.client_in == "private_key_jwt":
            if secret:
                try:
                    signing_key(secret)
                except ValueError as problem:
                    raise ValueError(f"secret {problem}") from None
        elif secret and not secret.isprintable():
            raise ValueError("secret must not hold line breaks or control characters")

    def client(self) -> ClientCredentials | None:
        """For OAUTH2."""
        if self.auth != "OAUTH2":
            return None
        secret = self.secret.get_secret_value() if self.secret else ""
        return ClientCredentials(
            token_url=self.token_url, client_id=self.client_id, secret=secret, scope=self.scope or None, request=self.token_request,
            client_in=self.client_in, refresh=self.refresh,
        )

    def list_address(self, parameters: Mapping[str, str | int]) -> str:
        query = urlencode({**self.query, **parameters})
        return self._below_base(self.list_path) + (f"?{query}" if query else "")

    def detail_address(self, dataset_id: str) -> str:
        encoded = quote(dataset_id, safe="")
        if not encoded.strip("."):  # Clients resolve "." and ".." as steps of the path.
            encoded = encoded.replace(".", "%2E")
        return self._below_base(self.detail_path.replace("{id}", encoded))

    def headers(self) -> dict[str, str]:
        """Of every request, save for OAUTH2, whose token is fetched."""
        secret = self.secret.get_secret_value() if self.secret else ""
        if self.auth == "BEARER":
            return {"Authorization": f"Bearer {secret}"}
        if self.auth == "BASIC":
            return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
        if self.auth == "API_KEY":
            return {self.header_name: base64.b64encode(secret.encode()).decode() if self.encode_base64 else secret}
        return {}

    def _below_base(self, path: str) -> str:
        return f"{self.base_url}/{path.lstrip('/')}"
