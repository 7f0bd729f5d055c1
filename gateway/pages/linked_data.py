"""Linked data beside the pages: datasets and catalogues in four forms, persistent addresses that negotiate, signposts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from frontend.addresses import dataset_path
from frontend.views.layout import Twin
from frontend.views.specification import VocabularyView
from gateway.api.asking import Serving
from gateway.catalogue.linked_data import EXTENSIONS, MEDIA_TYPES, Publisher, profile_of, syntax_of
from gateway.catalogue.published import Published
from gateway.pages.showing import layout, show
from gateway.web.answers import answer
from gateway.wiring import Services
from schemas.linked_data import Written, describe_vocabulary
from schemas.reference import fields
from schemas.versions import NEWEST

router = APIRouter()
Name = Annotated[str, Path(max_length=200)]
ProfileName = Annotated[str, Query(max_length=30)]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
NEGOTIATED: Final = (("text/html", ""), ("application/xhtml+xml", ""), *((media, name) for name, media in MEDIA_TYPES.items()), ("application/json", "json"))
NOT_CONFORMANT_SHOWN: Final = 20
FORMS: Final = (("Turtle", "ttl"), ("JSON-LD", "jsonld"), ("RDF/XML", "rdf"), ("N-Triples", "nt"))


@router.get("/id/datasets/{ref}")
def persistent(request: Request, services: Serving, ref: Annotated[str, Path(max_length=16)]) -> Response:
    """The dataset itself, which cannot be sent: 303 to the description in the form asked for."""
    published = services.catalogue.get(ref)
    extension = negotiated(request.headers.get("accept", ""))
    path = dataset_path(published.row.record.ref, published.row.record.slug)
    return _see(f"{path}.{extension}" if extension else path)


@router.get("/catalogue")
def catalogue_itself(request: Request) -> Response:
    """The catalogue as a resource: 303 to its first page in the form asked for."""
    extension = negotiated(request.headers.get("accept", ""))
    return _see(f"/catalogue.{extension}" if extension in EXTENSIONS else "/search")


def _add_forms(extension: str) -> None:
    """The routes of one form: each extension is an address of its own, so that others stay free."""
    syntax = syntax_of(extension)

    @router.get(f"/datasets/{{name}}.{extension}", name=f"dataset_{extension}")
    def dataset(request: Request, services: Serving, name: Name, profile: ProfileName = "dcat-ap") -> Response:
        published = services.catalogue.get(name.partition("-")[0])
        return _written(request, _publisher(services).dataset(published, syntax, profile_of(profile)))

    @router.get(f"/catalogue.{extension}", name=f"catalogue_{extension}")
    def catalogue(request: Request, services: Serving, profile: ProfileName = "dcat-ap", page: PageNumber = 1) -> Response:
        return _written(request, _publisher(services).page(page, syntax, profile_of(profile), extension=extension))

    @router.get(f"/vocabulary.{extension}", name=f"vocabulary_{extension}")
    def vocabulary(request: Request, services: Serving) -> Response:
        described = _publisher(services).described()
        return answer(request, describe_vocabulary(described, syntax), MEDIA_TYPES[extension])

    @router.get(f"/custodians/{{slug}}/catalogue.{extension}", name=f"custodian_catalogue_{extension}")
    def custodian_catalogue(
        request: Request, services: Serving, slug: str, profile: ProfileName = "dcat-ap", page: PageNumber = 1
    ) -> Response:
        found = _publisher(services).page(page, syntax, profile_of(profile), extension=extension, custodian=slug)
        return _written(request, found)


for _extension in EXTENSIONS:
    _add_forms(_extension)


@router.get("/vocabulary")
def vocabulary(request: Request, services: Serving) -> Response:
    """What the catalogue's own terms mean."""
    twins = tuple(Twin(name, f"/vocabulary.{extension}", MEDIA_TYPES[extension]) for name, extension in FORMS)
    return show(request, VocabularyView(layout=layout(request, services, twins=twins), fields=fields(NEWEST)))


def signposts(services: Services, published: Published) -> dict[str, str]:
    """FAIR Signposting, level 1: what a program needs to know about the page, in its ``Link`` header."""
    record = published.row.record
    publisher, path = _publisher(services), dataset_path(record.ref, record.slug)
    doi = (published.dataset.summary.doi_name or "").strip()
    cite_as = f"https://doi.org/{doi}" if doi.startswith("10.") and doi.isascii() and " " not in doi else publisher.iri(record.ref)
    links = [(cite_as, "cite-as", ""), ("https://schema.org/Dataset", "type", ""), ("https://schema.org/AboutPage", "type", "")]
    links += [(f"{publisher.base}{path}.{name}", "describedby", media) for name, media in MEDIA_TYPES.items()]
    links.append((f"{publisher.base}{path}.json", "describedby", "application/json"))
    return {"Link": ", ".join(f'<{target}>; rel="{relation}"' + (f'; type="{media}"' if media else "") for target, relation, media in links)}


def negotiated(accept: str) -> str:
    """The extension that fits an ``Accept`` header best; empty for the page. Ties go to the order of NEGOTIATED."""
    wanted = [_preference(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    best, best_weight = "", 0.0
    for media, extension in NEGOTIATED:
        weight = max((_specificity(pattern) * 0.001 + q for pattern, q in wanted if _matches(pattern, media) and q > 0), default=0.0)
        if weight > best_weight:
            best, best_weight = extension, weight
    return best


def _preference(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    q = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return media, float(q)
    except ValueError:
        return media, 0.0


def _matches(pattern: str, media: str) -> bool:
    return pattern in ("*/*", media) or (pattern.endswith("/*") and media.startswith(pattern[:-1]))


def _specificity(pattern: str) -> int:
    return 0 if pattern == "*/*" else 1 if pattern.endswith("/*") else 2


def _publisher(services: Services) -> Publisher:
    return Publisher(services.settings, services.catalogue)


def _see(path: str) -> Response:
    return RedirectResponse(path, 303, headers={"Vary": "Accept", "Cache-Control": "public, no-cache"})


def _written(request: Request, written: Written) -> Response:
    """The document; a profile that is not met is said in a header, never claimed in the data."""
    unmet = dict.fromkeys(missing.property for missing in written.unfilled)
    headers = {"X-Profile-Not-Met": ", ".join(list(unmet)[:NOT_CONFORMANT_SHOWN])} if unmet else {}
    return answer(request, written.document, written.media_type, headers=headers)
