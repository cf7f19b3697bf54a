from fulfillment.binning import Books, Shelf, choose


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
