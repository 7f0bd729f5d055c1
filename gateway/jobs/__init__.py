"""Work after the commit: the queue in this process, the queue on Redis, and the daily housekeeping."""
