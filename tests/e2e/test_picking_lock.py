"""Cherry-pick and am where there is a lock: the driver joins it where a hook of ours will look at
what comes of it, and leaves git's own conflict everywhere else."""

import os
import unittest

import env
import merging
from merging import LOCK


class Shared(merging.TestCase):
    def row(self, *more, lock=True):
        """On theirs b1, b2 and, a commit each, the files MORE; theirs and main have written README."""
        repo = self.forked(lock)
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        for name in more:
            repo.write(name, "theirs\n")
            repo.commit(name)
        repo.checkout("main")
        repo.write("README", "main\n")
        repo.commit("README")
        return repo

    def assert_undone(self, repo, before):
        repo.onehead("undo")
        self.assertEqual(repo.head(), before)
        self.assert_clean(repo)

    def assert_left_to_the_user(self, repo):
        self.assertIn("<<<<<<<", repo.read(LOCK))

    def assert_not_pushed(self, repo):
        bare = self.home.path / "bare.git"
        if not bare.exists():
            repo.git("init", "-q", "--bare", bare)
            repo.git("remote", "add", "bare", bare)
        done = repo.git("push", "-q", "bare", "HEAD:refs/heads/main", expect=1)
        self.assertIn("REJECTED", done.err)

    def assert_nothing_noted(self, repo):
        self.assertFalse((repo.path / ".git/onehead/row").exists())

    def resolve_readme(self, repo):
        repo.write("README", "both\n")
        repo.git("add", "README")


class Picks(Shared):
    def test_forms_of_a_single_pick(self):
        """Aliases, options of git's own, an editor: all are what git says that it runs."""
        repo = self.forked()
        before = repo.head()
        repo.git("config", "alias.cp", "cherry-pick -x")
        repo.git("config", "alias.by-shell", "!git cherry-pick")
        for words in (
            ("cherry-pick", "theirs"),
            ("-C", ".", "-c", "a.b=stash", "--git-dir=.git", "cherry-pick", "-s", "theirs"),
            ("cherry-pick", "-e", "-Xpatience", "theirs"),
            ("cherry-pick", "--ff", "theirs"),
            ("cp", "theirs"),
            ("by-shell", "theirs"),
        ):
            with self.subTest(words=words):
                repo.git("reset", "-q", "--hard", before)
                done = repo.git(*words)
                self.assertIn("2 heads joined", done.err)
                self.assert_joined(repo)
                self.assert_parents(repo, before)
        self.assert_undone(repo, before)

    def test_a_merge_is_picked(self):
        repo = self.row()
        before = repo.head()
        repo.git("checkout", "-q", "-b", "side", "theirs~2")
        repo.write("x", "x\n")
        repo.commit("x")
        repo.git("merge", "-q", "--no-ff", "-m", "both", "theirs")
        repo.checkout("main")
        repo.git("cherry-pick", "-m", "1", "side")
        self.assert_joined(repo, "b2", "c1")
        self.assert_undone(repo, before)

    def test_a_row(self):
        repo = self.row("x")
        before = repo.head()
        done = repo.git("cherry-pick", "main..theirs")
        self.assertEqual(done.err.count("heads joined"), 1)
        self.assert_joined(repo, "b2", "c1")
        self.assertEqual(repo.out("rev-list", "--count", f"{before}..HEAD"), "3")
        self.assert_undone(repo, before)

    def test_in_a_linked_worktree_beside_the_user_s_own_work(self):
        repo = self.forked()
        repo.git("worktree", "add", "-q", "-b", "linked", "../linked", "main")
        linked = env.Repo(self.home, repo.path.parent / "linked")
        linked.write("README", "not committed\n")
        linked.git("cherry-pick", "theirs")
        self.assertEqual(linked.status(), " M README\n")
        linked.git("checkout", "-q", "README")
        self.assert_joined(linked)
        self.assertEqual(self.heads(repo), ["c1"])

    def test_signed(self):
        repo = self.forked()
        merging.make_key(repo)
        repo.git("cherry-pick", "-S", "theirs")
        self.assert_joined(repo)
        repo.git("verify-commit", "HEAD")

    def test_patches(self):
        repo = self.row("x")
        before = repo.head()
        patches = self.home.path / "patches"
        repo.git("format-patch", "-q", "-o", patches, "main..theirs")
        done = repo.git("am", "-3", *sorted(patches.iterdir()))
        self.assertEqual(done.err.count("heads joined"), 1)
        self.assert_joined(repo, "b2", "c1")
        self.assert_undone(repo, before)


