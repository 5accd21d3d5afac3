"""The forms of a rebase, each with three numbered migrations: what is picked, dropped, put together,
edited or left out on the way. Every commit has one head and a true lock; branch, reflog, ORIG_HEAD
and a file that git does not know are as after any rebase.
"""

import unittest

import merging
import test_moving

SANITIZE = False  # the same hook runs under sanitizers in test_moving and test_same_name


class Case(test_moving.Shared):
    LINE = test_moving.Rebasing.LINE
    diverged = test_moving.Rebasing.diverged
    each_commit_is_whole = test_moving.Rebasing.each_commit_is_whole

    def start(self, name="repo"):
        repo = self.diverged(name)
        repo.write("x.db", "ignored\n")
        self.old = repo.head()
        return repo

    def interactive(self, repo, edit, *options):
        """git rebase -i, whose list sed changes."""
        editor = repo.write(self.home.path / "editor", f'#!/bin/sh\nsed -i {edit} "$1"\n', 0o755)
        return repo.git("-c", f"sequence.editor={editor}", "rebase", "-i", *options, "origin/main",
                        expect=None)  # fmt: skip

    def assert_done(self, repo, line, commits, orig_head=True):
        self.assertEqual(repo.out("branch", "--show-current"), "topic")
        self.assertEqual(self.chain(repo), line)
        self.assertEqual(len(repo.out("rev-list", "origin/main..HEAD").split()), commits)
        self.assertEqual(repo.head("topic@{1}"), self.old)
        if orig_head:  # --skip resets, and that sets it
            self.assertEqual(repo.head("ORIG_HEAD"), self.old)
        self.assertIn("rebase", repo.out("reflog", "-1", "--format=%gs"))
        self.assertEqual(repo.out("reflog", "-1", "--format=%H"), repo.head())
        self.assertEqual(repo.read("x.db"), "ignored\n")
        self.each_commit_is_whole(repo)


class Interactive(Case):
    def test_that_end_at_once(self):
        short = ["001_start", "002_more", "003_theirs", "004_mine", "005_mine_too"]
        for name, edit, line, commits in (
            ("drop other work", "/wor[k]/s/pick/drop/", self.LINE, 3),
            ("drop the last", "/005/s/pick/drop/", short, 3),
            ("other order", "-n '2p;1p;4p;3p'", self.LINE, 4),
            ("squash", "'2,$s/pick/squash/'", self.LINE, 1),
            ("fixup", "'2s/pick/fixup -C/'", self.LINE, 3),
            ("exec", "'2a exec git log -1'", self.LINE, 4),
        ):
            with self.subTest(name):
                repo = self.start("repo-" + name.replace(" ", "-"))
                done = self.interactive(repo, edit)
                self.assertEqual(done.code, 0, done.err)
                self.assert_done(repo, line, commits)

    def test_reword_and_edit(self):
        """Nobody is told to join what the end of the rebase settles."""
        repo = self.start()
        done = self.interactive(repo, "'1s/pick/reword/;2s/pick/edit/'")
        self.assertNotIn("onehead merge", done.err)
        path = "migrations/versions/004_mine_too.py"
        repo.write(path, repo.read(path).replace("004_mine_too\", sa", "004_edited\", sa"))
        repo.git("add", path)
        done = repo.git("commit", "-q", "--amend", "--no-edit")
        self.assertEqual(done.err, "")
        repo.write("README", "more\n")
        repo.git("add", "README")
        repo.git("commit", "-q", "-m", "a commit more")
        repo.git("rebase", "--continue")
        self.assert_done(repo, self.LINE, 5)
        self.assertIn("004_edited", repo.read("migrations/versions/005_mine_too.py"))

    def test_a_migration_that_forks_the_line(self):
        """Made beside one that is picked later: all are joined."""
        repo = self.start()
        self.interactive(repo, "'1s/pick/edit/'")
        self.add(repo, "004_between", "003_mine")
        repo.git("rebase", "--continue")
        self.assert_one_head(repo, merging.merge_id("003_theirs", "004_between", "005_last"))

    def test_what_is_said_in_the_middle(self):
        repo = self.start()
        self.interactive(repo, "'2a break'")
        head, status = repo.head(), repo.onehead("status", expect=1).out
        self.assertIn("next: git rebase --continue", status)
        for command in ("merge", "rebase", "renumber"):
            with self.subTest(command):
                done = repo.onehead(command, expect=2)
                self.assertEqual(len(done.err.splitlines()), 1, done.err)
                self.assertIn("rebase", done.err)
        self.assertEqual(repo.head(), head)
        repo.git("rebase", "--continue")
        self.assert_done(repo, self.LINE, 4)

    def test_hooks_that_are_elsewhere_since(self):
        """The driver asks where the hooks are once for each git: the next one is another."""
        repo = self.start()
        self.interactive(repo, "'1a break'")
        self.assertTrue((repo.path / ".git/onehead/row-of").exists())
        repo.git("rebase", "--abort")
        (self.home.path / "empty").mkdir()
        repo.git("config", "core.hooksPath", self.home.path / "empty")
        done = repo.git("rebase", "origin/main", expect=1)
        self.assertIn("no hook of onehead will join them here", done.err)
        repo.git("rebase", "--abort")
        repo.git("config", "--unset", "core.hooksPath")
        trace = self.home.path / "trace"
        repo.git("rebase", "-q", "origin/main", env={"GIT_TRACE": str(trace)})
        asked = [x for x in trace.read_text().splitlines() if "git config --null" in x]
        self.assertEqual(len(asked), 2, "the driver's first run and post-rewrite")
        self.assert_done(repo, self.LINE, 4)

    def test_given_up(self):
        for how in ("--abort", "--quit"):
            with self.subTest(how):
                repo = self.start("repo" + how)
                self.interactive(repo, "'2a break'")
                repo.git("rebase", how)
                self.assertEqual(repo.head("topic"), self.old)
                self.assertEqual(repo.status(), "")
                repo.git("checkout", "-q", "topic")
                self.assert_one_head(repo, "005_last")

    def test_a_parent_that_is_dropped(self):
        """What stands on it is not put anywhere else: git stops, and the commit can be left out."""
        repo = self.start()
        done = self.interactive(repo, "'2s/pick/drop/'")
        self.assertEqual(done.code, 1)
        self.assertIn("005_last (theirs) descends from 004_mine_too", done.err)
        told = repo.onehead("resolve", expect=1).out
        self.assertIn("git rebase --skip", told)
        repo.git("rebase", "--skip")
        self.assert_done(repo, self.LINE[:4], 2, orig_head=False)


