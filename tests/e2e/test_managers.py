"""Beside other programs that manage hooks: the pre-commit framework, husky, lefthook; the real
ones, in either order of installing. Whatever the order, a merge ends with one head, the project's
own hooks run, and taking either away leaves the other as it was."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import env
from installing import HOOKS, NOTHING, Case, clone_state, tree

TOOLS = env.ROOT / "build/managers"
PRE_COMMIT = TOOLS / "venv/bin/pre-commit"
NPM = TOOLS / "node_modules/.bin"

CONFIG = """\
default_install_hook_types: [pre-commit, pre-merge-commit, pre-push, post-merge, post-commit, post-rewrite]
repos:
- repo: local
  hooks:
  - id: project
    name: project
    entry: sh -c 'echo project-$0 >>"$LOG"'
    language: system
    always_run: true
    pass_filenames: false
    stages: [pre-commit, pre-merge-commit, pre-push, post-merge, post-commit, post-rewrite]
"""


def fetch_tools():
    """Once a build directory, by the package managers' own clients."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with open(TOOLS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not PRE_COMMIT.exists():
            run(sys.executable, "-m", "venv", TOOLS / "venv")
            run(TOOLS / "venv/bin/pip", "install", "-q", "pre-commit")
        if not all((NPM / name).exists() for name in ("husky", "lefthook")):
            (TOOLS / "package.json").write_text("{}")
            run("npm", "install", "--no-audit", "--no-fund", "husky@9", "lefthook")


def run(*argv):
    """A registry may be busy for a moment."""
    for left in 2, 1, 0:
        done = subprocess.run(argv, cwd=TOOLS, capture_output=True, text=True)
        if done.returncode == 0:
            return
        if left:
            time.sleep(5)
    raise AssertionError(f"{argv}: {done.stdout}{done.stderr}")


def setUpModule():
    fetch_tools()


class Managed(Case):
    def setUp(self):
        super().setUp()
        self.log = self.home.path / "log"

    def project(self, name="repo", *init):
        repo = super().project(name, *init)
        repo.environ["LOG"] = str(self.log)
        repo.environ["PRE_COMMIT_HOME"] = str(self.home.path / "pre-commit")
        repo.environ["PATH"] = f"{PRE_COMMIT.parent}:{NPM}:{repo.environ['PATH']}"
        return repo

    def logged(self):
        text = self.log.read_text() if self.log.exists() else ""
        self.log.write_text("")
        return text.split()

    def hooks_run(self, repo, *project):
        """A commit, a merge of two migrations and a push: everybody's hooks run, once each."""
        self.logged()
        name = f"theirs{repo.out('rev-list', '--all', '--count')}"
        self.fork(repo, name)
        self.logged()
        repo.git("merge", "-q", "--no-edit", name)
        self.assertEqual(len(self.heads(repo)), 1)
        self.assertEqual(repo.status(), "")
        self.assertIn("migrations/onehead.lock", repo.out("ls-files"))
        self.assertEqual(self.logged(), list(project))

    def fork(self, repo, name):
        """Both lines on top of whatever head there is."""
        head = self.heads(repo)[0]
        start = repo.head()
        repo.branch(name)
        repo.migration(f"x_{name}", head, f"op.execute('create table x_{name} (a int)')")
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        self.assertEqual(repo.head(), start)
        repo.migration(f"y_{name}", head, f"op.execute('create table y_{name} (a int)')")
        repo.commit("ours")

    def pre_push_works(self, repo):
        """A ref with two heads is rejected, one with one head goes through."""
        bare = self.repo(f"bare{repo.out('rev-list', '--all', '--count')}", "--bare")
        repo.git("push", "-q", bare, "main")
        head = self.heads(repo)[0]
        repo.git("checkout", "-q", "-b", "forked")
        repo.migration("p1", head)
        repo.migration("p2", head)
        repo.git("add", "-A")
        repo.git("commit", "-q", "-n", "-m", "forked", env={"ONEHEAD": "0"})
        result = repo.git("push", bare, "forked", expect=1)
        self.assertIn("2 heads", result.out + result.err)
        self.assertEqual(bare.git("rev-parse", "-q", "--verify", "forked", expect=1).out, "")
        repo.git("checkout", "-q", "main")
        repo.git("branch", "-q", "-D", "forked")

    def pre_commit_works(self, repo):
        """A commit that forks is refused."""
        head = self.heads(repo)[0]
        repo.migration("q1", head)
        repo.migration("q2", head)
        repo.git("add", "-A")
        result = repo.git("commit", "-m", "forked", expect=1)
        self.assertIn("2 heads", result.out + result.err)
        repo.git("reset", "-q", "--hard")

    def all_works(self, repo, *project):
        self.hooks_run(repo, *project)
        self.pre_commit_works(repo)
        self.pre_push_works(repo)
        self.hooks_run(repo, *project)


