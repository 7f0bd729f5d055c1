"""The engine on Elasticsearch 8 and 9, and OpenSearch 2 and 3, by their common ground.

connection.py reaches the server and says its errors in our words; mapping.py says what its index holds; query.py translates
clauses; words.py, answer.py, counts.py and suggest.py read; bulk.py writes; generations.py and lease.py swap one index for
another. Nothing is connected before it is needed.
"""

from search.elastic.engine import ElasticEngine

__all__ = ["ElasticEngine"]
