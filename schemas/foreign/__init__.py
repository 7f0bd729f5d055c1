"""Descriptions of datasets in the shapes of other catalogues, as JSON values: CKAN packages, DataCite, Dublin Core.

Each shape has a module with its table of fields. Nothing is invented for what it does not say.
"""

from __future__ import annotations

from schemas.foreign.shapes import SHAPES, Shape, identities, shape_of, without_volatile

__all__ = ["SHAPES", "Shape", "identities", "shape_of", "without_volatile"]
