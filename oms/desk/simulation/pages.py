"""What a person's browser does without JavaScript: read a page, fill in a form of it, send it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.utils.html import strip_tags

from oms.common import http

Fields = dict[str, str]


class Unexpected(Exception):
    """The product answered with something that this step of the day can't go on from."""


@dataclass
class Form:
    """Where it goes, and what its fields hold as the page came."""

    action: str
    fields: Fields = field(default_factory=dict)
    method: str = "get"


@dataclass
class Page:
    url: str
    status: int
    text: str
    forms: list[Form]

    def form(self, path: str) -> Form:
        """The first form that is sent to the path."""
        if found := self.form_if_any(path):
            return found
        raise Unexpected(f"{self.url} has no form for {path}.\n{self.said()}")

    def form_if_any(self, path: str) -> Form | None:
        return next((form for form in self.forms if urlsplit(form.action).path == path), None)

    def link(self, pattern: str) -> str:
        """The first address on the page that is like this; empty when there is none."""
        found = re.search(rf'href="({pattern})"', self.text)
        return found[1] if found else ""

    def choice(self, label: str) -> str:
        """The value of the option that reads so."""
        found = re.search(rf'<option value="([^"]+)"[^>]*>\s*{label}\s*</option>', self.text)
        if found is None:
            raise Unexpected(f"{self.url} offers no “{label}”. The day needs the demo world.")
        return found[1]

    def said(self) -> str:
        return _words(self.text)


class Person:
    """Somebody signed in, with cookies of their own. Not to be shared between threads."""

    def __init__(self, address: str, email: str) -> None:
        host = urlsplit(address).netloc
        self.email = email
        self._http = http.client(base_url=address, timeout=60, private=frozenset({host}))

    def sign_in(self, password: str) -> "Person":
        self.send(self.see("/login/").form("/login/"), email=self.email, password=password)
        if not {"session", "__Host-session"} & set(self._http.cookies):
            raise Unexpected(f"{self.email} can't sign in with this password.")
        return self

    def see(self, path: str, *, ok: tuple[int, ...] = (200,)) -> Page:
        return self._page(self._http.get(path), ok)

    def send(self, form: Form, *, files: Any = None, ok: tuple[int, ...] = (200,), **said: Any) -> Page:
        """Send it with these words in its fields; where it leads is followed. Raises Unexpected for a refusal."""
        fields = form.fields | {name: v if isinstance(v, list) else str(v) for name, v in said.items()}
        return self._page(self._http.post(form.action, data=fields, files=files), ok)

    def close(self) -> None:
        self._http.close()

    def _page(self, answer: Any, ok: tuple[int, ...]) -> Page:
        while answer.is_redirect:
            answer = self._http.get(answer.headers["Location"])
        url = str(answer.url)
        if not (answer.headers.get("Content-Type") or "").startswith("text/html"):
            return Page(url, answer.status_code, "", [])
        if answer.status_code not in ok:
            raise Unexpected(f"{answer.request.method} {url} answered {answer.status_code}:\n{_words(answer.text)}")
        return read(url, answer.status_code, answer.text)


def read(url: str, status: int, text: str) -> Page:
    reader = _Forms(url)
    reader.feed(text)
    return Page(url, status, text, reader.forms)


class _Forms(HTMLParser):
    """Forms with the values that a browser would send: text, hidden, ticked, chosen."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.forms = url, []
        self._form: Form | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name = has.get("name", "")
        if tag == "form":
            action = urlsplit(urljoin(self.url, has.get("action") or self.url))._replace(fragment="").geturl()
            self._form = Form(action, method=has.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None or "disabled" in has:
            return
        elif tag == "input" and name and has.get("type") not in ("submit", "button", "file"):
            if has.get("type") not in ("checkbox", "radio") or "checked" in has:
                self._form.fields[name] = has.get("value", "on" if has.get("type") == "checkbox" else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in has or self._select not in self._form.fields):
            self._form.fields[self._select] = has.get("value", "")
        elif tag == "textarea":
            self._area = name
            self._form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            self._form.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def _words(text: str) -> str:
    """The words of the page's own part, for a person who looks for what went wrong."""
    return " ".join(strip_tags(text[max(text.find("<main"), 0) :]).split())[:1500]
