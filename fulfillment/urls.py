from django.urls import path

from fulfillment.views import backorders, collecting, packing, picking, shipping

app_name = "fulfillment"
urlpatterns = [
    path("pick/", picking.pick, name="pick"),
    path("pick/place/", picking.place, name="pick-place"),
    path("pick/claim/", picking.claim, name="pick-claim"),
    path("pick/<str:number>/", picking.show, name="pick-list"),
    path("pick/<str:number>/finish/", picking.finish, name="pick-finish"),
    path("pick/<str:number>/give-back/", picking.unclaim, name="pick-unclaim"),
    path("pick/<str:number>/<int:pk>/scan/", picking.scan, name="pick-scan"),
    path("pick/<str:number>/<int:pk>/short/", picking.short, name="pick-short"),
    path("pick/<str:number>/<int:pk>/skip/", picking.skip, name="pick-skip"),
    path("pick/<str:number>/<int:pk>/undo/", picking.undo, name="pick-undo"),
    path("pack/", packing.pack, name="pack"),
    path("pack/<str:number>/", packing.show, name="pack-shipment"),
    path("pack/<str:number>/scan/", packing.scan, name="scan"),
    path("pack/<str:number>/take-out/", packing.unscan, name="unscan"),
    path("pack/<str:number>/seal/", packing.seal, name="seal"),
    path("pack/<str:number>/unpack/", packing.reopen, name="reopen"),
    path("pack/<str:number>/slip/", packing.slip, name="slip"),
    path("ship/", shipping.index, name="ship"),
    path("ship/<str:number>/", shipping.show, name="ship-shipment"),
    path("ship/<str:number>/labels/", shipping.label, name="ship-labels"),
    path("ship/<str:number>/choose/", shipping.choose, name="ship-choose"),
    path("ship/<str:number>/take-back/", shipping.take_back, name="ship-take-back"),
    path("hand-over/", shipping.handover, name="handover"),
    path("hand-over/manifests/", shipping.manifests, name="manifests"),
    path("hand-over/manifests/<str:number>/", shipping.hand_over_manifest, name="hand-over-manifest"),
    path("collect/", collecting.index, name="collect"),
    path("collect/<int:pk>/", collecting.hand_over, name="collect-hand-over"),
    path("collect/<int:pk>/extend/", collecting.extend, name="collect-extend"),
    path("backorders/", backorders.index, name="backorders"),
]
