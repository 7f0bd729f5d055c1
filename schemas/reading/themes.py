"""Themes of a DCAT dataset as keywords: by the label that the document gives, or by the EU's table of data themes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from schemas.linked_data.terms import EU, Iri, Node, Text, Triple, expand

EU_THEMES: Final = {
    f"{EU}data-theme/{code}": label
    for code, label in {
        "AGRI": "Agriculture, fisheries, forestry and food", "ECON": "Economy and finance", "EDUC": "Education, culture and sport",
        "ENER": "Energy", "ENVI": "Environment", "GOVE": "Government and public sector", "HEAL": "Health", "INTR": "International issues",
        "JUST": "Justice, legal system and public safety", "OP_DATPRO": "Provisional data", "REGI": "Regions and cities",
        "SOCI": "Population and society", "TECH": "Science and technology", "TRAN": "Transport",
    }.items()
}  # fmt: skip
THEME: Final = expand("dcat:theme", "")
LABEL: Final = expand("skos:prefLabel", "")
LANGUAGES: Final = ("en-gb", "en", None)


def theme_labels(triples: Sequence[Triple]) -> tuple[list[str], bool]:
    """The labels, in order, and whether every theme has one: what has none stays an address among what no field takes."""
    themes = list(dict.fromkeys(value for _, predicate, value in triples if predicate == THEME and not isinstance(value, Text)))
    found = [next(_labels(triples, theme), None) for theme in themes]
    return [label for label in found if label], None not in found


def _labels(triples: Sequence[Triple], theme: Node) -> Iterator[str]:
    stated = [value for subject, predicate, value in triples if subject == theme and predicate == LABEL and isinstance(value, Text)]
    for language in LANGUAGES:
        yield from (text.value.strip() for text in stated if (text.language or "").lower() == (language or "") and text.value.strip())
    if isinstance(theme, Iri) and theme.value in EU_THEMES:
        yield EU_THEMES[theme.value]
