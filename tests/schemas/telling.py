"""Tests that compare many documents say how many, also where output is captured."""

from __future__ import annotations

import pytest


def tell(request: pytest.FixtureRequest, line: str) -> None:
    """Write a line to the terminal, past the capture."""
    manager = request.config.pluginmanager
    reporter, capture = manager.get_plugin("terminalreporter"), manager.get_plugin("capturemanager")
    if reporter is not None and capture is not None:
        with capture.global_and_fixture_disabled():
            reporter.write_line(f"\n{line}")
