"""Somebody at a keyboard: Tab, Space, Enter, arrows and letters, and eyes that must find the focus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import ElementHandle, Locator, Page

REACHABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
LOOK = """one => {
    const look = (element, part) => {
        const style = getComputedStyle(element, part);
        return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor, style.borderWidth, style.textDecoration].join();
    };
    const label = one.labels && one.labels[0];
    return look(one) + (label ? look(label) + look(label, '::before') : '');
}"""
IS_ON_SCREEN = """one => {
    const box = ((one.labels && one.type !== 'text' && one.labels[0]) || one).getBoundingClientRect();
    return box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""
HAS_FOCUS = "one => one === document.activeElement"
IS_PAST_THE_TOP = "one => document.activeElement === document.body && one.closest('main') !== null"


@dataclass(frozen=True)
class Keyboard:
    """``see`` is told the name of each page at which somebody stops."""

    page: Page
    see: Callable[[str], None]

    def reach(self, wanted: Locator) -> None:
        """Press Tab until the control has the focus, and see that it has."""
        control = self._only(wanted)
        if control.evaluate(HAS_FOCUS):
            return
        before = control.evaluate(LOOK)
        if control.evaluate(IS_PAST_THE_TOP):
            self._skip()
        for _ in range(self.page.locator(REACHABLE).count() + 10):
            self.page.keyboard.press("Tab")
            if control.evaluate(HAS_FOCUS):
                assert control.evaluate(LOOK) != before, f"nobody sees that {wanted} has the focus"
                assert control.evaluate(IS_ON_SCREEN), f"{wanted} has the focus out of sight"
                return
        raise AssertionError(f"no number of tabs leads to {wanted} on {self.page.url}")

    def _skip(self) -> None:
        """Past the head of a page that was just opened."""
        self.page.keyboard.press("Tab")
        assert self.page.locator(".govuk-skip-link").evaluate(HAS_FOCUS)
        self.page.keyboard.press("Enter")

    def press(self, wanted: Locator) -> None:
        """Follow a link or press a button, and wait for what it leads to."""
        self.reach(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def act(self, within: Locator, label: str, **fields: str) -> None:
        """Unfold a form of a part's page, fill it in and send it."""
        folded = within.locator("details", has=self.page.get_by_text(label, exact=True))
        self.reach(folded.locator("summary").first)
        self.page.keyboard.press("Enter")
        for name, value in fields.items():
            field = folded.locator(f'[name="{name}"]')
            if field.locator("option").count():
                self.select(field, value)
            elif field.get_attribute("type") == "checkbox":
                self.tick(field)
            else:
                self.type(field, value)
        self.see(label.lower().replace(" ", "-"))
        self.press(folded.get_by_role("button", name=label))
        assert self.page.locator(".govuk-error-summary").count() == 0, self.page.locator(".govuk-error-summary").inner_text()

    def type(self, wanted: Locator, text: str) -> None:
        """In place of what stood there. The browser of the tests has days after months in its date fields."""
        self.reach(wanted)
        typed = text
        if wanted.get_attribute("type") == "date":
            year, month, day = text.split("-")
            typed = month + day + year
        else:
            self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(typed)
        assert wanted.input_value() == text

    def tick(self, wanted: Locator) -> None:
        if not wanted.is_checked():
            self.reach(wanted)
            self.page.keyboard.press("Space")
        assert wanted.is_checked()

    def choose(self, group: Locator, value: str) -> None:
        """One of some radio buttons: Tab comes to the first of them (or the chosen one), arrows go on."""
        wanted = group.locator(f'[value="{value}"]')
        if wanted.is_checked():
            return
        chosen = group.locator(":checked")
        self.reach(chosen if chosen.count() else group.locator("[type=radio]").first)
        self.page.keyboard.press("Space")
        self._until_chosen(wanted, group.locator("[type=radio]").count(), Locator.is_checked)

    def select(self, wanted: Locator, value: str) -> None:
        self.reach(wanted)
        self._until_chosen(wanted, wanted.locator("option").count(), lambda one: one.input_value() == value)

    def _until_chosen(self, wanted: Locator, choices: int, is_chosen: Callable[[Locator], bool]) -> None:
        for _ in range(choices):
            if is_chosen(wanted):
                return
            self.page.keyboard.press("ArrowDown")
        assert is_chosen(wanted), f"no arrow leads to {wanted}"

    def _only(self, wanted: Locator) -> ElementHandle:
        found = wanted.element_handle()
        assert found is not None
        return found
