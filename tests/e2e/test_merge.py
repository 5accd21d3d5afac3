"""Every way in which git makes a merge: one head, in the merge commit itself."""

import os
import re
import shutil
import unittest

import env
import merging
from merging import JOINED, LOCK


def raw(repo, rev="HEAD"):
    """A commit's own bytes, without its tree."""
    text = repo.git("cat-file", "commit", rev).out
    return re.sub(r"\Atree [0-9a-f]+\n", "", text)


class Merge(merging.TestCase):
    def undo(self, repo):
        """The commits that were replaced."""
        return repo.out("for-each-ref", "--format=%(objectname)", "refs/onehead/undo/").split()

    def test_merge(self):
        repo = self.forked()
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")
        first = done.err.splitlines()[0]
        self.assertIn(f"2 heads joined by merge revision {JOINED}", first)
        self.assertIn("in this merge commit", first)
        self.assertRegex(done.err, r"(?m)^  theirs +b1 .*Bob, theirs$")
        self.assertRegex(done.err, r"(?m)^  ours +c1 .*you$")
        self.assertIn("compared: table t", done.err)
        for line in done.err.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_without_a_lock(self):
        repo = self.forked(lock=False)
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")
        self.assertFalse((repo.path / LOCK).exists())

    def test_pull(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                origin = self.forked(lock, f"origin{lock}")
                repo = origin.clone(f"clone{lock}")
                self.install(repo, lock) if not lock else repo.onehead("install")
                repo.git("reset", "-q", "--hard", "origin/main")
                origin.git("branch", "-f", "upstream", "theirs")
                done = repo.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "upstream")
                self.assert_joined(repo)
                self.assert_parents(repo, "origin/main", "origin/theirs")
                self.assertIn("joined", done.err)

    def test_no_ff_where_nothing_forked(self):
        repo = self.project()
        repo.branch("theirs")
        self.add(repo, "b1", "a1")
        repo.checkout("main")
        before = repo.head()
        done = repo.git("merge", "--no-ff", "--no-edit", "theirs")
        self.assert_one_head(repo, "b1")
        self.assert_parents(repo, before, "theirs")
        self.assertEqual((done.err, self.undo(repo)), ("", []))

    def test_fast_forward_says_nothing(self):
        repo = self.project()
        repo.branch("theirs")
        self.add(repo, "b1", "a1")
        repo.checkout("main")
        self.assertEqual(repo.git("merge", "-q", "theirs").err, "")
        self.assertEqual(repo.head(), repo.head("theirs"))
        self.assert_one_head(repo, "b1")

    def test_a_merge_of_other_files_says_nothing_and_rewrites_nothing(self):
        repo = self.project()
        repo.branch("theirs")
        repo.write("x", "1")
        repo.commit("x")
        repo.checkout("main")
        repo.write("y", "1")
        repo.commit("y")
        done = repo.git("merge", "-q", "--no-edit", "theirs")
        self.assertEqual((done.err, self.undo(repo)), ("", []))
        self.assert_one_head(repo, "a1")

    def test_squash(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                repo = self.forked(lock, f"repo{lock}")
                before = repo.head()
                repo.git("merge", "--squash", "theirs")
                self.assertEqual(repo.head(), before)
                done = repo.git("commit", "--no-edit")
                self.assert_joined(repo)
                self.assert_parents(repo, before)
                self.assertIn("joined", done.err)
                self.assertIn("Squashed commit", repo.out("log", "-1", "--format=%B"))

    def test_no_commit(self):
        for finish in (("commit", "--no-edit"), ("merge", "--continue"), ("commit", "-m", "mine")):
            for lock in (True, False):
                with self.subTest(finish=finish, lock=lock):
                    repo = self.forked(lock, f"repo{lock}{finish[0]}{finish[1]}")
                    before = repo.head()
                    repo.git("merge", "--no-commit", "theirs")
                    self.assertEqual(repo.head(), before)
                    done = repo.git(*finish)
                    self.assertIn("joined", done.err)
                    self.assert_joined(repo)
                    self.assert_parents(repo, before, "theirs")

    def test_no_verify(self):
        repo = self.forked()
        repo.git("merge", "--no-verify", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_a_conflict_elsewhere_then_commit(self):
        repo = self.forked()
        repo.write("README", "ours\n")
        repo.commit("readme")
        repo.checkout("theirs")
        repo.write("README", "theirs\n")
        repo.commit("readme")
        repo.checkout("main")
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertNotIn("<<<<<<<", repo.read(LOCK))
        repo.write("README", "both\n")
        repo.git("add", "README")
        done = repo.git("commit", "--no-edit")
        self.assertIn("joined", done.err)
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")

    def test_abort_of_a_conflicted_merge_is_clean(self):
        repo = self.forked()
        for branch in ("main", "theirs"):
            repo.checkout(branch)
            repo.write("README", branch)
            repo.commit("readme")
        repo.checkout("main")
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs", expect=1)
        repo.onehead("resolve", expect=1)
        repo.git("merge", "--abort")
        self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "c1")

    def test_dirty_files_stay_dirty(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                repo = self.forked(lock, f"repo{lock}")
                repo.write("README", "dirty\n")
                repo.write("new", "untracked\n")
                repo.write("migrations/versions/a1.py", repo.read("migrations/versions/a1.py") + "#\n")
                repo.git("merge", "--no-edit", "theirs")
                status = " M README\n M migrations/versions/a1.py\n?? new\n"
                self.assertEqual(repo.status(), status)
                repo.git("checkout", "-q", ".")
                (repo.path / "new").unlink()
                self.assert_joined(repo)

    def test_autostash(self):
        repo = self.forked()
        repo.write("README", "dirty\n")
        repo.git("add", "README")
        repo.write("new", "untracked\n")
        repo.git("merge", "--autostash", "--no-edit", "theirs")
        self.assertEqual(repo.read("README"), "dirty\n")
        self.assertEqual(repo.out("stash", "list"), "")
        repo.git("checkout", "-q", "HEAD", "README")
        (repo.path / "new").unlink()
        self.assert_joined(repo)

    def test_an_untracked_file_where_the_merge_revision_would_go(self):
        repo = self.forked()
        name = f"migrations/versions/{JOINED}_merge_migration_b1_and_migration_c1.py"
        repo.write(name, "# mine\n")
        done = repo.git("merge", "--no-edit", "theirs", expect=(0, 1))
        self.assertEqual(repo.read(name), "# mine\n", "a file of the user's was overwritten")
        self.assertIn("onehead", done.err)
        (repo.path / name).unlink()
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_from_a_subdirectory(self):
        repo = self.forked()
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs", cwd="migrations/versions")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")

    def test_linked_worktree(self):
        repo = self.forked()
        repo.git("worktree", "add", "-q", "-b", "work", "../linked", "main")
        linked = env.Repo(self.home, repo.path.parent / "linked")
        linked.git("merge", "--no-edit", "theirs")
        self.assert_joined(linked)
        self.assert_one_head(repo, "c1")
        self.assertEqual(repo.head("main"), repo.head("work@{1}"))

    def test_settings_of_one_worktree(self):
        repo = self.forked()
        repo.git("config", "extensions.worktreeConfig", "true")
        repo.git("worktree", "add", "-q", "-b", "work", "../linked", "main")
        linked = env.Repo(self.home, repo.path.parent / "linked")
        linked.git("config", "--worktree", "onehead.postmerge", "off")
        done = linked.git("merge", "--no-edit", "theirs")
        self.assertIn("onehead merge", done.err)
        self.assertEqual(sorted(self.heads(linked)), ["b1", "c1"])
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_installed_from_a_linked_worktree(self):
        repo = self.repo()
        self.start(repo)
        repo.git("worktree", "add", "-q", "-b", "work", "../linked", "main")
        linked = env.Repo(self.home, repo.path.parent / "linked")
        linked.onehead("install")
        linked.commit("install")
        repo.git("merge", "-q", "work")
        self.fork(repo)
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_detached_head(self):
        repo = self.forked()
        repo.git("checkout", "-q", "--detach")
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")
        self.assertEqual(repo.head("main"), before)
        self.assertEqual(repo.head("HEAD@{1}"), before)

    def test_strategy_ours(self):
        repo = self.forked()
        before = repo.head()
        repo.git("merge", "-s", "ours", "--no-edit", "theirs")
        self.assert_one_head(repo, "c1")
        self.assert_parents(repo, before, "theirs")
        self.assertEqual(repo.out("diff", "--stat", before), "")

    def test_strategy_option_theirs(self):
        repo = self.forked()
        for branch in ("main", "theirs"):
            repo.checkout(branch)
            repo.write("README", branch)
            repo.commit("readme")
        repo.checkout("main")
        repo.git("merge", "-X", "theirs", "--no-edit", "theirs")
        self.assertEqual(repo.read("README"), "theirs")
        self.assert_joined(repo)

    def test_strategies_that_call_no_driver(self):
        """`-s resolve` leaves the lock in conflict: finished by hand, there is one head."""
        repo = self.forked()
        done = repo.git("merge", "-s", "resolve", "--no-edit", "theirs", expect=(0, 1))
        if done.code:
            repo.onehead("resolve")
            repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)

    def test_recursive_strategy(self):
        repo = self.forked()
        repo.git("merge", "-s", "recursive", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_unrelated_histories(self):
        repo = self.project()
        repo.git("checkout", "-q", "--orphan", "other")
        repo.git("rm", "-rqf", ".")
        repo.project()
        repo.migration("z1", None)
        repo.commit("other")
        repo.checkout("main")
        repo.git("merge", "--allow-unrelated-histories", "--no-edit", "other")
        self.assert_joined(repo, "a1", "z1")

    def test_no_name_of_a_branch(self):
        """A commit id, a tag, a remote branch, `@{u}`."""
        for number, name in enumerate(("theirs~0", "v1", "refs/heads/theirs")):
            repo = self.forked(name=f"repo{number}")
            repo.git("tag", "v1", "theirs")
            name = repo.head(name) if number == 0 else name
            repo.git("merge", "--no-edit", name)
            self.assert_joined(repo)

    def test_three_people_one_after_the_other(self):
        repo = self.forked()
        repo.branch("third", "main~1")
        self.add(repo, "d1", "a1")
        repo.checkout("main")
        repo.git("merge", "--no-edit", "theirs")
        repo.git("merge", "--no-edit", "third")
        self.assert_joined(repo, JOINED, "d1")

    def test_two_people_at_once(self):
        """Both merge the same; then one has the other's merge: no conflict, nothing new."""
        repo = self.forked()
        other = repo.clone("other")
        other.git("fetch", "-q", "origin")
        other.onehead("install")
        other.git("checkout", "-q", "-b", "work", "origin/theirs")
        other.git("merge", "--no-edit", "origin/main")
        self.assert_joined(other)
        repo.git("merge", "--no-edit", "theirs")
        self.assertEqual(repo.out("rev-parse", "HEAD^{tree}"), other.out("rev-parse", "HEAD^{tree}"))
        repo.git("fetch", "-q", str(other.path), "work")
        done = repo.git("merge", "--no-edit", "FETCH_HEAD")
        self.assert_joined(repo)
        self.assertNotIn("joined by", done.err)

    def test_revert_of_a_merge_and_merging_again(self):
        repo = self.forked()
        repo.git("merge", "--no-edit", "theirs")
        repo.git("revert", "--no-edit", "-m", "1", "HEAD")
        self.assert_one_head(repo, "c1")
        reverted = repo.head()
        self.assertIn("Already up to date", repo.git("merge", "theirs").out)
        repo.checkout("theirs")
        self.add(repo, "d1", "b1")
        repo.checkout("main")
        done = repo.git("merge", "--no-edit", "theirs", expect=1)
        told = done.err + "".join(repo.onehead("resolve", expect=1)[1:])
        self.assertIn(f"ours took it away in {reverted[:10]} (Ana)", told)
        self.assertIn(f"git merge --abort && git revert {reverted[:10]}", told)
        repo.git("merge", "--abort")
        repo.git("revert", "--no-edit", reverted)
        self.assert_joined(repo)
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo, JOINED, "d1")

    def test_criss_cross_without_a_lock(self):
        repo = self.forked(lock=False)
        start = repo.head(), repo.head("theirs")
        repo.git("merge", "--no-edit", start[1])
        repo.checkout("theirs")
        repo.git("merge", "--no-edit", start[0])
        self.add(repo, "d1", JOINED)
        repo.checkout("main")
        self.add(repo, "e1", JOINED)
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo, "d1", "e1")


