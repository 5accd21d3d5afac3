"""Cherry-pick and am: what they bring forks like any other line, and no merge comes to join it."""

import unittest

import env
import merging
import test_moving


class Hashes(merging.TestCase):
    """c1 on main, b1 (and what stands on it) on theirs; without a lock git picks without a word."""

    def assert_undone(self, repo, before):
        repo.onehead("undo")
        self.assertEqual(repo.head(), before)
        self.assert_clean(repo)

    def patches(self, repo, range):
        directory = repo.home.path / "patches"
        repo.git("format-patch", "-q", "-o", directory, range)
        return sorted(directory.iterdir())

    def conflicting(self):
        """Both have written README as well, theirs in a commit after the migration's."""
        repo = self.forked(lock=False)
        for branch in "theirs", "main":
            repo.checkout(branch)
            repo.write("README", f"{branch}\n")
            repo.commit("README")
        return repo

    def test_a_single_pick(self):
        repo = self.forked(lock=False)
        before = repo.head()
        done = repo.git("cherry-pick", "theirs")
        self.assert_joined(repo)
        self.assertIn("2 heads joined", done.err)
        self.assertIn("onehead undo", done.err)
        self.assert_parents(repo, before)
        self.assertEqual(repo.out("log", "-1", "--format=%s %an"), "add b1 Bob")
        self.assertEqual(repo.out("log", "-g", "-2", "--format=%gs"), "cherry-pick: add b1\ncommit: add c1")
        self.assert_undone(repo, before)

    def test_a_row_of_picks(self):
        repo = self.forked(lock=False)
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        self.add(repo, "b3", "b2")
        repo.checkout("main")
        before = repo.head()
        done = repo.git("cherry-pick", "main..theirs")
        self.assert_joined(repo, "b3", "c1")
        self.assertEqual(done.err.count("heads joined"), 1)
        self.assertEqual(repo.out("rev-list", "--count", f"{before}..HEAD"), "3")
        self.assert_undone(repo, before)

    def test_a_row_that_stopped(self):
        """The last one is finished by a commit of the user's own, which touches no migration."""
        repo = self.conflicting()
        before = repo.head()
        repo.git("cherry-pick", "main..theirs", expect=1)
        repo.write("README", "both\n")
        repo.git("add", "README")
        done = repo.git("cherry-pick", "--continue", expect=1)
        self.assertIn("REFUSED", done.err)
        self.assertIn("onehead resolve && git cherry-pick --continue", done.err)
        repo.onehead("resolve")
        repo.git("cherry-pick", "--continue")
        self.assert_joined(repo)
        self.assertEqual(repo.out("rev-list", "--count", f"{before}..HEAD"), "2")

    def test_a_single_pick_that_stopped(self):
        repo = self.forked(lock=False)
        repo.checkout("theirs")
        repo.write("README", "theirs\n")
        repo.git("commit", "-q", "-a", "--amend", "--no-edit")
        repo.checkout("main")
        repo.write("README", "ours\n")
        repo.commit("ours")
        repo.git("cherry-pick", "theirs", expect=1)
        repo.write("README", "both\n")
        repo.git("add", "README")
        done = repo.git("cherry-pick", "--continue")
        self.assertIn("2 heads joined", done.err)
        self.assert_joined(repo)

    def test_a_patch(self):
        repo = self.forked(lock=False)
        before = repo.head()
        (patch,) = self.patches(repo, "main..theirs")
        done = repo.git("am", patch)
        self.assert_joined(repo)
        self.assertIn("2 heads joined", done.err)
        self.assert_parents(repo, before)
        self.assertEqual(repo.out("log", "-1", "--format=%s %an"), "add b1 Bob")
        self.assert_undone(repo, before)

    def test_a_row_of_patches(self):
        repo = self.forked(lock=False)
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        repo.checkout("main")
        before = repo.head()
        repo.git("am", *self.patches(repo, "main..theirs"))
        self.assert_joined(repo, "b2", "c1")
        self.assert_undone(repo, before)

    def test_another_command_between_the_patches(self):
        """ORIG_HEAD is of a commit that is not here any more: the last patch alone is looked at."""
        repo = self.conflicting()
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        repo.checkout("main")
        repo.git("am", *self.patches(repo, "main..theirs"), expect=128)
        repo.git("commit", "-q", "--allow-empty", "-m", "gone", env={"ONEHEAD": "0"})
        repo.git("reset", "-q", "--hard", "HEAD~1")
        repo.git("am", "--skip")
        self.assert_clean(repo)
        self.assert_joined(repo, "b2", "c1")
        self.assert_undone(repo, repo.head("HEAD^"))

    def test_what_needs_nothing_stays_as_it_is(self):
        repo = self.project(lock=False)
        repo.branch("theirs")
        self.add(repo, "b1", "a1")
        repo.write("README", "theirs\n")
        repo.commit("no migration")
        repo.checkout("main")
        repo.migration("x", None)  # a base of its own: two heads, before and after
        repo.git("add", "--all")
        repo.git("commit", "-q", "-m", "x", env={"ONEHEAD_SKIP": "multiple-heads"})
        two = sorted(self.heads(repo))
        done = repo.git("cherry-pick", "theirs")
        self.assertNotIn("onehead", done.err)
        self.assertEqual(sorted(self.heads(repo)), two)

    def test_an_edit_is_no_migration_of_its_own(self):
        repo = self.project()
        self.add(repo, "b1", "a1")
        repo.branch("theirs")
        path = repo.path / "migrations/versions/a1.py"
        path.write_text(path.read_text() + "\n# more\n")
        repo.commit("edited")
        repo.checkout("main")
        self.add(repo, "c1", "b1")
        repo.git("cherry-pick", "theirs")
        self.assert_one_head(repo, "c1")

    def test_within_a_rebase_it_is_the_rebase_that_counts(self):
        repo = self.forked(lock=False)
        done = repo.git("rebase", "theirs")
        self.assertEqual(len(self.heads(repo)), 1)
        self.assertNotIn("cherry-pick", done.err)

    def test_a_collision_is_told(self):
        """Both add the column: the pick is made, nothing of it is joined, and there are two ways."""
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                repo = self.project(lock)
                repo.branch("theirs")
                repo.migration("b1", "a1", merging.add_column("same"))
                repo.commit("add b1")
                repo.checkout("main")
                repo.migration("c1", "a1", merging.add_column("same").replace("Integer", "Text"))
                repo.commit("add c1")
                before = repo.head()
                done = repo.git("cherry-pick", "theirs")
                self.assertIn("STOPPED", done.err)
                self.assertIn("same", done.err)
                ways = dict(x.strip().split(": ") for x in done.err.splitlines()[-2:])
                repo.git(*ways["go back"].split()[1:])
                self.assertEqual(repo.head(), before)
                repo.git("cherry-pick", "theirs")
                repo.onehead(*ways["join them as they are"].split()[1:])
                self.assert_joined(repo)

    def test_where_the_hook_is_gone(self):
        repo = self.forked(lock=False)
        (repo.path / ".git/hooks/post-commit").unlink()
        repo.git("cherry-pick", "theirs")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])


