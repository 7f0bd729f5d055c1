"""Java programs for the tests, fetched with Maven once into the git-ignored ``.services`` folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.services import Unavailable

SERVICES = Path(__file__).parents[1] / ".services"
FETCH_SECONDS = 600


def java() -> Path:
    """Raises :class:`Unavailable`."""
    found = shutil.which("java")
    if found is None:
        raise Unavailable("Java is not installed (Debian: apt-get install openjdk-17-jdk-headless).")
    return Path(found).resolve()


def maven(folder: Path, *arguments: str) -> None:
    """Raises :class:`Unavailable`."""
    program = shutil.which("mvn")
    if program is None:
        raise Unavailable("Maven, which fetches servers for the tests, is not installed (Debian: apt-get install maven).")
    try:
        made = subprocess.run([program, "-q", "-B", *arguments], cwd=folder, check=False, capture_output=True, text=True, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable("Maven did not fetch the server in ten minutes.") from None
    if made.returncode:
        raise Unavailable(f"Maven did not fetch the server: {(made.stdout + made.stderr).strip()[-300:]}")


def fetch_archive(artifact: str, version: str, place: Path) -> Path:
    """The zip archive of an artifact (group:name), below ``place``."""
    named = f"{artifact}:{version}:zip"
    maven(place, "dependency:get", "-Dtransitive=false", f"-Dartifact={named}", f"-Dmaven.repo.local={place}/maven")
    return next(place.rglob(f"{artifact.partition(':')[2]}-{version}.zip"))
