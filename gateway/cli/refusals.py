"""What went wrong, in words for the person at the keyboard: what, where, and how to mend it. Never a trace."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from gateway.errors import Conflict, GatewayError, Unavailable, Unprocessable
from search.engine import SearchError


def in_words(error: Exception) -> GatewayError:
    if isinstance(error, GatewayError):
        return error
    if isinstance(error, ValidationError) and error.title == "Settings":
        return _about_settings(error)
    if isinstance(error, DBAPIError):
        return _about_database(error)
    if isinstance(error, SearchError):
        return Unavailable(f"The search index cannot be used: {error}", hint="Stop the server, if one runs here, and try again.")
    if isinstance(error, OSError):
        return _about_files(error)
    return GatewayError(
        f"Something went wrong that should not: {type(error).__name__}: {error}",
        hint="GATEWAY_LOG_LEVEL=DEBUG shows where. Please report it.",
    )


def _about_settings(error: ValidationError) -> GatewayError:
    fields = {
        f"GATEWAY_{'_'.join(map(str, flaw['loc'])).upper()}": str(flaw["msg"]).removeprefix("Value error, ")
        for flaw in error.errors(include_input=False, include_url=False)
    }
    return Unprocessable(
        "A setting cannot be used.", fields=fields, hint="Settings are read from the environment and from .env in this folder."
    )


def _about_database(error: DBAPIError) -> GatewayError:
    said = " ".join(str(error.orig).split()).rstrip(".?")
    if "database is locked" in said:
        return Conflict("Another process has been writing to the database for too long.", hint="Try again when it is done.")
    if "not a database" in said or "malformed" in said:
        return Unavailable(
            f"The database file is damaged, or is none: {said}.", hint="GATEWAY_DATA_DIR says where it lies; restore it from the backup."
        )
    return Unavailable(f"The database cannot be used: {said}.", hint="GATEWAY_DATABASE_URL says where it is.")


def _about_files(error: OSError) -> GatewayError:
    where = f": {error.filename}" if error.filename is not None else ""
    return Unprocessable(
        f"{error.strerror or type(error).__name__}{where}.", hint="GATEWAY_DATA_DIR says where data are kept; the folder must be writable."
    )
