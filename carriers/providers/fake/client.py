"""HTTP with the fake carrier: every way in which a call can end, in the words of CarrierError."""

from collections.abc import Mapping
from typing import Any

from carriers.providers.base import CarrierError
from oms.common import http

SIGN_IN = (401, 403)


class Client:
    def __init__(self, base_url: str, key: str) -> None:
        self._base_url, self._key = base_url, key

    def get(self, path: str, params: Mapping[str, str] | None = None, *, timeout: float = 10.0) -> Any:
        return self._call("GET", path, timeout=timeout, params=params)

    def post(self, path: str, body: Mapping[str, Any], *, timeout: float = 20.0) -> Any:
        return self._call("POST", path, timeout=timeout, json=body)

    def _call(self, method: str, path: str, *, timeout: float, **sent: Any) -> Any:
        if not self._base_url:
            raise CarrierError("The account has no address to call.", permanent=True)
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            with http.client(base_url=self._base_url, timeout=timeout, headers=headers) as client:
                response = client.request(method, path, **sent)
        except http.NOT_SENT as e:
            raise CarrierError("The carrier can't be reached.", code="unreachable") from e
        except http.Failed as e:
            raise CarrierError("The carrier did not answer.", ambiguous=True, code="no_answer") from e
        except http.BadAddress as e:
            raise CarrierError("The account's address is not a web address.", permanent=True) from e
        return _body(response)


def _body(response: http.Response) -> Any:
    status = response.status_code
    if status == 429:
        raise CarrierError("The carrier asks us to slow down.", retry_after=_retry_after(response), code="slow_down")
    if status in SIGN_IN:
        raise CarrierError("The carrier does not accept the key.", sign_in=True)
    if status >= 500:
        raise CarrierError(f"The carrier is in trouble ({status}).", ambiguous=True, code=str(status))
    try:
        body = response.json()
    except ValueError as e:
        raise CarrierError("The carrier's answer is not readable.", ambiguous=True, code="unreadable") from e
    if status >= 400:
        told = body.get("error") if isinstance(body, dict) else None
        raise CarrierError(str(told or f"The carrier refused it ({status})."), permanent=True, code=str(status))
    return body


def _retry_after(response: http.Response) -> float:
    """Seconds; 30 where it names a date or nothing."""
    try:
        return min(max(float(response.headers.get("Retry-After", "")), 1.0), 3600.0)
    except ValueError:
        return 30.0
