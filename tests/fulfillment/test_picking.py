import pytest

from fulfillment import cancellation, interception, picking, waves, work
from fulfillment.models import PickTask, Wave
from inventory import stock
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from orders import holds
from orders.holds import Held
from orders.statuses import HoldType
from tests.factories.fulfillment import person, pick_stop, picked, released, routed
from tests.factories.inventory import BarcodeFactory, put
from tests.fulfillment import books
from tests.inventory.books import bins, level


def stops(pick_list) -> list[tuple[str, str, int]]:
    rows = pick_list.tasks.filter(state="pending").order_by("sequence", "pk")
    return [(task.bin.code, task.sku.code, task.remaining) for task in rows]


def begun(work, lead):
    pick_list = released(work, by=lead)
    picking.claim(lead, work.location, pick_list=pick_list)
    return pick_list, picking.next_task(pick_list)


def test_a_wave_gives_each_order_a_list_in_walking_order(berlin, mug, lamp, lead):
    put(mug, berlin, 5, shelf="A-03")
    put(lamp, berlin, 5, shelf="A-01")
    _, [one] = routed({mug: 2, lamp: 1})

    pick_list = released(one, by=lead)

    assert stops(pick_list) == [("A-01", "LAMP", 1), ("A-03", "MUG", 2)]
    assert (one.state, one.wave.state) == ("released", "open")
    assert books.breaches() == {}


def test_two_waves_never_count_on_the_same_units_of_a_bin(berlin, mug, lead):
    put(mug, berlin, 2, shelf="A-01")
    put(mug, berlin, 2, shelf="A-02")
    _, [first] = routed({mug: 2})
    _, [second] = routed({mug: 2})

    lists = [released(one, by=lead) for one in (first, second)]

    assert [stops(one) for one in lists] == [[("A-01", "MUG", 2)], [("A-02", "MUG", 2)]]


def test_a_held_order_stays_behind_and_the_wave_says_so(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [fine] = routed({mug: 1})
    held_order, [held] = routed({mug: 1})
    holds.place(held_order, type=HoldType.CUSTOMER, reason="wait", by=lead)

    done = waves.release(berlin, by=lead)

    assert [one.pk for one in done.fulfillment_orders] == [fine.pk]
    assert done.left_out == [(held.number, f"{held_order} is on hold: Customer asked to wait")]


def test_a_wave_of_nothing_is_refused(berlin, lead):
    with pytest.raises(waves.NothingToRelease):
        waves.release(berlin, by=lead)

    assert Wave.objects.count() == 0


def test_released_work_can_be_recalled_until_somebody_begins(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    released(one, by=lead)

    waves.recall(one, by=lead)

    assert books.work(order) == [("BER", "open", 1)]
    assert (PickTask.objects.get().state, Wave.objects.get().state) == ("cancelled", "done")


def test_picking_moves_units_to_staging_and_finishes_list_wave_and_work(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2})

    picked(one, by=lead)

    assert (one.state, one.wave.state, one.tote.code) == ("picked", "done", f"T-{one.pk}")
    assert bins(mug, berlin) == {"A-01": 3, "STAGE": 2}
    assert books.counters(order) == [{"allocated": 2, "picked": 2}]
    assert books.verbs(order)[-3:] == ["fulfillment.released", "fulfillment.started", "fulfillment.picked"]
    assert books.breaches() == {}


def test_the_steps_of_a_stop_come_in_order(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 1})
    pick_list, task = begun(one, lead)

    seen = [picking.step(task)]
    seen.append(picking.step(picking.scan_bin(task, "a-01", by=lead)))
    seen.append(picking.step(picking.scan_item(task, "mug", by=lead)))
    picking.scan_tote(task, "T-1", by=lead)
    seen.append(picking.step(picking.next_task(pick_list)))

    assert seen == ["bin", "item", "tote", "done"]


def test_a_carton_counts_its_units(berlin, mug, lead):
    put(mug, berlin, 12)
    BarcodeFactory(sku=mug, code="40001", quantity=6)
    _, [one] = routed({mug: 6})
    _, task = begun(one, lead)
    picking.scan_bin(task, "A-01", by=lead)

    assert picking.scan_item(task, "40001", by=lead).picked == 6


