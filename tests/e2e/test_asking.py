"""onehead.fork = ask: a question on a real terminal, where two answers are sound, and only there."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unittest

import env
import merging
import test_moving

JOINED = merging.merge_id("003_mine", "003_theirs")
PROMPT = "merge or linear? ["
CTRL_C, CTRL_D = b"\x03", b"\x04"


class Terminal:
    """A program that has a terminal of its own, 80 columns wide."""

    def __init__(self, repo, argv, environ):
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(repo.path)
                signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where the tests run behind
                environ = {**repo.environ, "TERM": "dumb", "GIT_TERMINAL_PROMPT": "1", **environ}
                os.execvpe(argv[0], [os.fspath(a) for a in argv], environ)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))

    def read(self, until=None, times=1):
        """What is shown until that is there so often; to the end without it."""
        end = time.monotonic() + 60
        while time.monotonic() < end and not (until and self.shown.count(until) >= times):
            if not select.select([self.fd], [], [], 1)[0]:
                continue
            try:
                data = os.read(self.fd, 4096)
            except OSError:  # the other side has closed
                data = b""
            if not data:
                break
            self.shown += data.decode(errors="replace").replace("\r\n", "\n")

    def write(self, keys):
        os.write(self.fd, keys)

    def end(self):
        """The exit status, as a shell has it; what is left waiting is ended."""
        self.read()
        end = time.monotonic() + 30
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid or time.monotonic() > end:
                break
            time.sleep(0.005)
        if not pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise AssertionError("waits for ever; shown: " + self.shown)
        os.close(self.fd)
        code = os.waitstatus_to_exitcode(status)
        return 128 - code if code < 0 else code


class Case(test_moving.Shared):
    def diverged(self, policy="ask", name="repo"):
        """003_mine on topic, which nobody has seen; 003_theirs on origin/main. Both is sound."""
        repo = self.shared(name)
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        if policy:
            repo.git("config", "onehead.fork", policy)
        return repo

    def forked_by_hashes(self):
        """Ids that do not count: auto joins them, and a move is sound, too."""
        repo = self.forked()
        repo.git("config", "onehead.target", "theirs")
        repo.git("config", "onehead.fork", "ask")
        return repo

    def typed(self, repo, keys, *argv, env=None):
        """KEYS: what is typed at each question in turn. What was shown, and the exit status."""
        terminal = Terminal(repo, argv, env or {})
        for times, answer in enumerate(keys, 1):
            terminal.read(PROMPT, times)
            self.assertEqual(terminal.shown.count(PROMPT), times, terminal.shown)
            terminal.write(answer)
        code = terminal.end()
        self.assertEqual(terminal.shown.count(PROMPT), len(keys), terminal.shown)
        for line in terminal.shown.splitlines():
            if not re.match(r"\s+alembic |hint: |would ", line):
                self.assertLessEqual(len(line), 80, line)
        self.assertNotIn("\x1b", terminal.shown.replace("\x1b[32m", "").replace("\x1b[m", ""))
        return terminal.shown, code

    def stopped(self, repo, *argv):
        """A merge on a terminal: it stops where it can be aborted, and says the ways on."""
        before = repo.head()
        shown, code = self.typed(repo, [], *(argv or ("git", "merge", "--no-edit", "origin/main")))
        self.assertEqual(code, 1, shown)
        self.assertIn("onehead: STOPPED, nothing committed: two sound ways", shown)
        self.assertIn("linear: ours moves on top of theirs: 003_mine becomes 004_mine", shown)
        self.assertEqual(repo.head(), before)
        self.assertTrue((repo.path / ".git/MERGE_HEAD").exists())
        return before

    def assert_moved(self, repo):
        self.assert_one_head(repo, "004_mine")

    def assert_merged(self, repo):
        self.assert_one_head(repo, JOINED)

    def seen(self, repo):
        return repo.head(), repo.status(), repo.out("ls-files", "-s")


class Merging(Case):
    def test_a_merge_stops_and_can_be_aborted(self):
        repo = self.diverged()
        before = repo.head()
        self.stopped(repo)
        repo.git("merge", "--abort")
        self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "003_mine")
        self.stopped(repo, "git", "pull", "-q", "--no-rebase", "--no-edit", "origin", "main")

    def test_the_ways_on(self):
        for way, check in (("--merge", self.assert_merged), ("--linear", self.assert_moved)):
            with self.subTest(way):
                repo = self.diverged(name="repo" + way)
                before = self.stopped(repo)
                _, code = self.typed(repo, [], env.BIN / "onehead", "resolve", way)
                self.assertEqual(code, 0)
                _, code = self.typed(repo, [], "git", "commit", "-q", "--no-edit")
                self.assertEqual(code, 0)
                check(repo)
                self.assertEqual(repo.head("HEAD^1"), before)

    def test_git_commit_asks(self):
        """The commit of a stopped merge: there a question can wait, and be broken off."""
        repo = self.diverged()
        self.stopped(repo)
        before = self.seen(repo)
        commit = ("git", "commit", "-q", "--no-edit")
        shown, code = self.typed(repo, [CTRL_C], *commit)
        self.assertNotEqual(code, 0)
        self.assertEqual(self.seen(repo), before)
        shown, code = self.typed(repo, [CTRL_D], *commit)
        self.assertEqual(code, 1)
        self.assertIn("onehead: no answer, nothing done", shown)
        self.assertEqual(self.seen(repo), before)
        shown, code = self.typed(repo, [b"perhaps\n", b"merge\n"], *commit)
        self.assertEqual(code, 0, shown)
        self.assert_merged(repo)
        self.assertRegex(shown, r"theirs +003_theirs +\S.* Bob\n  ours +003_mine +\S.* you")

    def test_a_squash(self):
        repo = self.diverged()
        repo.git("merge", "-q", "--squash", "origin/main")
        shown, code = self.typed(repo, [b"\n"], "git", "commit", "-q", "-m", "squashed")
        self.assertEqual(code, 0, shown)
        self.assertIn("[linear]", shown)
        self.assert_moved(repo)

    def test_where_only_one_answer_is_sound(self):
        """A line that is published stays; what collides stops, as ever; what is said does not ask."""
        repo = self.diverged(name="published")
        repo.git("push", "-q", "origin", "topic:other")
        _, code = self.typed(repo, [], "git", "merge", "-q", "--no-edit", "origin/main")
        self.assertEqual(code, 0)
        self.assert_merged(repo)
        for policy, check in (("merge", self.assert_merged), ("linear", self.assert_moved),
                              ("auto", self.assert_moved)):
            with self.subTest(policy):
                repo = self.diverged(policy, policy)
                _, code = self.typed(repo, [], "git", "merge", "-q", "--no-edit", "origin/main")
                self.assertEqual(code, 0)
                check(repo)

    def test_nobody_to_ask(self):
        """As auto, and one line says so: no terminal, not in front, not heard, or forbidden."""
        merge = "git merge -q --no-edit origin/main"
        ways = {
            "no terminal": None,
            "background": ("bash", "-mc", f"{merge} & wait $!"),
            "not heard": ("sh", "-c", f"{merge} 2>said; cat said; rm said"),
            "forbidden": ("sh", "-c", f"GIT_TERMINAL_PROMPT=0 {merge}"),
        }
        for way, command in ways.items():
            with self.subTest(way):
                repo = self.diverged(name=way)
                if command:
                    shown, code = self.typed(repo, [], *command)
                    self.assertEqual(code, 0, shown)
                else:
                    shown = repo.git(*merge.split()[1:]).err
                self.assert_moved(repo)
                self.assertIn("  onehead.fork is ask, and nobody could be asked: decided as auto\n", shown)

    def test_without_the_hook_that_could_stop_it(self):
        repo = self.diverged()
        shown, code = self.typed(repo, [], "git", "merge", "--no-verify", "--no-edit", "origin/main")
        self.assertEqual(code, 0)
        self.assertIn("decided as auto", shown)
        self.assert_moved(repo)


class Commands(Case):
    def test_onehead_merge(self):
        answers = {"linear": ([b"linear\n"], self.assert_moved), "l": ([b"l\n"], self.assert_moved),
                   "enter": ([b"\n"], self.assert_moved), "merge": ([b"m\n"], self.assert_merged),
                   "blanks": ([b"x\n", b" merge \n"], self.assert_merged)}
        for name, (keys, check) in answers.items():
            with self.subTest(name):
                repo = self.diverged(name=name)
                shown, code = self.typed(repo, keys, env.BIN / "onehead", "merge", "origin/main")
                self.assertEqual(code, 0, shown)
                self.assertIn("merge   a merge revision joins them; both stay as they are", shown)
                self.assertIn("linear  ours moves on top of theirs: 003_mine becomes 004_mine", shown)
                self.assertNotIn("as auto", shown)
                check(repo)

    def test_enter_is_what_auto_does(self):
        """Of hashes, a merge revision; where they are moved, they keep their ids."""
        repo = self.forked_by_hashes()
        command = (env.BIN / "onehead", "merge", "theirs")
        shown, code = self.typed(repo, [b"\n"], *command)
        self.assertEqual(code, 0, shown)
        self.assertIn("[merge]", shown)
        self.assertIn("linear  ours moves on top of theirs: c1 now after b1", shown)
        self.assert_joined(repo)
        repo.onehead("undo")
        _, code = self.typed(repo, [b"linear\n"], *command)
        self.assertEqual(code, 0)
        self.assert_one_head(repo, "c1")

    def test_onehead_resolve(self):
        repo = self.diverged()
        repo.git("merge", "-q", "--no-commit", "origin/main")
        before = self.seen(repo)
        for keys in ([CTRL_C], [CTRL_D], [b"what?\n", CTRL_C]):
            _, code = self.typed(repo, keys, env.BIN / "onehead", "resolve")
            self.assertNotEqual(code, 0)
            self.assertEqual(self.seen(repo), before)
            self.assertTrue((repo.path / ".git/MERGE_HEAD").exists())
            self.assertFalse((repo.path / ".git/onehead/journal").exists())
        shown, _ = self.typed(repo, [], env.BIN / "onehead", "resolve", "--dry-run")
        self.assertIn("would ask first (onehead.fork is ask)", shown)
        self.assertEqual(self.seen(repo), before)
        _, code = self.typed(repo, [b"merge\n"], env.BIN / "onehead", "resolve")
        self.assertEqual(code, 0)
        self.typed(repo, [], "git", "commit", "-q", "--no-edit")
        self.assert_merged(repo)

    def test_what_was_typed_before_is_no_answer(self):
        repo = self.diverged()
        slow = (f"while [ ! -e go ]; do sleep 0.01; done; rm go; {env.BIN}/onehead merge origin/main")
        terminal = Terminal(repo, ("sh", "-c", slow), {})
        terminal.write(b"merge\n")
        repo.write("go", "")
        terminal.read(PROMPT)
        terminal.write(b"linear\n")
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assert_moved(repo)

    def test_a_rebase_has_no_choice(self):
        repo = self.diverged()
        shown, code = self.typed(repo, [], env.BIN / "onehead", "rebase")
        self.assertEqual(code, 0, shown)
        self.assertNotIn("as auto", shown)
        self.assert_moved(repo)

    def test_long_ids(self):
        """Both answers still fit a line."""
        repo = self.shared()
        self.topic(repo, "003_" + "m" * 60)
        self.published(repo, "003_" + "t" * 60, "002_more")
        repo.git("fetch", "-q")
        repo.git("config", "onehead.fork", "ask")
        shown, _ = self.typed(repo, [CTRL_C], env.BIN / "onehead", "merge", "origin/main")
        self.assertIn("003_mmmmmmmm...", shown)


if __name__ == "__main__":
    unittest.main()
