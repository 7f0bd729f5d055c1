"""Accounts: who a person is, how they prove it, and what they may do.

::

    registration  an address, confirmed by a link, becomes an account with a password
    sign_in       password, then the second factor where there is one -> a session
    factors       codes from an authenticator app, and recovery codes
    sessions      server side, hashed, idle 30 minutes, at most 12 hours
    oidc          signing in with an identity provider
    roles         what each role may do, as one table
    setup         the first administrator of an empty installation

The tables stand in ``gateway/accounts/tables.py`` and are named by ``gateway/store/accounts.py`` and
``gateway/store/identities.py`` alone: the rest of the gateway
knows people by the opaque ``subject`` of :class:`gateway.accounts.people.Person`.
"""
