"""What sources of linked data are configured with in common: an address, a way of signing in, hosts beside its own."""

from __future__ import annotations

import base64
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from harvesters.linked_formats import Format


class LinkedConfig(BaseModel):
    """``secret`` is the token, the key, or ``name:password``; it travels in a header only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1, title="Address", description="Where to begin.")
    auth: Literal["NO_AUTH", "BEARER", "API_KEY", "BASIC"] = Field(default="NO_AUTH", title="Signing in", description="How the server knows who asks.")
    header_name: str = Field(default="apikey", pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$", title="Header of the key", description="For API_KEY.")
    allowed_hosts: tuple[str, ...] = Field(default=(), title="Other servers", description="Other hosts that links may lead to, by name.")
    secret: SecretStr | None = Field(default=None, title="Key, token or password", description="For BASIC the name and the password with a colon between.")

    @field_validator("url")
    @classmethod
    def _url_is_plain(cls, value: str) -> str:
        value = value.strip()
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        if urlsplit(value).username is not None or any(mark.isspace() for mark in value) or "#" in value:
            raise ValueError("must not hold a user name, blanks or a fragment")
        return value

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _hosts_as_list(cls, value: object) -> object:
        """The command line gives them as one text."""
        return tuple(part for part in value.replace(",", " ").split() if part) if isinstance(value, str) else value

    @field_validator("secret")
    @classmethod
    def _secret_can_be_sent(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().isprintable():
            raise ValueError("must not hold line breaks or control characters")
        return value

    @model_validator(mode="after")
    def _secret_is_there(self, info: ValidationInfo) -> LinkedConfig:
        """Judged when the source is built: until then the secret is kept apart from the configuration."""
        is_complete = (info.context or {}).get("is_complete", True)
        if is_complete and self.auth != "NO_AUTH" and not (self.secret and self.secret.get_secret_value()):
            raise ValueError(f"{self.auth} needs a secret")
        return self

    def headers(self) -> dict[str, str]:
        secret = self.secret.get_secret_value() if self.secret else ""
        if self.auth == "BEARER":
            return {"Authorization": f"Bearer {secret}"}
        if self.auth == "BASIC":
            return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
        return {self.header_name: secret} if self.auth == "API_KEY" else {}


class DcatConfig(LinkedConfig):
    url: str = Field(min_length=1, title="Address", description="The catalogue, or the first of its pages.")
    format: Format | None = Field(default=None, title="Format", description="Where the server names no usable media type: turtle, rdfxml, json, ntriples.")
    modified_since: str = Field(
        default="", pattern=r"^[A-Za-z0-9_.~-]{0,60}$", title="Parameter for changes", description="The parameter by which the server gives only what changed since a moment, e.g. modified_since."
    )


class FairDataPointConfig(LinkedConfig):
    url: str = Field(min_length=1, title="Address", description="The root of the FAIR Data Point.")


class SchemaOrgConfig(BaseModel):
    """No credentials: what is read here is what search engines read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1, title="Address", description="The site, or its sitemap.")
    include: tuple[str, ...] = Field(default=(), title="Only these pages", description="Only pages whose address fits one of these, e.g. */dataset/*.")
    exclude: tuple[str, ...] = Field(default=(), title="Not these pages", description="No pages whose address fits one of these.")
    allowed_hosts: tuple[str, ...] = Field(default=(), title="Other servers", description="Other hosts that pages may be on, by name.")

    _url_is_plain = field_validator("url")(LinkedConfig._url_is_plain.__func__)  # type: ignore[attr-defined]

    @field_validator("include", "exclude", "allowed_hosts", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        """The command line gives them as one text."""
        return tuple(part for part in value.replace(",", " ").split() if part) if isinstance(value, str) else value
