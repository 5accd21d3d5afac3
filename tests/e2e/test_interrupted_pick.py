"""The hooks of a pick killed in the middle: git has made its commits by then, so they are as git made
them or as they are to be, whatever command comes next; nothing of the user's is lost."""

import shutil
import unittest

import env
import merging
import test_interrupted

MOST = 10_000 if env.LONG else 2  # of one kind of call

SANITIZE = False  # a leak checker does not work under strace


class Killed(merging.TestCase):
    run_group = test_interrupted.Interrupted.run_group
    with_strace = test_interrupted.Interrupted.with_strace
    with_kill = test_interrupted.Interrupted.with_kill
    was_killed = test_interrupted.Interrupted.was_killed
    unlock = test_interrupted.Interrupted.unlock

    def copy(self):
        path = self.home.path / "copy"
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.original.path, path, symlinks=True)
        repo = env.Repo(self.home, path)
        repo.environ["GIT_COMMITTER_DATE"] = "2026-01-02T03:04:05Z"  # the same commits each time
        repo.git("update-index", "-q", "--refresh", expect=None)
        repo.write("README", "mine\n")
        repo.write("loose", "loose\n")
        return repo

    def assert_users(self, repo):
        self.assertEqual((repo.read("README"), repo.read("loose")), ("mine\n", "loose\n"))

    def head_after(self, command, hook=None):
        """Where HEAD is then; without what HOOK does."""
        repo = self.copy()
        if hook:
            merging.wrap(repo, hook, "exit 0")
        repo.run(*command)
        return repo.head()

    def next_command(self, repo, number):
        """Any that may come next; what it is refused for, it says."""
        if number % 3 == 0:
            repo.onehead("resolve", expect=(0, 1))
        elif number % 3 == 1:
            done = repo.git("commit", "-q", "--allow-empty", "-m", "next", expect=(0, 1))
            if done.code:
                self.assertIn("onehead resolve", done.err)
                repo.onehead("resolve")
                repo.git("commit", "-q", "--allow-empty", "-m", "next")
            return repo.head("HEAD^")
        else:
            repo.git("reset", "-q", "--keep", "HEAD")
        return repo.head()

    def settled(self, repo, number):
        self.unlock(repo)
        self.assert_users(repo)
        self.assertIn(repo.head(), (self.as_git, self.as_ours))
        now = self.next_command(repo, number)
        self.assertIn(now, (self.as_git, self.as_ours))
        self.seen.add(now)
        if now == self.as_git:
            repo.git("init", "-q", "--bare", "../bare.git")
            done = repo.git("push", "-q", "../bare.git", "main", expect=(1,))
            self.assertIn("REJECTED", done.err)
        repo.onehead("merge")
        self.assertFalse((repo.path / ".git/onehead/journal").exists())
        self.assert_users(repo)
        repo.git("checkout", "-q", "README")
        (repo.path / "loose").unlink()
        self.assert_clean(repo)
        self.assertEqual(env.alembic().heads(repo), [self.joined])

    def each(self, hook, command, kinds=test_interrupted.CALLS):
        self.as_ours = self.head_after(command)
        self.as_git = self.head_after(command, hook)
        self.assertNotEqual(self.as_ours, self.as_git)
        self.seen = set()
        kills = 0
        for calls in kinds:
            for number in range(1, MOST + 1):
                repo = self.copy()
                self.with_kill(repo, hook, calls, number)
                self.run_group(repo, command)
                if not self.was_killed(repo):
                    break
                kills += 1
                with self.subTest(calls=calls, number=number):
                    self.settled(repo, kills)
        return kills

    def test_a_pick(self):
        self.original = self.forked(name="original")
        self.joined = merging.JOINED
        self.assertGreater(self.each("post-commit", ("git", "cherry-pick", "theirs")), 10)
        self.assertEqual(self.seen, {self.as_git, self.as_ours})

    def test_a_row_of_patches(self):
        self.original = self.forked(lock=False, name="original")
        self.joined = merging.merge_id("b2", "c1")
        self.original.checkout("theirs")
        self.add(self.original, "b2", "b1")
        self.original.checkout("main")
        patches = self.home.path / "patches"
        self.original.git("format-patch", "-q", "-o", patches, "main..theirs")
        command = ("git", "am", "-q", *sorted(patches.iterdir()))
        self.assertGreater(self.each("post-applypatch", command, ("rename", "write", "clone3,clone,vfork")), 3)


if __name__ == "__main__":
    unittest.main()
