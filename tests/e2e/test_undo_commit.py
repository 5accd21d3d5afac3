"""onehead undo of a commit in which pre-commit has changed something: back to before `git commit`."""

import os
import unittest

import merging
import test_numbers
from test_numbers import VERSIONS
from test_undo import operations, state


class Case(test_numbers.Shared):
    def prepared(self, name="repo", marked=False):
        """003_mine is staged, and taken upstream; other things are staged and open."""
        repo = self.taken(name=name)
        self.stage(repo, "003_mine", "002_more")
        repo.write("other", "staged\n")
        repo.git("add", "other")
        repo.write("other", "dirty\n")
        if marked:
            repo.write("README", "more\n")
            repo.git("add", "-N", "README")
        return repo

    def seen(self, repo):
        return state(repo), repo.status()

    def assert_undone(self, repo, before, *words):
        """First in a dry run; what else there is, loose objects too, is not needed."""
        after = self.seen(repo)
        self.assertIn("would take back", repo.onehead("undo", "--dry-run").out)
        self.assertEqual(self.seen(repo), after)
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("prune", "--expire=now")
        out = repo.onehead("undo").out
        for word in words:
            self.assertIn(word, out)
        self.assertEqual(self.seen(repo), before)
        self.assertFalse((repo.path / ".git/onehead/pending-commit").exists())
        self.assertFalse((repo.path / ".git/onehead/journal").exists())

    def assert_refused(self, repo, *words):
        before = self.seen(repo)
        err = repo.onehead("undo", expect=2).err
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertEqual(self.seen(repo), before)


class Made(Case):
    def test_every_form(self):
        """And the same commit again: nothing is missing for it."""
        for form, arguments in test_numbers.Commit.FORMS.items():
            with self.subTest(form):
                repo = self.prepared(form, marked=form in ("all", "include"))
                before, head = self.seen(repo), repo.head()
                repo.git("commit", "-q", "-m", "mine", *arguments)
                made = repo.head()
                self.assert_undone(repo, before, f"took back the commit {made[:7]}: topic is at {head[:7]}",
                                   "what is staged, and 3 files, are as before git commit")
                repo.git("commit", "-q", "-m", "mine", *arguments)
                self.assertEqual(repo.out("rev-parse", "HEAD^{tree}"), repo.out("rev-parse", made + "^{tree}"))

    def test_amend(self):
        for form, arguments in {"plain": [], "all": ["-a"], "only": ["-o", "README"]}.items():
            with self.subTest(form):
                repo = self.shared(form)
                self.topic(repo, "003_mine")
                self.published(repo, "003_theirs", "002_more")
                repo.git("fetch", "-q")
                repo.write("README", "staged\n")
                repo.git("add", "README")
                repo.write("README", "dirty\n")
                before = self.seen(repo)
                repo.git("commit", "-q", "--amend", "-m", "again", *arguments)
                self.assertIn("004_mine", repo.out("ls-tree", "-r", "--name-only", "HEAD"))
                self.assert_undone(repo, before)

    def test_a_lock_alone(self):
        """The lock that follows an ordinary commit is no act: what came before it is the last one."""
        repo = self.forked()
        self.assertEqual(operations(repo), [])
        repo.git("merge", "-q", "--no-edit", "theirs")
        merged = repo.head()
        self.home.person("Ana")
        self.add(repo, "d1", merging.JOINED)
        self.assert_one_head(repo, "d1")
        self.assert_refused(repo, "main has moved on since the merge of theirs")
        repo.git("reset", "-q", "--keep", "HEAD^")
        self.assertIn("took back the merge of theirs", repo.onehead("undo").out)
        self.assertEqual(repo.head(), repo.head(merged + "^1"))

    def test_the_end_of_a_merge(self):
        """As of every merge: the whole of it."""
        for name, command in {"merge": ("merge", "-q", "--no-commit", "theirs"),
                              "squash": ("merge", "-q", "--squash", "theirs")}.items():
            with self.subTest(name):
                repo = self.forked(name=name)
                before = self.seen(repo)
                repo.git(*command)
                repo.git("commit", "-q", "-m", "joined")
                self.assert_joined(repo)
                self.assert_undone(repo, before)
                self.assert_clean(repo)

    def test_what_goes_on_as_if_nothing_had_been(self):
        """A commit that onehead changes nothing in is no operation of its."""
        repo = self.project()
        repo.write("README", "x\n")
        repo.commit("x")
        self.assert_refused(repo, "no operation of onehead is left")
        self.assertEqual(operations(repo), [])


