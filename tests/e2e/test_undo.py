"""onehead undo: exactly back, never over what the user has, and no when he has gone on since."""

import hashlib
import random
import re
import subprocess
import time
import unittest

import env
import merging
from merging import JOINED, LOCK

READ_ONLY = "mount --bind {0} {0} && mount -o remount,ro,bind {0}"

SANITIZE = False  # one case takes /proc away, without which LeakSanitizer can not work
SEEDS = 60 if env.LONG else 6


def state(repo):
    """All that is the user's: refs, index, files, stash."""
    files = {}
    for path in sorted(repo.path.rglob("*")):
        if ".git" in path.relative_to(repo.path).parts[:1] or "__pycache__" in path.parts:
            continue
        if path.is_file() and not path.is_symlink():
            files[str(path.relative_to(repo.path))] = hashlib.sha1(path.read_bytes()).hexdigest()[:12]
    refs = [r for r in repo.out("for-each-ref").splitlines() if "refs/onehead/" not in r]
    head = repo.git("symbolic-ref", "-q", "HEAD", expect=(0, 1)).out, repo.head()
    return head, refs, repo.out("ls-files", "-s"), files, repo.out("stash", "list")


def operations(repo):
    path = repo.path / repo.out("rev-parse", "--git-path", "onehead/operations")
    return sorted(int(p.name) for p in path.iterdir()) if path.exists() else []


class Case(merging.TestCase):
    def assert_refused(self, repo, *words):
        """One line, and nothing has happened; the same in a dry run."""
        before = state(repo)
        for args in ((), ("--dry-run",)):
            done = repo.onehead("undo", *args, expect=2)
            self.assertEqual(done.out, "")
            self.assertEqual(len(done.err.splitlines()), 1, done.err)
            for word in words:
                self.assertIn(word, done.err)
            self.assertEqual(state(repo), before)
        self.assertFalse((repo.path / ".git/onehead/journal").exists())


