"""What pre-merge-commit hands to post-merge is used where it fits and harms nowhere else."""

import merging
from merging import wrap

HANDOVER = ".git/onehead/handover"


class Handover(merging.TestCase):
    def vetoed(self, repo):
        """A merge that somebody else's commit-msg has stopped, after ours has looked at it."""
        repo.write(".git/hooks/commit-msg", "#!/bin/sh\nexit 1\n", mode=0o755)
        repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertTrue((repo.path / HANDOVER).exists())
        (repo.path / ".git/hooks/commit-msg").unlink()
        repo.git("merge", "--abort")

    def judgements(self, repo):
        """Lets post-merge say whether it has read the merge's tree itself."""
        wrap(repo, "post-merge", 'GIT_TRACE="$PWD/.git/trace" "$real" "$@"')
        return repo.path / ".git/trace"

    def test_is_used(self):
        repo = self.forked()
        trace = self.judgements(repo)
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assertNotIn("merge-base", trace.read_text())
        self.assertNotIn("hash-object -t tree", trace.read_text())
        self.assertFalse((repo.path / HANDOVER).exists())

    def test_without_it(self):
        repo = self.forked()
        trace = self.judgements(repo)
        repo.git("merge", "--no-verify", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assertIn("merge-base", trace.read_text())

    def test_of_a_vetoed_merge_is_not_taken_for_another(self):
        repo = self.forked()
        self.vetoed(repo)
        repo.checkout("theirs")
        self.add(repo, "b2", "b1")
        repo.checkout("main")
        repo.git("merge", "--no-verify", "--no-edit", "theirs")
        self.assert_one_head(repo, merging.merge_id("b2", "c1"))

    def test_of_a_vetoed_merge_serves_the_same_merge(self):
        repo = self.forked()
        self.vetoed(repo)
        repo.git("merge", "--no-verify", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_of_a_vetoed_merge_is_not_taken_for_a_fast_forward(self):
        repo = self.forked()
        self.vetoed(repo)
        repo.git("reset", "-q", "--hard", "HEAD~1")
        before = repo.head("theirs")
        self.assertEqual(repo.git("merge", "-q", "theirs").err, "")
        self.assertEqual(repo.head(), before)

    def test_where_a_hook_of_the_user_has_staged_something(self):
        repo = self.project()
        repo.onehead("uninstall")
        hook = "#!/bin/sh\necho more >>README\ngit add README\n"
        repo.write(".git/hooks/pre-merge-commit", hook, mode=0o755)
        repo.onehead("install")
        self.fork(repo)
        trace = self.judgements(repo)
        repo.git("merge", "--no-edit", "theirs")
        self.assertEqual(self.heads(repo), [merging.JOINED])
        self.assertEqual(repo.out("diff", "--cached", "--name-only"), "README")
        self.assertEqual(repo.out("show", "HEAD:README"), "one\ntwo\nthree")
        self.assertIn("merge-base", trace.read_text())

    def test_garbage_is_nothing(self):
        for garbage in ("", "x", "onehead handover 1\nend\n", "onehead handover 2\n"):
            with self.subTest(garbage=garbage):
                repo = self.forked(name=f"repo{len(garbage)}")
                repo.write(HANDOVER, garbage)
                repo.git("merge", "--no-verify", "--no-edit", "theirs")
                self.assert_joined(repo)

    def test_a_truncated_one_is_nothing(self):
        repo = self.forked()
        self.vetoed(repo)
        whole = (repo.path / HANDOVER).read_text()
        lines = whole.splitlines(keepends=True)
        self.assertEqual(lines[-1], "end\n")
        (repo.path / HANDOVER).write_text("".join(lines[:-1]))
        trace = self.judgements(repo)
        repo.git("merge", "--no-verify", "--no-edit", "theirs")
        self.assert_joined(repo)
        self.assertIn("merge-base", trace.read_text())

    def test_not_where_it_can_not_be_written(self):
        repo = self.forked()
        repo.write(".git/onehead/handover/in-the-way", "")
        repo.git("merge", "--no-edit", "theirs")
        self.assertEqual(self.heads(repo), [merging.JOINED])
