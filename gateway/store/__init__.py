"""Every SQL statement, and the only place that commits. One module per group of tables.

Reading and writing units are explicit::

    with store.reading() as session: ...
    with store.transaction() as tx: ...; tx.after_commit(jobs.enqueue, "index")

What is queued with :meth:`Transaction.after_commit` runs only once the commit has succeeded.
"""

from gateway.store import mail, watching  # noqa: F401  # both listen to every flush from here on
from gateway.store.database import Store, Transaction

__all__ = ["Store", "Transaction"]
