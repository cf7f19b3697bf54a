"""Which box holds this. Pure: a quick test by sides, volume and weight; the packer has the last word."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

FILL = Decimal("0.85")  # boxes are never filled to the last corner


@dataclass(frozen=True)
class Piece:
    """`quantity` units of one SKU. A side of 0 was never measured and fits anywhere."""

    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    quantity: int = 1

    @property
    def sides(self) -> list[int]:
        return sorted((self.length_mm, self.width_mm, self.height_mm), reverse=True)

    @property
    def volume(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm * self.quantity


@dataclass(frozen=True)
class Box:
    id: int
    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    max_weight_g: int
    cost: Decimal

    @property
    def sides(self) -> list[int]:
        return sorted((self.length_mm, self.width_mm, self.height_mm), reverse=True)

    @property
    def volume(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm


def fitting(pieces: Sequence[Piece], boxes: Sequence[Box]) -> list[Box]:
    """The boxes that hold all pieces, the smallest first, of equals the cheapest."""
    return sorted((box for box in boxes if holds(box, pieces)), key=lambda box: (box.volume, box.cost, box.id))


def holds(box: Box, pieces: Sequence[Piece]) -> bool:
    if any(side > room for piece in pieces for side, room in zip(piece.sides, box.sides, strict=True)):
        return False
    alone = sum(piece.quantity for piece in pieces) == 1
    volume = sum(piece.volume for piece in pieces)
    return weight_g(pieces) + box.tare_g <= box.max_weight_g and volume <= box.volume * (1 if alone else FILL)


def weight_g(pieces: Sequence[Piece]) -> int:
    return sum(piece.weight_g * piece.quantity for piece in pieces)
