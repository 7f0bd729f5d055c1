"""Bring records in: one module per protocol, one HTTP client for untrusted addresses, one pipeline, one plan."""
