"""Machines that Hypothesis drives: random verbs beside a plain model of what must be true after each (T20)."""
