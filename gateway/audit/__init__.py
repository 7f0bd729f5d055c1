"""The audit: what was done, by whom, in chains that show every later change.

::

    chain     a row's hash, and what is wrong with a chain: pure
    actions   what must be seen in the audit, as one table
    watching  which tables' changes are noted, as one table
    reads     which addresses show personal data to staff, as one table
    heads     the daily signed heads, shown at /audit/heads and copied to a folder
    verify    the whole audit against its hashes, heads and checkpoints
    pruning   dropping a prefix that is old enough, leaving a signed checkpoint

Nothing calls a logger of its own: ``gateway/store/audit.py`` collects what a transaction changed and appends it before the commit.
"""
