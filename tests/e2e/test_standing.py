"""Who moves: what is published, deployed, movable or doubtful, in clones of every shape."""

import os
import shutil
import sqlite3
import unittest

import env
import standings
from standings import MOVABLE



SANITIZE = False  # the same programs run under sanitizers in the other files
class Counterparts(standings.TestCase):
    """The line's own branch on the remote does not publish, unless it belongs to everybody."""

    def topic(self, name="topic", **more):
        work = self.cloned()
        work.branch(name)
        self.add(work, "b1", **more)
        return work

    def test_never_pushed(self):
        self.assert_movable(self.topic(), "b1")

    def test_what_main_has(self):
        self.assert_published(self.topic(), "a1", "in origin/main", without=())

    def test_pushed_under_its_name(self):
        work = self.topic()
        work.git("push", "-q", "origin", "topic")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "-u", "origin", "topic")
        self.assert_movable(work, "b1")

    def test_pushed_under_another_name(self):
        work = self.topic()
        work.git("push", "-q", "origin", "topic:other")
        self.assert_published(work, "b1", "in origin/other")
        work.git("push", "-q", "origin", "topic")
        self.assert_published(work, "b1", "in origin/other")

    def test_where_it_is_pushed_to_by_configuration(self):
        work = self.topic()
        work.git("config", "push.default", "upstream")
        work.git("push", "-q", "origin", "topic:review/7")
        work.git("branch", "-q", "--set-upstream-to", "origin/review/7")
        self.assert_movable(work, "b1")

    def test_upstream_is_main(self):
        """git checkout -b topic --track origin/main, with each way of pushing."""
        work = self.cloned()
        work.branch("topic", "origin/main")
        self.add(work, "b1")
        for way in ("simple", "upstream", "current", "matching", "nothing"):
            with self.subTest(way):
                work.git("config", "push.default", way)
                self.assert_movable(work, "b1")
                work.git("push", "-q", "origin", "HEAD:topic")
                self.assert_movable(work, "b1")
                work.git("push", "-q", "origin", "HEAD:main")
                self.assert_published(work, "b1", "in origin/main")
                work.git("push", "-qf", "origin", "HEAD~1:main")
                self.forget(work)  # main has had it: that stays remembered

    def test_slashes(self):
        work = self.topic("feature/ana/x")
        work.git("push", "-q", "origin", "feature/ana/x")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "origin", "feature/ana/x:feature/ana/y")
        self.assert_published(work, "b1", "in origin/feature/ana/y")

    def test_detached(self):
        work = self.topic()
        work.git("push", "-q", "origin", "topic")
        work.checkout("HEAD~0")
        self.assert_published(work, "b1", "in origin/topic")
        self.assert_movable(work, "b1", branch="refs/heads/topic")

    def test_while_it_is_rebased(self):
        """HEAD is detached; the caller says which branch it is."""
        work = self.topic()
        work.git("push", "-q", "origin", "topic")
        work.write("f", "1")
        work.commit("ours")
        work.checkout("main")
        work.write("f", "2")
        work.commit("theirs")
        work.git("rebase", "main", "topic", expect=1)
        name = work.read(".git/rebase-merge/head-name").strip()
        self.assert_movable(work, "b1", branch=name)
        self.assert_movable(work, "b1", branch=name, commit="topic")
        self.assert_published(work, "b1", "in origin/topic")

    def test_another_line(self):
        """Asked about a branch that is not checked out."""
        work = self.topic()
        work.git("push", "-q", "origin", "topic")
        work.checkout("main")
        self.assert_movable(work, "b1", branch="refs/heads/topic", commit="topic")
        self.assert_published(work, "b1", "in origin/topic", commit="topic")

    def test_main_itself(self):
        work = self.cloned()
        self.add(work, "b1")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "origin", "main")
        self.assert_published(work, "b1", "in origin/main")

    def pushed(self, names):
        """{name: standing of what was pushed there}, one clone for all."""
        work, told = self.cloned(), {}
        for number, name in enumerate(names):
            work.git("checkout", "-q", "--no-track", "-b", name, "origin/main")
            self.add(work, f"b{number}")
            work.git("push", "-q", "origin", name)
            told[name] = self.standing(work, f"b{number}")
            work.git("push", "-q", "origin", f":{name}")
        return told

    def test_branches_that_belong_to_everybody(self):
        names = ("release/1.2", "release-1.2", "team/release_next", "stable/4", "v2", "v1.x",
                 "4.2", "hotfix/login", "develop", "maint/1.0", "releases")
        told = self.pushed(names)
        self.assertEqual(told, {name: ("published", f"in origin/{name}") for name in names})

    def test_branches_that_do_not(self):
        names = ("1234", "v", "released", "stabler", "feature/v2-api", "main-menu", "x/main", "v.1")
        self.assertEqual(self.pushed(names), {name: MOVABLE for name in names})

    def test_a_default_branch_of_any_name(self):
        work = self.topic("our-line")
        work.git("push", "-q", "origin", "our-line")
        self.assert_movable(work, "b1")
        work.git("remote", "set-head", "origin", "our-line")
        self.assert_published(work, "b1", "in origin/our-line")

    def test_the_target(self):
        work = self.topic()
        work.git("push", "-q", "origin", "topic")
        for value in ("origin/topic", "refs/remotes/origin/topic", "remotes/origin/topic"):
            work.git("config", "onehead.target", value)
            self.assert_published(work, "b1", "in " + value)
        work.git("config", "onehead.target", "origin/main")
        self.assert_movable(work, "b1")

    def test_the_line_itself_is_no_target(self):
        work = self.topic()
        for value in ("topic", "refs/heads/topic"):
            work.git("config", "onehead.target", value)
            self.assert_movable(work, "b1")

    def test_a_local_target(self):
        work = self.topic()
        work.git("branch", "integration")
        work.git("branch", "-q", "--set-upstream-to", "integration")
        self.assertEqual(self.target(work), ("integration", "this branch's upstream"))
        self.assert_published(work, "b1", "in integration")

    def test_a_target_that_is_not_here(self):
        work = self.topic()
        work.git("config", "onehead.target", "origin/gone")
        told = self.standings(work, expect=2)
        self.assertEqual(told["b1"][0], "doubtful")
        self.assertIn("onehead.target names origin/gone", told["b1"][1])


