"""Both lines give one id, or one file's name, to different migrations: the published one stays, the
other one gets an id and a file of its own, and all that names it follows. Where git itself stops,
because both have a file of one name, `onehead resolve` takes the two apart.
"""

import re
import unittest

import env
import merging
import test_moving

VERSIONS = "migrations/versions/"


class Case(test_moving.Shared):
    HOWS = (("merge", "--no-edit"), ("rebase", "--merge"), ("rebase", "--apply"))
    if env.SANITIZED:
        HOWS = HOWS[:2]  # git's backends differ, not what is ours

    def theirs(self, repo, id, column="theirs", file=None, **more):
        """Published by somebody else."""
        here = repo.out("branch", "--show-current")
        repo.git("checkout", "-q", "-B", "elsewhere", "origin/main")
        self.home.person("Bob")
        repo.migration(id, "002_more", merging.add_column(column), file=file, **more)
        repo.commit("theirs")
        repo.git("push", "-q", "origin", "elsewhere:main")
        self.home.person("Ana")
        repo.git("checkout", "-q", here)
        repo.git("branch", "-q", "-D", "elsewhere")
        repo.git("fetch", "-q")

    def mine(self, repo, id, file=None, parent="002_more", column="mine"):
        repo.migration(id, parent, merging.add_column(column), file=file)
        repo.commit("mine " + column)

    def bodies(self, repo, rev="HEAD"):
        """What each column's migration does, wherever it is by now."""
        found = {}
        for path in repo.out("ls-tree", "--name-only", rev, VERSIONS).split():
            text = repo.git("show", f"{rev}:{path}").out
            body = text[text.index("def upgrade"):]
            found[re.findall(r'Column\("(\w+)', body)[-1]] = body
        return found

    def goes_on(self, repo, how, done):
        """As onehead says, wherever git stops."""
        stops = 0
        while done.code:
            stops += 1
            self.assertLess(stops, 5, done.err)
            told = repo.onehead("resolve").out
            command = told.splitlines()[-1].removeprefix("next: git ").split()
            self.assertEqual(command[0], "commit" if how == "merge" else "rebase")
            done = repo.git(*command, expect=None)
        return stops, done

    def assert_published(self, repo, path):
        for commit in ["HEAD", *repo.out("rev-list", "--first-parent", "origin/main..HEAD").split()]:
            if repo.git("merge-base", "--is-ancestor", "origin/main", commit, expect=(0, 1)).code:
                continue
            blob = repo.out("rev-parse", f"{commit}:{VERSIONS}{path}")
            self.assertEqual(blob, repo.out("rev-parse", f"origin/main:{VERSIONS}{path}"))

    each_commit_is_whole = test_moving.Rebasing.each_commit_is_whole

    def assert_settled(self, repo, how, bodies, line):
        self.assertEqual(self.bodies(repo), bodies)
        if how == "rebase":
            self.each_commit_is_whole(repo)
        self.assertEqual(self.chain(repo), ["001_start", "002_more", *line])
        self.assert_one_head(repo, line[-1])

    def each(self, prepare, line, published, stops):
        """In a merge and in both kinds of rebase, mine alone and with commits around it."""
        for number, (how, option) in enumerate(self.HOWS):
            with self.subTest(how=how, option=option):
                repo = self.shared(f"repo{number}")
                repo.branch("topic")
                bodies = prepare(repo)
                done = repo.git(how, option, "origin/main", expect=None)
                seen, done = self.goes_on(repo, how, done)
                self.assertEqual(seen, stops)
                self.assert_published(repo, published)
                self.assert_settled(repo, how, bodies, line)
                self.assertEqual(repo.git("branch", "--show-current").out, "topic\n")


