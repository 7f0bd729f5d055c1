"""The built files: whose they are, how large, and the colours they hold."""

import json
import os
import re
from itertools import combinations
from pathlib import Path

import pytest

from frontend import assets, render

HERE = Path(assets.__file__).parent
FOREIGN = re.compile(r"GDS Transport|govuk-crest|crown|frutiger|\bnhs\b|@font-face|(?-i:url\()|https?://(?!www\.w3\.org/)", re.I)
PRINTED_LINKS = re.compile(r'\[href\^="?https?://"?\]')


@pytest.fixture(scope="module")
def built() -> Path:
    if not (assets.BUILT / "manifest.json").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("The static files have not been built: run make assets")
    return assets.BUILT


def files(built: Path, name: str) -> Path:
    return built / json.loads((built / "manifest.json").read_text())["files"][name]


def test_lock_file_holds_no_download_address() -> None:
    text = (HERE / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity"' in text


def test_three_dependencies_are_pinned_exactly() -> None:
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert sorted(pinned) == ["govuk-frontend", "htmx.org", "sass"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())


def test_no_foreign_identity_font_or_address_is_shipped(built: Path) -> None:
    for path in built.iterdir():
        assert path.suffix not in (".woff", ".woff2", ".ttf", ".otf", ".eot")
        if path.suffix in (".css", ".js", ".svg"):
            assert FOREIGN.search(PRINTED_LINKS.sub("", path.read_text())) is None, path.name


def test_files_are_within_their_bytes(built: Path) -> None:
    sizes = {name: files(built, name).with_name(files(built, name).name + ".br").stat().st_size for name in ("app.css", "app.js", "htmx.js")}
    assert sizes["app.css"] <= 12_000
    assert sizes["app.js"] <= 2_000
    assert sizes["app.js"] + sizes["htmx.js"] <= 14_000


def test_every_shipped_package_has_its_licence(built: Path) -> None:
    notices = (built / "NOTICES.txt").read_text()
    assert "govuk-frontend" in notices
    assert "htmx.org" in notices
    assert "Permission is hereby granted" in notices


def test_addresses_carry_the_files_hash(built: Path) -> None:
    assert re.fullmatch(r"/static/app\.[0-9a-f]{8}\.css", render.asset("app.css") or "")
    assert render.asset("unknown.css") is None


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def tokens() -> dict[str, str]:
    return dict(re.findall(r'"([\w-]+)": (#[0-9a-f]{6})', (HERE / "_tokens.scss").read_text()))


@pytest.mark.parametrize(
    ("name", "least"),
    [("text", 16.3), ("secondary", 7.5), ("brand", 9.8), ("link", 7.4), ("link-hover", 12.6), ("visited", 8.6), ("good", 6.6), ("warning", 5.9), ("bad", 6.5), ("input-border", 19.6)],
)
def test_colours_keep_their_contrast_on_white(name: str, least: float) -> None:
    assert round(contrast(tokens()[name], "#ffffff"), 1) >= least


def test_focus_and_ramp_keep_their_contrast() -> None:
    colours = tokens()
    assert contrast(colours["focus-text"], colours["focus"]) >= 14
    assert contrast(colours["brand"], colours["focus"]) >= 7
    assert contrast(colours["secondary"], colours["surface"]) >= 6.8
    assert all(contrast(colours["text"], colours[f"ramp-{step}"]) >= 6.8 for step in (1, 2, 3))
    assert all(contrast("#ffffff", colours[f"ramp-{step}"]) >= 5.3 for step in (4, 5))
    assert len({value for pair in combinations(colours.values(), 2) for value in pair}) >= 15
