import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from oms.common import http

REFUSED = "This address can't be reached from here."
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127.0.0.1.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::127.0.0.1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.64.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
]


class Listener(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.hits.append((self.path, self.headers.get("Authorization", "")))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            self.wfile.write(b"x" * int(self.path.rpartition("/")[2] or 2))
        except OSError:
            pass

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[ThreadingHTTPServer]:
    """A real server on every local address; `connections` counts what reached its port."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), Listener)
    server.hits, server.connections, accept = [], 0, server.get_request

    def counting():
        server.connections += 1
        return accept()

    server.get_request = counting
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def any_port(monkeypatch, listener):
    """The listener can't have port 443, so its own port counts as allowed: the address rule alone must refuse."""
    monkeypatch.setattr(http, "PORTS", frozenset({443, 8443, listener.server_port}))
    return listener


def refused_or_no_address(url: str) -> None:
    """The client's own reading of addresses refuses some spellings before our guard sees them."""
    with http.client(timeout=2) as client, pytest.raises((httpx.ConnectError, http.BadAddress)) as refused:
        client.get(url)
    assert refused.type is http.BadAddress or REFUSED in str(refused.value)


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(any_port, host):
    refused_or_no_address(f"https://{host}:{any_port.server_port}/")

    assert any_port.connections == 0


@pytest.mark.parametrize("host", SPELLINGS)
def test_plain_http_is_refused_before_a_name_is_looked_up(any_port, host):
    refused_or_no_address(f"http://{host}:{any_port.server_port}/")

    assert any_port.connections == 0


def test_the_control_reaches_the_listener(any_port):
    """Shows that the listener would have seen a connection."""
    httpx.get(f"http://127.0.0.1:{any_port.server_port}/", trust_env=False)

    assert any_port.connections == 1


def test_a_name_with_one_private_address_among_public_ones_is_refused(any_port, monkeypatch):
    def answers(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.216.34", "127.0.0.1")]

    monkeypatch.setattr(http.socket, "getaddrinfo", answers)
    with http.client(timeout=2) as client, pytest.raises(httpx.ConnectError, match=REFUSED):
        client.get(f"https://rebind.example:{any_port.server_port}/")

    assert any_port.connections == 0


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch):
    """A name that answers differently the second time gains nothing: there is no second time."""
    answers, connected = iter([["93.184.216.34"], ["127.0.0.1"]]), []

    def resolve(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(answers)]

    def connect(self, host, port, *args, **kwargs):
        connected.append((host, port))
        raise http.httpcore.ConnectError("stop here")

    monkeypatch.setattr(http.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(http.httpcore.SyncBackend, "connect_tcp", connect)
    with http.client(timeout=2) as client, pytest.raises(httpx.ConnectError):
        client.get("https://rebind.example/")

    assert connected == [("93.184.216.34", 443)]


@pytest.mark.parametrize("port", [22, 80, 25, 5432, 6379])
def test_only_the_ports_of_https_are_reached(port):
    with http.client(timeout=2) as client, pytest.raises(httpx.ConnectError, match=REFUSED):
        client.get(f"https://example.com:{port}/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1/"])
def test_other_schemes_are_refused(url):
    with http.client(timeout=2) as client, pytest.raises((httpx.ConnectError, httpx.UnsupportedProtocol)):
        client.get(url)


def test_an_open_and_a_closed_port_give_the_same_words(any_port):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    said = []
    for port in (any_port.server_port, closed):
        with http.client(timeout=2) as client, pytest.raises(httpx.ConnectError) as refusal:
            client.get(f"https://127.0.0.1:{port}/")
        said.append(str(refusal.value))

    assert said == [REFUSED, REFUSED]


def test_an_exact_host_and_port_of_the_settings_may_be_reached(listener, settings):
    settings.OMS_ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{listener.server_port}"]

    with http.client(base_url=f"http://127.0.0.1:{listener.server_port}", timeout=5) as client:
        assert client.get("/2").text == "xx"
        with pytest.raises(httpx.ConnectError, match=REFUSED):
            client.get(f"http://localhost:{listener.server_port}/2")
        with pytest.raises(httpx.ConnectError, match=REFUSED):
            client.get(f"http://127.0.0.1:{listener.server_port + 1}/2")

    assert listener.connections == 1


def test_a_redirect_is_an_answer_and_not_followed(listener, settings):
    settings.OMS_ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{listener.server_port}"]

    with http.client(base_url=f"http://127.0.0.1:{listener.server_port}") as client:
        response = client.get("/away")

    assert response.status_code == 302
    assert [path for path, _ in listener.hits] == ["/away"]


def test_a_proxy_of_the_environment_is_not_asked(listener, settings, monkeypatch):
    settings.OMS_ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{listener.server_port}"]
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    with http.client(base_url=f"http://127.0.0.1:{listener.server_port}") as client:
        assert client.get("/2").status_code == 200


def test_an_answer_that_never_ends_is_cut(listener, settings):
    settings.OMS_ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{listener.server_port}"]

    with http.client(base_url=f"http://127.0.0.1:{listener.server_port}", largest=1000) as client:
        assert len(client.get("/1000").content) == 1000
        with pytest.raises(http.TooLarge):
            client.get("/100000")


def test_the_log_has_no_query_header_or_body(listener, settings, caplog):
    settings.OMS_ALLOW_PRIVATE_HOSTS = [f"127.0.0.1:{listener.server_port}"]
    caplog.set_level(logging.INFO, logger="oms.common.http")

    with http.client(
        base_url=f"http://127.0.0.1:{listener.server_port}", headers={"Authorization": "s3cret"}
    ) as client:
        client.get("/2", params={"key": "s3cret"})

    assert listener.hits == [("/2?key=s3cret", "s3cret")]
    assert "GET 127.0.0.1/2 200" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", False),
        ("2002:5db8:d822::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_means_routable_and_not_tunnelled(address, public):
    assert http.is_public(address) is public