class Merges(Case):
    def undone(self, repo, *command, expect="the merge of theirs", env=None):
        """Merges, and goes back: everything is as it was before the merge."""
        before = state(repo)
        merged = repo.git(*command, env=env)
        self.assertIn("undo the merge: onehead undo", merged.err)
        self.assert_joined(repo)
        after = state(repo)
        self.assertIn("would be at", repo.onehead("undo", "--dry-run").out)
        self.assertEqual(state(repo), after)
        done = repo.onehead("undo")
        self.assertIn(f"onehead: took back {expect}: ", done.out)
        self.assertEqual(state(repo), before)
        self.assert_clean(repo)
        return done.out

    def test_a_merge(self):
        repo = self.forked()
        head = repo.head()
        out = self.undone(repo, "merge", "--no-edit", "theirs").splitlines()
        self.assertEqual(out[0], f"onehead: took back the merge of theirs: main is at {head[:7]} again")
        self.assertEqual(repo.out("reflog", "-1", "--format=%gs"), "onehead: undo merge")
        self.assertEqual(repo.out("reflog", "-1", "--format=%gs", "main"), "onehead: undo merge")
        self.assert_one_head(repo, "c1")
        back = re.search(r"git reset --keep ([0-9a-f]+)$", out[1]).group(1)
        repo.git("reset", "-q", "--keep", back)
        self.assert_joined(repo)
        repo.git("reset", "-q", "--keep", head)
        self.undone(repo, "merge", "--no-edit", "theirs")
        self.assertEqual(operations(repo), [1, 2, 3, 4])

    def test_dry_run_lists_the_files(self):
        repo = self.forked()
        repo.git("merge", "-q", "--no-edit", "theirs")
        lines = repo.onehead("undo", "--dry-run").out.splitlines()
        files = repo.out("ls-tree", "--name-only", "HEAD", "migrations/versions/").splitlines()
        joined = next(f for f in files if JOINED in f)
        self.assertEqual(lines[1:], [f"would write {LOCK}", "would remove migrations/versions/b1.py",
                                     f"would remove {joined}"])

    def test_variants(self):
        variants = {
            "message": ("merge", "-m", "mine", "theirs"),
            "no verify": ("merge", "--no-edit", "--no-verify", "theirs"),
            "no ff": ("merge", "--no-edit", "--no-ff", "theirs"),
            "strategy": ("merge", "--no-edit", "-X", "patience", "theirs"),
        }
        for name, command in variants.items():
            with self.subTest(name):
                self.undone(self.forked(name=name), *command)

    def test_without_a_lock(self):
        self.undone(self.forked(lock=False), "merge", "--no-edit", "theirs")

    def test_a_pull(self):
        origin = self.project(name="origin")
        repo = origin.clone("copy")
        repo.onehead("install")
        self.add(origin, "b1", "a1")
        self.add(repo, "c1", "a1")
        repo.git("fetch", "-q")
        self.undone(repo, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main",
                    expect="git pull -q --no-rebase --no-edit origin main")

    def test_a_commit_of_its_own(self):
        repo = self.forked()
        repo.git("config", "onehead.postmerge", "commit")
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        self.assertEqual(repo.out("log", "-1", "--format=%s"), "Join the heads of the migrations")
        repo.onehead("undo")
        self.assertEqual(state(repo), before)

    def test_a_detached_head(self):
        repo = self.forked()
        repo.git("checkout", "-q", "--detach")
        self.assertIn("HEAD is at ", self.undone(repo, "merge", "--no-edit", "theirs"))
        repo.git("merge", "-q", "--no-edit", "theirs")
        repo.git("checkout", "-q", "-b", "now")
        self.assert_refused(repo, "git switch --detach")

    def test_autostash(self):
        repo = self.forked()
        repo.write("README", "mine\n")
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "--autostash", "theirs")
        self.assertEqual(repo.read("README"), "mine\n")
        repo.onehead("undo")
        self.assertEqual(state(repo), before)

    def test_sha256(self):
        repo = self.repo("repo", "--object-format=sha256")
        self.start(repo)
        self.install(repo)
        self.fork(repo)
        self.undone(repo, "merge", "--no-edit", "theirs")

    def test_a_sparse_checkout(self):
        repo = self.forked()
        repo.write("other/file", "x\n")
        repo.commit("other")
        repo.git("sparse-checkout", "set", "migrations")
        self.undone(repo, "merge", "--no-edit", "theirs")
        self.assertFalse((repo.path / "other").exists())

    def test_line_ends(self):
        repo = self.forked()
        repo.git("config", "core.autocrlf", "true")
        repo.git("rm", "-rq", "--cached", ".")
        repo.git("reset", "-q", "--hard")
        self.undone(repo, "merge", "--no-edit", "theirs")

    def test_from_a_subdirectory(self):
        repo = self.forked()
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        repo.onehead("undo", "--dry-run", cwd="migrations/versions")
        repo.onehead("undo", cwd="migrations/versions")
        self.assertEqual(state(repo), before)

    def test_what_theirs_did_to_other_files(self):
        """Deleted, renamed, made a directory of, made a program, with odd names."""
        repo = self.project()
        for name in ("gone", "old name", "turns/into/file", "turned", "größe\n'x'"):
            repo.write(name, name + "\n" * 20)
        repo.write("script", "#!/bin/sh\n")
        repo.commit("files")
        self.fork(repo)
        repo.checkout("theirs")
        repo.git("rm", "-q", "gone")
        repo.git("mv", "old name", "new name")
        repo.git("rm", "-rq", "turns", "turned")
        repo.write("turns", "a file now\n")
        repo.write("turned/into/directory", "x\n")
        repo.write("größe\n'x'", "other\n")
        (repo.path / "script").chmod(0o755)
        repo.commit("much")
        repo.checkout("main")
        self.undone(repo, "merge", "--no-edit", "theirs")

    def test_it_outlives_gc(self):
        repo = self.forked()
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        merged = repo.head()
        for command in ("undo", None):
            repo.git("reflog", "expire", "--expire=now", "--all")
            repo.git("gc", "-q", "--prune=now")
            if command:
                repo.onehead(command)
        self.assertEqual(state(repo), before)
        repo.git("reset", "-q", "--keep", merged)
        self.assert_joined(repo)

    def test_what_was_pushed_is_said(self):
        repo = self.forked()
        repo.git("init", "-q", "--bare", "../origin.git")
        repo.git("remote", "add", "origin", "../origin.git")
        repo.git("push", "-q", "origin", "main")
        repo.git("merge", "-q", "--no-edit", "theirs")
        self.assertNotIn("pushed", repo.onehead("undo", "--dry-run").out)
        repo.git("push", "-q", "origin", "main")
        self.assertIn("it has been pushed: origin/main has it still", repo.onehead("undo").out)

    def test_nothing_to_take_back(self):
        repo = self.forked()
        for _ in range(2):
            done = repo.onehead("undo", expect=2)
            self.assertIn("no operation of onehead is left to take back here", done.err)
            repo.git("checkout", "-q", "theirs")
        plain = self.directory()
        self.assertIn("repository", plain.onehead("undo", expect=2).err)
        bare = self.repo("bare", "--bare")
        self.assertIn("no operation", bare.onehead("undo", expect=2).err)

    def test_help_and_usage(self):
        repo = self.project()
        self.assertIn("undo", repo.onehead("--help").out)
        self.assertIn("[--dry-run]", repo.onehead("undo", "--help").out)
        for wrong in ("x", "--force"):
            self.assertIn("usage: onehead undo", repo.onehead("undo", wrong, expect=2).err)

    def test_a_branch_whose_name_is_odd(self):
        for number, name in enumerate(("feature/größe", "it's-$(touch_x)-`y`", "a;b&&c|d")):
            with self.subTest(name):
                repo = self.forked(name=f"repo{number}")
                repo.git("branch", "-m", "theirs", name)
                self.undone(repo, "merge", "--no-edit", name, expect=f"the merge of {name}")

    def test_words_in_the_reflog_are_harmless(self):
        repo = self.forked()
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs", env={"GIT_REFLOG_ACTION": "merge \x1b[31mx\nend"})
        done = repo.onehead("undo")
        self.assertNotRegex(done.out, r"[\x00-\x09\x0b-\x1f\x7f]")
        self.assertEqual(state(repo), before)


class Rebases(Case):
    """Back to before the rebase: git's own result, which had two heads, is nobody's wish."""

    def undone(self, *options):
        repo = self.forked(name="repo" + "".join(options))
        before = state(repo)
        repo.git("rebase", "-q", *options, "theirs")
        self.assertEqual(operations(repo), [1])
        self.assert_one_head(repo, self.heads(repo)[0])
        self.assert_parents(repo, "theirs")
        after = state(repo)
        done = repo.onehead("undo")
        self.assertIn("onehead: took back the rebase of main: main is at ", done.out)
        self.assertEqual(state(repo), before)
        self.assert_clean(repo)
        repo.git("reset", "-q", "--keep", re.search(r"--keep (\w+)", done.out).group(1))
        self.assertEqual(state(repo), after)

    def test_both_backends(self):
        for backend in ("--merge", "--apply"):
            with self.subTest(backend):
                self.undone(backend)

    def test_it_outlives_gc(self):
        repo = self.forked()
        before = state(repo)
        repo.git("rebase", "-q", "theirs")
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("update-ref", "-d", "ORIG_HEAD")
        repo.git("gc", "-q", "--prune=now")
        repo.onehead("undo")
        self.assertEqual(state(repo), before)

    def test_a_detached_head(self):
        repo = self.forked()
        repo.git("checkout", "-q", "--detach")
        before = state(repo)
        repo.git("rebase", "-q", "theirs")
        repo.onehead("undo")
        self.assertEqual(state(repo), before)

    def test_another_branch_at_the_same_commit(self):
        """The apply backend leaves no note of its branch: it is the one that was checked out."""
        repo = self.forked()
        repo.git("checkout", "-q", "-b", "mine")
        repo.git("branch", "-m", "renamed")
        before = repo.head()
        repo.git("rebase", "-q", "--apply", "theirs")
        done = repo.git("onehead", "undo")
        self.assertIn("took back the rebase of renamed: renamed is at ", done.out)
        self.assertEqual(repo.head(), before)
        self.assertEqual(repo.out("branch", "--show-current"), "renamed")

    def test_a_file_that_can_not_be_taken_away(self):
        """git's read-tree would go on without a word."""
        repo = self.forked()
        repo.git("rebase", "-q", "theirs")
        after = state(repo)
        script = READ_ONLY.format("migrations/versions") + ' && cd "$PWD" && exec "$0" "$@"'
        done = repo.run("unshare", "-m", "sh", "-c", script, str(env.BIN / "onehead"), "undo", expect=2)
        self.assertIn("ead-only", done.err)
        self.assertEqual(state(repo), after)


class TakenAlong(Case):
    def test_branches_that_a_rebase_takes_along(self):
        repo = self.forked()
        repo.branch("lower")
        repo.checkout("main")
        self.add(repo, "d1", "c1")
        before = state(repo)
        repo.git("rebase", "-q", "--update-refs", "theirs")
        after = state(repo)
        lower = repo.head("lower")
        self.assert_parents(repo, "lower")
        self.assert_parents(repo, "theirs", of="lower")
        repo.git("branch", "-q", "-f", "lower", "theirs")
        self.assert_refused(repo, "lower has moved on since the rebase of main",
                            f"git branch -f lower {lower[:12]} && onehead undo")
        repo.git("branch", "-q", "-f", "lower", lower)
        self.assertEqual(state(repo), after)
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("gc", "-q", "--prune=now")
        self.assertIn("  lower would be at", repo.onehead("undo", "--dry-run").out)
        self.assertIn("  lower is at", repo.onehead("undo").out)
        self.assertEqual(state(repo), before)

    def test_one_that_git_did_not_come_to(self):
        repo = self.forked()
        repo.branch("lower")
        repo.checkout("main")
        self.add(repo, "d1", "c1")
        before = state(repo)
        repo.git("rebase", "-q", "--update-refs", "theirs")
        repo.git("update-ref", "refs/heads/lower", before[1][0].split()[0])
        repo.onehead("undo")
        self.assertEqual(state(repo), before)


class Commands(Case):
    def test_onehead_merge(self):
        repo = self.forked()
        before = state(repo)
        repo.onehead("merge", "theirs")
        self.assert_joined(repo)
        self.assertIn("took back onehead merge: ", repo.onehead("undo").out)
        self.assertEqual(state(repo), before)

    def test_onehead_merge_of_heads_that_are_there(self):
        repo = self.forked()
        repo.git("merge", "-q", "--no-edit", "theirs", env={"ONEHEAD": "0"}, expect=None)
        if repo.status():
            repo.git("checkout", "--ours", LOCK)
            repo.git("add", LOCK)
            repo.git("commit", "-q", "--no-edit", env={"ONEHEAD": "0"})
        before = state(repo)
        repo.onehead("merge")
        self.assert_joined(repo)
        repo.onehead("undo")
        self.assertEqual(state(repo), before)

    def test_onehead_resolve(self):
        repo = self.forked()
        repo.git("merge", "--no-commit", "theirs")
        before = state(repo)
        repo.onehead("resolve")
        self.assertNotEqual(state(repo), before)
        self.assertIn("took back onehead resolve", repo.onehead("undo").out)
        self.assertEqual(state(repo), before)
        repo.onehead("resolve")
        head = repo.head()
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)
        self.assert_refused(repo, f"onehead resolve is in the merge {repo.head()[:7]}",
                            f"git reset --keep {head[:12]}")


