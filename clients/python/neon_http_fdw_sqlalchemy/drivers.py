"""The dialects that URLs name, one for each driver; made when first asked
for, because a driver's own dialect may not be there (psycopg 3 in SQLAlchemy
1.4)."""
import functools

from .dialect import NeonDialect


def _derived(name, base):
    return type("NeonDialect_" + name, (NeonDialect, base),
                {"supports_statement_cache": True, "driver": base.driver})


class _Lazy:
    """What an entry point leads to: SQLAlchemy asks a dialect's class for its
    part of the URL, and takes what get_dialect_cls() returns."""

    def __init__(self, load, load_async=None):
        self._load = functools.lru_cache(maxsize=None)(load)
        self._load_async = (functools.lru_cache(maxsize=None)(load_async)
                            if load_async else self._load)

    def get_dialect_cls(self, _url):
        return self._load()

    def get_async_dialect_cls(self, _url):
        return self._load_async()

    @staticmethod
    def load_provisioning():
        pass

    @staticmethod
    def engine_created(engine):
        pass


def _psycopg():
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
    return _derived("psycopg", PGDialect_psycopg)


def _psycopg_async():
    from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
    return _derived("psycopg_async", PGDialectAsync_psycopg)


def _psycopg2():
    from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
    return _derived("psycopg2", PGDialect_psycopg2)


def _asyncpg():
    from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
    return _derived("asyncpg", PGDialect_asyncpg)


def _default():
    """psycopg 3, or psycopg2 where SQLAlchemy does not know that yet."""
    try:
        return _psycopg()
    except ImportError:
        return _psycopg2()


psycopg = _Lazy(_psycopg, _psycopg_async)
psycopg2 = _Lazy(_psycopg2)
asyncpg = _Lazy(_asyncpg)
default = _Lazy(_default, _psycopg_async)
