from types import SimpleNamespace

import pytest

from oms.common import states
from oms.common.states import InvalidTransition

MOVES = {"open": {"closed"}, "closed": {"open", "archived"}, "archived": set()}


@pytest.mark.parametrize("state", MOVES)
@pytest.mark.parametrize("to", MOVES)
def test_only_the_moves_of_the_table_are_made(state, to):
    thing = SimpleNamespace(state=state)

    if to in MOVES[state]:
        assert states.advance(thing, to, moves=MOVES) == state
        assert thing.state == to
    else:
        with pytest.raises(InvalidTransition, match=f"is {state} and can't become {to}"):
            states.advance(thing, to, moves=MOVES)
        assert thing.state == state


def test_another_field_can_hold_the_state():
    thing = SimpleNamespace(phase="open")

    states.advance(thing, "closed", moves=MOVES, field="phase")

    assert thing.phase == "closed"


def test_an_unknown_state_may_become_nothing():
    assert not states.may("lost", "open", MOVES)