class Backports(merging.TestCase):
    """b2 stands on b1, which the branch it is picked onto has not."""

    def lacking(self, lock=True):
        repo = self.forked(lock)
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        repo.checkout("main")
        return repo

    def test_it_says_where_the_parent_is(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                repo = self.lacking(lock)
                before = repo.head()
                done = repo.git("cherry-pick", "theirs", expect=None)
                told = done.err
                if done.code:
                    told += repo.onehead("resolve", expect=1).out
                parent = repo.head("theirs~")[:7]
                self.assertIn("b1", told)
                self.assertIn(parent, told)
                self.assertIn(f"git cherry-pick {parent}", told)
                self.assertIn("go back: git", told)
                if done.code:
                    self.assertIn("git cherry-pick --abort", told)
                    repo.git("cherry-pick", "--abort")
                else:
                    repo.git("reset", "-q", "--keep", before)
                # The way on:
                repo.git("cherry-pick", parent)
                repo.git("cherry-pick", "theirs")
                self.assertEqual(len(self.heads(repo)), 1)
                self.assert_clean(repo)


class Numbers(test_moving.Shared):
    def numbered(self, lock=True):
        """003_theirs is on main; 003_mine and 004_mine_too on topic, which nobody has seen."""
        repo = self.shared(lock=lock)
        self.topic(repo, "003_mine", "004_mine_too")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.git("checkout", "-q", "-b", "work", "--no-track", "origin/main")
        return repo

    def test_one_takes_the_next_number(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                repo = self.numbered(lock)
                body = self.body_of(repo, "topic~", "003_mine")
                repo.git("cherry-pick", "topic~")
                self.assert_one_head(repo, "004_mine")
                self.assertEqual(
                    self.chain(repo), ["001_start", "002_more", "003_theirs", "004_mine"]
                )
                self.assertEqual(self.body(repo, "004_mine"), body)

    def body_of(self, repo, rev, id):
        text = repo.out("show", f"{rev}:migrations/versions/{id}.py") + "\n"
        return text[text.index("def upgrade"):]

    def test_a_row_takes_the_next_numbers_in_each_commit(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.setUp()
                repo = self.numbered(lock)
                before = repo.head()
                repo.git("cherry-pick", "origin/main..topic")
                line = ["001_start", "002_more", "003_theirs", "004_mine", "005_mine_too"]
                self.assertEqual(self.chain(repo), line)
                self.assertEqual(self.chain(repo, "HEAD~"), line[:-1])
                repo.onehead("undo")
                self.assertEqual(repo.head(), before)

    def test_a_row_of_bare_numbers(self):
        """003 and 004, which stands on it: another 003 is here, but it is not what 004 means."""
        repo = self.repo("repo", "-b", "topic")
        repo.project()
        self.install(repo, lock=False)
        for id, parent, branch in (("001", None, "topic"), ("002", "001", "topic"),
                                   ("003", "002", "topic"), ("004", "003", "topic"),
                                   ("003", "002", "main")):
            if branch == "main":
                repo.git("checkout", "-q", "-b", "main", "topic~2")
            file = f"{id}_{branch}_{id}.py"
            repo.migration(id, parent, merging.add_column(branch + id), file=file)
            repo.commit(f"add {id}")
        before = repo.head()
        repo.git("cherry-pick", "main~..topic")
        self.assertEqual(self.chain(repo), ["001", "002", "003", "004", "005"])
        self.assertIn("topic003", repo.read("migrations/versions/004_topic_003.py"))
        self.assertIn("topic004", repo.read("migrations/versions/005_topic_004.py"))
        repo.onehead("undo")
        self.assertEqual(repo.head(), before)

    def test_patches_take_the_next_numbers(self):
        repo = self.numbered(lock=False)
        directory = repo.home.path / "patches"
        repo.git("format-patch", "-q", "-o", directory, "origin/main..topic", "--", "migrations/versions")
        repo.git("am", *sorted(directory.iterdir()))
        line = ["001_start", "002_more", "003_theirs", "004_mine", "005_mine_too"]
        self.assertEqual(self.chain(repo), line)
        self.assertEqual(self.chain(repo, "HEAD~"), line[:-1])


if __name__ == "__main__":
    unittest.main()