class Remotes(standings.TestCase):
    def fork(self):
        """origin is a fork of Ana's, upstream what everybody merges into."""
        work = self.cloned()
        own = self.repo("own.git", "--bare")
        work.git("remote", "rename", "origin", "upstream")
        work.git("remote", "add", "origin", str(own.path))
        work.git("push", "-q", "origin", "main")
        work.git("fetch", "-q", "--all")
        work.branch("topic", "upstream/main")
        self.add(work, "b1")
        return work

    def test_a_fork(self):
        work = self.fork()
        work.git("config", "remote.pushDefault", "origin")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "origin", "topic")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "upstream", "topic")
        self.assert_published(work, "b1", "in upstream/topic")

    def test_push_remote_of_the_branch(self):
        work = self.fork()
        work.git("config", "branch.topic.pushRemote", "upstream")
        work.git("push", "-q", "upstream", "topic")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "origin", "topic")
        self.assert_published(work, "b1", "in origin/topic")

    def test_the_default_branch_of_the_fork(self):
        """main of the fork belongs to everybody as well."""
        work = self.fork()
        work.checkout("main")
        self.add(work, "b2")
        work.git("push", "-q", "origin", "main")
        self.assert_published(work, "b2", "in origin/main")

    def test_names_with_slashes(self):
        work = self.cloned()
        work.git("remote", "rename", "origin", "team/one")
        work.git("remote", "add", "team", str(self.remote.path))
        work.git("fetch", "-q", "--all")
        work.branch("x/y", "--no-track")
        self.add(work, "b1")
        work.git("config", "branch.x/y.remote", "team/one")
        work.git("push", "-q", "team/one", "x/y")
        self.assert_movable(work, "b1")
        work.git("fetch", "-q", "team")
        self.assert_published(work, "b1", "in team/x/y")

    def test_no_remote(self):
        seed = self.seed()
        self.add(seed, "b1")
        self.assertEqual(self.standings(seed, without=()), {"a1": MOVABLE, "b1": MOVABLE})
        seed.git("tag", "v1", "HEAD~1")
        self.assertEqual(
            self.standings(seed, without=()),
            {"a1": ("published", "in tag v1"), "b1": MOVABLE},
        )

    def test_never_fetched(self):
        self.cloned()
        seed = self.seed("seed2")
        seed.git("remote", "add", "origin", f"file://{self.remote.path}")
        seed.branch("topic")
        self.add(seed, "b1")
        self.assert_doubtful(seed, "b1", "origin was never fetched")
        seed.git("fetch", "-q")
        self.assert_movable(seed, "b1")

    def test_only_pushed(self):
        """What else the remote has is not known by that."""
        self.cloned()
        seed = self.seed("seed2")
        seed.git("remote", "add", "origin", f"file://{self.remote.path}")
        seed.branch("topic")
        self.add(seed, "b1")
        seed.git("push", "-q", "-u", "origin", "topic")
        self.assert_doubtful(seed, "b1", "origin was never fetched")
        seed.git("fetch", "-q")
        self.assert_movable(seed, "b1")

    def test_one_of_two_was_never_fetched(self):
        work = self.cloned()
        work.git("remote", "add", "fork", f"file://{self.remote.path}")
        work.branch("topic")
        self.add(work, "b1")
        self.assert_doubtful(work, "b1", "fork was never fetched")
        self.assert_published(work, "a1", "in origin/main", without=())

    def test_no_target_is_known(self):
        work = self.cloned()
        work.git("push", "-q", "origin", "main:oddly-named")
        work.git("fetch", "-q")
        work.git("remote", "set-head", "origin", "--delete")
        work.git("update-ref", "-d", "refs/remotes/origin/main")
        work.git("branch", "-q", "--unset-upstream")
        work.branch("topic")
        self.add(work, "b1")
        self.assertEqual(self.target(work)[0], "")
        self.assert_doubtful(work, "b1", "not known which branch")
        work.git("config", "onehead.target", "origin/oddly-named")
        self.assert_movable(work, "b1")

    def test_a_dangling_head(self):
        work = self.cloned()
        work.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
        work.branch("topic")
        self.add(work, "b1")
        self.assertEqual(self.target(work), ("origin/main", "its name"))
        self.assert_movable(work, "b1")

    def test_a_single_branch(self):
        work = self.cloned("work", "--single-branch")
        work.branch("topic")
        self.add(work, "b1")
        self.assert_movable(work, "b1")

    def test_a_bare_clone_with_worktrees(self):
        """Its branches are copies; nothing tracks the remote until somebody says so."""
        self.cloned()
        bare = self.again("bare.git", "--bare")
        bare.git("worktree", "add", "-q", "-b", "topic", "../tree", "main")
        tree = env.Repo(self.home, self.home.path / "tree")
        self.add(tree, "b1")
        self.assert_doubtful(tree, "b1", "origin was never fetched")
        bare.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
        bare.git("fetch", "-q")
        self.assert_movable(tree, "b1")
        bare.git("push", "-q", "origin", "topic:other")
        self.assert_published(tree, "b1", "in origin/other")

    def test_left_over_from_a_remote_that_is_gone(self):
        work = self.cloned()
        work.branch("topic")
        self.add(work, "b1")
        work.git("update-ref", "refs/remotes/old/x", "HEAD")
        self.assert_published(work, "b1", "in old/x")


