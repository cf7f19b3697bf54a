"""A user without rights, for tests that run as root: how to start a program as it, with this Python's packages."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.platform.copies import ROOT

NAME = f"python{sys.version_info.major}.{sys.version_info.minor}"
NOT_NEEDED = shutil.ignore_patterns("site-packages", "test", "config-*", "*.a")


def user_or_skip(folder: Path) -> dict[str, Any]:
    """What `Copy` needs to run as `nobody`; skips where that has been shown already or can't be."""
    if os.geteuid():
        pytest.skip("not root: every other test of the launcher ran as a normal user")
    nobody = pwd.getpwnam("nobody")
    who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    env = {"HOME": "/nonexistent", "PYTHONPATH": sysconfig.get_path("purelib")}
    env |= {"LD_LIBRARY_PATH": str(folder / "python" / "lib")}
    for python in (lambda: sys.executable, lambda: _copied(folder / "python")):
        if _runs(program := python(), env, who):
            return who | {"python": program, "env": env}
    return pytest.skip(f"the user nobody can't read {ROOT} and its packages: not tried as a normal user")


def _copied(folder: Path) -> str:
    """A virtual environment may hang on a Python in root's home, closed to everybody else."""
    base = Path(sys.base_prefix)
    (folder / "bin").mkdir(parents=True)
    shutil.copy(Path(sys.executable).resolve(), folder / "bin" / NAME)
    shutil.copytree(base / "lib" / NAME, folder / "lib" / NAME, ignore=NOT_NEEDED)
    for library in (base / "lib").glob("libpython*"):
        shutil.copy(library, folder / "lib")
    return str(folder / "bin" / NAME)


def _runs(python: str, env: dict[str, str], who: dict[str, Any]) -> bool:
    try:
        subprocess.run([python, "manage.py", "help", "up"], cwd=ROOT, env=env, capture_output=True, check=True, **who)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
