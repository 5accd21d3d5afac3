"""A number that upstream has taken since: new migrations get the next one before they go in."""

import configparser
import shutil
import unittest

import env
import merging
import test_moving
from merging import LOCK

VERSIONS = "migrations/versions"


class Shared(test_moving.Shared):
    """002_more is committed here and upstream; upstream has 003_theirs, and it is fetched."""

    def taken(self, *ids, name="repo", branch="topic"):
        repo = self.shared(name)
        if branch != "main":
            repo.git("checkout", "-q", "-b", branch)
        parent = "002_more"
        for id in ids or ("003_theirs",):
            self.published(repo, id, parent)
            parent = id
        repo.git("fetch", "-q")
        return repo

    def write(self, repo, id, parent, **more):
        return repo.migration(id, parent, merging.add_column(id), **more)

    def stage(self, repo, id, parent, **more):
        path = self.write(repo, id, parent, **more)
        repo.git("add", path)
        return path

    def upgrade(self, repo):
        """A fresh database takes all of them, with each Alembic."""
        for alembic in env.alembics():
            database = repo.home.path / f"{alembic.version}.db"
            database.unlink(missing_ok=True)
            alembic.upgrade(repo, url=f"sqlite:///{database}")

    def assert_numbered(self, repo, *line):
        """HEAD is one line of these; nothing is left in index or worktree."""
        self.assert_one_head(repo, line[-1])
        self.assertEqual(self.chain(repo), list(line))
        self.upgrade(repo)


