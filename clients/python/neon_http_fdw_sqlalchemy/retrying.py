"""Transactions that met another one, run again."""
import asyncio
import functools
import inspect
import random
import time

# serialization_failure, deadlock_detected: nothing was written.  All else is
# left to the caller; above all 08007 (the outcome of the commit is not known)
# and 2D000 (it is committed, but): a second run would write twice.
RETRYABLE = ("40001", "40P01")


def sqlstate(error):
    """Of an error of SQLAlchemy or of a driver; None if it has none."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def is_retryable(error):
    return sqlstate(error) in RETRYABLE


def retry(function=None, *, tries=5, pause=0.05, longest=2.0):
    """Decorates a function that is a whole transaction: begins one, and has
    committed it when it returns.

        @retry
        def transfer(a, b, amount):
            with Session(engine) as session, session.begin():
                ...

    It is called again, after a random pause that becomes longer, when it
    fails with 40001 or 40P01; after `tries` calls the error is raised.
    Coroutine functions may be decorated, too.
    """
    if function is None:
        return functools.partial(retry, tries=tries, pause=pause,
                                 longest=longest)
    if tries < 1:
        raise ValueError("tries must be at least 1")

    def wait_after(error, attempt):
        if attempt + 1 >= tries or not is_retryable(error):
            return None
        return random.random() * min(longest, pause * 2 ** attempt)

    if inspect.iscoroutinefunction(function):
        @functools.wraps(function)
        async def run(*arguments, **keywords):
            for attempt in range(tries):
                try:
                    return await function(*arguments, **keywords)
                except Exception as error:
                    wait = wait_after(error, attempt)
                    if wait is None:
                        raise
                await asyncio.sleep(wait)
    else:
        @functools.wraps(function)
        def run(*arguments, **keywords):
            for attempt in range(tries):
                try:
                    return function(*arguments, **keywords)
                except Exception as error:
                    wait = wait_after(error, attempt)
                    if wait is None:
                        raise
                time.sleep(wait)
    return run