class History(standings.TestCase):
    """Published is what ever was in the history of a ref, however it came and went."""

    def setUp(self):
        super().setUp()
        self.work = self.cloned()
        self.bob = self.again("bob")
        self.work.branch("topic")
        self.path = self.add(self.work, "b1")
        self.work.git("push", "-q", "origin", "topic")
        self.bob.git("fetch", "-q")

    def merged(self, *options):
        self.bob.git("merge", "-q", "--no-edit", *options, "origin/topic")
        if "--squash" in options:
            self.bob.git("commit", "-q", "-m", "squashed")

    def publish(self, *refs):
        self.bob.git("push", "-q", "origin", *(refs or ["main"]))
        self.work.git("fetch", "-q")

    def both(self, why):
        """The same, whether anything is remembered or not."""
        for _ in range(3):
            self.assert_published(self.work, "b1", why)
        self.forget(self.work)
        self.assert_published(self.work, "b1", why)

    def test_merged(self):
        self.assert_movable(self.work, "b1")
        self.merged("--no-ff")
        self.assert_movable(self.work, "b1")
        self.publish()
        self.both("in origin/main")

    def test_squashed(self):
        self.merged("--squash")
        self.publish()
        self.both("in origin/main")

    def test_squashed_and_edited(self):
        self.merged("--squash")
        text = self.bob.read(self.path)
        self.bob.write(self.path, text.replace("b1\")", "other\")"))
        self.bob.commit("edited")
        self.publish()
        self.both("in origin/main")

    def test_squashed_and_renamed(self):
        self.merged("--squash")
        self.bob.git("mv", self.path, "migrations/versions/0002_b.py")
        self.bob.git("commit", "-q", "--amend", "-m", "renamed")
        self.publish()
        self.both("in origin/main")

    def test_squashed_and_formatted_and_renamed(self):
        """Another file, other bytes, the same migration."""
        self.merged("--squash")
        text = self.bob.read(self.path).replace("'", '"').replace("\n\n\n", "\n\n# x\n\n")
        self.bob.write("migrations/versions/0002_b.py", text)
        self.bob.git("rm", "-q", "-f", self.path)
        self.bob.git("add", "-A")
        self.bob.git("commit", "-q", "--amend", "-m", "renamed")
        self.publish()
        self.both("in origin/main")

    def test_reverted(self):
        self.merged("--no-ff")
        self.bob.git("revert", "--no-edit", "-m", "1", "HEAD")
        self.publish()
        self.both("in the history of origin/main")

    def test_reverted_before_it_was_merged(self):
        """The merge brings nothing: the side that had it is looked at all the same."""
        self.bob.git("checkout", "-q", "-b", "side", "origin/topic")
        self.drop(self.bob, self.path)
        self.bob.checkout("main")
        self.bob.write("f", "1")
        self.bob.commit("f")
        self.bob.git("merge", "-q", "--no-edit", "side")
        self.publish()
        self.both("in the history of origin/main")

    def test_in_a_merge_commit_alone(self):
        self.bob.git("checkout", "-q", "-b", "side")
        self.bob.write("f", "1")
        self.bob.commit("f")
        self.bob.checkout("main")
        self.bob.write("g", "1")
        self.bob.commit("g")
        self.bob.git("merge", "-q", "--no-commit", "side")
        self.bob.git("checkout", "-q", "origin/topic", "--", self.path)
        self.bob.git("commit", "-q", "-m", "merge")
        self.drop(self.bob, self.path)
        self.publish()
        self.both("in the history of origin/main")

    def test_in_the_first_commit(self):
        self.bob.git("checkout", "-q", "--orphan", "other", "origin/topic")
        self.bob.git("commit", "-q", "-m", "all of it")
        self.drop(self.bob, self.path)
        for name, value in (("log.showRoot", "false"), ("log.follow", "true"),
                            ("diff.relative", "true"), ("diff.renames", "copies"),
                            ("color.ui", "always"), ("log.showSignature", "true"),
                            ("format.pretty", "oneline"), ("log.diffMerges", "off"),
                            ("core.quotePath", "true"), ("log.decorate", "full")):
            self.work.git("config", name, value)
        self.publish("other")
        self.both("in the history of origin/other")

    def test_somebody_builds_on_it(self):
        self.bob.git("checkout", "-q", "-b", "bobs", "origin/topic")
        self.add(self.bob, "c1", "b1")
        self.publish("bobs")
        self.both("in origin/bobs")

    def test_amended_after_somebody_built_on_it(self):
        self.bob.git("checkout", "-q", "-b", "bobs", "origin/topic")
        self.publish("bobs")
        self.add(self.work, "b1", upgrade="op.execute('other')", commit=False)
        self.work.git("commit", "-q", "-a", "--amend", "-m", "better")
        self.work.git("push", "-qf", "origin", "topic")
        self.both("in origin/bobs")

    def test_a_branch_that_was_deleted(self):
        self.bob.git("checkout", "-q", "-b", "bobs", "origin/topic")
        self.publish("bobs")
        self.both("in origin/bobs")
        self.bob.git("push", "-q", "origin", "--delete", "bobs")
        self.assert_published(self.work, "b1", "in origin/bobs")
        self.work.git("fetch", "-q", "--prune")
        self.assert_movable(self.work, "b1")

    def test_what_main_once_had_is_remembered(self):
        """main is overwritten: those who had fetched it know."""
        self.merged("--squash")
        self.publish()
        self.assert_published(self.work, "b1", "in origin/main")
        self.bob.git("reset", "-q", "--hard", "HEAD~1")
        self.bob.write("f", "1")
        self.bob.commit("f")
        self.publish("+main")
        self.assert_published(self.work, "b1", "in the history of origin/main")
        self.work.git("reflog", "expire", "--expire=now", "--all")
        self.work.git("gc", "-q", "--prune=now")
        self.bob.write("f", "2")
        self.bob.commit("f")
        self.publish()
        self.assert_published(self.work, "b1", "in the history of origin/main")
        self.forget(self.work)
        self.assert_movable(self.work, "b1")

    def test_main_was_overwritten_and_its_commits_are_gone(self):
        """What is remembered to have been looked at can't be left out any more."""
        self.bob.write("f", "1")
        self.bob.commit("f")
        self.publish()
        self.assert_movable(self.work, "b1")
        self.bob.git("reset", "-q", "--hard", "HEAD~1")
        self.merged("--squash")
        self.publish("+main")
        self.work.git("reflog", "expire", "--expire=now", "--all")
        self.work.git("gc", "-q", "--prune=now")
        self.both("in origin/main")

    def test_remembered_while_much_changes(self):
        """Step by step, what is remembered and what is read anew say the same."""
        for step in range(12):
            if step % 3 == 0:
                self.bob.checkout("main")
                self.add(self.bob, f"m{step}")
                self.bob.git("push", "-q", "origin", "main")
            elif step % 3 == 1:
                self.bob.git("checkout", "-q", "-b", f"t{step}", "main")
                self.add(self.bob, f"n{step}")
                self.bob.git("push", "-q", "origin", f"t{step}")
            else:
                self.bob.git("tag", f"v{step}", f"t{step - 1}")
                self.bob.git("push", "-q", "origin", f"v{step}", f":t{step - 1}")
            self.work.git("fetch", "-q", "--prune", "--tags")
            for commit in ("topic", "origin/main", *(["v5"] if step >= 5 else [])):
                told = self.standings(self.work, commit=commit)
                kept = self.home.path / "kept"
                shutil.move(self.work.path / ".git/onehead", kept)
                self.assertEqual(self.standings(self.work, commit=commit), told)
                shutil.rmtree(self.work.path / ".git/onehead")
                shutil.move(kept, self.work.path / ".git/onehead")

    def test_what_is_remembered_is_damaged(self):
        self.merged("--squash")
        self.publish()
        self.assert_published(self.work, "b1", "in origin/main")
        (file,) = (self.work.path / ".git/onehead").glob("seen-*")
        whole = file.read_bytes()
        for bytes in (b"", b"x", whole[:-1], whole[: len(whole) // 2], whole + b"E\0",
                      whole.replace(b"onehead seen 1", b"onehead seen 2")):
            file.write_bytes(bytes)
            self.assert_published(self.work, "b1", "in origin/main")
            self.assertEqual(file.read_bytes(), whole)

    def test_nothing_can_be_remembered(self):
        self.merged("--squash")
        self.publish()
        self.forget(self.work)
        (self.work.path / ".git/onehead").write_text("a file")
        self.assert_published(self.work, "b1", "in origin/main")

    def test_many_tips(self):
        self.merged("--squash")
        self.publish()
        tips = "".join(
            f"update refs/remotes/origin/t{n} {self.work.head('topic~1')}\n"
            f"create refs/tags/t{n} {self.work.head('topic~1')}\n" for n in range(1500)
        )
        self.work.git("update-ref", "--stdin", input=tips)
        self.both("in origin/main")


class Tags(standings.TestCase):
    def setUp(self):
        super().setUp()
        self.work = self.cloned()
        self.work.branch("topic")
        self.add(self.work, "b1")

    def test_light(self):
        self.work.git("tag", "v1")
        self.assert_published(self.work, "b1", "in tag v1")

    def test_annotated_and_nested(self):
        self.work.git("tag", "-a", "-m", "x", "v1")
        self.work.git("tag", "-a", "-m", "x", "outer", "v1")
        self.work.git("tag", "-d", "v1")
        self.assert_published(self.work, "b1", "in tag outer")
        self.work.git("tag", "-d", "outer")
        self.assert_movable(self.work, "b1")

    def test_several_at_once(self):
        self.add(self.work, "c1", "b1")
        for name, at in (("v1", "HEAD~2"), ("v2", "HEAD~2^{tree}"), ("v3", "HEAD~1"), ("v4", "HEAD")):
            self.work.git("tag", "-a", "-m", "x", name, at)
        self.assertEqual(
            self.standings(self.work),
            {"b1": ("published", "in tag v3"), "c1": ("published", "in tag v4")},
        )

    def test_of_something_else(self):
        for kind in ("HEAD^{tree}", "HEAD:alembic.ini"):
            self.work.git("tag", "-f", "thing", kind)
            self.work.git("tag", "-f", "-a", "-m", "x", "described", kind)
            self.assert_movable(self.work, "b1")

    def test_two_tags_and_one_goes(self):
        self.work.git("tag", "v1")
        self.assert_published(self.work, "b1", "in tag v1")
        self.work.git("tag", "v2")
        self.assert_published(self.work, "b1", "in tag v1")
        self.work.git("tag", "-d", "v1")
        self.assert_published(self.work, "b1", "in tag v2")
        self.work.git("tag", "-d", "v2")
        self.assert_movable(self.work, "b1")

    def test_later(self):
        self.add(self.work, "c1", "b1")
        self.drop(self.work, "migrations/versions/b1.py")
        self.work.git("tag", "v1")
        self.add(self.work, "b1")
        self.assertEqual(
            self.standings(self.work),
            {"b1": ("published", "in the history of tag v1"), "c1": ("published", "in tag v1")},
        )

    def test_published_by_configuration(self):
        self.work.git("branch", "shared/x")
        self.assert_movable(self.work, "b1")
        self.work.git("config", "onehead.published", "refs/nothing")
        self.work.git("config", "--add", "onehead.published", "refs/heads/shared")
        self.assert_published(self.work, "b1", "in shared/x")
        self.work.git("config", "--replace-all", "onehead.published", "refs/heads/sh*/*")
        self.assert_published(self.work, "b1", "in shared/x")

    def test_the_line_itself_by_configuration(self):
        self.work.git("config", "onehead.published", "refs/heads/topic")
        self.assert_published(self.work, "b1", "in topic")

    def test_its_counterpart_by_configuration(self):
        self.work.git("push", "-q", "origin", "topic")
        self.assert_movable(self.work, "b1")
        self.work.git("config", "onehead.published", "refs/remotes/origin")
        self.assert_published(self.work, "b1", "in origin/topic")

    def test_a_pattern_that_looks_like_an_option(self):
        self.work.git("config", "onehead.published", "--shell")
        self.assert_movable(self.work, "b1")

    def test_other_refs_do_not_publish(self):
        self.work.git("update-ref", "refs/onehead/undo/1", "HEAD")
        self.work.git("update-ref", "refs/stash", "HEAD")
        self.work.git("branch", "local")
        self.assert_movable(self.work, "b1")


class Identity(standings.TestCase):
    """A migration is its id, with its body or its path."""

    def setUp(self):
        super().setUp()
        work = self.cloned()
        self.add(work, "b1", upgrade="op.execute('1')", file="b1_one.py")
        work.git("push", "-q", "origin", "main")
        work.git("checkout", "-q", "-b", "topic", "HEAD~1")
        self.work = work

    def tell(self, *args, **options):
        return super().tell(*args, **options)

    def test_the_same(self):
        self.add(self.work, "b1", upgrade="op.execute('1')", file="b1_one.py")
        self.assert_published(self.work, "b1", "in origin/main")

    def test_other_body(self):
        self.add(self.work, "b1", upgrade="op.execute('2')", file="b1_one.py")
        self.assert_published(self.work, "b1", "in origin/main")

    def test_other_path(self):
        self.add(self.work, "b1", upgrade="op.execute('1')", file="b1_two.py", message="other")
        self.assert_published(self.work, "b1", "in origin/main")

    def test_other_path_and_body(self):
        """Somebody else's, by the same id: two people counted up to the same number."""
        self.add(self.work, "b1", upgrade="op.execute('2')", file="b1_two.py")
        self.assert_movable(self.work, "b1")

    def test_other_parent(self):
        self.add(self.work, "b1", None, upgrade="op.execute('1')", file="b1_two.py")
        self.assert_published(self.work, "b1", "in origin/main")

    def test_other_id(self):
        """A twin is another migration."""
        self.add(self.work, "b2", upgrade="op.execute('1')", file="b1_one.py")
        self.assert_movable(self.work, "b2")

    def test_the_id_twice(self):
        self.add(self.work, "b1", upgrade="op.execute('2')", file="b1_three.py")
        self.add(self.work, "b1", upgrade="op.execute('1')", file="b1_two.py")
        self.assert_published(self.work, "b1", "in origin/main")

    def test_what_it_had_before_can_not_be_read(self):
        self.work.checkout("main")
        path = "migrations/versions/c1.py"
        self.work.write(path, "import os\nrevision = os.environ['X']\ndown_revision = 'b1'\n")
        self.work.commit("computed")
        self.work.git("push", "-q", "origin", "main")
        self.work.checkout("topic")
        self.add(self.work, "c1")
        self.assert_doubtful(self.work, "c1", "what origin/main had at its path can't be read")

    def test_a_symlink_at_its_path(self):
        self.work.checkout("main")
        os.symlink("b1_one.py", self.work.path / "migrations/versions/c1.py")
        self.work.commit("symlink")
        self.work.git("push", "-q", "origin", "main")
        self.work.checkout("topic")
        self.add(self.work, "c1")
        self.assert_doubtful(self.work, "c1", "what origin/main had at its path can't be read")

    def test_odd_names(self):
        names = ["t\tab.py", "sp ace.py", "ä'\"\\.py", "\udcff\udcfe.py", "-x.py"]
        for number, name in enumerate(names):
            self.add(self.work, f"o{number}", "a1", file=name)
        self.assertEqual(
            self.standings(self.work), {f"o{n}": MOVABLE for n in range(len(names))}
        )
        self.work.git("push", "-q", "origin", "topic:x")
        for _ in range(2):
            self.assertEqual(
                self.standings(self.work),
                {f"o{n}": ("published", "in origin/x") for n in range(len(names))},
            )


class Kinds(standings.TestCase):
    """Clones that lack something."""

    OLD, NEW = "2001-02-03 04:05:06", "2037-01-02 03:04:05"

    def dated(self, repo, id, date):
        path = self.add(repo, id, commit=False)
        repo.write(path, repo.read(path).replace("2026-01-02 03:04:05.678901", date))
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", id)
        return path

    def history(self):
        """main had old1 once, then ten more commits."""
        work = self.cloned("first")
        path = self.dated(work, "old1", self.OLD)
        self.drop(work, path)
        for number in range(10):
            work.write("f", str(number))
            work.commit("f")
        work.git("push", "-q", "origin", "main")
        return work

    def test_shallow(self):
        self.history()
        work = self.again("work", "--depth", "2", "--no-single-branch")
        work.branch("topic")
        self.dated(work, "old1", self.OLD)
        self.dated(work, "old2", self.OLD)
        self.dated(work, "new1", self.NEW)
        self.dated(work, "none", "")
        told = self.standings(work)
        for id in ("old1", "old2", "none"):
            self.assertEqual(told[id][0], "doubtful")
            self.assertIn("git fetch --unshallow", told[id][1])
        self.assertEqual(told["new1"], MOVABLE)
        self.assert_published(work, "a1", "in origin/main", without=())
        work.git("fetch", "-q", "--unshallow")
        for _ in range(2):
            self.assertEqual(
                self.standings(work),
                {"old1": ("published", "in the history of origin/main"),
                 "old2": MOVABLE, "new1": MOVABLE, "none": MOVABLE},
            )

    def test_shallow_by_a_day(self):
        """A date says nothing of its place: within 14 hours of the cut it may be older."""
        self.history()
        work = self.again("work", "--depth", "2")
        cut = int(work.out("log", "-1", "--format=%ct", "origin/main~1"))
        work.branch("topic")
        for id, hours in (("before", -1), ("near", 13), ("far", 15)):
            date = work.run("date", "-u", "-d", f"@{cut + hours * 3600}", "+%F %T.123456").out
            self.dated(work, id, date.strip())
        told = self.standings(work)
        self.assertEqual({i: w for i, (w, _) in told.items()},
                         {"before": "doubtful", "near": "doubtful", "far": "movable"})

    def test_dates(self):
        """Read as Python's calendar has them."""
        self.history()
        work = self.again("work", "--depth", "2")
        for number, day in enumerate(("1999-12-31", "2000-02-29", "2024-02-29", "2024-03-01",
                                      "2100-02-28", "2100-03-01", "1970-01-01")):
            when = f"{day}T12:00:00+0000"
            cut = work.run("date", "-u", "-d", when, "+%s").out.strip()
            work.git("checkout", "-q", "--orphan", f"o{number}")
            work.git("rm", "-qf", "--ignore-unmatch", "--", "*near*", "*far*")
            work.git("commit", "-q", "-m", "x", env={"GIT_COMMITTER_DATE": f"@{cut} +0000"})
            work.write(".git/shallow", work.head() + "\n")
            work.git("update-ref", "refs/remotes/origin/main", "HEAD")
            for id, hours in (("near", 13), ("far", 15)):
                date = work.run("date", "-u", "-d", f"@{int(cut) + hours * 3600}", "+%F %T").out
                self.dated(work, id, date.strip())
            told = self.standings(work, without=())
            self.assertEqual((told["near"][0], told["far"][0]), ("doubtful", "movable"), day)

    def test_deepened(self):
        """What was remembered of a shallow history does not hide what came below it."""
        self.history()
        work = self.again("work", "--depth", "2")
        work.branch("topic")
        self.dated(work, "old1", self.OLD)
        self.assert_doubtful(work, "old1", "cut off")
        work.git("fetch", "-q", "--depth", "12")
        self.assert_published(work, "old1", "in the history of origin/main")

    def edited(self):
        """main has many versions of m1, and had m2."""
        work = self.cloned("first")
        for number in range(4):
            self.add(work, "m1", upgrade=f"op.execute('{number}')", file="m1_x.py")
        path = self.add(work, "m2")
        self.drop(work, path)
        work.git("push", "-q", "origin", "main")
        self.remote.git("config", "uploadpack.allowFilter", "true")
        self.remote.git("config", "uploadpack.allowAnySHA1InWant", "true")

    def partial(self, filter):
        self.edited()
        work = self.again("work", f"--filter={filter}")
        work.branch("topic")
        self.add(work, "n1", file="n1_y.py")
        return work

    def gone(self):
        self.remote.path.rename(self.home.path / "away")

    def test_without_blobs(self):
        work = self.partial("blob:none")
        self.add(work, "m2", "m1", file="m2_again.py")
        self.add(work, "u1", file="unnamed.py")
        self.gone()
        before = work.run("du", "-s", "--apparent-size", ".git/objects").out
        told = self.standings(work)
        self.assertEqual(told["n1"], MOVABLE)
        self.assertEqual(told["m1"], ("published", "in origin/main"))
        for id in ("m2", "u1"):
            self.assertEqual(
                told[id], ("doubtful", "a file that may be it is not in this partial clone")
            )
        self.assertEqual(work.run("du", "-s", "--apparent-size", ".git/objects").out, before)

    def test_without_blobs_nothing_is_fetched(self):
        """Though it could be."""
        work = self.partial("blob:none")
        self.add(work, "m2", "m1", file="m2_again.py")
        objects = "rev-list", "--objects", "--all", "--missing=print"
        before = work.git(*objects).out
        self.assertIn("?", before)
        self.assert_doubtful(work, "m2", "partial clone")
        self.assertEqual(work.git(*objects).out, before)

    def test_a_path_that_is_missing(self):
        work = self.partial("blob:none")
        self.add(work, "m2", upgrade="op.execute('other')")
        self.assert_doubtful(work, "m2", "what origin/main had at its path is not in this")

    def test_missing_blobs_that_come(self):
        work = self.partial("blob:none")
        self.add(work, "m2", "m1", file="m2_again.py")
        self.assert_doubtful(work, "m2", "partial clone")
        missing = work.out("rev-list", "--objects", "--all", "--missing=print").splitlines()
        for id in (line[1:] for line in missing if line.startswith("?")):
            work.git("cat-file", "-e", id)
        self.add(work, "n2")
        work.git("push", "-q", "origin", "topic:x")  # something new to look at
        self.assert_published(work, "m2", "in the history of origin/main")
        self.assert_published(work, "n2", "in origin/x")

    def test_without_trees(self):
        work = self.partial("tree:0")
        self.gone()
        self.assert_doubtful(work, "n1", "its history can't be read")

    def test_without_trees_nothing_is_fetched(self):
        """Though it could be."""
        work = self.partial("tree:0")
        objects = "cat-file", "--batch-all-objects", "--batch-check"
        before = work.git(*objects).out
        self.assert_doubtful(work, "n1", "its history can't be read")
        self.assertEqual(work.git(*objects).out, before)

    def test_a_missing_commit(self):
        work = self.cloned()
        work.branch("topic")
        self.add(work, "b1")
        id = work.out("commit-tree", "-m", "x", "HEAD^{tree}")
        work.git("update-ref", "refs/remotes/origin/broken", id)
        (work.path / ".git/objects" / id[:2] / id[2:]).unlink()
        self.assert_doubtful(work, "b1", "its history can't be read")
        self.assert_doubtful(work, "b1", "its history can't be read")
        work.git("update-ref", "-d", "refs/remotes/origin/broken")
        self.assert_movable(work, "b1")

    def test_a_missing_blob(self):
        work = self.cloned()
        path = self.add(work, "x1")
        blob = work.out("rev-parse", f"HEAD:{path}")
        self.drop(work, path)
        work.git("push", "-q", "origin", "main")
        work.branch("topic")
        self.add(work, "b1")
        (work.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        self.assert_movable(work, "b1")
        self.add(work, "x1", upgrade="op.execute('other')")
        self.assertNotEqual(self.standing(work, "x1")[0], "movable")

    def test_replaced_commits(self):
        """Old history that is joined on by git replace counts, and what was remembered
        before does not hide it."""
        work = self.history()
        work.git("checkout", "-q", "--orphan", "fresh", "main")
        work.git("commit", "-q", "-m", "begin again")
        work.git("push", "-qf", "origin", "fresh:main")
        work.git("branch", "-qD", "main")
        work.branch("topic")
        self.dated(work, "old1", self.OLD)
        self.forget(work)
        self.assert_movable(work, "old1")
        work.git("replace", "--graft", "origin/main", "origin/main@{1}")
        self.assert_published(work, "old1", "in the history of origin/main")

    def test_sha256(self):
        self.remote = self.repo("remote.git", "--bare", "-b", "main", "--object-format=sha256")
        seed = self.repo("seed", "--object-format=sha256")
        seed.project()
        self.add(seed, "a1", None)
        seed.git("push", "-q", str(self.remote.path), "main")
        work = self.again("work")
        work.branch("topic")
        self.add(work, "b1")
        self.assert_movable(work, "b1")
        work.git("push", "-q", "origin", "topic:x")
        self.assert_published(work, "b1", "in origin/x")

    def test_packed_refs_and_a_commit_graph(self):
        work = self.cloned()
        work.branch("topic")
        self.add(work, "b1")
        work.git("push", "-q", "origin", "topic:x")
        work.git("pack-refs", "--all")
        work.git("commit-graph", "write", "--reachable", "--changed-paths")
        self.assert_published(work, "b1", "in origin/x")

    def test_a_linked_worktree_and_a_subdirectory(self):
        work = self.cloned()
        work.git("worktree", "add", "-q", "-b", "topic", "../linked")
        linked = env.Repo(self.home, self.home.path / "linked")
        self.add(linked, "b1")
        self.assert_movable(linked, "b1")
        self.assert_movable(linked, "b1", cwd="migrations/versions")
        linked.git("push", "-q", "origin", "topic:x")
        self.assert_published(linked, "b1", "in origin/x", cwd="migrations")
        self.assert_published(work, "b1", "in origin/x", commit="topic")
        self.assertFalse((linked.path / "migrations/versions/.git").exists())

    def test_an_unborn_branch(self):
        work = self.cloned()
        work.git("checkout", "-q", "--orphan", "fresh")
        self.assert_published(
            work, "a1", "in origin/main", branch="refs/heads/fresh", commit="origin/main",
            without=(),
        )

    def test_behind_a_symlink(self):
        work = self.cloned()
        os.rename(work.path / "migrations/versions", work.path / "elsewhere")
        os.symlink("../elsewhere", work.path / "migrations/versions")
        work.commit("moved")
        work.git("push", "-q", "origin", "main")
        work.branch("topic")
        work.write("elsewhere/b1.py", env.migration("b1", "a1"))
        work.commit("b1")
        self.assert_doubtful(work, "b1", "behind a symlink")
        os.unlink(work.path / "migrations/versions")
        os.rename(work.path / "migrations", work.path / "m")
        os.rename(work.path / "elsewhere", work.path / "m/versions")
        os.symlink("m", work.path / "migrations")
        work.commit("moved again")
        self.assert_doubtful(work, "b1", "behind a symlink")

    def test_several_graphs(self):
        work = self.cloned()
        work.write("api/alembic.ini", env.ALEMBIC_INI.format(location="migrations"))
        work.location = "api/migrations"
        self.add(work, "z1", None)
        work.git("push", "-q", "origin", "main")
        work.branch("topic")
        self.add(work, "z2", "z1")
        work.location = "migrations"
        self.add(work, "b1")
        for _ in range(2):
            self.assertEqual(
                self.standings(work),
                {"b1": MOVABLE, "z1": ("published", "in origin/main"), "z2": MOVABLE},
            )
        self.assertEqual(len(list((work.path / ".git/onehead").glob("seen-*"))), 2)

    def test_versions_at_the_top(self):
        work = self.repo("top")
        work.write("alembic.ini", "[alembic]\nscript_location = .\nversion_locations = .\n")
        work.write("env.py", "")
        work.write("a1.py", env.migration("a1", None))
        work.commit("a1")
        work.git("tag", "v1")
        work.write("b1.py", env.migration("b1", "a1"))
        work.commit("b1")
        self.assertEqual(
            self.standings(work, without=()), {"a1": ("published", "in tag v1"), "b1": MOVABLE}
        )

    def test_interrupting_variables(self):
        """A hook has variables of git's around it."""
        work = self.cloned()
        work.branch("topic")
        self.add(work, "b1")
        work.git("push", "-q", "origin", "topic:x")
        around = {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index", "GIT_PREFIX": "migrations/",
                  "GIT_LITERAL_PATHSPECS": "1", "GIT_GLOB_PATHSPECS": "", "LC_ALL": "de_DE.UTF-8"}
        self.assert_published(work, "b1", "in origin/x", env=around)


class Deployed(standings.TestCase):
    def setUp(self):
        super().setUp()
        self.work = self.cloned()
        self.work.branch("topic")
        self.add(self.work, "b1")
        self.add(self.work, "c1", "b1")
        self.ledger = self.work.path / ".git/onehead/ledger.db"

    def note(self, *rows, version=1):
        self.ledger.parent.mkdir(exist_ok=True)
        with sqlite3.connect(self.ledger) as db:
            db.execute("CREATE TABLE IF NOT EXISTS applied (database TEXT, id TEXT)")
            db.executemany("INSERT INTO applied VALUES (?, ?)", rows)
            db.execute(f"PRAGMA user_version = {version}")
        db.close()

    def test_applied(self):
        self.note(("staging.db", "b1"), ("staging.db", "a1"))
        self.assertEqual(
            self.standings(self.work), {"b1": ("deployed", "applied to staging.db"), "c1": MOVABLE}
        )

    def test_published_goes_first(self):
        self.note(("staging.db", "a1"))
        self.assert_published(self.work, "a1", "in origin/main", without=())

    def test_deployed_goes_before_doubt(self):
        self.note(("z.db", "b1"), ("a\x1b[31m.db", "b1"))
        self.work.git("remote", "add", "other", "/nowhere")
        self.assertEqual(
            self.standings(self.work),
            {"b1": ("deployed", r"applied to a\x1b[31m.db"),
             "c1": ("doubtful", "other was never fetched")},
        )

    def test_a_ledger_that_can_not_be_read(self):
        self.ledger.parent.mkdir(exist_ok=True)
        for make, words in (
            (lambda: self.ledger.write_bytes(b"not a database" * 100), "not a database"),
            (lambda: self.note(("x", "b1"), version=7), "of version 7, this program knows 1"),
            (lambda: self.ledger.mkdir(), "ledger"),
        ):
            make()
            self.assert_doubtful(self.work, "c1", words)
            self.assert_published(self.work, "a1", "in origin/main", without=())
            self.ledger.rmdir() if self.ledger.is_dir() else self.ledger.unlink()
        self.assert_movable(self.work, "c1")

    def test_a_ledger_that_is_being_written(self):
        self.note(("x", "b1"))
        db = sqlite3.connect(self.ledger, isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        self.assert_doubtful(self.work, "c1", "locked")
        db.close()
        self.assert_movable(self.work, "c1")


class Policies(standings.TestCase):
    def test_values(self):
        seed = self.seed()
        self.assertIn("fork auto", self.tell(seed))
        for value in ("auto", "merge", "linear", "ask"):
            seed.git("config", "onehead.fork", value)
            self.assertIn(f"fork {value}", self.tell(seed))
        for value in ("Auto", "rebase", "linear ", "1"):
            seed.git("config", "onehead.fork", value)
            told = "\n".join(self.tell(seed, expect=2))
            self.assertIn(f'error -4 onehead.fork is "{value}"', told)
            self.assertIn("auto, merge, linear or ask", told)


class Targets(standings.TestCase):
    def setUp(self):
        super().setUp()
        self.work = self.cloned()

    def step(self, name):
        self.work.write(name, "1")
        return self.work.commit(name)

    def publish(self, *refs):
        self.work.git("push", "-q", "origin", *refs)

    def test_default_branch(self):
        self.assertEqual(self.target(self.work), ("origin/main", "origin/HEAD"))
        self.work.branch("topic")
        self.assertEqual(self.target(self.work), ("origin/main", "origin/HEAD"))
        self.work.git("remote", "set-head", "origin", "--delete")
        self.assertEqual(self.target(self.work), ("origin/main", "its name"))

    def test_configured(self):
        self.publish("main:next")
        self.work.git("config", "onehead.target", "origin/next")
        self.assertEqual(self.target(self.work), ("origin/next", "onehead.target"))

    def test_upstream(self):
        self.publish("main:next")
        self.work.branch("topic", "origin/next")
        self.assertEqual(self.target(self.work), ("origin/next", "this branch's upstream"))

    def test_upstream_of_its_own_name(self):
        self.work.branch("topic")
        self.work.git("push", "-q", "-u", "origin", "topic")
        self.assertEqual(self.target(self.work), ("origin/main", "origin/HEAD"))

    def test_upstream_of_its_own_name_on_a_remote_with_a_slash(self):
        self.work.git("remote", "rename", "origin", "a/b")
        self.work.branch("topic")
        self.work.git("push", "-q", "-u", "a/b", "topic")
        self.assertEqual(self.target(self.work), ("a/b/main", "a/b/HEAD"))

    def test_nearest_release_branch(self):
        """main goes on; release/1 and release/2 are cut from it, and get fixes."""
        for number in "12":
            self.step(f"before{number}")
            self.publish("main", f"main:release/{number}")
            self.work.branch(f"release/{number}", "--no-track")
            self.step(f"fix{number}")
            self.publish(f"release/{number}")
            self.work.checkout("main")
        self.step("after")
        self.publish("main")
        release = "the nearest release branch"
        for start, expected in (
            ("origin/main", ("origin/main", "origin/HEAD")),
            ("origin/main~1", ("origin/main", "origin/HEAD")),
            ("origin/main~2", ("origin/main", "origin/HEAD")),
            ("origin/release/1", ("origin/release/1", release)),
            ("origin/release/2", ("origin/release/2", release)),
            ("origin/release/1~1", ("origin/main", "origin/HEAD")),
        ):
            self.work.branch("topic", "--no-track")
            self.work.git("reset", "-q", "--hard", start)
            self.assertEqual(self.target(self.work), expected, start)
            self.step("mine")
            self.assertEqual(self.target(self.work), expected, start)
            self.work.checkout("main")
            self.work.git("branch", "-qD", "topic")

    def test_a_release_branch_itself(self):
        self.publish("main:release/1")
        self.work.branch("release/1", "origin/release/1")
        self.step("fix")
        self.publish("release/1")
        self.assertEqual(self.target(self.work)[0], "origin/release/1")
        self.step("another")
        self.assertEqual(self.target(self.work)[0], "origin/release/1")

    def test_a_release_that_was_merged_back(self):
        self.work.branch("release/1")
        self.step("fix")
        self.publish("release/1")
        self.work.checkout("main")
        self.work.git("merge", "-q", "--no-ff", "--no-edit", "release/1")
        self.publish("main")
        self.work.branch("topic", "--no-track")
        self.assertEqual(self.target(self.work)[0], "origin/main")

    def test_many_release_branches(self):
        for number in range(30):
            self.work.git("checkout", "-q", "-b", f"release/{number}", "main")
            self.step(f"fix{number}")
        self.publish("--all")
        self.work.git("checkout", "-q", "--no-track", "-b", "topic", "origin/release/17")
        self.step("mine")
        self.assertEqual(self.target(self.work)[0], "origin/release/17")

    def test_a_fork(self):
        own = self.repo("own.git", "--bare")
        self.publish("main")
        self.work.git("remote", "rename", "origin", "upstream")
        self.work.git("remote", "add", "origin", str(own.path))
        self.work.git("push", "-q", "origin", "main")
        self.work.branch("topic", "--no-track")
        self.assertEqual(self.target(self.work)[0], "upstream/main")
        self.work.checkout("main")
        self.step("ahead")
        self.work.git("push", "-q", "upstream", "main")
        self.work.git("checkout", "-q", "--no-track", "-b", "later", "upstream/main")
        self.assertEqual(self.target(self.work)[0], "upstream/main")

    def test_the_only_remote(self):
        self.work.git("remote", "rename", "origin", "github")
        self.work.git("branch", "-q", "--unset-upstream")
        self.assertEqual(self.target(self.work)[0], "github/main")

    def test_no_remote(self):
        self.assertEqual(self.target(self.seed("alone")), ("", ""))

    def test_detached_and_unborn(self):
        self.work.git("checkout", "-q", "--detach")
        self.assertEqual(self.target(self.work)[0], "origin/main")
        self.publish("main:release/1")
        self.step("x")
        self.publish("HEAD:release/1")
        self.work.git("checkout", "-q", "--orphan", "fresh")
        self.assertEqual(self.target(self.work)[0], "origin/main")


if __name__ == "__main__":
    unittest.main()
