"""What is known of a person already, so that nobody types it twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gateway.accounts.people import Person


class Prefill(Protocol):
    """Answers by key of the question bank, in the shapes that :mod:`gateway.access.bank.reading` makes.

    They are copied into a draft when it is begun. Changing them there changes nothing where they came from. Raises nothing.
    """

    def __call__(self, person: Person) -> Mapping[str, Any]: ...
