"""How often something may be tried or asked: one table of limits, one limiter, counted in Redis or in this process.

::

    table     every limit, by action and by whom it counts
    networks  whose address a request counts for: trusted proxies, IPv6 by /64
    counters  moving windows, in this process and in Redis
    limiter   takes a place in every window of an action, or says how long to wait
"""

from gateway.limits.limiter import Limiter, Place

__all__ = ["Limiter", "Place"]
