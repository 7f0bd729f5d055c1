"""What a person says about themselves once, for every request (Safe People).

::

    groups    what can be said, as one table: groups of items, fields of each
    items     items kept, changed, removed, verified; how far each is to be believed today
    prefill   answers to the question bank that the profile holds already
    visas     items that somebody else vouches for: GA4GH passports

Nothing here is public. A custodian sees the profile beside a request to it, and what it verifies there stays with the item until the
item changes.
"""
