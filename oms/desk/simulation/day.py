"""The day in its order: shelves, then rounds of orders, service, floor and road; the lorry; returns; the till."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from oms.desk.simulation import arrivals, returning, road, service, stocking
from oms.desk.simulation.floor import Place
from oms.desk.simulation.plans import Plan
from oms.desk.simulation.world import World

HANDS = 4
PLACES = ("BER", "LEJ", "HAM")
Say = Callable[[str, int], None]


def rounds_of(orders: int) -> int:
    return max(2, min(8, orders // 12))


def live(world: World, plans: list[Plan], say: Say) -> None:
    """`say(what, done)` hears of every step: what is done now, and how many orders have been worked on."""
    last = max(plan.round for plan in plans)
    with ThreadPoolExecutor(HANDS) as hands:
        say("Filling the shelves", 0)
        stocking.fill(world, plans)
        purchase = stocking.lay_in_scarce(world, plans)
        for round in range(last + 1):
            mine = [plan for plan in plans if plan.round == round]
            done = sum(plan.round < round for plan in plans)
            say("Orders come in", done)
            _arrive(world, hands, mine, round)
            say("Service", done)
            _each(hands, lambda plan: (service.put_right(world, plan), service.change(world, plan)), mine)
            if round == last:
                stocking.receive(world, purchase)
                orders = _each(hands, lambda plan: (plan, world.settled(plan.n)), plans)
                mine = [plan for plan, order in orders if order["state"] == "confirmed"]
            _work(world, hands, mine, say, done)
        say("Returns", len(plans))
        _each(hands, lambda plan: returning.send_back(world, plan), plans)
        returning.pay_out(world)


def _arrive(world: World, hands: ThreadPoolExecutor, plans: list[Plan], round: int) -> None:
    by_way = {way: [plan for plan in plans if plan.way == way] for way in ("api", "webhook", "csv", "phone")}
    scarce = [plan for plan in by_way["api"] if plan.turn == "scarce"]
    others = [plan for plan in by_way["api"] if plan.turn != "scarce"]
    together = [
        hands.submit(_one_after_another, world, scarce),
        hands.submit(arrivals.from_shop, world, by_way["webhook"]),
        hands.submit(arrivals.from_file, world, by_way["csv"], round=round),
    ]
    together += [hands.submit(arrivals.from_program, world, plan) for plan in others]
    together += [hands.submit(arrivals.from_agent, world, plan) for plan in by_way["phone"]]
    for one in together:
        one.result()
    _each(hands, lambda plan: world.settled(plan.n), plans)


def _one_after_another(world: World, plans: list[Plan]) -> None:
    """Who comes first is served first, and the seed says who comes first."""
    for plan in plans:
        arrivals.from_program(world, plan)
        world.settled(plan.n)


def _work(world: World, hands: ThreadPoolExecutor, plans: list[Plan], say: Say, done: int) -> None:
    """Until nothing of it is open at any place: what is short here goes on elsewhere."""
    worked = 1
    while worked:
        say("Picking, packing, labels", done)
        worked = sum(_each(hands, lambda code: Place(world, code).work(plans), PLACES))
        _each(hands, lambda plan: world.settled(plan.n), plans)
    say("Drivers and doors", done)
    road.hand_over(world, plans)
    road.deliver(world, plans)
    _each(hands, lambda plan: road.collect(world, plan), [plan for plan in plans if plan.method == "pickup"])
    _each(hands, lambda plan: road.download(world, plan), [plan for plan in plans if plan.method == "digital"])


def _each(hands: ThreadPoolExecutor, deed: Callable[[Any], Any], those: Iterable[Any]) -> list[Any]:
    return list(hands.map(deed, those))
