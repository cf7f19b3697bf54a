"""The fake carrier itself: a small HTTP server on loopback with its own books, its own faults and its own mind."""

from carriers.providers.fake.server.serving import FakeCarrier

__all__ = ["FakeCarrier"]
