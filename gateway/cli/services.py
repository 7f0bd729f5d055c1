"""How commands get at the services: settings, migrations, and closing afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
import typer

from gateway.acting import acting_as
from gateway.logs import configure_logs
from gateway.settings import Settings
from gateway.wiring import Services, build


@contextmanager
def services(*, quiet: bool = True) -> Iterator[Services]:
    """The services over the settings of the environment, with the database at its newest revision."""
    settings = Settings()
    configure_logs("WARNING" if quiet else settings.log_level, as_json=settings.log_json)
    built = build(settings)
    try:
        built.store.upgrade()
        with acting_as("operator", "operator"):
            yield built
    finally:
        built.close()


def print_json(value: Any) -> None:
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()
    except orjson.JSONEncodeError:
        text = json.dumps(value, indent=2, default=str)  # Names of files need not be text; this escapes what is none.
    typer.echo(text)


def print_json_line(value: Any) -> None:
    """For programs that read line by line while the command goes on."""
    typer.echo(json.dumps(value, default=lambda one: one.isoformat() if isinstance(one, datetime) else str(one)))


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 dataset``, ``2 datasets``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
