#!/usr/bin/env python3
"""Merge revisions for random parents, judged by Python's ast and by real Alembic.

usage: merge_revisions.py DIRECTORY-OF-dump_merge [COUNT] [SEED] [PYTHON...]

Every PYTHON has an Alembic of its own; without any: this one's, and that of build/venv. Each
judges the same files: the values in them, the docstring, the name that its ScriptDirectory would
have given, one head, history, and an upgrade of an SQLite database; and two people who write
their parents in another order get the same bytes.
"""
import ast
import datetime
import hashlib
import io
import os
import random
import subprocess
import sys
import tempfile

WORDS = ["add", "crown", "to", "services", "\u00fcber", "\u65e5\u672c", "it's", '"quoted"', '"""',
         "'''", "\\", "\\N{x}", "%(rev)s", "%", "{0}", "${x}", "<%", "a_b", "UPPER", "-", "/", "..",
         "\x1b[31m", "\u202e", "\x85", "\u2028", "\x7f", "\ud83d\ude00".encode("utf-16", "surrogatepass")
         .decode("utf-16"), "x" * 60, "# onehead", "\t"]
DATES = ["", "2026-01-10 18:21:32.978882", "2026-01-10T18:21:32", "2025-12-31 23:59:59+05:30",
         "2026-01-10 18:21:32.978883+00:00", "yesterday", '""" evil', "2024-02-29", "1969-12-31 23:59:59.5",
         "2026-01-10 18:21:32.978882\\"]
ID_PARTS = ["a", "b", "7", "_", ".", " ", "'", '"', '"""', "\\", "\n", "\u00e9", "\u65e5", "\x1b", "%",
            "\u202e", "{", "\\x41", "#", "/", "\t", "\r"]
TEMPLATES = ["", "", "", "%(rev)s_%(slug)s", "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d"
             "-%(rev)s_%(slug)s", "%(epoch)s_%(slug)s_%(rev)s", "%(second)02d%(rev)-20s%(slug).5s",
             "%(rev)5.3s%%_%(slug)s", "%(year)+d_%(day) d_%(rev)s_%(minute)5d_%(hour)-5d_%(month)i"]
