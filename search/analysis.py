"""Words as an index holds them: one analysis for both engines, whatever the server brings of its own.

Texts were normalised by search/language.py. Here they become words (runs of letters and digits), lower case, without accents, and
stems by the English Snowball stemmer.
"""

from __future__ import annotations

from functools import lru_cache

import tantivy


@lru_cache(maxsize=2)
def analyzer(*, stemmed: bool) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stemmer("english")).build() if stemmed else builder.build()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    found = analyzer(stemmed=True).analyze(word)
    return found[0] if len(found) == 1 else word
