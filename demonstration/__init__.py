"""Demonstration custodians: datasets written from public facts, and the endpoints that serve them on loopback ports.

Nothing here is a custodian's own metadata, and nothing here knows the gateway: it is harvested over HTTP like any other
federation, and receives requests like any other custodian's system.
"""
