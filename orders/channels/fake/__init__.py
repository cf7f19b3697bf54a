"""A shop on this machine that sells, sends us its orders signed, and is told back: for trying things, not for trade."""

from orders.channels.fake.serving import FakeShop

__all__ = ["FakeShop"]