class PreCommit(Managed):
    """It moves what it finds to <hook>.legacy and runs that first."""

    MERGE = ("project-pre-merge-commit", "project-post-merge")
    STAGES = [h for h in HOOKS if h != "post-applypatch"]  # it has no stage for that one

    def framework(self):
        repo = self.project()
        # $0 of sh -c is what stands behind it: the stage has to be known to the entry
        text = CONFIG.split("repos:")[0] + "repos:\n- repo: local\n  hooks:\n"
        for hook in self.STAGES:
            text += CONFIG.split("  hooks:\n")[1].replace("$0", hook).replace(
                "id: project", f"id: {hook}"
            ).replace(CONFIG.split("stages: ")[1].strip(), f"[{hook}]")
        repo.write(".pre-commit-config.yaml", text)
        repo.commit("framework")
        return repo

    def installed(self, repo):
        out = repo.onehead("doctor").out
        self.assertIn("complete, and they run (called by pre-commit)", out)
        for hook in self.STAGES:
            ours = (self.hooks(repo) / f"{hook}.legacy").read_text()
            self.assertIn("onehead hook entry", ours)
            framework = (self.hooks(repo) / hook).read_text()
            self.assertIn("File generated by pre-commit", framework)

    def test_framework_first(self):
        repo = self.framework()
        repo.run("pre-commit", "install")
        before = clone_state(repo)
        repo.onehead("install")
        repo.commit("lock")
        self.installed(repo)
        self.assertIn(NOTHING, repo.onehead("install").out)
        self.all_works(repo, *self.MERGE)
        repo.onehead("uninstall")
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])
        self.assertEqual(before["config"], clone_state(repo)["config"])

    def test_framework_later(self):
        repo = self.framework()
        before = clone_state(repo)
        repo.onehead("install")
        repo.commit("lock")
        repo.run("pre-commit", "install")
        self.installed(repo)
        self.assertIn(NOTHING, repo.onehead("install").out)
        self.all_works(repo, *self.MERGE)
        repo.run("pre-commit", "install")  # again: it must not move its own script over ours
        self.installed(repo)
        self.hooks_run(repo, *self.MERGE)
        repo.run("pre-commit", "uninstall")  # puts ours back
        self.assertIn("they run", repo.onehead("doctor").out)
        self.hooks_run(repo)
        repo.onehead("uninstall")
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])

    def test_both_orders_end_alike(self):
        states = []
        for order in (["framework", "onehead"], ["onehead", "framework"]):
            repo = self.framework()
            for step in order:
                if step == "framework":
                    repo.run("pre-commit", "install")
                else:
                    repo.onehead("install")
            states.append(clone_state(repo)["hooks"])
            shutil.rmtree(repo.path)
        self.assertEqual(*states)

    def test_users_hook_below_both(self):
        for order in (["pre-commit", "onehead"], ["onehead", "pre-commit"]):
            with self.subTest(order=order):
                repo = self.framework()
                self.hook(repo, "pre-commit", '#!/bin/sh\necho users >>"$LOG"\n')
                before = clone_state(repo)
                if order[0] == "onehead":
                    repo.onehead("install")
                    repo.run("pre-commit", "install")
                else:
                    repo.run("pre-commit", "install")
                    framework = clone_state(repo)
                    repo.onehead("install")
                self.logged()
                repo.commit("lock")
                self.assertEqual(
                    self.logged(), ["users", "project-pre-commit", "project-post-commit"]
                )
                self.hooks_run(repo, *self.MERGE)
                if order[0] == "onehead":
                    repo.run("pre-commit", "uninstall")
                    repo.onehead("uninstall")
                    self.assertEqual(before["hooks"], clone_state(repo)["hooks"])
                else:
                    repo.onehead("uninstall")
                    self.assertEqual(framework["hooks"], clone_state(repo)["hooks"])
                    repo.run("pre-commit", "uninstall")
                    self.assertEqual(before["hooks"], clone_state(repo)["hooks"])
                shutil.rmtree(repo.path)

    def test_each_taken_away_from_under_the_other(self):
        """onehead goes first where it came first: the user's hook stays with the framework."""
        repo = self.framework()
        users = '#!/bin/sh\necho users >>"$LOG"\n'
        self.hook(repo, "pre-commit", users)
        before = clone_state(repo)
        repo.onehead("install")
        repo.run("pre-commit", "install")
        repo.onehead("uninstall")
        self.assertEqual((self.hooks(repo) / "pre-commit.legacy").read_text(), users)
        repo.run("pre-commit", "uninstall")
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])

    def test_overwritten(self):
        """`pre-commit install -f` deletes what was there: doctor tells, install mends."""
        repo = self.framework()
        repo.onehead("install")
        repo.commit("lock")
        repo.run("pre-commit", "install", "-f")
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("pre-commit runs it, and does not call onehead", out)
        self.assertIn("fix: onehead install", out)
        repo.onehead("install")
        self.installed(repo)
        self.all_works(repo, *self.MERGE)

    def test_dead_hooks_leave_a_conflict(self):
        """With the driver there and the hooks gone, git must not commit two heads."""
        repo = self.framework()
        repo.onehead("install")
        repo.commit("lock")
        self.fork(repo, "theirs")
        repo.run("pre-commit", "install", "-f")
        repo.git("merge", "theirs", expect=1)
        self.assertIn("UU migrations/onehead.lock", repo.status())

    def test_some_hooks_only(self):
        """The framework's default is pre-commit alone; the rest is ours directly."""
        repo = self.framework()
        repo.write(".pre-commit-config.yaml", CONFIG.split("\n", 1)[1])
        repo.commit("default hook types")
        repo.run("pre-commit", "install")
        before = clone_state(repo)
        repo.onehead("install")
        repo.commit("lock")
        self.assertIn("they run", repo.onehead("doctor").out)
        self.all_works(repo)
        repo.onehead("uninstall")
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])

    def test_named_in_its_configuration(self):
        repo = self.framework()
        text = (repo.path / ".pre-commit-config.yaml").read_text()
        for hook in self.STAGES:
            text += (
                f"  - id: onehead-{hook}\n    name: onehead\n    language: system\n"
                f"    entry: onehead-hook {hook}\n    always_run: true\n"
                f"    pass_filenames: false\n    stages: [{hook}]\n"
            )
        repo.write(".pre-commit-config.yaml", text)
        repo.commit("onehead by configuration")
        repo.run("pre-commit", "install")
        out = repo.onehead("install").out
        self.assertIn("hooks   post-applypatch: installed\n", out)
        self.assertFalse(list(self.hooks(repo).glob("*.legacy")))
        repo.commit("lock")
        self.assertIn("they run (called by pre-commit)", repo.onehead("doctor").out)
        self.hooks_run(repo, *self.MERGE)


