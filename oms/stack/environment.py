"""What the processes of one copy are told: its secrets, its addresses."""

import os
import socket
from collections.abc import Iterable

import psutil
from cryptography.fernet import Fernet

from oms.stack.home import Home
from oms.stack.ports import kept_port
from oms.stack.servers import is_given

FAKES = {"fake_carrier": "FAKE_CARRIER_URL", "fake_shop": "FAKE_SHOP_URL"}


def secrets_of(home: Home) -> dict[str, str]:
    """Made at the first start and kept; those in the environment win."""
    made = {
        "SECRET_KEY": lambda: home.secret("secret_key"),
        "OMS_FIELD_KEYS": lambda: home.secret("field_keys", lambda: Fernet.generate_key().decode()),
    }
    return {name: make() for name, make in made.items() if not is_given(os.environ, name)}


def addresses_of(home: Home, host: str, base_url: str, fakes: Iterable[str]) -> dict[str, str]:
    """The fake carrier and shop keep their ports, for the demo world has them in its database."""
    fake_urls = {FAKES[name]: f"http://127.0.0.1:{kept_port(home.path / f'{name}.port')}" for name in fakes}
    private = [url.removeprefix("http://") for url in fake_urls.values()]
    allowed = [*filter(None, [os.environ.get("OMS_ALLOW_PRIVATE_HOSTS")]), *private]
    return fake_urls | {
        "OMS_HOME": str(home.path),
        "OMS_DEMO": os.environ.get("OMS_DEMO") or "1",
        "BASE_URL": os.environ.get("BASE_URL") or base_url,
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or ",".join(names_of(host)),
        "OMS_ALLOW_PRIVATE_HOSTS": ",".join(allowed),
        "BEAT_HOLDER": f"the launcher of {home.path}"[-120:],
    }


def names_of(host: str) -> list[str]:
    """What browsers may call us by: on every interface by each address of this machine and by its name."""
    local = ["localhost", "127.0.0.1", "[::1]"]
    if host != "0.0.0.0":  # noqa: S104
        return [*local, host]
    cards = [address for card in psutil.net_if_addrs().values() for address in card]
    return [*local, *(card.address for card in cards if card.family == socket.AF_INET), socket.gethostname()]
