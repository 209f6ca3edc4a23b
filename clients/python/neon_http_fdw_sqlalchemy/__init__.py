"""SQLAlchemy on foreign tables of neon_http_fdw, as if they were tables.

    create_engine("postgresql+neon_http_fdw:///mydb")

DDL goes to the remote, and the foreign tables follow in the same transaction;
reflection knows the remote's primary keys; retry runs a transaction again
that met another one.  See README.md.
"""
from .retrying import is_retryable, retry

__all__ = ["is_retryable", "retry"]
