from returns.models.refund import Refund
from returns.models.rma import Inspection, Return, ReturnLine, ReturnPolicy

__all__ = ["Inspection", "Refund", "Return", "ReturnLine", "ReturnPolicy"]
