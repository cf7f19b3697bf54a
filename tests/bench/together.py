"""Several processes that do a share of the work each, started together."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection


def at_once(work: Callable[[Any], Any], shares: Sequence[Any]) -> tuple[float, list[str]]:
    """(seconds from the common start until the last has ended, what went wrong). `work` is a module's function."""
    connection.close()
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(len(shares) + 1), context.Queue()
    workers = [context.Process(target=_run, args=(work, share, barrier, answers)) for share in shares]
    for worker in workers:
        worker.start()
    barrier.wait(60)
    began = time.perf_counter()
    told = [answers.get(timeout=900) for _ in workers]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return seconds, [answer for answer in told if answer]


def _run(work: Callable[[Any], Any], share: Any, barrier: Any, answers: Any) -> None:
    connection.ensure_connection()
    barrier.wait(60)
    try:
        work(share)
        answers.put("")
    except Exception as e:
        answers.put(f"{type(e).__name__}: {e}")
    finally:
        connection.close()
