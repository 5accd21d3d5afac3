"""onehead undo, and a move of several refs, killed in the middle: all or nothing after the next
command, and nothing of the user's is lost.

Killed are the program, a git that it has started, or both, at each call of the system by which
something starts, ends or is written (strace does that); and everything at once, at any moment.
"""

import shutil
import signal
import time
import unittest

import env
import merging
import test_interrupted
from test_undo import state

STRACE = test_interrupted.STRACE
CALLS = ("clone3,clone,vfork", "wait4", "link,linkat", "unlink", "rename", "mkdir", "fsync", "write",
         "openat", "close", "flock", "rmdir")
GIT_CALLS = ("rename", "unlink", "write", "openat", "mkdir", "rmdir")
MOST = 10_000 if env.LONG else 3  # of one kind of call
MOMENTS = 60 if env.LONG else 8
PROGRAM = env.BUILD / "tests/test_operations"

SANITIZE = False  # a leak checker does not work under strace


class Case(merging.TestCase):
    run_group = test_interrupted.Interrupted.run_group
    again = False  # may the command be given once more instead?

    def prepare(self):
        """The repository before, what is done to it, how it looks before and after."""
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        self.original, self.command = self.prepare()
        self.number = 0
        self.before = state(self.original)
        repo = self.copy()
        repo.run(*self.command)
        self.after = state(repo)
        self.assertNotEqual(self.before, self.after)
        shutil.rmtree(repo.path)
        self.seen = set()
        self.kills = 0

    def copy(self):
        self.number += 1
        path = self.home.path / f"copy{self.number}"
        shutil.copytree(self.original.path, path, symlinks=True)
        repo = env.Repo(self.home, path)
        repo.git("update-index", "-q", "--refresh", expect=None)
        return repo

    def open_files(self, repo):
        """What the user has that no commit has."""
        repo.write("README", "staged\n")
        repo.write("staged", "staged\n")
        repo.git("add", "README", "staged")
        repo.write("README", "mine\n")
        repo.write("loose", "loose\n")
        repo.write("x.db", "ignored\n")

    def assert_open_files(self, repo):
        self.assertEqual([repo.read(p) for p in ("README", "staged", "loose", "x.db")],
                         ["mine\n", "staged\n", "loose\n", "ignored\n"])
        self.assertEqual([repo.out("show", f":{p}") for p in ("README", "staged")], ["staged"] * 2)

    def unlock(self, repo):
        """What git tells a person to do when a git was killed."""
        locks = [p for p in (repo.path / ".git").rglob("*.lock") if "objects" not in p.parts]
        for lock in locks:
            lock.unlink()

    def settled(self, repo):
        """After one command all or nothing is done; then it can be done."""
        self.unlock(repo)
        self.assert_open_files(repo)
        begun = (repo.path / ".git/onehead/journal").exists() or state(repo) != self.after
        if self.again and begun and self.number % 2:
            repo.run(*self.command)
            self.assertEqual(state(repo), self.after)
        repo.onehead("resolve", expect=(0, 1))
        self.assertFalse((repo.path / ".git/onehead/journal").exists())
        now = state(repo)
        if now != self.after:
            self.assertEqual(now, self.before)
            repo.run(*self.command)
        self.seen.add("all" if now == self.after else "nothing")
        self.assertEqual(state(repo), self.after)
        self.assert_open_files(repo)
        self.assert_reflogs(repo)
        # What was kept goes with its record, and no other ref of ours is left behind.
        kept = set(repo.out("for-each-ref", "--format=%(refname)", "refs/onehead/").splitlines())
        listed = set()
        for record in (repo.path / ".git/onehead/operations").iterdir():
            listed |= {x.split()[1] for x in record.read_text().splitlines() if x.startswith("kept ")}
        self.assertEqual(kept, listed)
        shutil.rmtree(repo.path)

    def assert_reflogs(self, repo):
        """Each ends where its ref is, and is a chain (a ref may be made twice: the reflog of one
        that is not there yet is nobody's to mend)."""
        logs = repo.path / ".git/logs"
        for path in (logs / "HEAD", *(logs / "refs/heads").iterdir()):
            entries = [line.split()[:2] for line in path.read_text().splitlines()]
            name = str(path.relative_to(logs))
            if entries:
                self.assertEqual(entries[-1][1], repo.head(name), name)
            for before, after in zip(entries, entries[1:]):
                self.assertIn(after[0], (before[1], "0" * 40), name)

    def strace(self, calls, number, *options):
        inject = f"inject={calls}:signal=KILL:when={number}"
        return (STRACE, "-o", "/dev/null", *options, "-e", f"trace={calls}", "-e", inject)

    def each(self, kinds, kill):
        for calls in kinds:
            for number in range(1, MOST + 1):
                repo = self.copy()
                with self.subTest(calls=calls, number=number):
                    if not kill(repo, calls, number):
                        shutil.rmtree(repo.path)
                        break
                    self.kills += 1
                    self.settled(repo)
        print(f"\n{type(self).__name__}: {self.kills} kills, seen {sorted(self.seen)}", end=" ")
        self.assertGreater(self.kills, 5)

    def kill_program(self, repo, calls, number):
        done = self.run_group(repo, (*self.strace(calls, number), *self.command))
        self.assertIn(done.code, (0, -signal.SIGKILL), done.err)
        return done.code != 0

    def test_the_program_is_killed_at_each_call(self):
        self.each(CALLS, self.kill_program)
        self.assertEqual(self.seen, {"all", "nothing"})

    def wrapped(self, repo, calls, number, end):
        """In front of git: one that is killed at such a call when it changes something."""
        path = repo.home.path / f"git{self.number}"
        repo.write(path / "git", "#!/bin/bash\nPATH=${PATH#*:}\n"
                   f'case "$*" in *update-ref*|*read-tree*|*update-index*--add*|*--index-info*)\n'
                   f"  {' '.join(self.strace(calls, number, '-f'))} git \"$@\"; s=$?\n"
                   f"  if [ $s -gt 128 ]; then touch .git/was-killed; {end}; fi; exit $s ;;\n"
                   'esac\nexec git "$@"\n', mode=0o755)
        repo.environ = {**repo.environ, "PATH": f"{path}:{repo.environ['PATH']}"}

    def unwrapped(self, repo):
        repo.environ = self.original.environ
        killed = repo.path / ".git/was-killed"
        was = killed.exists()
        killed.unlink(missing_ok=True)
        return was

    def kill_git(self, repo, calls, number):
        """The program lives on and takes back what it can, at once."""
        self.wrapped(repo, calls, number, "true")
        done = self.run_group(repo, self.command)
        if not self.unwrapped(repo):
            self.assertEqual(done.code, 0, done.err)
            return False
        self.assert_open_files(repo)
        if done.code and not (repo.path / ".git/onehead/journal").exists():
            self.unlock(repo)
            self.assertEqual(state(repo), self.before)
        elif done.code:
            self.assertIn("onehead resolve", done.err)
        return True

    def test_git_is_killed_at_each_call(self):
        self.each(GIT_CALLS, self.kill_git)

    def kill_both(self, repo, calls, number):
        self.wrapped(repo, calls, number, "kill -9 $PPID")
        self.run_group(repo, self.command)
        return self.unwrapped(repo)

    def test_both_are_killed_at_each_call(self):
        self.each(GIT_CALLS, self.kill_both)

    def test_everything_ends_at_any_moment(self):
        times = []
        for _ in range(2):
            began = time.monotonic()
            self.run_group(self.copy(), self.command)
            times.append(time.monotonic() - began)
        for how in (signal.SIGKILL, signal.SIGINT):
            for n in range(MOMENTS):
                repo = self.copy()
                with self.subTest(how=how, n=n):
                    self.run_group(repo, self.command, min(times) * 1.2 * n / MOMENTS, how)
                    self.settled(repo)


