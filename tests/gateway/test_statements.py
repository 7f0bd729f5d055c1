"""Access statements of real records, sorted by what a person can do with them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.statements import Kind, classify
from tests.corpus import corpus


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("https://example.org/access", "single_link"), ('"HTTPS://Example.org/Access"', "single_link"), ("See www.example.org.", "single_link"),
        ("https://a.example.orghttps://b.example.org", "links"), ("https://a.example.org,https://b.example.org", "links"),
        (["https://a.example.org", "https://b.example.org"], "links"), (["https://a.example.org", "https://a.example.org"], "single_link"),
        ("Apply to the committee at https://example.org; it meets monthly.", "prose_and_link"), ("Apply to the committee.", "prose"),
        ("data@example.org", "mailbox"), ("mailto:data@example.org", "mailbox"), ("Write to data@example.org", "mailbox"),
        ("In\u00a0Progress", "in_progress"), ("IN PROGRESS.", "in_progress"), ("TBC", "in_progress"), ("", "blank"), (None, "blank"), ([], "blank"),
        ("  \u00a0 ", "blank"), ("N/A", "blank"), ("Not Available", "blank"), ("-", "blank"), ("In progress: ask the desk", "prose"),
    ],
)
def test_a_statement_has_one_kind(written: Any, kind: str) -> None:
    assert classify(written).kind == kind


def test_links_and_mailboxes_are_found_whole() -> None:
    found = classify("“https://a.example.org/x?y=1”, https://b.example.org/zhttp://c.example.org. Or (Data@Example.org).")
    assert found.links == ("https://a.example.org/x?y=1", "https://b.example.org/z", "http://c.example.org")
    assert found.mailboxes == ("data@example.org",)


@given(st.text(max_size=200) | st.lists(st.text(max_size=50), max_size=4))
def test_anything_has_a_kind(written: str | list[str]) -> None:
    assert classify(written).kind in get_args(Kind)


def test_every_statement_of_the_published_extract_is_sorted() -> None:
    folder = corpus("hdruk", "v2")
    kinds: Counter[str] = Counter()
    for statement in _statements(folder):
        found = classify(statement)
        kinds[found.kind] += 1
        raw = json.dumps(statement, ensure_ascii=False).lower()
        assert ("http" in raw) <= bool(found.links), statement
        assert ("@" in raw and not found.links) <= (found.kind == "mailbox"), statement
    total = sum(kinds.values())
    assert total > 300
    assert kinds["prose"] / total > 0.15, kinds
    assert {"single_link", "prose", "prose_and_link", "in_progress", "blank"} <= set(kinds), kinds


def _statements(folder: Path) -> list[Any]:
    documents = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]
    for path in sorted(folder.rglob("*.jsonl")):
        documents += [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [_access(document).get("accessRights") for document in documents]


def _access(document: dict[str, Any]) -> dict[str, Any]:
    inner = document.get("accessibility") or {}
    return dict(inner.get("access") or {}) if isinstance(inner, dict) else {}
