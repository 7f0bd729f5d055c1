"""The weights of relevance, in one place. Each is a round number with a reason; none is fitted to single queries."""

from typing import Final

EXACT_TITLE: Final = 10_000.0
IDENTIFIER: Final = 20_000.0
EXTRA: Final = {"title": 0.3, "keywords": 0.2, "abstract": 0.2}
"""What a match in a short, telling field counts beside: its own length decides there, not that of a long description."""
EXTRA_OF_VARIABLES: Final = {"name": 0.3, "description": 0.2}
"""The same among the columns of tables."""
TOLD: Final = 0.2
"""What an idea counts once more, as a share of its rarity, where the dataset names it in one of these fields, by whatever word: it says itself
that it is about this, and does not just mention it."""
TYPED: Final = 0.01
"""What the name that was typed counts over the other names of the same thing: enough to come first among equals."""
OTHER_WORD: Final = 0.7
"""What a word counts that is found too but is not the same thing, against its names."""
APART: Final = 0.8
APART_FROM: Final = 2
"""What a name of so many words counts where its words stand apart (``type 1 and 2 diabetes`` for T2DM)."""
ALL_WORDS: Final = 0.25
"""What documents with all words get on top, as a share of what the words are worth by their rarity."""
TOGETHER: Final = 0.2
TOGETHER_SLOP: Final = 1
NAMES_TOGETHER: Final = 2
"""Neighbouring words of the query that stand next to each other, at most so many words between; of a thing of many names the first few, as
each pair of them is one more run to look for, which costs an index most."""
SOFT: Final = 0.5
SOFT_WORDS: Final = frozenset(
    "data dataset database record information patient people person study sample collection research health medical clinical".split()  # noqa: SIM905  readable as words
)
"""Words that could stand on any dataset of a health catalogue; they tell less than their rarity says."""
TIE: Final = 0.1
NATION: Final = 2.0
WHOLE_KINGDOM: Final = 0.7
"""What a dataset of the nation or region that the query names gets; one of the whole United Kingdom, the share of it."""
PREFIX_TITLE: Final = 3.0
NEAR: Final = 0.01
STANDINGS: Final = 10
"""What the best standing (search/prepared.py) counts over none, in so many steps, as a share of what the words are worth by their rarity:
quality and freshness decide between near ties and never over a better match."""
