"""What the floor has to show for it: work at one location an order, walks, parcels, labels, and who waits for stock."""

from typing import Any

import carriers.demo
from carriers import manifests
from carriers.models import CarrierAccount, Label, Tracker
from carriers.statuses import LabelState, TrackingStatus
from fulfillment import waiting
from fulfillment.models import (
    Backorder,
    FulfillmentOrder,
    FulfillmentOrderLine,
    Parcel,
    ParcelLine,
    PickList,
    PickTask,
    Shipment,
    Wave,
)
from fulfillment.statuses import FulfillmentOrderState, ShipmentState
from inventory.models import Location
from oms.common import numbering, pdf
from oms.common.actors import SYSTEM
from oms.desk.bulk import stages
from oms.desk.bulk.rows import fill, run
from oms.desk.bulk.trade import at

_F, _S, _T = FulfillmentOrderState, ShipmentState, TrackingStatus
WALK = 20  # orders a pick list
MANIFEST = "(%(manifests)s::bigint[])[array_position(%(locations)s::bigint[], location_id)]"
AT_THE_DOOR = f"CASE WHEN step = {stages.LABELLED} THEN"


def write(params: dict[str, Any]) -> None:
    _works(params)
    _backorders(params)
    _walks(params)
    _labels(params)
    _parcels(params)


def door(params: dict[str, Any]) -> dict[str, Any]:
    """The demo's own vans with their price list, and the open manifest of each place, in the order of the places."""
    carriers.demo.lay_out(by=SYSTEM)
    account = CarrierAccount.objects.get(name="Parcel Post")
    codes = Location.objects.in_bulk(params["locations"])
    lists = [manifests.open_for(account, codes[place].code).pk for place in params["locations"]]
    paper = pdf.Document("Parcel Post").heading("Parcel Post").text("Label of the bulk shop.").bytes()
    return {"account": account.pk, "manifests": lists, "paper": paper}


def _works(params: dict[str, Any]) -> None:
    told = {
        "id": "fo_id",
        "number": "fo_number",
        "order_id": "id",
        "location_id": "location_id",
        "method": "'ship'",
        "state": f"CASE step WHEN 1 THEN '{_F.OPEN}' WHEN 2 THEN '{_F.RELEASED}' WHEN 3 THEN '{_F.PICKED}'"
        f" WHEN 4 THEN '{_F.PACKED}' WHEN 5 THEN '{_F.PACKED}' ELSE '{_F.COMPLETED}' END",
        "ship_by": "placed_at + interval '1 day' * CASE WHEN express THEN 1 ELSE 2 END",
        "created_at": "placed_at + took * 0.03",
        "released_at": at(0.2, f"step >= {stages.RELEASED}"),
        "picked_at": at(0.3, f"step >= {stages.PICKED}"),
        "packed_at": at(0.4, f"step >= {stages.SEALED}"),
        "completed_at": at(0.5, f"step >= {stages.SHIPPED}"),
    }
    fill(FulfillmentOrder, f"bulk_order WHERE step >= {stages.ALLOCATED}", told, params)
    counters = ("sku_id", "picked", "packed", "shipped", "delivered")
    lines = {name: name for name in counters} | {
        "id": "fol_id",
        "fulfillment_order_id": "%(fos)s + n",
        "order_line_id": "id",
        "quantity": "units",
    }
    fill(FulfillmentOrderLine, f"bulk_line WHERE step >= {stages.ALLOCATED}", lines, params)


def _backorders(params: dict[str, Any]) -> None:
    told = {
        "order_line_id": "bulk_line.id",
        "sku_id": "sku_id",
        "quantity": "units",
        "cause": "%(cause)s",
        "created_at": "placed_at + took * 0.03",
        "queued_at": "placed_at",
    }
    rows = "bulk_line JOIN bulk_order ON bulk_order.id = order_id WHERE backordered > 0"
    fill(Backorder, rows, told, params | {"cause": waiting.STOCK_OUT})


WALKS = f"""
CREATE TEMP TABLE bulk_walk ON COMMIT DROP AS
SELECT fo_id, location_id, ship_by, 'PL-' || first_value(number) OVER (PARTITION BY location_id, walk ORDER BY fo_id)
       AS number
FROM (SELECT fo_id, location_id, placed_at + interval '2 days' AS ship_by, nextval('oms_number_pick_list') AS number,
             (row_number() OVER (PARTITION BY location_id ORDER BY fo_id) - 1) / {WALK} AS walk
      FROM bulk_order WHERE step = {stages.RELEASED}) AS released"""  # noqa: S608  our own words


def _walks(params: dict[str, Any]) -> None:
    """Released work stands in a wave for its place, on pick lists that nobody has claimed."""
    run(WALKS, params)
    for place in Location.objects.filter(pk__in=params["locations"]).order_by("pk"):
        _wave(place, params)
    tasks = {
        "pick_list_id": "list.id",
        "fulfillment_line_id": "fol_id",
        "sku_id": "bulk_line.sku_id",
        "bin_id": "bin_id",
        "sequence": "pick_sequence",
        "quantity": "units",
    }
    rows = """bulk_walk JOIN fulfillment_picklist AS list ON list.number = bulk_walk.number
              JOIN bulk_line ON %(fos)s + n = fo_id
              JOIN bulk_shelf ON bulk_shelf.sku_id = bulk_line.sku_id
                   AND bulk_shelf.location_id = bulk_line.location_id"""
    fill(PickTask, rows, tasks, params)


