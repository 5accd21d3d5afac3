"""git's configuration, .gitattributes and the lock: what install adds, and what stays."""

import os
import random

import env
from installing import LINE, NOTHING, Case, clone_state, next_command


class Files(Case):
    def test_configuration_comes_back_byte_by_byte(self):
        core = "[core]\n\trepositoryformatversion = 0\n"
        texts = [
            core,
            core.rstrip("\n"),
            core.replace("\n", "\r\n"),
            core + "\n\n\n",
            core + "# the end\n",
            core + '[merge "onehead"]\n',
            core + '[merge "onehead"]\n\tname = mine\n\tdriver = mine %A ; comment\n',
            core + "[onehead]\n\tconfig = other.ini\n\ttarget = origin/main\n",
            core + "[alias]\n\tonehead = status\n",
            core + "[alias]\n\tst = status\n[Merge]\n\tff = false\n",
            core + "[include]\n\tpath = ../nowhere\n",
        ]
        for text in texts:
            with self.subTest(text=text):
                repo = self.project(f"repo{texts.index(text)}")
                config = repo.path / ".git/config"
                config.write_bytes(text.encode())
                config.chmod(0o640)
                self.there_and_back(repo)
                self.assertEqual(config.stat().st_mode & 0o777, 0o640)

    def test_configuration_changed_since(self):
        repo = self.project()
        repo.git("config", "merge.onehead.driver", "mine %A")
        repo.onehead("install")
        self.assertIn("onehead-merge-driver", repo.out("config", "merge.onehead.driver"))
        repo.git("config", "user.signingkey", "since")
        repo.git("config", "onehead.target", "origin/main")
        repo.onehead("uninstall")
        self.assertEqual(repo.out("config", "merge.onehead.driver"), "mine %A")
        self.assertEqual(repo.out("config", "user.signingkey"), "since")
        self.assertEqual(repo.out("config", "onehead.target"), "origin/main")
        for key in ("onehead.config", "alias.onehead", "merge.onehead.name"):
            self.assertEqual(repo.git("config", "--local", key, expect=1).out, "", key)

    def test_configuration_changed_between_installations(self):
        """What the user set in between must not be undone with ours."""
        repo = self.project()
        repo.onehead("install")
        repo.git("config", "user.signingkey", "since")
        repo.git("config", "--unset", "merge.onehead.driver")
        repo.onehead("install")
        repo.onehead("uninstall")
        self.assertEqual(repo.out("config", "user.signingkey"), "since")

    def test_configuration_locked(self):
        repo = self.project()
        lock = repo.path / ".git/config.lock"
        lock.write_text("")
        before = clone_state(repo)
        result = repo.onehead("install", expect=2)
        self.assertIn("config", result.err)
        self.assertEqual(result.err.count("\n"), 1)
        self.assertEqual(before, clone_state(repo))

    def test_git_onehead(self):
        repo = self.project()
        repo.environ["PATH"] = os.defpath
        repo.onehead("install")
        (repo.path / "sub dir").mkdir()
        self.assertIn("b2", repo.git("onehead", "heads", cwd="sub dir").out)
        repo.onehead("uninstall")
        self.assertNotEqual(repo.git("onehead", "heads", expect=None).code, 0)
        # git-onehead on PATH makes the alias unneeded
        (self.home.path / "path").mkdir()
        (self.home.path / "path/git-onehead").symlink_to(env.BIN / "onehead")
        repo.onehead("install")
        repo.environ["PATH"] = f"{self.home.path}/path:{os.defpath}"
        self.assertIn("needs no alias", repo.onehead("install").out)
        self.assertEqual(repo.git("config", "alias.onehead", expect=1).out, "")
        self.assertIn("b2", repo.git("onehead", "heads").out)
        # an alias of the user's own stays
        repo.git("config", "alias.onehead", "status")
        repo.environ["PATH"] = os.defpath
        self.assertIn(NOTHING, repo.onehead("install").out)
        repo.onehead("uninstall")
        self.assertEqual(repo.out("config", "alias.onehead"), "status")

    def test_attributes_keep_their_form(self):
        for before, after in (
            ("*.png binary\n", f"*.png binary\n{LINE}\n"),
            ("*.png binary", f"*.png binary\n{LINE}\n"),
            ("*.png binary\r\n", f"*.png binary\r\n{LINE}\r\n"),
            ("a b\r\n*.png binary", f"a b\r\n*.png binary\r\n{LINE}\r\n"),
            ("\ufeff*.png binary\n", f"\ufeff*.png binary\n{LINE}\n"),
            ("", f"{LINE}\n"),
        ):
            with self.subTest(before=before):
                repo = self.project(f"repo{random.getrandbits(60)}")
                path = repo.write(".gitattributes", before)
                repo.commit("attributes")
                repo.onehead("install")
                self.assertEqual(path.read_bytes().decode(), after)
                self.assertIn(NOTHING, repo.onehead("install").out)
                repo.onehead("uninstall")
                self.assertEqual(path.read_bytes().decode(), before)
                self.assertEqual(repo.status(), "")

    def test_attributes_edited_since(self):
        repo = self.project()
        repo.write(".gitattributes", "*.png binary\n")
        repo.commit("attributes")
        repo.onehead("install")
        with open(repo.path / ".gitattributes", "a") as f:
            f.write("*.svg text\n")
        repo.onehead("uninstall")
        self.assertEqual(repo.read(".gitattributes"), "*.png binary\n*.svg text\n")

    def test_attributes_that_say_something_else(self):
        for text in ("onehead.lock merge=union\n", "migrations/onehead.lock -merge\n"):
            with self.subTest(text=text):
                repo = self.project(f"repo{random.getrandbits(60)}")
                repo.write(".gitattributes", text)
                repo.commit("attributes")
                out = repo.onehead("install", expect=1).out
                self.assertIn(".gitattributes:1 says something else of onehead.lock", out)
                self.assertEqual(repo.read(".gitattributes"), text)
                self.assertIn("does not give it the merge driver", repo.onehead("doctor", expect=1).out)

    def test_attributes_overridden_further_down(self):
        repo = self.project()
        repo.onehead("install")
        repo.write("migrations/.gitattributes", "*.lock merge=union\n")
        self.assertIn("another line overrides", repo.onehead("install", expect=1).out)
        self.assertIn("merge=union", repo.onehead("doctor", expect=1).out)

    def test_attributes_that_do_already(self):
        for text in (LINE + "\n", "*.lock merge=onehead eol=lf text\n"):
            repo = self.project(f"repo{random.getrandbits(60)}")
            repo.write(".gitattributes", text)
            repo.commit("attributes")
            repo.onehead("install")
            self.assertEqual(repo.read(".gitattributes"), text)
            repo.onehead("uninstall")
            self.assertEqual(repo.read(".gitattributes"), text)

    def test_committed_files_stay(self):
        repo = self.project()
        before = clone_state(repo)
        repo.onehead("install")
        repo.commit("lock")
        out = repo.onehead("uninstall").out
        self.assertIn("migrations/onehead.lock is committed and stays", out)
        self.assertIn(".gitattributes is committed and stays", out)
        after = clone_state(repo)
        self.assertEqual(before["hooks"], after["hooks"])
        self.assertEqual(before["config"], after["config"])
        self.assertEqual(after["status"], "")

    def test_staged_files_go(self):
        repo = self.project()
        repo.write(".gitattributes", "*.png binary\n")
        repo.commit("attributes")
        before = clone_state(repo)
        repo.onehead("install")
        repo.git("add", "-A")
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))
        repo = self.project("without")
        before = clone_state(repo)
        repo.onehead("install")
        repo.git("add", "-A")
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))

    def test_lock_changed_since(self):
        repo = self.project()
        repo.onehead("install")
        repo.write("migrations/onehead.lock", "mine\n")
        self.assertIn("has changed since and stays", repo.onehead("uninstall").out)
        self.assertEqual(repo.read("migrations/onehead.lock"), "mine\n")

    def test_lock_says_what_is_tracked(self):
        """A migration that nobody has added yet is in no commit that the lock is in."""
        repo = self.project()
        repo.migration("c3", "b2")
        repo.onehead("install")
        self.assertIn("\nhead b2\n", repo.read("migrations/onehead.lock"))
        repo.git("add", "migrations/onehead.lock", ".gitattributes")
        repo.git("commit", "-q", "-m", "lock")
        self.assertEqual(repo.onehead("check", "HEAD").code, 0)

    def test_project_that_is_not_tracked_yet(self):
        repo = self.repo()
        repo.project()
        repo.migration("a1", None)
        repo.onehead("install")
        self.assertIn("\nhead a1\n", repo.read("migrations/onehead.lock"))
        repo.commit("all")
        self.assertIn("all is well", repo.onehead("doctor").out)

    def test_other_peoples_projects_in_the_worktree(self):
        """A virtual environment that nobody ignores: its applications are none of ours."""
        repo = self.repo()
        repo.project("venv/lib/site-packages/app/migrations", "venv/lib/site-packages/alembic.ini")
        repo.migration("x1", None)
        self.assertIn("no migrations here", repo.onehead("install", expect=2).err)
        repo.project()
        repo.migration("a1", None)
        repo.onehead("install")
        self.assertEqual(repo.out("config", "--get-all", "onehead.config"), "alembic.ini")
        repo.git("add", "alembic.ini", "migrations", ".gitattributes")
        repo.git("commit", "-q", "-m", "ours")
        repo.project("other/migrations", "other/alembic.ini")
        repo.migration("x1", None)
        self.assertIn("nothing to change", repo.onehead("install").out)
        self.assertFalse((repo.path / "other/migrations/onehead.lock").exists())
        self.assertIn("all is well", repo.onehead("doctor").out)

    def test_ignored_lock(self):
        repo = self.project()
        repo.write(".gitignore", "*.lock\n__pycache__/\n")
        repo.commit("ignore")
        out = repo.onehead("install").out
        repo.run("sh", "-ec", next_command(out))
        self.assertIn("migrations/onehead.lock", repo.out("ls-files"))
        self.assertNotIn("next", repo.onehead("install").out)

    def test_several_script_directories(self):
        repo = self.project()
        repo.project("services/b c/alembic", "services/b c/alembic.ini")
        repo.write(
            "services/b c/alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\n"
        )
        repo.migration("x1", None)
        repo.write("pyproject.toml", '[tool.black]\nline-length = 99\n')
        repo.commit("second")
        out = repo.onehead("install").out
        remembered = repo.out("config", "--get-all", "onehead.config").splitlines()
        self.assertEqual(sorted(remembered), ["alembic.ini", "services/b c/alembic.ini"])
        repo.run("sh", "-ec", next_command(out))
        self.assertEqual(repo.status(), "")
        self.assertIn("all is well", repo.onehead("doctor").out)
        # a branch without the second one must not make the hooks forget it
        repo.git("checkout", "-q", "HEAD~2")
        repo.onehead("install")
        remembered = repo.out("config", "--get-all", "onehead.config").splitlines()
        self.assertEqual(sorted(remembered), ["alembic.ini", "services/b c/alembic.ini"])
        self.assertIn("not on this branch", repo.onehead("doctor", expect=1).out)

    def test_new_script_directory(self):
        repo = self.project()
        repo.onehead("install")
        repo.commit("lock")
        repo.project("other", "other.d/alembic.ini")
        repo.write("other.d/alembic.ini", "[alembic]\nscript_location = other\n")
        repo.migration("x1", None)
        repo.commit("second")
        self.assertIn("don't know of other.d/alembic.ini", repo.onehead("doctor", expect=1).out)
        self.assertIn("other/onehead.lock: made", repo.onehead("install").out)

    def test_unreadable_migration(self):
        repo = self.project()
        repo.write("migrations/versions/c3.py", 'revision = "c3"\ndown_revision = parent()\n')
        repo.commit("computed")
        out = repo.onehead("install", expect=1).out
        self.assertIn("migrations/versions/c3.py:2:", out)
        self.assertFalse((repo.path / "migrations/onehead.lock").exists())
        self.assertTrue((self.hooks(repo) / "pre-commit").exists())

    def test_damaged_graph_has_a_lock(self):
        repo = self.project()
        repo.migration("c3", "gone")
        repo.migration("d4", "a1")
        repo.commit("damaged")
        out = repo.onehead("install").out
        self.assertIn("heads; join them with: onehead merge", out)
        self.assertIn("\nc3 gone\n", repo.read("migrations/onehead.lock"))
