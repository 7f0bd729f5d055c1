"""Inline SVG made from values: one module per picture, no I/O. Same input, same bytes."""

from frontend.pictures.completeness import completeness
from frontend.pictures.histogram import Bar, histogram
from frontend.pictures.picture import Picture, Table
from frontend.pictures.places_covered import places_covered
from frontend.pictures.population import population
from frontend.pictures.run_strip import run_strip
from frontend.pictures.tile_map import DATASETS, Measure, Tile, tile_map
from frontend.pictures.time_covered import time_covered, timeline

__all__ = [
    "DATASETS", "Bar", "Measure", "Picture", "Table", "Tile", "completeness", "histogram", "places_covered", "population", "run_strip",
    "tile_map", "time_covered", "timeline",
]
