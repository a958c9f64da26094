"""The PostgreSQL engine.

``engine`` needs asyncpg, and is imported only where a ``postgresql://`` address is used.
"""
