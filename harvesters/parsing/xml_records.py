"""One record in XML as JSON values: Dublin Core as lists of texts, DataCite in the form that DataCite's own JSON has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from lxml import etree

from harvesters.parsing.document import Document, Unparsable
from harvesters.parsing.xml_tree import child_text, children, local_name, namespace, text_in, tree

DC: Final = "http://purl.org/dc/elements/1.1/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DATACITE: Final = "http://datacite.org/schema/kernel-"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
SCHEMA_LOCATION: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
NESTED: Final = 8


def record(document: Document, *, charset: str | None = None) -> Iterator[dict[str, Any]]:
    """The one record that a document is. Raises :class:`Unparsable`, ``unreadable-shape`` for XML of another kind."""
    root, _ = tree(document.read(), charset)
    value = value_of(root)
    if value is None:
        raise Unparsable("unreadable-shape", f"XML with the root element {local_name(root)!r} is no description that is read here.")
    yield value


def value_of(root: etree._Element) -> dict[str, Any] | None:
    """``None`` for XML of another kind. The payload of ``oai_datacite`` and a record's own envelope are looked into."""
    for _ in range(4):
        name, space = local_name(root), namespace(root)
        if name == "dc" or space == OAI_DC:
            return _dublin_core(root)
        if name == "resource" and (space.startswith(DATACITE) or not space or "datacite" in space):
            return _datacite(root)
        inner = _payload(root)
        if inner is None:
            return None
        root = inner
    return None


def _payload(root: etree._Element) -> etree._Element | None:
    """What is wrapped: oai_datacite/payload/…, record/metadata/…"""
    for child in root:
        if local_name(child) in ("payload", "metadata", "oai_datacite", "resource", "record"):
            return child[0] if local_name(child) in ("payload", "metadata") and len(child) else child
    return None


# Dublin Core


def _dublin_core(root: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {"@schema": OAI_DC}
    for child in root:
        text = text_in(child)
        language = child.get(XML_LANG)
        if text:
            found.setdefault(local_name(child), []).append({"text": text, "lang": language} if language else text)
    return found


# DataCite

TEXTS: Final = {
    "titles": ("title", "title"), "subjects": ("subject", "subject"), "dates": ("date", "date"), "rightsList": ("rights", "rights"),
    "descriptions": ("description", "description"), "alternateIdentifiers": ("alternateIdentifier", "alternateIdentifier"),
    "relatedIdentifiers": ("relatedIdentifier", "relatedIdentifier"),
}  # fmt: skip
"""Container -> (item, the member that its text becomes). Attributes become members of their own names."""
PLAIN: Final = ("sizes", "formats")
PEOPLE: Final = {"creators": ("creator", "creatorName"), "contributors": ("contributor", "contributorName")}
ATTRIBUTES: Final = {"rightsURI": "rightsUri", "schemeURI": "schemeUri", "valueURI": "valueUri", "awardURI": "awardUri"}


def _datacite(root: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {"schemaVersion": namespace(root) or f"{DATACITE}4"}
    for child in root:
        name = local_name(child)
        read = READERS.get(name)
        if read is not None:
            found.update(read(child))
        elif name in TEXTS:
            item, member = TEXTS[name]
            found[name] = [_with_attributes(one, member) for one in children(child, item)]
        elif name in PLAIN:
            found[name] = [text for one in child if (text := text_in(one))]
        elif name in PEOPLE:
            found[name] = [_person(one, PEOPLE[name][1]) for one in child]
        else:
            found[name] = _nested(child, NESTED)
    return found


def _with_attributes(element: etree._Element, member: str) -> dict[str, Any]:
    text = text_in(element)
    return {**({member: text} if text else {}), **_attributes(element)}


def _attributes(element: etree._Element) -> dict[str, str]:
    found = {}
    for name, value in element.attrib.items():
        plain = "lang" if name == XML_LANG else etree.QName(name).localname
        if not str(name).startswith(SCHEMA_LOCATION) and str(value).strip():
            found[ATTRIBUTES.get(plain, plain)] = str(value)
    return found


def _identifier(element: etree._Element) -> dict[str, Any]:
    text, kind = text_in(element), element.get("identifierType") or "DOI"
    if not text:
        return {}
    return {"doi": text} if kind.upper() == "DOI" else {"identifiers": [{"identifier": text, "identifierType": kind}]}


def _publisher(element: etree._Element) -> dict[str, Any]:
    said = _with_attributes(element, "name")
    return {"publisher": said["name"] if said.keys() == {"name"} else said} if said else {}


def _kind(element: etree._Element) -> dict[str, Any]:
    return {"types": _with_attributes(element, "resourceType")}


def _text(name: str) -> Callable[[etree._Element], dict[str, Any]]:
    return lambda element: {name: text_in(element)} if text_in(element) else {}


def _rights(element: etree._Element) -> dict[str, Any]:
    """In kernel 2 there was one statement of rights, without a list."""
    return {"rightsList": [_with_attributes(element, "rights")]}


def _person(element: etree._Element, name: str) -> dict[str, Any]:
    named = next(iter(children(element, name)), None)
    found: dict[str, Any] = {"name": child_text(element, name)} | (_attributes(named) if named is not None else {}) | _attributes(element)
    found |= {part: child_text(element, part) for part in ("givenName", "familyName")}
    identifiers = [_with_attributes(one, "nameIdentifier") for one in children(element, "nameIdentifier")]
    affiliations = [_with_attributes(one, "name") for one in children(element, "affiliation")]
    found |= {"nameIdentifiers": identifiers, "affiliation": affiliations}
    return {key: value for key, value in found.items() if value not in (None, [], "")}


READERS: Final[dict[str, Callable[[etree._Element], dict[str, Any]]]] = {
    "identifier": _identifier, "publisher": _publisher, "resourceType": _kind, "publicationYear": _text("publicationYear"),
    "language": _text("language"), "version": _text("version"), "rights": _rights,
}  # fmt: skip


def _nested(element: etree._Element, depth: int) -> Any:
    """Whatever else there is: a text, or an object of attributes and children, lists where a name repeats or is a plural."""
    if not len(element) and not element.attrib:
        return text_in(element) or None
    if depth == 0:
        return text_in(element)
    if len({local_name(child) for child in element}) == 1 and local_name(element).rstrip("s") == local_name(element[0]):
        return [_nested(child, depth - 1) for child in element]
    found: dict[str, Any] = dict(_attributes(element))
    for child in element:
        name, value = local_name(child), _nested(child, depth - 1)
        found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value] if name in found else value
    if not len(element) and text_in(element):
        found["value"] = text_in(element)
    return found