class WhatIsTheUsers(Case):
    def test_open_files_survive(self):
        repo = self.forked()
        repo.write("README", "stashed\n")
        repo.git("stash", "-q")
        repo.git("merge", "-q", "--no-edit", "theirs")
        repo.write("README", "staged\n")
        repo.write("staged", "staged\n")
        repo.git("add", "-A")
        repo.write("README", "mine\n")
        repo.write("staged", "more\n")
        repo.write("loose", "loose\n")
        repo.write("x.db", "ignored\n")
        (repo.path / "alembic.ini").unlink()
        before = repo.status(), repo.out("diff"), repo.out("diff", "--cached"), repo.out("stash", "list")
        repo.onehead("undo")
        after = repo.status(), repo.out("diff"), repo.out("diff", "--cached"), repo.out("stash", "list")
        self.assertEqual(after, before)
        self.assertEqual(repo.read("x.db"), "ignored\n")

    def test_what_the_merge_touched_and_the_user_as_well(self):
        changes = {
            "edited": lambda r: r.write("migrations/versions/b1.py", "mine\n"),
            "staged": lambda r: (r.write(LOCK, "mine\n"), r.git("add", "-A")),
            "deleted": lambda r: (r.path / LOCK).unlink(),
            "untracked": lambda r: r.git("rm", "-q", "--cached", "migrations/versions/b1.py"),
            "program": lambda r: (r.path / LOCK).chmod(0o755),
        }
        for name, change in changes.items():
            with self.subTest(name):
                repo = self.forked(name=name)
                repo.git("merge", "-q", "--no-edit", "theirs")
                change(repo)
                self.assert_refused(repo, "has changed since the merge of theirs", "git stash")
                before = repo.head("HEAD^1")
                repo.git("stash", "-q")
                if name == "untracked":
                    (repo.path / "migrations/versions/b1.py").unlink(missing_ok=True)
                    repo.git("reset", "-q", "--hard")
                repo.onehead("undo")
                self.assertEqual(repo.head(), before)

    def test_an_ignored_file_in_the_place_of_one_that_comes_back(self):
        repo = self.project()
        repo.write("kept.db", "tracked\n")
        repo.git("add", "-f", "kept.db")
        repo.commit("database")
        self.fork(repo)
        repo.checkout("theirs")
        repo.git("rm", "-q", "kept.db")
        repo.commit("no database")
        repo.checkout("main")
        repo.git("merge", "-q", "--no-edit", "theirs")
        repo.write("kept.db", "precious\n")
        self.assert_refused(repo, "kept.db would come back", "move that away")
        self.assertEqual(repo.read("kept.db"), "precious\n")
        (repo.path / "kept.db").unlink()
        repo.onehead("undo")
        self.assertEqual(repo.read("kept.db"), "tracked\n")


