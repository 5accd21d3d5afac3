#!/usr/bin/env python3
"""The chain of the guide rails document and its incidents 2 and 4 as git repositories.

usage:
  build.py chain DIRECTORY       the whole chain on the branch main, one commit a migration
  build.py incident-2 DIRECTORY  two lines that both descend from 8d46a4ba4167,
  build.py incident-4 DIRECTORY  likewise: branches base, ours, theirs (checked out: ours)

Deterministic; README.md beside this says what of it is the document's and what ours.
"""

import os
import subprocess
import sys
from typing import NamedTuple

LOCATION = "src/image_search_service/db/migrations"
FORK = "8d46a4ba4167"


class Migration(NamedTuple):
    id: str
    file: str
    parents: tuple
    message: str
    upgrade: list
    downgrade: list


def column(name, kind):
    return f'sa.Column("{name}", sa.{kind}, nullable=True)'


def table(name, *columns):
    """Upgrade and downgrade statements."""
    lines = ['    sa.Column("id", sa.Integer(), primary_key=True),']
    lines += [f"    {column(n, k)}," for n, k in columns]
    return [f'op.create_table(\n    "{name}",', *lines, ")"], [f'op.drop_table("{name}")']


def columns(name, *added):
    up = [f'op.add_column("{name}", {column(n, k)})' for n, k in added]
    return up, [f'op.drop_column("{name}", "{n}")' for n, _ in reversed(added)]


def index(name, of, on, unique=False):
    create = f'op.create_index("{name}", "{of}", ["{on}"], unique={unique})'
    return [create], [f'op.drop_index("{name}", table_name="{of}")']


def both(*parts):
    return [s for up, _ in parts for s in up], [s for _, down in reversed(parts) for s in down]


# id, file name without .py (None: ID_SLUG of the message), message, what it does.
LINE = [
    ("001", "001_initial_migration", "initial migration",
     table("image_assets", ("path", "String(1024)"), ("created_at", "DateTime()"))),
    ("ce719ca53e7b", None, "add categories",
     table("categories", ("name", "String(100)"))),
    ("002", "002_add_training_columns_to_image_assets", "add training columns to image assets",
     columns("image_assets", ("training_status", "String(20)"), ("category_id", "Integer()"))),
    ("003", "003_create_training_sessions_table", "create training sessions table",
     table("training_sessions", ("status", "String(20)"), ("root_path", "String(1024)"))),
    ("004", None, "create training subdirectories table",
     table("training_subdirectories", ("session_id", "Integer()"), ("path", "String(1024)"))),
    ("005", None, "create training jobs table",
     table("training_jobs", ("session_id", "Integer()"), ("asset_id", "Integer()"))),
    ("006", None, "create training evidence table",
     table("training_evidence", ("job_id", "Integer()"), ("embedding_model", "String(50)"))),
    ("007", None, "create system configs table",
     table("system_configs", ("key", "String(100)"), ("value", "Text()"))),
    ("008", None, "create vector deletion log table",
     table("vector_deletion_log", ("vector_id", "String(36)"), ("deleted_at", "DateTime()"))),
    ("009", "009_add_face_detection_tables", "add face detection tables",
     both(table("persons", ("name", "String(200)")),
          table("face_instances", ("asset_id", "Integer()"), ("person_id", "Integer()")))),
    ("e7ccebcb4be7", None, "add person prototypes",
     table("person_prototypes", ("person_id", "Integer()"), ("face_id", "Integer()"))),
    ("0ea4fdf7fc41", "0ea4fdf7fc41_add_face_detection_sessions", "add face detection sessions",
     table("face_detection_sessions", ("status", "String(20)"))),
    ("56f6544da217", "56f6544da217_add_face_suggestions", "add face suggestions",
     table("face_suggestions", ("face_id", "Integer()"), ("person_id", "Integer()"),
           ("status", "String(20)"))),
    ("a1b2c3d4e5f6", None, "add face assignment events",
     table("face_assignment_events", ("face_id", "Integer()"), ("person_id", "Integer()"))),
    ("974bfe0f68ed", None, "index faces by person",
     index("ix_face_instances_person_id", "face_instances", "person_id")),
    ("0d2febc7f1d5", "0d2febc7f1d5_add_resume_fields_to_face_detection_",
     "add resume fields to face detection sessions",
     columns("face_detection_sessions", ("last_asset_id", "Integer()"),
             ("resumed_at", "DateTime()"))),
    ("a5e555cf5477", None, "add reviewed at to face suggestions",
     columns("face_suggestions", ("reviewed_at", "DateTime()"))),
    ("9511886120f4", None, "add reset time to training sessions",
     columns("training_sessions", ("reset_at", "DateTime()"))),
    ("temporal_proto_001", None, "add age era to person prototypes",
     columns("person_prototypes", ("age_era", "String(20)"), ("is_pinned", "Boolean()"))),
    ("010", None, "add bounding boxes to face instances",
     columns("face_instances", ("bbox", "String(100)"))),
    (FORK, None, "index pending face suggestions",
     index("idx_face_suggestions_pending", "face_suggestions", "status")),
]

