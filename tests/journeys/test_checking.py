"""The same judgement on the page, in the API and on the command line; in four forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from gateway.api.shapes.schemas import TranslationAnswer
from gateway.app import create_app
from gateway.cli.main import app
from tests.journeys.gateways import document, make_services

HERE = {"Origin": "http://127.0.0.1"}
FLAWED: dict[str, Any] = document(1, title="x", populationSize="many")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    services = make_services(tmp_path_factory.mktemp("checking"), worker=False)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def test_page_and_api_find_the_same(client: TestClient) -> None:
    page = client.post("/check", data={"document": json.dumps(FLAWED)}, headers=HERE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    found = client.post("/api/v1/validate", json=FLAWED).json()
    assert found["errors"] == 2
    assert page.text.count('class="app-finding"') == len(found["findings"])
    assert f"{found['quality']['total']} of 100" in page.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("", "nothing"), ("{nonsense", "not JSON"), ("[1]", "JSON object"), ('{"a": NaN}', "NaN"), ("[" * 500 + "]" * 500, "deep"),
        ('{"summary": {"title": "\\ud800"}}', "summary"), ("<script>alert(1)</script>", "JSON"),
    ],
)
def test_bad_input_gets_words_and_keeps_what_was_typed(client: TestClient, sent: str, said: str) -> None:
    answer = client.post("/check", data={"document": sent}, headers=HERE)
    assert answer.status_code == 200
    assert said.lower() in answer.text.lower() or "app-notice--warning" in answer.text or "app-finding" in answer.text
    assert "<script>alert" not in answer.text
    html5lib.HTMLParser(strict=True).parse(answer.text)


def test_a_file_can_be_sent_instead(client: TestClient) -> None:
    files = {"file": ("my-record.json", json.dumps(document(2)).encode(), "application/json")}
    answer = client.post("/check", files=files, data={"document": ""}, headers=HERE)
    assert "my-record.json" in answer.text
    assert "publish it" in answer.text


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "good.json").write_text(json.dumps(document(3)))
    (tmp_path / "flawed.json").write_text(json.dumps(FLAWED))
    (tmp_path / "broken.json").write_text("{")
    return [str(tmp_path / name) for name in ("good.json", "flawed.json", "broken.json")]


def test_text_puts_first_what_must_be_mended_first(files: list[str]) -> None:
    code, output = run(files[1])
    assert code == 1
    headings = [line.strip().partition(":")[0] for line in output.splitlines() if re.match("  [A-Z][a-z]", line)]
    assert headings[1:4] == ["Must be mended", "Should be mended", "Worth adding"]
    assert "of 100" in output


def test_exit_code_says_whether_all_conform(files: list[str]) -> None:
    assert run(files[0])[0] == 0
    assert run(*files)[0] == 1


def test_sarif_names_every_finding_with_file_rule_and_place(files: list[str]) -> None:
    _, output = run(*files, "--format", "sarif")
    (found,) = json.loads(output)["runs"]
    assert json.loads(output)["version"] == "2.1.0"
    assert {result["ruleId"] for result in found["results"]} == {rule["id"] for rule in found["tool"]["driver"]["rules"]}
    assert {result["level"] for result in found["results"]} <= {"error", "warning", "note"}
    places = {
        (result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])
        for result in found["results"]
    }
    assert (files[1], "/summary/title") in places
    assert (files[2], "/") in places


def test_html_is_a_valid_page_that_names_every_file(files: list[str]) -> None:
    _, output = run(*files, "--format", "html")
    html5lib.HTMLParser(strict=True).parse(output)
    assert all(file in output for file in files)


def test_json_is_the_same_by_either_option(files: list[str]) -> None:
    assert json.loads(run(*files, "--json")[1]) == json.loads(run(*files, "--format", "json")[1])


def test_a_dataset_is_written_in_another_version_with_its_losses(client: TestClient, tmp_path: Path) -> None:
    sent = document(5)
    answer = client.post("/api/v1/translate?to=HDRUK 3.0.0", json=sent)
    assert answer.status_code == 200
    TranslationAnswer.model_validate_json(answer.content)
    assert answer.json()["document"]["summary"]["title"] == sent["summary"]["title"]
    back = client.post("/api/v1/translate?to=4.0.0", json=answer.json()["document"]).json()["document"]
    assert {name: back["summary"][name] for name in ("title", "abstract", "populationSize", "keywords")} == {
        name: sent["summary"][name] for name in ("title", "abstract", "populationSize", "keywords")
    }
    assert client.post("/api/v1/translate?to=9.9.9", json=sent).status_code == 404
    assert client.post("/api/v1/translate?to=3.0.0", content=b"{").status_code == 400
    refused = client.post("/api/v1/translate?to=3.0.0&strict=true", json=document(6, title="x"))
    assert refused.status_code == 422
    assert refused.json()["errors"]
    path = tmp_path / "record.json"
    path.write_text(json.dumps(sent))
    result = CliRunner().invoke(app, ["translate", str(path), "--to", "3.0.0"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == answer.json()["document"]