class Commit(Shared):
    FORMS = {
        "plain": [],
        "all": ["-a"],
        "include": ["-i", "README"],
        "partial": ["--", f"{VERSIONS}/003_mine.py"],
        "only": ["-o", f"{VERSIONS}/003_mine.py"],
    }

    def test_every_form(self):
        for form, arguments in self.FORMS.items():
            with self.subTest(form):
                repo = self.taken(name=form)
                self.stage(repo, "003_mine", "002_more")
                body = self.body(repo, "003_mine")
                if form in ("all", "include"):
                    repo.write("README", "more\n")
                    repo.git("add", "-N", "README")
                done = repo.git("commit", "-q", "-m", "mine", *arguments)
                self.assert_numbered(repo, "001_start", "002_more", "004_mine")
                self.assertEqual(self.body(repo, "004_mine"), body)
                self.assertFalse((repo.path / f"{VERSIONS}/003_mine.py").exists())
                self.assertIn("1 migration renumbered", done.err.splitlines()[0])
                self.assertIn("003_theirs", done.err.splitlines()[0])
                self.assertIn("003_mine  becomes 004_mine", done.err)
                self.assertIn("git pull --rebase", done.err)
                self.assertEqual(repo.out("rev-list", "--count", "origin/main..HEAD"), "1")

    def test_amend_with_a_new_one(self):
        repo = self.taken()
        repo.write("README", "work\n")
        repo.commit("work")
        self.stage(repo, "003_mine", "002_more")
        repo.git("commit", "-q", "--amend", "--no-edit")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")
        self.assertEqual(repo.out("log", "-1", "--format=%s"), "work")

    def committed(self, name="repo"):
        """003_mine is committed here; then 003_theirs is taken upstream, and fetched."""
        repo = self.shared(name)
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        return repo

    def test_amend_of_the_commit_that_added_it(self):
        forms = {
            "message": ["--amend", "-m", "mine"],
            "short": ["--am", "--no-edit"],
            "staged": ["--amend", "--no-edit"],
            "all": ["-a", "--amend", "-C", "HEAD"],
            "alias": None,
            "only": ["--amend", "--no-edit", "-o", "README"],
        }
        for name, arguments in forms.items():
            with self.subTest(name):
                repo = self.committed(name)
                body = self.body(repo, "003_mine")
                if name in ("staged", "all", "only"):
                    repo.write("README", "work\n")
                    repo.git("add", "-N" if name == "all" else "-A", "README")
                repo.git("config", "alias.again", "commit --amend --no-edit")
                command = ["commit", "-q", *arguments] if arguments else ["again", "-q"]
                done = repo.git(*command)
                self.assertIn("003_mine  becomes 004_mine", done.err)
                self.assertEqual(self.body(repo, "004_mine"), body)
                self.assert_numbered(repo, "001_start", "002_more", "004_mine")
                self.assertEqual(repo.out("rev-list", "--count", "main..HEAD"), "1")

    def test_amend_by_a_hook_script_of_the_project(self):
        repo = self.committed()
        entry = repo.out("rev-parse", "--git-path", "hooks/pre-commit")
        (repo.path / entry).rename(repo.path / ".git/ours")
        repo.write(entry, '#!/bin/sh\nsh -c ".git/ours; exit \\$?"\n', mode=0o755)
        repo.git("commit", "-q", "--amend", "--no-edit")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")

    def test_what_is_no_amend(self):
        """The commit before stays as it is."""
        for name, arguments in {
            "word": ["-m", "--amend"],
            "attached": ["-m--amend"],
            "undone": ["--amend", "--no-amend", "-m", "work"],
            "reused": ["-C", "HEAD"],
            "path": ["-m", "work", "--", "README"],
        }.items():
            with self.subTest(name):
                repo = self.committed("no-" + name)
                path = f"{VERSIONS}/003_mine.py"
                repo.write(path, repo.read(path) + "# more\n")
                repo.write("README", "work\n")
                repo.git("add", "-A")
                done = repo.git("commit", "-q", *arguments)
                self.assertNotIn("becomes", done.err)
                self.assertEqual(self.heads(repo), ["003_mine"])
                self.assertEqual(repo.out("rev-list", "--count", "main..HEAD"), "2")

    def test_amend_of_what_was_pushed_elsewhere(self):
        repo = self.committed()
        repo.git("push", "-q", "origin", "topic:other")
        done = repo.git("commit", "-q", "--amend", "-m", "again")
        self.assertIn("003_mine keeps its number: in origin/other", done.err)
        self.assert_one_head(repo, "003_mine")

    def test_a_partial_commit_leaves_the_rest_alone(self):
        repo = self.taken()
        path = self.stage(repo, "003_mine", "002_more")
        repo.write("README", "staged\n")
        repo.git("add", "README")
        repo.write("README", "dirty\n")
        repo.git("commit", "-q", "-m", "mine", "--", path)
        self.assertEqual(repo.status(), "AM README\n")
        self.assertEqual(repo.git("show", ":README").out, "staged\n")
        repo.git("rm", "-q", "-f", "README")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")

    def test_what_follows(self):
        """After the rebase that it names, the parent is the one that was taken; numbers stay."""
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        done = repo.git("commit", "-q", "-m", "mine")
        self.assertIn(
            "onehead: 003_theirs stands on 002_more in origin/main: "
            "git pull --rebase origin main\n",
            done.err,
        )
        repo.git("pull", "-q", "--rebase", "origin", "main")
        self.assert_numbered(repo, "001_start", "002_more", "003_theirs", "004_mine")

    def test_on_the_branch_itself(self):
        repo = self.taken(branch="main")
        self.stage(repo, "003_mine", "002_more")
        done = repo.git("commit", "-q", "-m", "mine")
        self.assertIn("in origin/main: git pull --rebase\n", done.err)
        repo.git("pull", "-q", "--rebase")
        self.assert_numbered(repo, "001_start", "002_more", "003_theirs", "004_mine")

    def test_above_all_of_upstream(self):
        repo = self.taken("003_a", "004_b", "005_c")
        self.stage(repo, "003_mine", "002_more")
        repo.git("commit", "-q", "-m", "mine")
        self.assert_numbered(repo, "001_start", "002_more", "006_mine")

    def test_a_stacked_pair(self):
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        self.stage(repo, "004_more", "003_mine")
        repo.git("commit", "-q", "-m", "both")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine", "005_more")
        self.assertIn("Revises: 004_mine\n", repo.read(f"{VERSIONS}/005_more.py"))

    def test_what_depends_on_it_follows(self):
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        self.stage(repo, "009_high", "003_mine", depends_on="003_mine")
        repo.git("commit", "-q", "-m", "both")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine", "009_high")
        self.assertIn("depends_on = '004_mine'", repo.read(f"{VERSIONS}/009_high.py"))

    def test_on_top_of_one_that_is_committed(self):
        """The committed one keeps its number, and stays the parent."""
        repo = self.shared()
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        self.published(repo, "004_theirs", "003_theirs")
        repo.git("fetch", "-q")
        self.stage(repo, "004_more", "003_mine")
        repo.git("commit", "-q", "-m", "more")
        self.assert_numbered(repo, "001_start", "002_more", "003_mine", "005_more")

    def test_a_linked_worktree(self):
        repo = self.taken()
        linked = repo.path.parent / "linked"
        repo.git("worktree", "add", "-q", "-b", "linked", linked, "main")
        repo = env.Repo(self.home, linked)
        self.stage(repo, "003_mine", "002_more")
        repo.git("commit", "-q", "-m", "mine")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")

    def test_from_a_subdirectory(self):
        repo = self.taken()
        self.write(repo, "003_mine", "002_more")
        repo.git("add", "003_mine.py", cwd=VERSIONS)
        repo.git("commit", "-q", "-m", "mine", "003_mine.py", cwd=VERSIONS)
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")

    def test_bare_numbers(self):
        """The same id in a file of the same name: another migration, by its date."""
        for dated in (True, False):
            with self.subTest(dated=dated):
                repo = self.taken("0003", name=f"dated{dated}")
                path = self.write(repo, "0003", "002_more", message="mine")
                text = repo.read(path).replace('"0003"', '"mine"')
                if dated:
                    text = text.replace("2026-01-02", "2026-02-03")
                repo.write(path, text)
                repo.git("add", path)
                done = repo.git("commit", "-q", "-m", "mine")
                self.assert_one_head(repo, "0004" if dated else "0003")
                self.assertEqual("becomes" in done.err, dated)

    def test_other_line_ends(self):
        repo = self.taken()
        repo.write(".gitattributes", repo.read(".gitattributes") + "*.py text eol=crlf\n")
        repo.commit("eol")
        path = self.write(repo, "003_mine", "002_more")
        repo.write(path, repo.read(path).replace("\n", "\r\n").encode())
        repo.git("add", path)
        repo.git("commit", "-q", "-m", "mine")
        self.assert_one_head(repo, "004_mine")
        self.assertIn(b"\r\n", (repo.path / f"{VERSIONS}/004_mine.py").read_bytes())


