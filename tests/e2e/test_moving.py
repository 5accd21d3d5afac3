"""One line moves on top of the other where nobody has seen it yet: merge, pull and rebase."""

import unittest

import env
import merging
from merging import LOCK


class Shared(merging.TestCase):
    """A project that counts: 001_start and 002_more are on origin's main."""

    def shared(self, name="repo", lock=True):
        remote = self.repo(f"{name}.git", "--bare", "-b", "main")
        repo = self.repo(name)
        repo.project()
        repo.migration("001_start", None, 'op.create_table("t", sa.Column("id", sa.Integer()))')
        repo.migration("002_more", "001_start", merging.add_column("more"))
        repo.commit("base")
        self.install(repo, lock)
        repo.git("remote", "add", "origin", remote.path)
        repo.git("push", "-q", "-u", "origin", "main")
        repo.git("remote", "set-head", "origin", "main")
        return repo

    def published(self, repo, id, parent):
        """A migration that somebody else has pushed to main."""
        here = repo.out("branch", "--show-current")
        repo.git("checkout", "-q", "-B", "elsewhere", "origin/main")
        self.home.person("Bob")
        self.add(repo, id, parent)
        repo.git("push", "-q", "origin", "elsewhere:main")
        self.home.person("Ana")
        repo.git("checkout", "-q", here)
        repo.git("branch", "-q", "-D", "elsewhere")

    def topic(self, repo, *ids):
        """Migrations on a topic branch, each in a commit of its own, that nobody has seen."""
        repo.git("checkout", "-q", "-B", "topic")
        parent = "002_more"
        for id in ids:
            self.add(repo, id, parent)
            parent = id

    def chain(self, repo, rev=None):
        """All ids from the base up, of a graph that is one line."""
        if rev:
            repo.git("checkout", "-q", "--detach", rev)
        rows = {r["id"]: r["parents"] for r in env.alembic().history(repo)}
        children = {}
        for id, parents in rows.items():
            self.assertLessEqual(len(parents), 1, rows)
            children.setdefault(parents[0] if parents else None, []).append(id)
        line, at = [], None
        while at in children:
            self.assertEqual(len(children[at]), 1, rows)
            at = children[at][0]
            line.append(at)
        self.assertEqual(sorted(line), sorted(rows))
        if rev:
            repo.git("checkout", "-q", "-")
        return line

    def body(self, repo, id):
        text = repo.read(f"migrations/versions/{id}.py")
        return text[text.index("def upgrade"):]


