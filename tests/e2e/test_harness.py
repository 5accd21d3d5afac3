"""The tests' own ground: isolation, and a worker that answers as a fresh Alembic would."""

import os
import subprocess
import unittest

import env

SANITIZE = False  # nothing of onehead runs here


class Isolation(env.TestCase):
    def test_nothing_of_the_users_configuration_is_seen(self):
        repo = self.repo()
        origins = repo.out("config", "--list", "--show-origin")
        allowed = (str(self.home.config), ".git/config", "command line")
        for line in origins.splitlines():
            self.assertTrue(any(a in line.split("\t")[0] for a in allowed), line)

    def test_who_commits_and_onto_which_branch(self):
        repo = self.repo()
        repo.write("x", "1")
        self.home.person("Bob")
        repo.commit("first")
        self.assertEqual(repo.out("log", "-1", "--format=%an %ae"), "Bob bob@example.org")
        self.assertEqual(repo.out("branch", "--show-current"), "main")

    def test_variables_of_the_caller_do_not_leak(self):
        os.environ["GIT_DIR"] = "/nowhere"
        os.environ["PGPASSWORD"] = "secret"
        self.addCleanup(os.environ.pop, "GIT_DIR")
        self.addCleanup(os.environ.pop, "PGPASSWORD")
        home = env.Home()
        environ = home.environ
        home.drop()
        self.assertNotIn("GIT_DIR", environ)
        self.assertNotIn("PGPASSWORD", environ)

    def test_an_unexpected_exit_status_fails(self):
        repo = self.repo()
        with self.assertRaisesRegex(AssertionError, "exited 128, not 0"):
            repo.git("rev-parse", "nothing")
        self.assertEqual(repo.git("rev-parse", "nothing", expect=None).code, 128)

    def test_a_crash_fails_even_where_any_status_is_accepted(self):
        with self.assertRaisesRegex(AssertionError, "crashed"):
            self.repo().run("sh", "-c", "kill -SEGV $$", expect=None)

    def test_what_a_sanitizer_says_of_a_hidden_process_fails_the_test(self):
        class Inner(env.TestCase):
            def runTest(self):
                self.repo().run("sh", "-c", 'p=${ASAN_OPTIONS#log_path=}; echo bad >"${p%%:*}.7"')

        result = unittest.TestResult()
        Inner().run(result)
        self.assertIn("bad", result.failures[0][1])


class Worker(env.TestCase):
    def setUp(self):
        super().setUp()
        self.project = self.repo()
        self.project.project()
        self.url = f"sqlite:///{self.project.path}/dev.db"

    def test_a_rewritten_file_is_read_again(self):
        for alembic in env.alembics():
            for id in ("a1", "b2", "c3"):  # same size, same second
                self.project.migration(id, None, file="only.py")
                self.assertEqual(alembic.heads(self.project), [id])

    def test_a_stale_pyc_is_not_believed(self):
        repo = self.project
        path = repo.path / repo.migration("a1", None)
        stamp = os.stat(path).st_mtime_ns
        subprocess.run(["/usr/bin/python3", "-m", "py_compile", path], check=True)
        repo.write(path, path.read_text().replace("a1", "z9"))
        os.utime(path, ns=(stamp, stamp))
        for alembic in env.alembics():
            self.assertEqual(alembic.heads(repo), ["z9"])

    def test_modules_of_one_project_are_unknown_to_the_next(self):
        repo = self.project
        other = self.repo("other")
        other.project()
        for where, name in ((repo, "first"), (other, "second")):
            where.write("shared_names.py", f"TABLE = {name!r}\n")
            where.write("alembic.ini", where.read("alembic.ini") + "prepend_sys_path = .\n")
            where.migration(
                "a1",
                None,
                "import shared_names\n"
                'op.create_table(shared_names.TABLE, sa.Column("id", sa.Integer()))',
            )
        for alembic in env.alembics():
            for where, name in ((repo, "first"), (other, "second"), (repo, "first")):
                url = f"sqlite:///{where.path}/{alembic.version[1]}-{name}.db"
                alembic.upgrade(where, url)
                self.assertEqual(alembic.schema(url)["tables"], ["alembic_version", name])

    def test_upgrade_stamp_and_downgrade(self):
        create = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
        self.project.migration("a1", None, create, 'op.drop_table("t")')
        self.project.migration("b2", "a1", 'op.add_column("t", sa.Column("x", sa.Text()))')
        for alembic in env.alembics():
            url = f"sqlite:///{self.project.path}/{alembic.version[1]}.db"
            alembic.upgrade(self.project, url, "a1")
            self.assertEqual(alembic.current(url), ["a1"])
            alembic.upgrade(self.project, url)
            self.assertEqual(alembic.schema(url)["columns"][1:], ["t.id INTEGER not null", "t.x TEXT"])
            alembic.stamp(self.project, url, "a1")
            alembic.downgrade(self.project, url, "base")
            self.assertEqual(alembic.schema(url)["tables"], ["alembic_version"])
            self.assertEqual(alembic.current(url), [])

    def test_what_alembic_raises_comes_back_as_data(self):
        self.project.migration("a1", "missing")
        for alembic in env.alembics():
            answer = alembic.call("upgrade", self.project, url=self.url, target="head")
            self.assertEqual(answer["error"]["class"], "KeyError")
            self.assertIn("not present", " ".join(answer["warnings"]))
            with self.assertRaises(env.AlembicError):
                alembic.upgrade(self.project, self.url)

    def test_a_migration_that_ends_the_interpreter_is_told_and_survived(self):
        self.project.migration("a1", None, "import os\nos._exit(3)")
        for alembic in env.alembics():
            with self.assertRaisesRegex(env.WorkerDied, "exit 3"):
                alembic.upgrade(self.project, self.url)
            self.assertEqual(alembic.heads(self.project), ["a1"])

    def test_the_command_line_with_its_exit_status(self):
        self.project.migration("a1", None)
        self.project.migration("b2", None)
        for alembic in env.alembics():
            code, out, err = alembic.cli(self.project, "heads")
            self.assertEqual((code, sorted(out.splitlines())), (0, ["a1 (head)", "b2 (head)"]))
            code, out, err = alembic.cli(self.project, "upgrade", "head")
            self.assertEqual(code, 255)
            self.assertIn("Multiple head revisions", out + err)


if __name__ == "__main__":
    unittest.main()
