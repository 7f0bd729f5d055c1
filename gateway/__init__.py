"""What happens: the catalogue, its jobs, requests for access, and the three entry points over the same services."""

__version__ = "0.1.0"
