"""Descriptions of datasets in the shapes of other catalogues, as JSON values: CKAN packages, DCAT, schema.org.

How each is recognised and named; schemas/reading/ has their tables of fields.
"""

from __future__ import annotations

from schemas.foreign.shapes import SHAPES, Shape, identities, shape_of, without_volatile

__all__ = ["SHAPES", "Shape", "identities", "shape_of", "without_volatile"]
