"""git revert: what it brings back forks like any other line, what it takes away may be stood on; and
git tells no hook that it is one."""

import unittest

import merging
from merging import LOCK


class Reverting(merging.TestCase):
    def each(self):
        """With a lock, and without."""
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                yield self.project(lock)

    def taken_back(self, repo):
        """b1 was added and reverted, then c1 was added."""
        self.add(repo, "b1", "a1")
        repo.git("revert", "--no-edit", "HEAD")
        reverted = repo.head()
        self.add(repo, "c1", "a1")
        return reverted

    def assert_undone(self, repo, before):
        repo.onehead("undo")
        self.assertEqual(repo.head(), before)
        self.assert_clean(repo)

    def test_a_revert_of_a_revert(self):
        for repo in self.each():
            reverted = self.taken_back(repo)
            before = repo.head()
            for how in "--no-edit", "-e":
                done = repo.git("revert", how, reverted)
                self.assertIn("2 heads joined", done.err)
                self.assert_joined(repo)
                self.assert_parents(repo, before)
                self.assert_undone(repo, before)

    def test_in_a_row(self):
        for repo in self.each():
            reverted = self.taken_back(repo)
            repo.write("README", "x\n")
            readme = repo.commit("README")
            before = repo.head()
            done = repo.git("revert", "--no-edit", reverted, readme)
            self.assertEqual(done.err.count("heads joined"), 1)
            self.assert_joined(repo)
            self.assertEqual(repo.out("rev-list", "--count", f"{before}..HEAD"), "2")
            self.assert_undone(repo, before)

    def test_without_a_commit_of_its_own(self):
        """Then the commit is an ordinary one, and joins."""
        for repo in self.each():
            reverted = self.taken_back(repo)
            code = repo.git("revert", "-n", reverted, expect=None).code
            self.assertEqual(code, "<<<<" in repo.read(LOCK) if (repo.path / LOCK).exists() else 0)
            if code:
                repo.onehead("resolve")
            done = repo.git("commit", "-q", "-m", "back")
            self.assertEqual("2 heads joined" in done.err, not code)
            self.assert_joined(repo)

    def test_one_that_stops_elsewhere(self):
        for repo in self.each():
            repo.migration("b1", "a1")
            repo.write("README", "b1\n")
            repo.commit("b1")
            repo.git("revert", "--no-edit", "HEAD")
            repo.migration("c1", "a1")
            repo.write("README", "c1\n")
            repo.commit("c1")
            repo.git("revert", "--no-edit", "HEAD~", expect=1)
            repo.write("README", "both\n")
            repo.git("add", "README")
            done = repo.git("revert", "--continue")
            self.assertIn("2 heads joined", done.err)
            self.assert_joined(repo)

    def stopped(self, repo, *args):
        """What is said of a revert that leaves a migration without its parent; then back."""
        before = repo.head()
        done = repo.git("revert", "--no-edit", *args, expect=None)
        told = done.err
        if done.code:
            told += repo.onehead("resolve", expect=1).out
        self.assertIn("STOPPED", told)
        (back,) = [x.split("go back: git ")[1] for x in told.splitlines() if "go back: git" in x]
        repo.git(*back.split())
        self.assertEqual(repo.head(), before)
        self.assert_clean(repo)
        return told

    def test_something_stands_on_it(self):
        for repo in self.each():
            self.add(repo, "b1", "a1")
            above = self.add(repo, "b2", "b1")
            told = self.stopped(repo, "HEAD~")
            self.assertIn("this takes b1 away (migrations/versions/b1.py), and b2 stands on it", told)
            self.assertIn(f"git revert {above[:7]}", told)
            repo.git("revert", "--no-edit", above)
            repo.git("revert", "--no-edit", "HEAD~2")
            self.assert_one_head(repo, "a1")

    def test_a_merge(self):
        for repo in self.each():
            self.fork(repo)
            repo.git("merge", "-q", "--no-edit", "theirs")
            merge = repo.head()
            self.add(repo, "d1", merging.JOINED)
            told = self.stopped(repo, "-m", "1", merge)
            self.assertIn(f"this takes {merging.JOINED} away", told)
            repo.git("reset", "-q", "--hard", merge)
            done = repo.git("revert", "--no-edit", "-m", "1", merge)
            self.assertNotIn("onehead", done.err)
            self.assert_one_head(repo, "c1")
            repo.git("revert", "--no-edit", "HEAD")
            self.assert_joined(repo)

    def test_back_without_what_it_stands_on(self):
        for repo in self.each():
            self.add(repo, "b1", "a1")
            self.add(repo, "b2", "b1")
            repo.git("revert", "--no-edit", "HEAD", "HEAD~")
            first, second = repo.head(), repo.head("HEAD~")
            told = self.stopped(repo, second)
            self.assertIn(f"b1 was taken away in {first[:7]}", told)
            self.assertIn(f"git revert {first[:7]} before this one", told)
            repo.git("revert", "--no-edit", first, second)
            self.assert_one_head(repo, "b2")

    def test_nothing_is_said_of_others(self):
        repo = self.project(lock=False)
        repo.write("README", "x\n")
        repo.commit("README")
        self.assertEqual(repo.git("revert", "--no-edit", "HEAD").err, "")
        repo.git("commit", "-q", "--allow-empty", "-m", "revert to cherry-pick", "-n")
        self.assert_one_head(repo, "a1")


class Stashes(merging.TestCase):
    """stash pop runs no hook: the next one that runs catches it."""

    def popped(self, lock):
        repo = self.project(lock)
        repo.migration("b1", "a1")
        repo.git("add", "-A")
        if lock:
            repo.onehead("check", "--fix", expect=None)
            self.assertIn("head b1", repo.read(LOCK))
        repo.git("stash", "-q")
        self.add(repo, "c1", "a1")
        done = repo.git("stash", "pop", expect=None)
        self.assertEqual(done.code, lock)
        return repo

    def test_the_next_commit(self):
        """With a lock: test_rewriting."""
        repo = self.popped(lock=False)
        done = repo.git("commit", "-q", "-m", "b1", expect=1)
        self.assertIn("REFUSED", done.err)
        repo.onehead("resolve")
        repo.git("commit", "-q", "-m", "b1")
        self.assert_joined(repo)

    def test_a_commit_without_hooks_is_not_pushed(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                repo = self.popped(lock)
                repo.git("add", "-A")
                repo.git("commit", "-q", "--no-verify", "-m", "b1")
                repo.git("init", "-q", "--bare", "../bare.git")
                done = repo.git("push", "-q", "../bare.git", "main", expect=1)
                self.assertIn("REJECTED", done.err)
                self.assertIn("onehead merge && git push", done.err)
                repo.onehead("merge")
                repo.git("push", "-q", "../bare.git", "main")
                self.assert_joined(repo)


if __name__ == "__main__":
    unittest.main()
