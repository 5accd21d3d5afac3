#!/usr/bin/env python3
"""Rebuild a real two-branch migration incident as a git repository to merge in.

The corpora (incidents/*.jsonl.gz) hold facts mined from public histories: for each merge of two
lines that both added migrations, the file names, revision ids, down_revisions and the operations
that each migration performed. No code of those projects is in them: this script writes migration
files of its own from the facts.

usage:
  incident_repo.py list CORPUS              one line per incident
  incident_repo.py make CORPUS N DIRECTORY  a repository with the branches base, ours and theirs
                                            (checked out: ours)

The syntax of the written files varies by revision (annotated or not, either quote, tuple or list,
wrapped in parentheses), as it does in the wild. Deterministic.
"""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys

COLUMN_TYPES = ["sa.Integer()", "sa.String(length=255)", "sa.Boolean()", "sa.DateTime()", "sa.Text()"]
KIND = "Union[str, Sequence[str], None]"
DATE = "2026-01-11T00:00:00Z"


def load(corpus):
    """The facts of every revision by its key, and the incidents."""
    with gzip.open(corpus, "rt") as f:
        revs = json.loads(f.readline())["revs"]
        return revs, [json.loads(line) for line in f]


def pick(seed, n):
    return int(hashlib.sha256(seed.encode()).hexdigest(), 16) % n


def literal(value, seed):
    q = "'" if pick(seed + "q", 2) else '"'
    if value is None:
        return "None"
    if isinstance(value, str):
        return q + value + q
    inner = ", ".join(q + v + q for v in value)
    if pick(seed + "l", 4) == 0:
        return "[" + inner + "]"
    return "(" + inner + ("," if len(value) == 1 else "") + ")"


def assignment(name, value, kind, seed, style):
    text = literal(value, seed + name)
    if style == 3 and isinstance(value, str) and len(value) > 20:
        text = "(\n    " + text + "\n)"
    return f"{name}: {kind} = {text}" if style in (1, 3) else f"{name} = {text}"


def first(args, cls):
    return next((a for a in args if isinstance(a, cls)), None)


def statement(name, args, seed):
    """A call that performs the same kind of operation on the same names."""
    strings = [a for a in args if isinstance(a, str) and a != "?"]  # "?": it was not a literal
    column = first([a for a in args if a != {"column": "?"}], dict)
    t = COLUMN_TYPES[pick(seed, len(COLUMN_TYPES))]
    if name == "add_column" and strings and column:
        return f'op.add_column("{strings[0]}", sa.Column("{column["column"]}", {t}, nullable=True))'
    if name == "alter_column" and len(strings) > 1:
        return f'op.alter_column("{strings[0]}", "{strings[1]}", nullable=True)'
    if name == "drop_column" and len(strings) > 1:
        return f'op.drop_column("{strings[0]}", "{strings[1]}")'
    if name == "create_table" and strings:
        return f'op.create_table("{strings[0]}", sa.Column("id", sa.Integer(), primary_key=True))'
    if name == "drop_table" and strings:
        return f'op.drop_table("{strings[0]}")'
    if name == "create_index" and len(strings) > 1:
        cols = first(args, list) or ["id"]
        return f'op.create_index("{strings[0]}", "{strings[1]}", {json.dumps(cols)})'
    if name == "drop_index" and strings:
        return f'op.drop_index("{strings[0]}")'
    if name == "execute" and strings:
        return "op.execute(" + json.dumps(" ".join(strings[0].split())) + ")"
    if name == "execute":
        return 'op.execute("SELECT 1")'
    return f"pass  # {name} on {' '.join(', '.join(strings).split()) or 'names not known'}"


