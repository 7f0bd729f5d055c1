"""Accounts: signing in, registering, and what people see and change of their own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True)
class SignInFault:
    """Why signing in with a provider did not work; ``code`` is for the operator."""

    message: str
    hint: str
    code: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInView(FormView):
    """Fields: email, password, next; of the passkey's form credential, next. ``passkeys_here``: they belong to this address.

    ``providers`` are links that lead on; ``fault`` says why the last one did not sign in.
    """

    template: ClassVar[str] = "accounts/sign-in.html"

    next_path: str = "/account"
    passkeys_here: bool = False
    providers: tuple[Link, ...] = ()
    fault: SignInFault | None = None

    @property
    def status(self) -> int:
        return self.fault.status if self.fault else 422 if self.errors else 200

    @property
    def heading(self) -> str:
        return "Sign in"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView(FormView):
    """The second factor. Fields: code, next. ``is_again``: the person is signed in and confirms that it is them.

    ``has_app`` is False for somebody whose only second factors are passkeys; a recovery code works then too.
    """

    template: ClassVar[str] = "accounts/code.html"

    action: str
    next_path: str = "/account"
    csrf: str = ""
    is_again: bool = False
    has_app: bool = True
    passkeys_here: bool = False
    is_provider_only: bool = False
    """The second step is an identity provider's alone: there is no code to type."""
    providers: tuple[Link, ...] = ()

    @property
    def heading(self) -> str:
        return "Please confirm that it is you" if self.is_again else "Second step"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInByLinkView(FormView):
    """Opening a printed link changes nothing; the button signs in."""

    template: ClassVar[str] = "accounts/link.html"

    action: str

    @property
    def heading(self) -> str:
        return "Sign in with a link"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterView(FormView):
    """Field: email. ``is_sent``: the letter is on its way, or the address has an account; the page does not tell which."""

    template: ClassVar[str] = "accounts/register.html"

    is_sent: bool = False

    @property
    def heading(self) -> str:
        return "Check your mail" if self.is_sent else "Make an account"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAddressView(FormView):
    """Fields: name, organisation, password, is_adult, agrees."""

    template: ClassVar[str] = "accounts/confirm.html"

    action: str
    address: str

    @property
    def heading(self) -> str:
        return "Finish your account"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenView(FormView):
    """Field: email."""

    template: ClassVar[str] = "accounts/forgotten.html"

    is_sent: bool = False

    @property
    def heading(self) -> str:
        return "Check your mail" if self.is_sent else "Choose a new password"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasswordView(FormView):
    """Field: password."""

    template: ClassVar[str] = "accounts/new-password.html"

    action: str

    @property
    def heading(self) -> str:
        return "Choose a new password"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView(FormView):
    """An authenticator app to be set up. ``qr_code`` is an SVG; ``secret`` the same to type; ``offer`` goes through the form.
    ``next_path`` is where somebody goes on who needed it for something else.

    Fields: code, offer, csrf, next; of the first administrator also email, name, organisation, password.
    """

    template: ClassVar[str] = "accounts/scan.html"

    action: str
    qr_code: str
    secret: str
    offer: str
    csrf: str = ""
    next_path: str = ""
    is_setup: bool = False

    @property
    def heading(self) -> str:
        return "Set up this gateway" if self.is_setup else "Set up an authenticator app"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesView(PageView):
    """Ten codes, shown once. ``next_path`` as on the page before."""

    template: ClassVar[str] = "accounts/recovery-codes.html"
    width: ClassVar[str] = "narrow"

    codes: tuple[str, ...]
    next_path: str = ""

    @property
    def title(self) -> str:
        return "Your recovery codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequest:
    """``turns`` counts the parts that wait for the applicant."""

    href: str
    title: str
    reference: str
    state: str
    sent_at: str
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView(FormView):
    """Fields: name, organisation, csrf. ``roles`` in words; ``unlocked`` is False while a role waits for a second factor."""

    template: ClassVar[str] = "accounts/account.html"

    address: str
    roles: tuple[str, ...] = ()
    csrf: str = ""
    waits_for_factor: bool = False
    workspaces: tuple[Link, ...] = ()
    requests: tuple[OwnRequest, ...] = ()
    drafts: tuple[Link, ...] = ()
    """Requests that are not sent yet."""
    deleted: str = ""
    """With which a draft that was deleted a moment ago comes back."""

    @property
    def heading(self) -> str:
        return "Your account"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """``key`` names it in the address that ends it."""

    key: str
    browser: str
    since: str
    seen: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """An account at an identity provider; ``remove`` is where its button posts to."""

    provider: str
    label: str
    since: str
    last_used: str | None
    remove: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownIdentityView(FormView):
    """Signed in at a provider, and not known here. Fields: name, organisation, is_adult, agrees.

    ``new_address`` is None where no account can be made this way; ``has_account``: an account has the provider's address.
    """

    template: ClassVar[str] = "accounts/unknown-identity.html"

    provider: str
    label: str
    new_address: str | None
    has_account: bool

    @property
    def heading(self) -> str:
        return f"{self.provider} signed you in; we do not know you yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddIdentityView(FormView):
    """Field: csrf."""

    template: ClassVar[str] = "accounts/add-identity.html"

    provider: str
    label: str
    address: str
    csrf: str

    @property
    def heading(self) -> str:
        return f"Sign in with {self.provider} from now on?"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyLine:
    number: int
    name: str
    since: str
    used: str | None
    is_blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityView(FormView):
    """Fields of the password form: old, password, csrf; of a new passkey's: name, credential, csrf.

    ``passkeys_at`` is the one address at which they work, ``browser`` the name that is proposed for a new one.
    ``next_path`` is what somebody wanted to do who has no second factor yet.
    """

    template: ClassVar[str] = "accounts/security.html"

    has_app: bool
    codes_left: int
    sessions: tuple[OpenSession, ...]
    csrf: str
    passkeys: tuple[PasskeyLine, ...] = ()
    passkeys_here: bool = False
    passkeys_at: str = ""
    browser: str = ""
    identities: tuple[LinkedIdentity, ...] = ()
    providers: tuple[Link, ...] = ()
    """Those that can be added."""
    next_path: str = ""

    @property
    def has_factor(self) -> bool:
        return self.has_app or bool(self.passkeys)

    @property
    def heading(self) -> str:
        return "Security"


@dataclass(frozen=True, slots=True)
class ClosingRequest:
    """A request that who leaves leads: the custodians from whom it is withdrawn, and those whose data they have access to."""

    title: str
    href: str
    under_way: tuple[str, ...]
    active: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccountView(FormView):
    """Field: sure, csrf. Nobody leaves while a request of theirs gives access."""

    template: ClassVar[str] = "accounts/close.html"

    csrf: str
    requests: tuple[ClosingRequest, ...] = ()

    @property
    def is_held_back(self) -> bool:
        return any(one.active for one in self.requests)

    @property
    def heading(self) -> str:
        return "Close your account"
