"""The only way out: an HTTP client that reaches public addresses, and the few private ones that settings name exactly.

Every address a name resolves to must be public, and the connection goes to the address that was checked, so a name
that changes its mind between check and connect gains nothing. No redirects, no proxies from the environment, answers
of at most 10 MB. Errors never tell an open port from a closed one.
"""

import ipaddress
import logging
import socket
import time
from collections.abc import Iterator

import httpcore
import httpx
from django.conf import settings

log = logging.getLogger(__name__)
PORTS = frozenset({443, 8443})
LARGEST_BODY = 10 * 1024 * 1024
REFUSED = "This address can't be reached from here."
TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "192.88.99.0/24")
)
Response = httpx.Response
Failed, BadAddress = httpx.HTTPError, httpx.InvalidURL
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)  # nothing has reached the other side


class TooLarge(httpx.HTTPError):
    """The answer is larger than we are willing to read."""


def client(
    *,
    base_url: str = "",
    timeout: float = 10.0,
    headers: dict[str, str] | None = None,
    largest: int = LARGEST_BODY,
    private: frozenset[str] = frozenset(),
) -> httpx.Client:
    """Use as a context manager, or keep it: connections are pooled.

    `private` are host:port besides those of the settings; only an address that a person typed on this machine's own
    command line may go there, never one that was stored or sent.
    """
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        transport=_Guarded(largest, private),
        timeout=httpx.Timeout(timeout, connect=min(timeout, 3.0)),
        follow_redirects=False,
        trust_env=False,
    )


def is_public(text: str) -> bool:
    """Routable on the internet, tunnels and mapped forms looked through."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip in net for net in TUNNELS if net.version == ip.version)


def _is_allowed_private(host: str, port: int, also: frozenset[str]) -> bool:
    return f"{host.lower()}:{port}" in {entry.lower() for entry in settings.OMS_ALLOW_PRIVATE_HOSTS} | also


class _PublicOnly(httpcore.SyncBackend):
    """Resolves, judges every address found, and connects to one that was judged."""

    def __init__(self, private: frozenset[str]) -> None:
        self._private = private

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        bare = host.strip("[]")
        if not _is_allowed_private(bare, port, self._private):
            if port not in PORTS:
                raise httpcore.ConnectError(REFUSED)
            bare = self._judged(bare, port)
        return super().connect_tcp(bare, port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *args, **kwargs):
        raise httpcore.ConnectError(REFUSED)

    @staticmethod
    def _judged(host: str, port: int) -> str:
        try:
            found = sorted({info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
        except (OSError, UnicodeError) as e:
            raise httpcore.ConnectError(REFUSED) from e
        if not found or not all(is_public(text) for text in found):
            raise httpcore.ConnectError(REFUSED)
        return found[0]


class _Guarded(httpx.HTTPTransport):
    """Scheme rule, size cap, one log line a request without query, headers or body."""

    def __init__(self, largest: int, private: frozenset[str]) -> None:
        super().__init__(trust_env=False, retries=0)
        self._private = private
        # no public way in httpx 0.28; tests/common/test_http.py watches it
        self._pool._network_backend = _PublicOnly(private)
        self._largest = largest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        if url.scheme != "https" and not (url.scheme == "http" and _is_allowed_private(url.host, port, self._private)):
            raise httpx.ConnectError(REFUSED, request=request)
        began, outcome = time.monotonic(), "no answer"
        try:
            response = super().handle_request(request)
            outcome = str(response.status_code)
        finally:
            log.info(
                "%s %s%s %s %.0f ms", request.method, url.host, url.path, outcome, (time.monotonic() - began) * 1e3
            )
        response.stream = _Capped(response.stream, self._largest)
        return response


class _Capped(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, largest: int) -> None:
        self._inner, self._largest = inner, largest

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for chunk in self._inner:
            seen += len(chunk)
            if seen > self._largest:
                raise TooLarge(f"The answer is larger than {self._largest} bytes.")
            yield chunk

    def close(self) -> None:
        self._inner.close()
