"""The servers that a copy brings itself when none are given: Postgres and Valkey, kept by the supervisor."""

from collections.abc import Callable, Mapping

import psycopg

from oms.stack import postgres, valkey
from oms.stack.home import Home
from oms.stack.ports import free_port
from oms.stack.supervisor import Supervisor


def provide(
    home: Home, supervisor: Supervisor, *, given: Mapping[str, str], tick: Callable[[], None]
) -> dict[str, str]:
    """The addresses of what was started. Both come up side by side; without Postgres nothing can go on."""
    addresses: dict[str, str] = {}
    database = None if is_given(given, "DATABASE_URL") else _start_postgres(home, supervisor)
    broker = None if is_given(given, "REDIS_URL") else _start_valkey(home, supervisor)
    if broker:
        valkey.wait(broker, tick)
        addresses["REDIS_URL"] = broker.url
    if database:
        postgres.wait(database, tick)
        _forget_signs_of_life(database.url)
        addresses["DATABASE_URL"] = database.url
    return addresses


def is_given(environment: Mapping[str, str], name: str) -> bool:
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def _start_postgres(home: Home, supervisor: Supervisor) -> postgres.Postgres:
    server = postgres.start(home.path, password=home.secret("database"), log=home.logs / "postgres.log")
    supervisor.keep(server.child, again=None)
    return server


def _start_valkey(home: Home, supervisor: Supervisor) -> valkey.Valkey:
    """Started again after a crash it has the same address: the rest goes on as soon as it answers."""
    port, password = free_port(), home.secret("broker")

    def start() -> valkey.Valkey:
        return valkey.start(home.path / "valkey", password=password, log=home.logs / "valkey.log", port=port)

    server = start()
    supervisor.keep(server.child, again=lambda: start().child)
    return server


def _forget_signs_of_life(url: str) -> None:
    """Those of a copy that was killed seconds ago would count as ours."""
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("select to_regclass('common_heartbeat')").fetchone()[0]:
            connection.execute("delete from common_heartbeat")
