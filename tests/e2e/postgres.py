"""A PostgreSQL of the test's own: a directory made for it, a socket there, no network.

    with Postgres() as pg:
        pg.create("app")
        alembic.upgrade(repo, pg.url("app"))        # postgresql+psycopg2://postgres@/app?host=…
        pg.sql("app", "SELECT version_num FROM alembic_version")

The server refuses to run as root: a test that does runs it as the user postgres. It ends with the
test, however that ends. Where no PostgreSQL is installed the test fails.
"""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=30",
)


def programs():
    """The newest server's directory."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if found:
        return Path(max(found, key=lambda p: float(p.split("/")[4]))).parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    raise RuntimeError("no PostgreSQL is installed (apt-get install postgresql)")


class Postgres:
    def __init__(self):
        self.programs = programs()
        self.directory = None
        self.process = None
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        self.environ["LC_ALL"] = "C.UTF-8"

    def url(self, database, driver="psycopg2"):
        """As SQLAlchemy writes it."""
        return f"postgresql+{driver}://postgres@/{database}?host={self.directory}"

    def create(self, database):
        """A new, empty database; its URL."""
        self.sql("postgres", f'CREATE DATABASE "{database}" TEMPLATE template0')
        return self.url(database)

    def drop(self, database):
        self.sql("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def sql(self, database, text):
        """Rows as tuples of text."""
        done = self._run("psql", "-qAtX", "-F", "\t", *self._where(), "-d", database, "-c", text)
        return [tuple(line.split("\t")) for line in done.splitlines()]

    def start(self):
        self.directory = tempfile.mkdtemp(prefix="onehead-pg-")
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        try:
            options = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
            self._run("initdb", "-D", "data", "-U", "postgres", *options)
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)  # ends the sessions, then itself
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(20)
            self.process = None
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None

    __enter__ = start

    def __exit__(self, *exception):
        self.stop()

    def _where(self):
        return ("-h", self.directory, "-U", "postgres")

    def _argv(self, program, arguments):
        owner = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        # The child dies with us: nothing is left behind by a test that is killed.
        prefix = ["setpriv", *(owner if os.geteuid() == 0 else []), "--pdeathsig", "KILL"]
        return [*prefix, str(self.programs / program), *arguments]

    def _run(self, program, *arguments):
        done = subprocess.run(
            self._argv(program, arguments),
            cwd=self.directory,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{program} exited {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _launch(self):
        settings = [word for s in SETTINGS for word in ("-c", s)]
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen(
                self._argv("postgres", ["-D", "data", "-k", self.directory, *settings]),
                cwd=self.directory,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + 30
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                text = Path(self.directory, "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{text}")
            time.sleep(0.05)

    def _is_ready(self):
        try:
            self._run("pg_isready", "-q", *self._where())
        except RuntimeError:
            return False
        return True
