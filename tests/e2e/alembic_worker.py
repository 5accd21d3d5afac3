"""Answers questions about Alembic projects, one JSON line each way (alembic_client.py asks).

Starting Alembic costs a quarter of a second; so this process starts once and gives each request
what a process of its own would have: a fresh Config and ScriptDirectory, the working directory,
environment, import path, modules, warnings and logging as they were.
"""

import contextlib
import gc
import importlib
import inspect
import io
import json
import linecache
import logging
import os
import re
import sys
import tempfile
import traceback
import warnings

sys.dont_write_bytecode = True
del sys.path[0]  # the tests' own modules (env!) are none of a project's


class Stream(io.TextIOBase):
    """Where a request's output goes. Alembic binds sys.stdout when it is imported, so the object
    must stay and what stands behind it change."""

    def __init__(self, target):
        self.target = target

    def write(self, text):
        return self.target.write(text)

    def flush(self):
        self.target.flush()

    @contextlib.contextmanager
    def going_to(self, target):
        before, self.target = self.target, target
        try:
            yield
        finally:
            self.target = before


STDOUT = sys.stdout = Stream(sys.__stderr__)
STDERR = sys.stderr = Stream(sys.__stderr__)

import alembic.command  # noqa: E402
import alembic.config  # noqa: E402
import sqlalchemy  # noqa: E402
import sqlalchemy.dialects.postgresql  # noqa: E402
import sqlalchemy.dialects.sqlite  # noqa: E402
import sqlite3  # noqa: E402,F401
from alembic.config import Config  # noqa: E402
from alembic.runtime.migration import MigrationContext  # noqa: E402
from alembic.script import ScriptDirectory  # noqa: E402
from sqlalchemy.pool import NullPool  # noqa: E402

try:
    import psycopg2  # noqa: F401
except ImportError:  # PostgreSQL is then said to be out of reach when it is asked for
    pass


def config_of(request):
    name = request.get("config", "alembic.ini")
    options = {"ini_section": request.get("section", "alembic")}
    if "toml_file" in inspect.signature(Config.__init__).parameters:
        options["toml_file"] = "pyproject.toml"
    config = Config(name, **options)
    if request.get("url"):
        config.set_main_option("sqlalchemy.url", request["url"].replace("%", "%%"))
    return config


def heads(request):
    return list(ScriptDirectory.from_config(config_of(request)).get_heads())


def listed(value):
    return [value] if isinstance(value, str) else sorted(value or ())


def history(request):
    return [
        {
            "id": r.revision,
            "parents": listed(r.down_revision),
            "depends_on": listed(r.dependencies),
            "labels": sorted(r._orig_branch_labels),
            "path": os.path.relpath(r.path),
            "message": r.doc,
        }
        for r in ScriptDirectory.from_config(config_of(request)).walk_revisions()
    ]


def upgrade(request):
    alembic.command.upgrade(config_of(request), request["target"])


def downgrade(request):
    alembic.command.downgrade(config_of(request), request["target"])


def stamp(request):
    alembic.command.stamp(config_of(request), request["target"], purge=request["purge"])


