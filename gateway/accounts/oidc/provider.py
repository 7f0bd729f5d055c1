"""What an operator sets for each identity provider."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, TypeAdapter, field_validator, model_validator

SIGNATURES: Final = ("RS256", "RS512", "ES256", "EdDSA")
"""Never none, never HMAC."""
Way = Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]


class IdentityProvider(BaseModel):
    """``slug`` stands in addresses: the redirect address to enter at the provider is ``<public address>/sign-in/from/<slug>``.

    The last group says which answers of the provider count as a second factor. Nothing counts that is not named here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    name: str = Field(min_length=1, max_length=80)
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    private_key_file: Path | None = None
    """PEM or JWK, for ``private_key_jwt``."""
    client_auth: Way | None = None
    """Default: ``private_key_jwt`` with a key, else ``client_secret_basic``."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[Literal["RS256", "RS512", "ES256", "EdDSA"], ...] = SIGNATURES
    vouches_for_addresses: bool = False
    """Whether an address that the provider calls verified may become the address of a new account without a letter."""
    max_age_seconds: int = Field(12 * 3600, ge=60)
    """How long ago people may have signed in at the provider."""
    required_acr: tuple[str, ...] = ()
    """Where set, one of these must be named at every sign-in."""

    second_factor_acr: tuple[str, ...] = ()
    second_factor_amr: tuple[str, ...] = ()
    second_factor_vot: tuple[str, ...] = ()

    @field_validator("issuer")
    @classmethod
    def _is_plain_address(cls, value: str) -> str:
        TypeAdapter(HttpUrl).validate_python(value)
        if "?" in value or "#" in value:
            raise ValueError("An issuer has no query and no fragment.")
        return value

    @model_validator(mode="after")
    def _can_prove_itself(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("The scopes must hold openid.")
        if self.way == "private_key_jwt" and self.private_key_file is None:
            raise ValueError("private_key_jwt needs private_key_file.")
        if self.way != "private_key_jwt" and self.client_secret is None:
            raise ValueError(f"{self.way} needs client_secret; or give private_key_file.")
        return self

    @property
    def way(self) -> Way:
        return self.client_auth or ("private_key_jwt" if self.private_key_file else "client_secret_basic")

    @property
    def gives_second_factor(self) -> bool:
        return bool(self.second_factor_acr or self.second_factor_amr or self.second_factor_vot)
