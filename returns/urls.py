from django.urls import path

from returns.views import asking, index, inspecting, policies, receiving, refunds, returns

app_name = "returns"
urlpatterns = [
    path("returns/", index.index, name="index"),
    path("returns/receive/", receiving.start, name="receive"),
    path("returns/receive/<str:number>/", receiving.one, name="receive-one"),
    path("returns/receive/<str:number>/undo/<int:pk>/", receiving.undo, name="receive-undo"),
    path("returns/receive/<str:number>/finish/", receiving.finish, name="receive-finish"),
    path("returns/inspect/", inspecting.queue, name="inspect"),
    path("returns/<str:number>/", returns.show, name="show"),
    path("returns/<str:number>/approve/", returns.approve, name="approve"),
    path("returns/<str:number>/decline/", returns.decline, name="decline"),
    path("returns/<str:number>/cancel/", returns.cancel, name="cancel"),
    path("returns/<str:number>/close/", returns.close, name="close"),
    path("returns/<str:number>/label/", returns.label, name="label"),
    path("returns/<str:number>/label/new/", returns.make_label, name="label-new"),
    path("returns/<str:number>/refund/", refunds.of_return, name="refund"),
    path("returns/<str:number>/lines/<int:pk>/inspect/", inspecting.line, name="inspect-line"),
    path("returns/<str:number>/lines/<int:pk>/decide/", inspecting.quick, name="inspect-quick"),
    path("t/<str:token>/returns/<str:number>/label/", returns.customer_label, name="customer-label"),
    path("orders/<str:number>/returns/new/", asking.new, name="new"),
    path("orders/<str:number>/refunds/new/", refunds.by_hand, name="refund-new"),
    path("refunds/", refunds.index, name="refunds"),
    path("refunds/<int:pk>/", refunds.show, name="refund-show"),
    path("refunds/<int:pk>/settle/", refunds.settle, name="refund-settle"),
    path("refunds/<int:pk>/fail/", refunds.fail, name="refund-fail"),
    path("refunds/<int:pk>/again/", refunds.again, name="refund-again"),
    path("return-policies/", policies.index, name="policies"),
    path("return-policies/new/", policies.create, name="policy-new"),
    path("return-policies/<int:pk>/", policies.edit, name="policy"),
    path("return-policies/<int:pk>/end/", policies.end, name="policy-end"),
]
