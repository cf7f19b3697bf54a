"""Files of SKUs, bins and stock: judged before anything changes, taken in once, exported in the same shape."""

from datetime import date
from decimal import Decimal

import pytest

from inventory import importing, stock
from inventory.models import Barcode, Bin, BinStock, Serial, Sku, StockImport, StockMovement
from oms.accounts.models import User
from oms.common import exports
from oms.common.actors import SYSTEM
from oms.common.errors import Invalid, Refused
from oms.common.models import ConfigChange
from tests.factories.inventory import BarcodeFactory, SkuFactory, put
from tests.inventory.books import bins, breaches, level


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada@example.com", "x", name="Ada", role="admin", all_locations=True)


def uploaded(kind, text, by, **facts):
    return importing.upload(kind, f"{kind}.csv", text.encode(), by=by, **facts)


def taken_in(kind, text, by, **facts):
    run = importing.start(uploaded(kind, text, by, **facts), by=by)
    return importing.take_in(run.pk)


def verdicts(run):
    return [(row.key, row.verdict, row.problem) for row in run.rows.order_by("line")]


def exported(kind, user):
    return "".join(exports.csv_lines(importing.columns_of(kind), importing.export(kind, user)))


def test_skus_are_judged_before_anything_is_changed(ada, mug):
    BarcodeFactory(sku=SkuFactory(code="LAMP"), code="401")
    file = (
        "Code;Name;Price;Barcodes\n"
        "mug;Big mug;4,90;402 403*12\n"
        "new-1;Vase;8;404\n"
        "new-2;;8;\n"
        "LAMP;;;401\n"
        "MUG;again;;\n"
        "new-3;Vase;many;\n"
        "new-4;Vase;1;401\n"
        "new 5;Vase;1;\n"
    )
    run = uploaded("skus", file, ada)

    assert verdicts(run) == [
        ("MUG", "change", ""),
        ("NEW-1", "create", ""),
        ("NEW-2", "fail", "name: a new SKU needs one"),
        ("LAMP", "same", ""),
        ("MUG", "fail", "row 2 is about the same"),
        ("NEW-3", "fail", "price: “many” value must be a decimal number"),
        ("NEW-4", "fail", "barcodes: 401 belongs to LAMP"),
        ("NEW 5", "fail", "code: write one, without spaces and without / \\ ? # %"),
    ]
    assert run.rows.get(line=2).changes["price"] == ["10.000", "4.90"]
    assert Sku.objects.count() == 2


def test_skus_are_created_and_changed_with_a_trace_and_the_same_file_again_changes_nothing(ada, mug):
    file = "code,name,price,active,barcodes\nMUG,Big mug,4.90,no,402 403*12\nNEW,Vase,8,,\nCUP,Cup,3,yes,405\n"
    run = taken_in("skus", file, ada)
    assert (run.state, run.message) == ("done", "2 taken in, 0 were so already, 1 with errors")  # NEW is an address

    mug.refresh_from_db()
    assert (mug.name, mug.price, mug.active, mug.weight_g) == ("Big mug", Decimal("4.900"), False, 500)
    assert dict(mug.barcodes.values_list("code", "quantity")) == {"402": 1, "403": 12}
    change = ConfigChange.objects.get(subject="sku:MUG", verb="changed")
    assert (change.before["price"], change.after["price"], change.actor_label) == ("10.000", "4.90", "Ada")
    assert ConfigChange.objects.get(subject="sku:CUP").verb == "created"

    again = uploaded("skus", file, ada)
    assert [verdict for _, verdict, _ in verdicts(again)] == ["same", "fail", "same"]
    with pytest.raises(Refused, match="No row of this file changes anything"):
        importing.start(again, by=ada)


def test_an_export_brought_back_changes_nothing(ada, mug, lamp, berlin):
    BarcodeFactory(sku=mug, code="=1+1", quantity=6)
    put(mug, berlin, 5)
    for kind in ("skus", "bins", "stock"):
        run = uploaded(kind, exported(kind, ada), ada)
        assert {verdict for _, verdict, _ in verdicts(run)} == {"same"}, kind


