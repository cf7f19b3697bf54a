from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from oms.common import numbering
from oms.common.models import Sequence


@pytest.mark.django_db
@pytest.mark.parametrize("kind", numbering.PREFIXES)
def test_every_kind_counts_on_with_its_prefix(kind):
    first, second = numbering.next_number(kind), numbering.next_number(kind)

    prefix = numbering.PREFIXES[kind]
    assert first.startswith(prefix)
    assert int(second.removeprefix(prefix)) == int(first.removeprefix(prefix)) + 1


@pytest.mark.django_db
def test_many_numbers_come_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        numbers = numbering.next_numbers("fulfillment", 40)

    assert len(set(numbers)) == 40


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_document_leaves_no_gap():
    with transaction.atomic():
        first = numbering.next_gapless("invoice-DE-2026")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        numbering.next_gapless("invoice-DE-2026")
        raise ZeroDivisionError
    with transaction.atomic():
        second = numbering.next_gapless("invoice-DE-2026")

    assert [first, second] == ["invoice-DE-2026-000001", "invoice-DE-2026-000002"]


@pytest.mark.django_db(transaction=True)
def test_a_gapless_number_outside_a_transaction_is_a_mistake():
    with pytest.raises(transaction.TransactionManagementError):
        numbering.next_gapless("invoice-DE-2026")


@pytest.mark.django_db(transaction=True)
def test_gapless_numbers_are_given_once_each_under_contention():
    def one(_: int) -> str:
        try:
            with transaction.atomic():
                return numbering.next_gapless("credit-DE-2026")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(one, range(30)))

    assert sorted(numbers) == [f"credit-DE-2026-{n:06d}" for n in range(1, 31)]
    assert Sequence.objects.get(name="credit-DE-2026").value == 30
