"""What one place does with its work: release, pick by scans, pack, buy labels; and put back what should stay."""

import re
from dataclasses import dataclass
from typing import Any

from oms.desk.simulation import service
from oms.desk.simulation.pages import Page, Unexpected
from oms.desk.simulation.plans import Plan
from oms.desk.simulation.world import World

PEOPLE = {"BER": ("picker", "packer"), "LEJ": ("lead", "lead"), "HAM": ("admin", "admin")}
NAMES = {"BER": "Berlin warehouse", "LEJ": "Leipzig warehouse", "HAM": "Hamburg store"}
AT_ONCE = 12  # as many totes as one walk carries
TOTES = 60
BIN = re.compile(r'<h2 id="stop">([^<]+)</h2>')
WANTED = re.compile(r"<b>(\d+)</b> of (\d+) × (\S+)")
Work = dict[str, Any]


@dataclass(frozen=True)
class Stop:
    scan: str
    bin: str
    sku: str
    remaining: int
    of: int


class Place:
    """One location and its people. Lives in one thread."""

    def __init__(self, world: World, code: str) -> None:
        self.world, self.code = world, code
        self.picker, self.packer = (world.person(role) for role in PEOPLE[code])
        self._turned: set[int] = set()  # plans whose turn on the floor is over
        page = self.picker.see("/pick/")
        self.picker.send(page.form("/place/"), location=page.choice(NAMES[code]))

    def work(self, plans: list[Plan]) -> int:
        """Everything of these orders that is open here. The number of fulfilment orders worked on."""
        worked = 0
        while batch := self._open(plans)[:AT_ONCE]:
            self._release([number for _, number in batch])
            for plan, number in batch:
                self._pick(plan, number)
            for plan, number in batch:
                self._keep_back(plan, number)
            for plan, number in batch:
                self._pack_and_label(plan, number)
            worked += len(batch)
        return worked

    def _open(self, plans: list[Plan]) -> list[tuple[Plan, str]]:
        found = []
        for plan in plans:
            order = self.world.order(plan.n)
            if order["state"] == "confirmed" and not order["holds"]:
                works = [work for work in order["fulfillment_orders"] if work["location"] == self.code]
                found += [(plan, work["number"]) for work in works if work["state"] == "open"]
        return found

    def _release(self, numbers: list[str]) -> None:
        """One wave of the ticked ones."""
        lead = self.world.person("lead")
        page = lead.see("/waves/")
        lead.send(page.form("/place/"), location=page.choice(NAMES[self.code]))
        page = lead.see("/waves/?until=all")
        ids = [re.search(rf'name="ids" value="(\d+)" aria-label="Choose {number}"', page.text)[1] for number in numbers]
        lead.send(page.form("/waves/release/"), ids=ids)

    def _pick(self, plan: Plan, number: str) -> None:
        """The walk of this work, stop by stop, as a scanner types."""
        walk = self._walk_of(number)
        lists = self.picker.see("/pick/")
        form = lists.form("/pick/claim/")
        page = self.picker.send(form, list=walk)
        while stop := _stop_of(page, walk):
            page = self._at(plan, stop, page, walk)
        if finish := page.form_if_any(f"/pick/{walk}/finish/"):
            self.picker.send(finish, ok=(200, 404, 409, 422))  # the last scan has finished it when it could

    def _walk_of(self, number: str) -> str:
        found = re.findall(r">(PL-\d+)<", self.world.person("lead").see(f"/fulfillment/{number}/").text)
        if not found:
            raise Unexpected(f"{number} has no pick list.")
        return found[-1]

    def _at(self, plan: Plan, stop: Stop, page: Page, walk: str) -> Page:
        page = self.picker.send(page.form(stop.scan), code=stop.bin)
        if plan.turn == "short" and stop.of > 1 and plan.n not in self._turned:
            self._turned.add(plan.n)
            short = page.form(stop.scan.replace("/scan/", "/short/"))
            return self.picker.send(short, found=stop.remaining - 1, reason="damaged")
        page = self.picker.send(page.form(stop.scan), code=stop.sku, quantity=stop.remaining)
        if "Scan the tote" in page.text:
            page = self._into_a_tote(page, stop)
        return page

    def _into_a_tote(self, page: Page, stop: Stop) -> Page:
        """The first that is empty."""
        for n in range(1, TOTES):
            answer = self.picker.send(page.form(stop.scan), ok=(200, 422), code=f"T-{n:02d}")
            if answer.status == 200:
                return answer
        raise Unexpected(f"No tote is free at {self.code}.")

    def _keep_back(self, plan: Plan, number: str) -> None:
        """A customer cancels while the goods lie in the tote: an agent says so, and the floor puts them back."""
        if plan.turn != "cancel_floor" or plan.n in self._turned:
            return
        self._turned.add(plan.n)
        service.cancel_all(self.world, plan)
        page = self.picker.see(f"/fulfillment/{number}/")
        while answer := next((form for form in page.forms if "/intercepts/" in form.action), None):
            self.picker.send(answer, answer="back")
            page = self.picker.see(f"/fulfillment/{number}/")

    def _pack_and_label(self, plan: Plan, number: str) -> None:
        order = self.world.order(plan.n)
        work = next(work for work in order["fulfillment_orders"] if work["number"] == number)
        if work["state"] != "picked":
            return
        page = self.packer.send(self.packer.see("/pack/").form("/pack/"), code=number)
        shipment = re.search(r"/pack/([^/]+)/", page.url)[1]
        for line in work["lines"]:
            if line["picked"] - line["packed"]:
                scan = page.form(f"/pack/{shipment}/scan/")
                page = self.packer.send(scan, code=line["sku"], quantity=line["picked"] - line["packed"])
        page = self.packer.send(page.form(f"/pack/{shipment}/seal/"))
        if choose := page.form_if_any(f"/ship/{shipment}/choose/"):
            self._buy(choose, page)

    def _buy(self, form: Any, page: Page) -> None:
        """What is preselected: the cheapest that keeps the promise; else the first."""
        if "offer" not in form.fields:
            first = re.search(r'name="offer" value="([^"]+)"', page.text)
            if first is None:
                raise Unexpected(f"Nobody takes it:\n{page.said()}")
            form.fields["offer"] = first[1]
        self.packer.send(form)


def _stop_of(page: Page, walk: str) -> Stop | None:
    """Where the picker is sent; None at the end of the walk."""
    scan = next((form.action for form in page.forms if f"/pick/{walk}/" in form.action and "/scan/" in form.action), "")
    bin, wanted = BIN.search(page.text), WANTED.search(page.text)
    if not scan or not bin or not wanted:
        return None
    path = scan[scan.index("/pick/") :]
    return Stop(path, bin[1], wanted[3], int(wanted[1]), int(wanted[2]))
