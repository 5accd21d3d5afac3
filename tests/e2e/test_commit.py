"""Ordinary commits: the lock is kept, and nothing goes in that breaks the graph."""

import unittest

import merging
from merging import LOCK


class Lock(merging.TestCase):
    """However a commit is made, its lock is true and the index is clean after it."""

    def write(self, repo, id="b1", parents="a1", **more):
        return repo.migration(id, parents, merging.add_column(id), **more)

    def test_commit(self):
        repo = self.project()
        repo.git("add", self.write(repo))
        done = repo.git("commit", "-q", "-m", "b1")
        self.assertEqual(done.err, "")
        self.assert_one_head(repo, "b1")
        self.assertIn("\nhead b1\n\na1\nb1 a1\n", repo.read(LOCK))

    def test_commit_all(self):
        repo = self.project()
        self.write(repo, "a1", None, file="a1.py")
        path = self.write(repo)
        repo.git("add", "-N", path)
        repo.git("commit", "-q", "-a", "-m", "b1")
        self.assert_one_head(repo, "b1")

    def test_commit_of_some_paths(self):
        repo = self.project()
        path = self.write(repo)
        repo.write("README", "dirty\n")
        repo.git("add", path)
        repo.git("commit", "-q", "-m", "b1", path)
        self.assertEqual(repo.status(), " M README\n")
        self.assertEqual(
            repo.out("show", "--format=", "--name-only").split(), [LOCK, path]
        )
        repo.git("checkout", "-q", "README")
        self.assert_one_head(repo, "b1")

    def test_commit_of_some_paths_with_others_staged(self):
        repo = self.project()
        path = self.write(repo)
        repo.write("README", "staged\n")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "b1", "--", path)
        self.assertEqual(repo.status(), "M  README\n")
        repo.git("commit", "-q", "-m", "readme")
        self.assert_one_head(repo, "b1")

    def test_commit_include(self):
        repo = self.project()
        path = self.write(repo)
        repo.git("add", path)
        repo.write("README", "too\n")
        repo.git("commit", "-q", "-m", "b1", "-i", "README")
        self.assert_one_head(repo, "b1")

    def test_commit_from_a_subdirectory_by_a_relative_path(self):
        repo = self.project()
        self.write(repo)
        repo.git("add", "b1.py", cwd="migrations/versions")
        repo.git("commit", "-q", "-m", "b1", "b1.py", cwd="migrations/versions")
        self.assert_one_head(repo, "b1")

    def test_amend(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.git("add", self.write(repo, "c1", "b1"))
        repo.git("commit", "-q", "--amend", "--no-edit")
        self.assert_one_head(repo, "c1")
        self.assertEqual(repo.out("log", "-1", "--format=%s"), "add b1")
        repo.git("commit", "-q", "--amend", "-m", "another message")
        self.assert_one_head(repo, "c1")

    def test_amend_of_a_merge(self):
        repo = self.forked()
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs")
        repo.write("README", "more\n")
        repo.git("commit", "-q", "-a", "--amend", "-m", "merged")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")

    def test_deletion_and_rename(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        self.add(repo, "c1", "b1")
        repo.git("mv", "migrations/versions/b1.py", "migrations/versions/b1_renamed.py")
        repo.git("commit", "-q", "-m", "rename")
        self.assert_one_head(repo, "c1")
        repo.git("rm", "-q", "migrations/versions/c1.py")
        repo.git("commit", "-q", "-m", "delete")
        self.assert_one_head(repo, "b1")

    def test_another_parent_and_another_id(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        self.add(repo, "c1", "b1")
        self.write(repo, "b2", "a1", file="b1.py")
        self.write(repo, "c1", "b2")
        repo.git("commit", "-q", "-a", "-m", "b1 is b2")
        self.assert_one_head(repo, "c1")
        self.assertIn("\na1\nb2 a1\nc1 b2\n", repo.read(LOCK))

    def test_a_body_leaves_the_lock_alone(self):
        repo = self.project()
        lock = repo.head("HEAD") and repo.out("rev-parse", f"HEAD:{LOCK}")
        repo.write("migrations/versions/a1.py", repo.read("migrations/versions/a1.py") + "# more\n")
        repo.git("commit", "-q", "-a", "-m", "comment")
        self.assertEqual(repo.out("rev-parse", f"HEAD:{LOCK}"), lock)
        self.assert_one_head(repo, "a1")

    def test_a_lock_edited_by_hand_is_mended(self):
        for text in ("garbage\n", "", "# onehead: 99\nhead z\n", "<<<<<<< ours\nhead a1\n=======\n"):
            with self.subTest(text):
                repo = self.project(name="repo" + str(abs(hash(text))))
                repo.write(LOCK, text)
                repo.git("commit", "-q", "-a", "-m", "lock")
                self.assert_one_head(repo, "a1")

    def test_a_lock_that_is_stale_by_a_commit_without_hooks(self):
        repo = self.project()
        path = self.write(repo)
        repo.git("add", path)
        repo.git("commit", "-q", "--no-verify", "-m", "b1")
        self.assertIn("b1", "".join(repo.onehead("check", expect=1)[1:]))
        self.add(repo, "c1", "b1")
        self.assert_one_head(repo, "c1")

    def test_a_commit_of_something_else_says_and_does_nothing(self):
        repo = self.project()
        repo.write("README", "more\n")
        done = repo.git("commit", "-q", "-a", "-m", "readme")
        self.assertEqual((done.out, done.err), ("", ""))
        self.assertEqual(repo.out("show", "--format=", "--name-only"), "README")

    def test_a_dirty_migration_that_is_not_staged_counts_for_nothing(self):
        repo = self.project()
        repo.git("add", self.write(repo))
        self.write(repo, "c1", "nothing")
        self.write(repo, "b1", "elsewhere")
        repo.git("commit", "-q", "-m", "b1")
        self.assertIn("\nhead b1\n\na1\nb1 a1\n", repo.git("show", f"HEAD:{LOCK}").out)

    def test_a_dirty_lock_in_a_partial_commit(self):
        repo = self.project()
        repo.write(LOCK, "mine\n")
        path = self.write(repo)
        repo.git("add", path)
        repo.git("commit", "-q", "-m", "b1", path)
        self.assertIn("\nhead b1\n", repo.git("show", f"HEAD:{LOCK}").out)

    def test_the_first_commit_of_a_repository(self):
        repo = self.repo()
        repo.project()
        repo.migration("a1", None)
        repo.onehead("install")
        repo.commit("first")
        self.assert_one_head(repo, "a1")

    def test_empty_commit(self):
        repo = self.project()
        repo.git("commit", "-q", "--allow-empty", "-m", "nothing")
        self.assert_one_head(repo, "a1")


class Refused(merging.TestCase):
    def refused(self, repo, *words, message="work"):
        """Nothing is committed, and what was staged stays."""
        before = repo.head()
        repo.git("add", "-A")
        staged = repo.out("diff", "--cached", "--raw")
        done = repo.git("commit", "-q", "-m", message, expect=1)
        self.assertEqual(repo.head(), before)
        self.assertEqual(repo.out("diff", "--cached", "--raw"), staged)
        for word in words:
            self.assertIn(word, done.err)
        return done.err

    def test_a_second_head(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.migration("c1", "a1")
        told = self.refused(repo, "b1", "c1", "migrations/versions/c1.py:", "onehead resolve")
        self.assertIn("2 heads", told.splitlines()[0])

    def test_a_second_head_the_ways_on(self):
        for way in ("resolve", "parent", "skip", "no-verify"):
            with self.subTest(way):
                repo = self.project(name=way)
                self.add(repo, "b1", "a1")
                repo.migration("c1", "a1")
                self.refused(repo)
                if way == "resolve":
                    repo.onehead("resolve")
                    repo.git("commit", "-q", "-m", "joined")
                    self.assert_joined(repo)
                elif way == "parent":
                    repo.migration("c1", "b1")
                    repo.commit("on top")
                    self.assert_one_head(repo, "c1")
                else:
                    skip = {"ONEHEAD_SKIP": "multiple-heads"} if way == "skip" else {}
                    option = [] if way == "skip" else ["--no-verify"]
                    repo.git("commit", "-q", "-m", "two", *option, env=skip)
                    self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])

    def test_a_parent_that_is_not_there(self):
        repo = self.project()
        repo.migration("b1", "nowhere")
        self.refused(repo, "nowhere", "b1", "migrations/versions/b1.py")

    def test_a_deletion_that_leaves_a_child(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        self.add(repo, "c1", "b1")
        repo.git("rm", "-q", "migrations/versions/b1.py")
        self.refused(repo, "c1", "b1")

    def test_the_same_id_twice(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.migration("b1", "a1", file="b1_again.py")
        self.refused(repo, "b1", "b1_again.py")

    def test_a_cycle(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.migration("a1", "b1")
        self.refused(repo, "a1")

    def test_its_own_parent(self):
        repo = self.project()
        repo.migration("b1", "b1")
        self.refused(repo, "b1")

    def test_a_label_used_twice(self):
        repo = self.project()
        self.add(repo, "b1", "a1", labels=("api",))
        repo.migration("c1", "b1", labels=("api",))
        self.refused(repo, "api")

    def test_what_was_broken_before_does_not_stop_other_work(self):
        repo = self.project()
        repo.migration("b1", "nowhere")
        repo.git("add", "-A")
        repo.git("commit", "-q", "--no-verify", "-m", "broken")
        repo.migration("c1", "a1")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "beside it", expect=(0, 1))
        repo.write("README", "other\n")
        repo.git("commit", "-q", "-m", "other", "README")
        repo.migration("b1", "a1")
        repo.commit("mended")

    def test_mending_one_of_two_breaks_is_let_in(self):
        repo = self.project()
        repo.migration("b1", "nowhere")
        repo.migration("d1", "elsewhere")
        repo.git("add", "-A")
        repo.git("commit", "-q", "--no-verify", "-m", "broken twice")
        repo.migration("b1", "a1")
        repo.commit("half mended")
        repo.migration("d1", "b1")
        repo.commit("mended")
        self.assert_one_head(repo, "d1")

    def test_a_half_written_migration(self):
        """No graph can be read from it: said, never guessed."""
        repo = self.project()
        repo.write("migrations/versions/b1.py", 'revision = "b1"\ndown_revision = "a1\n')
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "half", expect=(0, 1))
        self.assertIn("migrations/versions/b1.py", done.err)

    def test_a_computed_parent_is_said_to_be_unknown(self):
        repo = self.project()
        repo.write(
            "migrations/versions/b1.py",
            'revision = "b1"\n\n\ndef parent():\n    return "a1"\n\n\ndown_revision = parent()\n',
        )
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "computed", expect=(0, 1))
        self.assertIn("migrations/versions/b1.py", done.err)

    def test_onehead_off(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.migration("c1", "a1")
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "two", env={"ONEHEAD": "0"})
        self.assertEqual(done.err, "")

    def test_the_users_own_pre_commit_refuses_first(self):
        repo = self.repo()
        self.start(repo)
        repo.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine >&2\nexit 1\n", mode=0o755)
        repo.onehead("install")
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "install", expect=1)
        self.assertIn("mine\n", done.err)


class Collisions(merging.TestCase):
    """STOPPED, with both places; then each way that is offered."""

    def collided(self, lock=True, ours=None, theirs=None):
        repo = self.project(lock)
        repo.branch("theirs")
        repo.migration("b1", "a1", theirs or 'op.add_column("t", sa.Column("x", sa.Integer()))')
        repo.commit("theirs")
        repo.checkout("main")
        repo.migration("c1", "a1", ours or 'op.add_column("t", sa.Column("x", sa.Text()))')
        repo.commit("ours")
        return repo

    def test_stops_and_goes_back(self):
        for lock in (True, False):
            repo = self.collided(lock)
            before = repo.head()
            done = repo.git("merge", "--no-edit", "theirs", expect=1)
            self.assertIn("STOPPED, nothing committed", done.err.splitlines()[0])
            for word in ("t.x", "b1.py:18", "c1.py:18", "git merge --abort"):
                self.assertIn(word, done.err)
            repo.git("merge", "--abort")
            self.assertEqual(repo.head(), before)
            self.assert_one_head(repo, "c1")
            repo.run("rm", "-rf", repo.path, cwd="/")

    def test_joined_as_they_are(self):
        repo = self.collided()
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs", expect=1)
        repo.onehead("resolve", "--merge")
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")

    def test_one_side_is_mended_in_the_merge(self):
        repo = self.collided()
        repo.git("merge", "--no-edit", "theirs", expect=1)
        repo.migration("c1", "a1", 'op.add_column("t", sa.Column("y", sa.Text()))')
        repo.git("add", "-A")
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)

    def test_a_commit_again_is_stopped_again(self):
        repo = self.collided()
        repo.git("merge", "--no-edit", "theirs", expect=1)
        done = repo.git("commit", "--no-edit", expect=1)
        self.assertIn("STOPPED", done.err)

    def test_in_a_squash(self):
        repo = self.collided()
        repo.git("merge", "--squash", "theirs")
        done = repo.git("commit", "--no-edit", expect=1)
        self.assertIn("t.x", done.err)
        repo.git("reset", "-q", "--hard")
        self.assert_one_head(repo, "c1")

    def test_with_no_verify_the_merge_stays_and_is_told(self):
        repo = self.collided()
        done = repo.git("merge", "--no-verify", "--no-edit", "theirs")
        self.assertIn("STOPPED", done.err)
        self.assertIn("t.x", done.err)
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        repo.git("reset", "-q", "--merge", "ORIG_HEAD")
        self.assert_one_head(repo, "c1")

    def test_a_rule_that_is_skipped(self):
        repo = self.collided()
        repo.git("merge", "--no-edit", "theirs", env={"ONEHEAD_SKIP": "collision"})
        self.assert_joined(repo)

    def test_raw_sql_is_never_called_compared(self):
        repo = self.collided(ours='op.execute("ALTER TABLE t ADD y INT")')
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertRegex(done.err, r"(?m)^  not compared: .*c1\.py:18")
        self.assert_joined(repo)

    def test_the_same_in_both_lines_is_no_accident_of_order(self):
        """c2 drops what b1 of the other line adds to: named with c2's line, not c1's."""
        repo = self.collided(ours="pass")
        repo.migration("c2", "c1", 'op.drop_table("t")')
        repo.commit("c2")
        done = repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertIn("c2.py:18", done.err)
        self.assertIn("b1.py:18", done.err)
        self.assertNotIn("c1.py", done.err)


if __name__ == "__main__":
    unittest.main()