class Nothing(Shared):
    """The number stays, and nothing is said."""

    def quiet(self, repo, head, *words):
        done = repo.git("commit", "-q", "-m", "work")
        self.assert_one_head(repo, head)
        for word in words:
            self.assertIn(word, done.err)
        if not words:
            self.assertEqual(done.err, "")

    def test_nothing_taken(self):
        repo = self.shared()
        self.stage(repo, "003_mine", "002_more")
        self.quiet(repo, "003_mine")

    def test_higher_than_all(self):
        repo = self.taken()
        self.stage(repo, "004_mine", "002_more")
        self.quiet(repo, "004_mine", "003_theirs stands on 002_more")

    def test_not_fetched(self):
        repo = self.shared()
        self.stage(repo, "003_mine", "002_more")
        other = repo.clone(repo.path.parent / "other")
        other.git("remote", "set-url", "origin", repo.out("remote", "get-url", "origin"))
        other.migration("003_theirs", "002_more", merging.add_column("x"))
        other.commit("theirs")
        other.git("push", "-q", "origin", "HEAD:main")
        self.quiet(repo, "003_mine")

    def test_the_same_migration(self):
        """Taken by hand from upstream: it is theirs, and keeps its name."""
        repo = self.taken()
        repo.git("checkout", "-q", "origin/main", "--", f"{VERSIONS}/003_theirs.py")
        self.quiet(repo, "003_theirs")

    def test_one_that_another_branch_has_published(self):
        repo = self.taken()
        repo.git("checkout", "-q", "-b", "other")
        path = self.stage(repo, "003_mine", "002_more")
        repo.git("commit", "-q", "-m", "mine", "--no-verify")
        repo.git("push", "-q", "origin", "other")
        repo.git("checkout", "-q", "topic")
        repo.git("checkout", "-q", "other", "--", path)
        self.quiet(repo, "003_mine", "003_mine keeps its number: in origin/other")

    def test_hashes(self):
        repo = self.shared()
        repo.git("checkout", "-q", "-b", "topic")
        self.published(repo, "8a1f3c77d0e2", "002_more")
        repo.git("fetch", "-q")
        self.stage(repo, "737ef70e7bab", "002_more")
        self.quiet(repo, "737ef70e7bab", "8a1f3c77d0e2 stands on 002_more")

    def test_no_remote(self):
        repo = self.project()
        repo.migration("001_one", "a1")
        repo.git("add", "-A")
        self.quiet(repo, "001_one")

    def test_a_body_edited(self):
        repo = self.shared()
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        path = f"{VERSIONS}/003_mine.py"
        repo.write(path, repo.read(path) + "# more\n")
        repo.git("add", path)
        self.quiet(repo, "003_mine")

    def test_switched_off(self):
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        done = repo.git("commit", "-q", "-m", "mine", env={"ONEHEAD_SKIP": "numbers"})
        self.assertEqual(done.err, "")
        self.assert_one_head(repo, "003_mine")

    def test_a_target_that_is_not_here(self):
        repo = self.taken()
        repo.git("config", "onehead.target", "origin/nowhere")
        self.stage(repo, "003_mine", "002_more")
        self.quiet(repo, "003_mine", "numbers were not compared", "onehead.target")

    def test_in_a_cherry_pick_that_stopped(self):
        repo = self.taken()
        repo.git("checkout", "-q", "-b", "other")
        self.stage(repo, "003_mine", "002_more")
        repo.git("commit", "-q", "-m", "mine", "--no-verify")
        repo.git("checkout", "-q", "topic")
        repo.git("cherry-pick", "--no-commit", "other")
        repo.write(".git/CHERRY_PICK_HEAD", repo.head("other") + "\n")
        repo.git("commit", "-q", "-m", "picked")
        self.assertEqual(self.heads(repo), ["003_mine"])