class OneId(Case):
    def test_in_two_files(self):
        def prepare(repo):
            self.mine(repo, "003_x", "003_mine.py")
            repo.write("work", "1")
            repo.commit("work")
            self.mine(repo, "004_y", "004_y.py", "003_x", "more_of_mine")
            self.theirs(repo, "003_x", file="003_theirs.py")
            return {**self.bodies(repo), **self.bodies(repo, "origin/main")}

        self.each(prepare, ["003_x", "004_x", "005_y"], "003_theirs.py", 0)

    def test_in_one_file(self):
        def prepare(repo):
            repo.write("work", "1")
            repo.commit("work")
            self.mine(repo, "003_x")
            self.mine(repo, "004_y", None, "003_x", "more_of_mine")
            self.theirs(repo, "003_x")
            return {**self.bodies(repo), **self.bodies(repo, "origin/main")}

        self.each(prepare, ["003_x", "004_x", "005_y"], "003_x.py", 1)

    def test_the_last_commit_alone(self):
        def prepare(repo):
            self.mine(repo, "003_x")
            self.theirs(repo, "003_x")
            return {**self.bodies(repo), **self.bodies(repo, "origin/main")}

        self.each(prepare, ["003_x", "004_x"], "003_x.py", 1)

    def test_a_database_that_has_run_mine(self):
        """Which of the two is meant is said."""
        repo = self.shared()
        repo.branch("topic")
        self.mine(repo, "003_x", "003_mine.py")
        self.theirs(repo, "003_x", file="003_theirs.py")
        done = repo.git("merge", "--no-edit", "origin/main")
        self.assertIn("has run 003_x (now 004_x) without", done.err)

    def test_hashes(self):
        """The new one is a function of the migration alone."""
        heads = set()
        for number, (how, option) in enumerate(self.HOWS):
            repo = self.shared(f"repo{number}")
            repo.branch("topic")
            for id, parent in (("aaaaaaaaaaaa", "002_more"), ("bbbbbbbbbbbb", "aaaaaaaaaaaa")):
                repo.migration(id, parent, merging.add_column(id))
                repo.commit(id)
            self.theirs(repo, "aaaaaaaaaaaa")
            done = repo.git(how, option, "origin/main", expect=None)
            self.goes_on(repo, how, done)
            line = self.chain(repo)
            self.assertEqual((line[2], line[4]), ("aaaaaaaaaaaa", "bbbbbbbbbbbb"))
            self.assert_published(repo, "aaaaaaaaaaaa.py")
            heads.add(line[3])
        self.assertEqual(len(heads), 1)

    def test_the_same_migration_in_two_files(self):
        """Published under another name, or with another docstring: mine goes, its id stays."""
        for how, option, file in (
            ("merge", "--no-edit", "003_x.py"),
            ("merge", "--no-edit", "003_mine.py"),
            ("rebase", "--merge", "003_x.py"),
            ("rebase", "--apply", "003_mine.py"),
        ):
            with self.subTest(how=how, file=file):
                repo = self.shared(f"repo-{how}-{file}")
                repo.branch("topic")
                self.mine(repo, "003_x", file)
                self.mine(repo, "004_y", None, "003_x", "more_of_mine")
                self.theirs(repo, "003_x", "mine", "003_x.py", message="in other words")
                done = repo.git(how, option, "origin/main", expect=None)
                self.goes_on(repo, how, done)
                self.assert_published(repo, "003_x.py")
                self.assert_settled(repo, how, self.bodies(repo), ["003_x", "004_y"])

    def test_edited_before_it_was_published(self):
        """One migration in two versions, or two that do the same: only their author knows."""
        for number, (how, option) in enumerate(self.HOWS[:2]):
            repo = self.shared(f"repo{number}")
            repo.branch("topic")
            repo.migration("003_x", "002_more", merging.add_column("both"))
            repo.commit("mine")
            more = merging.add_column("both") + "\n" + merging.add_column("theirs")
            here = repo.head()
            repo.git("checkout", "-q", "-B", "elsewhere", "origin/main")
            repo.migration("003_x", "002_more", more)
            repo.commit("theirs")
            repo.git("push", "-q", "origin", "elsewhere:main")
            repo.git("checkout", "-q", "topic")
            repo.git("fetch", "-q")
            repo.git(how, option, "origin/main", expect=1)
            before = repo.status()
            told = repo.onehead("resolve", expect=1).out
            self.assertIn("STOPPED, nothing staged: both lines change column t.both", told)
            self.assertIn("if they are one migration", told)
            self.assertEqual(repo.status(), before)
            repo.git("checkout", "-q", "origin/main", "--", VERSIONS + "003_x.py")
            repo.git("commit", "-q", "--no-edit", "--allow-empty") if how == "merge" else repo.git(
                "rebase", "--skip")
            self.assert_one_head(repo, "003_x")
            self.assertEqual(repo.git("merge-base", "HEAD", here).code, 0)

    def test_both_are_published(self):
        repo = self.shared()
        repo.branch("topic")
        self.mine(repo, "003_x")
        repo.git("push", "-q", "origin", "topic:other")
        self.theirs(repo, "003_x")
        repo.git("merge", "origin/main", expect=1)
        before = repo.status()
        told = repo.onehead("resolve", expect=1).out
        self.assertIn("two different migrations have the id 003_x", told)
        self.assertEqual(repo.status(), before)

    def test_on_main_ours_stays(self):
        repo = self.shared()
        repo.branch("topic")
        self.mine(repo, "003_x", column="topics")
        repo.checkout("main")
        self.mine(repo, "003_x", column="mains")
        ours = repo.out("rev-parse", f"HEAD:{VERSIONS}003_x.py")
        repo.git("merge", "topic", expect=1)
        repo.onehead("resolve")
        repo.git("commit", "-q", "--no-edit")
        self.assert_one_head(repo, "004_x")
        self.assertEqual(repo.out("rev-parse", f"HEAD:{VERSIONS}003_x.py"), ours)


