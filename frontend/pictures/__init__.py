"""Inline SVG made from values: one module per picture, no I/O. Same input, same bytes."""

from frontend.pictures.completeness import completeness
from frontend.pictures.histogram import Bar, histogram
from frontend.pictures.picture import Picture, Table
from frontend.pictures.population import population
from frontend.pictures.run_strip import run_strip
from frontend.pictures.time_covered import time_covered, timeline

__all__ = ["Bar", "Picture", "Table", "completeness", "histogram", "population", "run_strip", "time_covered", "timeline"]
