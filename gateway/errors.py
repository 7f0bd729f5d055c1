"""Errors that people and programs are told about.

::

    GatewayError                500
    ├── BadRequest              400  the request cannot be read as it is
    ├── NotSignedIn             401  a key is missing, unknown, expired or revoked
    ├── NotAllowed              403  the key or the account does not allow it
    │   └── StepUpNeeded        403  the second factor must be shown again first
    ├── NotFound                404
    ├── Conflict                409  something changed first, or the name is taken
    ├── Gone                    410  a dataset that was removed; carries its tombstone
    ├── PreconditionFailed      412  the dataset is not in the state that the request names; carries the present one
    ├── TooLarge                413
    ├── Unprocessable           422  understood, but it breaks a rule; names the fields
    ├── TooMany                 429  a rate or a queue is full; carries ``retry_after_seconds``
    └── Unavailable             503  the index or the database cannot be reached; carries ``retry_after_seconds``

One handler per kind of answer (problem details for programs, a page for people) shows them; see api/problems.py.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

STEP_UP: Final = "step-up"


class GatewayError(Exception):
    """``message`` says what happened, ``hint`` what to do next; ``fields`` maps field names to sentences."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, message: str, *, hint: str = "", fields: dict[str, str] | None = None, extra: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = fields or {}
        self.extra = extra
        """What a page or a problem document shows besides; a mapping becomes members of the problem document."""


class BadRequest(GatewayError):
    status = 400
    title = "The request cannot be read"


class NotSignedIn(GatewayError):
    status = 401
    title = "A key is needed"


class NotAllowed(GatewayError):
    status = 403
    title = "This is not allowed"


class StepUpNeeded(NotAllowed):
    """Pages lead to the form for the second factor and back."""

    title = "Please confirm that it is you"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, extra=STEP_UP)


class NotFound(GatewayError):
    status = 404
    title = "Not found"


class Conflict(GatewayError):
    status = 409
    title = "Something is in the way"


class Gone(GatewayError):
    status = 410
    title = "This dataset was removed"


class PreconditionFailed(GatewayError):
    status = 412
    title = "The dataset has changed"


class TooLarge(GatewayError):
    status = 413
    title = "The body is too large"


class TooMany(GatewayError):
    status = 429
    title = "Too many requests"

    def __init__(self, message: str, *, hint: str = "", retry_after_seconds: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class Unprocessable(GatewayError):
    status = 422
    title = "Something needs to be changed"


class Unavailable(GatewayError):
    status = 503
    title = "Part of the service cannot be reached"

    def __init__(self, message: str, *, hint: str = "", retry_after_seconds: int = 30) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds
