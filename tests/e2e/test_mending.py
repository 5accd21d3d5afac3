"""What a move prints for a database that has run the migrations before they moved: word for word,
by real Alembic, on SQLite and PostgreSQL, for databases at every point of the line as it was, with
rows in them. Afterwards schema and rows are those of a database that was never anywhere else.
"""

import re
import shlex
import shutil
import unittest

import env
import merging
import test_moving
from postgres import Postgres

SANITIZE = False  # the same merges and rebases run under sanitizers in test_moving

NEEDS = re.compile(r"  a database that has run (.*?)(?: \(now \S+\))? without the others needs:")
FORK = "002_more"
# What the user has in his tables before anything meets.
ROWS = "INSERT INTO t (id, more) VALUES (7, 70), (8, NULL)"


def adds(column, row):
    """A column that the rows which are there get filled in, and a row of its own."""
    return (
        f'op.add_column("t", sa.Column("{column}", sa.Integer(), nullable=False,'
        ' server_default="1"))\n'
        f'op.execute("UPDATE t SET {column} = id * 2 WHERE id IN (7, 8)")\n'
        f'op.execute("INSERT INTO t (id) VALUES ({row})")'
    )


def creates(table):
    return (
        f'op.create_table("{table}", sa.Column("id", sa.Integer(), primary_key=True))\n'
        f'op.create_index("{table}_id", "{table}", ["id"])\n'
        f'op.execute("INSERT INTO {table} (id) VALUES (1), (2)")'
    )


class Line:
    """Migrations in the order in which they are committed: (id, parents, upgrade, file)."""

    mine = (("003_a", FORK, adds("a", 20), None), ("004_b", "003_a", creates("b"), None),
            ("005_c", "004_b", adds("c", 21), None))  # fmt: skip
    theirs = (("003_x", FORK, creates("x"), None), ("004_y", "003_x", adds("y", 22), None))


class OneId(Line):
    """Theirs has the id of the first of mine."""

    theirs = (("003_a", FORK, creates("x"), "003_theirs.py"), ("004_y", "003_a", adds("y", 22), None))


class Twins(Line):
    """The first of mine was renumbered and published; the others build on it."""

    theirs = (("003_x", FORK, creates("x"), None), ("004_a", "003_x", adds("a", 20), None))


class MergeRevision(Line):
    """Two of mine stand side by side, and are joined."""

    mine = (("003_a", FORK, adds("a", 20), None), ("004_b", "003_a", creates("b"), None),
            ("005_c", "003_a", adds("c", 21), None),
            ("cccccccccccc", ("004_b", "005_c"), "pass", None),
            ("006_d", "cccccccccccc", creates("d"), None))  # fmt: skip


class Hashes(Line):
    mine = (("aaaaaaaaaaaa", FORK, adds("a", 20), None),
            ("bbbbbbbbbbbb", "aaaaaaaaaaaa", creates("b"), None))  # fmt: skip
    theirs = (("dddddddddddd", FORK, adds("y", 22), None),)


