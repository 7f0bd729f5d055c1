"""The form as somebody fills it in at a keyboard: every question that must be answered, whatever shape it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator

from tests.browser.keyboard import Keyboard

OWN_VALUE = "input:not([type=hidden], [type=checkbox], [type=radio]), textarea"


def answer_page(keys: Keyboard, answers: Mapping[str, Any], *, defaults: Mapping[str, Any]) -> int:
    """Returns how many questions were answered. What the profile filled in stays."""
    answered = 0
    for question in keys.page.locator(".app-question").all():
        key = question.locator("[name=shown]").input_value()
        if "(optional)" in question.locator("legend, label").first.inner_text() and key not in answers:
            continue
        if _is_answered(question) or question.locator("a[href=datasets]").count():
            continue
        answer(keys, question, key, answers.get(key, defaults.get(key)))
        answered += 1
    return answered


def answer(keys: Keyboard, question: Locator, key: str, value: Any) -> None:
    assert value is not None, f"nobody said what to answer to {key}"
    if question.locator("[type=radio]").count():
        keys.choose(question, value)
    elif question.locator(f'[name="{key}:none"], [name^="{key}:0:"]').count():
        _rows(keys, question, key, value)
    elif isinstance(value, Mapping):
        for column, words in value.items():
            keys.type(question.locator(f'[name="{key}:{column}"]'), words)
    elif isinstance(value, list) and question.locator("[type=checkbox]").count():
        for one in value:
            keys.tick(question.locator(f'[value="{one}"]'))
    elif question.locator("[type=checkbox]").count():
        keys.tick(question.locator("[type=checkbox]"))
    else:
        keys.type(question.locator(f'[name="{key}"]'), "\n".join(value) if isinstance(value, list) else str(value))


def _rows(keys: Keyboard, question: Locator, key: str, rows: list[dict[str, str]]) -> None:
    if not rows:
        keys.tick(question.locator(f'[name="{key}:none"]'))
    for number, row in enumerate(rows):
        if not question.locator(f'[name^="{key}:{number}:"]').count():
            keys.press(question.get_by_role("button", name="Save and add another"))
        for column, words in row.items():
            cell = question.locator(f'[name="{key}:{number}:{column}"]')
            if cell.locator("option").count():
                keys.select(cell, words)
            else:
                keys.type(cell, words)


def _is_answered(question: Locator) -> bool:
    return question.locator(":checked:not(option)").count() > 0 or any(one.input_value() for one in question.locator(OWN_VALUE).all())
