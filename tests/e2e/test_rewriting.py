"""Rebase, cherry-pick and am without the hook that would join there, revert and stash: none may say
all is well. A driver that can't be followed by a hook leaves a conflict; what gets past
the commits is stopped by the push. What post-rewrite does is in test_moving, picks are
in test_picking.
"""

import unittest

import merging
from merging import LOCK


class Rewriting(merging.TestCase):
    def bare(self, repo):
        remote = self.repo("remote.git", "--bare")
        repo.git("remote", "add", "origin", str(remote.path))
        return remote

    def assert_push_rejected(self, repo):
        remote = self.bare(repo)
        done = repo.git("push", "origin", "HEAD:refs/heads/main", expect=1)
        self.assertIn("REJECTED", done.err)
        self.assertIn("onehead merge", done.err)
        self.assertEqual(remote.out("for-each-ref"), "")

    def unwatched(self, lock=True, name="repo"):
        """The hook that would mend a rebase is gone."""
        repo = self.forked(lock, name)
        (repo.path / ".git/hooks/post-rewrite").unlink()
        return repo

    def stopped_in_conflict(self, repo, *argv):
        """The operation stops on the lock, and names the command."""
        done = repo.git(*argv, expect=(1, 128))
        self.assertIn("<<<<<<<", repo.read(LOCK))
        self.assertIn("onehead resolve", done.err)
        self.assertEqual(repo.out("diff", "--name-only", "--diff-filter=U"), LOCK)

    def finish(self, repo):
        """As `onehead resolve` says."""
        told = repo.onehead("resolve").out
        command = told.splitlines()[-1].removeprefix("next: git ")
        self.assertNotIn(" && ", command)
        repo.git(*command.split())
        self.assert_joined(repo)

    def test_rebase_with_a_lock(self):
        for backend in ("--merge", "--apply"):
            with self.subTest(backend):
                repo = self.unwatched(name="repo" + backend)
                self.stopped_in_conflict(repo, "rebase", backend, "theirs")
                self.finish(repo)
                self.assertEqual(repo.out("branch", "--show-current"), "main")
                self.assert_parents(repo, "theirs")

    def test_rebase_that_is_given_up(self):
        repo = self.unwatched()
        before = repo.head()
        self.stopped_in_conflict(repo, "rebase", "theirs")
        repo.git("rebase", "--abort")
        self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "c1")

    def test_continuing_with_markers_in_the_lock(self):
        """A person stages the conflict as it is; git runs no hook that could refuse. The push
        does, and one command mends heads and lock."""
        repo = self.unwatched()
        self.stopped_in_conflict(repo, "rebase", "theirs")
        repo.git("add", LOCK)
        repo.git("rebase", "--continue")
        self.assertIn("<<<<<<<", repo.git("show", f"HEAD:{LOCK}").out)
        repo.onehead("check", expect=1)
        self.assert_push_rejected(repo)
        repo.onehead("merge")
        self.assert_joined(repo)
        repo.git("push", "-q", "origin", "main")

    def test_rebase_without_a_lock_is_stopped_by_the_push(self):
        repo = self.unwatched(lock=False)
        repo.git("rebase", "theirs")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        self.assert_push_rejected(repo)
        repo.onehead("merge")
        self.assert_joined(repo)
        repo.git("push", "-q", "origin", "HEAD:refs/heads/main")

    def test_pull_with_rebase(self):
        repo = self.unwatched()
        repo.git("config", "pull.rebase", "true")
        self.stopped_in_conflict(repo, "pull", "-q", ".", "theirs")
        self.finish(repo)

    def test_rebase_of_merges(self):
        repo = self.forked()
        repo.git("merge", "--no-edit", "theirs")
        repo.branch("other", "main~2")
        repo.write("x", "1")
        repo.commit("x")
        repo.checkout("main")
        done = repo.git("rebase", "--rebase-merges", "other", expect=None)
        if done.code:
            self.finish(repo)
        else:
            self.assert_joined(repo)

    def test_cherry_pick_with_a_lock(self):
        repo = self.forked()
        (repo.path / ".git/hooks/post-commit").unlink()
        self.stopped_in_conflict(repo, "cherry-pick", "theirs")
        self.finish(repo)
        self.assertEqual(repo.out("log", "-1", "--format=%s %an"), "add b1 Bob")

    def test_cherry_pick_without_a_lock_is_stopped_by_the_push(self):
        repo = self.forked(lock=False)
        (repo.path / ".git/hooks/post-commit").unlink()
        repo.git("cherry-pick", "theirs")
        self.assert_push_rejected(repo)

    def test_cherry_pick_without_the_parent(self):
        """A backport whose parent this branch lacks: the next commit or the push says so."""
        repo = self.forked()
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        repo.checkout("main")
        done = repo.git("cherry-pick", "theirs", expect=None)
        if done.code == 0:
            self.bare(repo)
            done = repo.git("push", "origin", "HEAD:refs/heads/main", expect=None)
        self.assertIn("b1", done.err)
        self.assertIn("onehead", done.err)

    def test_revert_of_what_others_build_on(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        self.add(repo, "c1", "b1")
        done = repo.git("revert", "--no-edit", "HEAD~1", expect=None)
        told = done.err
        if done.code:  # the lock's conflict
            done = repo.onehead("resolve", expect=1)
            told += done.out + done.err
            repo.git("revert", "--abort")
            self.assert_one_head(repo, "c1")
        self.assertIn("b1", told)
        self.assertIn("onehead", told)

    def test_revert_of_the_newest(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.git("revert", "--no-edit", "HEAD")
        self.assert_one_head(repo, "a1")

    def test_am(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                repo = self.forked(lock, f"repo{lock}")
                patch = repo.git("format-patch", "-1", "--stdout", "theirs").out
                repo.write(".git/patch", patch)
                (repo.path / ".git/hooks/post-applypatch").unlink()
                if lock:
                    self.stopped_in_conflict(repo, "am", "-3", ".git/patch")
                    self.finish(repo)
                else:
                    repo.git("am", "-q", "-3", ".git/patch")
                    self.assert_push_rejected(repo)

    def test_stash_pop(self):
        """Runs no hook: the commit refuses."""
        repo = self.project()
        repo.migration("b1", "a1")
        repo.git("stash", "-q", "-u")
        self.add(repo, "c1", "a1")
        repo.git("stash", "pop", "-q")
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "b1", expect=1)
        self.assertIn("2 heads", done.err)
        repo.onehead("resolve")
        repo.git("commit", "-q", "-m", "b1")
        self.assert_joined(repo)

    def test_stash_pop_with_a_changed_lock(self):
        repo = self.project()
        repo.migration("b1", "a1")
        repo.git("add", "-A")
        repo.onehead("resolve")
        repo.git("stash", "-q")
        self.add(repo, "c1", "a1")
        done = repo.git("stash", "pop", expect=(0, 1))
        if done.code:
            self.assertIn("onehead resolve", done.err)
            repo.onehead("resolve")
            repo.git("commit", "-q", "-m", "b1")
            self.assert_joined(repo)

    def test_merge_tree_in_a_clone_says_conflict(self):
        """What a hosting site or a script computes without hooks is never called clean."""
        repo = self.forked()
        done = repo.git("merge-tree", "--write-tree", "main", "theirs", expect=1)
        self.assertIn(LOCK, done.out)

    def test_a_clone_without_onehead_sees_a_conflict(self):
        repo = self.forked()
        other = repo.clone("other")
        done = other.git("merge", "--no-edit", "origin/theirs", expect=1)
        self.assertIn(f"CONFLICT (content): Merge conflict in {LOCK}", done.out)
        self.assertIn("onehead resolve", other.read(LOCK))
        other.onehead("install")
        other.onehead("resolve")
        other.git("commit", "-q", "--no-edit")
        self.assert_joined(other)


if __name__ == "__main__":
    unittest.main()
