"""Make the tables, run the kernels one after the other, and print what each measured."""

import importlib
from collections.abc import Iterable

from django.core.management import call_command

from oms.common import memory
from orders.models import Order
from tests.bench import world


def measure(names: Iterable[str], *, quick: bool) -> int:
    """0 when every kernel reached its goal."""
    call_command("migrate", verbosity=0)
    if Order.objects.exists():
        raise SystemExit("This database has orders, and the benchmark throws all trade away. Give it an empty one.")
    memory.settle()  # as workers and web processes do
    missed = 0
    for name in names:
        world.empty()
        result = importlib.import_module(f"tests.bench.kernels.{name}").run(quick=quick)
        print(result.line(), flush=True)
        missed += result.ratio < result.goal
    return 1 if missed else 0