class Husky(Managed):
    """Its directory is made anew by every `npm install`; the scripts beside it are tracked."""

    def husky(self):
        repo = self.project()
        repo.write("package.json", '{"name": "x"}\n')
        repo.write(".husky/pre-commit", 'echo project-pre-commit >>"$LOG"\n')
        repo.write(".husky/pre-push", 'wc -l >>"$LOG"\n')
        repo.commit("husky")
        repo.run("husky")
        return repo

    def paste(self, repo, out):
        """What install says is to be added, added as a person would."""
        blocks = re.split(r"^  to (\.husky/[a-z-]+).*:$", out, flags=re.M)[1:]
        self.assertEqual(blocks[::2], [f".husky/{h}" for h in HOOKS])
        for path, text in zip(blocks[::2], blocks[1::2]):
            lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
            old = (repo.path / path).read_text() if (repo.path / path).exists() else ""
            repo.write(path, "\n".join(lines) + "\n" + old)

    def test_husky_first(self):
        repo = self.husky()
        before = tree(repo.path / ".husky")
        out = repo.onehead("install", expect=1).out
        self.assertIn("husky runs the hooks here and does not call onehead yet", out)
        self.assertEqual(before, tree(repo.path / ".husky"))
        self.assertIn("husky runs it", repo.onehead("doctor", expect=1).out)
        self.paste(repo, out)
        self.assertNotIn("  to ", repo.onehead("install").out)
        repo.commit("onehead")
        self.assertIn("they run (called by husky)", repo.onehead("doctor").out)
        self.all_works(repo)
        self.logged()
        repo.git("push", "-q", self.repo("again", "--bare"), "main", "HEAD:refs/heads/b")
        self.assertEqual(self.logged(), ["2"])  # the project's script reads its input too
        repo.run("husky")  # as `npm install` does
        self.assertIn("they run", repo.onehead("doctor").out)

    def test_in_place(self):
        repo = self.husky()
        before = clone_state(repo)
        repo.onehead("install", "--hooks-in-place")
        self.assertIn("they run", repo.onehead("doctor", expect=1).out)
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))
        repo.onehead("install", "--hooks-in-place")
        repo.commit("onehead")
        self.all_works(repo)

    def test_husky_later(self):
        """husky sets core.hooksPath: ours lie in .git/hooks and nobody looks there."""
        repo = self.project()
        repo.onehead("install")
        repo.commit("lock")
        self.fork(repo, "theirs")
        repo.run("husky")
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("core.hooksPath (local) is .husky/_: git no longer looks at", out)
        repo.git("merge", "theirs", expect=1)  # an ordinary conflict, never two heads
        repo.git("merge", "--abort")
        self.paste(repo, repo.onehead("install", expect=1).out)
        repo.git("add", ".husky")
        repo.git("commit", "-q", "-m", "onehead")
        self.assertIn("they run (called by husky)", repo.onehead("doctor").out)
        repo.git("merge", "-q", "--no-edit", "theirs")
        self.assertEqual(len(self.heads(repo)), 1)
        self.all_works(repo)
        repo.onehead("uninstall")
        self.assertEqual(repo.out("config", "core.hooksPath"), ".husky/_")
        self.assertFalse(any((repo.path / ".git/hooks").glob("*")))

    def test_program_missing(self):
        """A colleague without onehead commits, merges and pushes as before."""
        repo = self.husky()
        repo.onehead("install", "--hooks-in-place")
        repo.commit("onehead")
        repo.environ["PATH"] = f"{NPM}:{os.defpath}"
        repo.git("config", "--remove-section", "merge.onehead")
        self.logged()
        repo.write("x", "")
        said = repo.git("add", "x") and repo.git("commit", "-m", "x")
        self.assertNotIn("onehead", said.err)
        self.assertEqual(self.logged(), ["project-pre-commit"])
        repo.git("push", "-q", self.repo("bare", "--bare"), "main")
        self.assertEqual(self.logged(), ["1"])
        self.assertIn("put the programs", repo.onehead("doctor", expect=1).out)

    def test_switched_off(self):
        """HUSKY=0 makes its scripts do nothing: then the driver leaves a conflict."""
        repo = self.husky()
        repo.onehead("install", "--hooks-in-place")
        repo.commit("onehead")
        self.fork(repo, "theirs")
        repo.environ["HUSKY"] = "0"
        repo.git("merge", "theirs", expect=1)
        self.assertIn("UU migrations/onehead.lock", repo.status())
        self.assertIn("switched off by HUSKY=0", repo.onehead("doctor", expect=1).out)