class OneName(Case):
    def test_other_ids(self):
        def prepare(repo):
            repo.write("work", "1")
            repo.commit("work")
            self.mine(repo, "aaaaaaaaaaaa", "add_x.py")
            self.mine(repo, "cccccccccccc", None, "aaaaaaaaaaaa", "more_of_mine")
            self.theirs(repo, "bbbbbbbbbbbb", file="add_x.py")
            return {**self.bodies(repo), **self.bodies(repo, "origin/main")}

        self.each(prepare, ["bbbbbbbbbbbb", "aaaaaaaaaaaa", "cccccccccccc"], "add_x.py", 1)

    def test_one_number_and_two_ids(self):
        def prepare(repo):
            self.mine(repo, "003", "003_mine.py")
            self.theirs(repo, "003_t", file="003_theirs.py")
            return {**self.bodies(repo), **self.bodies(repo, "origin/main")}

        self.each(prepare, ["003_t", "004"], "003_theirs.py", 0)

    def test_a_published_one_keeps_its_file_where_both_are_joined(self):
        repo = self.shared()
        repo.git("config", "onehead.fork", "merge")
        repo.branch("topic")
        self.mine(repo, "aaaaaaaaaaaa", "add_x.py")
        self.theirs(repo, "bbbbbbbbbbbb", file="add_x.py")
        repo.git("merge", "origin/main", expect=1)
        repo.onehead("resolve")
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo, "aaaaaaaaaaaa", "bbbbbbbbbbbb")
        self.assert_published(repo, "add_x.py")

    def test_a_cherry_pick(self):
        for lock in (True, False):
            repo = self.shared(f"repo{lock}", lock)
            repo.branch("topic")
            self.mine(repo, "003_x")
            self.theirs(repo, "003_x")
            repo.git("checkout", "-q", "-B", "picks", "origin/main")
            repo.git("cherry-pick", "topic", expect=1)
            repo.onehead("resolve")
            repo.git("cherry-pick", "--continue")
            self.assert_one_head(repo, "004_x")
            self.assert_published(repo, "003_x.py")

    def test_a_dry_run_does_nothing_and_abort_goes_back(self):
        repo = self.shared()
        repo.branch("topic")
        self.mine(repo, "003_x")
        self.theirs(repo, "003_x")
        repo.git("rebase", "origin/main", expect=1)
        index, text = repo.out("ls-files", "-s"), repo.read(VERSIONS + "003_x.py")
        told = repo.onehead("resolve", "--dry-run").out
        self.assertIn("would add migrations/versions/004_x.py", told)
        self.assertEqual((repo.out("ls-files", "-s"), repo.read(VERSIONS + "003_x.py")), (index, text))
        repo.onehead("resolve")
        self.assertNotEqual(repo.out("ls-files", "-s"), index)
        repo.git("rebase", "--abort")
        self.assert_one_head(repo, "003_x")

    def test_files_in_conflict_that_are_no_migrations_are_left(self):
        repo = self.shared()
        repo.branch("topic")
        repo.write("notes", "mine")
        self.mine(repo, "003_x")
        repo.git("checkout", "-q", "-B", "elsewhere", "origin/main")
        repo.write("notes", "theirs")
        repo.migration("003_x", "002_more", merging.add_column("theirs"))
        repo.commit("theirs")
        repo.git("push", "-q", "origin", "elsewhere:main")
        repo.git("checkout", "-q", "topic")
        repo.git("fetch", "-q")
        repo.git("rebase", "origin/main", expect=1)
        told = repo.onehead("resolve", expect=1).out
        self.assertIn("  notes", told)
        self.assertNotIn("003_x", told)
        repo.write("notes", "both")
        repo.git("add", "notes")
        repo.onehead("resolve")
        repo.git("rebase", "--continue")
        self.assert_one_head(repo, "004_x")


