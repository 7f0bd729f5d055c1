"""What the configurations of sources on the web have in common: an address, and a secret that is kept apart."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class WebSourceConfig(BaseModel):
    """``secret`` is a token; it travels in a header only and is never part of an address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(min_length=1, title="Address", description="Address of the endpoint.")
    secret: SecretStr | None = Field(default=None, title="Token", description="Only where the server shows nothing without one.")

    @field_validator("base_url")
    @classmethod
    def _base_url_is_plain(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        if any(mark in value for mark in "?#@ "):
            raise ValueError("must not hold a query, a user name or blanks")
        return value.rstrip("/")

    @field_validator("secret")
    @classmethod
    def _secret_can_be_sent(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().isprintable():
            raise ValueError("must not hold line breaks or control characters")
        return value

    def token(self) -> str:
        return self.secret.get_secret_value() if self.secret else ""
