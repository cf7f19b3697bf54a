"""Messages that only have to be handed over, drained by one worker; raw pops rows by fifty with SKIP LOCKED."""

import time

from oms.common import outbox
from oms.common.models import OutboxMessage
from tests.bench import raw
from tests.bench.result import Result
from tests.bench.servers import connect


def run(*, quick: bool) -> Result:
    count = 5_000 if quick else 50_000
    return Result("outbox", _ours(count), _raw_rate(count), "messages/s", 0.15, {"messages": count})


def _ours(count: int) -> float:
    heard: list[int] = []
    outbox.HANDLERS["bench"] = lambda message: heard.append(message.pk)
    OutboxMessage.objects.bulk_create(
        [OutboxMessage(topic="bench", key=f"bench:{n}", payload={"n": n}) for n in range(count)], batch_size=5_000
    )
    began = time.perf_counter()
    outbox.drain(limit=count)
    rate = count / (time.perf_counter() - began)
    left = OutboxMessage.objects.exclude(state="delivered").count()
    assert (len(set(heard)), len(heard), left) == (count, count, 0)
    return rate


def _raw_rate(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=1, units=1)
        connection.execute(
            "INSERT INTO raw.job (payload) SELECT jsonb_build_object('n', n) FROM generate_series(1, %s) n", [count]
        )
        connection.execute("ANALYZE raw.job")
        began, done = time.perf_counter(), 0
        while done < count:
            done += len(connection.execute(raw.JOBS, {"limit": 50}).fetchall())
        return count / (time.perf_counter() - began)