class GoneOn(Case):
    def merged(self, name="repo"):
        repo = self.forked(name=name)
        repo.git("merge", "-q", "--no-edit", "theirs")
        return repo

    def test_a_commit_since(self):
        repo = self.merged()
        merged = repo.head()
        self.add(repo, "d1", JOINED)
        self.assert_refused(repo, "main has moved on since the merge of theirs",
                            f"git reset --keep {merged[:12]}")
        repo.write("README", "mine\n")
        repo.git("reset", "-q", "--keep", merged)
        repo.onehead("undo")
        self.assertEqual(repo.read("README"), "mine\n")
        self.assertEqual(repo.head("theirs~1"), repo.head("main~1"))

    def test_an_amended_merge(self):
        repo = self.merged()
        repo.git("commit", "-q", "--amend", "-m", "other words")
        self.assert_refused(repo, "main has moved on since the merge of theirs")

    def test_another_branch(self):
        repo = self.merged()
        repo.checkout("theirs")
        self.assert_refused(repo, "the merge of theirs was on main", "git switch main")
        repo.checkout("main")
        repo.onehead("undo")

    def test_a_name_that_a_shell_would_run(self):
        for number, name in enumerate(("$(touch_x)", "it's-`y`", "a;b", "größe", "feature/x-1")):
            with self.subTest(name):
                repo = self.forked(name=f"repo{number}")
                repo.git("branch", "-m", "main", name)
                repo.git("merge", "-q", "--no-edit", "theirs")
                repo.checkout("theirs")
                command = repo.onehead("undo", expect=2).err.strip().split("first: ")[1]
                repo.run("sh", "-c", command)
                repo.onehead("undo")

    def test_a_renamed_branch(self):
        repo = self.merged()
        repo.git("branch", "-m", "main", "trunk")
        self.assert_refused(repo, "was on main")

    def test_taken_back_by_hand(self):
        repo = self.merged()
        repo.git("reset", "-q", "--merge", "ORIG_HEAD")
        self.assert_refused(repo, "main is already as it was before the merge of theirs")

    def test_a_merge_without_onehead_since(self):
        """The last operation is the one before, and that is said."""
        repo = self.merged()
        repo.branch("more")
        repo.write("more", "x\n")
        repo.commit("more")
        repo.checkout("main")
        repo.git("merge", "-q", "--no-ff", "--no-edit", "more")
        self.assert_refused(repo, "main has moved on since the merge of theirs")

    def test_in_the_middle_of_something(self):
        repo = self.merged()
        repo.branch("conflict", "theirs~1")
        repo.write("README", "conflict\n")
        repo.commit("conflict")
        repo.checkout("main")
        merged = repo.head()
        repo.write("README", "main\n")
        repo.commit("main")
        repo.branch("topic", merged)
        for command, back in (("merge", "merge --abort"), ("cherry-pick", "cherry-pick --abort"),
                              ("rebase", "rebase --abort")):
            with self.subTest(command):
                repo.checkout("main")
                repo.git("reset", "-q", "--hard", merged)
                repo.write("README", "main\n")
                repo.commit("main")
                repo.git(command, "conflict", expect=1)
                before = repo.status(), repo.head()
                done = repo.onehead("undo", expect=2)
                self.assertIn(f"git {back}", done.err)
                self.assertEqual((repo.status(), repo.head()), before)
                repo.git(*back.split())
        repo.git("reset", "-q", "--hard", merged)
        repo.onehead("undo")

    def test_a_merge_head_that_a_git_left_behind(self):
        """It was ended in its last hook: the merge is committed, MERGE_HEAD is still there."""
        repo = self.forked()
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        repo.write(".git/MERGE_HEAD", repo.head("theirs") + "\n")
        repo.write(".git/MERGE_MSG", "Merge\n")
        repo.onehead("undo")
        self.assertEqual(state(repo), before)
        self.assert_clean(repo)


