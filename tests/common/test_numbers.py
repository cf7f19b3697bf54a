import pytest

from oms.common.numbers import whole

NUMBERS = {"0": 0, "007": 7, "12345": 12345, "٣": 3}
NONE = ("123456", "", "-1", "1.0", "²", "x", " 1", "9" * 5000)


@pytest.mark.parametrize(("text", "number"), [*NUMBERS.items(), *((text, None) for text in NONE)])
def test_a_whole_number_is_digits_and_not_too_many(text, number):
    assert whole(text, digits=5) == number
