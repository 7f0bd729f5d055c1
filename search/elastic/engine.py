"""The engine on a server: any number of processes read and write at once; one at a time rebuilds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from elasticsearch import Elasticsearch

from search.batches import batches, newest
from search.document import MAPPING_HASH
from search.elastic.answer import answer
from search.elastic.bulk import Outcome, Write, write
from search.elastic.connection import address, connect, our_words, patiently
from search.elastic.generations import VARIABLES_SUFFIX, Generations
from search.elastic.lease import Lease
from search.elastic.mapping import SETTINGS, source
from search.elastic.similar import similar
from search.elastic.suggest import suggest
from search.elastic.variables import settle, variables
from search.elastic.versions import astray, held_versions, now_held
from search.engine import IndexState, Page, Query, SearchDocument, SearchError, SearchUnavailable, Similar, Suggestion
from search.language import typed_text
from search.prepared import prepared
from search.prepared_variables import VARIABLES
from search.suggest import LONGEST_PREFIX

BATCH: Final = 1_000
LEASE_SECONDS: Final = 60.0
LOSS_ACCEPTED: Final = 0.05
LIVELY: Final = {"refresh_interval": "1s", "gc_deletes": SETTINGS["gc_deletes"]}
RESTING: Final = {"refresh_interval": "-1", "gc_deletes": "365d"}
"""While an index is filled it remembers what is removed, however long that takes: what was read before would bring it back."""
_Writes = Callable[[str], Iterable[Write]]


class ElasticEngine:
    """Implements ``search.engine.SearchEngine``. ``url`` as in search/elastic/connection.py; raises ValueError for another.

    Writes that come during a rebuild go to both indices, each under its version, so that the new one misses none of them.
    """

    def __init__(self, url: str, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.address = address(url)
        self._lease_seconds = lease_seconds
        self._connecting = threading.Lock()
        self._connected: Elasticsearch | None = None
        self._has_cleared = False

    # reading

    def state(self) -> IndexState:
        """Never raises: an index that is absent, out of reach or of another mapping is not usable, and says why."""
        try:
            with our_words():
                generations = self._generations()
                current = generations.current()
                if current is None:
                    return IndexState(None, 0, is_usable=False, reason="There is no index yet.")
                if current.mapping != MAPPING_HASH:
                    reason = "The index was made with other fields than this version of the software has."
                    return IndexState(current.mapping, 0, is_usable=False, reason=reason)
                return IndexState(current.mapping, generations.documents(current.index), is_usable=True)
        except SearchError as error:
            return IndexState(None, 0, is_usable=False, reason=str(error))

    def search(self, query: Query) -> Page:
        started = time.perf_counter()
        serving = self._generations().serving
        page = patiently(lambda: answer(self._client(), serving, query, variables=serving + VARIABLES_SUFFIX))
        return replace(page, took_ms=(time.perf_counter() - started) * 1000)

    def search_variables(self, query: Query) -> Page:
        started = time.perf_counter()
        serving = self._generations().serving
        page = patiently(lambda: answer(self._client(), serving + VARIABLES_SUFFIX, query, shape=VARIABLES))
        return replace(page, took_ms=(time.perf_counter() - started) * 1000)

    def suggest(self, prefix: str, limit: int = 10) -> tuple[Suggestion, ...]:
        serving, typed = self._generations().serving, typed_text(prefix, LONGEST_PREFIX)
        return patiently(lambda: suggest(self._client(), serving, serving + VARIABLES_SUFFIX, typed, limit))

    def similar(self, id_: str, limit: int = 5) -> tuple[Similar, ...]:
        serving = self._generations().serving
        return patiently(lambda: similar(self._client(), serving, id_, limit))

    def versions(self) -> Mapping[str, int]:
        with our_words():
            client, serving = self._client(), self._generations().serving
            held = dict(held_versions(client, serving))
            return held | dict.fromkeys(astray(client, serving + VARIABLES_SUFFIX, held), -1)

    # writing

    def index(self, documents: Iterable[SearchDocument]) -> int:
        written = 0
        for batch in batches(documents, BATCH):
            with our_words():
                written += self._index(newest(batch))
        return written

    def remove(self, ids: Iterable[str]) -> int:
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return 0
        with our_words():
            generations = self._generations()
            if generations.behind(generations.serving) is None:
                raise SearchUnavailable("There is no search index yet.")
            indices = [index for alias in (generations.serving, generations.next) if (index := generations.behind(alias))]
            held: dict[str, int] = {}
            for index in indices:
                held |= {id_: max(version, held.get(id_, version)) for id_, version in now_held(self._client(), index, wanted).items()}
            removed = self._write(indices, lambda index: (Write(index, id_, version + 1) for id_, version in held.items()))
            self._settle(indices, wanted)
            return removed

    def rebuild(self, documents: Iterable[SearchDocument], *, force: bool = False) -> int:
        with our_words():
            generations = self._generations()
            with Lease(self._client(), generations.lease, seconds=self._lease_seconds).held() as lease:
                generations.remove_broken_off()
                generations.remove_old()
                before = generations.current()
                count_before = generations.documents(before.index) if before else 0
                index = generations.create(generations.next, **RESTING)
                try:
                    self._fill(generations, documents, lease)
                    count = self._finish(generations, index)
                    if not force and count < count_before * (1 - LOSS_ACCEPTED):
                        raise SearchError(
                            f"The new index holds {count} documents, the old one {count_before}: more than 5 % would be lost. The old one stays."
                        )
                    lease.renew(now=True)
                    generations.serve(index)
                except BaseException:
                    with suppress(SearchError), our_words():
                        generations.delete(index)
                    raise
                return count

    def roll_back(self) -> None:
        """Let the index serve that served before the last rebuild. What was written since is missing from it until the next
        comparison with the database. Raises SearchError where a day has passed, or two rebuilds."""
        with our_words():
            generations = self._generations()
            with Lease(self._client(), generations.lease, seconds=self._lease_seconds).held():
                generations.roll_back()

    def close(self) -> None:
        """Let go of the connections; reading and writing connect again."""
        with self._connecting:
            connected, self._connected = self._connected, None
        if connected:
            connected.close()

    # parts of writing

    def _index(self, documents: Sequence[SearchDocument]) -> int:
        generations = self._generations()
        self._have_index(generations)
        aliases = [generations.serving, *([generations.next] if generations.behind(generations.next) else [])]
        made = [(document["id"], document["version"], source(prepared(document))) for document in documents]
        written = self._write(aliases, lambda alias: (Write(alias, *each) for each in made))
        for alias in aliases:
            write(self._client(), variables(alias + VARIABLES_SUFFIX, documents))
        self._settle(aliases, [document["id"] for document in documents])
        return written

    def _settle(self, indices: Sequence[str], refs: Sequence[str]) -> None:
        """Leave no variable of another version than its dataset's, whoever else wrote meanwhile."""
        for index in indices:
            settle(self._client(), index, index + VARIABLES_SUFFIX, refs)

    def _write(self, targets: Sequence[str], writes: _Writes) -> int:
        """To the index that serves, the first target, and to the one a rebuild fills; returns how many the first took."""
        serving = targets[0]
        outcomes = write(self._client(), (each for target in targets for each in writes(target)))
        missing: tuple[str, Outcome] = (serving, "no index")
        if outcomes[missing]:
            raise SearchUnavailable("There is no search index yet.")
        self._client().indices.refresh(index=serving)
        return outcomes[serving, "written"]

    def _have_index(self, generations: Generations) -> None:
        if not generations.behind(generations.serving):
            with Lease(self._client(), generations.lease, seconds=self._lease_seconds).held():
                if not generations.behind(generations.serving):
                    generations.create(generations.serving, **LIVELY)
        elif not self._has_cleared:
            generations.remove_old()
        self._has_cleared = True

    def _fill(self, generations: Generations, documents: Iterable[SearchDocument], lease: Lease) -> None:
        for batch in batches(documents, BATCH):
            lease.renew()
            fresh = newest(batch)
            made = (Write(generations.next, document["id"], document["version"], source(prepared(document))) for document in fresh)
            outcomes = write(self._client(), made)
            write(self._client(), variables(generations.next + VARIABLES_SUFFIX, fresh))
            if outcomes[generations.next, "no index"]:
                raise SearchError("The new index was taken away while it was filled.")

    def _finish(self, generations: Generations, index: str) -> int:
        """Make a filled index ready to serve; returns how many documents it holds."""
        generations.change(index, **LIVELY)
        client, beside = self._client(), index + VARIABLES_SUFFIX
        for refs in batches(astray(client, beside, dict(held_versions(client, index))), BATCH):
            settle(client, index, beside, refs)
        return generations.documents(index)

    # the server

    def _client(self) -> Elasticsearch:
        with self._connecting:
            if self._connected is None:
                self._connected = connect(self.address)
            return self._connected

    def _generations(self) -> Generations:
        return Generations(self._client(), self.address.name)
