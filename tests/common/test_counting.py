import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.accounts.models import User
from oms.common.counting import counts

pytestmark = pytest.mark.django_db


def test_many_counts_are_one_question_and_may_be_capped():
    for name in ("ada", "bob", "cyd"):
        User.objects.create_user(f"{name}@example.com", None, name=name, role="agent")
    rows = {
        "all": User.objects.order_by("name"),
        "one": User.objects.filter(email__startswith="ada"),
        "none": User.objects.none(),
        "nobody": User.objects.filter(name="100%"),
        "distinct": User.objects.values("role").distinct(),
    }
    with CaptureQueriesContext(connection) as queries:
        assert counts(rows) == {"all": 3, "one": 1, "none": 0, "nobody": 0, "distinct": 3}
    assert len(queries) == 1
    assert counts(rows, cap=2)["all"] == 2
    assert counts({}) == {}
