"""Views of the account pages with made-up values, in their normal and their error states."""

from __future__ import annotations

from dataclasses import replace

import segno

from frontend.views import (
    AccountView,
    CloseAccountView,
    CodeView,
    ConfirmAddressView,
    FieldError,
    ForgottenView,
    Layout,
    NewPasswordView,
    OpenSession,
    PageView,
    RecoveryCodesView,
    RegisterView,
    ScanView,
    SecurityView,
    SignInByLinkView,
    SignInView,
)

OUT = Layout(version="0.1.0", path="/sign-in", contact="gateway@example.org", is_indexable=False)
IN = replace(OUT, path="/account", person_name="Ada Marker", csrf="t")
QR = segno.make("otpauth://totp/Example:a@example.org?secret=ABCDEFGH", error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff")
TOO_SHORT = (FieldError("password", "Use at least 15 characters."),)
SCAN = ScanView(layout=IN, action="/account/security/app", qr_code=QR, secret="ABCD" * 8, offer="o", csrf="t")
SIGN_IN = SignInView(layout=OUT, next_path="/account")

ACCOUNT_PAGES: dict[str, PageView] = {
    "/sign-in": SIGN_IN,
    "/sign-in/wrong": replace(SIGN_IN, values={"email": "a@example.org"}, errors=(FieldError("password", "The address or the password is not right."),)),
    "/sign-in/code": CodeView(layout=OUT, action="/sign-in/code"),
    "/account/again": CodeView(layout=IN, action="/account/again", is_again=True, csrf="t", errors=(FieldError("code", "This code is not right."),)),
    "/sign-in/link": SignInByLinkView(layout=OUT, action="/sign-in/link/t"),
    "/register": RegisterView(layout=OUT),
    "/register/sent": RegisterView(layout=OUT, is_sent=True, values={"email": "a@example.org"}),
    "/register/confirm": ConfirmAddressView(layout=OUT, action="/register/t", address="a@example.org"),
    "/register/confirm/again": ConfirmAddressView(
        layout=OUT, action="/register/t", address="a@example.org", values={"name": "Ada", "agrees": "yes"},
        errors=(*TOO_SHORT, FieldError("is_adult", "Accounts are for people of 18 years or over.")),
    ),
    "/forgotten": ForgottenView(layout=OUT),
    "/forgotten/sent": ForgottenView(layout=OUT, is_sent=True, values={"email": "a@example.org"}),
    "/reset": NewPasswordView(layout=OUT, action="/reset/t"),
    "/reset/again": NewPasswordView(layout=OUT, action="/reset/t", errors=TOO_SHORT),
    "/setup": replace(SCAN, layout=OUT, action="/setup/t", is_setup=True),
    "/account": AccountView(layout=IN, address="a@example.org", csrf="t", values={"name": "Ada Marker", "organisation": "Example University"}),
    "/account/roles": AccountView(
        layout=IN, address="a@example.org", roles=("Team administrator of Vale Primary Care",), csrf="t", waits_for_factor=True,
        values={"name": "", "organisation": ""}, errors=(FieldError("name", "Enter 1 to 200 characters on one line."),),
    ),
    "/account/security": SecurityView(
        layout=IN, has_factor=True, codes_left=9, csrf="t",
        sessions=(OpenSession(browser="Firefox on a laptop", since="2026-11-21T09:00:00+00:00", seen="2026-11-21T09:20:00+00:00", is_this=True),),
    ),
    "/account/security/none": SecurityView(layout=IN, has_factor=False, codes_left=0, csrf="t", sessions=(), errors=TOO_SHORT),
    "/account/security/app": SCAN,
    "/account/security/app/again": replace(SCAN, errors=(FieldError("code", "This code does not belong to what you scanned."),)),
    "/account/security/codes": RecoveryCodesView(layout=IN, codes=("ABCD-EFGH-IJKL-MNOP-QRST-UVWX", "BCDE-FGHI-JKLM-NOPQ-RSTU-VWXY")),
    "/account/close": CloseAccountView(layout=IN, csrf="t"),
    "/account/close/again": CloseAccountView(layout=IN, csrf="t", errors=(FieldError("sure", "Tick the box to delete your account."),)),
}
