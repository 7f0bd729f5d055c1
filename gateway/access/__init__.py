"""Requests for access: a pure table of what may happen, and one module per thing that does.

``transitions`` decides; ``submit``, ``acknowledge`` and ``deliver`` act in one transaction per step; ``status`` and
``triage`` read. Sending is never part of a transaction: a command writes an outbox row, and ``deliver`` empties the outbox.
"""
