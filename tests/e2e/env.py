"""What the end-to-end tests stand on: real git, real onehead, real Alembic, nothing of the user's.

    import env

    class Merge(env.TestCase):
        def test_two_heads(self):
            repo = self.repo()                      # a fresh git repository, HOME beside it
            repo.project()                          # an Alembic project in it
            repo.migration("a1", None)
            repo.commit("first")
            repo.onehead("install")                 # fails the test unless it exits 0
            out = repo.git("log", "--oneline").out
            code, out, err = repo.onehead("check", expect=None)     # any exit status
            for alembic in env.alembics():          # each Alembic there is
                self.assertEqual(alembic.heads(repo), ["a1"])

What a test makes lies in memory where there is room, so that no sync has to wait for a disk.
Every command runs with a configuration of its own (HOME, git's global and system files), without
the GIT_*, PG* and ONEHEAD* variables of whoever runs the tests, and with no terminal. In a
sanitizer build what the sanitizers say of any process, hooks and drivers included, fails the test.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import NamedTuple

from alembic_client import AlembicError, Worker, WorkerDied  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ONEHEAD_BUILD") or ROOT / "build").resolve()
BIN = BUILD / "bin"
CACHE = BUILD / "CMakeCache.txt"
# Some of many like cases are enough under sanitizers: all of them run without.
SANITIZED = CACHE.exists() and "ONEHEAD_SANITIZE:BOOL=ON" in CACHE.read_text()
LONG = os.environ.get("ONEHEAD_LONG") == "1"


def _memory():
    """A directory in memory, where nobody waits for a disk; None where there is no room."""
    place = "/dev/shm"
    roomy = os.path.isdir(place) and shutil.disk_usage(place).free > 1 << 30
    return place if roomy and os.access(place, os.W_OK) else None


MEMORY = _memory()

# An exit status that none of ours has: a sanitizer's finding is never taken for a verdict.
SANITIZER_EXIT = 97

GIT_CONFIG = """\
[user]
\tname = Ana
\temail = ana@example.org
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
"""


class Result(NamedTuple):
    code: int
    out: str
    err: str


def run(argv, cwd, environ, input=None, timeout=120):
    """Runs ARGV to its end; bytes that are no UTF-8 survive as surrogates. A process that
    overstays is ended with everything it started."""
    process = subprocess.Popen(
        [os.fspath(a) for a in argv],
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    if isinstance(input, str):
        input = input.encode("utf-8", "surrogateescape")
    try:
        out, err = process.communicate(input, timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"{argv} ran for more than {timeout} s\n{out!r}\n{err!r}") from None
    return Result(
        process.returncode,
        out.decode("utf-8", "surrogateescape"),
        err.decode("utf-8", "surrogateescape"),
    )


def expected(result, argv, expect):
    """RESULT, unless its exit status is not EXPECT (a number, several, None for any)."""
    wanted = (expect,) if isinstance(expect, int) else expect
    if result.code < 0 or result.code in (SANITIZER_EXIT, 134, 139) and wanted != (result.code,):
        raise AssertionError(f"{argv} crashed: exit {result.code}\n{result.out}\n{result.err}")
    if wanted is not None and result.code not in wanted:
        raise AssertionError(
            f"{argv} exited {result.code}, not {expect}\n--- stdout\n{result.out}"
            f"--- stderr\n{result.err}"
        )
    return result


class Home:
    """A directory with a user's configuration, and the environment that goes with it."""

    def __init__(self, name="Ana", email="ana@example.org"):
        self.path = Path(tempfile.mkdtemp(prefix="onehead-e2e-", dir=MEMORY)).resolve()
        self.config = self.path / "gitconfig"
        self.config.write_text(GIT_CONFIG)
        (self.path / "home").mkdir()
        self.environ = self._environ()
        self.person(name, email)

    def _environ(self):
        dropped = ("GIT_", "ONEHEAD", "PG", "ALEMBIC_", "XDG_", "SSH_", "PYTHON")
        environ = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        sanitizers = f"log_path={self.path}/sanitizer:exitcode={SANITIZER_EXIT}"
        environ.update(
            HOME=str(self.path / "home"),
            PATH=f"{BIN}:{environ.get('PATH', os.defpath)}",
            LC_ALL="C.UTF-8",
            TZ="UTC",
            PAGER="cat",
            GIT_CONFIG_GLOBAL=str(self.config),
            GIT_CONFIG_SYSTEM="/dev/null",
            GIT_TERMINAL_PROMPT="0",
            GIT_EDITOR=":",
            PYTHONDONTWRITEBYTECODE="1",
            ASAN_OPTIONS=f"{sanitizers}:detect_leaks=1",
            LSAN_OPTIONS=f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0",
            UBSAN_OPTIONS=f"{sanitizers}:print_stacktrace=1",
        )
        for name in ("LANGUAGE", "NO_COLOR", "TERM", "COLUMNS", "CI"):
            environ.pop(name, None)
        return environ

    def person(self, name, email=None):
        """Who commits from now on."""
        email = email or f"{name.lower()}@example.org"
        for key, value in (("user.name", name), ("user.email", email)):
            subprocess.run(["git", "config", "--file", self.config, key, value], check=True)

    def complaints(self):
        """What sanitizers wrote, of whichever process."""
        return "\n".join(
            p.read_text(errors="replace") for p in sorted(self.path.glob("sanitizer.*"))
        )

    def drop(self):
        for directory, _, _ in os.walk(self.path):
            try:
                os.chmod(directory, 0o700)  # tests make directories read-only
            except OSError:
                pass
        shutil.rmtree(self.path, ignore_errors=True)


