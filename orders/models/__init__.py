from orders.models.change import OrderChange, OrderChangeAction
from orders.models.channel import Channel, InboundMessage
from orders.models.customer import Customer
from orders.models.document import CustomerMail, DigitalGrant, Document, Feedback
from orders.models.event import Note, OrderEvent
from orders.models.hold import Hold
from orders.models.importing import ImportRow, ImportRun
from orders.models.kit import OrderKit
from orders.models.order import Order, OrderLine
from orders.models.payment import Payment, PromoCode, PromoUse, RiskRule
from orders.models.search import OrderSearch

__all__ = [
    "Channel",
    "Customer",
    "CustomerMail",
    "DigitalGrant",
    "Document",
    "Feedback",
    "Hold",
    "ImportRow",
    "ImportRun",
    "InboundMessage",
    "Note",
    "Order",
    "OrderChange",
    "OrderChangeAction",
    "OrderEvent",
    "OrderKit",
    "OrderLine",
    "OrderSearch",
    "Payment",
    "PromoCode",
    "PromoUse",
    "RiskRule",
]
