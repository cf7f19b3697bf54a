"""Credentials at rest: JSON, encrypted with a key of its own field, so a ciphertext moved elsewhere does not open."""

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class Unreadable(Exception):
    """No key in OMS_FIELD_KEYS opens this value, or it was written for another field."""


class EncryptedJSONField(models.TextField):
    """`purpose` names the field ("carriers.Account.credentials"). The first of OMS_FIELD_KEYS encrypts, all decrypt."""

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else seal(value, self.purpose)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else unseal(value, self.purpose)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return "{}"  # never in a dump

    def get_lookup(self, lookup_name: str):
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


def seal(value: Any, purpose: str) -> str:
    return _box(purpose).encrypt(json.dumps(value).encode()).decode()


def unseal(text: str, purpose: str) -> Any:
    try:
        return json.loads(_box(purpose).decrypt(text.encode()))
    except InvalidToken as e:
        raise Unreadable(f"{purpose}: no key of OMS_FIELD_KEYS opens this value") from e


def _box(purpose: str) -> MultiFernet:
    if not settings.OMS_FIELD_KEYS:
        raise ImproperlyConfigured("OMS_FIELD_KEYS is empty; make one with `manage.py rotate_keys --new`")
    return MultiFernet([Fernet(_key_for(key, purpose)) for key in settings.OMS_FIELD_KEYS])


def _key_for(key: str, purpose: str) -> bytes:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"oms field {purpose}".encode()).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
