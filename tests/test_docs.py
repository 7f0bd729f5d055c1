"""The documentation says what the code does: settings, commands, paths, fields, reasons, files and links."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from fastapi import FastAPI

from benchmarks.relevance import RESULTS
from gateway.api import router
from gateway.cli.main import app
from gateway.settings import Settings
from harvesters.reasons import REASONS
from search.document import FIELDS
from search.query_fields import DATASETS, VARIABLES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:gateway|harvesters|search|schemas|frontend|demonstration|benchmarks|tests|docs|\.ci)/[\w./-]*)`")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """From a heading to the next of the same level."""
    level = heading.split(" ", maxsplit=1)[0]
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^{level} |\Z)", text(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no heading {heading!r}"
    return found[1]


def anchors(page: Path) -> set[str]:
    """The anchors that headings get where the pages are shown."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands() -> dict[str, Any]:
    """``gateway source add`` -> the command."""

    def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield name, command
            return
        for word, inner in command.commands.items():
            yield from walk(inner, f"{name} {word}")

    return dict(walk(typer.main.get_command(app), "gateway"))


def api_paths() -> dict[str, Any]:
    application = FastAPI()
    application.include_router(router)
    return dict(application.openapi()["paths"])


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_help_and_a_row_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    rows = [line for line in section("docs/operations.md", "## Settings").splitlines() if line.startswith(f"| `GATEWAY_{name.upper()}` |")]
    assert field.description
    assert len(rows) == 1
    if isinstance(field.default, (str, int, float, Path)):
        assert f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`" in rows[0].split("|")[2]


def test_no_row_names_a_setting_that_does_not_exist() -> None:
    named = re.findall(r"^\| `GATEWAY_(\w+)` \|", section("docs/operations.md", "## Settings"), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_command_line_page_has_a_section_for_each_command_and_no_other() -> None:
    headings = re.findall(r"^## (gateway .+)$", text("docs/cli.md"), re.MULTILINE)
    assert sorted(headings) == sorted(commands())


@pytest.mark.parametrize("name", commands())
def test_every_command_is_shown_with_an_example_and_its_options(name: str) -> None:
    said = section("docs/cli.md", f"## {name}")
    options = [option for parameter in commands()[name].params for option in (*parameter.opts, *parameter.secondary_opts)]
    assert re.search(rf"^{name}\b", said, re.MULTILINE), "no example"
    assert [option for option in options if option.startswith("--") and option != "--help" and f"`{option}" not in said] == []


def examples() -> Iterator[tuple[str, list[str]]]:
    """Page and words of every call of the program in a fenced block, without the name of the program."""
    for page in PAGES:
        for block in re.findall(r"^```sh$(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for call in re.findall(r"^(?:\w+=\$\()?(?:\.venv/bin/)?gateway (.+?)\)?$", block.replace("\\\n", " "), re.MULTILINE):
                yield page.name, shlex.split(call, comments=True)


def test_every_call_in_an_example_names_a_command_and_its_options() -> None:
    known, wrong = commands(), []
    for page, words in examples():
        name = next((f"gateway {' '.join(words[:count])}" for count in (2, 1) if f"gateway {' '.join(words[:count])}" in known), None)
        taken = {option for parameter in known[name].params for option in (*parameter.opts, *parameter.secondary_opts)} if name else set()
        if name is None or not {word for word in words if word.startswith("--")} <= taken:
            wrong.append((page, words))
    assert len(list(examples())) > 20
    assert wrong == []


def test_every_command_has_help_with_an_example() -> None:
    assert [name for name, command in commands().items() if f"Example: {name}" not in (command.help or "")] == []


def test_every_path_of_the_api_is_described_with_its_method() -> None:
    said = text("docs/api.md")
    named = [f"`{method.upper()} {path}`" for path, methods in api_paths().items() for method in methods]
    assert [name for name in named if name not in said] == []


def test_no_path_is_described_that_does_not_exist() -> None:
    named = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`]*)`", text("docs/api.md")))
    assert named == {f"{method.upper()} {path}" for path, methods in api_paths().items() for method in methods}


def test_every_searched_field_is_described_with_its_weight() -> None:
    rows = re.findall(r"^\| (`.+`) \| (\d) \|", section("docs/search.md", "## Fields"), re.MULTILINE)
    weights = {name: int(weight) for names, weight in rows for name in re.findall(r"`(\w+)`", names)}
    expected = {field.name: field.weight for field in FIELDS if field.weight and not field.facet}
    assert weights == {**expected, "identifiers": 0}


def test_every_facet_is_described_as_counting_or_not() -> None:
    counting, other = re.search(r"with weight 1:(.*?)\. These do not:(.*?)\.\n", section("docs/search.md", "## Fields"), re.DOTALL).groups()  # type: ignore[union-attr]
    facets = [field for field in FIELDS if field.facet]
    assert re.findall(r"`(\w+)`", counting) == [field.name for field in facets if field.weight]
    assert re.findall(r"`(\w+)`", other) == [field.name for field in facets if not field.weight]


def test_every_word_before_a_colon_is_described() -> None:
    said = section("docs/search.md", "## Query language")
    assert [name for name in sorted(DATASETS.names | VARIABLES.names) if not re.search(rf"`{name}[`:]", said)] == []


def test_every_reason_code_is_explained() -> None:
    said = section("docs/custodians.md", "## Reason codes")
    assert [code for code in REASONS if f"\n| `{code}` | " not in said] == []


def test_the_recorded_relevance_is_where_the_search_page_says() -> None:
    recorded = RESULTS / "relevance.json"
    assert recorded.relative_to(ROOT).as_posix() in text("docs/search.md")
    assert json.loads(recorded.read_bytes())["ndcg_at_10"] > 0


@pytest.mark.parametrize("document", PAGES, ids=lambda one: one.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    wrong = []
    for link in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("document", PAGES, ids=lambda one: one.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = PATH.findall(FENCE.sub("", document.read_text(encoding="utf-8")))
    made_by_a_build = ("frontend/static/built", "frontend/node_modules")
    assert [name for name in named if not name.startswith(made_by_a_build) and not (ROOT / name).exists()] == []


def test_the_flow_has_eight_steps_that_name_their_files() -> None:
    steps = re.findall(r"^(\d)\. (.*?)(?=^\d\. |\n\n)", section("README.md", "## How a record travels"), re.MULTILINE | re.DOTALL)
    assert [number for number, _ in steps] == list("12345678")
    assert [number for number, said in steps if not PATH.search(said)] == []


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)}
    assert named <= targets


def test_the_readme_counts_the_demonstration_rightly() -> None:
    folder = ROOT / "demonstration" / "custodians"
    custodians = [one for one in folder.iterdir() if one.is_dir()]
    records = [one for one in folder.glob("*/*.json") if one.name != "custodian.json"]
    words = {13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen"}
    assert f"{words[len(custodians)]} **demonstration custodians** with {len(records)} records" in text("README.md")
