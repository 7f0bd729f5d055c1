"""What can be wrong on the way over a provider. The code is shown, logged and counted; the sentence never quotes the answer."""

from __future__ import annotations

from gateway.errors import GatewayError


class ProviderFault(GatewayError):
    """``code`` names what was wrong, for the operator."""

    status = 400
    title = "Signing in did not work"

    def __init__(self, code: str, message: str, *, hint: str = "Start again from the sign-in page.") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class ProviderDown(ProviderFault):
    """The provider cannot be reached, or does not answer as OpenID Connect demands."""

    status = 503
    title = "The provider cannot be reached"


def untrusted(code: str) -> ProviderFault:
    """An answer that is not what this browser asked the provider for."""
    return ProviderFault(code, "The provider's answer cannot be trusted, so nobody was signed in.")