class Lefthook(Managed):
    """It keeps what it finds as <hook>.old and runs that no more."""

    YAML = """\
output: [failure, execution_out]
pre-commit:
  commands:
    project:
      run: echo project-pre-commit >>"$LOG"
pre-push:
  commands:
    project:
      run: echo project-pre-push >>"$LOG"
post-merge:
  commands:
    project:
      run: echo project-post-merge >>"$LOG"
"""

    def lefthook(self):
        repo = self.project()
        repo.write("lefthook.yml", self.YAML)
        repo.commit("lefthook")
        repo.run("lefthook", "install")
        return repo

    def paste(self, repo, out):
        """Each block's command goes below the hook that it names."""
        text = (repo.path / "lefthook.yml").read_text()
        blocks = re.split(r"^  to lefthook.yml:$", out, flags=re.M)[1:]
        for block in blocks:
            lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
            self.assertIn(f"{lines[0]}\n{lines[1]}\n", text)
            text = text.replace(
                f"{lines[0]}\n{lines[1]}\n", "\n".join(lines) + "\n", 1
            )
        repo.write("lefthook.yml", text)
        return len(blocks)

    def test_lefthook_first(self):
        repo = self.lefthook()
        before = clone_state(repo)
        out = repo.onehead("install", expect=1).out
        self.assertIn("lefthook runs the hooks here and does not call onehead yet", out)
        self.assertEqual(repo.read("lefthook.yml"), self.YAML)
        self.assertEqual(self.paste(repo, out), 3)
        repo.commit("onehead")
        self.assertIn("they run (called by lefthook)", repo.onehead("doctor").out)
        self.assertIn(NOTHING, repo.onehead("install").out)
        self.all_works(repo, "project-post-merge")
        repo.run("lefthook", "install", "-f")
        self.assertIn("they run", repo.onehead("doctor").out)
        repo.onehead("uninstall")
        hooks = clone_state(repo)["hooks"]
        self.assertEqual(set(before["hooks"]), set(hooks))

    def test_lefthook_later(self):
        repo = self.project()
        repo.onehead("install")
        repo.write("lefthook.yml", self.YAML)
        repo.commit("lock")
        self.fork(repo, "theirs")
        repo.run("lefthook", "install")
        out = repo.onehead("doctor", expect=1).out
        self.assertIn("lefthook moved ours away and does not call it", out)
        repo.git("merge", "theirs", expect=1)
        self.assertIn("UU migrations/onehead.lock", repo.status())
        repo.git("merge", "--abort")
        self.paste(repo, repo.onehead("install", expect=1).out)
        repo.git("add", "lefthook.yml")
        repo.git("commit", "-q", "-m", "onehead")
        self.assertIn("they run", repo.onehead("doctor").out)
        self.all_works(repo, "project-post-merge")
        repo.onehead("uninstall")
        self.assertFalse([n for n in os.listdir(self.hooks(repo)) if "onehead" in n or ".old" in n])

    def test_partial_commit_under_lefthook(self):
        """It hides unstaged changes while its commands run: the lock must get through."""
        repo = self.lefthook()
        self.paste(repo, repo.onehead("install", expect=1).out)
        repo.commit("onehead")
        repo.migration("c3", "b2")
        repo.write("alembic.ini", repo.read("alembic.ini") + "# unstaged\n")
        repo.git("add", "migrations")
        repo.git("commit", "-q", "-m", "c3")
        self.assertIn("\nhead c3\n", repo.out("show", "HEAD:migrations/onehead.lock") + "\n")
        self.assertEqual(repo.status(), " M alembic.ini\n")


if __name__ == "__main__":
    import unittest

    unittest.main()
