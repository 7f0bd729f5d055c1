"""Benchmarks: scripts that print ratios measured in one run, and their last recorded results."""