ENV = """
from alembic import context
from sqlalchemy import create_engine
with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def hexed(text):
    return text.encode().hex() or "-"


def plain(word):
    return "" if word == "-" else bytes.fromhex(word).decode()


class Dump:
    def __init__(self, directory):
        self.process = subprocess.Popen([os.path.join(directory, "dump_merge")], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def merge(self, template, slug_length, parents):
        ask = self.process.stdin
        print("location", hexed("m"), hexed(template), slug_length, 0, hexed("m/versions"), file=ask)
        for id_, title, date, path in parents:
            print("parent", hexed(id_), hexed(title), hexed(date), hexed(path), file=ask)
        print("go", file=ask, flush=True)
        return [plain(word) for word in self.process.stdout.readline().split()]

    def read(self, text):
        print("read", hexed(text), file=self.process.stdin, flush=True)
        return [plain(w) if i != 2 else w
                for i, w in enumerate(self.process.stdout.readline().split())]


def random_id(r, number):
    kind = r.random()
    if kind < 0.3:
        return "%012x" % r.getrandbits(48)
    if kind < 0.5:
        return "%04d_add_%s" % (number, r.choice(["crown", "key", "x"]))
    return "".join(r.choice(ID_PARTS) for _ in range(r.randint(1, 6))) + str(number)


def random_case(r):
    parents = []
    for number in range(r.choice([2, 2, 2, 2, 3, 5])):
        title = " ".join(r.choice(WORDS) for _ in range(r.randint(0, 7)))
        title = title.split("\n")[0].strip()
        parents.append((random_id(r, number), title, r.choice(DATES), "m/versions/p%d.py" % number))
    return r.choice(TEMPLATES), r.choice([0, 0, 0, 10, 80]), parents


def newest(parents):
    best = None
    for _, _, text, _ in parents:
        try:
            date = datetime.datetime.fromisoformat(text)
        except ValueError:
            continue
        aware = date if date.tzinfo else date.replace(tzinfo=datetime.timezone.utc)
        best = max(best, (aware, text, date)) if best else (aware, text, date)
    return best


def judge_source(dump, case, answer):
    """What ast sees, whatever Alembic is there."""
    id_, path, text = answer
    parents = sorted(case[2], key=lambda p: p[0].encode())
    ids = [p[0] for p in parents]
    seed = "onehead-merge-1\n" + "".join(i + "\n" for i in ids)
    assert id_ == hashlib.sha256(seed.encode()).hexdigest()[:12], id_
    tree = ast.parse(text)
    values = {n.target.id: ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.AnnAssign)}
    assert values == {"revision": id_, "down_revision": tuple(ids), "branch_labels": None,
                      "depends_on": None}, values
    assert all(c == "\n" or c.isprintable() for c in text), "control characters"
    lines = ast.get_docstring(tree, clean=False).split("\n")
    assert lines[0].startswith("merge ") and lines[0].isascii()
    assert lines[2] == "Revision ID: " + id_
    best = newest(parents)
    dates = [line for line in lines if line.startswith("Create Date: ")]
    assert dates == (["Create Date: " + best[1]] if best else []), dates
    for parent, line in zip(parents, lines[-1 - len(parents):-1]):
        if parent[0].isprintable() and parent[1].isprintable():
            assert line == "- " + parent[0] + (": " + parent[1] if parent[1] else ""), line
    seen = dump.read(text)
    assert [seen[0], *seen[3:]] == [id_, *ids] and seen[2] == "1", seen
    return lines[0]


def write_project(directory, case, answer):
    os.makedirs(directory + "/m/versions")
    with open(directory + "/m/env.py", "w") as f:
        f.write(ENV)
    for number, (id_, title, _, path) in enumerate(case[2]):
        with open(os.path.join(directory, path), "w") as f:
            f.write("%r\nrevision = %r\ndown_revision = 'root'\ndef upgrade(): pass\n"
                    "def downgrade(): pass\n" % (title, id_))
    with open(directory + "/m/versions/root.py", "w") as f:
        f.write("revision = 'root'\ndown_revision = None\ndef upgrade(): pass\n"
                "def downgrade(): pass\n")
    with open(os.path.join(directory, answer[1]), "w") as f:
        f.write(answer[2])


def judge_alembic(case, answer, message):
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    import sqlite3

    template, slug_length, parents = case
    with tempfile.TemporaryDirectory() as directory:
        write_project(directory, case, answer)
        config = Config(stdout=io.StringIO())
        config.set_main_option("script_location", directory + "/m")
        config.set_main_option("sqlalchemy.url", "sqlite:///" + directory + "/db")
        if template:
            config.set_main_option("file_template", template.replace("%", "%%"))
        if slug_length:
            config.set_main_option("truncate_slug_length", str(slug_length))
        script = ScriptDirectory.from_config(config)
        assert script.get_heads() == [answer[0]], script.get_heads()
        best = newest(parents)
        date = best[2] if best else datetime.datetime(1970, 1, 1)
        date = date if date.tzinfo else date.replace(tzinfo=datetime.timezone.utc)
        name = str(script._rev_path(directory + "/m/versions", answer[0], message, date))
        assert name == os.path.join(directory, answer[1]), (name, answer[1])
        command.history(config, verbose=True)
        if any("'" in p[0] for p in parents):
            return  # Alembic puts ids into its SQL without quoting them
        command.upgrade(config, "head")
        with sqlite3.connect(directory + "/db") as db:
            assert db.execute("SELECT version_num FROM alembic_version").fetchall() == [(answer[0],)]
        command.downgrade(config, "root")


def main_of_one(directory, count, seed):
    import alembic

    os.environ["TZ"] = random.Random(seed).choice(["UTC", "Asia/Kolkata", "America/New_York"])
    dump, r, failed = Dump(directory), random.Random(seed), 0
    for number in range(count):
        case = random_case(r)
        answer = dump.merge(*case)
        try:
            shuffled = list(case[2])
            r.shuffle(shuffled)
            assert dump.merge(case[0], case[1], shuffled) == answer, "order matters"
            judge_alembic(case, answer, judge_source(dump, case, answer))
        except Exception as e:
            failed += 1
            print("%d: %s: %s\n  %r\n  %r" % (number, type(e).__name__, e, case, answer))
    print("alembic %s: %d merge revisions, %d wrong" % (alembic.__version__, count, failed))
    return failed


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if os.environ.get("ONE_ALEMBIC"):
        sys.exit(1 if main_of_one(sys.argv[1], count, seed) else 0)
    pythons = sys.argv[4:] or [sys.executable]
    venv = os.path.join(os.environ.get("ONEHEAD_BUILD", "build"), "venv/bin/python")
    if not sys.argv[4:] and os.path.exists(venv):
        pythons.append(venv)
    codes = [subprocess.run([python, "-B", __file__, sys.argv[1], str(count), str(seed)],
                            env={**os.environ, "ONE_ALEMBIC": "1"}).returncode for python in pythons]
    sys.exit(1 if any(codes) else 0)


main()