class Repo:
    """A directory in which commands are run: a git repository, or one to be."""

    def __init__(self, home, path):
        self.home = home
        self.path = Path(path)
        self.environ = dict(home.environ)
        self.location = "migrations"

    def __fspath__(self):
        return str(self.path)

    def run(self, *argv, expect=0, input=None, cwd=None, env=None, timeout=120):
        """Any program. EXPECT: the exit status it must have, several, or None for any."""
        environ = {**self.environ, **(env or {})}
        where = self.path / (cwd or ".")
        return expected(run(argv, where, environ, input, timeout), list(argv), expect)

    def git(self, *args, **options):
        return self.run("git", *args, **options)

    def onehead(self, *args, **options):
        return self.run(BIN / "onehead", *args, **options)

    def out(self, *args):
        """The output of a git command, without the newline at its end."""
        return self.git(*args).out.rstrip("\n")

    def write(self, path, text, mode=None):
        full = self.path / path
        full.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        full.write_bytes(data)
        if mode is not None:
            full.chmod(mode)
        return full

    def read(self, path):
        return (self.path / path).read_text()

    def commit(self, message="work", *args):
        """Everything in the worktree, committed; the commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, *args)
        return self.head()

    def head(self, name="HEAD"):
        return self.out("rev-parse", "--verify", name + "^{commit}")

    def branch(self, name, start=None):
        """A new branch, checked out."""
        self.git("checkout", "-q", "-b", name, *([start] if start else []))

    def checkout(self, name):
        self.git("checkout", "-q", name)

    def status(self):
        return self.git("status", "--porcelain", "--untracked-files=all").out

    def clone(self, path, *args):
        """A clone beside this repository (or at an absolute PATH), of the same person."""
        target = (self.path.parent / path).resolve()
        self.git("clone", "-q", *args, self.path, target)
        copy = Repo(self.home, target)
        copy.location = self.location
        return copy

    # An Alembic project, as `alembic init` would leave it, with an env.py for any URL.

    def project(self, location="migrations", ini="alembic.ini", options=""):
        self.location = location
        self.write(ini, ALEMBIC_INI.format(location=location) + options)
        self.write(f"{location}/env.py", ALEMBIC_ENV)
        self.write(f"{location}/script.py.mako", ALEMBIC_MAKO)
        (self.path / location / "versions").mkdir(parents=True, exist_ok=True)
        if not (self.path / ".gitignore").exists():
            self.write(".gitignore", "__pycache__/\n*.db\n")

    def migration(self, id, parents, upgrade="pass", downgrade="pass", **more):
        """Writes a migration's file; its path in the repository."""
        path = f"{self.location}/versions/{more.pop('file', None) or id + '.py'}"
        self.write(path, migration(id, parents, upgrade, downgrade, **more))
        return path


def migration(id, parents, upgrade="pass", downgrade="pass", message="", **more):
    """The text of a migration. PARENTS: None, an id, or several. UPGRADE, DOWNGRADE: statements,
    one a line. MORE: labels, depends_on."""
    down = parents if parents is None or isinstance(parents, str) else tuple(parents)
    revises = down if isinstance(down, str) else ", ".join(down or ())

    def body(text):
        return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())

    return (
        f'"""{message or "migration " + id}\n\nRevision ID: {id}\nRevises: {revises}\n'
        f'Create Date: 2026-01-02 03:04:05.678901\n\n"""\n'
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = {id!r}\ndown_revision = {down!r}\n"
        f"branch_labels = {more.get('labels')!r}\ndepends_on = {more.get('depends_on')!r}\n\n\n"
        f"def upgrade():\n{body(upgrade)}\n\ndef downgrade():\n{body(downgrade)}"
    )


ALEMBIC_INI = """\
[alembic]
script_location = %(here)s/{location}
sqlalchemy.url = sqlite:///%(here)s/dev.db
"""

ALEMBIC_ENV = """\
from alembic import context
from sqlalchemy import create_engine

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
"""

ALEMBIC_MAKO = '''\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from typing import Sequence, Union

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: Union[str, Sequence[str], None] = ${repr(down_revision)}
branch_labels: Union[str, Sequence[str], None] = ${repr(branch_labels)}
depends_on: Union[str, Sequence[str], None] = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''


_workers = {}


def alembics():
    """A worker for each Alembic: the interpreters in ONEHEAD_ALEMBIC_PYTHONS, else the system's
    and the one in the build's virtual environment."""
    named = os.environ.get("ONEHEAD_ALEMBIC_PYTHONS")
    venvs = (BUILD / "venv/bin/python", ROOT / "build/venv/bin/python")
    pythons = named.split(":") if named else ["/usr/bin/python3"]
    if not named:
        pythons += [str(v) for v in venvs if v.exists()][:1]
    for python in pythons:
        if python not in _workers:
            _workers[python] = Worker(python)
    return [_workers[p] for p in pythons]


def alembic():
    """The newest Alembic at hand, for what need not be tried with each."""
    return max(alembics(), key=lambda w: w.version)


class TestCase(unittest.TestCase):
    """A test with a home of its own; fails where a sanitizer complained."""

    maxDiff = None

    def setUp(self):
        self.home = Home()
        self.addCleanup(self._drop)

    def _drop(self):
        complaints = self.home.complaints()
        self.home.drop()
        self.assertEqual(complaints, "", "a sanitizer complained")

    def directory(self, name="plain"):
        """A directory that is no git repository."""
        path = self.home.path / name
        path.mkdir(parents=True)
        return Repo(self.home, path)

    def repo(self, name="repo", *args):
        """A new git repository. ARGS go to git init (--bare …)."""
        repo = self.directory(name)
        repo.git("init", "-q", *args)
        return repo


if __name__ == "__main__":
    print(f"build {BUILD}")
    for worker in alembics():
        print(f"alembic {worker.version} in {worker.python}")
    sys.exit(0 if (BIN / "onehead").exists() else 1)
