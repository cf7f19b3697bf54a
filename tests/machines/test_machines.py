"""T20: machines that do what they like, and a plain model of what must be true after each step."""

import pytest

from tests.machines import house_machine, order_machine, running
from tests.machines.house_machine import HouseMachine
from tests.machines.order_machine import OrderMachine

pytestmark = pytest.mark.django_db


def test_stock_is_what_a_plain_model_says_whatever_is_done_to_it():
    """T20, stock: receive, move, adjust, undo, promise, pick, ship, keep back, transfer, return, count; with lots."""
    house_machine.world()

    running.run(HouseMachine)


def test_an_order_keeps_its_units_and_its_money_whatever_happens_to_it():
    """T20, order and return: place, cut, amend, hold, pick, send, take back, refund; 0, 2 and 3 decimals."""
    order_machine.world()

    running.run(OrderMachine)
