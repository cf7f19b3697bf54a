"""The JSON interface, version 1. It stands on the roof: an order's JSON tells of work, parcels and stock."""
