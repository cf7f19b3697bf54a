"""When an order will leave and arrive, promised once at confirmation and kept with the order.

`config` of the channel says how: `ship_within_days` (working days, 1 when unsaid), `transit_days` by service level.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from orders.models import Order
from orders.statuses import Method

TRANSIT_DAYS = {"express": 1, "standard": 3, "": 3}
CUT_OFF = time(16, 0)
SATURDAY = 5


def set_on(order: Order) -> None:
    """Fill what the channel has not promised itself; the caller saves."""
    if order.method == Method.DIGITAL:
        order.promised_ship_by = order.promised_ship_by or timezone.now() + timedelta(hours=1)
        return
    config = order.channel.config
    zone = ZoneInfo(config.get("time_zone") or settings.TIME_ZONE)
    start = timezone.now().astimezone(zone)
    days = 0 if order.service_level == "express" else int(config.get("ship_within_days", 1))
    if start.time() > CUT_OFF:
        days += 1
    ship_by = order.promised_ship_by or at_cut_off(add_working_days(start, days))
    order.promised_ship_by = ship_by
    transit = config.get("transit_days", {}).get(order.service_level, TRANSIT_DAYS.get(order.service_level, 3))
    if order.method == Method.SHIP and not order.promised_deliver_by:
        order.promised_deliver_by = add_working_days(ship_by, transit).replace(hour=20, minute=0)


def add_working_days(moment: datetime, days: int) -> datetime:
    """Monday to Friday count; a weekend start counts from Monday."""
    while moment.weekday() >= SATURDAY:
        moment += timedelta(days=1)
    for _ in range(days):
        moment += timedelta(days=1)
        while moment.weekday() >= SATURDAY:
            moment += timedelta(days=1)
    return moment


def at_cut_off(moment: datetime) -> datetime:
    return moment.replace(hour=CUT_OFF.hour, minute=CUT_OFF.minute, second=0, microsecond=0)
