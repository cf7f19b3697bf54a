from datetime import date

from fulfillment import binning
from fulfillment.binning import Give, Shelf


def choose(shelves, wanted):
    return [(give.bin_id, give.units) for give in binning.choose(shelves, wanted)]


class Books(binning.Books):
    def take(self, sku_id, wanted):
        return [(give.bin_id, give.units) for give in super().take(sku_id, wanted)]


def test_one_bin_is_taken_where_one_is_enough():
    shelves = [Shelf(1, 2, place=10), Shelf(2, 5, place=20), Shelf(3, 9, place=30)]

    assert choose(shelves, 4) == [(2, 4)]


def test_a_bin_that_is_emptied_is_preferred_to_an_earlier_one():
    assert choose([Shelf(1, 9, place=10), Shelf(2, 4, place=20)], 4) == [(2, 4)]


def test_the_fewest_bins_share_what_no_bin_has_alone():
    shelves = [Shelf(1, 2, place=10), Shelf(2, 5, place=20), Shelf(3, 4, place=30)]

    assert choose(shelves, 8) == [(2, 5), (3, 3)]


def test_goods_that_are_not_put_away_are_fetched_only_where_shelves_do_not_do():
    shelves = [Shelf(1, 5, last_resort=True), Shelf(2, 6, place=90), Shelf(3, 2, place=10)]

    assert [choose(shelves, 5), choose(shelves, 9)] == [[(2, 5)], [(2, 6), (3, 2), (1, 1)]]


def test_bins_that_hold_too_little_give_what_they_have():
    assert choose([Shelf(1, 2), Shelf(2, 0)], 5) == [(1, 2)]


def test_books_never_deal_the_same_unit_twice():
    books = Books({7: [Shelf(1, 3, place=10), Shelf(2, 3, place=20)]})

    assert [books.take(7, 2), books.take(7, 2), books.take(7, 2), books.take(7, 1)] == [
        [(1, 2)],
        [(2, 2)],
        [(1, 1), (2, 1)],
        [],
    ]


def test_what_expires_first_goes_first_and_the_walk_decides_between_equals():
    soon, later = date(2026, 12, 1), date(2027, 3, 1)
    shelves = [
        Shelf(1, 9, place=10, lot_id=3),
        Shelf(2, 4, place=20, lot_id=2, expires=later),
        Shelf(3, 2, place=40, lot_id=1, expires=soon),
        Shelf(4, 2, place=30, lot_id=1, expires=soon),
        Shelf(5, 1, last_resort=True, lot_id=1, expires=soon),
    ]

    assert binning.choose(shelves, 10) == [Give(4, 2, 1), Give(3, 2, 1), Give(5, 1, 1), Give(2, 4, 2), Give(1, 1, 3)]


def test_two_lots_of_one_bin_are_two_gives():
    soon, later = date(2026, 12, 1), date(2027, 3, 1)
    books = binning.Books({7: [Shelf(1, 2, lot_id=1, expires=soon), Shelf(1, 3, lot_id=2, expires=later)]})

    assert books.take(7, 3) == [Give(1, 2, 1), Give(1, 1, 2)]
    assert books.take(7, 3) == [Give(1, 2, 2)]
