#!/usr/bin/env python3
"""Databases of a line that has moved, mended by real Alembic.

usage: moves.py DIRECTORY-OF-dump_move [MEETINGS] [SEED]

Runs under each Alembic there is: the interpreters in ONEHEAD_ALEMBIC_PYTHONS, else the system's
and the one in the build's virtual environment.

Random lines meet; one moves on top of the other. For each point that a mending is printed for, a
database is brought there by Alembic, on the line as it was; then the files change and the printed
commands are run. Afterwards `upgrade heads` leaves every migration applied exactly once. On a
plain chain, a point without a mending must need none.
"""
import contextlib
import io
import os
import random
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

try:
    import alembic.config
    import alembic.script
except ImportError:  # this interpreter only starts the others
    alembic = None

INNER = "--inner"  # last argument: run here, under this interpreter

ENV = """\
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

FILE = '''\
"""{id}

Revision ID: {id}
Revises: {revises}
"""
from alembic import op

revision = {id!r}
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {needs!r}


def upgrade():
    {body}


def downgrade():
    pass
'''


class Migration:
    def __init__(self, id_, parents, body, needs=(), labels=()):
        self.id, self.parents, self.body = id_, list(parents), body
        self.needs, self.labels = list(needs), list(labels)
        self.path = f"versions/{id_}.py"

    def text(self):
        body = f"op.execute(\"INSERT INTO ran VALUES ('{self.body}')\")" if self.body else "pass"
        parents = self.parents[0] if len(self.parents) == 1 else tuple(self.parents) or None
        return FILE.format(
            id=self.id, revises=", ".join(self.parents), parents=parents, body=body,
            labels=tuple(self.labels) or None, needs=tuple(self.needs) or None,
        )  # fmt: skip


def heads(line):
    named = {p for m in line for p in m.parents}
    return [m.id for m in line if m.id not in named]


def below(line, ids):
    """IDS and all that they stand on."""
    known, seen, todo = {m.id: m for m in line}, set(), list(ids)
    while todo:
        id_ = todo.pop()
        if id_ in known and id_ not in seen:
            seen.add(id_)
            todo += known[id_].parents + known[id_].needs
    return seen


class Meeting:
    """A base, two lines above it, and what git makes of them."""

    def __init__(self, rng):
        self.rng, self.made = rng, 0
        self.counts, self.shape = rng.random() < 0.5, rng.choice(["chain", "chain", "any"])
        self.number = 1
        self.base = []
        for _ in range(rng.randrange(1, 5)):
            self.base.append(self.new(self.base))
        above = self.number
        self.stays, self.moves, self.result = list(self.base), list(self.base), None
        for _ in range(rng.randrange(1, 5)):
            self.stays.append(self.new(self.stays))
        self.number = above
        new = self.stays[len(self.base) :]
        for _ in range(rng.randrange(1, 5)):
            m = self.new(self.moves)
            if rng.random() < 0.25 and len(m.parents) == 1:
                m.body = rng.choice(new).body  # a twin
            self.moves.append(m)
        if rng.random() < 0.15:
            self.rename()

    def new(self, line):
        rng = self.rng
        self.made += 1
        id_ = "%03d_m%d" % (self.number, self.made) if self.counts else "%08x" % rng.getrandbits(32)
        self.number += 1
        tips = heads(line)
        parents, needs, labels = tips[-1:], [], []
        if self.shape == "any" and line:
            if rng.random() < 0.2:
                parents = [rng.choice(line).id]
            elif rng.random() < 0.4:
                parents = tips
            if rng.random() < 0.1:
                needs = [rng.choice(line).id]
            if rng.random() < 0.1:
                parents = []
            if rng.random() < 0.15 or not parents:
                labels = [f"label{self.made}"]
        # Alembic fails over what joins two and names what is below them as well: KeyError.
        named = {n for m in line if m.id in parents for n in m.parents + m.needs}
        parents = [p for p in parents if p not in below(line, named)]
        needs = [n for n in needs if n not in below(line, parents)]
        body = f"body {self.made}" if len(parents) < 2 or rng.random() < 0.2 else ""
        return Migration(id_, parents, body, needs, labels)

    def rename(self):
        """The side that stays has taken one over under another name; the line went on from it."""
        own = self.moves[len(self.base) :]
        lost = own[0]
        if len(own) < 2 or not lost.body or any(m.body == lost.body for m in self.stays):
            return
        self.made += 1
        taken = Migration("%03d_t" % self.number if self.counts else f"taken{self.made}",
                          heads(self.stays)[-1:], lost.body)  # fmt: skip
        self.stays.append(taken)
        self.result = self.stays + own[1:]

    def request(self):
        lines = []
        for name in ("base", "stays", "moves", "result"):
            for m in getattr(self, name) or ():
                lines.append(f"{name} {m.path.encode().hex()} {m.text().encode().hex()}\n")
        return "".join(lines) + "go\n"


def read_answer(stream):
    files, mendings, refused = {}, [], None
    for line in stream:
        kind, *words = line.split()
        words = [bytes.fromhex(w).decode() for w in words if w != "-"]
        if kind == "end":
            return files, mendings, refused
        if kind == "refused":
            refused = words[0]
        elif kind == "file":
            files[words[0]] = words[1]
        else:
            mendings.append((words[0].split(" and "), words[1:]))
    raise SystemExit("dump_move ended")


class Project:
    def __init__(self, directory):
        self.directory, self.url = Path(directory), f"sqlite:///{directory}/data.sqlite"
        (self.directory / "migrations").mkdir()
        (self.directory / "migrations/env.py").write_text(ENV)
        (self.directory / "alembic.ini").write_text(
            f"[alembic]\nscript_location = {directory}/migrations\nsqlalchemy.url = {self.url}\n"
        )

    def write(self, files):
        versions = self.directory / "migrations/versions"
        shutil.rmtree(versions, ignore_errors=True)
        for path, text in files.items():
            target = self.directory / "migrations" / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)

    def alembic(self, *argv):
        """What Alembic says where it fails; None where it does not."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                ini = str(self.directory / "alembic.ini")
                alembic.config.CommandLine(prog="alembic").main(["-c", ini, *argv])
            except SystemExit as e:
                return f"{argv}: exit {e.code}: {said.getvalue()}" if e.code else None
            except Exception as e:
                return f"{argv}: {e!r}"
        return None

    def sql(self, query):
        with contextlib.closing(sqlite3.connect(self.directory / "data.sqlite")) as database:
            rows = sorted(r[0] for r in database.execute(query))
            database.commit()
        return rows

    def start(self):
        (self.directory / "data.sqlite").unlink(missing_ok=True)
        self.sql("CREATE TABLE ran (what TEXT)")

    def ran(self):
        return self.sql("SELECT what FROM ran")

    def rows(self):
        return self.sql("SELECT version_num FROM alembic_version")


