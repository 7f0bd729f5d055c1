"""A real Keycloak for the tests, with a realm of ours (tests/accounts/realm.json), on a free loopback port.

It is fetched with Maven once and prepared for a quick start; each run of the tests starts one when first asked for it, in a folder of
its own, with nothing kept on disk. Where it cannot be had, its tests are left out, and fail where ``CI`` is set.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from tests.java_programs import SERVICES, fetch_archive, java
from tests.services import Unavailable, free_port

VERSION = "26.4.0"
REALM_FILE = Path(__file__).parent / "accounts" / "realm.json"
ADMINISTRATOR, PASSWORD = "administrator", "of the tests alone"
PREPARE_SECONDS = 900
START_SECONDS = 300
DATABASE = {"KC_DB": "dev-mem"}
OPENED = tuple(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.util", "java.util.concurrent", "java.security"))


@dataclass(frozen=True, slots=True)
class Keycloak:
    """``url`` has no slash at the end."""

    url: str

    @property
    def issuer(self) -> str:
        return f"{self.url}/realms/university"

    def give_methods(self) -> None:
        """Let the steps of signing in say their names in ``amr``: what an operator enters in the settings of each step."""
        executions = self._administer("GET", "/authentication/flows/browser/executions")
        for step, value in {"auth-username-password-form": "pwd", "auth-otp-form": "otp"}.items():
            found = next(one for one in executions if one.get("providerId") == step)
            config = {"alias": value, "config": {"default.reference.value": value, "default.reference.maxAge": "36000"}}
            self._administer("POST", f"/authentication/executions/{found['id']}/config", config)

    def _administer(self, method: str, path: str, body: Any = None) -> Any:
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMINISTRATOR, "password": PASSWORD}
        token = _call("POST", f"{self.url}/realms/master/protocol/openid-connect/token", urlencode(form).encode())["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return _call(method, f"{self.url}/admin/realms/university{path}", json.dumps(body).encode() if body else None, headers)


@contextmanager
def keycloak(public_keys: Mapping[str, Any]) -> Iterator[Keycloak]:
    """Running; ``public_keys`` are those of the client that proves itself with a key. Raises :class:`Unavailable`."""
    runtime, home = java(), _home()
    with tempfile.TemporaryDirectory(prefix="gateway-keycloak-") as name:
        folder = Path(name)
        for part in ("bin", "conf", "lib", "providers", "themes"):
            (folder / part).symlink_to(home / part)
        (folder / "data" / "import").mkdir(parents=True)
        (folder / "data" / "import" / "realm.json").write_text(json.dumps(_realm(public_keys)))
        port = free_port()
        with _started(_command(runtime, folder, port), folder):
            server = Keycloak(f"http://127.0.0.1:{port}")
            server.give_methods()
            yield server


def _realm(public_keys: Mapping[str, Any]) -> dict[str, Any]:
    realm: dict[str, Any] = json.loads(REALM_FILE.read_text())
    keyed = next(one for one in realm["clients"] if one["clientId"] == "gateway-with-key")
    keyed["attributes"]["jwks.string"] = json.dumps(public_keys)
    return realm


def _command(runtime: Path, folder: Path, port: int) -> list[str]:
    return [
        str(runtime), "-Xms64m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *OPENED,
        f"-Dkc.home.dir={folder}", f"-Djboss.server.config.dir={folder}/conf", "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
        "-cp", str(folder / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint", "start", "--optimized", "--import-realm",
        "--http-enabled=true", "--hostname-strict=false", "--http-host=127.0.0.1", f"--http-port={port}", "--cache=local",
    ]  # fmt: skip


@contextmanager
def _started(command: list[str], folder: Path) -> Iterator[None]:
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig", "TERM", *command]
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), **DATABASE, "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
    }  # fmt: skip
    log = folder / "output.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(server, next(part for part in command if part.startswith("--http-port=")).partition("=")[2], log)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait(server: subprocess.Popen[bytes], port: str, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError, ValueError):
            _call("GET", f"http://127.0.0.1:{port}/realms/university/.well-known/openid-configuration")
            return
        if server.poll() is not None or time.monotonic() > give_up:
            raise Unavailable(f"Keycloak did not start: {log.read_text(errors='replace').strip()[-600:]}")
        time.sleep(0.3)


def _call(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
    asked = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            said = answer.read()
    except HTTPError as error:
        error.close()
        raise OSError(f"{method} {url}: {error.code}") from None
    return json.loads(said) if said else None


def _home() -> Path:
    """The unpacked distribution, prepared for a quick start; fetched once."""
    home = SERVICES / f"keycloak-{VERSION}"
    if not home.exists():
        SERVICES.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SERVICES) as place:
            with zipfile.ZipFile(fetch_archive("org.keycloak:keycloak-quarkus-dist", VERSION, Path(place))) as opened:
                opened.extractall(place)
            unpacked = Path(place) / home.name
            made = subprocess.run(
                ["sh", str(unpacked / "bin" / "kc.sh"), "build"], env={**os.environ, **DATABASE}, check=False, capture_output=True, text=True,
                timeout=PREPARE_SECONDS,
            )
            if made.returncode:
                raise Unavailable(f"Keycloak could not be prepared: {(made.stdout + made.stderr).strip()[-400:]}")
            unpacked.rename(home)
    return home.resolve()
