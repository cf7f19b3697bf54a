from fulfillment.walking import Stop, in_walking_order, numbered


def walk(*stops: tuple[str, int]) -> list[str]:
    given = [Stop(nth, code, sequence) for nth, (code, sequence) in enumerate(stops, start=1)]
    return [stop.code for stop in in_walking_order(given)]


def test_goes_up_one_aisle_and_down_the_next():
    codes = ["A-01-1", "B-01-1", "C-02-1", "A-03-1", "B-03-1", "C-01-1"]

    assert walk(*[(code, 0) for code in codes]) == ["A-01-1", "A-03-1", "B-03-1", "B-01-1", "C-01-1", "C-02-1"]


def test_an_aisle_without_a_stop_does_not_turn_the_walk():
    assert walk(("A-01", 10), ("A-04", 40), ("C-01", 210), ("C-04", 240)) == ["A-01", "A-04", "C-04", "C-01"]


def test_aisles_follow_the_houses_sequence_not_the_alphabet():
    assert walk(("A-01", 100), ("A-02", 110), ("B-01", 10), ("B-02", 20)) == ["B-01", "B-02", "A-02", "A-01"]


def test_a_sequence_that_is_a_serpentine_already_is_followed():
    assert walk(("A-01", 10), ("A-02", 20), ("B-02", 30), ("B-01", 40)) == ["A-01", "A-02", "B-02", "B-01"]


def test_a_sequence_that_crosses_between_aisles_is_followed():
    assert walk(("A-01", 10), ("B-01", 20), ("A-02", 30), ("B-02", 40)) == ["A-01", "B-01", "A-02", "B-02"]


def test_codes_without_aisles_go_by_sequence():
    assert walk(("SHELF LEFT", 30), ("SHELF RIGHT", 10), ("A-01", 20)) == ["SHELF RIGHT", "A-01", "SHELF LEFT"]


def test_bays_are_numbers_not_text():
    assert walk(("A-10", 0), ("A-9", 0), ("A-2", 0)) == ["A-2", "A-9", "A-10"]


def test_without_sequence_and_aisles_codes_sort_as_people_count():
    assert walk(("BIN10", 0), ("BIN9", 0)) == ["BIN9", "BIN10"]


def test_numbers_leave_room_in_between():
    assert numbered([Stop(7, "A-02"), Stop(5, "A-01"), Stop(7, "A-02")]) == {5: 10, 7: 20}
