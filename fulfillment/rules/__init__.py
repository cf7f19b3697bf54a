"""Sourcing rules as data: what an order must be like, and what is then asked of the planner."""
