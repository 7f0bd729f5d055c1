"""The ways in which a part of a request reaches its custodian, one module each. ``gateway/routing.py`` puts them together."""
