"""First come, first served: wishes are queued without a lock, and decided by the thousand in the order they came.

One decider at a time (an advisory lock) keeps the order; one statement a batch locks each hot level once, grants by a
running sum, and writes counter, ledger and answers. What is granted is kept for the holder's order, or runs out.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from inventory import signals
from inventory.models import Sku, Wish
from inventory.statuses import WISH_MOVES, MovementKind, WishState
from inventory.stock import promise
from inventory.stock.ledger import Change, Key, StockRefused, lock_levels, write
from oms.common import request_id, sql, states
from oms.common.actors import SYSTEM, Actor
from oms.common.locking import lock

BATCH = 5_000
LONGEST = 24 * 60  # minutes

DECIDE = sql.Statement(f"""
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('inventory.wishes')) AS mine),
asked AS MATERIALIZED (
    SELECT w.id, w.sku_id, w.units FROM inventory_wish w
    WHERE w.state = 'waiting' AND (SELECT mine FROM turn) ORDER BY w.id LIMIT :most::int FOR UPDATE),
shelves AS MATERIALIZED (
    SELECT l.id, l.sku_id, l.available,
           row_number() OVER (PARTITION BY l.sku_id ORDER BY l.available DESC, l.id) AS place
    FROM inventory_stocklevel l JOIN inventory_location p ON p.id = l.location_id AND p.active AND p.ships
    WHERE l.sku_id IN (SELECT sku_id FROM asked) AND l.available > 0),
best AS MATERIALIZED (
    SELECT l.id, l.sku_id, l.location_id, l.available FROM inventory_stocklevel l
    WHERE l.id IN (SELECT id FROM shelves WHERE place = 1) ORDER BY l.id FOR NO KEY UPDATE),
judged AS MATERIALIZED (
    SELECT a.id, a.sku_id, a.units, b.id AS level_id, b.location_id, coalesce(b.available, 0) AS available,
           sum(a.units) OVER (PARTITION BY a.sku_id ORDER BY a.id) <= coalesce(b.available, 0) AS granted
    FROM asked a LEFT JOIN best b ON b.sku_id = a.sku_id),
given AS MATERIALIZED (
    SELECT level_id, sku_id, location_id, sum(units)::int AS units, min(id) AS first, max(id) AS last
    FROM judged WHERE granted GROUP BY level_id, sku_id, location_id),
answers AS MATERIALIZED (
    SELECT j.id, j.level_id, j.granted,
           NOT j.granted AND j.units > greatest(j.available - coalesce(g.units, 0), coalesce(s.available, 0)) AS refused
    FROM judged j LEFT JOIN given g ON g.sku_id = j.sku_id LEFT JOIN shelves s ON s.sku_id = j.sku_id AND s.place = 2),
granted AS MATERIALIZED (
    SELECT sku_id, location_id, units, 'wishes ' || first || '-' || last AS reference FROM given),
{promise.counted("reserved")},
{promise.ledger("reserved")},
told AS (
    UPDATE inventory_wish w
    SET state = CASE WHEN a.granted THEN 'granted' ELSE 'refused' END, decided_at = now(),
        level_id = CASE WHEN a.granted THEN a.level_id END,
        expires_at = CASE WHEN a.granted THEN now() + w.minutes * interval '1 minute' END
    FROM answers a WHERE w.id = a.id AND (a.granted OR a.refused))
SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE refused), count(*),
       array_agg(DISTINCT judged.sku_id) FILTER (WHERE answers.granted)