SCORING = [
    ("f6a668d072bb", None, "add multi prototype scoring fields",
     columns("face_suggestions", ("similarity_to_prototype", "Float()"),
             ("temporal_bucket", "String(20)"), ("temporal_confidence", "Float()"))),
]
BIRTH_DATE = SCORING + [
    ("a8b9c0d1e2f3", None, "add centroid version to person prototypes",
     columns("person_prototypes", ("centroid_version", "Integer()"))),
    ("b9c0d1e2f3g4", None, "add birth date to persons",
     columns("persons", ("birth_date", "Date()"))),
]
UNIQUE_INDEX = [
    ("c1d2e3f4g5h6", None, "add pending suggestion unique index",
     index("uq_face_suggestions_face_person", "face_suggestions", "face_id", unique=True)),
]
DELETED_LATER = [
    ("98ab620aa6f9", None, "index face instances by asset",
     index("ix_face_instances_asset_id", "face_instances", "asset_id")),
]
MERGED = [
    ("737ef70e7bab", "737ef70e7bab_merge_birth_date_and_unique_index_",
     "merge birth date and unique index migrations", ([], [])),
    ("011_hash_dedup_fields", "011_hash_dedup_fields", "hash dedup fields",
     both(columns("image_assets", ("perceptual_hash", "String(64)")),
          index("ix_image_assets_perceptual_hash", "image_assets", "perceptual_hash"))),
]


def chained(rows, *parents):
    """The migrations of ROWS, each on top of the one before; the first on PARENTS."""
    out = []
    for id, file, message, (up, down) in rows:
        slug = message.replace(" ", "_")
        out.append(Migration(id, file or f"{id}_{slug}"[:60], parents, message, up, down))
        parents = (id,)
    return out


REPOSITORIES = {
    "incident-2": (chained(LINE), chained(DELETED_LATER, FORK), chained(SCORING, FORK)),
    "incident-4": (chained(LINE), chained(BIRTH_DATE, FORK), chained(UNIQUE_INDEX, FORK)),
}
CHAIN = (
    chained(LINE)
    + chained(BIRTH_DATE, FORK)
    + chained(UNIQUE_INDEX, FORK)
    + chained(MERGED, "b9c0d1e2f3g4", "c1d2e3f4g5h6")
)


def text(m, number):
    down = "None"
    if len(m.parents) == 1:
        down = f'"{m.parents[0]}"'
    elif m.parents:
        down = "(" + ", ".join(f'"{p}"' for p in m.parents) + ")"
    day, minute = 1 + number, 2 * number
    return "\n".join(
        [
            f'"""{m.message}',
            "",
            f"Revision ID: {m.id}",
            f"Revises: {', '.join(m.parents)}",
            f"Create Date: 2025-12-{day:02d} 10:{minute:02d}:00.000000",
            '"""',
            "from typing import Sequence, Union",
            "",
            "import sqlalchemy as sa",
            "from alembic import op",
            "",
            f'revision: str = "{m.id}"',
            f"down_revision: Union[str, Sequence[str], None] = {down}",
            "branch_labels: Union[str, Sequence[str], None] = None",
            "depends_on: Union[str, Sequence[str], None] = None",
            "",
            "",
            "def upgrade() -> None:",
            *body(m.upgrade),
            "",
            "",
            "def downgrade() -> None:",
            *body(m.downgrade),
            "",
        ]
    )


def body(statements):
    lines = [line for s in statements for line in s.splitlines()]
    return ["    " + line for line in lines] or ["    pass"]


INI = f"""\
[alembic]
script_location = %(here)s/{LOCATION}
prepend_sys_path = .
path_separator = os
"""

ENV = """\
import os

from alembic import context
from sqlalchemy import create_engine, pool

url = context.config.get_main_option("sqlalchemy.url") or os.environ["DATABASE_URL"]
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

MAKO = '''\
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


class Builder:
    def __init__(self, directory, environ=None):
        self.directory = os.fspath(directory)
        self.environ = dict(os.environ if environ is None else environ)
        self.minute = 0
        self.number = 0

    def git(self, *argv):
        date = f"2026-01-08T10:{self.minute:02d}:00Z"
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        done = subprocess.run(
            ["git", *argv],
            cwd=self.directory,
            env={**self.environ, **dates},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if done.returncode:
            raise RuntimeError(f"git {argv}: {done.stderr.decode(errors='replace')}")

    def write(self, path, content):
        full = os.path.join(self.directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(content)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        self.minute += 1

    def start(self, branch):
        os.makedirs(self.directory)
        self.git("init", "-q", "-b", branch)
        self.git("config", "user.name", "Guide Rails")
        self.git("config", "user.email", "rails@example.org")
        self.write("alembic.ini", INI)
        self.write(f"{LOCATION}/env.py", ENV)
        self.write(f"{LOCATION}/script.py.mako", MAKO)
        self.write(".gitignore", "__pycache__/\n*.db\n")
        self.commit("A project with migrations")

    def add(self, migrations):
        for m in migrations:
            self.write(f"{LOCATION}/versions/{m.file}.py", text(m, self.number))
            self.number += 1
            self.commit(m.message.capitalize())

    def branch(self, name, migrations):
        self.git("checkout", "-q", "-b", name, "base")
        self.add(migrations)


def build(name, directory, after_base=None, environ=None):
    """after_base(directory), if given, runs once the base is committed: install a tool there and
    what follows is committed under it."""
    builder = Builder(directory, environ)
    if name == "chain":
        builder.start("main")
        builder.add(CHAIN)
        return
    base, ours, theirs = REPOSITORIES[name]
    builder.start("base")
    builder.add(base)
    if after_base:
        after_base(directory)
    builder.branch("theirs", theirs)
    builder.branch("ours", ours)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("chain", *REPOSITORIES):
        sys.exit(__doc__)
    build(sys.argv[1], sys.argv[2])
