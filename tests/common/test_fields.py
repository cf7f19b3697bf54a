import pytest
from cryptography.fernet import InvalidToken

from oms.common.fields import EncryptedJSONField, Unreadable, seal, unseal

SECRET = {"api_key": "s3cret", "account": 7}


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.OMS_FIELD_KEYS = ["new-key", "old-key"]


def test_a_value_comes_back_and_its_text_is_nowhere_in_the_ciphertext():
    sealed = seal(SECRET, "carriers.Account.credentials")

    assert "s3cret" not in sealed
    assert unseal(sealed, "carriers.Account.credentials") == SECRET


def test_a_ciphertext_of_another_field_does_not_open():
    sealed = seal(SECRET, "carriers.Account.credentials")

    with pytest.raises(Unreadable, match=r"orders.Channel.credentials: no key"):
        unseal(sealed, "orders.Channel.credentials")


def test_the_first_key_seals_and_every_key_opens(settings):
    settings.OMS_FIELD_KEYS = ["old-key"]
    old = seal(SECRET, "p")

    settings.OMS_FIELD_KEYS = ["new-key", "old-key"]
    assert unseal(old, "p") == SECRET
    fresh = seal(SECRET, "p")

    settings.OMS_FIELD_KEYS = ["new-key"]
    assert unseal(fresh, "p") == SECRET
    with pytest.raises(Unreadable):
        unseal(old, "p")


def test_a_changed_ciphertext_does_not_open():
    sealed = seal(SECRET, "p")

    with pytest.raises(Unreadable) as refusal:
        unseal(sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1], "p")
    assert isinstance(refusal.value.__cause__, InvalidToken)


def test_a_field_seals_on_the_way_in_and_opens_on_the_way_out():
    field = EncryptedJSONField(purpose="p")

    stored = field.get_prep_value(SECRET)

    assert unseal(stored, "p") == SECRET
    assert field.from_db_value(stored, None, None) == SECRET
    assert field.get_prep_value(None) is None
    assert field.from_db_value(None, None, None) is None


def test_nothing_can_be_searched_in_a_sealed_column():
    field = EncryptedJSONField(purpose="p")

    assert field.get_lookup("exact") is None
    assert field.get_lookup("isnull") is not None
