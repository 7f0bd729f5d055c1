"""Sources of kind ``fair-data-point``: the walk from the root of a FAIR Data Point through its catalogues to its datasets.

A dataset is known by its address within the FAIR Data Point. That address may differ from where it is served: then the part
that the root shows to be different is exchanged. Drafts answer 401 or 403 and are passed by. What cannot be reached leaves
the pass incomplete, so that nothing below it counts as gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import ClassVar

from harvesters.fair_data_point_node import Node
from harvesters.fetch import Fetcher
from harvesters.fetched import Fetched
from harvesters.identity import UnusableIdError, local_id
from harvesters.linked_config import FairDataPointConfig
from harvesters.linked_formats import ACCEPT
from harvesters.linked_values import content_of, format_in
from harvesters.next_address import next_address, next_in_header
from harvesters.parsing import parse
from harvesters.source import (
    Content,
    Cursor,
    FetchDeferred,
    FetchRefused,
    Held,
    Mark,
    PageUnreadable,
    Pass,
    RawRecord,
    SourceError,
)

DEPTH = 6
MAX_NODES = 50_000
PAGE_SIZE = 50
MAX_PAGES = 1_000
FAILURES_IN_A_ROW = 5
NO_PAGES = frozenset({"not-found", "request-refused"})


@dataclass(slots=True)
class _Walk:
    """``waiting`` are branches with their depth. ``prefixes`` are the lasting address of the root and the serving one."""

    waiting: list[tuple[str, int]] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    prefixes: tuple[str, str] = ("", "")
    nodes: int = 0
    why: str | None = None
    failures: int = 0
    warnings: dict[str, None] = field(default_factory=dict)

    def cursor(self) -> Cursor | None:
        if not self.waiting:
            return None
        return {"waiting": [list(one) for one in self.waiting], "met": self.met, "prefixes": list(self.prefixes), "nodes": self.nodes, "why": self.why}

    @classmethod
    def resumed(cls, after: Cursor) -> _Walk:
        waiting = [(address, depth) for address, depth in after["waiting"]]
        return cls(waiting, list(after["met"]), (after["prefixes"][0], after["prefixes"][1]), after["nodes"], after["why"])

    def note_failure(self, failure: SourceError) -> None:
        """One child that cannot be reached is passed over; a server that is down is not asked for all of them."""
        self.failures += 1
        self.why = self.why or failure.reason
        if self.failures >= FAILURES_IN_A_ROW:
            raise failure


class FairDataPointSource:
    kind: ClassVar[str] = "fair-data-point"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: FairDataPointConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        self._wanted = wanted
        self._held = held
        self._beginning = Lock()
        """Several records may be read at once."""
        self._of_singles: _Walk | None = None

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        walk = _Walk.resumed(after) if after else _Walk()
        if not after:
            yield from self._begin(walk)
        while walk.waiting:
            address, depth = walk.waiting.pop(0)
            ids: list[str] = []
            for entry in self._branch(walk, address, depth):
                ids += [entry.local_id] if entry.local_id else []
                yield entry
            yield self._mark(walk, address, ids)

    def _begin(self, walk: _Walk) -> Iterator[RawRecord | Mark]:
        root = self._root(walk)
        walk.met.append(root.address)
        ids: list[str] = []
        for entry in self._children(walk, root, depth=0):
            ids += [entry.local_id] if entry.local_id else []
            yield entry
        yield self._mark(walk, root.address, ids)

    def _root(self, walk: _Walk) -> Node:
        answer = self._get(self.config.url)
        root = Node.root(self._triples(answer), _bare(self.config.url), answer)
        if not root.is_data_point:
            raise PageUnreadable("no-dataset", "The address answers no FAIR Data Point: no catalogue and no container.", url=answer.url)
        walk.prefixes = (root.address.rstrip("/"), _bare(self.config.url).rstrip("/"))
        return root

    # the walk

    def _branch(self, walk: _Walk, address: str, depth: int) -> Iterator[RawRecord]:
        node = self._node(walk, address)
        if isinstance(node, RawRecord):
            # Below a catalogue that cannot be read there may be datasets that are known.
            walk.why = walk.why or node.problem
        elif node is not None:
            yield from self._of(walk, node, depth)

    def _of(self, walk: _Walk, node: Node, depth: int) -> Iterator[RawRecord]:
        if node.is_dataset and not node.is_catalogue:
            yield self._record(walk, node.address, node=node, hint=node.changed)
        elif depth < DEPTH:
            yield from self._children(walk, node, depth)

    def _children(self, walk: _Walk, node: Node, depth: int) -> Iterator[RawRecord]:
        """Catalogues wait for their turn; datasets are given at once, from pages of descriptions where there are any."""
        told: set[str] = set()
        if node.is_catalogue:
            for entry in self._from_pages(walk, node):
                told.add(entry.local_id)
                yield entry
        for child in node.children():
            if child in told or child in walk.met:
                continue
            if walk.nodes >= MAX_NODES:
                walk.why = walk.why or "too-large"
                return
            if node.is_catalogue or depth:
                yield from self._child(walk, child, depth + 1)
            else:
                walk.met.append(child)
                walk.waiting.append((child, depth + 1))

    def _child(self, walk: _Walk, address: str, depth: int) -> Iterator[RawRecord]:
        """Of a catalogue: a dataset, or a catalogue within it. What is listed and cannot be read was seen all the same."""
        found = self._node(walk, address)
        if isinstance(found, RawRecord):
            yield found
        elif found is not None:
            walk.met += [] if found.is_dataset else [address]
            yield from self._of(walk, found, depth)

    def _from_pages(self, walk: _Walk, node: Node) -> Iterator[RawRecord]:
        """The short cut: descriptions of many children in one answer. Those that no page describes are read one by one."""
        for container in node.containers():
            if not container.prefix:
                continue
            left = dict.fromkeys(container.members)
            for page in self._pages(walk, f"{node.address.rstrip('/')}/page/{container.prefix}"):
                described = [member for member in left if page.describes(member)]
                if not described:
                    break
                for member in described:
                    del left[member]
                    if page.is_dataset_at(member):
                        yield self._record(walk, member, node=None, hint=page.changed_of(member))

    def _pages(self, walk: _Walk, address: str) -> Iterator[Node]:
        url: str | None = f"{self._serving(walk, address)}?page=0&size={PAGE_SIZE}"
        for _ in range(MAX_PAGES):
            if url is None:
                return
            try:
                answer = self._get(url)
                yield Node(self._triples(answer), address, answer)
            except (FetchRefused, PageUnreadable) as refused:
                if isinstance(refused, FetchRefused) and refused.reason not in NO_PAGES:
                    raise
                return
            except FetchDeferred as failure:
                walk.note_failure(failure)
                return
            link = next_in_header(answer.link)
            url = next_address(link, url, allowed_hosts=self.config.allowed_hosts).url if link else None

    def _node(self, walk: _Walk, address: str) -> Node | RawRecord | None:
        """None for a draft, for one that was not reached, and for one on a server that was not allowed."""
        walk.nodes += 1
        url = next_address(self._serving(walk, address), self.config.url, allowed_hosts=self.config.allowed_hosts)
        if url.url is None or url.was_rewritten:
            walk.warnings["address-refused"] = None
            return None
        try:
            answer = self._get(url.url)
            node = Node(self._triples(answer), address, answer)
        except FetchDeferred as failure:
            walk.note_failure(failure)
            return None
        except (FetchRefused, PageUnreadable) as refused:
            if refused.reason == "credentials":
                walk.warnings["draft"] = None
                return None
            reason = "detail-missing" if refused.reason == "not-found" else refused.reason
            return RawRecord.unusable(reason, f"{address[:200]}: {refused.message}", local_id=address[:1000])
        walk.failures = 0
        return node

    # records

    def _record(self, walk: _Walk, address: str, *, node: Node | None, hint: str | None) -> RawRecord:
        try:
            found = local_id(address)
        except UnusableIdError as error:
            return RawRecord.unusable("bad-id", f"A dataset of the FAIR Data Point: {error}")
        assert found is not None
        return RawRecord(found, read=partial(self._read, walk, address, node), hint=hint, is_fetched=True)

    def _read(self, walk: _Walk, address: str, node: Node | None) -> Content:
        """The dataset's own document with those of its distributions, as one graph."""
        described = node or self._dataset(walk, address)
        documents = [described, *self._below(walk, described)]
        graph = "".join(document.ntriples(number) for number, document in enumerate(documents))
        values = parse("rdf", graph.encode(), syntax="ntriples", base=described.answer.url)
        datasets = [value["dataset"] for value in values if "dataset" in value]
        chosen = [one for one in datasets if one["iri"] == described.subject]
        if not chosen:
            raise PageUnreadable("no-dataset", f"The document at {address[:200]} does not describe it.", url=described.answer.url)
        return content_of(chosen[0], described.answer)

    def _dataset(self, walk: _Walk, address: str) -> Node:
        url = next_address(self._serving(walk, address), self.config.url, allowed_hosts=self.config.allowed_hosts)
        if url.url is None or url.was_rewritten:
            raise FetchRefused("address-refused", f"{address[:200]} is on a server that was not allowed.")
        try:
            answer = self._get(url.url)
        except FetchRefused as refused:
            reason = "detail-missing" if refused.reason in ("not-found", "credentials") else refused.reason
            raise FetchRefused(reason, refused.message, url=refused.url) from None
        return Node(self._triples(answer), address, answer)

    def _below(self, walk: _Walk, dataset: Node) -> Iterator[Node]:
        """Its distributions; one that is a draft, or not there, is left out."""
        for child in dataset.children()[:1_500]:
            url = next_address(self._serving(walk, child), self.config.url, allowed_hosts=self.config.allowed_hosts)
            if dataset.describes(child) or url.url is None or url.was_rewritten:
                continue
            try:
                answer = self._get(url.url)
                yield Node(self._triples(answer), child, answer)
            except (FetchRefused, PageUnreadable):
                continue

    # one alone

    def read_one(self, local_id: str) -> Content:
        """The root is asked once before, because only it tells where addresses that are meant to last are served."""
        with self._beginning:
            if self._of_singles is None:
                walk = _Walk()
                self._root(walk)
                self._of_singles = walk
        node = self._dataset(self._of_singles, local_id)
        if not node.is_dataset:
            raise PageUnreadable("no-dataset", f"{local_id[:200]} describes no dataset. What lies below it comes with the next run.", url=node.answer.url)
        return self._read(self._of_singles, local_id, node)

    # answers

    def _get(self, url: str) -> Fetched:
        """As RDF; a server that answers with a page for people is asked once more, by parameter."""
        answer = self._fetcher.get(url, accept=ACCEPT, headers=self.config.headers())
        if format_in(answer) != "html":
            return answer
        return self._fetcher.get(f"{url}{'&' if '?' in url else '?'}format=ttl", accept=ACCEPT, headers=self.config.headers())

    def _triples(self, answer: Fetched) -> list[tuple[str, str, str]]:
        format_ = format_in(answer)
        if format_ == "html":
            raise PageUnreadable("html-instead-of-data", "A web page came back where RDF was expected.", url=answer.url)
        syntax = "jsonld" if format_ == "json" else format_
        found = parse("triples", answer.body, syntax=syntax, base=answer.url, charset=answer.charset)
        return [(subject, predicate, value) for subject, predicate, value in found]

    def _serving(self, walk: _Walk, address: str) -> str:
        lasting, serving = walk.prefixes
        is_below = address == lasting or address.startswith((f"{lasting}/", f"{lasting}?", f"{lasting}#"))
        return serving + address[len(lasting) :] if is_below else address

    def _mark(self, walk: _Walk, address: str, ids: list[str]) -> Mark:
        is_last = not walk.waiting
        return Mark(
            cursor=walk.cursor(), page_key=f"fdp:{hashlib.sha256(address.encode()).hexdigest()[:12]}",
            local_ids=tuple(dict.fromkeys(ids)), complete=is_last and walk.why is None,
            why_incomplete=walk.why if is_last else None, warnings=tuple(walk.warnings) if is_last else (),
        )


def _bare(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]
