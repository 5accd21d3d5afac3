"""pre-push: what has two heads by itself does not leave the clone."""

import unittest

import merging


class Push(merging.TestCase):
    def setUp(self):
        super().setUp()
        self.work = self.project()
        self.remote = self.repo("remote.git", "--bare")
        self.work.git("remote", "add", "origin", str(self.remote.path))

    def refs(self):
        listed = self.remote.out("for-each-ref", "--format=%(refname) %(objectname)")
        return dict(line.split() for line in listed.splitlines())

    def fork_by_force(self, branch="main"):
        """Two heads, committed past the hooks."""
        repo = self.work
        repo.git("checkout", "-q", "-B", branch)
        for id, who in (("b1", "Bob"), ("c1", "Ana")):
            self.home.person(who)
            repo.migration(id, "a1")
            repo.git("add", "-A")
            repo.git("commit", "-q", "--no-verify", "-m", id)

    def rejected(self, *argv):
        before = self.refs()
        done = self.work.git("push", *argv, expect=1)
        self.assertEqual(self.refs(), before)
        self.assertIn("REJECTED", done.err.splitlines()[0])
        return done.err

    def test_one_head_says_nothing(self):
        done = self.work.git("push", "-q", "origin", "main")
        self.assertEqual(done.err, "")
        self.assertEqual(self.refs(), {"refs/heads/main": self.work.head()})

    def test_two_heads(self):
        self.fork_by_force()
        told = self.rejected("origin", "main")
        first = told.splitlines()[0]
        self.assertIn("main would get 2 heads", first)
        self.assertIn("b1 (Bob)", first)
        self.assertIn("c1 (you)", first)
        self.assertIn("onehead merge", told)

    def test_the_way_on(self):
        self.fork_by_force()
        self.rejected("origin", "main")
        self.work.onehead("merge")
        self.work.git("push", "-q", "origin", "main")
        self.assert_joined(self.work)
        self.assertEqual(self.refs(), {"refs/heads/main": self.work.head()})

    def test_by_every_name(self):
        self.fork_by_force("topic")
        for refs in (["topic"], ["topic:main"], ["HEAD:refs/heads/x"], ["+topic:main"],
                     [f"{self.work.head()}:refs/heads/y"], ["--all"], ["--mirror"],
                     ["--force", "topic"], ["-u", "topic"], ["--dry-run", "topic"]):
            with self.subTest(refs):
                options = [r for r in refs if r.startswith("-")]
                names = [r for r in refs if not r.startswith("-")]
                self.rejected(*options, "origin", *names)

    def test_one_bad_branch_among_good_ones(self):
        self.work.git("branch", "good")
        self.fork_by_force("bad")
        told = self.rejected("origin", "good", "bad")
        self.assertIn("bad would get", told)

    def test_what_is_not_looked_at(self):
        """A deletion, a tag, notes, and a push past the hook."""
        self.fork_by_force("topic")
        self.work.git("tag", "v1", "topic")
        self.work.git("tag", "-a", "-m", "x", "v2", "topic")
        self.work.git("push", "-q", "origin", "v1", "v2")
        self.work.git("push", "-q", "--no-verify", "origin", "topic")
        self.work.git("push", "-q", "origin", "--delete", "topic")
        self.work.git("push", "-q", "origin", "topic", env={"ONEHEAD": "0"})
        self.work.git("push", "-q", "origin", "+topic~2:topic")
        self.assertEqual(set(self.refs()), {"refs/tags/v1", "refs/tags/v2", "refs/heads/topic"})

    def test_a_branch_that_is_no_commit_of_migrations(self):
        self.work.git("checkout", "-q", "--orphan", "pages")
        self.work.git("rm", "-rqf", ".")
        self.work.write("index.html", "hi")
        self.work.commit("pages")
        self.assertEqual(self.work.git("push", "-q", "origin", "pages").err, "")

    def test_heads_kept_apart_by_labels(self):
        self.work.migration("z1", None, labels=("billing",))
        self.work.git("add", "-A")
        self.work.git("commit", "-q", "-m", "billing", expect=(0, 1))
        if self.work.status():
            self.work.git("commit", "-q", "--no-verify", "-m", "billing")
        self.work.git("push", "-q", "origin", "main")

    def test_to_a_remote_that_has_what_we_do_not(self):
        other = self.work.clone("other")
        other.git("push", "-q", str(self.remote.path), "main")
        other.write("x", "1")
        other.commit("x")
        other.git("push", "-q", str(self.remote.path), "main")
        self.add(self.work, "b1", "a1")
        done = self.work.git("push", "origin", "main", expect=1)
        self.assertIn("fetch first", done.err)
        self.assertNotIn("onehead:", done.err)
        self.work.git("push", "-q", "--force", "origin", "main")

    def test_by_url(self):
        self.fork_by_force()
        self.rejected(str(self.remote.path), "main")

    def test_from_a_subdirectory_and_a_linked_worktree(self):
        self.fork_by_force()
        done = self.work.git("push", "origin", "main", cwd="migrations", expect=1)
        self.assertIn("REJECTED", done.err)
        self.work.git("worktree", "add", "-q", "--detach", "../linked")
        done = self.work.git("push", "origin", "HEAD:refs/heads/main", cwd="../linked", expect=1)
        self.assertIn("REJECTED", done.err)

    def twice(self, id, *files):
        """Committed past the hooks: what Alembic says is "present more than once"."""
        for number, file in enumerate(files):
            self.work.migration(id, "a1", merging.add_column(f"c{number}"), file=file)
        self.work.git("add", "-A")
        self.work.git("commit", "-q", "--no-verify", "-m", f"{id} twice")

    def test_two_migrations_with_one_id(self):
        self.twice("b1", "b1.py", "b1_again.py")
        told = self.rejected("origin", "main")
        self.assertIn("main would get two files with the id b1", told.splitlines()[0])
        self.assertIn("migrations/versions/b1.py:", told)
        self.assertIn("migrations/versions/b1_again.py:", told)
        self.assertIn("fix: give the unpublished one an id of its own, git commit, git push", told)
        self.work.git("push", "-q", "origin", "main", env={"ONEHEAD_SKIP": "duplicate-id"})

    def test_two_migrations_with_one_id_that_are_there_already(self):
        """On the branch itself, or on the one that a new branch comes from: said, and let go."""
        self.twice("b1", "b1.py", "b1_again.py")
        self.work.git("push", "-q", "--no-verify", "-u", "origin", "main")
        self.add(self.work, "c1", "b1")
        self.work.git("branch", "topic")
        for branch in ("main", "topic"):
            done = self.work.git("push", "-q", "origin", branch)
            self.assertIn("warning: two different migrations have the id b1", done.err)
        self.twice("d1", "d1.py", "d1_again.py")
        self.assertIn("two files with the id d1", self.rejected("origin", "main"))

    def test_many_branches_at_once(self):
        for number in range(40):
            self.work.git("branch", f"topic{number}")
        self.work.git("push", "-q", "origin", "--all")
        self.assertEqual(len(self.refs()), 41)


if __name__ == "__main__":
    unittest.main()