class Several(Case):
    def test_one_after_the_other(self):
        repo = self.forked()
        states = [state(repo)]
        repo.git("merge", "-q", "--no-edit", "theirs")
        for n in range(3):
            repo.branch(f"more{n}", "theirs")
            self.add(repo, f"d{n}", "b1")
            repo.checkout("main")
            states.append(state(repo))
            repo.git("merge", "-q", "--no-edit", f"more{n}")
        for n, wanted in reversed(list(enumerate(states))):
            out = repo.onehead("undo").out
            self.assertIn(f"more{n - 1}" if n else "theirs", out)
            self.assertEqual(state(repo)[0], wanted[0])
            self.assertEqual(state(repo)[2:], wanted[2:])
        self.assert_one_head(repo, "c1")
        repo.onehead("undo", expect=2)

    def test_worktrees_have_their_own(self):
        repo = self.forked()
        repo.git("worktree", "add", "-q", "-b", "third", "../third", "main")
        third = env.Repo(self.home, repo.path.parent / "third")
        before = repo.head()
        repo.git("merge", "-q", "--no-edit", "theirs")
        merged = repo.head()
        third.onehead("undo", expect=2)
        third.git("merge", "-q", "--no-edit", "theirs")
        third.onehead("undo")
        self.assertEqual((third.head(), third.status()), (before, ""))
        self.assertEqual((repo.head(), repo.status()), (merged, ""))
        repo.onehead("undo")
        self.assertEqual((repo.head(), repo.status()), (before, ""))


