"""Accounts: who a person is, how they prove it, and what they may do.

::

    registration  an address, confirmed by a link, becomes an account with a password
    sign_in       password, then the second factor where there is one -> a session
    passkeys      a key of a device, which signs in alone
    factors       codes from an authenticator app, and recovery codes
    sessions      server side, hashed, idle 30 minutes, at most 12 hours
    oidc          signing in with an identity provider
    step_up       what needs the second factor to be fresh
    roles         what each role may do, as one table
    granting      the rules by which roles are given and taken
    members       a custodian's team: invitations, roles, the second person
    own_keys      keys of people for their programs, bounded by their roles
    recovery      for who lost every way in
    setup         the first administrator of an empty installation

The tables stand in ``gateway/accounts/tables.py`` and are named by ``gateway/store/accounts.py`` and its neighbours
``identities.py``, ``passkeys.py``, ``members.py`` and ``recoveries.py`` alone: the rest of the gateway
knows people by the opaque ``subject`` of :class:`gateway.accounts.people.Person`.
"""