class Mending(test_moving.Shared):
    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres().start()
        cls.addClassCleanup(cls.pg.stop)
        cls.made = 0

    def database(self, engine, like=None):
        """The URL of a new one, maybe a copy."""
        type(self).made += 1
        name = f"db{self.made}"
        if engine == "sqlite":
            path = self.home.path / name
            if like:
                shutil.copyfile(like.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        template = like.split("/")[3].split("?")[0] if like else "template0"
        self.pg.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.pg.url(name)

    def commit_line(self, repo, line):
        """A commit each; what stands side by side comes with what joins it."""
        heads = {FORK}
        for id, parents, upgrade, file in line:
            heads = heads - {*([parents] if isinstance(parents, str) else parents)} | {id}
            repo.migration(id, parents, upgrade, file=file)
            if len(heads) == 1:
                repo.commit(id)

    def meeting(self, name, line):
        """On topic, before anything has met."""
        repo = self.shared(name)
        repo.branch("topic")
        self.commit_line(repo, line.mine)
        repo.branch("elsewhere", "main")
        self.commit_line(repo, line.theirs)
        repo.git("push", "-q", "origin", "elsewhere:main")
        repo.checkout("topic")
        return repo

    def start(self, repo, engine):
        """A database at the fork, with what its user has in it."""
        url = self.database(engine)
        env.alembic().upgrade(repo, url, FORK)
        env.alembic().execute(url, ROWS)
        return url

    def at_points(self, repo, engine, start, points):
        """{point: database}; what descends from two goes by the last."""
        found, last = {FORK: self.database(engine, start)}, start
        for point in points:
            found[point] = last = self.database(engine, last)
            env.alembic().upgrade(repo, last, point)
        return found

    def printed(self, told):
        """{what it has run: commands}, as they stand there."""
        for line in told.splitlines():
            self.assertLessEqual(len(line), 80)
        lines = told.replace(" \\\n      &&", " &&").splitlines()
        found = {}
        for i, line in enumerate(lines):
            needs = NEEDS.fullmatch(line)
            if needs:
                self.assertTrue(lines[i + 1].startswith("    alembic "), told)
                found[needs[1]] = lines[i + 1].strip()
        return found

    def run_commands(self, repo, url, commands):
        """As a shell would, in the project's directory; only the database is another one."""
        ini = repo.write(self.home.path / "other.ini",
                         f"[alembic]\nscript_location = {repo.path}/migrations\n"
                         f"sqlalchemy.url = {url}\n")  # fmt: skip
        for command in [c for c in commands.split(" && ") if c]:
            program, *words = shlex.split(command)
            self.assertEqual(program, "alembic")
            code, out, err = env.alembic().cli(repo, "-c", str(ini), *words)
            self.assertEqual(code, 0, (command, out, err))

    def content(self, url):
        """Schema, and the rows of each table, whatever the order of columns and rows."""
        alembic = env.alembic()
        schema = alembic.schema(url)
        rows = {}
        for table in schema["tables"]:
            names = [c.split()[0].split(".")[1] for c in schema["columns"] if c.startswith(table + ".")]
            rows[table] = alembic.rows(url, f"SELECT {', '.join(sorted(names))} FROM {table}")
        return schema, rows

    def check(self, how, line, engines=("sqlite", "postgresql"), left_out=()):
        repo = self.meeting("repo", line)
        points = [id for id, *_ in line.mine if id not in left_out]
        starts = {engine: self.start(repo, engine) for engine in engines}
        databases = {e: self.at_points(repo, e, starts[e], points) for e in engines}
        argv = ("merge", "--no-edit") if how == "merge" else ("rebase", "-q")
        commands = self.printed(repo.git(*argv, "origin/main").err)
        self.assertEqual(list(commands), points)
        for engine in engines:
            env.alembic().upgrade(repo, starts[engine])
            wanted = self.content(starts[engine])
            for point, url in databases[engine].items():
                with self.subTest(engine=engine, point=point):
                    self.run_commands(repo, url, commands.get(point, ""))
                    self.run_commands(repo, url, "alembic upgrade head")
                    self.assertEqual(self.content(url), wanted)
                    self.assertEqual(env.alembic().current(url), self.heads(repo))

    def test_a_merge(self):
        self.check("merge", Line)

    def test_a_rebase_and_one_id(self):
        self.check("rebase", OneId)

    def test_a_rebase_and_twins(self):
        self.check("rebase", Twins, ["postgresql"])

    def test_a_rebase_of_a_merge_revision(self):
        self.check("rebase", MergeRevision, ["postgresql"], ("004_b", "005_c"))

    def test_a_merge_of_hashes(self):
        self.check("merge", Hashes, ["sqlite"])

    def test_a_long_line_is_told_by_its_last_point(self):
        """Two lines a point would push all else off the screen."""
        parents = [FORK, *(f"{n:012x}" for n in range(0xA1, 0xAA))]
        mine = tuple((id, parent, creates(f"t{id[-2:]}"), None) for parent, id in zip(parents, parents[1:]))
        line = type("Long", (Hashes,), {"mine": mine})
        repo = self.meeting("repo", line)
        start = self.start(repo, "sqlite")
        databases = self.at_points(repo, "sqlite", start, parents[1:])
        told = repo.git("rebase", "-q", "origin/main").err
        last = parents[-1]
        self.assertEqual(list(self.printed(told)), [last])
        self.assertIn(f"  one that stopped before, at any of the 8 from {parents[1]} on: the same, with\n"
                      "    the id that this one has now as the last word", told)  # fmt: skip
        env.alembic().upgrade(repo, start)
        for point in (parents[1], parents[4], last):
            commands = self.printed(told)[last].removesuffix(last) + point
            self.run_commands(repo, databases[point], commands)
            self.run_commands(repo, databases[point], "alembic upgrade head")
            self.assertEqual(self.content(databases[point]), self.content(start))

    def test_without_the_commands_a_migration_is_skipped(self):
        """What all this is about: Alembic says that all is well."""
        repo = self.meeting("repo", Hashes)
        url = self.start(repo, "postgresql")
        env.alembic().upgrade(repo, url)
        repo.git("rebase", "-q", "origin/main")
        self.run_commands(repo, url, "alembic upgrade head")
        columns = self.content(url)[0]["columns"]
        self.assertEqual([c for c in columns if c.startswith("t.y ")], [])
        self.assertEqual(env.alembic().current(url), self.heads(repo))


if __name__ == "__main__":
    unittest.main()