class AtOnce(Case):
    def spawn(self, repo, *argv):
        return subprocess.Popen([str(a) for a in argv], cwd=repo.path, env=repo.environ, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_two_undos(self):
        """One does it, the others say why not."""
        repo = self.forked()
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        merged = repo.head()
        for _ in range(5):
            running = [self.spawn(repo, env.BIN / "onehead", "undo") for _ in range(4)]
            results = [(p.communicate(timeout=60), p.returncode) for p in running]
            codes = sorted(code for _, code in results)
            self.assertEqual(codes[1:], [2, 2, 2], results)
            for (_, err), code in results:
                if code:
                    self.assertRegex(err, "another onehead|another git process|has moved|"
                                     "is left to take back|already")
                    self.assertEqual(len(err.splitlines()), 1, err)
            if codes[0] == 0:
                break
            self.assertEqual(repo.head(), merged)  # each found another one at work
        else:
            self.fail("nobody ever got through")
        self.assertEqual(state(repo), before)
        self.assert_clean(repo)

    def test_an_undo_while_a_merge_is_finished(self):
        """What is at work is not taken for something interrupted."""
        repo = self.forked()
        gate = repo.home.path / "gate"
        merging.wrap(repo, "post-merge",
                     f'PATH="{repo.home.path}/slow:$PATH" "$real" "$@"')
        repo.write(repo.home.path / "slow/git", "#!/bin/sh\n"
                   f'case "$*" in *update-ref*) touch {gate}; sleep 1 ;; esac\n'
                   'PATH=${PATH#*:} exec git "$@"\n', mode=0o755)
        merge = self.spawn(repo, "git", "merge", "--no-edit", "theirs")
        while not gate.exists() and merge.poll() is None:
            time.sleep(0.005)
        for command in ("undo", "resolve", "merge"):
            done = repo.onehead(command, expect=2)
            self.assertIn("another onehead is at work here", done.err)
        merge.communicate(timeout=60)
        self.assertEqual(merge.returncode, 0)
        self.assert_joined(repo)
        repo.onehead("undo")
        self.assert_one_head(repo, "c1")

    def test_worktrees_at_once(self):
        repo = self.forked()
        trees = []
        for n in range(3):
            repo.git("worktree", "add", "-q", "-b", f"w{n}", f"../w{n}", "main")
            trees.append(env.Repo(self.home, repo.path.parent / f"w{n}"))
        before = repo.head()
        script = ("for i in 1 2 3; do git merge -q --no-edit theirs || exit; onehead undo || exit; "
                  "git merge -q --no-edit theirs || exit; onehead undo || exit; done")
        running = [self.spawn(t, "sh", "-c", script) for t in trees]
        for tree, process in zip(trees, running):
            out, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, err)
            self.assertEqual(out.count("took back the merge of theirs"), 6, err)
            self.assertEqual((tree.head(), tree.status()), (before, ""))
        kept = repo.out("for-each-ref", "--format=%(refname)", "refs/onehead/undo").splitlines()
        self.assertEqual(len(kept), 3 * 6 * 2)