class NotCertain(Shared):
    """No hook will see what comes of it, or it can't be told: as with plain git."""

    def test_no_commit(self):
        repo = self.forked()
        repo.git("config", "alias.cp", "cherry-pick --no-c")
        for words in (
            ("cherry-pick", "-n"), ("cherry-pick", "-xn"), ("cherry-pick", "--no-commit"), ("cp",)
        ):
            with self.subTest(words=words):
                repo.git("reset", "-q", "--hard")
                repo.git(*words, "theirs", expect=1)
                self.assert_left_to_the_user(repo)
        repo.onehead("resolve")
        repo.git("commit", "-q", "-m", "picked")
        self.assert_joined(repo)

    def test_no_commit_said_earlier(self):
        """--continue does not repeat it."""
        repo = self.row()
        repo.checkout("theirs")
        repo.write("README", "theirs\n")
        changed = repo.commit("README")
        repo.checkout("main")
        repo.git("cherry-pick", "-n", changed, "theirs~2", expect=1)
        self.resolve_readme(repo)
        repo.git("commit", "-q", "-m", "README")
        repo.git("cherry-pick", "--continue", expect=1)
        self.assert_left_to_the_user(repo)

    def test_other_commands(self):
        """stash, checkout and merge-tree make no commit that a hook would see."""
        repo = self.forked()
        repo.migration("d1", "c1")
        repo.git("add", "-A")
        repo.write(LOCK, repo.read(LOCK).replace("head c1", "head d1") + "d1 c1\n")
        forked = repo.read(LOCK)
        repo.git("stash", "-q", "-u")
        self.add(repo, "c2", "c1")
        repo.git("stash", "pop", expect=1)
        self.assert_left_to_the_user(repo)
        repo.git("reset", "-q", "--hard")
        tree = repo.git("merge-tree", "--write-tree", "HEAD", "theirs", expect=1).out.split()[0]
        self.assertIn("<<<<<<<", repo.out("show", f"{tree}:{LOCK}"))
        repo.git("checkout", "-q", "--detach", "HEAD^")
        repo.write(LOCK, forked)
        repo.git("checkout", "-q", "-m", "main", expect=None)
        self.assert_left_to_the_user(repo)

    def test_a_git_that_does_not_show_what_it_is(self):
        repo = self.forked()
        repo.run("bash", "-c", "exec -a other git cherry-pick theirs", expect=1)
        self.assert_left_to_the_user(repo)
        repo.onehead("resolve")
        repo.git("cherry-pick", "--continue")
        self.assert_joined(repo)

    def test_hooks_that_are_elsewhere(self):
        repo = self.forked()
        repo.git("-c", "core.hooksPath=/dev/null", "cherry-pick", "theirs", expect=1)
        self.assert_left_to_the_user(repo)

    def test_hooks_that_are_not_there(self):
        for words, hook in ((("cherry-pick", "theirs"), "post-commit"), (("am", "-3"), "post-applypatch")):
            with self.subTest(hook=hook):
                repo = self.forked(name=hook)
                repo.write("../patch", repo.out("format-patch", "--stdout", "-1", "theirs") + "\n")
                (repo.path / ".git/hooks" / hook).unlink()
                repo.git(*words, *(["../patch"] if hook != "post-commit" else []), expect=(1, 128))
                self.assert_left_to_the_user(repo)


