"""This catalogue as an OAI-PMH 2.0 repository: https://www.openarchives.org/OAI/openarchivesprotocol.html

Datestamps are when a dataset last changed here, removals included: what was published once and is gone stays as a deleted record.
Resumption tokens hold the place in the list and are signed, so nothing is kept for them and they do not end.
"""
