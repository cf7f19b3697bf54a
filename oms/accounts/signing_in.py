"""Is it really them? Slow for those who guess, and silent on whether an account exists."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from oms.accounts.models import User
from oms.common import throttle
from oms.common.errors import Refused

WINDOW = 300
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 50  # a warehouse stands behind one address


class WrongLogin(Refused):
    code = "wrong_login"


class TooManyTries(Refused):
    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many tries. Wait {_minutes(seconds)}, then try again.")
        self.seconds = seconds


def check(request: HttpRequest, email: str, password: str) -> User:
    """The account of this password. Only failures are counted, by account and by address."""
    email, address = email.strip().lower(), throttle.client_address(request)
    counted = [("login", email, TRIES_PER_ACCOUNT), ("login-address", address, TRIES_PER_ADDRESS)]
    waits = [throttle.wait_seconds(scope, who, limit=limit, window=WINDOW) for scope, who, limit in counted]
    if any(waits):
        raise TooManyTries(max(waits))
    user = authenticate(request, username=email, password=password)
    if user:
        return user
    for scope, who, _ in counted:
        throttle.count(scope, who, window=WINDOW)
    raise WrongLogin("E-mail and password don't belong together.")


def _minutes(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"