def test_bins_are_added_and_given_their_place_in_the_walk(ada, berlin):
    file = (
        "location,bin,kind,sequence,zone\n"
        "ber,a-01,,99,Front\nBER,B-01,shelf,120,\nBER,RECV2,receiving,,\nBER,STAGE,shelf,,\nMUC,X,,,\nBER,B-02,,-1,\n"
    )
    run = uploaded("bins", file, ada)
    assert verdicts(run) == [
        ("BER/A-01", "change", ""),
        ("BER/B-01", "create", ""),
        ("BER/RECV2", "fail", "kind: only a shelf can be added"),
        ("BER/STAGE", "fail", "kind: it is staging, and stays so"),
        ("MUC/X", "fail", "location: MUC is not one of yours"),
        ("BER/B-02", "fail", "pick_sequence: Ensure this value is greater than or equal to 0"),
    ]
    importing.take_in(importing.start(run, by=ada).pk)

    rows = Bin.objects.filter(code__in=("A-01", "B-01")).order_by("code").values_list("code", "pick_sequence", "zone")
    assert list(rows) == [("A-01", 99, "Front"), ("B-01", 120, "")]
    assert ConfigChange.objects.filter(subject="bin:BER/B-01").count() == 1


def test_stock_is_set_to_what_the_file_says(ada, mug, lamp, berlin):
    put(mug, berlin, 5)
    put(lamp, berlin, 2)
    file = "location,bin,sku,units\nBER,A-01,MUG,3\nBER,A-02,MUG,7\nBER,A-01,LAMP,2\nBER,STAGE,MUG,1\nBER,A-01,NOPE,1\n"
    run = taken_in("stock", file, ada)

    assert [(verdict, problem) for _, verdict, problem in verdicts(run)] == [
        ("done", ""),
        ("done", ""),
        ("same", ""),
        ("fail", "bin: STAGE is no bin for stock at Berlin"),
        ("fail", "sku: NOPE is not a SKU with stock"),
    ]
    assert (bins(mug, berlin), bins(lamp, berlin), breaches()) == ({"A-01": 3, "A-02": 7}, {"A-01": 2}, {})
    rows = StockMovement.objects.filter(reference=run.reference).order_by("on_hand")
    assert [(row.on_hand, row.reason, row.actor_label) for row in rows] == [
        (-2, "counted", "Ada"),
        (7, "counted", "Ada"),
    ]


def test_what_moves_between_preview_and_run_is_not_lost(ada, mug, berlin):
    shelf = put(mug, berlin, 5)
    run = importing.start(uploaded("stock", "location,bin,sku,units\nBER,A-01,MUG,8\n", ada), by=ada)
    stock.receive({(mug.pk, berlin.pk): 2}, bin=shelf, reference="PO-1", by=SYSTEM)

    importing.take_in(run.pk)

    assert bins(mug, berlin) == {"A-01": 8}
    assert run.rows.get().changes == {"units": [7, 8]}


def test_stock_is_added_and_the_same_file_is_not_added_twice(ada, mug, berlin):
    put(mug, berlin, 5)
    file = "location,bin,sku,units\nBER,A-01,MUG,3\n"
    run = taken_in("stock", file, ada, mode="add", reason="opening")
    assert bins(mug, berlin) == {"A-01": 8}

    with pytest.raises(Invalid, match=f"This file was added already, as {run.reference}"):
        uploaded("stock", file, ada, mode="add")


def test_a_row_that_would_take_promised_units_fails_alone(ada, mug, lamp, berlin):
    put(mug, berlin, 5)
    put(lamp, berlin, 5)
    stock.allocate({(mug.pk, berlin.pk): 5}, reference="FO-1", by=SYSTEM)
    run = taken_in("stock", "location,bin,sku,units\nBER,A-01,MUG,1\nBER,A-01,LAMP,1\n", ada)

    assert [verdict for _, verdict, _ in verdicts(run)] == ["fail", "done"]
    assert "MUG: 4 are missing and only 0 are free" in run.rows.get(line=2).problem
    assert (level(mug, berlin)["on_hand"], level(lamp, berlin)["on_hand"], breaches()) == (5, 1, {})


def test_failed_rows_come_as_a_file_that_can_be_mended_and_uploaded(ada, mug, berlin):
    run = taken_in("stock", "location,bin,sku,units\nBER,A-01,MUG,3\nBER,A-1,MUG,4\n", ada)
    lines = list(exports.csv_lines((*run.columns, "problem"), importing.failed(run)))
    assert "bin: A-1 is no bin for stock at Berlin" in lines[1]

    taken_in("stock", "".join(lines).replace("A-1", "A-02"), ada)

    assert bins(mug, berlin) == {"A-01": 3, "A-02": 4}