class Refused(Shared):
    def refused(self, repo, *words, arguments=()):
        before = repo.head()
        staged, status = repo.out("diff", "--cached", "--raw"), repo.status()
        done = repo.git("commit", "-q", "-m", "work", *arguments, expect=1)
        self.assertEqual(repo.head(), before)
        self.assertEqual(repo.out("diff", "--cached", "--raw"), staged)
        self.assertEqual(repo.status(), status)
        self.assertIn("REFUSED, nothing committed: 003_mine is taken", done.err.splitlines()[0])
        for word in words:
            self.assertIn(word, done.err)

    def test_a_file_edited_beyond_what_is_staged(self):
        repo = self.taken()
        path = self.stage(repo, "003_mine", "002_more")
        repo.write(path, repo.read(path) + "# more\n")
        self.refused(repo, "003_mine.py has changes that are not staged")
        repo.git("add", path)
        repo.git("commit", "-q", "-m", "mine")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")
        self.assertIn("# more\n", repo.read(f"{VERSIONS}/004_mine.py"))

    def test_a_file_deleted_beyond_what_is_staged(self):
        repo = self.taken()
        (repo.path / self.stage(repo, "003_mine", "002_more")).unlink()
        self.refused(repo, "003_mine.py is deleted in the worktree")

    def test_one_that_names_it_and_is_not_staged(self):
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        path = self.write(repo, "004_more", "003_mine")
        self.refused(repo, "004_more.py names it", "git add it")
        repo.git("add", path)
        repo.git("commit", "-q", "-m", "both")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine", "005_more")

    def test_one_that_names_it_and_is_not_in_a_partial_commit(self):
        repo = self.taken()
        path = self.stage(repo, "003_mine", "002_more")
        self.stage(repo, "004_more", "003_mine")
        self.refused(repo, "004_more.py names it", arguments=("--", path))

    def test_a_commit_that_was_given_up(self):
        """Without a message: no later commit goes on without the file, unless it is told to."""
        for name, arguments in self.GIVEN_UP.items():
            for added in (True, False):
                with self.subTest(name, added=added):
                    repo = self.taken(name=f"{name}{added}")
                    self.stage(repo, "003_mine", "002_more")
                    environ = {"GIT_EDITOR": "false"}
                    if name == "own":
                        environ["GIT_INDEX_FILE"] = str(repo.write(".git/own/index", ""))
                        shutil.copy(repo.path / ".git/index", environ["GIT_INDEX_FILE"])
                    if name == "include":
                        repo.write("README", "more\n")
                        repo.git("add", "-N", "README")
                    repo.git("commit", *arguments, env=environ, expect=1)
                    path = f"{VERSIONS}/004_mine.py"
                    self.assertTrue((repo.path / path).exists())
                    done = repo.git("commit", "-q", "-a", "-m", "again", expect=1)
                    self.assertIn("given up", done.err.splitlines()[0])
                    self.assertIn(f"{path}; git add it", done.err)
                    if added:
                        repo.commit("again")
                        self.assert_numbered(repo, "001_start", "002_more", "004_mine")
                    else:
                        repo.write("README", "other\n")
                        repo.git("add", "README")
                        repo.git("rm", "-q", "--cached", f"{VERSIONS}/003_mine.py")
                        repo.git("commit", "-q", "-m", "other")
                        self.assertEqual(repo.out("show", "HEAD:README"), "other")

    GIVEN_UP = {"all": ["-a"], "include": ["-i", "README"], "partial": Commit.FORMS["partial"],
                "own": []}

    def test_a_name_that_lies_about(self):
        """An untracked migration is nobody's business, and keeps its name."""
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        repo.write(f"{VERSIONS}/004_mine.py", "revision = '004_mine'\ndown_revision = 'x'\n")
        repo.git("commit", "-q", "-m", "mine")
        self.assertEqual(repo.status(), f"?? {VERSIONS}/004_mine.py\n")
        (repo.path / f"{VERSIONS}/004_mine.py").unlink()
        self.assert_numbered(repo, "001_start", "002_more", "005_mine")

    def test_check(self):
        repo = self.taken()
        repo.git("config", "onehead.precommit", "check")
        path = self.stage(repo, "003_mine", "002_more")
        for arguments in ((), ("-a",), ("--", path)):
            self.refused(repo, "onehead renumber makes it 004_mine", arguments=arguments)
        repo.onehead("renumber")
        repo.git("commit", "-q", "-m", "mine")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")

    def test_a_value_that_is_none(self):
        repo = self.taken()
        repo.git("config", "onehead.precommit", "sometimes")
        self.stage(repo, "003_mine", "002_more")
        done = repo.git("commit", "-q", "-m", "mine", expect=1)
        self.assertIn("renumber or check", done.err)

    def test_a_fork_is_refused_before_anything_is_renamed(self):
        repo = self.taken()
        self.add(repo, "005_first", "002_more")
        path = self.stage(repo, "003_mine", "002_more")
        done = repo.git("commit", "-q", "-m", "mine", expect=1)
        self.assertIn("2 heads", done.err)
        self.assertEqual(repo.status(), f"A  {path}\n")