FROM answers JOIN judged USING (id, granted)
""")  # noqa: S608  parts of one statement, all constants


@transaction.atomic
def ask(sku: Sku, units: int, *, holder: str, minutes: int = 15, by: Any) -> Wish:
    """A place in the queue; the same holder has one for each SKU, and gets it again when asking again."""
    Actor.of(by)
    if units < 1 or not 1 <= minutes <= LONGEST:
        raise StockRefused(f"Ask for one unit or more, kept for 1 to {LONGEST} minutes.")
    Wish.objects.bulk_create([Wish(sku=sku, holder=holder[:160], units=units, minutes=minutes)], ignore_conflicts=True)
    found = Wish.objects.select_related("sku").filter(sku=sku, holder=holder[:160]).order_by("-pk")[0]
    if found.units != units:
        raise StockRefused(f"{holder} asked for {found.units} of {sku} before. Give that up first.")
    signals.tell_wished()
    return found


def holder_of(channel: str, external_id: str) -> str:
    """How the order that will come is known: its channel's code and its id there."""
    return f"{channel}:{external_id}"


def ahead_of(wish: Wish) -> int:
    """Wishes for the SKU that are decided before this one; 0 when it is decided."""
    if wish.state != WishState.WAITING:
        return 0
    return Wish.objects.filter(sku=wish.sku_id, state=WishState.WAITING, pk__lt=wish.pk).count()


def decide(*, by: Any = SYSTEM) -> tuple[int, int]:
    """(granted, refused) until the queue is empty or somebody else is at it. Safe to run twice."""
    actor, granted, refused = Actor.of(by), 0, 0
    while True:
        row = DECIDE.rows(
            most=BATCH,
            actor_kind=actor.kind,
            actor_label=actor.label[:120],
            user_id=actor.user_id,
            request_id=request_id.current(),
            many=True,
        )[0]
        granted, refused = granted + row[0], refused + row[1]
        if row[3]:
            signals.announce(row[3])
        if not row[0] + row[1]:
            return granted, refused


def held_for(holder: str) -> dict[Key, int]:
    """(SKU, location) → units that are kept for the holder."""
    rows = Wish.objects.filter(holder=holder, state=WishState.GRANTED).values_list("level__sku", "level__location")
    return {(sku, place): units for sku, place, units in rows.annotate(sum=Sum("units"))}


@transaction.atomic
def use(holder: str, *, by: Any) -> int:
    """The holder's order takes its units now: they are free under the locks that the caller goes on with."""
    return _end(Wish.objects.filter(holder=holder, state=WishState.GRANTED), WishState.USED, by=by)


@transaction.atomic
def give_up(wish: Wish, *, by: Any) -> Wish:
    """Out of the queue, or units back for everybody. Quiet when it is over already."""
    for row in lock(Wish.objects.filter(pk=wish.pk, state=WishState.WAITING)):
        states.advance(row, WishState.DROPPED, moves=WISH_MOVES)
        row.save(update_fields=["state"])
    _end(Wish.objects.filter(pk=wish.pk, state=WishState.GRANTED), WishState.DROPPED, by=by)
    wish.refresh_from_db()
    return wish


@transaction.atomic
def expire(*, by: Any = SYSTEM) -> int:
    """End what has run out. Safe to run twice."""
    return _end(Wish.objects.filter(state=WishState.GRANTED, expires_at__lte=Now()), WishState.EXPIRED, by=by)


def _end(rows: Any, to: WishState, *, by: Any) -> int:
    """Levels first, then what is still granted under their locks."""
    keys = set(rows.values_list("level__sku", "level__location"))
    levels = {level.id: level for level in lock_levels(keys).values()}
    ended = list(rows.filter(level__in=levels).order_by("pk"))
    if not ended:
        return 0
    write(_freed(ended, levels), reference=f"wishes {ended[0].pk}-{ended[-1].pk}", by=by)
    for wish in ended:
        states.advance(wish, to, moves=WISH_MOVES)
    return Wish.objects.bulk_update(ended, ["state"], batch_size=BATCH)


def _freed(ended: list[Wish], levels: Mapping[int, Any]) -> list[Change]:
    units: dict[int, int] = {}
    for wish in ended:
        units[wish.level_id] = units.get(wish.level_id, 0) + wish.units
    return [Change(levels[pk], MovementKind.UNRESERVED, reserved=-count) for pk, count in units.items()]
