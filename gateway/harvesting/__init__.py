"""Run a source: from the claim to the report.

::

    queue_run -> claim -> outcomes(source) in batches -> apply -> commit -> index
    queueing.py  lease.py  execution.py     batches.py              \\-> at the end: what is missing, and whether
                                                                        that may be believed (ending.py)

The run row is the truth. A worker renews its lease every 15 seconds and writes nothing once it has lost it; a run whose
worker died is claimed again and goes on after its last commit (checkpoint.py).
"""

from gateway.harvesting.batches import BATCH_RECORDS
from gateway.harvesting.progress import Progress, Watch
from gateway.harvesting.queueing import Harvesting
from gateway.harvesting.telling import Telling

__all__ = ["BATCH_RECORDS", "Harvesting", "Progress", "Telling", "Watch"]