class GivenUp(Case):
    def give_up(self, repo, *arguments):
        repo.git("commit", *arguments, env={"GIT_EDITOR": "false"}, expect=1)
        self.assertTrue((repo.path / f"{VERSIONS}/004_mine.py").exists())

    def test_every_form(self):
        for form, arguments in test_numbers.Commit.FORMS.items():
            with self.subTest(form):
                repo = self.prepared(form, marked=form in ("all", "include"))
                before = self.seen(repo)
                self.give_up(repo, *arguments)
                self.assert_undone(repo, before, "what was staged for a commit that was given up: 3 files")
                repo.git("commit", "-q", "-m", "mine", *arguments)
                self.assertIn("004_mine", repo.out("ls-tree", "-r", "--name-only", "HEAD"))

    def test_and_made_after_all(self):
        """The commit that comes of it goes, with all that was done for it."""
        repo = self.prepared()
        before = self.seen(repo)
        self.give_up(repo)
        repo.git("commit", "-q", "-m", "mine")
        self.assert_undone(repo, before, "took back the commit")

    def test_and_something_more(self):
        """What the second has changed and what the first has changed, in one."""
        repo = self.prepared()
        before = self.seen(repo)
        self.give_up(repo)
        path = self.stage(repo, "005_more", "004_mine")
        repo.git("commit", "-q", "-m", "mine")
        self.assertEqual(self.heads(repo), ["005_more"])
        repo.onehead("undo")
        repo.git("rm", "-q", "--cached", path)
        (repo.path / path).unlink()
        self.assertEqual(self.seen(repo), before)

    def test_a_merge(self):
        repo = self.forked()
        repo.git("merge", "-q", "--no-commit", "theirs")
        before = self.seen(repo)
        repo.git("commit", env={"GIT_EDITOR": "false"}, expect=1)
        self.assertNotEqual(self.seen(repo), before)
        self.assert_undone(repo, before)
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)


class GoneOn(Case):
    def made(self, name="repo"):
        repo = self.taken(name=name)
        self.stage(repo, "003_mine", "002_more")
        repo.git("commit", "-q", "-m", "mine")
        return repo

    def test_a_commit_since(self):
        repo = self.made()
        made = repo.head()
        repo.write("README", "x\n")
        repo.commit("x")
        self.assert_refused(repo, f"topic has moved on since the commit {made[:7]}", "git reset --keep")
        repo.git("reset", "-q", "--keep", made)
        repo.onehead("undo")
        self.assertEqual(repo.status(), f"A  {VERSIONS}/003_mine.py\n")

    def test_its_files(self):
        for name, change in {
            "edited": lambda r: r.write(f"{VERSIONS}/004_mine.py", "mine\n"),
            "staged": lambda r: (r.write(f"{VERSIONS}/004_mine.py", "x\n"), r.git("add", "-A")),
            "back": lambda r: r.write(f"{VERSIONS}/003_mine.py", "mine\n"),
            "lock": lambda r: (r.path / merging.LOCK).unlink(),
        }.items():
            with self.subTest(name):
                repo = self.made(name)
                change(repo)
                self.assert_refused(repo, "has changed since the commit")

    def test_in_the_middle_of_a_merge(self):
        repo = self.made()
        repo.git("merge", "-q", "--no-commit", "--no-ff", "origin/main", expect=None)
        self.assert_refused(repo, "a git merge is going on", "git merge --abort")

    def test_taken_back_by_hand(self):
        """Softly: then what onehead has staged is what is left. Wholly: then nothing is."""
        repo = self.made()
        repo.git("reset", "-q", "--soft", "HEAD^")
        repo.onehead("undo")
        self.assertEqual(repo.status(), f"A  {VERSIONS}/003_mine.py\n")
        repo = self.forked(name="other")
        repo.git("merge", "-q", "--no-edit", "theirs")
        self.add(repo, "d1", merging.JOINED)
        repo.git("reset", "-q", "--keep", "HEAD^")
        self.assertIn("took back the merge of theirs", repo.onehead("undo").out)

    def test_another_branch(self):
        """A commit there is no reason to leave a merge here."""
        repo = self.forked()
        repo.git("merge", "-q", "--no-edit", "theirs")
        repo.branch("third")
        self.add(repo, "d1", merging.JOINED)
        repo.checkout("main")
        self.assertIn("took back the merge of theirs: main", repo.onehead("undo").out)

    def test_other_things_stay(self):
        repo = self.made()
        repo.write("README", "staged\n")
        repo.git("add", "README")
        repo.write("README", "dirty\n")
        repo.onehead("undo")
        self.assertEqual(repo.status(), f"AM README\nA  {VERSIONS}/003_mine.py\n")

    def test_what_was_pushed_is_said(self):
        repo = self.made()
        repo.git("push", "-q", "origin", "topic")
        self.assertIn("it has been pushed: origin/topic has it still", repo.onehead("undo").out)


class NotExactly(Case):
    """Where it could not be put back exactly it is not put back, and said why."""

    def test_an_index_of_the_users(self):
        repo = self.prepared()
        index = repo.path / ".git/own-index"
        index.write_bytes((repo.path / ".git/index").read_bytes())
        repo.git("commit", "-q", "-m", "mine", env={"GIT_INDEX_FILE": os.fspath(index)})
        self.assert_refused(repo, "GIT_INDEX_FILE")

    def test_the_first_commit(self):
        repo = self.prepared()
        repo.git("checkout", "-q", "--orphan", "fresh")
        repo.git("commit", "-q", "-m", "first")
        self.assertIn("004_mine", repo.out("ls-tree", "-r", "--name-only", "HEAD"))
        self.assert_refused(repo, "first commit")


if __name__ == "__main__":
    unittest.main()
