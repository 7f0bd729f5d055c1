"""The meaning of a query as clauses (search/clauses.py), scored by the same principles whatever the engine.

Words are weighed over the one field ``all``, in which titles and keywords are repeated (BM25F), and a little again in the
short fields. What a thing is also called shares one rarity with the word itself, so that a rare synonym does not outrank a
common word (BM25's synonym operator). The numbers stand in search/weights.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from search import weights
from search.absorbed import absorbed
from search.analysis import stem
from search.clauses import AnyOf, Begins, Best, Between, Both, Clause, Every, Fixed, Nothing, Run, Term, Times
from search.concepts import Concept, Parts, concept_of, is_soft, spellings
from search.document import identifier_key
from search.highlight import Sought
from search.index_words import IndexWords
from search.language import STOP_WORDS, parts_of, title_key, words_of
from search.places import UNITED_KINGDOM, resolve
from search.query import Facet, Group, Identifier, In, Node, Not, Phrase, Prefix, Required, Words, Year
from search.shape import Shape
from search.vocabulary import Vocabulary

NO_OTHER_WORDS: Final = Vocabulary((), stem)
"""For what is searched as it was typed."""


@dataclass(slots=True)
class Ranking:
    index: IndexWords
    vocabulary: Vocabulary
    shape: Shape
    _held: dict[str, int] = field(default_factory=dict, init=False)
    _rarities: dict[Concept, float] = field(default_factory=dict, init=False)
    _concepts: dict[Words, list[Concept]] = field(default_factory=dict, init=False)

    def query(self, text: str, meaning: Group) -> Clause:
        """The scored clause for a typed text and its meaning. The exact title and identifier always match."""
        clauses = [self.node(meaning)]
        for whole, weight in ((Term("title_key", title_key(text)), weights.EXACT_TITLE), (Term("identifiers", identifier_key(text)), weights.IDENTIFIER)):
            if whole.text and self.index.documents(whole.field, whole.text):
                clauses.append(Fixed(whole, weight))
        found = Both(should=tuple(clauses)) if len(clauses) > 1 else clauses[0]
        return Both((found,), tuple(self._standings(meaning))) if "standing" in self.shape.whole else found

    def _standings(self, meaning: Group) -> Iterator[Clause]:
        """As a share of what the words are worth, so that it stays small beside them in a small index too."""
        concepts = [concept for leaf in _leaves(meaning) if isinstance(leaf, Words) for concept in self.concepts(leaf)]
        most = weights.NEAR * (sum(map(self._worth, concepts)) if concepts else 1.0)
        for level in range(1, weights.STANDINGS + 1):
            yield Fixed(Term("standing", str(level)), most * level / weights.STANDINGS)

    def node(self, node: Node) -> Clause:  # noqa: PLR0911  one case for each kind of node
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
                return Both(must=(Every(),), must_not=(self.node(node.node),))
            case _:
                return Fixed(self.filter(node), 0.0)

    def filter(self, node: Facet | Identifier | Year) -> Clause:
        match node:
            case Identifier():
                return Term("identifiers", identifier_key(node.value))
            case Year():
                return years(node.bound, node.year)
            case _:
                chosen = tuple(value for value in self.index.facet_values(node.facet) if _holds(value, node.words))
                return AnyOf(f"facet_{node.facet}", chosen) if chosen else Nothing()

    def group(self, group: Group) -> Clause:
        if not group.parts:
            return Every()
        if group.kind == "any":
            return Both(should=tuple(map(self.node, group.parts)))
        demanded = any(isinstance(part, (Required, Phrase, Prefix, In, Group)) for part in group.parts)
        are_wished = group.kind == "loose" and demanded
        wished = tuple(self.node(part) for part in group.parts if are_wished and isinstance(part, Words))
        excluded = tuple(self.node(part.node) for part in group.parts if isinstance(part, Not))
        needed = tuple(
            self.node(part) for part in group.parts if not isinstance(part, Not) and not (are_wished and isinstance(part, Words))
        )
        if len(needed) == 1 and not wished and not excluded:
            return needed[0]
        return Both(needed or (() if wished else (Every(),)), wished, excluded)

    def sought(self, node: Node) -> Sought:
        """What a text must hold to have matched: for marking."""
        sequences, typed, prefixes = set[Parts](), set[Parts](), list[str]()
        for leaf in _leaves(node):
            match leaf:
                case Words():
                    concepts = self.concepts(leaf)
                    sequences.update(form for concept in concepts for form in self._forms(concept))
                    typed.update(form for concept in concepts for parts in (*concept.words, concept.run) for form in spellings(parts))
                case Phrase():
                    typed.add(tuple(word for part in leaf.words for word in words_of(part)))
                case Prefix():
                    prefixes.append(leaf.word)
        return Sought(_stemmed(sequences | typed), tuple(prefixes), _stemmed(typed))

    def also(self, node: Node) -> tuple[str, ...]:
        """What else the things that the plain words name are called, as the vocabulary writes it."""
        return tuple(dict.fromkeys(self._also(node)))

    def _also(self, node: Node) -> Iterator[str]:
        match node:
            case Words(all_needed=False):
                kept = self._kept(node)
                for span in self.vocabulary.spans(["".join(parts) for parts in kept]):
                    typed = _run_together(part for parts in kept[span.start : span.end] for part in parts)
                    yield from (form for form in (*span.names, *span.others) if _run_together(words_of(form)) != typed)
            case Required():
                yield from self._also(node.node)
            case Group():
                for part in node.parts:
                    yield from self._also(part)

    def expected(self, node: Node) -> set[tuple[str, str]]:
        """The terms whose numbers of documents the clauses for a meaning depend on."""
        found: set[str] = set()
        for leaf in _leaves(node):
            if isinstance(leaf, Words):
                kept = self._kept(leaf)
                pairs = (Concept(tuple(pair)) for pair in pairwise(kept))
                for concept in (*self._spans(leaf, kept), *(Concept((parts,)) for parts in kept), *pairs):
                    found.update(word for form in self._forms(concept) for word in form)
        return {("all", stem(word)) for word in found}

    def _forms(self, concept: Concept) -> Iterator[Parts]:
        whole = (concept.run, *concept.names, *concept.others)
        for parts in (*concept.words, *whole):
            yield from spellings(parts)
        for word in {word for parts in whole if len(parts) >= weights.APART_FROM for word in parts if word.isalpha() and word not in STOP_WORDS}:
            part = self._part((word,))
            yield from (form for name in ((word,), *part.names, *part.others) for form in spellings(name))

    # words

    def words(self, node: Words) -> Clause:
        concepts = self.concepts(node)
        if not concepts:
            return Every()
        clauses = tuple(map(self.concept, concepts))
        if node.all_needed:
            return Both(must=clauses)
        found = _either(clauses)
        wishes = (*self._all_of(concepts, clauses), *self._told(concepts), *self._together(concepts), *self._places(node))
        return Both((found,), wishes) if wishes else found

    def found_by(self, node: Words | Phrase | Prefix) -> tuple[Clause, ...]:
        """Each idea of the words, without what only orders those that are found."""
        concepts = self.concepts(node) if isinstance(node, Words) and not node.all_needed else []
        return tuple(map(self.concept, concepts)) or (self.node(node),)

    def over(self, shape: Shape, vocabulary: Vocabulary | None = None) -> Ranking:
        """The same for other documents, or other words, with what is known of the index already."""
        made = Ranking(self.index, self.vocabulary if vocabulary is None else vocabulary, shape)
        made._held, made._rarities = self._held, self._rarities
        return made

    def concepts(self, node: Words) -> list[Concept]:
        """The ideas in a run of words: spans the vocabulary knows, and each other word by itself."""
        found = self._concepts.get(node)
        if found is None:
            found = self._concepts[node] = self._ideas(node)
        return found

    def _ideas(self, node: Words) -> list[Concept]:
        kept = self._kept(node)
        if node.all_needed:
            return [Concept((parts,)) for parts in kept]
        spans = {span.start: span for span in self.vocabulary.spans(["".join(parts) for parts in kept])}
        found: list[Concept] = []
        place = 0
        while place < len(kept):
            span = spans.get(place)
            end = span.end if span else self._joined_end(kept, place)
            found.append(concept_of(kept[place:end], span))
            place = end
        return found

    def _kept(self, node: Words) -> list[Parts]:
        """The words without those that say nothing, unless there are no others."""
        typed = [parts for word in node.words if (parts := parts_of(word))]
        return [parts for parts in typed if not (len(parts) == 1 and parts[0] in STOP_WORDS)] or typed

    def _spans(self, node: Words, kept: Sequence[Parts]) -> list[Concept]:
        if node.all_needed:
            return []
        spans = self.vocabulary.spans(["".join(parts) for parts in kept])
        return [concept_of(kept[span.start : span.end], span) for span in spans]

    def _joined_end(self, words: Sequence[Parts], place: int) -> int:
        """Two words that the index knows as one (``health care``) are one idea."""
        pair = words[place : place + 2]
        is_one = len(pair) == 2 and self._documents("".join(part for parts in pair for part in parts)) > 0
        return place + 2 if is_one else place + 1

    def concept(self, concept: Concept) -> Clause:
        if concept.names:
            return self._thing(concept)
        if len(concept.words) == 1:
            scored = self._called((concept.words[0],), concept.others)
            longer = self._apart(concept.others, self._rarity_of(concept))
            found = Best((scored, *longer), weights.TIE) if longer else scored
            return Times(found, weights.SOFT) if is_soft(concept) else found
        apart = Both(must=tuple(map(self._word, concept.words)))
        return Best((apart, self._called((concept.run,), concept.others)), weights.TIE)

    def _thing(self, concept: Concept) -> Clause:
        """A thing by any of its names: they weigh the same, so that each of them finds the same. The one that was typed breaks ties."""
        longer = self._apart((*concept.names, *concept.others), self._rarity_of(concept))
        found = Best((self._called(concept.names, concept.others), *longer), weights.TIE)
        scored = Times(found, weights.SOFT) if is_soft(concept) else found
        return Both((scored,), (Fixed(_in_field("all", [stem(word) for word in concept.run]), weights.TYPED * self._worth(concept)),))

    def _part(self, parts: Parts) -> Concept:
        """One word of an idea, and what it is called by itself."""
        spans = self.vocabulary.spans(["".join(parts)])
        return concept_of([parts], spans[0]) if spans else Concept((parts,))

    def _word(self, parts: Parts) -> Clause:
        """One word of an idea, by whatever it is called by itself."""
        part = self._part(parts)
        return self._called(part.names or (parts,), part.others)

    def _apart(self, names: Iterable[Parts], rarity: float) -> list[Clause]:
        """Names of several words, their words anywhere; each counts a share of the rarity of the thing at most. A name that holds all words
        of a shorter one finds nothing more."""
        telling = dict.fromkeys(tuple(word for word in name if word not in STOP_WORDS) for name in names)
        known = [(words, found) for words in telling if len(words) >= weights.APART_FROM and all(found := [self._documents(word) for word in words])]
        shortest = [(words, found) for words, found in known if not any(set(other) < set(words) for other, _ in known)]
        clauses = ((Both(must=tuple(self._word((word,)) for word in words)), sum(map(self._rarity, found))) for words, found in shortest)
        return [Times(clause, weights.APART * rarity / least) for clause, least in clauses]

    def _called(self, names: Iterable[Parts], others: Iterable[Parts]) -> Clause:
        """One thing by its names (words side by side, or run together) and by other words, with one rarity for all. Where one of the words
        counts as much by itself, words side by side tell no more."""
        spelt = [(form, 1.0) for name in names for form in spellings(name)]
        spelt += [(form, weights.OTHER_WORD) for other in others for form in spellings(other)]
        known = [(form, weight, found) for form, weight in spelt if (found := [self._documents(word) for word in form]) and all(found)]
        if not known:
            return self.text(spelt[0][0])
        rarity = min(sum(map(self._rarity, found)) for _, _, found in known)
        alone = {stem(form[0]): weight for form, weight, _ in reversed(known) if len(form) == 1}
        telling = [one for one in known if len(one[0]) == 1 or all(alone.get(stem(word), 0.0) < one[1] for word in one[0])]
        clauses = [Times(self.text(form), weight * rarity / sum(map(self._rarity, found))) for form, weight, found in telling]
        return clauses[0] if len(clauses) == 1 else Best(tuple(clauses), weights.TIE)

    def text(self, words: Parts) -> Clause:
        """A word, or words side by side."""
        stems = [stem(word) for word in words]
        everywhere = _in_field("all", stems)
        return Both((everywhere,), tuple(Times(_in_field(name, stems), weight) for name, weight in self.shape.telling.items()))

    def _documents(self, word: str) -> int:
        found = self._held.get(word)
        if found is None:
            found = self._held[word] = self.index.documents("all", stem(word))
        return found

    def _rarity(self, documents: int) -> float:
        """BM25's inverse document frequency."""
        return math.log(1 + (self.index.size - min(documents, self.index.size) + 0.5) / (documents + 0.5))

    def _all_of(self, concepts: Sequence[Concept], clauses: Sequence[Clause]) -> list[Clause]:
        """A bonus for documents with all words, as great as the words are rare."""
        if len(concepts) < 2:
            return []
        return [Fixed(absorbed(Both(must=tuple(clauses))), weights.ALL_WORDS * sum(map(self._rarity_of, concepts)))]

    def _told(self, concepts: Sequence[Concept]) -> list[Clause]:
        """The ideas that a dataset names in what it says of itself."""
        return [Fixed(self._named(concept), weights.TOLD * self._worth(concept)) for concept in concepts]

    def _named(self, concept: Concept) -> Clause:
        """Named as a whole, or by the words of one of its names."""
        apart: list[tuple[Parts, ...]] = [tuple((word,) for word in name) for name in concept.names if len(name) > 1] or [concept.words]
        ways = [Both(must=tuple(self._named_whole(self._part(parts)) for parts in words)) for words in apart if len(words) > 1]
        whole = self._named_whole(concept)
        return absorbed(_either([whole, *ways])) if ways else whole

    def _named_whole(self, concept: Concept) -> Clause:
        names = concept.names or (concept.run,)
        known = (form for parts in (*names, *concept.others) for form in spellings(parts) if all(map(self._documents, form)))
        forms = dict.fromkeys(tuple(map(stem, form)) for form in known)
        singles = {form[0] for form in forms if len(form) == 1}
        ways = [_in_field(name, form) for form in forms if len(form) == 1 or singles.isdisjoint(form) for name in self.shape.telling]
        return _either(ways) if ways else Nothing()

    def _worth(self, concept: Concept) -> float:
        """By rarity; half for a word that could stand anywhere."""
        rarity = self._rarity_of(concept)
        return rarity * weights.SOFT if is_soft(concept) else rarity

    def _rarity_of(self, concept: Concept) -> float:
        """That of its words as typed, or of the name that most use."""
        if concept not in self._rarities:
            names = concept.names or (concept.run,)
            known = [found for name in names for form in spellings(name) if all(found := list(map(self._documents, form)))]
            self._rarities[concept] = min((sum(map(self._rarity, found)) for found in known), default=self._rarity(0))
        return self._rarities[concept]

    def _together(self, concepts: Sequence[Concept]) -> list[Clause]:
        """Neighbouring words of the query, ideas by any of their names, and the words of a name, that stand near each other."""
        ends = [end for concept in concepts for end in self._ends(concept)]
        runs = ([(before[1], after[0]) for before in left for after in right] for left, right in pairwise(ends))
        near = [[_in_field("all", pair, weights.TOGETHER_SLOP) for pair in dict.fromkeys(pairs)] for pairs in runs]
        near += [[_in_field("all", [stem(word) for word in name], weights.TOGETHER_SLOP) for name in concept.names if len(name) > 1] for concept in concepts]
        return [Times(clauses[0] if len(clauses) == 1 else Best(tuple(clauses)), weights.TOGETHER) for clauses in near if clauses]

    def _ends(self, concept: Concept) -> Iterator[list[tuple[str, str]]]:
        """First and last stem: of each word, or of each name of a thing that the index knows."""
        if not concept.names:
            yield from ([(stem(parts[0]), stem(parts[-1]))] for parts in concept.words)
            return
        known = [name for name in concept.names if all(map(self._documents, name))] or [concept.run]
        yield [(stem(name[0]), stem(name[-1])) for name in known[: weights.NAMES_TOGETHER]]

    def _places(self, node: Words) -> list[Clause]:
        """A nation or region that the words name prefers its datasets; those of the whole United Kingdom stay in."""
        if "nation" not in self.shape.facets:
            return []
        named = resolve([" ".join(node.words)])
        wanted = [Fixed(Term("facet_region", region), weights.NATION) for region in named.regions]
        if not named.regions:
            wanted += [Fixed(Term("facet_nation", nation), weights.NATION) for nation in named.nations]
        if not wanted:
            return []
        kingdom = Fixed(Term("facet_nation", UNITED_KINGDOM), weights.NATION * weights.WHOLE_KINGDOM)
        return [Best((*wanted, kingdom))]

    # other leaves

    def phrase(self, node: Phrase) -> Clause:
        words = tuple(word for part in node.words for word in words_of(part))
        if not words:
            return Every()
        return Both((Fixed(_in_field("words", words), 1.0),), (self.text(words),))

    def prefix(self, word: str) -> Clause:
        return Both((Begins("words", word),), (Fixed(Begins("title_words", word), weights.PREFIX_TITLE),))

    def inside(self, node: In) -> Clause:
        inner = node.node
        if isinstance(inner, Prefix):
            return Begins(node.field, inner.word)
        return _in_field(node.field, [stem(word) for part in inner.words for word in words_of(part)])