@contextlib.contextmanager
def connected(request):
    engine = sqlalchemy.create_engine(request["url"], poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def current(request):
    with connected(request) as connection:
        options = {"version_table": request["table"]}
        return sorted(MigrationContext.configure(connection, opts=options).get_current_heads())


def one_line(value):
    return re.sub(r"\s+", " ", str(value))


def table_schema(inspector, table):
    columns = [
        "{}.{} {}{}{}".format(
            table,
            c["name"],
            one_line(c["type"]),
            "" if c["nullable"] else " not null",
            f" default {one_line(c['default'])}" if c.get("default") is not None else "",
        )
        for c in inspector.get_columns(table)
    ]
    indexes = [
        "{}.{} ({}){}".format(
            table,
            i["name"],
            ", ".join(str(n) for n in i["column_names"]),
            " unique" if i["unique"] else "",
        )
        for i in inspector.get_indexes(table)
    ]
    key = inspector.get_pk_constraint(table)
    constraints = [f"{table} primary key ({', '.join(key['constrained_columns'])})"]
    for u in inspector.get_unique_constraints(table):
        constraints.append(f"{table} unique {u['name']} ({', '.join(u['column_names'])})")
    for c in inspector.get_check_constraints(table):
        constraints.append(f"{table} check {c['name']} ({one_line(c['sqltext'])})")
    for f in inspector.get_foreign_keys(table):
        constraints.append(
            "{} foreign key {} ({}) -> {} ({})".format(
                table,
                f["name"],
                ", ".join(f["constrained_columns"]),
                f["referred_table"],
                ", ".join(f["referred_columns"]),
            )
        )
    return {"tables": [table], "columns": columns, "indexes": indexes, "constraints": constraints}


def schema(request):
    """Named things, sorted: two databases that came to be in another order compare equal."""
    out = {"tables": [], "columns": [], "indexes": [], "constraints": []}
    with connected(request) as connection:
        inspector = sqlalchemy.inspect(connection)
        for table in inspector.get_table_names():
            for kind, lines in table_schema(inspector, table).items():
                out[kind] += lines
        out["views"] = sorted(inspector.get_view_names())
    return {kind: sorted(lines) for kind, lines in out.items()}


def rows(request):
    with connected(request) as connection:
        return sorted([list(r) for r in connection.execute(sqlalchemy.text(request["sql"]))], key=str)


def execute(request):
    with connected(request) as connection:
        connection.execute(sqlalchemy.text(request["sql"]))


def cli(request):
    """The command line as a user has it, exit status included."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with STDOUT.going_to(out), STDERR.going_to(err):
        try:
            alembic.config.CommandLine(prog="alembic").main(request["argv"])
        except SystemExit as e:
            code = e.code & 255 if isinstance(e.code, int) else int(e.code is not None)
        except Exception:
            code = 1  # what the interpreter makes of a traceback
            traceback.print_exc()
    return [code, out.getvalue(), err.getvalue()]


COMMANDS = {
    f.__name__: f
    for f in (heads, history, upgrade, downgrade, stamp, current, schema, rows, execute, cli)
}


class Cleaner:
    """Puts the interpreter back to what it was before a request."""

    def __init__(self):
        self.path = list(sys.path)
        self.environ = dict(os.environ)
        self.keep = [os.path.realpath(p) + os.sep for p in self.path if p]
        self.modules = set(sys.modules)
        self.loggers = self._loggers()

    def _loggers(self):
        known = list(logging.root.manager.loggerDict.values())
        return [x for x in known if isinstance(x, logging.Logger)]

    def _is_project(self, name):
        module = sys.modules[name]
        if name in self.modules or name in sys.builtin_module_names:
            return False
        places = [getattr(module, "__file__", None) or ""]
        with contextlib.suppress(Exception):
            places += list(getattr(module, "__path__", []))
        places = [os.path.realpath(p) for p in places if p]
        return not any(p.startswith(keep) for p in places for keep in self.keep)

    def clean(self):
        for name in [n for n in list(sys.modules) if self._is_project(n)]:
            sys.modules.pop(name, None)
        sys.path[:] = self.path
        sys.path_importer_cache.clear()
        importlib.invalidate_caches()
        linecache.clearcache()
        os.environ.clear()
        os.environ.update(self.environ)
        for logger in [logging.root, *self._loggers()]:
            logger.handlers.clear()
            logger.disabled = False
            logger.propagate = True
            logger.setLevel(logging.WARNING if logger is logging.root else logging.NOTSET)
        os.chdir("/")
        gc.collect()  # engines that a migration left behind hold connections


def answer(request):
    out = io.StringIO()
    reply = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with STDOUT.going_to(out), STDERR.going_to(out):
            try:
                os.chdir(request["cwd"])
                reply["value"] = COMMANDS[request["command"]](request)
            except BaseException as e:
                reply["error"] = {
                    "class": type(e).__name__,
                    "message": str(e),
                    "trace": traceback.format_exc(),
                }
                if isinstance(e, KeyboardInterrupt):
                    raise
    reply["warnings"] = [str(w.message) for w in caught]
    reply["output"] = out.getvalue()
    return reply


def main():
    # Whatever a migration prints, even past Python, stays out of the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    requests = os.fdopen(os.dup(0))
    os.dup2(nowhere, 0)
    # A .pyc beside a migration may be older than a rewritten .py of the same size and second.
    sys.pycache_prefix = os.path.join(tempfile.gettempdir(), f"onehead-no-pyc-{os.getpid()}")
    version = [int(n) for n in re.findall(r"\d+", alembic.__version__)[:3]]
    print(json.dumps({"alembic": version}), file=answers, flush=True)
    cleaner = Cleaner()
    gc.collect()
    gc.freeze()
    for line in requests:
        reply = answer(json.loads(line))
        cleaner.clean()
        print(json.dumps(reply, default=str), file=answers, flush=True)


main()