class Octopus(merging.TestCase):
    def three(self, lock):
        repo = self.forked(lock)
        repo.branch("third", "main~1")
        self.add(repo, "d1", "a1")
        repo.checkout("main")
        return repo

    def test_native_without_a_lock(self):
        repo = self.three(lock=False)
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs", "third")
        self.assert_joined(repo, "b1", "c1", "d1")
        self.assert_parents(repo, before, "theirs", "third")
        self.assertIn("3 heads joined", done.err)

    def test_native_with_a_lock_fails_and_harms_nothing(self):
        repo = self.three(lock=True)
        before = repo.head()
        repo.git("merge", "--no-edit", "theirs", "third", expect=(1, 2))
        repo.git("reset", "-q", "--merge")
        self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "c1")

    def test_a_git_that_takes_its_time(self):
        """git may be taking note of the files' times when onehead calls the next git."""
        repo = self.forked()
        real = shutil.which("git")
        slow = repo.home.path / "slow"
        hold = "touch .git/index.lock; sleep 0.5; rm .git/index.lock"
        script = f'case " $* " in *" add --refresh "*) {hold};; esac\nexec {real} "$@"\n'
        repo.write(slow / "git", f"#!/bin/sh\n{script}", mode=0o755)
        path = f"{slow}:{os.environ['PATH']}"
        repo.onehead("merge", "theirs", env={"PATH": path})
        self.assert_joined(repo)
        repo.onehead("undo", env={"PATH": path})
        self.assert_one_head(repo, "c1")

    def test_onehead_merge_does_it(self):
        for lock in (True, False):
            with self.subTest(lock=lock):
                self.tearDownHome()
                repo = self.three(lock)
                before = repo.head()
                done = repo.onehead("merge", "theirs", "third")
                self.assert_joined(repo, "b1", "c1", "d1")
                self.assert_parents(repo, before, "theirs", "third")
                self.assertIn("3 heads joined", done.out + done.err)
                message = repo.out("log", "-1", "--format=%s")
                self.assertEqual(message, "Merge branches 'theirs' and 'third'")

    def tearDownHome(self):
        repo = self.home.path / "repo"
        if repo.exists():
            repo.rename(self.home.path / "repo-before")

    def test_onehead_merge_with_a_message_and_one_that_is_there_already(self):
        repo = self.three(lock=True)
        before = repo.head()
        repo.onehead("merge", "-m", "All of them", "theirs", "main", "third", "theirs")
        self.assert_parents(repo, before, "theirs", "third")
        self.assertEqual(repo.out("log", "-1", "--format=%B"), "All of them")

    def test_dry_run_changes_nothing(self):
        repo = self.three(lock=True)
        refs = repo.out("for-each-ref")
        done = repo.onehead("merge", "--dry-run", "theirs", "third")
        self.assertIn("would commit a merge of theirs, third\n", done.out)
        self.assertIn("would add migrations/versions/", done.out)
        self.assertEqual(done.out.count("would write migrations/onehead.lock"), 1)
        repo.git("checkout", "-q", "--detach", "theirs~")
        self.assertEqual(repo.onehead("merge", "--dry-run", "theirs").out,
                         "would fast-forward to theirs, and change nothing\n")
        repo.checkout("main")
        self.assertEqual(repo.out("for-each-ref"), refs)
        self.assert_one_head(repo, "c1")


class WhatStays(merging.TestCase):
    """The replaced commit differs from git's own in its tree, and in nothing else."""

    def merged(self, repo, *args, expect=0):
        repo.git("merge", *args, expect=expect)
        old = repo.out("for-each-ref", "--format=%(objectname)", "refs/onehead/undo/").split()
        self.assertEqual(len(old), 1)
        self.assertEqual(raw(repo, old[0]), raw(repo))
        self.assert_joined(repo)
        return raw(repo)

    def test_author_committer_and_dates(self):
        repo = self.forked()
        repo.environ.update(
            GIT_AUTHOR_NAME="Eve Ö", GIT_AUTHOR_EMAIL="eve@example.org",
            GIT_AUTHOR_DATE="1234567890 -0730", GIT_COMMITTER_NAME="Bot",
            GIT_COMMITTER_EMAIL="bot@example.org", GIT_COMMITTER_DATE="1234567891 +1245",
        )
        text = self.merged(repo, "--no-edit", "theirs")
        self.assertIn("author Eve Ö <eve@example.org> 1234567890 -0730\n", text)
        self.assertIn("committer Bot <bot@example.org> 1234567891 +1245\n", text)

    def test_messages(self):
        messages = {
            "plain": ["-m", "mine"],
            "lines": ["-m", "a\n\n  b\n# no comment\n\"quotes\" $(x) `y` %s \\n"],
            "log": ["--no-edit", "--log"],
            "verbatim": ["--cleanup=verbatim", "-m", "  spaces  \n\n\n"],
            "signoff": ["--no-edit", "--signoff"],
            "into": ["--no-edit", "--into-name", "elsewhere"],
        }
        for name, options in messages.items():
            with self.subTest(name):
                repo = self.forked(name=name)
                self.merged(repo, *options, "theirs")

    def test_another_encoding(self):
        repo = self.forked()
        repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
        text = self.merged(repo, "-m", "gr\udcfc\udcdfe", "theirs")
        self.assertIn("encoding ISO-8859-1\n", text)
        self.assertIn("gr\udcfc\udcdfe", text)

    def test_an_annotated_tag(self):
        repo = self.forked()
        repo.git("tag", "-a", "-m", "Release\n\nof Bob's", "v1", "theirs")
        self.assertIn("of Bob's\n", self.merged(repo, "--no-edit", "v1"))

    def test_a_signed_tag_with_its_mergetag(self):
        repo = self.forked()
        merging.make_key(repo)
        repo.git("tag", "-s", "-m", "Release\n\nof Bob's", "v1", "theirs")
        text = self.merged(repo, "--no-edit", "v1")
        self.assertIn("mergetag object ", text)
        self.assertIn(" Release\n", text)

    def test_an_annotated_tag_that_is_committed_later(self):
        repo = self.forked()
        before = repo.head()
        repo.git("tag", "-a", "-m", "Release", "v1", "theirs")
        repo.git("merge", "--no-commit", "v1")
        repo.git("commit", "--no-edit")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")

    def test_a_message_by_the_users_own_hook(self):
        repo = self.forked()
        hook = repo.path / ".git/hooks/prepare-commit-msg"
        repo.write(hook, '#!/bin/sh\necho "Ticket: 7" >>"$1"\n', mode=0o755)
        self.assertIn("Ticket: 7\n", self.merged(repo, "--no-edit", "theirs"))

    def test_reflogs_read_as_if_it_had_been_made_so(self):
        repo = self.forked()
        before = repo.head()
        count = {n: len(repo.out("reflog", "show", n).splitlines()) for n in ("HEAD", "main")}
        repo.git("merge", "--no-edit", "theirs")
        for name in ("HEAD", "main"):
            lines = repo.out("reflog", "show", "--format=%H %gs", name).splitlines()
            self.assertEqual(len(lines), count[name] + 1)
            self.assertEqual(lines[0], f"{repo.head()} merge theirs: Merge made by the 'ort' strategy.")
            self.assertTrue(lines[1].startswith(before))
            self.assertEqual(repo.head(f"{name}@{{1}}"), before)
        entries = [line.split()[:2] for line in repo.read(".git/logs/HEAD").splitlines()]
        self.assertEqual(entries[-1], [before, repo.head()], "the reflog is a chain")
        self.assertEqual(repo.head("ORIG_HEAD"), before)

    def test_undo_by_git(self):
        for back in ("ORIG_HEAD", "HEAD@{1}", "main@{1}", "HEAD^"):
            with self.subTest(back):
                repo = self.forked(name="repo" + re.sub(r"\W", "", back))
                before = repo.head()
                repo.git("merge", "--no-edit", "theirs")
                repo.git("reset", "-q", "--merge", back)
                self.assertEqual(repo.head(), before)
                self.assert_one_head(repo, "c1")

    def test_the_old_commit_is_kept_and_survives_gc(self):
        repo = self.forked()
        repo.git("merge", "--no-edit", "theirs")
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("gc", "-q", "--prune=now")
        old = repo.out("for-each-ref", "--format=%(objectname)", "refs/onehead/undo/")
        self.assertEqual(repo.git("cat-file", "-t", old).out, "commit\n")

    def test_the_users_own_hooks_run_and_see_the_final_commit(self):
        repo = self.repo()
        self.start(repo)
        for name in ("post-merge", "pre-merge-commit", "pre-commit", "post-commit", "post-rewrite"):
            say = f'#!/bin/sh\necho "{name} $(git rev-parse HEAD) $*" >>.git/seen\n'
            repo.write(f".git/hooks/{name}", say, mode=0o755)
        self.install(repo)
        self.fork(repo)
        before = repo.head()
        repo.write(".git/seen", "")
        repo.git("merge", "--no-edit", "theirs")
        self.assertEqual(
            repo.read(".git/seen").splitlines(),
            [f"pre-merge-commit {before} ", f"post-merge {repo.head()} 0"],
        )
        self.assert_joined(repo)

    def test_a_refusal_of_the_users_own_hook_counts(self):
        repo = self.repo()
        self.start(repo)
        repo.write(".git/hooks/pre-merge-commit", "#!/bin/sh\necho no >&2\nexit 1\n", mode=0o755)
        self.install(repo)
        self.fork(repo)
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertIn("no\n", done.err)
        repo.git("merge", "--abort")
        self.assertEqual(repo.head(), before)

    def test_notes_branches_and_stash_are_left_alone(self):
        repo = self.forked()
        repo.write("README", "stashed\n")
        repo.git("stash", "-q")
        refs = {"refs/stash": repo.head("stash"), "refs/heads/theirs": repo.head("theirs")}
        repo.git("merge", "--no-edit", "theirs")
        for name, id in refs.items():
            self.assertEqual(repo.head(name), id)