def _wave(place: Location, params: dict[str, Any]) -> None:
    mine = {"place": place.pk}
    if not run("SELECT 1 FROM bulk_walk WHERE location_id = %(place)s LIMIT 1", mine):
        return
    wave = Wave.objects.create(number=numbering.next_number("wave"), location=place, released_by="System")
    mine["wave"] = wave.pk
    told = {"number": "number", "wave_id": "%(wave)s", "location_id": "location_id", "ship_by": "min(ship_by)"}
    fill(PickList, "bulk_walk WHERE location_id = %(place)s GROUP BY number, location_id", told, mine)
    run(
        "UPDATE fulfillment_fulfillmentorder SET wave_id = %(wave)s"
        " WHERE id IN (SELECT fo_id FROM bulk_walk WHERE location_id = %(place)s)",
        mine,
    )


def _labels(params: dict[str, Any]) -> None:
    """What stands at the door: bought, on the open manifest of its place, and not yet with the carrier."""
    tracker = {
        "id": "%(trackers)s + n",
        "account_id": "%(account)s::bigint",
        "tracking_number": "tracking_number",
        "reference": "shipment_number || '/1'",
    }
    fill(Tracker, f"bulk_order WHERE step = {stages.LABELLED}", tracker, params)
    label = {
        "id": "%(labels)s + n",
        "account_id": "%(account)s::bigint",
        "tracking_number": "tracking_number",
        "parcel_reference": "shipment_number || '/1'",
        "reference": "shipment_number || '/1-1'",
        "service_code": "'standard'",
        "service_name": "'Parcel Post Standard'",
        "state": f"'{LabelState.BOUGHT}'",
        "fingerprint": "md5(shipment_number)",
        "cost": "4.90",
        "currency": "'EUR'",
        "pdf": "%(paper)s",
        "tracker_id": "%(trackers)s + n",
        "manifest_id": MANIFEST,
        "requested_by_label": "'System'",
        "bought_at": "placed_at + took * 0.42",
    }
    fill(Label, f"bulk_order WHERE step = {stages.LABELLED}", label, params)


def _parcels(params: dict[str, Any]) -> None:
    """Years ago they left with the own vans: handed over, with a number and without a label that we still hold."""
    packed = f"bulk_order WHERE step >= {stages.SEALED}"
    shipment = {
        "id": "shipment_id",
        "number": "shipment_number",
        "order_id": "id",
        "fulfillment_order_id": "fo_id",
        "location_id": "location_id",
        "state": f"CASE step WHEN 4 THEN '{_S.SEALED}' WHEN 5 THEN '{_S.LABELLED}' ELSE '{_S.HANDED_OVER}' END",
        "account_id": f"{AT_THE_DOOR} %(account)s::bigint END",
        "manifest_id": f"{AT_THE_DOOR} {MANIFEST} END",
        "service_code": "CASE WHEN step > 4 THEN 'standard' ELSE '' END",
        "service_name": "CASE WHEN step > 4 THEN 'Parcel Post Standard' ELSE '' END",
        "cost": "CASE WHEN step > 4 THEN 4.90 ELSE 0 END",
        "created_at": "placed_at + took * 0.35",
        "sealed_at": "placed_at + took * 0.4",
        "labelled_at": at(0.42, f"step >= {stages.LABELLED}"),
        "handed_over_at": at(0.5, f"step >= {stages.SHIPPED}"),
        "delivered_at": at(0.9, f"step >= {stages.DELIVERED}"),
    }
    fill(Shipment, packed, shipment, params)
    parcel = {
        "id": "parcel_id",
        "shipment_id": "shipment_id",
        "position": "1",
        "weight_g": "800",
        "sealed_at": "placed_at + took * 0.4",
        "label_id": f"{AT_THE_DOOR} %(labels)s + n END",
        "tracker_id": f"{AT_THE_DOOR} %(trackers)s + n END",
        "tracking_number": "CASE WHEN step > 4 THEN tracking_number ELSE '' END",
        "tracking_status": f"CASE step WHEN 7 THEN '{_T.DELIVERED}' WHEN 6 THEN '{_T.IN_TRANSIT}'"
        f" ELSE '{_T.PENDING}' END",
        "delivered_at": at(0.9, f"step >= {stages.DELIVERED}"),
    }
    fill(Parcel, packed, parcel, params)
    inside = {
        "parcel_id": "%(parcels)s + n",
        "fulfillment_line_id": "fol_id",
        "quantity": "units",
        "delivered": f"step >= {stages.DELIVERED}",
    }
    fill(ParcelLine, f"bulk_line WHERE step >= {stages.SEALED}", inside, params)
