from oms.common.models.address import Address
from oms.common.models.audit import ConfigChange
from oms.common.models.case import ExceptionCase
from oms.common.models.heartbeat import Heartbeat
from oms.common.models.hold import HoldBase
from oms.common.models.idempotency import IdempotencyKey
from oms.common.models.job import Job
from oms.common.models.outbox import OutboxMessage
from oms.common.models.saved_view import SavedView
from oms.common.models.sequence import Sequence

__all__ = [
    "Address",
    "ConfigChange",
    "ExceptionCase",
    "Heartbeat",
    "HoldBase",
    "IdempotencyKey",
    "Job",
    "OutboxMessage",
    "SavedView",
    "Sequence",
]
