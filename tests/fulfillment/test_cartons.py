from decimal import Decimal

from fulfillment.cartons import Box, Piece, fitting

SMALL = Box(1, "S", 250, 200, 100, 100, 5_000, Decimal("0.40"))
LARGE = Box(2, "L", 600, 400, 400, 400, 30_000, Decimal("1.20"))


def codes(*pieces: Piece) -> list[str]:
    return [box.code for box in fitting(pieces, [LARGE, SMALL])]


def test_the_smallest_box_comes_first():
    assert codes(Piece(200, 150, 50, 500)) == ["S", "L"]


def test_a_piece_may_be_turned_to_fit():
    assert codes(Piece(90, 240, 190, 500)) == ["S", "L"]


def test_a_long_piece_needs_a_long_box():
    assert codes(Piece(500, 20, 20, 100)) == ["L"]


def test_many_pieces_leave_room_for_the_air_between_them():
    assert codes(Piece(200, 100, 50, 100, quantity=5)) == ["L"]


def test_weight_counts_with_the_box_itself():
    assert codes(Piece(100, 100, 50, 4_950)) == ["L"]


def test_nothing_fits_what_is_longer_than_every_box():
    assert codes(Piece(900, 20, 20, 100)) == []


def test_goods_nobody_has_measured_fit_by_weight():
    assert codes(Piece(0, 0, 0, 200, quantity=3)) == ["S", "L"]