def test_wrong_scans_change_nothing_and_say_what_they_are(berlin, mug, lamp, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 1})
    _, task = begun(one, lead)

    for scan, told in [
        (lambda: picking.scan_item(task, "MUG", by=lead), "Scan the bin first: A-01."),
        (lambda: picking.scan_bin(task, "A-02", by=lead), "You are at A-02. Go to A-01."),
        (lambda: picking.scan_bin(task, "??", by=lead), "“[?][?]” is not a bin here. Go to A-01."),
    ]:
        with pytest.raises(picking.WrongScan, match=told):
            scan()
    picking.scan_bin(task, "A-01", by=lead)
    for scan, told in [
        (lambda: picking.scan_item(task, "LAMP", by=lead), "This is LAMP Lamp. Wanted: MUG Mug."),
        (lambda: picking.scan_item(task, "4711", by=lead), "“4711” is not known. Wanted: MUG Mug."),
        (lambda: picking.scan_item(task, "MUG", quantity=2, by=lead), "Only 1 of MUG are wanted here, not 2."),
    ]:
        with pytest.raises(picking.WrongScan, match=told):
            scan()

    assert (bins(mug, berlin), PickTask.objects.get().picked) == ({"A-01": 5}, 0)


def test_a_tote_holds_one_order(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [first] = routed({mug: 1})
    picked(first, by=lead)
    _, [second] = routed({mug: 1})
    _, task = begun(second, lead)
    picking.scan_bin(task, "A-01", by=lead)
    picking.scan_item(task, "MUG", by=lead)

    with pytest.raises(picking.WrongScan, match=f"T-{first.pk} holds {first}. Take an empty one."):
        picking.scan_tote(task, f"T-{first.pk}", by=lead)


def test_two_pickers_never_hold_the_same_list(berlin, mug, lead):
    put(mug, berlin, 5)
    for _ in range(2):
        _, [one] = routed({mug: 1})
        released(one, by=lead)
    ann, ben, cem = person("picker"), person("picker"), person("picker")

    lists = [picking.claim(user, berlin) for user in (ann, ben, ann, cem)]

    assert lists[0] == lists[2] != lists[1]
    assert lists[3] is None


def test_lists_of_held_orders_are_passed_by(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    released(one, by=lead)
    hold = holds.place(order, type=HoldType.CUSTOMER, reason="wait", by=lead)

    while_held = picking.claim(lead, berlin)
    holds.resolve(hold, by=lead)

    assert (while_held, picking.claim(lead, berlin).location) == (None, berlin)


def test_who_lost_the_list_is_told_so(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 1})
    pick_list, task = begun(one, lead)
    picking.unclaim(pick_list, by=lead)
    picking.claim(person("picker"), berlin)

    with pytest.raises(picking.LeaseLost):
        picking.scan_bin(task, "A-01", by=lead)


def test_a_hold_stops_the_picker_at_the_next_scan(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    _, task = begun(one, lead)
    holds.place(order, type=HoldType.CUSTOMER, reason="wait", by=lead)

    with pytest.raises(Held, match="is on hold: Customer asked to wait"):
        picking.scan_bin(task, "A-01", by=lead)


def test_undo_puts_the_last_scan_back(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2})
    _, task = begun(one, lead)
    picking.scan_bin(task, "A-01", by=lead)
    picking.scan_item(task, "MUG", by=lead)

    picking.undo(task, by=lead)

    assert (bins(mug, berlin), books.counters(order)) == ({"A-01": 5}, [{"allocated": 2}])


def test_a_skipped_stop_comes_last(berlin, mug, lamp, lead):
    put(lamp, berlin, 1, shelf="A-01")
    put(mug, berlin, 1, shelf="A-03")
    _, [one] = routed({mug: 1, lamp: 1})
    pick_list, task = begun(one, lead)

    picking.skip(task, by=lead)

    assert stops(pick_list) == [("A-03", "MUG", 1), ("A-01", "LAMP", 1)]


def test_a_short_is_made_good_from_another_bin_first(berlin, mug, lead):
    put(mug, berlin, 3, shelf="A-01")
    put(mug, berlin, 3, shelf="A-02")
    order, [one] = routed({mug: 3})
    pick_list, task = begun(one, lead)

    picking.short(task, 1, "not_found", by=lead)

    assert stops(pick_list) == [("A-02", "MUG", 2)]
    assert books.counters(order) == [{"allocated": 3, "picked": 1}]
    assert books.breaches() == {}


def test_a_short_without_another_bin_is_found_elsewhere(berlin, hamburg, mug, lead, django_capture_on_commit_callbacks):
    put(mug, berlin, 3)
    put(mug, hamburg, 3)
    order, [one] = routed({mug: 3})
    _, task = begun(one, lead)

    with django_capture_on_commit_callbacks(execute=True):
        picking.short(task, 1, "not_found", by=lead)

    assert books.work(order) == [("BER", "picked", 1), ("HAM", "open", 2)]
    assert level(mug, berlin) == {"on_hand": 1, "allocated": 1}
    assert ExceptionCase.objects.get(kind="short_pick").title == "Count MUG in A-01 at Berlin"
    assert books.breaches() == {}


def test_a_short_that_nobody_can_make_good_waits(berlin, mug, lead, django_capture_on_commit_callbacks):
    put(mug, berlin, 3)
    order, [one] = routed({mug: 3})
    _, task = begun(one, lead)

    with django_capture_on_commit_callbacks(execute=True):
        picking.short(task, 0, "unreachable", by=lead)

    assert books.work(order) == [("BER", "cancelled", 0)]
    assert books.counters(order) == [{"backordered": 3}]  # the shelf says 3, but nobody believes it until it is counted
    assert level(mug, berlin) == {"on_hand": 3, "available": 3}
    assert books.breaches() == {}


@pytest.mark.django_db(transaction=True)
def test_a_count_makes_the_place_believed_again(berlin, mug, lead):
    shelf = put(mug, berlin, 3)
    order, [one] = routed({mug: 3})
    _, task = begun(one, lead)
    picking.short(task, 0, "unreachable", by=lead)
    before = books.counters(order)

    stock.adjust(mug.pk, shelf.pk, 1, reason="counted", by=lead)

    assert (before, books.counters(order)) == ([{"backordered": 3}], [{"allocated": 3}])


def test_damaged_units_are_set_aside(berlin, mug, lead):
    put(mug, berlin, 3)
    _, [one] = routed({mug: 3})
    _, task = begun(one, lead)

    picking.short(task, 2, "damaged", by=lead)

    assert level(mug, berlin) == {"on_hand": 3, "allocated": 2, "damaged": 1}
    assert bins(mug, berlin) == {"STAGE": 2, "QUAR": 1}
    assert books.breaches() == {}


def test_the_walk_goes_on_after_a_short(berlin, mug, lamp, lead):
    put(mug, berlin, 1, shelf="A-01")
    put(lamp, berlin, 1, shelf="A-02")
    _, [one] = routed({mug: 1, lamp: 1})
    pick_list, task = begun(one, lead)

    picking.short(task, 0, "not_found", by=lead)
    pick_stop(picking.next_task(pick_list), by=lead, tote="T-1")

    one.refresh_from_db()
    pick_list.refresh_from_db()
    assert (one.state, pick_list.state) == ("picked", "done")
    assert books.breaches() == {}


def test_finish_names_what_is_still_to_pick(berlin, mug, lead):
    put(mug, berlin, 2)
    _, [one] = routed({mug: 2})
    pick_list, _ = begun(one, lead)

    with pytest.raises(work.NotNow, match="2 of MUG in A-01 are still to pick"):
        picking.finish(pick_list, by=lead)


def test_a_stop_without_a_tote_is_finished_by_saying_so(berlin, mug, lead):
    put(mug, berlin, 2)
    _, [one] = routed({mug: 2})
    pick_list, task = begun(one, lead)
    picking.scan_bin(task, "A-01", by=lead)
    picking.scan_item(task, "MUG", quantity=2, by=lead)

    picking.finish(pick_list, by=lead)

    one.refresh_from_db()
    assert (one.state, PickTask.objects.get().state) == ("picked", "picked")


def test_system_cannot_pick(berlin, mug, lead):
    put(mug, berlin, 2)
    _, [one] = routed({mug: 2})
    _, task = begun(one, lead)

    with pytest.raises(picking.LeaseLost):
        picking.scan_bin(task, "A-01", by=SYSTEM)


def test_units_to_put_back_stop_the_picker_at_the_next_scan(berlin, mug, lamp, lead):
    put(mug, berlin, 1, shelf="A-01")
    put(lamp, berlin, 2, shelf="A-02")
    order, [one] = routed({mug: 1, lamp: 2})
    pick_list, task = begun(one, lead)
    pick_stop(task, by=lead, tote="T-1")
    asked = cancellation.cancel(order, quantities={order.lines.get(sku=mug).pk: 1}, reason="changed my mind", by=lead)

    with pytest.raises(work.NotNow, match=f"Put 1 × MUG of {one} back: changed my mind"):
        picking.scan_bin(picking.next_task(pick_list), "A-02", by=lead)
    interception.honour(asked.intercepts[0], by=lead)
    pick_stop(picking.next_task(pick_list), by=lead, tote="T-1")

    one.refresh_from_db()
    assert (one.state, books.counters(order)) == ("picked", [{"cancelled": 1}, {"allocated": 2, "picked": 2}])
    assert books.breaches() == {}
