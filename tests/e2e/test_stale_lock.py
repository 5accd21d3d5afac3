"""A lock that says something else than its directory: found by check, mended by check --fix."""

import env


class StaleLock(env.TestCase):
    def setUp(self):
        super().setUp()
        self.project = self.repo()
        self.project.project()
        self.project.migration("a1", None)
        self.project.commit("first")
        self.project.onehead("install")
        self.project.commit("onehead")
        self.lock = self.project.git("ls-files", "*onehead.lock").out.strip()
        self.true = self.project.read(self.lock)

    def mended(self):
        repo = self.project
        out = repo.onehead("check", expect=1).out
        self.assertIn("stale-lock warning", out)
        self.assertIn("fix: onehead check --fix", out)
        self.assertIn(f"written and staged: {self.lock}", repo.onehead("check", "--fix").out)
        self.assertEqual(repo.git("diff").out, "")
        repo.onehead("check")
        repo.onehead("check", "--staged")
        self.assertNotIn("written", repo.onehead("check", "--fix").out)

    def test_committed_without_hooks(self):
        self.project.migration("b2", "a1")
        self.project.git("add", "--all")
        self.project.git("commit", "-qm", "no hooks", env={"ONEHEAD": "0"})
        self.mended()
        self.assertIn("\nhead b2\n", self.project.read(self.lock))

    def test_edited_on_disk_alone(self):
        self.project.write(self.lock, self.true.replace("head a1\n", ""))
        self.mended()
        self.assertEqual(self.project.read(self.lock), self.true)
        self.assertEqual(self.project.git("status", "--short").out, "")

    def test_deleted_on_disk_alone(self):
        (self.project.path / self.lock).unlink()
        self.assertIn(
            f"written and staged: {self.lock}", self.project.onehead("check", "--fix").out
        )
        self.assertEqual(self.project.git("status", "--short").out, "")

    def test_line_ends_say_the_same(self):
        self.project.write(self.lock, self.true.replace("\n", "\r\n"))
        self.project.onehead("check")

    def test_an_uncommitted_deletion_of_a_migration_stays_out_of_it(self):
        """What is on disk alone is not committed, so the lock does not speak of it."""
        self.project.migration("b2", "a1")
        self.project.commit("second")
        before = self.project.read(self.lock)
        path = self.project.git("ls-files", "*b2*.py").out.strip()
        (self.project.path / path).unlink()
        self.project.onehead("check", "--fix")
        self.assertEqual(self.project.read(self.lock), before)
