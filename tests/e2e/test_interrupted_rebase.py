"""The hook that rebuilds the commits of a rebase is killed, finds no room or no right to write, or
has company: all or nothing after the next command, and nothing of the user's is lost.
"""

import collections
import re
import shutil
import signal
import subprocess
import unittest

import env
import merging
import test_interrupted
import test_moving

STRACE = test_interrupted.STRACE
KINDS = (("clone3", "clone", "vfork"), ("rename", "renameat2"), ("unlink",), ("write",), ("fsync",),
         ("openat",))  # fmt: skip

SANITIZE = False  # a leak checker does not work under strace


class Case(test_moving.Shared):
    run_group = test_interrupted.Interrupted.run_group
    with_strace = test_interrupted.Interrupted.with_strace
    with_kill = test_interrupted.Interrupted.with_kill
    was_killed = test_interrupted.Interrupted.was_killed

    def setUp(self):
        super().setUp()
        repo = self.shared("original")
        self.topic(repo, "003_mine", "004_mine_too")
        repo.git("branch", "lower", "HEAD~1")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.write("loose", "loose\n")
        repo.write("x.db", "ignored\n")
        # git gives the same commits the same names each time.
        repo.environ["GIT_COMMITTER_DATE"] = "2026-01-02T03:04:05"
        self.original, self.number = repo, 0
        self.before = repo.head("topic"), repo.head("lower")

    def copy(self):
        self.number += 1
        path = self.home.path / f"copy{self.number}"
        shutil.copytree(self.original.path, path, symlinks=True)
        repo = env.Repo(self.home, path)
        repo.environ = self.original.environ
        repo.git("update-index", "-q", "--refresh")
        return repo

    def argv(self, backend):
        options = ["--update-refs"] if backend == "--merge" else []
        return ["git", "rebase", "-q", backend, *options, "origin/main"]

    def state(self, repo):
        """Both branches, and that all the rest is as after any rebase."""
        topic = repo.head("topic")
        self.assertEqual(repo.out("symbolic-ref", "HEAD"), "refs/heads/topic")
        self.assertEqual(repo.git("diff", "HEAD", "--name-only").out, "")
        self.assertEqual(repo.status(), "?? loose\n")
        self.assertEqual((repo.read("loose"), repo.read("x.db")), ("loose\n", "ignored\n"))
        self.assertEqual(repo.head("ORIG_HEAD"), self.before[0])
        self.assertEqual(repo.head("topic@{1}"), self.before[0])
        self.assertEqual(repo.out("reflog", "-1", "--format=%H"), topic)
        self.assertFalse((repo.path / ".git/onehead/journal").exists())
        return topic, repo.head("lower")

    def ends(self, backend):
        """What git alone makes of it, and what the hook does."""
        states = []
        for script in ("exit 0", 'exec "$real" "$@"'):
            repo = self.copy()
            merging.wrap(repo, "post-rewrite", script)
            repo.run(*self.argv(backend))
            states.append(self.state(repo))
            shutil.rmtree(repo.path)
        self.assertNotEqual(*states)
        return states

    def again(self, repo, backend, whole):
        """From where git has left it, it can be done."""
        repo.git("reset", "-q", "--keep", self.before[0])
        repo.git("branch", "-q", "-f", "lower", self.before[1])
        repo.run(*self.argv(backend))
        self.assertEqual((repo.head("topic"), repo.head("lower")), whole)


