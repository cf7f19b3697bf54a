from returns.models.piece import ReturnPiece
from returns.models.refund import Refund
from returns.models.rma import Inspection, Return, ReturnLine, ReturnPolicy

__all__ = ["Inspection", "Refund", "Return", "ReturnLine", "ReturnPiece", "ReturnPolicy"]
