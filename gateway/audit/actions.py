"""What must be seen in the audit. A test does each of these things and looks for its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REQUIRED: Final[Mapping[str, str]] = {
    "sign_in.completed": "Somebody signed in",
    "sign_in.half": "A password was right; the second factor is to come",
    "sign_in.failed": "A sign-in was refused",
    "sign_in.ended": "A sign-in was ended",
    "permission.refused": "Something was asked for that the role does not allow",
    "key.refused": "A key was not accepted",
    "limit.hit": "A limit was reached",
    "guard.refused": "A form came from another site, a key stood in an address, or a body was too large",
    "error.unexpected": "The gateway made a mistake",
    "account.made": "An account was made",
    "account.changed": "The details of an account were changed",
    "account.suspended": "An account was suspended",
    "account.resumed": "A suspended account was resumed",
    "account.closed": "An account was closed",
    "password.changed": "A password was set",
    "factor.changed": "An authenticator app was added or removed",
    "factor.codes": "Recovery codes were made or taken away",
    "profile.changed": "Something was entered in a profile, or taken away",
    "profile.verified": "An item of a profile was verified, or ceased to be",
    "sanction.entered": "A custodian entered a sanction against a person",
    "recovery.asked": "Somebody who lost every way in asked for the account back",
    "recovery.changed": "A recovery was confirmed, stopped or carried out",
    "role.invited": "Somebody was invited to a role",
    "role.proposed": "A role was proposed, for a second person to confirm",
    "role.granted": "A role was given",
    "role.withdrawn": "A role was taken away",
    "key.created": "A key was made",
    "key.changed": "A key got another end",
    "key.revoked": "A key was revoked",
    "route.created": "A route was set",
    "route.changed": "A route was changed or suspended",
    "route.removed": "A route was removed",
    "webhook.created": "A webhook was added",
    "webhook.changed": "A webhook was changed, its secret rotated, or it was disabled",
    "webhook.removed": "A webhook was removed",
    "source.created": "A source was added",
    "source.changed": "A source was changed",
    "contact.created": "Somebody is told about a source",
    "contact.removed": "Somebody is told no more about a source",
    "custodian.created": "A custodian was added",
    "custodian.changed": "What is known of a custodian was changed",
    "mail.chosen": "Somebody chose what comes by mail",
    "search.saved": "Somebody saved a search",
    "search.changed": "A saved search was renamed, told of otherwise, or got a new feed",
    "search.removed": "A saved search was removed, or had back",
    "pathway.published": "A way to data was published",
    "pathway.removed": "A way to data was removed",
    "agreement.published": "A custodian published the agreement it signs",
    "form.published": "A custodian published what it asks",
    "policy.created": "A custodian chose how it deals with requests",
    "file.received": "A file was attached to a request",
    "file.judged": "A file was scanned, or the scanner gave no answer",
    "file.refused": "Something harmful was found in a file that was sent",
    "file.removed": "A file was removed, or its time was over",
    "question.asked": "A question was asked",
    "question.sent": "A question was sent to a custodian",
    "question.changed": "A question moved on",
    "workspace.read": "A custodian's list of requests was read",
    "part.read": "Answers or files of a request were read",
    "part.exported": "Answers of a request were exported",
    "triage.read": "The requests without a route were read",
    "export.account": "Somebody exported their own account",
    "audit.read": "The audit was read",
    "audit.verified": "The audit was verified",
    "audit.pruned": "A prefix of the audit was dropped",
}
"""Beside these, every command of a request is seen under ``request.<command>``: see gateway/audit/watching.py."""
COMMAND: Final = "request."


def words(action: str) -> str:
    """For people."""
    if action in REQUIRED:
        return REQUIRED[action]
    return action.removeprefix(COMMAND).replace("_", " ").replace(".", ": ").capitalize()
