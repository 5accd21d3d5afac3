"""onehead install: what is set up, what is refused, and that nothing is left half done."""

import os
import random
import shutil
import signal
import subprocess
import time

import env
from installing import HOOKS, LINE, NOTHING, Case, clone_state, next_command

DRY_RUN = "dry run: nothing is changed; it would say:\n"


class Install(Case):
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
        repo.run("sh", "-ec", next_command(out))
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
        done = repo.onehead("install").out
        self.assertEqual(would, DRY_RUN + done)
        listed = done[:done.index(": installed")].removeprefix("hooks ").split()
        self.assertEqual(" ".join(listed), ", ".join(HOOKS))
        self.assertLessEqual(max(map(len, done[:done.index(": installed")].splitlines())), 80)
        before = clone_state(repo)
        would = repo.onehead("uninstall", "--dry-run").out
        self.assertEqual(before, clone_state(repo))
        self.assertEqual(would, DRY_RUN + repo.onehead("uninstall").out)

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
        self.refused(repo, "no migrations here")
        repo.write("pyproject.toml", "[tool.black]\n")
        self.refused(repo, "no migrations here")

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
