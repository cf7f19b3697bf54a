"""When a parcel arrives: cut-off, working days and Saturdays of a service, on the clock of the place it leaves."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from carriers.models.account import WORKING_DAYS, Service
from carriers.providers.base import RateRequest

SATURDAY = 5
END_OF_DAY = time(20)


@dataclass(frozen=True)
class Leg:
    """What of a service decides a day."""

    days: int
    cut_off: time | None = None
    saturday: bool = False

    @classmethod
    def of(cls, service: Service) -> "Leg":
        return cls(service.transit_max_days, service.cut_off, service.saturday)

    def works(self, day: int) -> bool:
        return day in WORKING_DAYS or (self.saturday and day == SATURDAY)

    def leaves(self, ready: datetime) -> datetime:
        """The day it is on its way: today before the cut-off of a working day, else the next working day."""
        late = self.cut_off is not None and ready.time() > self.cut_off
        day = ready + timedelta(days=1) if late else ready
        while not self.works(day.weekday()):
            day += timedelta(days=1)
        return day

    def arrives(self, ready: datetime) -> datetime:
        """The end of the last transit day, as the sender's clock shows it."""
        day = self.leaves(ready)
        for _ in range(self.days):
            day += timedelta(days=1)
            while not self.works(day.weekday()):
                day += timedelta(days=1)
        return day.replace(hour=END_OF_DAY.hour, minute=0, second=0, microsecond=0)


def why_not(service: Service, request: RateRequest) -> str:
    """Why this service does not take these parcels, in words; empty when it does."""
    if service.scope == Service.Scope.DOMESTIC and not request.is_domestic:
        return "only inside the country"
    if service.scope == Service.Scope.INTERNATIONAL and request.is_domestic:
        return "only to other countries"
    if request.direction == "return" and not service.returns:
        return "not for returns"
    for parcel in request.parcels:
        if parcel.weight_g > service.max_weight_g:
            return f"heavier than {service.max_weight_g / 1000:g} kg"
        if service.max_length_mm and parcel.sides[0] > service.max_length_mm:
            return f"longer than {service.max_length_mm / 10:g} cm"
        if service.max_girth_mm and parcel.girth_mm > service.max_girth_mm:
            return f"girth over {service.max_girth_mm / 10:g} cm"
    return ""