class Stopped(Shared):
    """A row in which git stops for another reason, with lines that have forked behind it."""

    def stopped(self):
        """b1 is picked, and so is b2; README, which comes then, is in conflict, and x is to come."""
        repo = self.row("README", "x")
        before = repo.head()
        repo.git("cherry-pick", "main..theirs", expect=1)
        self.assertEqual(repo.out("diff", "--name-only", "--diff-filter=U"), "README")
        return repo, before

    def test_continue(self):
        repo, before = self.stopped()
        self.resolve_readme(repo)
        done = repo.git("cherry-pick", "--continue")
        self.assertEqual(done.err.count("heads joined"), 1)
        self.assert_joined(repo, "b2", "c1")
        self.assertEqual(repo.out("rev-list", "--count", f"{before}..HEAD"), "4")
        self.assert_nothing_noted(repo)
        self.assert_undone(repo, before)

    def test_the_one_that_stopped_forks(self):
        """In the middle it is let through like one that does not stop; it is not said to be joined."""
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                repo = self.forked(lock)
                repo.checkout("theirs")
                repo.write("README", "theirs\n")
                repo.git("commit", "-q", "-a", "--amend", "--no-edit")
                self.add(repo, "b2", "b1")
                repo.checkout("main")
                repo.write("README", "main\n")
                repo.commit("README")
                repo.git("cherry-pick", "main..theirs", expect=1)
                self.resolve_readme(repo)
                done = repo.git("cherry-pick", "--continue")
                self.assertEqual(done.err.count("heads joined"), 1)
                self.assert_joined(repo, "b2", "c1")

    def test_skip(self):
        repo, _ = self.stopped()
        repo.git("cherry-pick", "--skip")
        self.assert_joined(repo, "b2", "c1")

    def test_abort(self):
        repo, before = self.stopped()
        repo.git("cherry-pick", "--abort")
        self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "c1")
        self.add(repo, "c2", "c1")
        self.assert_one_head(repo, "c2")
        self.assert_nothing_noted(repo)

    def test_quit(self):
        """The next commit joins, whatever it is about; until then nothing is pushed."""
        repo, _ = self.stopped()
        repo.git("cherry-pick", "--quit")
        self.assert_not_pushed(repo)
        self.resolve_readme(repo)
        done = repo.git("commit", "-q", "-m", "README")
        self.assertIn("2 heads joined", done.err)
        self.assert_joined(repo, "b2", "c1")
        self.assert_nothing_noted(repo)

    def test_quit_and_a_commit_without_hooks(self):
        """post-commit is no veto: --no-verify leaves it out of nothing."""
        repo, _ = self.stopped()
        repo.git("cherry-pick", "--quit")
        self.resolve_readme(repo)
        repo.git("commit", "-q", "--no-verify", "-m", "README")
        self.assert_joined(repo, "b2", "c1")

    def test_quit_and_another_pick(self):
        repo, before = self.stopped()
        repo.git("cherry-pick", "--quit")
        repo.git("checkout", "-q", "HEAD", "README")
        repo.git("cherry-pick", "theirs")
        self.assert_joined(repo, "b2", "c1")
        self.assertEqual(repo.out("rev-list", "--count", f"{before}..HEAD"), "3")
        self.assert_nothing_noted(repo)

    def test_quit_and_back(self):
        """What the note was about is gone: it counts for nothing."""
        repo, before = self.stopped()
        repo.git("cherry-pick", "--quit")
        repo.git("reset", "-q", "--hard", before)
        self.add(repo, "c2", "c1")
        self.assert_one_head(repo, "c2")
        self.assert_nothing_noted(repo)

    def test_the_last_is_empty(self):
        repo = self.row()
        repo.git("cherry-pick", "theirs~1", "main", expect=1)
        repo.git("cherry-pick", "--skip")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        self.assert_not_pushed(repo)
        done = repo.git("commit", "-q", "--allow-empty", "-m", "next")
        self.assertIn("2 heads joined", done.err)
        self.assert_joined(repo)

    def single(self):
        """The one picked commit brings b1, and has README in conflict."""
        repo = self.forked()
        for branch, args in ("theirs", ("--amend", "--no-edit")), ("main", ("-m", "README")):
            repo.checkout(branch)
            repo.write("README", f"{branch}\n")
            repo.git("commit", "-q", "-a", *args)
        before = repo.head()
        repo.git("cherry-pick", "theirs", expect=1)
        self.assertNotIn("<<<<<<<", repo.read(LOCK))
        self.resolve_readme(repo)
        return repo, before

    def test_a_single_one_goes_on(self):
        for words in ("cherry-pick", "--continue"), ("commit", "-q", "--no-edit"):
            with self.subTest(words=words):
                self.setUp()
                repo, before = self.single()
                self.assertIn("2 heads joined", repo.git(*words).err)
                self.assert_joined(repo)
                self.assert_parents(repo, before)

    def test_a_single_one_is_given_up(self):
        repo, before = self.single()
        repo.git("cherry-pick", "--abort")
        self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "c1")
        repo.git("cherry-pick", "theirs", expect=1)
        self.resolve_readme(repo)
        repo.git("cherry-pick", "--quit")
        done = repo.git("commit", "-q", "-m", "by hand", expect=1)
        self.assertIn("REFUSED", done.err)
        repo.onehead("resolve")
        repo.git("commit", "-q", "-m", "by hand")
        self.assert_joined(repo)

    def test_patches_that_stop(self):
        repo = self.row("README", "x")
        before = repo.head()
        patches = self.home.path / "patches"
        repo.git("format-patch", "-q", "-o", patches, "main..theirs")
        for ending in "--abort", "--quit", "--skip", "--continue":
            with self.subTest(ending=ending):
                repo.git("reset", "-q", "--hard", before)
                repo.git("am", "-3", *sorted(patches.iterdir()), expect=128)
                self.resolve_readme(repo)
                repo.git("am", ending)
                if ending == "--abort":
                    self.assert_one_head(repo, "c1")
                    continue
                if ending == "--quit":
                    self.assert_not_pushed(repo)
                    repo.git("commit", "-q", "-m", "README")
                self.assert_joined(repo, "b2", "c1")


if __name__ == "__main__":
    unittest.main()
