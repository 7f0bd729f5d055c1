"""Signing in with an identity provider (OpenID Connect: code flow with PKCE, ``state``, ``nonce`` and one redirect address per provider).

::

    provider   what an operator sets for each provider
    calling    discovery, keys and the token endpoint, through the guarded client
    visit      a browser on its way to a provider and back: one sealed cookie, a state that works once
    id_token   signature and claims of what the provider says
    returning  from the provider's answer to who it names
    arriving   from who it names to an account: signed in, shown again, or not linked yet
    linking    a person's identities: added, listed, removed; an account made with one

An identity is the pair of issuer and subject. An address never leads to an account: whoever has one with the same address signs in to
it first and then adds the identity. Tokens are read and dropped.
"""
