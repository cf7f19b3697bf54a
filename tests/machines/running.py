"""How far the machines go: a short way in each test run, further with OMS_MACHINE_EXAMPLES and OMS_MACHINE_STEPS."""

import os

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

FAR = settings(
    max_examples=int(os.environ.get("OMS_MACHINE_EXAMPLES", "25")),
    stateful_step_count=int(os.environ.get("OMS_MACHINE_STEPS", "30")),
    derandomize="OMS_MACHINE_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


class Undone(RuleBasedStateMachine):
    """A machine whose every example begins with the world as the test has made it."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        try:
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)


def run(machine: type[Undone]) -> None:
    run_state_machine_as_test(machine, settings=FAR)
