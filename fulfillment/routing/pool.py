"""What the orders of a batch share: units by place and SKU, and the room that places have left today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fulfillment.routing.facts import Facts, Place


@dataclass(slots=True, eq=False)
class Choice:
    """One way to serve an order: where from, and what it takes from each cell of the pool."""

    cost: int
    unfilled: int
    takes: tuple[tuple[int, int], ...]
    cover: tuple[int, ...]
    shares: Mapping[int, list[int]]


class Pool:
    def __init__(self, orders: Iterable[Facts]) -> None:
        self.left: list[int] = [0]  # nobody asks for the first cell
        self.room: dict[int, int] = {}
        self.cells: dict[tuple[int, int], int] = {}
        self.place_of: list[int] = [0]
        self.sku_of: list[int] = [0]
        for facts in orders:
            for place in facts.places:
                if place.capacity is not None:
                    self.room[place.location_id] = place.capacity

    def cell(self, place: Place, sku: int) -> int:
        """Its number; the first order that asks brings what is there."""
        key = (place.location_id, sku)
        if key not in self.cells:
            self.cells[key] = len(self.left)
            self.left.append(max(0, place.stock.get(sku, 0)))
            self.place_of.append(place.location_id)
            self.sku_of.append(sku)
        return self.cells[key]

    def take(self, choice: Choice, times: int = 1) -> None:
        for cell, units in choice.takes:
            self.left[cell] -= times * units
        if self.room:
            for cell, units in choice.takes:
                if self.place_of[cell] in self.room:
                    self.room[self.place_of[cell]] -= times * units

    def has(self, choice: Choice) -> bool:
        """Whether what it takes is there."""
        if any(self.left[cell] < units for cell, units in choice.takes):
            return False
        asked: dict[int, int] = {}
        for cell, units in choice.takes:
            asked[self.place_of[cell]] = asked.get(self.place_of[cell], 0) + units
        return all(units <= self.room.get(place, units) for place, units in asked.items())

    def give_back(self, choice: Choice) -> None:
        self.take(choice, -1)
