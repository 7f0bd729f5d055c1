"""What a browser would make of a page: its elements, addresses and texts; and the forms that somebody could send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass
class Form:
    """``fields`` as the page has them filled in."""

    action: str
    is_multipart: bool
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """``texts`` holds each run of text; ``attributes`` (tag, name, value) of every element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.runs: list[str] = []
        self.data_blocks: list[str] = []
        self.forms: list[Form] = []
        self._script: str | None = None
        self._form: Form | None = None
        self._select = self._area = ""
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        """Of the whole page, as it is read."""
        return "".join(self.runs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in values.items()]
        self._script = values.get("type", "") if tag == "script" else self._script
        self._note_form(tag, values)

    def _note_form(self, tag: str, values: dict[str, str]) -> None:
        if tag == "form":
            is_post = values.get("method", "").lower() == "post"
            self._form = Form(values.get("action", ""), "multipart" in values.get("enctype", "")) if is_post else None
        if self._form is None:
            return
        name = values.get("name", "")
        if tag == "input" and name and (values.get("type") not in ("checkbox", "radio", "submit", "file") or "checked" in values):
            self._form.fields[name] = values.get("value", "")
        if tag == "button" and name:
            self._form.fields.setdefault(name, values.get("value", ""))
        if tag == "textarea":
            self._area = name
            self._form.fields[name] = ""
        if tag == "select":
            self._select = name
            self._form.fields[name] = ""
        if tag == "option" and self._select and (not self._form.fields[self._select] or "selected" in values):
            self._form.fields[self._select] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None
        if tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None
        self._area = "" if tag == "textarea" else self._area
        self._select = "" if tag == "select" else self._select

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.data_blocks.append(data)
            return
        self.runs.append(data)
        if self._area and self._form is not None:
            self._form.fields[self._area] = (self._form.fields[self._area] + data).lstrip("\n")
