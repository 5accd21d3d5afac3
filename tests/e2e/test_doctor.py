"""onehead doctor: nothing is said to be well that is not; every complaint has its command."""

import env
from installing import HOOKS, LINE, Case


class Doctor(Case):
    def mended(self, repo, *words):
        """What doctor complains of is said by WORDS; each fix, run, is the last of it."""
        out = repo.onehead("doctor", expect=1).out
        for word in words:
            self.assertIn(word, out)
        fixes = {line.split("fix: ", 1)[1] for line in out.splitlines() if "fix: " in line}
        for fix in sorted(fixes):
            repo.run("sh", "-ec", fix, expect=None)
        return out

    def installed(self):
        repo = self.project()
        repo.onehead("install")
        repo.commit("lock")
        self.assertIn("all is well", repo.onehead("doctor").out)
        return repo

    def well(self, repo):
        self.assertIn("all is well", repo.onehead("doctor").out)

    def test_hook_states(self):
        repo = self.installed()
        hooks = self.hooks(repo)
        (hooks / "pre-push").chmod(0o644)
        self.mended(repo, "pre-push: not executable")
        self.well(repo)
        (hooks / "post-merge").unlink()
        (hooks / "post-commit").unlink()
        self.mended(repo, "post-merge, post-commit: not there")
        self.well(repo)
        self.hook(repo, "pre-commit")
        self.mended(repo, "pre-commit: replaced by another script")
        self.well(repo)
        out = repo.onehead("doctor", env={"ONEHEAD": "0"}, expect=None)
        if out.code == 1:
            self.assertIn("switched off by ONEHEAD=0", out.out)

    def other_version(self, repo, name, old, new):
        """The entry as an older onehead would have written it."""
        path = self.hooks(repo) / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def test_hooks_of_another_version(self):
        repo = self.installed()
        self.other_version(repo, "post-commit", ' || [ -e "$dir/onehead/row" ]', "")
        out = self.mended(repo, "hooks   post-commit: written by another version of onehead")
        self.assertNotIn("pre-commit", out)
        self.assertIn("fix: onehead install\n", out)
        self.assertIn("onehead/row", (self.hooks(repo) / "post-commit").read_text())
        self.well(repo)

    def test_hooks_with_programs_elsewhere(self):
        repo = self.installed()
        elsewhere = self.home.path / "it's bin"
        elsewhere.symlink_to(env.BIN)
        for name in HOOKS:
            quoted = str(elsewhere).replace("'", "'\\''")
            self.other_version(repo, name, str(env.BIN), quoted)
        self.well(repo)

    def test_driver_of_another_version(self):
        repo = self.installed()
        command = repo.out("config", "merge.onehead.driver")
        repo.git("config", "merge.onehead.driver", command.split(";")[0] + '; "$d" %O %A %B %L %P')
        self.mended(repo, "driver  configured by another version of onehead")
        self.assertEqual(repo.out("config", "merge.onehead.driver"), command)
        self.well(repo)

    def test_driver(self):
        repo = self.installed()
        repo.git("config", "--unset-all", "merge.onehead.driver")
        self.mended(repo, "driver  not configured")
        self.well(repo)
        repo.git("config", "merge.onehead.driver", "true %A")
        self.mended(repo, "calls something else: true %A")
        self.well(repo)

    def test_shadowed(self):
        repo = self.installed()
        repo.git("config", "core.hooksPath", "scripts")
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("core.hooksPath (local) is scripts: git no longer looks at", out)

    def test_not_installed(self):
        repo = self.project()
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("onehead is not installed in this clone", out)
        clone = self.installed_elsewhere(repo)
        out = self.mended(clone, "onehead is not installed in this clone")
        self.assertIn("lock    migrations: true", out)
        self.well(clone)

    def installed_elsewhere(self, repo):
        repo.onehead("install")
        repo.commit("lock")
        return repo.clone("clone")

    def test_stale_lock(self):
        repo = self.installed()
        self.home.person("Bo\x1b[31mb")
        repo.migration("c3", "b2")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "no hooks", env={"ONEHEAD": "0"})
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("c3 (Bo", out)
        self.assertIn("is not listed: committed without hooks", out)
        self.assertNotIn("\x1b", out)
        for i in range(9):
            repo.migration(f"m{i}", f"m{i - 1}" if i else "c3")
        repo.git("add", "-A")
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("(not committed)", out)
        self.assertLess(max(map(len, out.splitlines())), 200)
        repo.git("reset", "-q", "--hard")
        repo.git("rm", "-q", "migrations/versions/c3.py", "migrations/versions/b2.py")
        self.assertIn("lists b2, which is not there", repo.onehead("doctor", expect=1).out)

    def test_lock_that_is_none(self):
        repo = self.installed()
        lock = "migrations/onehead.lock"
        for text, word in (
            ("# onehead 99: from the future\nx\n", "lock    migrations: "),
            ("garbage\n", "lock    migrations: "),
            ("\x1b[31m\0\n", "lock    migrations: "),
        ):
            repo.write(lock, text)
            repo.git("add", lock)
            out = repo.onehead("doctor", expect=1).out
            self.assertIn(word, out)
            self.assertNotIn("\x1b", out)

    def test_lock_in_conflict(self):
        repo = self.installed()
        self.two_branches(repo)
        repo.git("merge", "theirs", env={"ONEHEAD": "0"}, expect=1)
        self.assertIn("migrations: in conflict", repo.onehead("doctor", expect=1).out)

    def test_lock_not_committed(self):
        repo = self.project()
        repo.onehead("install")
        self.mended(repo, "written and not committed")
        self.well(repo)

    def test_interrupted_operation(self):
        repo = self.installed()
        repo.write(".git/onehead/journal", "garbage")
        self.assertIn("an operation was interrupted", repo.onehead("doctor", expect=1).out)

    def test_attributes_gone(self):
        repo = self.installed()
        repo.git("rm", "-q", ".gitattributes")
        repo.git("commit", "-q", "-n", "-m", "no attributes")
        self.mended(repo, "does not give it the merge driver (merge=unspecified)")
        self.assertEqual(repo.read(".gitattributes"), LINE + "\n")