class Undo(Case):
    """Of a merge that brought, took away and changed files; the one before it stays."""

    again = True

    def prepare(self):
        repo = self.project(name="original")
        for name in ("gone", "old name", "changed", "deep/er/file"):
            repo.write(name, name * 50 + "\n")
        repo.commit("files")
        self.fork(repo)
        repo.checkout("theirs")
        repo.git("rm", "-q", "gone")
        repo.git("mv", "old name", "new name")
        repo.git("rm", "-rq", "deep")
        repo.write("deep", "a file now\n")
        repo.write("changed", "other\n" * 100)
        repo.commit("much")
        repo.branch("earlier", "main")
        self.add(repo, "d1", "c1")
        repo.checkout("main")
        self.add(repo, "e1", "c1")
        repo.git("merge", "-q", "--no-edit", "earlier")
        repo.git("merge", "-q", "--no-edit", "theirs")
        self.open_files(repo)
        return repo, (env.BIN / "onehead", "undo")


class Move(Case):
    """Of the branch that is checked out and of three others, one new and one that goes."""

    def prepare(self):
        repo = self.project(name="original")
        self.fork(repo)
        repo.branch("one", "theirs")
        repo.branch("gone", "theirs")
        repo.checkout("main")
        old, new = repo.head("main"), repo.head("theirs")
        self.open_files(repo)
        zero = "-"
        return repo, (PROGRAM, "move", "HEAD", old, new, "refs/heads/one", new, old,
                      "refs/heads/gone", new, zero, "refs/heads/made", zero, old)


