from tests.fulfillment.conftest import berlin, hamburg, lamp, lead, mug

__all__ = ["berlin", "hamburg", "lamp", "lead", "mug"]