def test_a_file_is_taken_in_once_however_often_it_is_begun(ada, mug, berlin):
    run = taken_in("stock", "location,bin,sku,units\nBER,A-01,MUG,3\n", ada, mode="add")
    importing.take_in(run.pk)
    importing.start(run, by=ada)

    assert StockMovement.objects.filter(reference=run.reference).count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04\x00", "This is no CSV file"),
        (b"sku,units\nMUG,1\n", "These columns are missing: location, bin"),
        (b"location,bin,sku,units\n", "no rows under its headings"),
    ],
)
def test_what_is_no_table_of_stock_is_refused(ada, data, sentence):
    with pytest.raises(Invalid, match=sentence):
        importing.upload("stock", "x.csv", data, by=ada)
    assert not StockImport.objects.exists()


def test_twenty_thousand_skus_take_few_questions(ada, django_assert_max_num_queries):
    file = "code,name,barcodes\n" + "".join(f"S-{n},Item {n},90{n}\n" for n in range(2000))
    run = importing.start(uploaded("skus", file, ada), by=ada)

    with django_assert_max_num_queries(60):
        importing.take_in(run.pk)
    assert (Sku.objects.count(), Barcode.objects.count()) == (2000, 2000)


HEADS = "location,bin,sku,units,lot,expires_on,serials\n"


def test_stock_of_lots_is_taken_in_lot_by_lot_and_goes_out_in_the_same_shape(ada, berlin):
    milk = SkuFactory(code="MILK", tracks="lot")
    file = f"{HEADS}BER,A-01,MILK,4,A7,2030-01-31,\nBER,A-01,MILK,2,B1,,\nBER,A-02,MILK,1,,,\n"

    run = taken_in("stock", file, ada)

    assert [one[1:] for one in verdicts(run)] == [
        ("done", ""),
        ("done", ""),
        ("fail", "lot: MILK is kept by lot, name it"),
    ]
    rows = BinStock.objects.filter(sku=milk).order_by("lot__code")
    assert [(row.lot.code, str(row.lot.expires_on), row.quantity) for row in rows] == [
        ("A7", "2030-01-31", 4),
        ("B1", "None", 2),
    ]
    again = taken_in("stock", f"{HEADS}BER,A-01,MILK,3,a7,2030-01-31,\nBER,A-01,MILK,2,B1,,\n", ada)
    assert [verdict for _, verdict, _ in verdicts(again)] == ["done", "same"]
    assert [(row.lot.code, row.quantity) for row in rows.all()] == [("A7", 3), ("B1", 2)]
    assert ["BER", "A-01", "MILK", 3, "A7", date(2030, 1, 31), ""] in list(importing.export("stock", ada))
    late = uploaded("stock", f"{HEADS}BER,A-01,MILK,3,A7,2031-01-31,\n", ada)
    assert "Lot A7 of MILK expires on 31 Jan 2030" in verdicts(late)[0][2]
    put(milk, berlin, 1, shelf="A-04")
    assert ["BER", "A-04", "MILK", 1, "?", "", ""] in list(importing.export("stock", ada))
    assert {verdict for _, verdict, _ in verdicts(uploaded("stock", exported("stock", ada), ada))} == {"same"}
    assert breaches() == {}


def test_numbered_units_come_with_their_numbers(ada, berlin, mug):
    camera = SkuFactory(code="CAM", tracks="serial")
    first = taken_in("stock", f"{HEADS}BER,A-01,CAM,2,,,S1 S2\nBER,A-01,MUG,1,,,S9\nBER,A-02,CAM,2,,,S3\n", ada)

    assert [verdict for _, verdict, _ in verdicts(first)] == ["done", "fail", "fail"]
    assert "serials: MUG is not kept by serial number" in verdicts(first)[1][2]
    assert "each of the 2 units" in verdicts(first)[2][2]
    more = taken_in("stock", f"{HEADS}BER,A-01,CAM,3,,,S1 S2 S3\n", ada)
    less = uploaded("stock", f"{HEADS}BER,A-01,CAM,2,,,S1 S2\n", ada)
    known = uploaded("stock", f"{HEADS}BER,A-02,CAM,1,,,S1\n", ada, mode="add")
    assert [verdicts(run)[0][1] for run in (more, less, known)] == ["done", "fail", "fail"]
    assert list(Serial.objects.order_by("code").values_list("code", "reference")) == [
        ("S1", first.reference),
        ("S2", first.reference),
        ("S3", more.reference),
    ]
    assert level(camera, berlin)["on_hand"] == 3
    assert breaches() == {}
