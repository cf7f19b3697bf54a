"""300 orders over 10 places with short stock, decided together, against the bound of a mixed integer program."""

import time

from fulfillment.routing.batch import plan_batch
from tests.bench import instances, optimum, plans
from tests.bench.result import Result

WITHIN = 0.97  # 3 % above the bound is the most
SECONDS = 60.0  # for the program, each instance


def run(*, quick: bool) -> Result:
    told = [_one(seed, 15.0 if quick else SECONDS) for seed in ((1,) if quick else (1, 2, 3))]
    ours, bound, best, in_turn = (sum(one[name] for one in told) for name in ("cost", "bound", "best", "in_turn"))
    facts = {
        "gap_to_bound": [round(one["cost"] / one["bound"] - 1, 4) for one in told],
        "gap_to_best_found": [round(one["cost"] / one["best"] - 1, 4) for one in told],
        "gap_of_one_by_one": round(in_turn / best - 1, 4),
        "seconds": [round(one["seconds"], 2) for one in told],
        "cpu_seconds": [round(one["cpu"], 2) for one in told],
        "seconds_of_the_program": [round(one["program"], 1) for one in told],
        "units_lost": sum(one["lost"] for one in told),
    }
    return Result("source_batch", ours=ours, raw=bound, unit="cost", goal=WITHIN, facts=facts)


def _one(seed: int, seconds: float) -> dict[str, float]:
    orders = {str(1000 + number): facts for number, facts in enumerate(instances.batch(seed, instances.SHORT))}
    began, busy = time.perf_counter(), time.process_time()
    batch = plan_batch(orders)
    took, busy = time.perf_counter() - began, time.process_time() - busy
    best = optimum.solve(list(orders.values()), seconds=seconds)
    units, cost = plans.check_batch(orders, batch.plans)
    return {
        "cost": float(cost),
        "in_turn": float(batch.cost_in_turn),
        "bound": best.bound,
        "best": min(best.cost, float(cost)),
        "seconds": took,
        "cpu": busy,
        "program": best.seconds,
        "lost": best.units - units,
    }
