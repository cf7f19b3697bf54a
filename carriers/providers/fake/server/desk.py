"""The carrier's clerk: sells, takes back, carries. Every verb is safe to ask twice under the same reference."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from carriers import paper
from carriers.providers.base import LabelRequest, ParcelSpec
from carriers.providers.fake.codes import BY_WORD, CODES, ENDS, JOURNEY
from carriers.providers.fake.server import prices
from carriers.providers.fake.server.books import Books, Row
from carriers.providers.fake.server.news import News, is_loopback
from oms.common.money import Money
from oms.common.postal import PostalAddress

PLACES = {"LBL": "", "COL": "Sender's depot", "HUB": "Hub Centre", "OUT": "Delivery depot"}


class Refusal(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Desk:
    def __init__(self, books: Books, news: News) -> None:
        self._books, self._news = books, news

    def sell(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """201 and the label; 200 and the same one for the same reference; 409 when it names another parcel."""
        with self._books.together():
            if row := self._books.one("SELECT * FROM label WHERE reference = ?", asked["reference"]):
                if _gist(json.loads(row["asked"])) != _gist(asked):
                    raise Refusal(409, f"Reference {asked['reference']} names another parcel.")
                return 200, _label(row)
            offer = next((one for one in prices.offers(asked, now()) if one["service"] == asked["service"]), None)
            if offer is None:
                raise Refusal(422, "This service does not carry this parcel to there.")
            row = self._book(asked, offer)
            self._happened(row["number"], "LBL", now())
            return 201, _label(row)

    def find(self, reference: str) -> list[dict[str, Any]]:
        row = self._books.one("SELECT * FROM label WHERE reference = ? AND state = 'sold'", reference)
        return [_label(row)] if row else []

    def void(self, label_id: str) -> dict[str, Any]:
        with self._books.together():
            row = self._books.one("SELECT * FROM label WHERE id = ?", label_id)
            if row is None:
                raise Refusal(404, "There is no such label.")
            if row["state"] == "sold":
                if self._last(row["number"]) != "LBL":
                    raise Refusal(409, "The parcel is on its way.")
                self._books.do("UPDATE label SET state = 'void' WHERE id = ?", label_id)
                self._happened(row["number"], "CAN", now())
            return {"id": label_id, "state": "void"}

    def close_manifest(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._books.together():
            if row := self._books.one("SELECT told FROM manifest WHERE reference = ?", asked["reference"]):
                return json.loads(row["told"])
            refused = {number: why for number in asked["numbers"] if (why := self._why_not(number))}
            taken = [number for number in asked["numbers"] if number not in refused]
            manifest_id = f"FM{int(hashlib.sha256(asked['reference'].encode()).hexdigest(), 16) % 10**8:08d}"
            told = {"id": manifest_id, "reference": asked["reference"], "numbers": taken, "refused": refused}
            told["pdf"] = _b64(self._list(asked, manifest_id, taken))
            for number in taken:
                self._books.do("UPDATE label SET manifest = ? WHERE number = ?", manifest_id, number)
            self._books.add("manifest", id=manifest_id, reference=asked["reference"], told=json.dumps(told))
            return told

    def track(self, numbers: list[str]) -> dict[str, Any]:
        found = self._books.events_of(numbers)
        return {"parcels": [{"number": number, "events": found[number]} for number in numbers if number in found]}

    def register(self, url: str, secret: str) -> dict[str, Any]:
        if not is_loopback(url):
            raise Refusal(422, "This carrier calls nobody but this machine.")
        self._books.do("INSERT OR REPLACE INTO webhook VALUES (?, ?)", url, secret)
        return {"url": url}

    def advance(self, told: dict[str, Any]) -> dict[str, Any]:
        """Parcels go one step on their way, or those named to the status named. `all` moves unmanifested ones too."""
        code = _code(told["status"]) if told.get("status") else ""
        at = datetime.fromisoformat(told["at"]) if told.get("at") else now()
        moved = []
        with self._books.together():
            named = told.get("numbers")
            for row in self._named(named) if named else self._waiting(bool(told.get("all"))):
                for _ in range(int(told.get("steps", 1)) if not code else 1):
                    step = code or self._next(row["number"])
                    if step:
                        self._happened(row["number"], step, at, signed_by=told.get("signed_by", ""))
                        moved.append({"number": row["number"], "code": step})
        return {"moved": moved, "arrived": self._news.flush() if told.get("wait") else None}

    def _book(self, asked: dict[str, Any], offer: dict[str, Any]) -> Row:
        digest = int(hashlib.sha256(asked["reference"].encode()).hexdigest(), 16)
        number, request = f"FK{digest % 10**14:014d}", _request(asked)
        look = {"carrier": "FAKE PARCEL", "service": offer["name"], "number": number, "format": asked["format"]}
        row = {
            "id": f"L{digest % 10**10:010d}",
            "reference": asked["reference"],
            "number": number,
            "service": asked["service"],
            "price": offer["price"],
            "currency": offer["currency"],
            "asked": json.dumps(asked),
            "zpl": paper.label_zpl(request, **look),
            "pdf": paper.label_pdf(request, **look),
            "sold_at": now().isoformat(),
        }
        self._books.add("label", **row)
        return row

    def _happened(self, number: str, code: str, at: datetime, *, signed_by: str = "") -> None:
        """Events of one parcel are at least a second apart, so that their order is in their times."""
        last = self._books.one("SELECT max(at) AS at FROM event WHERE number = ?", number)["at"]
        at = max(at, datetime.fromisoformat(last) + timedelta(seconds=1)) if last else at
        event = {"code": code, "at": at.isoformat(), "text": CODES[code][2], "place": PLACES.get(code, "")}
        event["signed_by"] = (signed_by or "Receiver") if code == "DEL" else ""
        event_id = self._books.add("event", number=number, **event)
        self._news.tell(number, {"id": event_id, **event, "expected_at": ""})

    def _last(self, number: str) -> str:
        return self._books.one("SELECT code FROM event WHERE number = ? ORDER BY at DESC, id DESC", number)["code"]

    def _next(self, number: str) -> str:
        """The next station; after trouble on the way, out for delivery again."""
        last = self._last(number)
        if last in ENDS:
            return ""
        return JOURNEY[JOURNEY.index(last) + 1] if last in JOURNEY else "OUT"

    def _waiting(self, everything: bool) -> list[Row]:
        only = "" if everything else "AND manifest <> ''"
        return self._books.all(f"SELECT * FROM label WHERE state = 'sold' {only} ORDER BY sold_at, id")  # noqa: S608

    def _named(self, numbers: list[str]) -> list[Row]:
        found = [self._books.one("SELECT * FROM label WHERE number = ?", number) for number in numbers]
        if unknown := [number for number, row in zip(numbers, found, strict=True) if row is None]:
            raise Refusal(404, f"Unknown: {', '.join(unknown)}")
        return found

    def _why_not(self, number: str) -> str:
        row = self._books.one("SELECT * FROM label WHERE number = ?", number)
        if row is None:
            return "unknown number"
        return "the label is void" if row["state"] != "sold" else ""

    def _list(self, asked: dict[str, Any], manifest_id: str, taken: list[str]) -> bytes:
        rows = []
        for number in taken:
            row = self._books.one("SELECT * FROM label WHERE number = ?", number)
            to = json.loads(row["asked"])["to"]
            rows.append((number, row["reference"], row["service"], f"{to['name']}, {to['city']}"))
        number, place = asked["reference"], asked["place"]
        return paper.manifest_pdf(
            number, carrier="FAKE PARCEL", place=place, at=now(), rows=rows, reference=manifest_id
        )


def _code(word: str) -> str:
    code = BY_WORD.get(word.lower(), word.upper())
    if code not in CODES:
        raise Refusal(422, f"No such status: {word}. Known: {', '.join(sorted(BY_WORD))}")
    return code


def _gist(asked: dict[str, Any]) -> dict[str, Any]:
    """What makes it the same parcel; the day it leaves does not matter."""
    return {key: value for key, value in asked.items() if key not in ("ship_at", "dim_divisor", "format")}


def _request(asked: dict[str, Any]) -> LabelRequest:
    return LabelRequest(
        reference=asked["reference"],
        service_code=asked["service"],
        origin=PostalAddress(**asked["from"]),
        destination=PostalAddress(**asked["to"]),
        parcel=ParcelSpec(**asked["parcels"][0]),
        value=Money(Decimal(asked["value"]["amount"]), asked["value"]["currency"]),
        ship_at=datetime.fromisoformat(asked["ship_at"]),
        direction=asked["direction"],
        printed_reference=asked.get("printed_reference", ""),
    )


def _label(row: Row) -> dict[str, Any]:
    told = {key: row[key] for key in ("id", "reference", "number", "service", "price", "currency", "zpl")}
    return {**told, "pdf": _b64(row["pdf"]), "tracking_url": ""}


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def now() -> datetime:
    return datetime.now(UTC)