class Disks(Case):
    def merged(self):
        repo = self.forked()
        self.before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        return repo

    def mounted(self, repo, directory, *command, expect):
        script = READ_ONLY.format(directory) + ' && cd "$PWD" && exec "$0" "$@"'
        return repo.run("unshare", "-m", "sh", "-c", script, *command, expect=expect)

    def test_read_only(self):
        """The git directory, or what is in the worktree."""
        for directory in (".", ".git", "migrations/versions"):
            with self.subTest(directory):
                repo = self.forked(name="repo" + re.sub(r"\W", "", directory))
                before = state(repo)
                repo.git("merge", "-q", "--no-edit", "theirs")
                after = state(repo)
                done = self.mounted(repo, directory, str(env.BIN / "onehead"), "undo", expect=2)
                self.assertEqual(len(done.err.splitlines()), 1, done.err)
                self.assertTrue(done.err.startswith("onehead: undo: "), done.err)
                self.assertEqual(state(repo), after)
                self.assertEqual(repo.status(), "")
                repo.onehead("undo")
                self.assertEqual(state(repo), before)

    def test_without_proc(self):
        """Then a file gets its name in another way."""
        repo = self.merged()
        script = 'umount -l /proc && exec "$0" "$@"'
        repo.run("unshare", "-m", "sh", "-c", script, str(env.BIN / "onehead"), "undo")
        self.assertEqual(state(repo), self.before)
        self.assertEqual(sorted(p.name for p in (repo.path / ".git/onehead").iterdir() if p.is_dir()
                                or p.name.startswith("journal")), ["operations"])

    def test_a_read_only_object_store(self):
        """Undo makes no object; a merge can't be finished then, and says it."""
        repo = self.merged()
        self.mounted(repo, ".git/objects", str(env.BIN / "onehead"), "undo", expect=0)
        self.assertEqual(state(repo), self.before)
        mount = READ_ONLY.format(".git/objects")
        merging.wrap(repo, "pre-merge-commit", "exit 0")
        merging.wrap(repo, "post-merge", f"exec unshare -m sh -c '{mount} && exec \"$0\" \"$@\"' "
                     '"$real" "$@"')
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertIn("onehead", done.err)
        self.assertEqual(repo.status(), "")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        self.assertEqual(operations(repo), [1, 2])

    def test_a_locked_index_and_a_locked_ref(self):
        for lock in ("index.lock", "refs/heads/main.lock", "HEAD.lock"):
            with self.subTest(lock):
                repo = self.forked(name="repo" + re.sub(r"\W", "", lock))
                before = state(repo)
                repo.git("merge", "-q", "--no-edit", "theirs")
                after = state(repo)
                path = repo.write(f".git/{lock}", "")
                done = repo.onehead("undo", expect=2)
                self.assertIn(lock, done.err)
                self.assertEqual(len(done.err.splitlines()), 1, done.err)
                path.unlink()
                self.assertEqual(state(repo), after)
                self.assertFalse((repo.path / ".git/onehead/journal").exists())
                repo.onehead("undo")
                self.assertEqual(state(repo), before)

    def test_a_full_disk(self):
        """Whatever there is room for: all or nothing."""
        mounted = self.home.path / "small"
        mounted.mkdir()
        self.home_run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mounted)
        self.addCleanup(self.home_run, "umount", "-l", mounted)
        seen = set()
        for room in (0, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96):
            with self.subTest(kilobytes=room):
                repo = env.Repo(self.home, mounted / f"repo{room}")
                repo.path.mkdir()
                repo.git("init", "-q")
                self.start(repo)
                self.install(repo)
                for n in range(4):
                    repo.write(f"big{n}", f"{n}" * 6000)
                repo.commit("big")
                self.fork(repo)
                repo.checkout("theirs")
                repo.git("rm", "-q", "big0", "big1", "big2", "big3")
                repo.commit("small")
                repo.checkout("main")
                seen.add(self.fill(repo, mounted, room))
                repo.run("rm", "-rf", repo.path, cwd="/")
        self.assertEqual(seen, {0, 2})

    def home_run(self, *argv):
        env.expected(env.run(argv, "/", self.home.environ), argv, 0)

    def fill(self, repo, mounted, room):
        before = state(repo)
        repo.git("merge", "-q", "--no-edit", "theirs")
        after = state(repo)
        script = f"""
            free=$(($(stat -f -c '%a*%S' {mounted})/1024))
            head -c $(((free-{room})*1024)) /dev/zero >{mounted}/filler 2>/dev/null
            onehead undo; s=$?
            rm -f {mounted}/filler
            exit $s"""
        done = repo.run("sh", "-c", script, expect=(0, 2))
        self.assertEqual(len(done.err.splitlines()), 1 if done.code else 0, done.err)
        if "onehead resolve" in done.err:
            repo.onehead("resolve")
        elif done.code:
            self.assertFalse((repo.path / ".git/onehead/journal").exists())
        now = state(repo)
        self.assertEqual(now, before if done.code == 0 or now == before else after)
        if now == after:
            repo.onehead("undo")
        self.assertEqual(state(repo), before)
        self.assertEqual(repo.status(), "")
        return done.code


class Random(Case):
    """Merges, commits, open files, undo in any order; at the end everything is taken back."""

    def test_sequences(self):
        undone = refused = 0
        for seed in range(SEEDS):
            with self.subTest(seed):
                walk = Walk(self, self.forked(name=f"repo{seed}"), seed)
                for _ in range(14):
                    walk.step()
                walk.take_all_back()
                undone += walk.undone
                refused += walk.refused
        print(f"\n{undone} operations taken back, {refused} refusals", end=" ")
        self.assertGreater(undone, SEEDS * 2)
        self.assertGreater(refused, 0)


