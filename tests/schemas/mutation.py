"""Documents made from the official schemas, and what may go wrong with a document: for comparing verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

Path = tuple[str | int, ...]
WORDS: Final = ["cohort", "records", "linked", "hospital", "admissions", "survey", "primary", "care", "of", "adults", "in", "Wales"]
FORMATS: Final = {
    "uri": ("https://example.org/data", "urn:uuid:2fd3c6f0-1111-4a4a-8a8a-0123456789ab", "mailto:data@example.org"),
    "email": ("data@example.org", "access.team@nhs.example"),
    "date": ("2021-03-04", "1999-12-31"),
    "date-time": ("2021-03-04T05:06:07Z", "2020-02-29T23:59:59.5+01:00"),
}  # fmt: skip
# A few texts for each pattern of the published files, found by a word that only it holds.
PATTERNS: Final = {
    "^10.": ("10.1234/abc.DEF-9", "10.12345678/x;(y)/z"), "{8}": ("2fd3c6f0-1111-4a4a-8a8a-0123456789AB",),
    "[A-Z]{2}": ("GB", "GB-ENG", "DE-BE"), "[^,]": ("GB", "one, two", "x"), "In Progress": ("In Progress",),
    "https?": ("https://example.org/1", "example.org:80"), "[C0-9]": ("C12.1234/1",), "[0-9]-[0-9]": ("0-150", "18-65"),
    "[0-9a-zA-Z._-]": ("heart,lung",), "\\.[0-9]+$": ("1.0.0", "10.20.30"), "[0-9]": ("0_1_2",),
}  # fmt: skip
TEXTS: Final = (
    "", " ", ",", "x", "null", "2021-03-04", "2021-02-30", "2021-13-01", "2021-03-04T05:06:07Z", "2021-03-04 05:06:07Z", "2021-03-04T25:00:00Z",
    "04/03/2021", "CONTINUOUS", "data@example.org", "data@", "https://example.org/a b", "https://example.org", "//example.org", "example.org",
    "10.1234/abc", "10x1234/abc", "https://doi.org/10.1234/abc", "10.1234/a b", "GB", "gb", "GB-ENGL", "UK,GB", "1.0.0", "1.0", "v1.0.0",
    "1.0.0\n", "٣.0.0", "0-150", "0-151", "Not Known", "In Progress", "NOT APPLICABLE", "OTHER", "Other", "count", "é" * 3, "😀", "a" * 30 + "!",
)  # fmt: skip
OTHERS: Final[tuple[Any, ...]] = (None, True, False, 0, 1, -1, 1.0, 1.5, 10**12, [], {}, [None], [""], ["x"], [[]], [{}], {"name": "x"}, {"version": "1.0.0"})
LENGTHS: Final = (0, 1, 2, 4, 5, 9, 10, 36, 50, 80, 100, 150, 255, 500, 1000, 3000, 5000, 10_000, 20_000, 50_000)


def sample(form: Any, random: Random) -> Any:
    """A value that a schema in normal form takes; most optional parts are there."""
    if "anyOf" in form and "type" not in form:
        return sample(random.choice(form["anyOf"]), random)
    if "oneOf" in form:
        return sample(random.choice(form["oneOf"]), random)
    if "enum" in form:
        return random.choice(form["enum"])
    if "properties" in form:
        return _record(form, random)
    if form.get("type") == "array" or "items" in form:
        return _list(form, random)
    if form.get("type") == "string" or "pattern" in form:
        return _text(form, random)
    return {"integer": random.randint(0, 9999), "boolean": random.random() < 0.5, "null": None}.get(form.get("type"), "anything")


def _record(form: dict[str, Any], random: Random) -> dict[str, Any]:
    required = form.get("required", ())
    return {
        name: sample(inner, random) for name, inner in form["properties"].items() if name in required or random.random() < 0.8
    }


def _list(form: dict[str, Any], random: Random) -> list[Any]:
    items = form.get("items", {})
    inner = form.get("contains") or (items[0] if isinstance(items, list) else items)
    members = [sample(inner, random) for _ in range(random.randint(form.get("minItems", 0), 3))]
    if form.get("contains") and not members:
        members = [sample(inner, random)]
    return [member for number, member in enumerate(members) if member not in members[:number]] if form.get("uniqueItems") else members


def _text(form: dict[str, Any], random: Random) -> str:
    if "format" in form and form["format"] in FORMATS:
        return random.choice(FORMATS[form["format"]])
    if "pattern" in form:
        return random.choice(next(texts for word, texts in PATTERNS.items() if word in form["pattern"]))
    least, most = form.get("minLength", 0), form.get("maxLength", 60)
    text = " ".join(random.choice(WORDS) for _ in range(random.randint(1, 6)))[:most]
    return text if len(text) >= least else text.ljust(least, "x")


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a document, objects and lists included; of a long list only the first members."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:3]):
            yield from places(inner, (*path, number))


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def replaced(document: Any, path: Path, value: Any) -> Any:
    """The document with another value at one place; what is not on the way there is shared."""
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


def without(document: Any, path: Path) -> Any:
    parent = at(document, path[:-1]).copy()
    del parent[path[-1]]
    return replaced(document, path[:-1], parent)


def simple_mutants(document: Any) -> Iterator[Any]:
    """Each key dropped, each value made null, of another type, longer, misspelt; a key in each object; each list emptied."""
    for path in places(document):
        value = at(document, path)
        if path:
            yield without(document, path)
            yield replaced(document, path, None)
            yield replaced(document, path, value if isinstance(value, int) else 7)
            yield replaced(document, path, [value])
            yield replaced(document, path, str(value))
        if isinstance(value, str):
            yield from (replaced(document, path, text) for text in (value + "x", value.lower(), value.upper(), value[:1], ""))
            yield from (replaced(document, path, "x" * length) for length in LENGTHS[:14])
        elif isinstance(value, dict):
            yield replaced(document, path, {**value, "somethingElse": "x"})
        elif isinstance(value, list):
            yield replaced(document, path, [])
            yield replaced(document, path, [*value, *value[:1]])


@st.composite
def mutants(draw: st.DrawFn, documents: list[Any], *, most_flaws: int = 3) -> Any:
    """One of the documents with one to a few flaws."""
    document = draw(st.sampled_from(documents))
    for _ in range(draw(st.integers(1, most_flaws))):
        paths = list(places(document))
        document = _flawed(draw, document, draw(st.sampled_from(paths)), paths)
    return document


def _flawed(draw: st.DrawFn, document: Any, path: Path, paths: list[Path]) -> Any:
    value = at(document, path)
    kind = draw(st.integers(0, 6))
    if kind == 0 and path:
        return without(document, path)
    if kind == 1:
        return replaced(document, path, draw(st.sampled_from(TEXTS)))
    if kind == 2:
        return replaced(document, path, draw(st.sampled_from(OTHERS)))
    if kind == 3:
        return replaced(document, path, "y" * (draw(st.sampled_from(LENGTHS)) + draw(st.integers(0, 1))))
    if kind == 4:
        return replaced(document, path, at(document, draw(st.sampled_from(paths))))
    if isinstance(value, dict):
        return replaced(document, path, {**value, draw(st.sampled_from(("url", "name", "x", "values"))): draw(st.sampled_from(OTHERS))})
    if isinstance(value, list):
        return replaced(document, path, [*value, draw(st.sampled_from((*value, None, "x", 7)))])
    if isinstance(value, str):
        return replaced(document, path, draw(st.sampled_from((value.upper(), value.lower(), value.title(), f" {value}", f"{value}\n", value[:-1]))))
    return replaced(document, path, [value] if kind == 5 else None)