class Killed(Case):
    def calls(self, backend):
        """How often the hook makes each call of the system."""
        repo = self.copy()
        self.with_strace(repo, "post-rewrite", "-o", ".git/trace")
        self.run_group(repo, self.argv(backend))
        self.assertFalse(self.was_killed(repo))
        return collections.Counter(re.findall(r"^(\w+)\(", repo.read(".git/trace"), re.M))

    def places(self, backend):
        """Rather late ones: before, nothing is written."""
        counts = self.calls(backend)
        for kind in KINDS:
            last = sum(counts[name] for name in kind)
            some = {last, last - 1, last * 3 // 4} if not env.LONG else range(1, last + 1)
            for number in sorted(n for n in some if n > 0):
                yield ",".join(kind), number

    def killed(self, backend, whole, plain, calls, number):
        repo = self.copy()
        self.with_kill(repo, "post-rewrite", calls, number)
        self.run_group(repo, self.argv(backend))
        if not self.was_killed(repo):
            return None
        for lock in (repo.path / ".git").rglob("*.lock"):
            lock.unlink()
        repo.onehead("install")  # the hook as it was
        repo.onehead("resolve", expect=(0, 1))
        state = self.state(repo)
        self.assertIn(state, (whole, plain))
        if state == whole:
            repo.onehead("undo")
            self.assertEqual(repo.head("topic"), self.before[0])
            self.assertEqual(repo.head("lower"), self.before[1])
        else:
            self.again(repo, backend, whole)
        shutil.rmtree(repo.path)
        return "whole" if state == whole else "plain"

    def each(self, backend):
        plain, whole = self.ends(backend)
        seen = collections.Counter()
        for calls, number in self.places(backend):
            with self.subTest(calls=calls, number=number):
                seen[self.killed(backend, whole, plain, calls, number)] += 1
        self.assertGreater(seen["whole"], 1, seen)
        self.assertGreater(seen["plain"], 3, seen)

    def test_merge_backend(self):
        self.each("--merge")

    def test_apply_backend(self):
        self.each("--apply")


class NoRoom(Case):
    """What a mount does to the hook alone. It says one line, and git's own commits stay."""

    FULL = (
        "mount -t tmpfs -o size=4m tmpfs {1} && cp -a {0}/. {1}/ &&"
        " {{ dd if=/dev/zero of={1}/fill bs=512 2>&1 | grep -q No.space; }} &&"
        " mount --bind {1} {0}"
    )
    READ_ONLY = "mount --bind {0} {0} && mount -o remount,ro,bind {0}"

    def fails(self, backend, mount, place, words):
        plain, whole = self.ends(backend)
        repo = self.copy()
        room = self.home.path / "room"
        room.mkdir(exist_ok=True)
        place = repo.path / ".git" / place
        place.mkdir(exist_ok=True)
        script = mount.format(place, room) + ' && exec "$real" "$@"'
        merging.wrap(repo, "post-rewrite", f"export real; exec unshare -m sh -c '{script}' sh \"$@\"")
        done = repo.run(*self.argv(backend))
        ours = [line for line in done.err.splitlines() if line.startswith("onehead: ")]
        self.assertEqual(len(ours), 1, done.err)
        self.assertIn(words, ours[0])
        self.assertEqual(self.state(repo), plain)
        repo.onehead("install")
        self.again(repo, backend, whole)

    def test_full(self):
        self.fails("--merge", self.FULL, "objects", "No space left")

    def test_full_where_the_journal_is(self):
        self.fails("--apply", self.FULL, "onehead", "No space left")

    def test_read_only(self):
        self.fails("--apply", self.READ_ONLY, "objects", "ead-only")


class Company(Case):
    def test_another_command_at_the_same_time(self):
        plain, whole = self.ends("--merge")
        for _ in range(3):
            repo = self.copy()
            merging.wrap(repo, "post-rewrite",
                         'for i in 1 2 3 4 5 6; do onehead resolve; done >.git/others 2>&1 &\n'
                         '"$real" "$@"; s=$?; wait; exit $s')  # fmt: skip
            self.run_group(repo, self.argv("--merge"))
            repo.onehead("install")
            repo.onehead("resolve", expect=(0, 1))
            self.assertIn(self.state(repo), (plain, whole))

    def test_a_linked_worktree_at_the_same_time(self):
        plain, whole = self.ends("--merge")
        repo = self.copy()
        repo.git("branch", "-q", "-D", "lower")
        repo.git("worktree", "add", "-q", "-b", "second", "../second", "topic")
        second = env.Repo(self.home, self.home.path / "second")
        second.environ = repo.environ
        processes = [
            subprocess.Popen(self.argv("--merge"), cwd=r.path, env=r.environ,
                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            for r in (repo, second)
        ]  # fmt: skip
        for process in processes:
            self.assertEqual((process.communicate()[0], process.returncode), (None, 0))
        self.assertEqual((repo.head("topic"), repo.head("second")), (whole[0], whole[0]))
        for r in (repo, second):
            r.onehead("undo")
            self.assertEqual(r.head(), self.before[0])


del Case

if __name__ == "__main__":
    unittest.main()
