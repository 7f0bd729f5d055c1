"""Statutory and national pathways as data: their steps, evidence, clocks, and what their law adds to the machine."""