def bring_to(project, meeting, ids):
    """A database of the line as it was, at IDS."""
    project.write({m.path: m.text() for m in meeting.moves})
    project.start()
    for id_ in ids:
        why = project.alembic("upgrade", id_)
        if why:
            return why
    if project.rows() != sorted(ids):
        return f"it stands at {project.rows()}, not at {ids}"
    return None


def finish(project, meeting):
    """Why not everything is applied once, after all; None where it is."""
    why = project.alembic("upgrade", "heads")
    lines = meeting.stays + meeting.moves
    wanted = sorted({m.body for m in lines if m.body})
    if why:
        return why
    return None if project.ran() == wanted else f"has run {project.ran()}, not {wanted}"


def mend(project, meeting, files, ids, commands):
    why = bring_to(project, meeting, ids)
    project.write(files)
    for command in commands:
        words = shlex.split(command)
        why = why or (project.alembic(*words[1:]) if words[0] == "alembic" else command)
    return why or finish(project, meeting)


def is_chain(line):
    parents = [p for m in line for p in m.parents]
    return (
        len(set(parents)) == len(parents) == len(line) - 1
        and not any(m.needs or m.labels for m in line)
        and len({m.body for m in line}) == len(line)
    )


def check(project, meeting, answer, tally):
    files, mendings, refused = answer
    if refused:
        tally["refused"] += 1
        return None
    for ids, commands in mendings:
        tally["mended"] += 1
        tally["long"] += len(commands) > 3
        why = mend(project, meeting, files, ids, commands)
        if why:
            return f"at {ids}: {' && '.join(commands)}: {why}"
    mended = [ids[0] for ids, _ in mendings if len(ids) == 1]
    for m in meeting.moves[len(meeting.base) :] if is_chain(meeting.moves) else ():
        if m.id not in mended:
            tally["in no need"] += 1
            why = mend(project, meeting, files, [m.id], [])
            if why:
                return f"at {m.id}, which nobody mends: {why}"
    return None


def describe(meeting):
    out = []
    for name in ("base", "stays", "moves", "result"):
        for m in getattr(meeting, name) or ():
            out.append(f"{name}: {m.id} < {m.parents} : {m.labels} ! {m.needs} = {m.body}")
    return "\n".join(out)


def pythons():
    named = os.environ.get("ONEHEAD_ALEMBIC_PYTHONS")
    if named:
        return named.split(":")
    venv = os.path.join(sys.argv[1], os.pardir, "venv", "bin", "python")
    return ["/usr/bin/python3"] + ([venv] if os.path.exists(venv) else [])


def run_each():
    status = 0
    for python in pythons():
        status |= subprocess.run([python, "-B", *sys.argv, INNER]).returncode
    return status


def main():
    if sys.argv[-1] != INNER:
        return run_each()
    sys.argv.pop()
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    meetings = [Meeting(rng) for _ in range(count)]
    program = [os.path.join(sys.argv[1], "dump_move")]
    sent = "".join(m.request() for m in meetings)
    out = subprocess.run(program, input=sent, stdout=subprocess.PIPE, text=True, check=True).stdout
    stream = iter(out.splitlines())
    tally = dict.fromkeys(("refused", "mended", "long", "in no need"), 0)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="onehead-moves-") as directory:
        project = Project(directory)
        for meeting in meetings:
            answer = read_answer(stream)
            why = check(project, meeting, answer, tally)
            if why:
                wrong += 1
                print(f"{why}\n{describe(meeting)}\n{sorted(answer[0])}\n")
    print(f"{count} meetings, {wrong} wrong: {tally}, seed {seed}, alembic {alembic.__version__}")
    return 1 if wrong or not tally["mended"] else 0


sys.exit(main())
