"""Killed or interrupted in the middle: all or nothing, and the next command mends what is left.

A hook is killed at each call of the system by which it starts, ends or writes something (strace
does that); whole process groups are interrupted and killed at moments spread over a merge.
"""

import collections
import glob
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import env
import merging
from merging import JOINED

# Without strace nothing is killed at an exact place: then these cases fail.
STRACE = shutil.which("strace") or "strace-is-not-installed"
CALLS = ("clone3,clone,vfork", "wait4", "link", "unlink", "rename", "mkdir", "fsync", "write")
MOST = 10_000 if env.LONG else 4  # of one kind of call
MOMENTS = 60 if env.LONG else 8

SANITIZE = False  # a leak checker does not work under strace


def lives(group):
    """Does any process of the group run? Dead ones may wait for a parent that asks of them."""
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False


class Interrupted(merging.TestCase):
    def copies(self, lock=True):
        """Fresh copies of one forked repository: each case needs it many times."""
        original = self.forked(lock, "original")
        number = 0
        while True:
            number += 1
            path = self.home.path / f"copy{number}"
            shutil.copytree(original.path, path, symlinks=True)
            repo = env.Repo(self.home, path)
            repo.git("update-index", "-q", "--refresh")
            yield repo
            shutil.rmtree(path)

    def run_group(self, repo, argv, after=None, how=None):
        """ARGV with all that it starts; AFTER seconds all get the signal HOW. Waits for the last."""
        process = subprocess.Popen(
            [os.fspath(a) for a in argv], cwd=repo.path, env=repo.environ, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        if how:
            time.sleep(after)
            try:
                os.killpg(process.pid, how)
            except ProcessLookupError:
                pass
        out, err = process.communicate(timeout=60)
        end = time.monotonic() + 30
        while lives(process.pid) and time.monotonic() < end:
            time.sleep(0.005)
        return env.Result(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def with_strace(self, repo, hook, *options):
        """The hook under strace. The program's own exit is left in a file."""
        merging.wrap(
            repo, hook,
            f'"{STRACE}" {" ".join(options)} "$real" "$@"\n'
            f"s=$?; echo $s >.git/status-of-hook; exit $s",
        )

    def with_kill(self, repo, hook, calls, number, *options):
        """Has the hook killed at its NUMBERth call."""
        inject = f"inject={calls}:signal=KILL:when={number}"
        self.with_strace(
            repo, hook, "-o", "/dev/null", *options, "-e", f"trace={calls},renameat2", "-e", inject
        )

    def was_killed(self, repo):
        status = int((repo.path / ".git/status-of-hook").read_text())
        self.assertIn(status, (0, 1, 2, 128 + signal.SIGKILL), "strace failed")
        return status == 128 + signal.SIGKILL

    def unlock(self, repo):
        """What git tells a person to do when a git was killed."""
        for name in ("index.lock", "HEAD.lock", "ORIG_HEAD.lock", "refs/heads/main.lock"):
            (repo.path / ".git" / name).unlink(missing_ok=True)

    def all_or_nothing(self, repo, before):
        """HEAD is as it was, git's own merge, or the finished one."""
        head = repo.head()
        if head == before:
            return "nothing"
        self.assert_parents(repo, before, "theirs")
        files = repo.out("ls-tree", "--name-only", "HEAD", "migrations/versions/")
        return "all" if JOINED in files else "merged"

    def recovered(self, repo, before):
        """One command of ours, and all is well."""
        repo.onehead("merge")
        self.assert_joined(repo)
        parents = repo.out("log", "-1", "--format=%P").split()
        if len(parents) == 1:
            self.assert_parents(repo, before, "theirs", of="HEAD^")
        else:
            self.assert_parents(repo, before, "theirs")
        self.assertEqual(repo.out("reflog", "-1", "--format=%H"), repo.head())

    def test_post_merge_killed_at_each_call(self):
        copies = self.copies()
        kills = 0
        for calls in CALLS:
            for number in range(1, MOST + 1):
                repo = next(copies)
                before = repo.head()
                self.with_kill(repo, "post-merge", calls, number)
                self.run_group(repo, ("git", "merge", "--no-edit", "theirs"))
                if not self.was_killed(repo):
                    break
                kills += 1
                with self.subTest(calls=calls, number=number):
                    self.unlock(repo)
                    self.assertIn(self.all_or_nothing(repo, before), ("merged", "all"))
                    self.recovered(repo, before)
        self.assertGreater(kills, 10)

    def commit_killed(self, repo, calls, number, *options):
        """git takes a killed hook for a refusal; the next commit does all. Was it killed?"""
        before = repo.head()
        repo.git("merge", "-q", "--no-commit", "theirs")
        self.with_kill(repo, "pre-commit", calls, number, *options)
        self.run_group(repo, ("git", "commit", "-q", "--no-edit"))
        if not self.was_killed(repo):
            return False
        with self.subTest(calls=calls, number=number, options=options):
            self.unlock(repo)
            self.assertEqual(repo.head(), before)
            self.worktree_is_ahead(repo)
            repo.onehead("install")
            repo.git("commit", "-q", "--no-edit")
            self.assert_joined(repo)
            self.assert_parents(repo, before, "theirs")
        return True

    def worktree_is_ahead(self, repo):
        """It has all that is staged, and what else it has is whole: `git commit -a` is safe."""
        missing = repo.out("diff-files", "--name-only", "--diff-filter=D")
        self.assertEqual(missing, "")
        for path in repo.out("ls-files", "--others", "--exclude-standard").splitlines():
            self.assertRegex(path, f"^migrations/versions/{JOINED}_[a-z0-9_]*.py$")
            self.assertIn("def downgrade", repo.read(path))

    def test_pre_commit_killed_at_each_call(self):
        copies = self.copies()
        kills = 0
        for calls in CALLS:
            for number in range(1, min(MOST, 40) + 1):
                if not self.commit_killed(next(copies), calls, number):
                    break
                kills += 1
        self.assertGreater(kills, 5)

    def calls_of_pre_commit(self, repo, *options):
        """How often it makes each call of the system."""
        repo.git("merge", "-q", "--no-commit", "theirs")
        trace = repo.path / ".git/trace"
        self.with_strace(repo, "pre-commit", "-o", str(trace), *options)
        self.run_group(repo, ("git", "commit", "-q", "--no-edit"))
        self.assertFalse(self.was_killed(repo))
        return collections.Counter(re.findall(r"^(\w+)\(", trace.read_text(), re.M))

    def killed_wherever(self, *options):
        """At any call at all; else, as that takes long, at those that put a file in its place."""
        copies = self.copies()
        counts = self.calls_of_pre_commit(next(copies), *options)
        placing = ("mkdir", "renameat2", "linkat", "renameat", "unlinkat", "fchmod", "utimensat")
        kills = 0
        for call in counts if env.LONG else sorted(counts.keys() & {*placing}):
            for number in range(1, counts[call] + 1):
                kills += self.commit_killed(next(copies), call, number, *options)
        self.assertGreater(kills, 4)

    def test_pre_commit_killed_wherever(self):
        self.killed_wherever()

    def test_pre_commit_killed_where_files_can_t_change_places(self):
        self.killed_wherever("-e", "inject=renameat2:error=EINVAL")

    def test_onehead_merge_killed_at_each_call(self):
        copies = self.copies()
        kills = 0
        for calls in CALLS:
            for number in range(1, MOST + 1):
                repo = next(copies)
                before = repo.head()
                inject = f"inject={calls}:signal=KILL:when={number}"
                argv = (STRACE, "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject,
                        env.BIN / "onehead", "merge", "theirs")
                done = self.run_group(repo, argv)
                if done.code == 0:
                    break
                self.assertEqual(done.code, -signal.SIGKILL, done.err)
                kills += 1
                with self.subTest(calls=calls, number=number):
                    self.unlock(repo)
                    self.go_on(repo, before)
        self.assertGreater(kills, 5)

    def go_on(self, repo, before):
        """Whatever is there: a merge under way is aborted, then merged again."""
        state = self.all_or_nothing(repo, before)
        if state == "nothing":
            repo.git("reset", "-q", "--hard")  # of what git had begun, and was killed at
            repo.git("clean", "-fdq")
            self.assertEqual(repo.head(), before)
            repo.onehead("merge", "theirs")
            self.assert_joined(repo)
            self.assert_parents(repo, before, "theirs")
        else:
            self.recovered(repo, before)

    def moments(self, copies):
        """Seconds from the beginning of a merge to behind its end."""
        times = []
        for _ in range(2):
            began = time.monotonic()
            self.run_group(next(copies), ("git", "merge", "--no-edit", "theirs"))
            times.append(time.monotonic() - began)
        return [min(times) * 1.2 * n / MOMENTS for n in range(MOMENTS)]

    def everything_ends(self, how):
        copies = self.copies()
        states = set()
        for after in self.moments(copies):
            repo = next(copies)
            before = repo.head()
            self.run_group(repo, ("git", "merge", "--no-edit", "theirs"), after, how)
            with self.subTest(after=after):
                self.unlock(repo)
                states.add(self.all_or_nothing(repo, before))
                self.go_on(repo, before)
        self.assertIn("nothing", states)

    def test_ctrl_c(self):
        self.everything_ends(signal.SIGINT)

    def test_everything_killed(self):
        self.everything_ends(signal.SIGKILL)

    def test_hang_up(self):
        self.everything_ends(signal.SIGHUP)

    def killed_in_the_middle(self, lock=True):
        """A repository with a journal: the hook died between its beginning and its end."""
        copies = self.copies(lock)
        for number in range(1, 30):
            repo = next(copies)
            self.with_kill(repo, "post-merge", "clone3,clone,vfork", number)
            self.run_group(repo, ("git", "merge", "--no-edit", "theirs"))
            self.unlock(repo)
            if (repo.path / ".git/onehead/journal").exists():
                repo.onehead("install")
                return repo, repo.head("ORIG_HEAD")
        self.fail("no journal was ever left")

    def test_what_a_kill_left_and_the_next_commit(self):
        """It is refused until one command has been run; that command is named."""
        repo, before = self.killed_in_the_middle()
        repo.migration("d1", "b1")
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "d1", expect=1)
        self.assertIn("onehead resolve", done.err)
        repo.onehead("resolve")
        repo.git("commit", "-q", "-m", "d1")
        repo.onehead("merge")
        self.assert_one_head(repo, self.heads(repo)[0])

    def test_what_a_kill_left_and_the_next_git_merge(self):
        repo, before = self.killed_in_the_middle()
        repo.git("branch", "third", before)
        repo.git("worktree", "add", "-q", "../third", "third")
        third = env.Repo(self.home, repo.path.parent / "third")
        self.add(third, "d1", "c1")
        done = repo.git("merge", "--no-edit", "third", expect=(0, 1))
        if done.code or len(self.heads(repo)) > 1:
            self.assertIn("onehead", done.err)
            repo.git("merge", "--abort", expect=None)
            repo.onehead("merge", "third")
            repo.onehead("merge")
        self.assert_one_head(repo, self.heads(repo)[0])
        self.assertIn("d1", repo.read(merging.LOCK))

    def test_what_a_kill_left_is_mended_by_resolve(self):
        repo, before = self.killed_in_the_middle()
        repo.onehead("resolve", expect=(0, 1))
        self.assertFalse((repo.path / ".git/onehead/journal").exists())
        self.recovered(repo, before)

    def test_what_a_kill_left_does_not_stop_looking(self):
        repo, _ = self.killed_in_the_middle()
        for command in ("status", "doctor", "heads", "graph", "check"):
            repo.onehead(command, expect=(0, 1))

    def test_the_user_went_on_since(self):
        """A journal of long ago is no reason to touch anything."""
        repo, before = self.killed_in_the_middle()
        repo.git("reset", "-q", "--hard", before)
        repo.migration("d1", "c1")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "d1", "--no-verify")
        repo.onehead("resolve")
        repo.git("commit", "-q", "--amend", "--no-edit")
        head = repo.head()
        repo.onehead("merge")
        self.assertEqual(repo.head(), head)
        self.assert_one_head(repo, "d1")

    def test_a_journal_that_is_garbage(self):
        for text in ("", "garbage\n", "onehead journal 1\nref refs/heads/main\n", "\x00" * 100):
            with self.subTest(text):
                repo = self.forked(name="repo" + str(abs(hash(text))))
                repo.write(".git/onehead/journal", text)
                before = repo.head()
                done = repo.onehead("merge", "theirs", expect=2)
                self.assertIn("journal", done.err)
                self.assertEqual(repo.head(), before)
                (repo.path / ".git/onehead/journal").unlink()
                repo.onehead("merge", "theirs")
                self.assert_joined(repo)

    def test_a_journal_that_lies(self):
        """It is only a file: what it names is checked."""
        repo = self.forked()
        other = repo.head("theirs")
        for old, new in ((other, other), ("0" * 40, repo.head()), (repo.head(), "f" * 40),
                         (repo.head(), "--exec=x"), ("HEAD", "theirs")):
            text = f"onehead journal 1\nref refs/heads/main\nold {old}\nnew {new}\nmessage x\nend\n"
            repo.write(".git/onehead/journal", text)
            before = repo.head()
            repo.onehead("merge", expect=(0, 1, 2))
            self.assertEqual((repo.head(), repo.status()), (before, ""))
            (repo.path / ".git/onehead/journal").unlink(missing_ok=True)


if __name__ == "__main__":
    unittest.main()