def migration(key, rev):
    style = pick(key, 4)
    down = rev["down"]
    downs = [down] if isinstance(down, str) else list(down or [])
    slug = rev["rev"].split("_", 1)[-1].replace("_", " ")
    head = [
        f'"""{slug}',
        "",
        f"Revision ID: {rev['rev']}",
        f"Revises: {', '.join(downs)}",
        f"Create Date: 20{10 + pick(key, 15):02d}-01-02 03:04:05.678901",
        "",
        '"""',
    ]
    imports = ["from typing import Sequence, Union", ""] if style in (1, 3) else []
    names = [
        assignment("revision", rev["rev"], "str", key, style),
        assignment("down_revision", down, KIND, key, style),
    ]
    if rev.get("labels") or style:
        names.append(assignment("branch_labels", rev.get("labels"), KIND, key, style))
    if rev.get("dep") or style:
        names.append(assignment("depends_on", rev.get("dep"), KIND, key, style))
    body = [statement(n, a, key + str(i)) for i, (n, a) in enumerate(rev["ops"])] or ["pass"]
    if all(s.startswith("pass") for s in body):
        body.append("pass")
    arrow = " -> None" if style in (1, 3) else ""
    return "\n".join(
        head
        + imports
        + ["import sqlalchemy as sa", "from alembic import op", ""]
        + names
        + ["", "", f"def upgrade(){arrow}:"]
        + ["    " + s for s in body]
        + ["", "", f"def downgrade(){arrow}:", "    pass", ""]
    )


INI = "[alembic]\nscript_location = %(here)s/{0}\nsqlalchemy.url = sqlite:///%(here)s/dev.db\n"

ENV = """from alembic import context
from sqlalchemy import create_engine

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

MAKO = '''"""${message}

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


class Maker:
    """Writes one incident's trees and commits them."""

    def __init__(self, revs, incident, directory, environ):
        self.revs = revs
        self.incident = incident
        self.directory = directory
        self.environ = {
            **(os.environ if environ is None else environ),
            "GIT_AUTHOR_DATE": DATE,
            "GIT_COMMITTER_DATE": DATE,
        }
        any_path = next(iter({**incident["base"], **incident["ours"]}))
        self.scripts = re.sub(r"/versions/.*", "", any_path)

    def git(self, *argv):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        done = subprocess.run(["git", *argv], cwd=self.directory, env=self.environ, **quiet)
        if done.returncode:
            raise RuntimeError(f"git {argv}: {done.stderr.decode(errors='replace')}")

    def write(self, path, text):
        full = os.path.join(self.directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(text)

    def put(self, paths):
        for path, key in paths.items():
            if key is None:
                os.remove(os.path.join(self.directory, path))
            elif self.revs.get(key) is None:
                self.write(path, "# not a migration\n")
            else:
                self.write(path, migration(key, self.revs[key]))

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def base(self):
        os.makedirs(self.directory)
        self.git("init", "-q", "-b", "base")
        self.git("config", "user.name", "Incident")
        self.git("config", "user.email", "incident@example.org")
        self.write("alembic.ini", INI.format(self.scripts))
        self.write(os.path.join(self.scripts, "env.py"), ENV)
        self.write(os.path.join(self.scripts, "script.py.mako"), MAKO)
        self.write(".gitignore", "__pycache__/\ndev.db\n")
        self.put(self.incident["base"])
        self.commit("base")

    def branch(self, name):
        self.git("checkout", "-q", "-b", name, "base")
        self.put(self.incident[name])
        self.commit(name)


def make(corpus, index, directory, after_base=None, environ=None):
    """after_base(directory), if given, runs once the base is committed: install a tool there and
    what follows is committed under it. The incident; its script directory is in "scripts"."""
    revs, incidents = load(corpus)
    maker = Maker(revs, incidents[index], directory, environ)
    maker.base()
    if after_base:
        after_base(directory)
    maker.branch("theirs")
    maker.branch("ours")
    return {**incidents[index], "scripts": maker.scripts}


def line(number, x):
    return (
        f"{number} {x['merge']} ours {','.join(x['ours_heads'])} "
        f"theirs {','.join(x['theirs_heads'])} was left with {len(x['result_heads'])} head(s)"
    )


def main(argv):
    if len(argv) == 2 and argv[0] == "list":
        for number, incident in enumerate(load(argv[1])[1]):
            print(line(number, incident))
    elif len(argv) == 4 and argv[0] == "make":
        make(argv[1], int(argv[2]), argv[3])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
