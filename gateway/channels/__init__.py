"""The ways in which a part of a request reaches its custodian, one module each. ``gateway/channels/routing.py`` puts them together."""
