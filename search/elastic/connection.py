"""The way to the server: its address, the client, and its errors in the words of the contract.

Why this exists: the ``elasticsearch`` client refuses OpenSearch in two places, by a media type OpenSearch does not know and by a
header it does not send. Both are mended on the wire, and only where the address says OpenSearch.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from elastic_transport import (
    ApiError,
    HttpHeaders,
    SerializationError,
    TransportError,
    Urllib3HttpNode,
)
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import Elasticsearch, OrjsonSerializer, UnsupportedProductError

from search.engine import SearchError, SearchUnavailable

DEFAULT_NAME: Final = "gateway-datasets"
TIMEOUT_SECONDS: Final = 20.0
BUSY: Final = frozenset({429, 502, 503, 504})
BUSY_SECONDS: Final = 5
PAUSES: Final = (0.2, 0.8)
"""Seconds before a reader asks a busy server again: a moment is enough for one that ran out of memory to collect its garbage."""
_OPENSEARCH: Final = "opensearch+"
_MEDIA_TYPE: Final = "application/vnd.elasticsearch+"
_JSON: Final = "application/json"


Answer = TypeVar("Answer")


class SearchBusy(SearchUnavailable):
    """The server has too much to do, or too little memory, just now."""


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` without user and path; ``name`` is what every index of this gateway begins with."""

    url: str
    name: str
    is_opensearch: bool
    user: tuple[str, str] | None = None


def address(url: str) -> Address:
    """``[opensearch+]http[s]://[user:password@]host[:port][/name]``. Raises ValueError for anything else."""
    parts = urlsplit(url.removeprefix(_OPENSEARCH))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("The address of a search server is http(s)://host:port/name, with opensearch+ before it for OpenSearch.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or (443 if parts.scheme == "https" else 9200)
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    name = parts.path.strip("/").lower() or DEFAULT_NAME
    return Address(f"{parts.scheme}://{host}:{port}", name, url.startswith(_OPENSEARCH), user)


def connect(server: Address) -> Elasticsearch:
    """A client with a pool of its own; it connects when first used."""
    options: dict[str, Any] = {"node_class": OpenSearchNode} if server.is_opensearch else {}
    if server.user:
        options["basic_auth"] = server.user
    if server.url.startswith("https:"):
        options["ssl_context"] = ssl.create_default_context()
    return Elasticsearch(
        server.url, request_timeout=TIMEOUT_SECONDS, max_retries=1, retry_on_timeout=False, retry_on_status=(), connections_per_node=32,
        serializers={_JSON: OrjsonSerializer()}, **options,
    )  # fmt: skip


class OpenSearchNode(Urllib3HttpNode):
    """Speaks plain JSON, and vouches for the server."""

    def perform_request(
        self, method: str, target: str, body: bytes | None = None, headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:  # fmt: skip
        plain = HttpHeaders({name: _plain(value) for name, value in (headers or {}).items()})
        response = super().perform_request(method, target, body, plain, request_timeout)
        response.meta.headers = HttpHeaders({**response.meta.headers, "x-elastic-product": "Elasticsearch"})
        return response


def _plain(value: str) -> str:
    """``application/vnd.elasticsearch+json; compatible-with=8`` as ``application/json``."""
    return f"application/{value[len(_MEDIA_TYPE) :].partition(';')[0]}" if value.startswith(_MEDIA_TYPE) else value


@contextmanager
def our_words() -> Iterator[None]:
    """What the client raises, as SearchUnavailable where it may heal, as SearchError where it will not."""
    try:
        yield
    except UnsupportedProductError as error:
        raise SearchUnavailable("The server is not Elasticsearch. For OpenSearch the address begins with opensearch+.") from error
    except ApiError as error:
        raise said(error.meta.status, kind_of(error)) from error
    except (TransportError, SerializationError) as error:
        raise SearchUnavailable(f"The search server does not answer: {type(error).__name__}.") from error


def patiently(ask: Callable[[], Answer]) -> Answer:
    """What reading gives, where a busy server is asked again after a moment. Raises as :func:`our_words`."""
    for pause in PAUSES:
        try:
            with our_words():
                return ask()
        except SearchBusy:
            time.sleep(pause)
    with our_words():
        return ask()


def said(status: int, kind: str) -> SearchError:
    """A status and the kind of error a server gave it, in our words."""
    if status in BUSY:
        return SearchBusy("The search server is too busy.", retry_after_seconds=BUSY_SECONDS)
    if status == 404:
        return SearchUnavailable("There is no search index yet, or it was made with other fields; it must be built.")
    if status in (401, 403):
        return SearchUnavailable(f"The search server refuses access ({status}).")
    if status == 406:
        return SearchUnavailable("The server does not take the client's requests. For OpenSearch the address begins with opensearch+.")
    if status >= 500:
        return SearchUnavailable(f"The search server failed: {kind}.")
    return SearchError(f"The search server does not take a request ({status} {kind}).")


def kind_of(error: ApiError) -> str:
    """The server's name for an error, without the request it speaks of."""
    body = error.body
    found = body.get("error") if isinstance(body, dict) else None
    return str(found.get("type", "")) if isinstance(found, dict) else type(error).__name__