class Policies(merging.TestCase):
    def test_commit(self):
        repo = self.forked()
        before = repo.head()
        repo.git("config", "onehead.postmerge", "commit")
        done = repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assert_parents(repo, "HEAD~1")
        self.assert_parents(repo, before, "theirs", of="HEAD~1")
        self.assertIn("in a commit of its own", done.err)

    def test_off(self):
        repo = self.forked()
        before = repo.head()
        repo.git("config", "onehead.postmerge", "off")
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertIn("onehead merge", done.err.splitlines()[0])
        self.assert_parents(repo, before, "theirs")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_fast_forward_onto_a_forked_commit(self):
        repo = self.project()
        repo.branch("theirs")
        repo.environ["ONEHEAD"] = "0"
        self.add(repo, "b1", "a1")
        self.add(repo, "c1", "a1")
        del repo.environ["ONEHEAD"]
        repo.checkout("main")
        done = repo.git("merge", "-q", "theirs")
        self.assertEqual(repo.head(), repo.head("theirs"))
        self.assertEqual(len(done.err.splitlines()), 1, done.err)
        self.assertIn("onehead merge", done.err)
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_fast_forward_onto_somebodys_forked_merge(self):
        """Their merge commit was made without hooks: it is theirs, and not replaced."""
        repo = self.forked(lock=False)
        repo.branch("merged")
        repo.git("merge", "--no-edit", "theirs", env={"ONEHEAD": "0"})
        repo.checkout("main")
        done = repo.git("merge", "-q", "merged")
        self.assertEqual(repo.head(), repo.head("merged"))
        self.assertIn("onehead merge", done.err)
        self.assertEqual(len(done.err.splitlines()), 1, done.err)

    def test_heads_that_were_forked_before_are_not_this_merges_business(self):
        repo = self.project()
        repo.environ["ONEHEAD"] = "0"
        self.add(repo, "b1", "a1")
        self.add(repo, "c1", "a1")
        del repo.environ["ONEHEAD"]
        repo.branch("theirs")
        repo.write("x", "1")
        repo.commit("x")
        repo.checkout("main")
        repo.write("y", "1")
        repo.commit("y")
        repo.git("merge", "-q", "--no-edit", "theirs")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])

    def test_onehead_off(self):
        repo = self.forked(lock=False)
        done = repo.git("merge", "-q", "--no-edit", "theirs", env={"ONEHEAD": "0"})
        self.assertEqual(done.err, "")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])

    def test_onehead_off_with_a_lock_leaves_a_conflict(self):
        repo = self.forked()
        repo.git("merge", "--no-edit", "theirs", env={"ONEHEAD": "0"}, expect=1)
        self.assertIn("<<<<<<<", repo.read(LOCK))


if __name__ == "__main__":
    unittest.main()