class Moving(Shared):
    def test_merge_into_a_topic(self):
        repo = self.shared()
        self.topic(repo, "003_mine", "004_mine_too")
        before = self.body(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        done = repo.git("merge", "--no-edit", "origin/main")
        self.assert_one_head(repo, "005_mine_too")
        self.assertEqual(
            self.chain(repo),
            ["001_start", "002_more", "003_theirs", "004_mine", "005_mine_too"],
        )
        self.assertEqual(self.body(repo, "004_mine"), before)
        self.assertFalse((repo.path / "migrations/versions/003_mine.py").exists())
        self.assertIn("2 migrations moved on top of 003_theirs", done.err.splitlines()[0])
        self.assertIn("alembic stamp --purge 002_more", done.err)

    def test_pull_on_main(self):
        repo = self.shared()
        self.add(repo, "003_mine", "002_more")
        self.published(repo, "003_theirs", "002_more")
        theirs = repo.out("rev-parse", "origin/main:migrations/versions/003_theirs.py")
        repo.git("pull", "-q", "--no-rebase", "--no-edit")
        self.assert_one_head(repo, "004_mine")
        self.assertEqual(repo.out("rev-parse", "HEAD:migrations/versions/003_theirs.py"), theirs)

    def test_a_published_line_does_not_move(self):
        repo = self.shared()
        self.topic(repo, "003_mine")
        repo.git("push", "-q", "origin", "topic:other")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        done = repo.git("merge", "--no-edit", "origin/main")
        self.assert_one_head(repo, merging.merge_id("003_mine", "003_theirs"))
        self.assertIn("not moved: ", done.err)

    def test_the_topics_own_counterpart_does_not_count(self):
        repo = self.shared()
        self.topic(repo, "003_mine")
        repo.git("push", "-q", "-u", "origin", "topic")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.git("merge", "--no-edit", "origin/main")
        self.assert_one_head(repo, "004_mine")

    def test_policy(self):
        for policy, head in (
            ("merge", merging.merge_id("003_mine", "003_theirs")),
            ("linear", "004_mine"),
        ):
            with self.subTest(policy):
                repo = self.shared(policy)
                repo.git("config", "onehead.fork", policy)
                self.topic(repo, "003_mine")
                self.published(repo, "003_theirs", "002_more")
                repo.git("fetch", "-q")
                repo.git("merge", "--no-edit", "origin/main")
                self.assert_one_head(repo, head)

    def test_without_a_target_nothing_moves(self):
        repo = self.shared()
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.git("branch", "theirs", "origin/main")
        repo.git("remote", "remove", "origin")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_one_head(repo, merging.merge_id("003_mine", "003_theirs"))

    def test_twins(self):
        """The topic's migration was renumbered and squash-merged; another one builds on it."""
        repo = self.shared()
        self.topic(repo, "003_mine", "004_mine_too")
        repo.git("checkout", "-q", "-B", "squashed", "origin/main")
        repo.migration("003_theirs", "002_more", merging.add_column("theirs"))
        repo.migration("004_mine", "003_theirs", merging.add_column("003_mine"))
        repo.commit("squashed")
        repo.git("push", "-q", "origin", "squashed:main")
        repo.git("checkout", "-q", "topic")
        repo.git("branch", "-q", "-D", "squashed")
        repo.git("fetch", "-q")
        done = repo.git("merge", "--no-edit", "origin/main")
        self.assert_one_head(repo, "005_mine_too")
        self.assertIn("003_mine  is dropped: 004_mine is there for it", done.err)

    def test_mentions_elsewhere_are_listed(self):
        repo = self.shared()
        self.topic(repo, "003_mine")
        repo.write("docs/x.md", "see 003_mine\n")
        repo.commit("docs")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        done = repo.git("merge", "--no-edit", "origin/main")
        self.assertIn("an old id is named in docs/x.md:1", done.err)
        self.assertEqual(repo.read("docs/x.md"), "see 003_mine\n")

    def test_a_second_merge_does_nothing(self):
        repo = self.shared()
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.git("merge", "--no-edit", "origin/main")
        self.published(repo, "004_again", "003_theirs")
        repo.git("fetch", "-q")
        repo.git("merge", "--no-edit", "origin/main")
        self.assertEqual(
            self.chain(repo), ["001_start", "002_more", "003_theirs", "004_again", "005_mine"]
        )
        before = repo.head()
        repo.git("merge", "--no-edit", "origin/main")
        self.assertEqual(repo.head(), before)



class Rebasing(Shared):
    """Every commit of the rebased branch has one head and a true lock."""

    def each_commit_is_whole(self, repo, branch="topic"):
        self.assert_clean(repo)
        for commit in repo.out("rev-list", "--reverse", f"origin/main..{branch}").split():
            repo.git("checkout", "-q", "--detach", commit)
            line = self.chain(repo)
            lock = repo.read(LOCK)
            self.assertIn(f"\nhead {line[-1]}\n", lock)
            listed = {row.split()[0] for row in lock.split("\n\n", 1)[1].splitlines()}
            self.assertEqual(listed, set(line))
        repo.git("checkout", "-q", branch)

    def diverged(self, name="repo"):
        repo = self.shared(name)
        self.topic(repo, "003_mine", "004_mine_too")
        repo.write("work", "1")
        repo.commit("work")
        self.add(repo, "005_last", "004_mine_too")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        return repo

    LINE = ["001_start", "002_more", "003_theirs", "004_mine", "005_mine_too", "006_last"]

    def facts(self, repo, range):
        return repo.out("log", "--reverse", "--format=%an %ae %at %cn %s", range)

    def test_both_backends(self):
        for backend in ("--merge", "--apply"):
            with self.subTest(backend):
                repo = self.diverged("repo" + backend)
                old = repo.head()
                before = self.facts(repo, "origin/main..topic")
                done = repo.git("rebase", backend, "origin/main")
                self.assertEqual(self.chain(repo), self.LINE)
                self.assertEqual(repo.out("branch", "--show-current"), "topic")
                self.assertEqual(self.facts(repo, "origin/main..topic"), before)
                self.assertEqual(repo.head("ORIG_HEAD"), old)
                self.assertEqual(repo.head("topic@{1}"), old)
                self.assertIn("3 migrations moved on top of 003_theirs", done.err)
                self.each_commit_is_whole(repo)

    def test_pull_rebase_on_main(self):
        repo = self.shared()
        self.add(repo, "003_mine", "002_more")
        self.published(repo, "003_theirs", "002_more")
        repo.git("pull", "-q", "--rebase")
        self.assert_one_head(repo, "004_mine")
        self.assertEqual(len(repo.out("rev-list", "origin/main..HEAD").split()), 1)

    def test_hash_ids_keep_their_id(self):
        repo = self.shared()
        self.topic(repo, "aaaaaaaaaaaa")
        self.published(repo, "bbbbbbbbbbbb", "002_more")
        repo.git("fetch", "-q")
        repo.git("rebase", "-q", "origin/main")
        self.assertEqual(
            self.chain(repo), ["001_start", "002_more", "bbbbbbbbbbbb", "aaaaaaaaaaaa"]
        )
        self.each_commit_is_whole(repo)

    def test_stopped_and_continued(self):
        repo = self.diverged()
        repo.git("checkout", "-q", "-B", "elsewhere", "origin/main")
        repo.write("work", "2")
        repo.commit("their work")
        repo.git("push", "-q", "origin", "elsewhere:main")
        repo.git("checkout", "-q", "topic")
        repo.git("fetch", "-q")
        repo.git("rebase", "origin/main", expect=1)
        repo.write("work", "1 and 2")
        repo.git("add", "work")
        repo.git("-c", "core.editor=true", "rebase", "--continue")
        self.assertEqual(self.chain(repo), self.LINE)
        self.each_commit_is_whole(repo)

    def test_autosquash(self):
        repo = self.diverged()
        repo.write("work", "more")
        repo.commit("fixup! work")
        repo.git("-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", "origin/main")
        self.assertEqual(self.chain(repo), self.LINE)
        self.assertEqual(len(repo.out("rev-list", "origin/main..HEAD").split()), 4)
        self.each_commit_is_whole(repo)

    def test_what_a_later_commit_takes_away(self):
        """In the end nothing has moved; the commit in between has forked all the same."""
        for backend in ("--merge", "--apply"):
            with self.subTest(backend):
                repo = self.shared(name="repo" + backend)
                self.topic(repo, "003_mine")
                repo.git("revert", "--no-edit", "HEAD")
                self.published(repo, "003_theirs", "002_more")
                repo.git("fetch", "-q")
                repo.git("rebase", "-q", backend, "origin/main")
                self.assertEqual(self.chain(repo), self.LINE[:3])
                self.assertEqual(self.chain(repo, "HEAD~"), self.LINE[:4])
                self.each_commit_is_whole(repo)

    def test_what_was_built_upon_a_merge_that_is_not_replayed(self):
        """The merge had made it 004_mine, and 005_last names that; the rebase has 003_mine again."""
        repo = self.shared(lock=False)
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.git("merge", "-q", "--no-edit", "origin/main")
        self.add(repo, "005_last", "004_mine")
        self.published(repo, "004_again", "003_theirs")
        repo.git("fetch", "-q")
        repo.git("rebase", "-q", "origin/main")
        line = ["001_start", "002_more", "003_theirs", "004_again", "005_mine", "006_last"]
        self.assertEqual(self.chain(repo), line)
        self.assertEqual(self.chain(repo, "HEAD~"), line[:-1])
        self.assertEqual(repo.out("rev-list", "--count", "origin/main..HEAD"), "2")

    def test_what_was_picked_and_merged_comes_once(self):
        """The merge had dropped 003_part, as 004_part was there; the rebase brings it back."""
        for lock in (True, False):
            with self.subTest(lock=lock):
                repo = self.shared(f"repo-{lock}", lock)
                self.topic(repo, "003_part")
                repo.git("branch", "-m", "part")
                repo.git("checkout", "-q", "main")
                self.add(repo, "003_main", "002_more")
                repo.git("push", "-q", "origin", "main")
                repo.git("cherry-pick", "part")
                repo.git("merge", "-q", "--no-edit", "part")
                line = ["001_start", "002_more", "003_main", "004_part"]
                self.assertEqual(self.chain(repo), line)
                self.published(repo, "004_theirs", "003_main")
                repo.git("pull", "-q", "--rebase")
                self.assertEqual(self.chain(repo), [*line[:3], "004_theirs", "005_part"])

    def test_two_parts_of_a_line_whose_merge_is_not_replayed(self):
        """The merge had set mine on the part that it brought: so it stands in the end."""
        for mine, part, theirs, line in (
            ("003_mine", "003_part", "003_theirs", ["003_theirs", "004_part", "005_mine"]),
            ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc",
             ["cccccccccccc", "bbbbbbbbbbbb", "aaaaaaaaaaaa"]),
        ):  # fmt: skip
            with self.subTest(mine):
                repo = self.shared(mine)
                self.topic(repo, part)
                repo.git("branch", "-m", "part")
                repo.git("checkout", "-q", "main")
                self.topic(repo, mine)
                repo.git("merge", "-q", "--no-edit", "part")
                self.assertEqual(len(self.chain(repo)), 4)
                self.published(repo, theirs, "002_more")
                repo.git("fetch", "-q")
                repo.git("rebase", "-q", "origin/main")
                self.assertEqual(self.chain(repo), ["001_start", "002_more", *line])
                self.assertEqual(repo.out("rev-list", "--count", "origin/main..HEAD"), "2")
                self.each_commit_is_whole(repo)

    def merged_and_built_upon(self, lock):
        """cccc… stands on the merge revision, main has gone on, and the rebase drops the merge."""
        repo = self.shared(lock=lock)
        repo.git("config", "onehead.fork", "merge")
        self.topic(repo, "aaaaaaaaaaaa")
        self.published(repo, "bbbbbbbbbbbb", "002_more")
        repo.git("fetch", "-q")
        repo.git("merge", "-q", "--no-edit", "origin/main")
        (joined,) = env.alembic().heads(repo)
        self.add(repo, "cccccccccccc", joined)
        self.add(repo, "dddddddddddd", "cccccccccccc")
        self.published(repo, "eeeeeeeeeeee", "bbbbbbbbbbbb")
        repo.git("fetch", "-q")
        return repo

    def test_what_was_built_upon_a_merge_revision_that_is_not_replayed(self):
        """It stands on what that one joined, which is one line by now."""
        repo = self.merged_and_built_upon(lock=False)
        said = repo.git("rebase", "-q", "origin/main").err
        line = ["001_start", "002_more", *(c * 12 for c in "beacd")]
        self.assertEqual(self.chain(repo), line)
        self.assertEqual(self.chain(repo, "HEAD~"), line[:-1])
        self.assertEqual(self.chain(repo, "HEAD~2"), line[:-2])
        self.assertIn("alembic stamp --purge bbbbbbbbbbbb", said)
        self.assertIn("alembic stamp dddddddddddd", said)

    def test_the_same_with_a_lock(self):
        """Git stops where the merge revision is missed; the end of the rebase settles it."""
        repo = self.merged_and_built_upon(lock=True)
        self.assertIn("next: onehead resolve", repo.git("rebase", "origin/main", expect=1).err)
        repo.onehead("resolve")
        repo.git("-c", "core.editor=true", "rebase", "--continue")
        line = ["001_start", "002_more", *(c * 12 for c in "beacd")]
        self.assertEqual(self.chain(repo), line)
        self.each_commit_is_whole(repo)

    def test_update_refs(self):
        repo = self.diverged()
        repo.git("branch", "lower", "HEAD~2")
        repo.git("rebase", "-q", "--update-refs", "origin/main")
        self.assertEqual(repo.head("lower"), repo.head("topic~2"))
        self.assertEqual(self.chain(repo, "lower"), self.LINE[:-1])
        repo.git("checkout", "-q", "topic")
        self.each_commit_is_whole(repo)

    def test_rebase_merges(self):
        repo = self.diverged()
        repo.git("checkout", "-q", "-b", "side", "HEAD~1")
        repo.write("side", "1")
        repo.commit("side")
        repo.git("checkout", "-q", "topic")
        repo.git("merge", "-q", "--no-edit", "side")
        repo.git("rebase", "-q", "--rebase-merges", "origin/main")
        self.assertEqual(self.chain(repo), self.LINE)
        self.assertEqual(len(repo.out("log", "-1", "--format=%P").split()), 2)
        self.each_commit_is_whole(repo)

    def test_autostash_and_dirty_files(self):
        repo = self.diverged()
        repo.write("README", "dirty\n")
        repo.git("add", "README")
        repo.write("README", "dirtier\n")
        repo.git("rebase", "-q", "--autostash", "origin/main")
        self.assertEqual(repo.read("README"), "dirtier\n")
        repo.git("checkout", "-q", "-f", "topic")
        repo.run("rm", "-f", "README")
        self.assertEqual(self.chain(repo), self.LINE)

    def test_signed(self):
        repo = self.diverged()
        merging.make_key(repo)
        repo.git("config", "commit.gpgSign", "true")
        repo.git("rebase", "-q", "--force-rebase", "origin/main")
        self.each_commit_is_whole(repo)
        signs = repo.out("log", "--format=%G?", "origin/main..topic").split()
        self.assertEqual(signs, ["G"] * 4)

    def test_published_ones_are_joined(self):
        repo = self.diverged()
        repo.git("push", "-q", "origin", "topic:refs/heads/other")
        repo.git("rebase", "-q", "origin/main")
        self.assert_one_head(repo, merging.merge_id("003_theirs", "005_last"))

    def test_a_rebase_of_other_files_says_nothing(self):
        repo = self.shared()
        repo.git("checkout", "-q", "-b", "topic")
        repo.write("work", "1")
        repo.commit("work")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        self.assertEqual(repo.git("rebase", "-q", "origin/main").err, "")