class Stage(Case):
    """Of a new file and of one that was there: no ref moves."""

    def prepare(self):
        repo = self.project(name="original")
        repo.write("a", "as it was\n")
        repo.commit("a")
        repo.write("a", "and as the user has it\n")
        self.open_files(repo)
        return repo, (PROGRAM, "stage")


class UndoStage(Stage):
    again = True

    def prepare(self):
        repo, command = super().prepare()
        repo.run(*command)
        return repo, (env.BIN / "onehead", "undo")


class Renumber(Case):
    """Of a migration that is staged, and of one on top of it that git does not know."""

    again = True

    def prepare(self):
        repo = self.repo("original")
        repo.project()
        repo.write("README", "one\n")
        repo.migration("001_start", None)
        repo.migration("002_more", "001_start")
        repo.commit("base")
        self.install(repo)
        repo.branch("theirs")
        repo.migration("003_theirs", "002_more")
        repo.commit("theirs")
        repo.checkout("main")
        repo.git("config", "onehead.target", "theirs")
        repo.git("add", repo.migration("003_mine", "002_more"))
        repo.onehead("resolve")  # the lock is true: what is run after a kill has nothing to do
        repo.migration("004_more", "003_mine")
        self.open_files(repo)
        return repo, (env.BIN / "onehead", "renumber")

    test_git_is_killed_at_each_call = None  # as for Stage and UndoStage
    test_both_are_killed_at_each_call = None
    test_everything_ends_at_any_moment = None


class UndoRenumber(Renumber):
    def prepare(self):
        repo, command = super().prepare()
        repo.run(*command)
        return repo, (env.BIN / "onehead", "undo")


class UndoCommit(Renumber):
    """Of `git commit -a`, which has put other things into the index as well."""

    def prepare(self):
        repo, _ = super().prepare()
        (repo.path / "migrations/versions/004_more.py").unlink()
        repo.git("commit", "-q", "-a", "-m", "mine")
        return repo, (env.BIN / "onehead", "undo")

    def assert_open_files(self, repo):
        self.assertEqual([repo.read(p) for p in ("README", "staged", "loose", "x.db")],
                         ["mine\n", "staged\n", "loose\n", "ignored\n"])


class Number(Renumber):
    """Of a file that git does not know, alone. What is finished has no such file any more."""

    again = False

    def prepare(self):
        repo, _ = super().prepare()
        return repo, (env.BIN / "onehead", "number", repo.migration("abcdef012345", "004_more"))


del Case  # is none by itself

if __name__ == "__main__":
    unittest.main()
