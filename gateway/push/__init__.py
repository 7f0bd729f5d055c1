"""What custodians' own programs send: one dataset at a time, or many.

A push is a record like any other: harvesters/pipeline.py judges it, gateway/store/changes.py writes it, in one transaction
and under a run whose trigger is ``push``. One dataset is written while the sender waits (upsert.py, remove.py); many become a
queued run of the custodian's push source (bulk.py).
"""
