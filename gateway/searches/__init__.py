"""Searches that people keep, and the news of them.

::

    keeping    keep one, name it, choose how often to be told, take it away, renew its feed
    finding    what a search finds as a whole, which of its filters fit nothing any more, and why a dataset matched
    comparing  what is new and what changed since it was last run
    looking    the job ``searches``: runs what is due and tells what is news
    letters    the letter, which is also the notice in the account

A search sees what the public sees, whoever keeps it.
"""
