"""S6: a breach of the content policy on any page of the browser's journeys fails the journey. Here is one that does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

BREACHES = {
    "a script of the page": "const made = document.createElement('script'); made.textContent = 'window.ran = 1'; document.body.append(made);",
    "a style of the page": "const made = document.createElement('style'); made.textContent = 'p { color: red }'; document.body.append(made);",
    "a picture of another site": "const made = document.createElement('img'); made.src = 'https://evil.example/x.png'; document.body.append(made);",
    "a handler": "document.body.insertAdjacentHTML('beforeend', '<p onclick=\"window.ran = 1\">x</p>'); document.body.lastElementChild.click();",
}


@pytest.mark.parametrize("breach", BREACHES)
def test_S6_a_breach_of_the_content_policy_is_noticed(visit: Callable[..., Page], noise: list[str], breach: str) -> None:
    page = visit("/help")
    assert noise == []
    with page.expect_console_message(lambda message: "breach of the content policy" in message.text):
        page.evaluate(f"() => {{ {BREACHES[breach]} }}")
    assert page.evaluate("() => window.ran") is None, "what the policy forbids does not run"
    assert any("content policy" in one for one in noise)
    noise.clear()