class Later(Case):
    """A further commit changes the file that had the name before it was taken."""

    def stopped(self, name, edit):
        repo = self.shared(name)
        repo.branch("topic")
        self.mine(repo, "003_x")
        edit(repo)
        repo.commit("edit")
        self.theirs(repo, "003_x")
        return repo

    def test_where_git_stops_the_change_goes_to_mine(self):
        for number, (how, option) in enumerate(self.HOWS[1:]):
            with self.subTest(option):
                repo = self.stopped(f"repo{number}", lambda repo: repo.migration(
                    "003_x", "002_more", merging.add_column("mine_as_it_is_now")))
                done = repo.git(how, option, "origin/main", expect=1)
                self.assertEqual(self.goes_on(repo, how, done)[0], 2)
                self.assert_published(repo, "003_x.py")
                self.each_commit_is_whole(repo)
                self.assertEqual(
                    sorted(self.bodies(repo)), ["id", "mine_as_it_is_now", "more", "theirs"])

    def test_where_git_puts_it_into_theirs_the_rebase_is_stopped(self):
        """Nothing in git says so: both files are alike there."""
        repo = self.stopped("repo", lambda repo: repo.migration(
            "003_x", "002_more", merging.add_column("mine"), 'op.drop_column("t", "mine")'))
        before = repo.head()
        done = repo.git("rebase", "origin/main", expect=1)
        _, done = self.goes_on(repo, "rebase", done)
        self.assertIn("went into 003_x.py of the new base", done.err)
        repo.git("reset", "-q", "--merge", "ORIG_HEAD")
        self.assertEqual(repo.head(), before)
        # As it says:
        squash = "sequence.editor=sed -i 2s/pick/fixup/"
        repo.git("-c", squash, "rebase", "-q", "-i", "HEAD~2")
        done = repo.git("rebase", "origin/main", expect=1)
        self.goes_on(repo, "rebase", done)
        self.each_commit_is_whole(repo)
        self.assertIn("drop_column", self.bodies(repo)["mine"] + repo.read(VERSIONS + "004_x.py"))
        self.assert_published(repo, "003_x.py")


del Case

if __name__ == "__main__":
    unittest.main()