class Command(Shared):
    def test_nothing(self):
        repo = self.taken()
        self.assertEqual(repo.onehead("renumber").out, "onehead: nothing to renumber\n")

    def test_staged(self):
        repo = self.taken()
        path = self.stage(repo, "003_mine", "002_more")
        dry = repo.onehead("renumber", "--dry-run")
        self.assertIn("003_mine becomes 004_mine", dry.out)
        self.assertEqual(repo.status(), f"A  {path}\n")
        done = repo.onehead("renumber")
        self.assertIn("003_mine  becomes 004_mine", done.out)
        self.assertIn(f"A  {VERSIONS}/004_mine.py\n", repo.status())
        self.assertFalse((repo.path / path).exists())
        self.assertEqual(repo.onehead("renumber").out, "onehead: nothing to renumber\n")
        repo.onehead("undo")
        self.assertEqual(repo.status(), f"A  {path}\n")
        repo.onehead("renumber")
        repo.git("commit", "-q", "-m", "mine")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine")

    def test_untracked_and_staged(self):
        repo = self.taken()
        self.stage(repo, "003_mine", "002_more")
        self.write(repo, "004_more", "003_mine")
        before = repo.status(), self.body(repo, "004_more")
        repo.onehead("renumber")
        self.assertIn(f"?? {VERSIONS}/005_more.py\n", repo.status())
        self.assertIn(f"A  {VERSIONS}/004_mine.py\n", repo.status())
        repo.onehead("undo")
        self.assertEqual((repo.status(), self.body(repo, "004_more")), before)
        repo.onehead("renumber")
        repo.commit("both")
        self.assert_numbered(repo, "001_start", "002_more", "004_mine", "005_more")

    def test_not_rising_without_upstream(self):
        repo = self.shared()
        repo.git("checkout", "-q", "-b", "topic")
        self.add(repo, "003_mine", "002_more")
        self.write(repo, "003_again", "003_mine")
        repo.onehead("renumber")
        repo.commit("again")
        self.assert_numbered(repo, "001_start", "002_more", "003_mine", "004_again")

    def test_the_same_id_twice(self):
        repo = self.shared()
        repo.git("checkout", "-q", "-b", "topic")
        self.add(repo, "003", "002_more", file="003_first.py")
        self.stage(repo, "003", "002_more", file="003_second.py")
        repo.onehead("renumber")
        self.assertIn(f"A  {VERSIONS}/004_second.py\n", repo.status())
        self.assertTrue((repo.path / f"{VERSIONS}/003_first.py").exists())

    def test_committed(self):
        repo = self.shared()
        self.topic(repo, "003_mine", "004_mine_too")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        before = repo.head()
        done = repo.onehead("renumber", expect=1)
        self.assertIn("003_mine, 004_mine_too", done.out)
        self.assertIn("next: git rebase origin/main", done.out)
        self.assertEqual(repo.head(), before)
        self.assertEqual(repo.status(), "")
        repo.git("rebase", "-q", "origin/main")
        self.assert_numbered(
            repo, "001_start", "002_more", "003_theirs", "004_mine", "005_mine_too"
        )
        self.assertEqual(repo.onehead("renumber").out, "onehead: nothing to renumber\n")

    def test_a_file_edited_beyond_what_is_staged(self):
        repo = self.taken()
        path = self.stage(repo, "003_mine", "002_more")
        repo.write(path, repo.read(path) + "# more\n")
        done = repo.onehead("renumber", expect=2)
        self.assertIn("changes that are not staged", done.err)
        self.assertEqual(repo.status(), f"AM {path}\n")

    def test_in_the_middle_of_something(self):
        repo = self.taken()
        repo.git("merge", "-q", "--no-commit", "--no-ff", "origin/main")
        done = repo.onehead("renumber", expect=2)
        self.assertIn("MERGE_HEAD", done.err)


