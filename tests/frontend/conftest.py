"""Registers the mark of tests that need a browser."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium; skipped with a plain sentence where there is none")
