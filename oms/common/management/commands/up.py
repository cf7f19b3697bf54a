"""`manage.py up`: the whole product on this machine. `make run` calls it."""

import ctypes
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oms.stack.home import HomeTaken
from oms.stack.launcher import CannotStart, Launcher
from oms.stack.ports import NoPort
from oms.stack.postgres import PostgresFailed
from oms.stack.processes import PR_SET_PDEATHSIG
from oms.stack.supervisor import ServiceLost
from oms.stack.valkey import ValkeyFailed


class Command(BaseCommand):
    help = "Start Postgres, Valkey, the pages, a worker and beat; prepare the database; end all of it on Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--end-with-parent", action="store_true", help="end when the program that started us does")

    def handle(self, *, end_with_parent: bool, **options: Any) -> None:
        if end_with_parent and sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        try:
            Launcher(settings.OMS_HOME, commands=get_commands()).run()
        except (HomeTaken, NoPort, CannotStart, PostgresFailed, ValkeyFailed) as e:
            raise CommandError(str(e)) from None
        except ServiceLost as e:
            logs = settings.OMS_HOME / "logs"
            raise CommandError(f"{e}. Its last words are in {logs}; everything else was ended. Start again.") from None
