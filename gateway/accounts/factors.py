"""Second factors besides passkeys: codes from an authenticator app (RFC 6238, 160-bit secret, 6 digits, 30 s), and recovery codes."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pyotp
import segno

from gateway.store.sealing import token_digest

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""A code of one step before or after is taken: phones' clocks differ."""
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 15


def new_secret() -> str:
    """160 bits in Base32, as authenticator apps read them."""
    return pyotp.random_base32(length=32)


def address_of(secret: str, *, account: str, service: str) -> str:
    """The ``otpauth:`` address that a QR code carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=service)


def qr_code(address: str) -> str:
    """An SVG with colours of its own; no script, no style."""
    return segno.make(address, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff", omitsize=False)


def accepted_step(secret: str, code: str, *, last_step: int, now: datetime) -> int | None:
    """The time step that the code belongs to, if it is later than the last one accepted: no code works twice."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if secrets.compare_digest(generator.at(step * STEP_SECONDS), typed):
            return step if step > last_step else None
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 120 bits, in groups of four that can be read aloud."""
    return tuple(_in_fours(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES))


def plain_recovery_code(typed: str) -> str:
    """The code in one spelling, however it was typed."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def recovery_digests(codes: Sequence[str]) -> list[str]:
    """What is kept of them."""
    return [token_digest(plain_recovery_code(code)) for code in codes]


def _in_fours(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