class RebaseCommand(Shared):
    def behind(self):
        """003_mine here, 003_theirs on origin's main."""
        repo = self.shared()
        self.topic(repo, "003_mine")
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        return repo

    LINE = ["001_start", "002_more", "003_theirs", "004_mine"]

    def test_onto_the_target(self):
        repo = self.behind()
        before = repo.head()
        told = repo.onehead("rebase", "--dry-run").out
        self.assertIn("would rebase onto origin/main", told)
        self.assertIn("004_mine.py", told)
        self.assertEqual(repo.head(), before)
        self.assert_clean(repo)
        repo.onehead("rebase")
        self.assertEqual(self.chain(repo), self.LINE)
        self.assert_clean(repo)
        self.assertIn("is in this branch already", repo.onehead("rebase").out)
        repo.onehead("undo")
        self.assertEqual(repo.head(), before)

    def test_onto_what_is_named(self):
        repo = self.behind()
        repo.git("branch", "other", "origin/main")
        repo.onehead("rebase", "--onto", "other")
        self.assertEqual(self.chain(repo), self.LINE)
        done = repo.onehead("rebase", "--onto", "nowhere", expect=2)
        self.assertIn("nowhere", done.err)

    def test_a_fast_forward(self):
        repo = self.shared()
        self.published(repo, "003_theirs", "002_more")
        repo.git("fetch", "-q")
        repo.git("checkout", "-q", "-b", "topic")
        repo.onehead("rebase")
        self.assertEqual(repo.head(), repo.head("origin/main"))

    def test_one_that_stops(self):
        repo = self.behind()
        repo.write("README", "mine\n")
        repo.git("add", "README")
        repo.git("commit", "-q", "-m", "mine")
        here = repo.head()
        repo.git("checkout", "-q", "-B", "elsewhere", "origin/main")
        repo.write("README", "theirs\n")
        repo.git("add", "README")
        repo.git("commit", "-q", "-m", "theirs")
        repo.git("push", "-q", "origin", "elsewhere:main")
        repo.git("checkout", "-q", "topic")
        self.assertIn("README", repo.onehead("rebase", "--dry-run", expect=2).err)
        done = repo.onehead("rebase", expect=1)
        self.assertIn("git rebase --continue", done.out)
        self.assertIn("rebase-merge", repo.onehead("rebase", expect=2).err)
        repo.write("README", "both\n")
        repo.git("add", "README")
        repo.git("-c", "core.editor=:", "rebase", "--continue")
        self.assertEqual(self.chain(repo), self.LINE)
        repo.onehead("undo")
        self.assertEqual(repo.head(), here)

    def test_where_nothing_would_be_moved(self):
        repo = self.behind()
        (repo.path / ".git/hooks/post-rewrite").unlink()
        before = repo.head()
        done = repo.onehead("rebase", expect=2)
        self.assertIn("onehead doctor", done.err)
        self.assertEqual(repo.head(), before)

    def test_where_the_target_is_not_known(self):
        repo = self.project()
        self.assertIn("--onto", repo.onehead("rebase", expect=2).err)


