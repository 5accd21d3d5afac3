"""Three lines at once: one head, one line where all but one may move, nothing lost, nothing twice."""

import re
import unittest

import env
import merging
import test_moving


class Case(test_moving.Shared):
    def line(self, repo, name, count=2, start="main"):
        """A branch with numbered migrations of its own, a commit each."""
        repo.git("checkout", "-q", "-b", name, start)
        parent = self.heads(repo)[0]
        number = int(parent[:3]) if parent[:3].isdigit() else 2
        for i in range(count):
            id = f"{number + 1 + i:03}_{name}{i + 1}"
            self.add(repo, id, parent)
            parent = id

    def push_main(self, repo, branch):
        repo.git("push", "-q", "--no-verify", "origin", f"{branch}:main")

    def columns(self, repo, rev="HEAD"):
        text = repo.git("grep", "-h", "add_column", rev, "--", "migrations/versions").out
        return sorted(re.findall(r'Column\("(\w+)"', text))

    def assert_line(self, repo, *names):
        """One line of these, with rising numbers; Alembic applies it."""
        line = self.chain(repo)
        self.assertEqual([re.sub(r"^\d+_", "", id) for id in line], ["start", "more", *names])
        numbers = [int(id[:3]) for id in line]
        self.assertEqual(numbers, list(range(1, len(line) + 1)))
        self.assert_one_head(repo, line[-1])
        self.applied(repo)

    def applied(self, repo):
        url = f"sqlite:///{self.home.path}/{repo.head()}.db"
        env.alembic().upgrade(repo, url, "head")
        return url

    def assert_each_has_one_head(self, repo, range):
        here = repo.out("branch", "--show-current")
        for commit in repo.out("rev-list", range).split():
            repo.git("checkout", "-q", "--detach", commit)
            self.assert_one_head(repo, self.heads(repo)[0])
        repo.git("checkout", "-q", here)


class Octopus(Case):
    def three(self, published):
        repo = self.shared("repo-" + str(published))
        for name in ("a", "b", "c"):
            self.line(repo, name)
        if published:
            self.push_main(repo, published)
        self.before = {n: repo.head(n) for n in ("a", "b", "c")}
        return repo

    def test_all_that_may_move_stand_on_the_published_one(self):
        for published, line in (
            ("a", ["a1", "a2", "c1", "c2", "b1", "b2"]),
            ("b", ["b1", "b2", "c1", "c2", "a1", "a2"]),
            (None, ["a1", "a2", "c1", "c2", "b1", "b2"]),
        ):
            with self.subTest(published):
                repo = self.three(published)
                told = repo.onehead("merge", "--dry-run", "a", "b").out
                self.assertIn("would commit a merge of ", told)
                self.assertEqual(repo.head(), self.before["c"])
                told = repo.onehead("merge", "a", "b").out
                self.assert_line(repo, *line)
                self.assert_parents(repo, *(self.before[n] for n in ("c", "a", "b")))
                # What is named in a command is there.
                ids = set(self.chain(repo))
                for id in re.findall(r"alembic \S+(?: --purge)? (\S+)", told):
                    self.assertIn(id, ids)
                repo.onehead("undo")
                self.assertEqual(repo.head(), self.before["c"])

    def test_two_published_ones_are_joined(self):
        repo = self.three("a")
        repo.git("push", "-q", "origin", "b:other")
        repo.onehead("merge", "a", "b")
        self.assert_joined(repo, "004_a2", "004_b2", "004_c2")
        self.applied(repo)


class TwoOnMain(Case):
    """origin's main has itself two lines, joined by a merge revision."""

    def joined_main(self, name):
        repo = self.shared(name)
        self.line(repo, "topic")
        self.line(repo, "bob", 1)
        self.line(repo, "eva", 1)
        repo.git("-c", "onehead.fork=merge", "merge", "-q", "--no-edit", "bob")
        self.push_main(repo, "eva")
        self.main = self.heads(repo)[0]
        repo.checkout("topic")
        repo.git("fetch", "-q")
        return repo

    def test_a_topic_stands_on_the_merge_revision(self):
        for number, how in enumerate((["merge", "--no-edit"], ["rebase"])):
            with self.subTest(how):
                repo = self.joined_main(f"repo{number}")
                repo.git(*how, "origin/main")
                self.assert_one_head(repo, "005_topic2")
                rows = {r["id"]: r["parents"] for r in env.alembic().history(repo)}
                self.assertEqual(rows["004_topic1"], [self.main])
                self.assertEqual(rows["005_topic2"], ["004_topic1"])
                self.assertEqual(len(rows), 7)
                self.applied(repo)
                if how[0] == "rebase":
                    self.assert_each_has_one_head(repo, "origin/main..topic")


