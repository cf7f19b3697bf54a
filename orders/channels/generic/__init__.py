"""A shop of any make that speaks our JSON: signed webhooks in, signed calls to its address out."""