def _stemmed(sequences: Iterable[Parts]) -> frozenset[Parts]:
    return frozenset(tuple(stem(word) for word in sequence) for sequence in sequences if sequence)


def _run_together(words: Iterable[str]) -> str:
    return "".join(map(stem, words))


def _leaves(node: Node) -> Iterator[Words | Phrase | Prefix]:
    match node:
        case Words() | Phrase() | Prefix():
            yield node
        case In() | Required():
            yield from _leaves(node.node)
        case Group():
            for part in node.parts:
                yield from _leaves(part)


def _in_field(name: str, terms: Sequence[str], slop: int = 0) -> Clause:
    return Term(name, terms[0]) if len(terms) == 1 else Run(name, tuple(terms), slop)


def _either(clauses: Sequence[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else Both(should=tuple(clauses))


def years(bound: str, year: int) -> Clause:
    """Coverage that goes on in or after (``from``), or began in or before (``to``), a year. An end or a start that is not
    stated is open; a dataset with neither has no coverage to speak of and is not among them."""
    return Between("year_last", least=year) if bound == "from" else Between("year_first", most=year)


def _holds(value: str, words: Sequence[str]) -> bool:
    held = [part for word in value.split() for part in parts_of(word)]
    stems = {stem(part) for part in held}
    return all(stem(word) in stems or any(part.startswith(word) for part in held) for word in words)
