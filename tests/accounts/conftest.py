import pytest

from oms.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(db) -> User:
    return User.objects.create_user("ada@example.com", PASSWORD, name="Ada", role="admin", all_locations=True)


@pytest.fixture
def desk(client, admin):
    """A client signed in as the admin."""
    client.force_login(admin)
    return client