class Walk:
    def __init__(self, test, repo, seed):
        self.test, self.repo = test, repo
        self.random = random.Random(f"undo {seed}")
        repo.write("notes", "one\n")
        repo.commit("notes")
        repo.write("notes", "stashed\n")
        repo.git("stash", "-q")
        self.count = self.undone = self.refused = 0
        self.head = "c1"  # of the graph
        self.open = {}  # path: (staged or None, in the worktree)
        self.past = []  # (what, state before)
        self.began = self.look()

    def look(self):
        """HEAD's tree, by which index and worktree are judged, and what else could change."""
        refs = [r for r in self.repo.out("for-each-ref", "refs/heads/main", "refs/stash").splitlines()]
        return refs, self.repo.out("stash", "list"), self.repo.out("ls-tree", "-r", "HEAD"), self.head

    def check(self):
        """What is open is as the user left it; all else is HEAD."""
        repo = self.repo
        changed = {}
        for line in repo.git("status", "--porcelain", "-z", "--untracked-files=all").out.split("\0"):
            if line:
                changed[line[3:]] = line[:2]
        self.test.assertEqual(set(changed), set(self.open))
        for path, (staged, there) in self.open.items():
            self.test.assertEqual(repo.read(path), there)
            if staged is not None:
                self.test.assertEqual(repo.git("show", f":{path}").out, staged)

    def step(self):
        self.random.choice([self.merge, self.merge, self.commit, self.edit, self.edit, self.undo,
                            self.close])()
        self.check()

    def new(self):
        self.count += 1
        return f"n{self.count}"

    def merge(self):
        """A branch that adds a migration beside the next one here."""
        repo = self.repo
        if any(path.startswith("migrations") for path in self.open):
            return
        if self.random.random() < 0.5:
            self.put_away(lambda: self.plain_commit(True))
        base = self.random.choice(["theirs", "main~1"])
        name, id = f"branch{self.count}", self.new()
        parents = [re.findall(r"^head (\S+)$", repo.git("show", f"{base}:{LOCK}").out, re.M)[0]]
        work = self.test.directory(f"{repo.path.name}-{name}")
        repo.git("worktree", "add", "-q", "-f", "-b", name, str(work.path), base)
        work.migration(id, parents[0], merging.add_column(id))
        if self.random.random() < 0.3:
            work.write(f"file-{id}", "x\n")
        work.commit(id)
        repo.git("worktree", "remove", "--force", str(work.path))
        before, made = self.look(), operations(repo)
        staged = [p for p, (s, _) in self.open.items() if s is not None]
        done = repo.git("merge", "-q", "--no-edit", name, expect=None)
        if staged:
            self.test.assertNotEqual(done.code, 0)  # git's own refusal
            return
        self.test.assertEqual(done.code, 0, done.err)
        self.head = re.findall(r"^head (\S+)$", repo.read(LOCK), re.M)[0]
        self.past.append(("merge" if operations(repo) != made else "git", before))

    def plain_commit(self, migration=False):
        repo, id = self.repo, self.new()
        before = self.look()
        if migration:
            path = repo.migration(id, self.head, merging.add_column(id))
            self.head = id
        else:
            path = str(repo.write(f"commit-{id}", "x\n").relative_to(repo.path))
        repo.git("add", "--", path)
        repo.git("commit", "-q", "-m", id)
        self.past.append(("commit", before))

    def put_away(self, act):
        """ACT with nothing open; then all is open again."""
        repo, open = self.repo, dict(self.open)
        self.close()
        act()
        for path, (staged, there) in open.items():
            if path.startswith("migrations") or (path == LOCK):
                continue
            if staged is not None:
                repo.write(path, staged)
                repo.git("add", "--", path)
            repo.write(path, there)
            self.open[path] = (staged, there)

    def commit(self):
        self.put_away(lambda: self.plain_commit(self.random.random() < 0.5))

    def edit(self):
        repo = self.repo
        tracked = repo.out("ls-files", "migrations/versions").splitlines()
        path = self.random.choice(["notes", "README", "loose", "new/file", LOCK, self.random.choice(tracked)])
        staged = None
        if path not in (LOCK, *tracked) and self.random.random() < 0.3:
            staged = f"staged {self.new()}\n"
            repo.write(path, staged)
            repo.git("add", "--", path)
        elif path in self.open:
            staged = self.open[path][0]
        there = f"mine {self.new()}\n"
        repo.write(path, there)
        self.open[path] = (staged, there)

    def close(self):
        """The user gives up what is open."""
        self.repo.git("reset", "-q", "--hard")
        self.repo.git("clean", "-q", "-f", "-d")
        self.open = {}

    def undo(self):
        """Is refused exactly where there is a reason."""
        repo = self.repo
        merges = [n for n, (what, _) in enumerate(self.past) if what == "merge"]
        done = repo.onehead("undo", *(["--dry-run"] if self.random.random() < 0.2 else []), expect=None)
        on_top = merges and merges[-1] == len(self.past) - 1
        touched = set()
        if on_top:
            tree = self.past[-1][1][0][0].split()[0]
            touched = set(repo.out("diff", "--name-only", "--no-renames", tree, "HEAD").splitlines())
        if "would take back" in done.out:
            self.test.assertTrue(on_top)
            return
        if done.code == 0:
            self.test.assertTrue(on_top)
            self.undone += 1
            _, wanted = self.past.pop()
            self.head = wanted[3]
            self.test.assertEqual(self.look(), wanted)
            return
        self.refused += 1
        if on_top:
            self.test.assertTrue(touched & set(self.open), done.err)

    def take_all_back(self):
        repo = self.repo
        while self.past:
            what, before = self.past[-1]
            if what == "merge":
                for path in [p for p in self.open if p.startswith("migrations")]:
                    repo.git("checkout", "-q", "HEAD", "--", path)
                    del self.open[path]
                out = repo.onehead("undo").out
                self.test.assertIn("took back the merge of branch", out)
                self.undone += 1
            else:
                self.close()
                repo.git("reset", "-q", "--keep", before[0][0].split()[0])
            self.past.pop()
            self.head = before[3]
            self.test.assertEqual(self.look(), before)
            self.check()
        self.test.assertEqual(self.look(), self.began)
        self.close()
        self.test.assertEqual(repo.status(), "")


if __name__ == "__main__":
    unittest.main()
