"""The datasets like the one a page is about, with what they share in words."""

from __future__ import annotations

from frontend import words
from frontend.addresses import dataset_path
from frontend.views.dataset import SimilarDataset
from gateway.catalogue.published import Catalogue
from gateway.errors import Unavailable
from gateway.store.custodians import slugify
from search.engine import Likeness

SHOWN = 5


def similar_datasets(catalogue: Catalogue, ref: str) -> tuple[SimilarDataset, ...] | None:
    """None while the index cannot be reached; the rest of the page does not need it."""
    try:
        found = catalogue.similar(ref, SHOWN)
    except Unavailable:
        return None
    return tuple(
        SimilarDataset(
            one.stored.get("title") or one.id, dataset_path(one.id, slugify(one.stored.get("title") or "", limit=80)),
            tuple(map(_reason, one.reasons)),
        )
        for one in found
    )


def _reason(shared: Likeness) -> str:
    kind = words.LIKENESSES.get(shared.kind, shared.kind)
    return f"{kind}: {', '.join(shared.values)}" if shared.values else kind
