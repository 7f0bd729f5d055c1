"""Personal data: what is kept, why, for how long, and what makes it go.

``inventory.toml`` is the one list. It is compared with the models by a test, shown at ``/privacy``, and worked off nightly by
``retention.py``, which has a job for every row that ends by time.
"""
