"""The repository keeps its promises: lock files without addresses, short functions and decisions, the licence."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "harvesters", "search", "frontend", "gateway")
LONGEST_FUNCTION = 50
LONGEST_DECISION = 60
ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host", re.IGNORECASE)


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository; skips the test outside a checkout."""
    answer = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        pytest.skip("This is no checkout, so nothing says which files belong to the repository.")
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).exists()]


def functions() -> Iterator[tuple[str, int]]:
    """``path:line name`` and the number of lines of every function in the packages, decorators and docstring included."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    assert node.end_lineno
                    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - start + 1


def test_no_npm_lock_file_holds_download_addresses() -> None:
    assert tracked("*package-lock.json")
    assert [path.name for path in tracked("*package-lock.json") if '"resolved"' in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locked_requirements_have_hashes_and_no_addresses(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pinned = [number for number, line in enumerate(lines) if line and line[0] not in "# "]
    assert [line for line in lines if ADDRESS.search(line)] == []
    assert pinned
    assert [lines[number] for number in pinned if "==" not in lines[number]] == []
    assert [lines[number] for number in pinned if "--hash=sha256:" not in lines[number + 1]] == []


def test_no_configuration_names_an_index_of_packages() -> None:
    named = tracked("pyproject.toml", "Makefile", "Dockerfile", "docker-compose.yml", ".ci/*", "*.npmrc", "*.sh", "*package.json")
    setting = re.compile(r"index-url|find-links|trusted-host|^\s*registry\s*=|PIP_INDEX_URL|UV_INDEX|npm_config_registry", re.IGNORECASE | re.MULTILINE)
    allowed = ("--no-emit-index-url", "--no-emit-find-links")
    for path in named:
        text = path.read_text(encoding="utf-8")
        for option in allowed:
            text = text.replace(option, "")
        assert not setting.search(text), path.relative_to(ROOT)


def test_no_function_is_longer_than_fifty_lines() -> None:
    assert [f"{where}: {lines} lines" for where, lines in functions() if lines > LONGEST_FUNCTION] == []


def test_decisions_are_numbered_without_gaps_and_under_a_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert len(text.splitlines()) < LONGEST_DECISION, page.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Choice", "Consequences"], page.name


def test_the_index_of_the_documentation_lists_every_decision() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs" / "decisions").glob("*.md") if f"(decisions/{page.name})" not in index] == []


def test_the_licence_is_apache_2_0() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.splitlines()) > 190
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_no_secret_is_committed_with_the_composition() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    given = re.findall(r"\$\{POSTGRES_PASSWORD[^}]*\}", text)
    assert len(given) == 2
    assert all(one.startswith("${POSTGRES_PASSWORD:?") for one in given)


def test_the_image_runs_without_root_and_checks_its_health() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = text.rpartition("\nFROM ")[2]
    assert "--require-hashes" in text
    assert re.search(r"^USER (?!root|0)\w+$", final, re.MULTILINE)
    assert "/healthz" in final
    assert "VOLUME /data" in final


def test_the_migrations_are_one_row_without_a_gap() -> None:
    found = sorted((ROOT / "gateway/migrations/versions").glob("[0-9]*.py"))
    texts = [path.read_text(encoding="utf-8") for path in found]
    numbers = [path.name[:4] for path in found]
    assert numbers == [f"{number:04}" for number in range(1, len(found) + 1)]
    assert [re.findall(r'^revision(?:: str)? = "(\d+)"', text, re.MULTILINE) for text in texts] == [[number] for number in numbers]
    follows = [re.findall(r'^down_revision(?:: [^=]+)? = (?:"(\d+)"|None)', text, re.MULTILINE) for text in texts]
    assert follows == [[""], *([number] for number in numbers[:-1])]