class InOrder(Shared):
    """Lines that collide, and a person who says which comes first."""

    def stopped(self, name="repo"):
        repo = self.shared(name)
        self.topic(repo)
        repo.migration("003_long", "002_more", 'op.alter_column("t", "more", type_=sa.BigInteger())')
        repo.commit("long")
        repo.git("checkout", "-q", "main")
        repo.migration("003_drop", "002_more", 'op.drop_column("t", "more")')
        repo.commit("drop")
        repo.git("push", "-q", "origin", "main")
        repo.git("checkout", "-q", "topic")
        return repo

    def merge(self, repo):
        return repo.git("merge", "--no-edit", "origin/main", expect=1).err

    def test_one_after_the_other(self):
        for way in ("--linear", "--theirs-first"):
            with self.subTest(way):
                repo = self.stopped("repo" + way)
                self.assertIn("onehead resolve --linear && git commit   one after", self.merge(repo))
                repo.onehead("resolve", expect=1)
                self.assertIn("003_long  becomes 004_long", repo.onehead("resolve", way).out)
                repo.git("commit", "-q", "--no-edit")
                self.assertEqual(self.chain(repo)[2:], ["003_drop", "004_long"])
                repo.onehead("check")

    def test_none_may_move(self):
        repo = self.stopped()
        repo.git("push", "-q", "origin", "topic:other")
        self.assertNotIn("--linear", self.merge(repo))
        before = repo.status()
        for way in ("--linear", "--theirs-first", "--ours-first"):
            told = repo.onehead("resolve", way, expect=1).out
            self.assertIn("STOPPED, nothing staged: both lines change column t.more", told)
            self.assertIn("  not moved: 003_", told)
        self.assertEqual(repo.status(), before)
        repo.onehead("resolve", "--merge")
        repo.git("commit", "-q", "--no-edit")


if __name__ == "__main__":
    unittest.main()
