"""Hooks that were there and hooks directories that are not ours: they stay, run, and come back."""

import os

import env
from installing import HOOKS, NOTHING, Case, clone_state, tree


class Hooks(Case):
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
