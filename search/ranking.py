"""The meaning of a query as a typed Tantivy query.

Words are weighed over the one field ``all``, in which titles and keywords are repeated (BM25F), and a little again in the
short fields. What a thing is also called shares one rarity with the word itself, so that a rare synonym does not outrank a
common word (BM25's synonym operator). The numbers stand in search/weights.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from tantivy import FieldType, Occur, Query, Schema, Searcher

from search import weights
from search.document import identifier_key
from search.highlight import Sought
from search.language import STOP_WORDS, parts_of, title_key, words_of
from search.mapping import stem
from search.places import UNITED_KINGDOM, resolve
from search.query import Facet, Group, Identifier, In, Node, Not, Phrase, Prefix, Required, Words, Year
from search.vocabulary import Vocabulary

MUST, SHOULD, MUST_NOT = Occur.Must, Occur.Should, Occur.MustNot
Parts = tuple[str, ...]
SOFT_STEMS: Final = frozenset(stem(word) for word in weights.SOFT_WORDS)


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea of a query: ``words`` as typed, each in its parts, and what else the whole is called."""

    words: tuple[Parts, ...]
    others: tuple[Parts, ...] = ()

    @property
    def run(self) -> Parts:
        return tuple(part for parts in self.words for part in parts)


@dataclass(slots=True)
class Ranking:
    schema: Schema
    searcher: Searcher
    vocabulary: Vocabulary
    facet_values: Callable[[str], Iterable[str]]
    is_scored: bool = True
    """False builds queries that match the same documents at less cost, for counting."""

    def matching(self, text: str, meaning: Group) -> Query:
        """What :meth:`query` matches, without scores."""
        return replace(self, is_scored=False).query(text, meaning)

    def query(self, text: str, meaning: Group) -> Query:
        """The scored query for a typed text and its meaning. The exact title and identifier always match."""
        clauses = [(SHOULD, self.node(meaning))]
        key, identifier = title_key(text), identifier_key(text)
        if key:
            clauses.append((SHOULD, self._constant("title_key", key, weights.EXACT_TITLE)))
        if identifier:
            clauses.append((SHOULD, self._constant("identifiers", identifier, weights.IDENTIFIER)))
        return Query.boolean_query(clauses)

    def node(self, node: Node) -> Query:  # noqa: PLR0911  one case for each kind of node
        match node:
            case Words():
                return self.words(node)
            case Phrase():
                return self.phrase(node)
            case Prefix():
                return self.prefix(node.word)
            case In():
                return self.inside(node)
            case Group():
                return self.group(node)
            case Required():
                return self.node(node.node)
            case Not():
                return Query.boolean_query([(MUST, Query.all_query()), (MUST_NOT, self.node(node.node))])
            case _:
                return Query.const_score_query(self.filter(node), 0.0)

    def filter(self, node: Facet | Identifier | Year) -> Query:
        match node:
            case Identifier():
                return Query.term_query(self.schema, "identifiers", identifier_key(node.value))
            case Year():
                return year_query(self.schema, node.bound, node.year)
            case _:
                chosen = [value for value in self.facet_values(node.facet) if _holds(value, node.words)]
                return Query.term_set_query(self.schema, f"facet_{node.facet}", chosen) if chosen else Query.empty_query()

    def group(self, group: Group) -> Query:
        if not group.parts:
            return Query.all_query()
        if group.kind == "any":
            return Query.boolean_query([(SHOULD, self.node(part)) for part in group.parts])
        demanded = any(isinstance(part, (Required, Phrase, Prefix, In, Group)) for part in group.parts)
        wished = SHOULD if group.kind == "loose" and demanded else MUST
        clauses = [
            (MUST_NOT, self.node(part.node)) if isinstance(part, Not)
            else (wished if isinstance(part, Words) else MUST, self.node(part))
            for part in group.parts
        ]
        if all(occur == MUST_NOT for occur, _ in clauses):
            clauses.append((MUST, Query.all_query()))
        return Query.boolean_query(clauses)

    def sought(self, node: Node) -> Sought:
        """What a text must hold to have matched: for marking."""
        sequences, prefixes = set[Parts](), list[str]()
        for leaf in _leaves(node):
            match leaf:
                case Words():
                    sequences.update(form for concept in self.concepts(leaf) for form in self._forms(concept))
                case Phrase():
                    sequences.add(tuple(word for part in leaf.words for word in words_of(part)))
                case Prefix():
                    prefixes.append(leaf.word)
        stemmed = (tuple(stem(word) for word in sequence) for sequence in sequences if sequence)
        return Sought(frozenset(stemmed), tuple(prefixes))

    def _forms(self, concept: Concept) -> Iterator[Parts]:
        for parts in (*concept.words, *concept.others):
            yield from _spellings(parts)
        if len(concept.words) > 1:
            yield from _spellings(concept.run)
            for parts in concept.words:
                yield from (form for other in self._others("".join(parts)) for form in _spellings(other))

    # words

    def words(self, node: Words) -> Query:
        concepts = self.concepts(node)
        if not concepts:
            return Query.all_query()
        queries = [self.concept(concept) for concept in concepts]
        if node.all_needed:
            return Query.boolean_query([(MUST, query) for query in queries])
        clauses = [(SHOULD, query) for query in queries]
        if not self.is_scored:
            return Query.boolean_query(clauses)
        wishes = [*self._all_of(concepts), *self._together(concepts), *self._places(node)]
        return Query.boolean_query([(MUST, Query.boolean_query(clauses)), *wishes]) if wishes else Query.boolean_query(clauses)

    def concepts(self, node: Words) -> list[Concept]:
        """The ideas in a run of words: spans the vocabulary knows, and each other word by itself."""
        typed = [parts for word in node.words if (parts := parts_of(word))]
        kept = [parts for parts in typed if not (len(parts) == 1 and parts[0] in STOP_WORDS)] or typed
        if node.all_needed:
            return [Concept((parts,)) for parts in kept]
        spans = {span.start: span for span in self.vocabulary.spans(["".join(parts) for parts in kept])}
        found: list[Concept] = []
        place = 0
        while place < len(kept):
            span = spans.get(place)
            end = span.end if span else self._joined_end(kept, place)
            others = tuple(tuple(words_of(other)) for other in span.others) if span else ()
            found.append(Concept(tuple(kept[place:end]), others))
            place = end
        return found

    def _joined_end(self, words: Sequence[Parts], place: int) -> int:
        """Two words that the index knows as one (``health care``) are one idea."""
        pair = words[place : place + 2]
        is_one = len(pair) == 2 and self._documents("".join(part for parts in pair for part in parts)) > 0
        return place + 2 if is_one else place + 1

    def concept(self, concept: Concept) -> Query:
        if len(concept.words) == 1:
            scored = self._called(concept.words[0], concept.others)
            parts = concept.words[0]
            return Query.boost_query(scored, weights.SOFT) if len(parts) == 1 and stem(parts[0]) in SOFT_STEMS else scored
        each = [self._called(parts, self._others("".join(parts))) for parts in concept.words]
        apart = Query.boolean_query([(MUST, query) for query in each])
        return Query.disjunction_max_query([apart, self._called(concept.run, concept.others)], weights.TIE)

    def _others(self, word: str) -> tuple[Parts, ...]:
        return tuple(tuple(words_of(other)) for span in self.vocabulary.spans([word]) for other in span.others)

    def _called(self, parts: Parts, others: Iterable[Parts]) -> Query:
        """One thing by its word (or words side by side, or run together) and by its other names, with one rarity for all."""
        spelt = [(form, 1.0) for form in _spellings(parts)]
        spelt += [(form, weights.OTHER_WORD) for other in others for form in _spellings(other)]
        known = [(form, weight, found) for form, weight in spelt if (found := [self._documents(word) for word in form]) and all(found)]
        if not known:
            return self.text(parts)
        if not self.is_scored:
            return Query.boolean_query([(SHOULD, self.text(form)) for form, _, _ in known])
        rarity = self._rarity(max(min(found) for _, _, found in known))
        queries = [
            Query.boost_query(self.text(form), weight * rarity / sum(map(self._rarity, found))) for form, weight, found in known
        ]
        return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, weights.TIE)

    def text(self, words: Parts) -> Query:
        """A word, or words side by side."""
        stems = [stem(word) for word in words]
        if not self.is_scored:
            return self._in_field("all", stems)
        extra = [(SHOULD, Query.boost_query(self._in_field(name, stems), weight)) for name, weight in weights.EXTRA.items()]
        return Query.boolean_query([(MUST, self._in_field("all", stems)), *extra])

    def _in_field(self, name: str, stems: Sequence[str], slop: int = 0) -> Query:
        if len(stems) == 1:
            return Query.term_query(self.schema, name, stems[0], "freq")
        return Query.phrase_query(self.schema, name, list(stems), slop)

    def _documents(self, word: str) -> int:
        return self.searcher.doc_freq("all", stem(word))

    def _rarity(self, documents: int) -> float:
        """BM25's inverse document frequency."""
        return math.log(1 + (self.searcher.num_docs - min(documents, self.searcher.num_docs) + 0.5) / (documents + 0.5))

    def _all_of(self, concepts: Sequence[Concept]) -> list[tuple[Occur, Query]]:
        """A bonus for documents with all words, as great as the words are rare."""
        if len(concepts) < 2:
            return []
        plain = replace(self, is_scored=False)
        everything = Query.boolean_query([(MUST, plain.concept(concept)) for concept in concepts])
        rarity = sum(self._rarity(min(map(self._documents, concept.run))) for concept in concepts)
        return [(SHOULD, Query.const_score_query(everything, weights.ALL_WORDS * rarity))]

    def _together(self, concepts: Sequence[Concept]) -> list[tuple[Occur, Query]]:
        """Neighbouring words of the query that stand near each other."""
        ends = [(stem(parts[0]), stem(parts[-1])) for concept in concepts for parts in concept.words]
        pairs = [(before[1], after[0]) for before, after in pairwise(ends)]
        near = (self._in_field("all", pair, weights.TOGETHER_SLOP) for pair in pairs)
        return [(SHOULD, Query.boost_query(query, weights.TOGETHER)) for query in near]

    def _places(self, node: Words) -> list[tuple[Occur, Query]]:
        """A nation or region that the words name prefers its datasets; those of the whole United Kingdom stay in."""
        named = resolve([" ".join(node.words)])
        wanted = [self._constant("facet_region", region, weights.NATION) for region in named.regions]
        if not named.regions:
            wanted += [self._constant("facet_nation", nation, weights.NATION) for nation in named.nations]
        if not wanted:
            return []
        kingdom = self._constant("facet_nation", UNITED_KINGDOM, weights.NATION * weights.WHOLE_KINGDOM)
        return [(SHOULD, Query.disjunction_max_query([*wanted, kingdom]))]

    # other leaves

    def phrase(self, node: Phrase) -> Query:
        words = tuple(word for part in node.words for word in words_of(part))
        if not words:
            return Query.all_query()
        held = Query.const_score_query(self._unstemmed("words", words), 1.0)
        return Query.boolean_query([(MUST, held), (SHOULD, self.text(words))])

    def _unstemmed(self, field: str, words: Sequence[str]) -> Query:
        if len(words) == 1:
            return Query.term_query(self.schema, field, words[0], "freq")
        return Query.phrase_query(self.schema, field, list(words))

    def prefix(self, word: str) -> Query:
        everywhere = Query.regex_query(self.schema, "words", f"{word}.*")
        title = Query.regex_query(self.schema, "title_words", f"{word}.*")
        return Query.boolean_query([(MUST, everywhere), (SHOULD, Query.const_score_query(title, weights.PREFIX_TITLE))])

    def inside(self, node: In) -> Query:
        inner = node.node
        if isinstance(inner, Prefix):
            return Query.regex_query(self.schema, node.field, f"{inner.word}.*")
        stems = [stem(word) for part in inner.words for word in words_of(part)]
        return self._in_field(node.field, stems)

    def _constant(self, field: str, value: str, score: float) -> Query:
        return Query.const_score_query(Query.term_query(self.schema, field, value), score)


def _leaves(node: Node) -> Iterator[Words | Phrase | Prefix]:
    match node:
        case Words() | Phrase() | Prefix():
            yield node
        case In() | Required():
            yield from _leaves(node.node)
        case Group():
            for part in node.parts:
                yield from _leaves(part)


def year_query(schema: Schema, bound: str, year: int) -> Query:
    """Coverage that goes on in or after (``from``), or began in or before (``to``), a year. An end or a start that is not
    stated is open; a dataset with neither has no coverage to speak of and is not among them."""
    if bound == "from":
        return Query.range_query(schema, "year_last", FieldType.Integer, lower_bound=year)
    return Query.range_query(schema, "year_first", FieldType.Integer, upper_bound=year)


def _spellings(parts: Parts) -> list[Parts]:
    return [parts, ("".join(parts),)] if len(parts) > 1 else [parts]


def _holds(value: str, words: Sequence[str]) -> bool:
    held = [part for word in value.split() for part in parts_of(word)]
    stems = {stem(part) for part in held}
    return all(stem(word) in stems or any(part.startswith(word) for part in held) for word in words)
