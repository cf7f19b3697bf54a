"""The storm in short: six processes confirm, cancel, amend, receive, count and pick at once, and some are killed."""

import pytest

from tests.storm import judging, running

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_lost_doubled_or_oversold_while_processes_are_killed(tmp_path):
    told = running.run(seconds=6, processes=6, seed=3, folder=tmp_path)

    assert (told["errors"], told["lost"], told["oversold"], told["left_waiting"], told["broken"]) == ([], [], 0, 0, {})
    assert told["acts"]["done"] > 20
    assert told["kills"] > 3


def test_the_judge_sees_what_was_promised_to_somebody_and_is_not_so():
    assert judging.lost(["taken:never", "taken:never"]) == ["taken:never"]
    assert (
        judging.is_sound({"errors": [], "lost": ["taken:never"], "oversold": 0, "left_waiting": 0, "broken": {}})
        is False
    )