class Fresh(Shared):
    """`onehead number`: by hand, for `--rev-id`, and as Alembic's post-write hook."""

    EXEC = (1, 12)  # Alembic has the type `exec` since then

    def alembic(self, repo, worker, *argv, **options):
        return repo.run(worker.python, "-m", "alembic", *argv, **options)

    def new_file(self, repo):
        return [x[3:] for x in repo.status().splitlines() if x.startswith("??")]

    def test_the_next_number(self):
        repo = self.taken()
        self.assertEqual(repo.onehead("number").out, "004\n")
        self.assertEqual(repo.onehead("number", "-m", "Add X!").out, "004_add_x\n")
        self.write(repo, "004_wip", "002_more")
        self.assertEqual(repo.onehead("number").out, "005\n")

    def test_bare_numbers(self):
        repo = self.project()
        repo.migration("0001", None, file="0001_one.py")
        repo.migration("0002", "0001", file="0002_two.py")
        (repo.path / f"{VERSIONS}/a1.py").unlink()
        repo.commit("numbers")
        self.assertEqual(repo.onehead("number", "-m", "Add X!").out, "0003\n")
        path = repo.migration("737ef70e7bab", "0002", message="Add X", file="737ef70e7bab_add_x.py")
        repo.onehead("number", path)
        self.assertEqual(self.new_file(repo), [f"{VERSIONS}/0003_add_x.py"])
        repo.commit("three")
        self.assert_one_head(repo, "0003")

    def test_hashes(self):
        repo = self.project()
        self.add(repo, "737ef70e7bab", "a1")
        self.assertEqual(repo.onehead("number").out, "")
        path = repo.migration("8a1f3c77d0e2", "737ef70e7bab")
        self.assertEqual(repo.onehead("number", path).out, "")
        self.assertEqual(self.new_file(repo), [path])

    def test_rev_id_of_every_alembic(self):
        for worker in env.alembics():
            with self.subTest(worker.version):
                repo = self.taken(name="rev-id-%d.%d.%d" % tuple(worker.version[:3]))
                id = repo.onehead("number", "-m", "add x").out.strip()
                self.alembic(repo, worker, "revision", "--rev-id", id, "-m", "add x")
                repo.commit("mine")
                self.assert_numbered(repo, "001_start", "002_more", "004_add_x")

    def test_by_hand(self):
        repo = self.taken()
        worker = env.alembic()
        self.alembic(repo, worker, "revision", "-m", "add x")
        (path,) = self.new_file(repo)
        text = repo.read(path)
        dry = repo.onehead("number", "--dry-run", path).out.splitlines()
        self.assertEqual([line.split(" (")[0] for line in dry],
                         [f"would remove {path}", f"would add {VERSIONS}/004_add_x.py"])
        self.assertIn("becomes 004_add_x", dry[0])
        for _ in range(2):
            self.assertEqual((self.new_file(repo), repo.read(path)), ([path], text))
            done = repo.onehead("number", path)
            self.assertIn("becomes 004_add_x", done.out)
            self.assertEqual(self.new_file(repo), [f"{VERSIONS}/004_add_x.py"])
            self.assertEqual(repo.onehead("undo").out,
                             "onehead: took back onehead number: 2 files are as before\n")
        repo.onehead("number", "--keep-name", path)
        self.assertIn("004_add_x", repo.read(path))
        repo.onehead("undo")
        self.assertEqual((self.new_file(repo), repo.read(path)), ([path], text))
        repo.onehead("number", path)
        repo.write(f"{VERSIONS}/004_add_x.py", text + "# more\n")
        self.assertIn("004_add_x.py has changed since onehead number",
                      repo.onehead("undo", expect=2).err)
        repo.onehead("number", f"{VERSIONS}/004_add_x.py")
        self.assertEqual(self.new_file(repo), [f"{VERSIONS}/004_add_x.py"])
        self.assertEqual(repo.onehead("number", self.new_file(repo)[0]).out, "")
        repo.commit("mine")
        self.assert_numbered(repo, "001_start", "002_more", "004_add_x")

    def test_one_that_git_knows(self):
        repo = self.taken()
        path = self.stage(repo, "003_mine", "002_more")
        done = repo.onehead("number", path, expect=2)
        self.assertIn("onehead renumber", done.err)
        for wrong in ("README", "../elsewhere.py", "nowhere.py"):
            repo.onehead("number", wrong, expect=2)
        repo.onehead("number", "--keep-name", expect=2)

    def test_the_post_write_hook(self):
        for worker in env.alembics():
            with self.subTest(worker.version):
                repo = self.taken(name="hook-%d.%d.%d" % tuple(worker.version[:3]))
                repo.onehead("install", "--post-write")
                repo.commit("hook")
                done = self.alembic(repo, worker, "revision", "-m", "add x", expect=(0, 255))
                if tuple(worker.version[:2]) < self.EXEC:
                    self.assertIn("No formatter with name 'exec'", done.out + done.err)
                    continue
                self.assertEqual(done.code, 0)
                self.assertIn("becomes 004_add_x", done.out)
                repo.commit("mine")
                self.assert_numbered(repo, "001_start", "002_more", "004_add_x")

    def test_the_post_write_hook_without_onehead(self):
        repo = self.taken()
        repo.onehead("install", "--post-write")
        repo.environ["PATH"] = "/usr/bin:/bin"
        worker = env.alembic()
        self.assertGreaterEqual(tuple(worker.version[:2]), self.EXEC)
        self.alembic(repo, worker, "revision", "-m", "add x")
        self.assertRegex(self.new_file(repo)[0], r"/[0-9a-f]{12}_add_x\.py$")