class Stacked(Case):
    """low, mid on it, top on that; low is renumbered and squash-merged on main, behind another."""

    def stack(self, name):
        repo = self.shared(name)
        for branch, start in (("low", "main"), ("mid", "low"), ("top", "mid")):
            self.line(repo, branch, 1, start)
        repo.git("checkout", "-q", "-b", "elsewhere", "main")
        self.add(repo, "003_bob1", "002_more")
        repo.migration("004_low1", "003_bob1", merging.add_column("003_low1"))
        repo.commit("low, squashed")
        self.push_main(repo, "elsewhere")
        self.line_is = ["bob1", "low1", "mid1", "top1"]
        return repo

    def goes_on(self, repo, done):
        while done.code:
            told = repo.onehead("resolve").out.splitlines()[-1]
            self.assertTrue(told.startswith("next: git "), told)
            done = repo.git(*told.removeprefix("next: git ").split(), expect=None)

    def test_rebased_one_after_the_other(self):
        repo = self.stack("repo")
        repo.checkout("mid")
        repo.git("rebase", "-q", "origin/main")
        self.assert_line(repo, *self.line_is[:3])
        repo.checkout("top")
        repo.git("rebase", "-q", "mid")
        self.assert_line(repo, *self.line_is)
        self.assert_each_has_one_head(repo, "origin/main..top")

    def test_rebased_without_what_is_on_main(self):
        """Git stops: the parent has another name there. Nothing else is to be said by hand."""
        repo = self.stack("repo")
        old = repo.head("mid")
        for options in (("origin/main", "low", "mid"), ("mid", old, "top")):
            done = repo.git("rebase", "-q", "--onto", *options, expect=1)
            self.assertIn("onehead resolve", done.err)
            self.goes_on(repo, done)
        self.assert_line(repo, *self.line_is)
        self.assert_each_has_one_head(repo, "origin/main..top")

    def test_all_at_once(self):
        repo = self.stack("repo")
        repo.checkout("top")
        repo.git("rebase", "-q", "--update-refs", "origin/main")
        self.assert_line(repo, *self.line_is)
        self.assertEqual(repo.head("mid"), repo.head("top~1"))
        self.assert_each_has_one_head(repo, "origin/main..top")

    def test_merged_one_after_the_other(self):
        repo = self.stack("repo")
        repo.checkout("mid")
        repo.git("merge", "-q", "--no-edit", "origin/main")
        repo.checkout("top")
        self.goes_on(repo, repo.git("merge", "-q", "--no-edit", "mid", expect=None))
        self.assert_line(repo, *self.line_is)


class Merges(Case):
    """Two topics merged into a third, which is rebased with its merges."""

    def third(self, policy):
        repo = self.shared("repo-" + policy)
        repo.git("config", "onehead.fork", policy)
        for name in ("one", "two", "third"):
            self.line(repo, name, 1)
        for name in ("one", "two"):
            repo.git("merge", "-q", "--no-edit", name)
        self.columns_before = self.columns(repo)
        self.line(repo, "bob", 1)
        self.push_main(repo, "bob")
        repo.checkout("third")
        return repo

    def test_each_commit_has_one_head(self):
        for policy in ("merge", "auto"):
            with self.subTest(policy):
                repo = self.third(policy)
                before = repo.head()
                repo.git("rebase", "-q", "--rebase-merges", "origin/main")
                self.assertEqual(self.columns(repo), sorted([*self.columns_before, "003_bob1"]))
                self.assert_one_head(repo, self.heads(repo)[0])
                self.applied(repo)
                self.assertEqual(len(repo.out("rev-list", "--merges", "origin/main..").split()), 2)
                self.assert_each_has_one_head(repo, "origin/main..third")
                repo.onehead("undo")
                self.assertEqual(repo.head(), before)


del Case

if __name__ == "__main__":
    unittest.main()
