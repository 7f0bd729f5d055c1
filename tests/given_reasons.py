"""A plug-in for pytest that notes which reason codes the harvesters and the gateway really give while each test runs.

``pytest -p tests.given_reasons --given-reasons FILE …`` writes a JSON object: of each test its codes.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from gateway.harvesting.ending import Ending
from gateway.store import runs
from gateway.store.changes import Change
from harvesters import pipeline
from harvesters.plan import RemovalVerdict
from harvesters.reasons import REASONS, Reason
from harvesters.source import Mark, RawRecord, SourceError
from schemas.findings import Finding

GIVERS: tuple[type, ...] = (SourceError, RawRecord, Mark, pipeline.Outcome, RemovalVerdict, Ending, Change, Finding)
"""What a code travels in, from where it arises to the report of a run."""
given: dict[str, set[str]] = defaultdict(set)
_now: list[str] = ["before the first test"]


def note(values: Iterable[Any]) -> None:
    for value in values:
        if isinstance(value, str):
            if value in REASONS:
                given[_now[0]].add(value)
        elif isinstance(value, Mapping):
            note(value.values())
        elif isinstance(value, (tuple, list, set, frozenset)):
            note(value)


def noting(call: Any) -> Any:
    @functools.wraps(call)
    def called(*args: Any, **kwargs: Any) -> Any:
        note(args)
        note(kwargs.values())
        return call(*args, **kwargs)

    return called


def note_outcomes(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
    if statement.startswith("INSERT INTO outcomes"):
        note([parameters])


def read(of: Reason, name: str) -> Any:
    """Whoever reads a reason's words is about to tell somebody."""
    found = object.__getattribute__(of, name)
    if name in ("sentence", "hint"):
        note([object.__getattribute__(of, "code")])
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--given-reasons", type=Path, required=True, help="where to write the codes that each test brought about")


def pytest_configure() -> None:
    for giver in GIVERS:
        giver.__init__ = noting(giver.__init__)  # type: ignore[misc]  # this process only, which runs tests and ends
    runs.save = noting(runs.save)
    Reason.__getattribute__ = read  # type: ignore[assignment]  # as above
    event.listen(Engine, "before_cursor_execute", note_outcomes)


def pytest_runtest_logstart(nodeid: str) -> None:
    _now[0] = nodeid


def pytest_sessionfinish(session: pytest.Session) -> None:
    target: Path = session.config.getoption("--given-reasons")
    target.write_text(json.dumps({name: sorted(codes) for name, codes in given.items()}))
