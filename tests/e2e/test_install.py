"""onehead install and uninstall: what is set up, what stays, and that everything comes back."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import env

HOOKS = ("pre-merge-commit", "post-merge", "pre-commit", "post-commit", "pre-push")
NOTHING = "nothing to change"
LINE = "onehead.lock text eol=lf merge=onehead"


def tree(root, *skipped):
    """Every file below ROOT: its mode, and its bytes or where it points."""
    found = {}
    for directory, names, files in os.walk(root):
        for name in [*files, *(n for n in names if os.path.islink(os.path.join(directory, n)))]:
            path = Path(directory, name)
            relative = str(path.relative_to(root))
            if relative.startswith(skipped) if skipped else False:
                continue
            if path.is_symlink():
                found[relative] = os.readlink(path)
            else:
                found[relative] = (path.stat().st_mode & 0o7777, path.read_bytes())
    return found


def clone_state(repo):
    """What install touches in a git directory, and the worktree."""
    git = Path(repo.out("rev-parse", "--path-format=absolute", "--git-common-dir"))
    hooks = git / "hooks"
    return {
        "hooks": tree(hooks) if hooks.exists() else "none",
        "config": (git / "config").read_bytes(),
        "onehead": sorted(os.listdir(git / "onehead")) if (git / "onehead").exists() else None,
        "names": sorted(n for n in os.listdir(git) if n not in ("index", "COMMIT_EDITMSG")),
        "worktree": tree(repo.path, ".git"),
        "status": repo.status(),
    }


class Install(env.TestCase):
    def project(self, name="repo", *init):
        repo = self.repo(name, "--template=", *init)
        repo.project()
        repo.migration("a1", None)
        repo.migration("b2", "a1")
        repo.commit("first")
        return repo

    def hooks(self, repo):
        return Path(repo.out("rev-parse", "--path-format=absolute", "--git-path", "hooks"))

    def hook(self, repo, name, text="#!/bin/sh\n", mode=0o755):
        path = self.hooks(repo) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def logging_hook(self, repo, name, code=0):
        return self.hook(
            repo, name, f'#!/bin/sh\necho {name} "$@" >>"$LOG"\ncat >>"$LOG"\nexit {code}\n'
        )

    def there_and_back(self, repo):
        """Install, and uninstall: all as it was."""
        before = clone_state(repo)
        repo.onehead("install")
        self.assertNotEqual(before["hooks"], clone_state(repo)["hooks"])
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))

    # what is set up

    def test_all_is_set_up(self):
        repo = self.project()
        out = repo.onehead("install").out
        for hook in HOOKS:
            self.assertTrue(os.access(self.hooks(repo) / hook, os.X_OK), hook)
        self.assertIn("onehead-merge-driver", repo.out("config", "merge.onehead.driver"))
        self.assertEqual(repo.out("config", "--local", "--get-all", "onehead.config"), "alembic.ini")
        self.assertEqual(repo.read(".gitattributes"), LINE + "\n")
        self.assertIn("\nhead b2\n\na1\nb2 a1\n", repo.read("migrations/onehead.lock"))
        self.assertEqual(repo.status(), "?? .gitattributes\n?? migrations/onehead.lock\n")
        next_line = [line for line in out.splitlines() if line.startswith("next")][0]
        repo.run("sh", "-ec", next_line.split(None, 1)[1])
        self.assertEqual(repo.status(), "")
        doctor = repo.onehead("doctor")
        self.assertIn("complete, and they run", doctor.out)
        self.assertIn("all is well", doctor.out)

    def test_second_run_changes_nothing(self):
        repo = self.project()
        self.logging_hook(repo, "pre-push")
        repo.onehead("install")
        first = clone_state(repo)
        again = repo.onehead("install").out
        self.assertIn(NOTHING, again)
        self.assertIn("next    git add", again)  # still to be committed
        self.assertEqual(first, clone_state(repo))
        repo.commit("lock")
        first = clone_state(repo)
        self.assertEqual(repo.onehead("install").out, "onehead is installed here: " + NOTHING + "\n")
        self.assertEqual(first, clone_state(repo))

    def test_dry_run_writes_nothing(self):
        repo = self.project()
        self.logging_hook(repo, "pre-push")
        before = clone_state(repo)
        would = repo.onehead("install", "--dry-run").out
        self.assertEqual(before, clone_state(repo))
        self.assertEqual(would, repo.onehead("install").out)
        before = clone_state(repo)
        would = repo.onehead("uninstall", "--dry-run").out
        self.assertEqual(before, clone_state(repo))
        self.assertEqual(would, repo.onehead("uninstall").out)

    def test_hooks_alone(self):
        repo = self.project()
        out = repo.onehead("install", "--no-lock").out
        self.assertNotIn("next", out)
        self.assertEqual(repo.status(), "")
        doctor = repo.onehead("doctor")
        self.assertIn("as you chose (--no-lock)", doctor.out)
        self.assertIn(NOTHING, repo.onehead("install", "--no-lock").out)
        repo.onehead("install")  # and the rest, when wanted
        self.assertTrue((repo.path / "migrations/onehead.lock").exists())
        self.assertNotIn("as you chose", repo.onehead("doctor", expect=1).out)

    def test_from_everywhere(self):
        """A subdirectory, a linked worktree, GIT_DIR, a separate git directory, a submodule."""
        repo = self.project()
        (repo.path / "deep/down").mkdir(parents=True)
        self.there_and_back_in(repo, cwd="deep/down")
        repo.git("worktree", "add", "-q", "../linked")
        linked = env.Repo(self.home, repo.path.parent / "linked")
        before = clone_state(repo)
        linked.onehead("install")
        for hook in HOOKS:
            self.assertTrue((repo.path / ".git/hooks" / hook).exists())
        self.assertFalse((repo.path / "migrations/onehead.lock").exists())
        self.assertTrue((linked.path / "migrations/onehead.lock").exists())
        linked.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))
        self.assertEqual(linked.status(), "")
        elsewhere = self.directory("elsewhere")
        names = {"GIT_DIR": str(repo.path / ".git"), "GIT_WORK_TREE": str(repo.path)}
        elsewhere.onehead("install", env=names)
        self.assertTrue((repo.path / "migrations/onehead.lock").exists())
        elsewhere.onehead("uninstall", env=names)
        self.assertEqual(before, clone_state(repo))
        apart = self.project("apart", "--separate-git-dir=../apart.git")
        self.there_and_back(apart)
        outer = self.repo("outer")
        outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repo.path, "m")
        self.there_and_back(env.Repo(self.home, outer.path / "m"))

    def there_and_back_in(self, repo, cwd):
        before = clone_state(repo)
        repo.onehead("install", cwd=cwd)
        self.assertTrue((repo.path / "migrations/onehead.lock").exists())
        self.assertIn(NOTHING, repo.onehead("install").out)
        repo.onehead("uninstall", cwd=cwd)
        self.assertEqual(before, clone_state(repo))

    def test_odd_places(self):
        """Blanks, quotes, percent signs and dollars, in the repository's path and the programs'."""
        odd = "it's a \"%O\" $HOME\\ `x` ü"
        programs = self.home.path / (odd + " programs") / "bin"
        shutil.copytree(env.BIN, programs)
        shutil.copytree(env.BUILD / "lib", programs.parent / "lib")
        repo = self.project(odd)
        repo.environ["PATH"] = os.defpath
        before = clone_state(repo)
        repo.run(programs / "onehead", "install")
        repo.commit("lock")
        self.assertIn("all is well", repo.run(programs / "onehead", "doctor").out)
        self.assertIn("all is well", repo.git("onehead", "doctor").out)
        self.two_branches(repo)
        repo.git("merge", "-q", "theirs")
        repo.run(programs / "onehead", "heads")  # exits 1 where there are two
        self.assertEqual(repo.status(), "")
        repo.run(programs / "onehead", "uninstall")
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])
        self.assertEqual(before["config"], clone_state(repo)["config"])

    def two_branches(self, repo, name="theirs"):
        """main and NAME each with a migration of its own on top of b2."""
        start = repo.head()
        repo.branch(name)
        repo.migration("c3", "b2", "op.create_table('t', sa.Column('x', sa.Integer))")
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        repo.git("reset", "-q", "--hard", start)
        repo.migration("d4", "b2", "op.create_table('o', sa.Column('x', sa.Integer))")
        repo.commit("ours")

    def heads(self, repo):
        return env.alembic().heads(repo)

    # hooks that were there

    def test_hooks_of_every_kind_come_back(self):
        repo = self.project()
        self.hook(repo, "pre-commit", "#!/bin/sh\nexit 0\n", 0o755)
        self.hook(repo, "post-merge", "not even run\n", 0o644)
        self.hook(repo, "pre-push", "", 0o500)
        (self.hooks(repo) / "post-commit").symlink_to("../../scripts/post-commit")
        (self.hooks(repo) / "pre-merge-commit").symlink_to("/nowhere")
        self.hook(repo, "commit-msg", "#!/bin/sh\n", 0o755)
        self.there_and_back(repo)
        before = clone_state(repo)
        repo.onehead("install")
        repo.onehead("install")
        repo.onehead("uninstall")
        repo.onehead("install")
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))
        self.assertIn("not installed here", repo.onehead("uninstall").out)
        self.assertEqual(before, clone_state(repo))

    def test_no_hooks_directory(self):
        repo = self.project()
        self.assertFalse((repo.path / ".git/hooks").exists())
        self.there_and_back(repo)
        self.assertFalse((repo.path / ".git/hooks").exists())
        repo.onehead("install")
        self.hook(repo, "commit-msg")  # the user's, made since: it stays, and so its directory
        repo.onehead("uninstall")
        self.assertEqual(os.listdir(repo.path / ".git/hooks"), ["commit-msg"])

    def test_users_hooks_run(self):
        repo = self.project()
        log = self.home.path / "log"
        repo.environ["LOG"] = str(log)
        for hook in HOOKS:
            self.logging_hook(repo, hook)
        repo.onehead("install")
        repo.commit("lock")
        self.assertEqual(log.read_text(), "pre-commit\npost-commit\n")
        self.two_branches(repo)
        log.write_text("")
        repo.git("merge", "-q", "theirs")
        self.assertEqual(log.read_text(), "pre-merge-commit\npost-merge 0\n")
        self.assertEqual(len(self.heads(repo)), 1)
        self.assertEqual(repo.status(), "")
        bare = self.repo("bare", "--bare")
        log.write_text("")
        repo.git("push", "-q", bare, "HEAD:refs/heads/x")
        zeros = "0" * 40
        self.assertEqual(
            log.read_text(),
            f"pre-push {bare.path} {bare.path}\nHEAD {repo.head()} refs/heads/x {zeros}\n",
        )
        self.assertEqual(bare.out("rev-parse", "x"), repo.head())

    def test_users_veto_counts(self):
        repo = self.project()
        repo.environ["LOG"] = str(self.home.path / "log")
        for hook in ("pre-commit", "pre-merge-commit", "pre-push"):
            self.logging_hook(repo, hook, 1)
        repo.onehead("install")
        repo.git("add", "-A")
        repo.git("commit", "-m", "x", expect=1)
        repo.git("commit", "-q", "-n", "-m", "x")
        bare = self.repo("bare", "--bare")
        repo.git("push", "-q", bare, "main", expect=1)
        repo.git("branch", "theirs", "HEAD~1")
        repo.git("checkout", "-q", "theirs")
        repo.git("commit", "-q", "-n", "--allow-empty", "-m", "y")
        repo.git("merge", "-q", "main", expect=1)

    def test_hook_deleted_since(self):
        repo = self.project()
        self.hook(repo, "pre-commit", "#!/bin/sh\n# mine\n")
        before = clone_state(repo)
        repo.onehead("install")
        (self.hooks(repo) / "pre-commit").unlink()
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))

    def test_hook_replaced_since(self):
        """A newer hook of the user's counts; the older one is not lost."""
        repo = self.project()
        self.hook(repo, "pre-commit", "#!/bin/sh\n# old\n")
        repo.onehead("install")
        self.hook(repo, "pre-commit", "#!/bin/sh\n# new\n")
        doctor = repo.onehead("doctor", expect=1).out
        self.assertIn("pre-commit: replaced by another script", doctor)
        out = repo.onehead("install").out
        self.assertIn("an older hook of yours", out)
        repo.onehead("uninstall")
        hooks = self.hooks(repo)
        self.assertIn("# new", (hooks / "pre-commit").read_text())
        self.assertIn("# old", (hooks / "pre-commit.onehead-saved-1").read_text())

    # git's configuration

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

    # tracked files

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

    def test_ignored_lock(self):
        repo = self.project()
        repo.write(".gitignore", "*.lock\n__pycache__/\n")
        repo.commit("ignore")
        out = repo.onehead("install").out
        command = [line for line in out.splitlines() if line.startswith("next")][0].split(None, 1)[1]
        repo.run("sh", "-ec", command)
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
        command = [line for line in out.splitlines() if line.startswith("next")][0].split(None, 1)[1]
        repo.run("sh", "-ec", command)
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

    # what is refused, with nothing written

    def refused(self, repo, word, code=2, **options):
        before = clone_state(repo)
        result = repo.onehead("install", expect=code, **options)
        self.assertRegex(result.err, word)
        self.assertEqual(result.err.count("\n"), 1, result.err)
        self.assertNotIn("\x1b", result.err)
        self.assertEqual(before, clone_state(repo))

    def test_no_repository(self):
        plain = self.directory()
        for command in ("install", "uninstall", "doctor"):
            result = plain.onehead(command, expect=2)
            self.assertEqual(result.err.count("\n"), 1, result.err)
        self.assertEqual(os.listdir(plain.path), [])

    def test_no_alembic(self):
        repo = self.repo()
        self.refused(repo, "no Alembic here")
        repo.write("pyproject.toml", "[tool.black]\n")
        self.refused(repo, "no Alembic here")

    def test_bare(self):
        bare = self.repo("bare", "--bare")
        result = bare.onehead("install", expect=2)
        self.assertIn("bare", result.err)
        self.assertFalse((bare.path / "onehead").exists())

    def test_merge_going_on(self):
        repo = self.project()
        repo.write("x", "1\n")
        repo.commit("x")
        repo.branch("theirs", "HEAD~1")
        repo.write("x", "2\n")
        repo.commit("x")
        repo.git("merge", "main", expect=1)
        self.refused(repo, "a merge is going on here .x is in conflict")

    def test_unknown_record(self):
        repo = self.project()
        repo.write(".git/onehead/installed", "onehead-install 99\n")
        self.refused(repo, "another version")

    def test_disk_full(self):
        """Every file that would be written beyond some size: all or nothing."""
        repo = self.project()
        for i in range(300):
            repo.migration(f"m{i}", f"m{i - 1}" if i else "b2")
        repo.commit("many")
        self.logging_hook(repo, "pre-push")
        before = clone_state(repo)
        script = 'trap "" XFSZ; ulimit -f $1; shift; exec "$@"'
        for blocks in ("0", "1", "2", "3", "4"):
            result = repo.run(
                "sh", "-c", script, "sh", blocks, env.BIN / "onehead", "install", expect=2
            )
            self.assertIn("File too large", result.err)
            self.assertEqual(before, clone_state(repo), f"{blocks} blocks")
        repo.onehead("install")
        installed = clone_state(repo)
        repo.run("sh", "-c", script, "sh", "0", env.BIN / "onehead", "install")
        self.assertEqual(installed, clone_state(repo))

    def test_killed_in_the_middle(self):
        repo = self.project()
        self.logging_hook(repo, "pre-push")
        self.hook(repo, "pre-commit")
        before = clone_state(repo)
        choose = random.Random(1)
        longest = 0.001
        for _ in range(40):
            began = time.monotonic()
            process = subprocess.Popen(
                [env.BIN / "onehead", "install"],
                cwd=repo.path,
                env=repo.environ,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                process.wait(choose.uniform(0, longest))
                longest = min(longest, time.monotonic() - began)
            except subprocess.TimeoutExpired:
                longest = min(longest * 1.3, 0.2)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            (repo.path / ".git/config.lock").unlink(missing_ok=True)  # git would ask for this too
            if choose.random() < 0.5:
                repo.onehead("install")
                self.assertIn(NOTHING, repo.onehead("install").out)
            repo.onehead("uninstall")
            self.assertEqual(before, clone_state(repo))

    # programs that move

    def test_programs_moved(self):
        repo = self.project()
        repo.environ["PATH"] = os.defpath
        first, second = (self.home.path / name for name in ("first", "second"))
        shutil.copytree(env.BIN, first / "bin")
        before = clone_state(repo)
        repo.run(first / "bin/onehead", "install")
        repo.commit("lock")
        first.rename(second)
        doctor = repo.run(second / "bin/onehead", "doctor", expect=1).out
        self.assertIn("the program onehead-hook is gone", doctor)
        self.assertIn("is gone: git merges onehead.lock as text", doctor)
        # git goes on without it
        repo.migration("c3", "b2")
        said = repo.git("commit", "-a", "--allow-empty", "-m", "x").err
        self.assertIn("onehead: pre-commit did not look at the migrations", said)
        self.assertEqual(said.count("onehead"), 3, said)  # one line
        repo.run(second / "bin/onehead", "install")
        self.assertIn("they run", repo.run(second / "bin/onehead", "doctor", expect=None).out)
        repo.run(second / "bin/onehead", "uninstall")
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])
        self.assertEqual(before["config"], clone_state(repo)["config"])

    def test_repository_moved(self):
        repo = self.project()
        before = clone_state(repo)
        repo.onehead("install")
        repo.path = repo.path.rename(repo.path.parent / "moved")
        self.assertIn(NOTHING, repo.onehead("install").out)
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))

    def test_missing_programs(self):
        repo = self.project()
        alone = self.home.path / "alone"
        alone.mkdir()
        shutil.copy(env.BIN / "onehead", alone)
        before = clone_state(repo)
        result = repo.run(alone / "onehead", "install", expect=2)
        self.assertIn("onehead-hook is not there", result.err)
        self.assertEqual(before, clone_state(repo))

    # hooks directories that are somebody else's

    def test_tracked_hooks_directory(self):
        repo = self.project()
        repo.write(".githooks/pre-commit", "#!/bin/sh\ntrue\n", 0o755)
        repo.write(".githooks/pre-push", "#!/usr/bin/env python3\n", 0o755)
        repo.commit("hooks")
        repo.git("config", "core.hooksPath", ".githooks")
        worktree = tree(repo.path, ".git")
        out = repo.onehead("install", "--no-lock", expect=1).out
        self.assertEqual(worktree, tree(repo.path, ".git"))
        for hook in HOOKS:
            self.assertIn(f"  to .githooks/{hook}", out)
        # pasted as told, they run
        for hook in HOOKS:
            block = out.split(f"  to .githooks/{hook}")[1].split(":\n", 1)[1].split("\n  to ")[0]
            lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
            text = "#!/bin/sh\n" + "\n".join(lines) + "\ntrue\n"
            repo.write(f".githooks/{hook}", text, 0o755)
        self.assertIn("they run", repo.onehead("doctor").out)
        self.assertIn(NOTHING, repo.onehead("install", "--no-lock").out)
        repo.onehead("install")
        repo.commit("lock")
        self.two_branches(repo)
        repo.git("merge", "-q", "theirs")
        self.assertEqual(len(self.heads(repo)), 1)
        self.assertEqual(repo.status(), "")
        bare = self.repo("bare", "--bare")
        repo.git("push", "-q", bare, "main")
        # without the program on PATH they let git go on, and doctor says so
        repo.environ["PATH"] = os.defpath
        repo.git("commit", "-q", "--allow-empty", "-m", "y")
        self.assertIn("put the programs of onehead on PATH", repo.onehead("doctor", expect=1).out)

    def test_tracked_hooks_directory_in_place(self):
        repo = self.project()
        repo.write(".githooks/pre-commit", "#!/bin/sh\n# mine\nexit 0\n", 0o755)
        repo.write(".githooks/pre-push", "#!/usr/bin/env python3\n", 0o755)
        repo.write(".githooks/post-merge", "echo no shebang, no newline", 0o700)
        repo.commit("hooks")
        repo.git("config", "core.hooksPath", ".githooks")
        before = clone_state(repo)
        out = repo.onehead("install", "--hooks-in-place", expect=1).out
        self.assertIn(".githooks/pre-commit: edited", out)
        self.assertIn("to .githooks/pre-push", out)  # not a shell script
        self.assertEqual(repo.read(".githooks/pre-push"), "#!/usr/bin/env python3\n")
        text = repo.read(".githooks/pre-commit")
        self.assertLess(text.index("onehead-hook pre-commit"), text.index("exit 0"))
        doctor = repo.onehead("doctor", expect=1).out
        self.assertIn("pre-push: replaced by another script", doctor)
        self.assertNotIn("pre-commit:", doctor)
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))

    def test_hooks_path_of_all_repositories(self):
        shared = self.home.path / "home/hooks"
        shared.mkdir()
        (shared / "pre-commit").write_text("#!/bin/sh\n")
        (shared / "pre-commit").chmod(0o755)
        self.home.config.write_text(
            self.home.config.read_text() + "[core]\n\thooksPath = ~/hooks\n"
        )
        repo = self.project()
        before = tree(shared)
        out = repo.onehead("install", expect=1).out
        self.assertEqual(before, tree(shared))
        self.assertIn("outside this repository", out)
        self.assertNotIn("and commit them", out)
        repo.onehead("install", "--hooks-in-place")
        self.assertIn("they run", repo.onehead("doctor", expect=None).out)
        repo.onehead("uninstall")
        self.assertEqual(before, tree(shared))

    def test_hooks_switched_off_by_git(self):
        repo = self.project()
        repo.git("config", "core.hooksPath", "/dev/null")
        out = repo.onehead("install", expect=1).out
        self.assertIn("git runs no hooks here", out)
        repo.onehead("uninstall")

    def test_relative_hooks_path_in_worktrees(self):
        """core.hooksPath that is relative means another directory in each worktree."""
        repo = self.project()
        repo.git("config", "core.hooksPath", "my-hooks")
        repo.write("my-hooks/.gitignore", "*\n")
        repo.git("worktree", "add", "-q", "../linked")
        repo.onehead("install", "--no-lock")
        self.assertTrue((repo.path / "my-hooks/pre-commit").exists())
        linked = env.Repo(self.home, repo.path.parent / "linked")
        self.assertIn("not there", linked.onehead("doctor", expect=1).out)
        self.assertIn("they run", repo.onehead("doctor", expect=None).out)


class Doctor(Install):
    """Nothing is said to be well that is not; every complaint has its command."""

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


def load_tests(loader, tests, pattern):
    """Doctor borrows what Install stands on, not its tests."""
    suite = loader.suiteClass()
    for case in (Install, Doctor):
        names = [n for n in vars(case) if n.startswith("test_")]
        suite.addTests(case(name) for name in names)
    return suite


if __name__ == "__main__":
    import unittest

    unittest.main()
