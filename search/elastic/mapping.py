"""What an index holds (search/prepared.py) as a mapping of the server, and search documents as its documents.

Texts come analysed (search/analysis.py), words apart by blanks, so that the server has nothing to add: both engines hold the same
words of the same text, whatever plug-ins and languages a server has. Only the card and the shown texts are kept as source.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from search.analysis import analyzer, stem
from search.document import MAPPING_HASH
from search.prepared import DATASETS, Prepared
from search.shape import Shape

COUNTED: Final = ("facet_", "suggest_")
LONGEST_WORD: Final = 250
"""The server cuts longer words in two; nobody looks for them."""
SETTINGS: Final[dict[str, Any]] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "gc_deletes": "1h",
}
"""One shard, so that every count and every rarity is exact. What was removed is remembered for an hour, so that a write that comes
late does not bring it back; for as long as an index is filled, see search/elastic/engine.py."""


@cache
def mappings(shape: Shape = DATASETS) -> dict[str, Any]:
    text = {"type": "text", "analyzer": "whitespace", "position_increment_gap": 1}
    fields: dict[str, Any] = {"id": {"type": "keyword"}, "version": {"type": "long"}}
    fields |= dict.fromkeys(("all", "words", "title_words", *shape.searched), text)
    fields |= {name: {"type": "keyword", "doc_values": name.startswith(COUNTED)} for name in shape.whole_fields}
    fields |= {name: {"type": "long"} for name in shape.numbers}
    fields |= {f"order_{sort}": {"type": "keyword", "index": False} for sort in shape.sorts}
    fields |= {name: {"type": "object", "enabled": False} for name in ("card", "texts")}
    return {"dynamic": "strict", "_source": {"includes": ["card", "texts"]}, "_meta": {"mapping": MAPPING_HASH}, "properties": fields}


def source(held: Prepared, shape: Shape = DATASETS) -> dict[str, Any]:
    words = {name: [_words(text) for text in texts] for name, texts in held.texts.items()}
    stems = {name: [" ".join(map(stem, found)) for found in texts] for name, texts in words.items()}
    return {
        "id": held.id,
        "version": held.version,
        **{name: texts for name, texts in stems.items() if texts},
        "all": [text for name, texts in stems.items() for text in texts for _ in range(shape.searched[name])],
        "words": [" ".join(found) for name, texts in words.items() if shape.searched[name] for found in texts],
        "title_words": " ".join(_words(held.title)),
        **{name: values for name, values in held.whole.items() if values},
        **held.numbers,
        **{f"order_{sort}": key for sort, key in held.orders.items()},
        "card": held.card,
        "texts": held.shown,
    }


def _words(text: str) -> list[str]:
    found: Iterable[str] = analyzer(stemmed=False).analyze(text)
    return [word[:LONGEST_WORD] for word in found]
