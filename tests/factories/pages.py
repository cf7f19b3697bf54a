"""The pages of the product as a crawler finds them: from the home page, one of a kind, with their forms."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from oms.desk.simulation.pages import Form, Page, read

LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')


def crawl(client: Client, *starts: str, most: int = 3) -> Iterator[Page]:
    """Every page that can be reached by links, at most `most` of one kind of address. Paper and files are left out."""
    waiting, seen, kinds = list(starts or ["/"]), set(), {}
    while waiting:
        url = waiting.pop(0).replace("&amp;", "&")
        what = kind(url)
        if url in seen or what is None or kinds.get(what, 0) >= most:
            continue
        seen.add(url)
        answer = client.get(url)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        kinds[what] = kinds.get(what, 0) + 1
        page = read(url, answer.status_code, answer.content.decode())
        yield page
        waiting += LINK.findall(page.text)


def forms(pages: Iterator[Page]) -> Iterator[Form]:
    """One of each kind of form that is posted somewhere."""
    seen = set()
    for page in pages:
        for form in page.forms:
            what = (kind(form.action), tuple(sorted(re.sub(r"\d+", "#", name) for name in form.fields)))
            if form.method == "post" and what[0] and what not in seen:
                seen.add(what)
                yield form


def kind(url: str) -> tuple[str, bool] | None:
    """The name of the view, and whether it was asked something."""
    parts = urlsplit(url)
    try:
        return resolve(parts.path).view_name, bool(parts.query)
    except Resolver404:
        return None
