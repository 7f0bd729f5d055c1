"""Documents made to break their reader: each gets findings or a clear refusal, alike on the page, in the API and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from gateway.app import create_app
from gateway.cli.main import app
from tests.journeys.gateways import document, make_services

HERE = {"Origin": "http://127.0.0.1"}


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def with_text(old: str, new: str) -> bytes:
    return encoded(document(1, title="OLD")).replace(old.encode(), new.encode())


def great() -> bytes:
    columns = [{"name": f"c{n}", "dataType": "text", "sensitive": False, "description": f"What the {n}th answer says of sleep."} for n in range(35_000)]
    return encoded(document(1) | {"structuralMetadata": {"tables": [{"name": "t", "columns": columns}]}})


MEGABYTES = 2**20
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "4 MB": (great, ""),
    "200 levels": (lambda: encoded(document(1)).replace(b'"observations": []', b'"observations": ' + b"[" * 200 + b"]" * 200), "DOC-02"),
    "10 MB in an address": (lambda: encoded(document(1) | {"revisions": [{"version": "1.0.0", "url": "https://a." * MEGABYTES}]}), ""),
    "10 MB in an address of 3.0.0": (
        lambda: encoded(document(1, alternateIdentifiers=None) | {"revisions": [{"version": "1.0.0", "url": "http://" * MEGABYTES + "a!"}]}), "SCH-",
    ),
    "10 MB of blanks in an address": (lambda: encoded(document(1) | {"revisions": [{"version": "1.0.0", "url": " " * 10 * MEGABYTES + "x"}]}), "SCH-FORMAT"),
    "NaN": (lambda: with_text('"OLD"', "NaN"), "DOC-02"),
    "Infinity": (lambda: with_text('"OLD"', "-Infinity"), "DOC-02"),
    "1e999": (lambda: with_text('"OLD"', "1e999"), "DOC-02"),
    "a number of 100,000 digits": (lambda: with_text('"OLD"', "9" * 100_000), "DOC-02"),
    "2 to the power of 63": (lambda: with_text('"OLD"', str(2**63)), "DOC-02"),
    "lone surrogates": (lambda: with_text("OLD", "\\ud800 sleep \\udfff"), "TXT-05"),
    "NUL": (lambda: with_text("OLD", "sleep\\u0000"), "TXT-05"),
    "direction marks": (lambda: with_text("OLD", "sleep\\u202e"), "TXT-05"),
    "keys that stand twice": (lambda: with_text('"title": "OLD"', '"title": "OLD", "title": "Other"'), "DOC-02"),
    "no UTF-8": (lambda: with_text("OLD", "x").replace(b"x", b"\xff", 1), "DOC-01"),
    "cut off": (lambda: encoded(document(1))[:-20], "DOC-01"),
    "UTF-16": (lambda: encoded(document(1)).decode().encode("utf-16"), ""),
    "a byte order mark": (lambda: b"\xef\xbb\xbf" + encoded(document(1)), "DOC-01"),
    "nothing": (lambda: b" \n", "DOC-01"),
    "a page": (lambda: b"<!doctype html><title>Log in</title>", "DOC-01"),
    "a text": (lambda: b'"hello"', "DOC-03"),
    "an identifier without end": (lambda: encoded(document(1) | {"identifier": "x" * 1_001}), "BLOCK-01"),
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    services = make_services(tmp_path_factory.mktemp("hostile"), worker=False)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def on_the_command_line(path: Path) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["validate", str(path), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    found: dict[str, Any] = json.loads(result.output)[str(path)]
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_get_findings_or_a_clear_refusal_everywhere(client: TestClient, tmp_path: Path, name: str) -> None:
    make, rule = HOSTILE[name]
    body, path = make(), tmp_path / "record.json"
    path.write_bytes(body)
    told = on_the_command_line(path)
    assert any(finding["rule"].startswith(rule) for finding in told["findings"])
    answer = client.post("/api/v1/validate", content=body, headers={"Content-Type": "application/json"})
    if told["findings"][0]["rule"] in ("DOC-01", "DOC-02") and told["shape"] is None:
        assert answer.status_code == 400
        assert answer.json()["detail"] == told["findings"][0]["message"]
    else:
        assert (answer.status_code, answer.json()["findings"]) == (200, told["findings"])
    page = client.post("/check", files={"file": ("record.json", body, "application/json")}, headers=HERE)
    assert page.status_code == 200
    assert page.text.count('class="app-finding"') == len(told["findings"]) or "app-notice--warning" in page.text
    assert "Traceback" not in page.text + answer.text


@pytest.mark.parametrize("name", ["NUL", "lone surrogates", "direction marks"])
def test_what_cannot_be_kept_is_left_out_and_keeps_nothing_from_being_shown(client: TestClient, name: str) -> None:
    answer = client.post("/api/v1/validate", content=HOSTILE[name][0]()).json()
    assert answer["publishable"] is True
    assert [finding["path"] for finding in answer["findings"] if finding["rule"] == "TXT-05"] == ["/summary/title"]


@pytest.mark.parametrize("version", ["9.9.9", "4", "nonsense", "GMI list"])
def test_a_version_that_nobody_published_is_refused_with_the_choice(client: TestClient, version: str) -> None:
    answer = client.post("/api/v1/validate", params={"version": version}, json=document(1))
    assert answer.status_code == 422
    assert "HDRUK 4.0.0" in answer.text


def test_a_document_is_checked_against_the_version_that_is_named(client: TestClient) -> None:
    for version in ("3.0.0", "HDRUK 3.0.0", "gwdm 2.0"):
        answer = client.post("/api/v1/validate", params={"version": version}, json=document(1)).json()
        assert answer["shape"].lower().endswith(version.lower())
        assert len(answer["schema_sha256"]) == 64
