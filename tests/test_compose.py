"""The compose file: readable, complete, and in the words of the settings."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from gateway.cli.main import app
from gateway.settings import Settings

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


def test_every_part_is_there_and_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    assert sorted(services) == ["beat", "elasticsearch", "postgres", "redis", "web", "worker"]
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name
        assert service["restart"] == "unless-stopped", name


def test_what_the_gateway_needs_is_healthy_before_it_starts(services: dict[str, dict[str, Any]]) -> None:
    for name in ("web", "worker", "beat"):
        needs = services[name]["depends_on"]
        assert {needed: facts["condition"] for needed, facts in needs.items()} == dict.fromkeys(
            ("postgres", "redis", "elasticsearch"), "service_healthy"
        )


def test_only_settings_that_exist_are_named(services: dict[str, dict[str, Any]]) -> None:
    known = {f"GATEWAY_{name.upper()}" for name in Settings.model_fields}
    text = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    assert set(re.findall(r"\bGATEWAY_[A-Z_]+\b", text)) - {"GATEWAY_"} <= known
    given = {name: value for name, value in services["web"]["environment"].items() if value and "$" not in value}
    assert {"GATEWAY_QUEUE_URL", "GATEWAY_SEARCH_URL"} <= given.keys()
    Settings(**{name.removeprefix("GATEWAY_").lower(): value for name, value in given.items()})


def test_the_addresses_lead_to_the_parts(services: dict[str, dict[str, Any]]) -> None:
    environment = services["web"]["environment"]
    assert environment["GATEWAY_DATABASE_URL"].endswith("@postgres/gateway")
    assert environment["GATEWAY_QUEUE_URL"].startswith("redis://redis:")
    assert environment["GATEWAY_SEARCH_URL"].startswith("http://elasticsearch:")


def test_the_commands_exist(services: dict[str, dict[str, Any]]) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # the program is a group
    called = [service["command"] for service in services.values() if service.get("command", [""])[0] == "gateway"]
    called.append(services["worker"]["healthcheck"]["test"][1:])
    assert len(called) == 3
    for words in called:
        options = {option for parameter in known[words[1]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, shlex.join(words)


def test_nothing_but_the_pages_can_be_reached_from_outside(services: dict[str, dict[str, Any]]) -> None:
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {"web": ["127.0.0.1:8000:8000"]}
