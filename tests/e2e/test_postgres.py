"""The tests' own PostgreSQL, and each Alembic upon it."""

import os
import subprocess
import sys
import time
import unittest

import env
from postgres import Postgres

SANITIZE = False  # nothing of onehead runs here


class Server(env.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres().start()
        cls.addClassCleanup(cls.pg.stop)

    def test_no_network(self):
        self.assertEqual(self.pg.sql("postgres", "SHOW listen_addresses"), [("",)])

    def test_upgrade_with_each_alembic(self):
        repo = self.repo()
        repo.project()
        repo.migration(
            "a1",
            None,
            'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))\n'
            'op.create_index("t_id", "t", ["id"], unique=True)',
        )
        for alembic in env.alembics():
            name = f"app{alembic.version[1]}"
            url = self.pg.create(name)
            alembic.upgrade(repo, url)
            self.assertEqual(alembic.current(url), ["a1"])
            self.assertIn("t.t_id (id) unique", alembic.schema(url)["indexes"])
            self.assertEqual(self.pg.sql(name, "SELECT * FROM alembic_version"), [("a1",)])
            self.pg.drop(name)  # no connection of the worker holds it

    def test_a_failing_statement_is_an_error(self):
        with self.assertRaisesRegex(RuntimeError, "syntax error"):
            self.pg.sql("postgres", "SELEKT")


class Ending(env.TestCase):
    def test_nothing_stays(self):
        with Postgres() as pg:
            directory, pid = pg.directory, pg.process.pid
        self.assertFalse(os.path.exists(directory))
        self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_the_server_dies_with_a_killed_test(self):
        code = (
            "import os, signal, postgres\npg = postgres.Postgres().start()\n"
            "print(pg.directory, pg.process.pid, flush=True)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        here = os.path.dirname(os.path.abspath(__file__))
        done = subprocess.run(
            [sys.executable, "-Bc", code], cwd=here, stdout=subprocess.PIPE, text=True
        )
        directory, pid = done.stdout.split()
        self.addCleanup(subprocess.run, ["rm", "-rf", directory])
        end = time.monotonic() + 10
        while self._runs(pid) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertFalse(self._runs(pid))

    @staticmethod
    def _runs(pid):
        try:
            with open(f"/proc/{pid}/stat") as f:
                return f.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False


if __name__ == "__main__":
    unittest.main()