class Others(Case):
    def test_root(self):
        repo = self.start()
        repo.git("rebase", "-q", "--root", "--onto", "origin/main")
        self.assert_done(repo, self.LINE, 4)

    def test_onto(self):
        """Another base, and from there onto main."""
        repo = self.start()
        repo.git("branch", "work", "origin/main")
        repo.git("rebase", "-q", "--onto", "work", "main", "topic")
        self.assert_done(repo, self.LINE, 4)

    def test_pull(self):
        for how in ("--rebase", "--rebase=merges"):
            with self.subTest(how):
                repo = self.start("repo" + how)
                repo.git("pull", "-q", how, "origin", "main")
                self.assert_done(repo, self.LINE, 4)

    def test_autostash_of_a_file_that_gets_another_name(self):
        for backend in ("--merge", "--apply"):
            with self.subTest(backend):
                repo = self.start("repo" + backend)
                path = "migrations/versions/004_mine_too.py"
                repo.write(path, repo.read(path) + "# not committed yet\n")
                repo.git("rebase", "-q", backend, "--autostash", "origin/main")
                path = "migrations/versions/005_mine_too.py"
                self.assertEqual(repo.status(), f" M {path}\n")
                self.assertTrue(repo.read(path).endswith("# not committed yet\n"))
                self.assertEqual(repo.out("stash", "list"), "")
                repo.git("checkout", "-q", "--", path)
                self.assert_done(repo, self.LINE, 4)

    def test_notes_go_along(self):
        """Where git is told to take notes along, in each of the ways that it can be told."""
        for how in ("config", "environment"):
            with self.subTest(how):
                repo = self.start("repo-" + how)
                repo.git("notes", "add", "-m", "seen by Bob", "HEAD~1")
                if how == "config":
                    repo.git("config", "notes.rewriteRef", "refs/notes/commits")
                    repo.git("rebase", "-q", "origin/main")
                else:
                    env = {"GIT_NOTES_REWRITE_REF": "refs/notes/commits"}
                    repo.git("rebase", "-q", "origin/main", env=env)
                self.assertEqual(repo.out("notes", "show", "HEAD~1"), "seen by Bob")
                self.assert_done(repo, self.LINE, 4)

    def test_nothing_to_move(self):
        for options in (["--keep-base", "--force-rebase", "origin/main"], ["--root", "--force-rebase"]):
            with self.subTest(options):
                repo = self.start("repo" + options[0])
                self.assertNotIn("onehead", repo.git("rebase", "-q", *options).err)
                self.assert_one_head(repo, "005_last")


del Case

if __name__ == "__main__":
    unittest.main()
