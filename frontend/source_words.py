"""What the kinds of sources are, what each needs, and what their choices are called, for the pages on which they are set up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class KindWords:
    """``about`` says what it reads, ``needs`` which address is to be at hand."""

    about: str
    needs: str


KIND_WORDS: Final[dict[str, KindWords]] = {
    "federation": KindWords(
        "A list of datasets and a document for each, as the Health Data Research Gateway reads them.",
        "The address of your metadata server, and the paths of the list and of one document.",
    ),
    "dcat": KindWords("A catalogue as linked data: DCAT, DCAT-AP, HealthDCAT-AP, or a US data.json.", "The address of the catalogue, or of its first page."),
    "fair-data-point": KindWords("A FAIR Data Point with its catalogues and datasets.", "The address of its root."),
    "oai-pmh": KindWords("A repository that speaks OAI-PMH 2.0.", "Its base address, and the set if only a part is meant."),
    "ckan": KindWords("A CKAN portal.", "The address of the portal, and a filter if it holds packages of others too."),
    "schema-org": KindWords("Web pages that describe datasets for search engines with schema.org.", "The address of the site, or of its sitemap."),
    "datacite": KindWords("Descriptions that you registered with DataCite.", "Your repository’s account, your member account or your DOI prefix."),
    "web-files": KindWords("JSON files, spreadsheets or archives on a web server.", "The address of the file, or of a page that links to the files."),
    "files": KindWords("JSON files, spreadsheets or archives in a folder of this server.", "The folder or file, as this server sees it."),
    "scan-report": KindWords("The tables and columns of a White Rabbit scan report.", "The report on this server, and which dataset was scanned."),
}
CHOICES: Final[dict[str, str]] = {
    "NO_AUTH": "Not at all: everybody may read it", "BEARER": "With a token (bearer)", "API_KEY": "With a key in a header",
    "BASIC": "With a name and a password", "OAUTH2": "With a token from a token endpoint (OAuth 2)",
    "form": "As a form", "json": "As JSON", "body": "In the body of the request", "basic": "In a Basic header", "private_key_jwt": "By signing with a private key",
    "grant": "With its grant type", "bare": "Alone",
    "": "As the server says", "turtle": "Turtle", "ntriples": "N-Triples", "nquads": "N-Quads", "trig": "TriG", "rdfxml": "RDF/XML", "html": "A web page",
    "fill": "Add what the description lacks", "replace": "Take the tables from the scan",
    "lenient": "What cannot be shown", "conformant": "Every record that breaks the version it declares",
}
"""Value -> words, over all options: no two use one value for different things, save that JSON is a format too."""
_CONSTANT: Final = re.compile(r"\b(?:[A-Z]+_?[A-Z0-9]+|private_key_jwt|conformant|fill|replace)\b")


def choice(value: str) -> str:
    return CHOICES.get(value, value)


def plain_hint(hint: str) -> str:
    """A hint in which the values of choices are called as the form calls them."""
    return _CONSTANT.sub(lambda found: f"“{CHOICES[found[0]]}”" if found[0] in CHOICES else found[0], hint)
