"""Names of linked data: prefixes, the terms of an RDF graph as plain values, and code lists of the EU and of DUO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
PREFIXES: Final = {
    "rdf": RDF,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": XSD,
    "owl": "http://www.w3.org/2002/07/owl#",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "prov": "http://www.w3.org/ns/prov#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "oa": "http://www.w3.org/ns/oa#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dpv": "https://w3id.org/dpv#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
}
OWN: Final = "own"
"""The prefix of the catalogue's own vocabulary, whose address each catalogue chooses."""
MARK: Final = "CanonicalDataset"
"""The class of our own vocabulary by which a reader knows its address."""
TYPE: Final = f"{RDF}type"
JSON_TYPE: Final = f"{RDF}JSON"
EU: Final = "http://publications.europa.eu/resource/authority/"


@dataclass(frozen=True, slots=True)
class Iri:
    value: str


@dataclass(frozen=True, slots=True)
class Blank:
    """A node without a name; ours never are, those of others may be."""

    label: str


@dataclass(frozen=True, slots=True)
class Text:
    """A literal. ``datatype`` None is a plain text, or one in ``language``."""

    value: str
    language: str | None = None
    datatype: str | None = None


Node = Iri | Blank
Term = Iri | Blank | Text
Triple = tuple[Node, str, Term]


def expand(name: str, vocabulary: str) -> str:
    """``dct:title`` -> the whole address; ``own:`` names lie in the vocabulary given."""
    prefix, _, local = name.partition(":")
    return (vocabulary if prefix == OWN else PREFIXES[prefix]) + local


FREQUENCIES: Final = {
    "Static": f"{EU}frequency/NEVER", "Irregular": f"{EU}frequency/IRREG", "Continuous": f"{EU}frequency/CONT",
    "Biennial": f"{EU}frequency/BIENNIAL", "Annual": f"{EU}frequency/ANNUAL", "Biannual": f"{EU}frequency/ANNUAL_2",
    "Quarterly": f"{EU}frequency/QUARTERLY", "Bimonthly": f"{EU}frequency/BIMONTHLY", "Monthly": f"{EU}frequency/MONTHLY",
    "Biweekly": f"{EU}frequency/BIWEEKLY", "Weekly": f"{EU}frequency/WEEKLY", "Twice a week": f"{EU}frequency/WEEKLY_2",
    "Daily": f"{EU}frequency/DAILY", "Other": f"{EU}frequency/OTHER",
}  # fmt: skip
STATUSES: Final = {"Available": f"{EU}dataset-status/COMPLETED", "Not available": f"{EU}dataset-status/DEVELOP"}
ACCESS_RIGHTS: Final = {
    "Open access": f"{EU}access-right/PUBLIC", "Direct access": f"{EU}access-right/RESTRICTED",
    "TRE/SDE": f"{EU}access-right/NON_PUBLIC",
}  # fmt: skip
NON_PUBLIC: Final = ACCESS_RIGHTS["TRE/SDE"]
HEALTH_THEME: Final = f"{EU}data-theme/HEAL"
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
DUO: Final = "http://purl.obolibrary.org/obo/DUO_00000"
LIMITATIONS: Final = {
    "General research use": f"{DUO}42", "Genetic studies only": f"{DUO}16", "No general methods research": f"{DUO}15",
    "No restriction": f"{DUO}04", "Geographical restrictions": f"{DUO}22", "Institution-specific restrictions": f"{DUO}28",
    "Not for profit use": f"{DUO}18", "Project-specific restrictions": f"{DUO}27",
    "Research-specific restrictions": f"{DUO}12", "User-specific restrictions": f"{DUO}26", "Research use only": f"{DUO}14",
}  # fmt: skip
REQUIREMENTS: Final = {
    "Collaboration required": f"{DUO}20", "Ethics approval required": f"{DUO}21", "Publication moratorium": f"{DUO}24",
    "Publication required": f"{DUO}19", "Return to database or resource": f"{DUO}29", "Time limit on use": f"{DUO}25",
    "Project-specific restrictions": f"{DUO}27", "Institution-specific restrictions": f"{DUO}28",
    "Geographical restrictions": f"{DUO}22", "Not for profit use": f"{DUO}18", "User-specific restriction": f"{DUO}26",
}  # fmt: skip
_EU_LANGUAGES: Final = {
    "ar": "ARA", "bg": "BUL", "bn": "BEN", "ca": "CAT", "cs": "CES", "cy": "CYM", "da": "DAN", "de": "DEU",
    "el": "ELL", "en": "ENG", "es": "SPA", "et": "EST", "eu": "EUS", "fa": "FAS", "fi": "FIN", "fr": "FRA",
    "ga": "GLE", "gd": "GLA", "gl": "GLG", "gu": "GUJ", "gv": "GLV", "he": "HEB", "hi": "HIN", "hr": "HRV",
    "hu": "HUN", "hy": "HYE", "is": "ISL", "it": "ITA", "ja": "JPN", "ko": "KOR", "kw": "COR", "lt": "LIT",
    "lv": "LAV", "mk": "MKD", "ml": "MAL", "mt": "MLT", "ne": "NEP", "nl": "NLD", "no": "NOR", "pa": "PAN",
    "pl": "POL", "ps": "PUS", "pt": "POR", "ro": "RON", "ru": "RUS", "sk": "SLK", "sl": "SLV", "so": "SOM",
    "sq": "SQI", "sr": "SRP", "sv": "SWE", "ta": "TAM", "te": "TEL", "th": "THA", "tl": "TGL", "tr": "TUR",
    "uk": "UKR", "ur": "URD", "vi": "VIE", "zh": "ZHO",
}  # fmt: skip
_LOC_LANGUAGES: Final = "http://id.loc.gov/vocabulary/iso639-1/"
EU_LANGUAGES: Final = {code: f"{EU}language/{name}" for code, name in _EU_LANGUAGES.items()}


def language_address(code: str) -> str | None:
    """The address of a two-letter language code: of the EU where it is in that list, else of the Library of Congress."""
    if code in EU_LANGUAGES:
        return EU_LANGUAGES[code]
    return _LOC_LANGUAGES + code if len(code) == 2 and code.isascii() and code.isalpha() and code.islower() else None


def language_code(address: str) -> str | None:
    """The reverse of :func:`language_address`."""
    for code, known in EU_LANGUAGES.items():
        if known == address:
            return code
    rest = address.removeprefix(_LOC_LANGUAGES)
    return rest if rest != address and len(rest) == 2 else None