class PostWrite(merging.TestCase):
    """The hook goes into the ini file and out of it again, and every other byte stays."""

    SECTIONS = {
        "none": "",
        "no newline at the end": "# the end",
        "empty": "\n[post_write_hooks]\n",
        "comments": "\n[post_write_hooks]\n# hooks = black\n# black.type = exec\n\n[loggers]\nkeys = root\n",
        "another": "\n[post_write_hooks]\nhooks = black\nblack.type = console_scripts\nblack.entrypoint = black\n",
        "two": "\n[post_write_hooks]\nhooks=black, ruff\n\n[loggers]\nkeys = root\n",
        "spaces": "\n[post_write_hooks]\nHooks : black  \n\nblack.type = exec\n",
    }

    def test_there_and_back(self):
        for name, section in self.SECTIONS.items():
            for crlf in (False, True):
                with self.subTest(name, crlf=crlf):
                    self.there_and_back(name.replace(" ", "-") + str(crlf), section, crlf)

    def there_and_back(self, name, section, crlf):
        repo = self.repo(name)
        self.start(repo)
        text = repo.read("alembic.ini") + section
        before = (text.replace("\n", "\r\n") if crlf else text).encode()
        repo.write("alembic.ini", before)
        repo.commit("ini", "--allow-empty")
        repo.onehead("install", "--dry-run", "--post-write")
        self.assertEqual((repo.path / "alembic.ini").read_bytes(), before)
        repo.onehead("install", "--post-write")
        after = (repo.path / "alembic.ini").read_bytes()
        self.assertIn(b"onehead.executable = sh", after)
        hooks = self.hooks(repo)
        self.assertEqual(hooks["hooks"].replace(",", " ").split()[-1], "onehead")
        self.assertIn('onehead number --keep-name "$0"', hooks["onehead.options"])
        repo.onehead("install", "--post-write")
        self.assertEqual((repo.path / "alembic.ini").read_bytes(), after)
        repo.onehead("uninstall")
        self.assertEqual((repo.path / "alembic.ini").read_bytes(), before)

    def hooks(self, repo):
        parser = configparser.ConfigParser({"here": "/"})
        parser.read(repo.path / "alembic.ini")
        return dict(parser["post_write_hooks"])

    def test_what_can_not_be_done_is_said(self):
        for name, section in (
            ("lines", "\n[post_write_hooks]\nhooks =\n  black\n  ruff\n"),
            ("default", "\n[DEFAULT]\nhooks = black\n[post_write_hooks]\n"),
        ):
            with self.subTest(name):
                repo = self.repo(name)
                self.start(repo)
                before = repo.read("alembic.ini") + section
                repo.write("alembic.ini", before)
                repo.commit("ini")
                done = repo.onehead("install", "--post-write", expect=1)
                self.assertIn("add onehead to them", done.out)
                self.assertEqual(repo.read("alembic.ini"), before)
                repo.onehead("uninstall")
                self.assertEqual(repo.read("alembic.ini"), before)

    def test_without_the_option_the_file_stays(self):
        repo = self.project()
        before = repo.read("alembic.ini")
        repo.onehead("install")
        self.assertEqual(repo.read("alembic.ini"), before)


if __name__ == "__main__":
    unittest.main()
