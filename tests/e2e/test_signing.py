"""A signed merge stays signed when the merge commit is replaced."""

import unittest

import merging


class Signing(merging.TestCase):
    def forked_with_key(self):
        repo = self.forked()
        merging.make_key(repo)
        return repo

    def assert_signed(self, repo):
        repo.git("verify-commit", "HEAD")
        self.assert_joined(repo)

    def test_by_configuration(self):
        repo = self.forked_with_key()
        repo.git("config", "commit.gpgSign", "true")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_signed(repo)

    def test_by_option(self):
        """`merge -S` leaves no trace in the configuration: the commit itself says it."""
        repo = self.forked_with_key()
        repo.git("merge", "-S", "--no-edit", "theirs")
        self.assert_signed(repo)

    def test_with_a_key_that_only_the_option_named(self):
        """Git tells no hook which key it was. Where another would be taken, or none is found, the
        commit stays git's; a signed commit is never replaced by an unsigned one."""
        repo = self.forked_with_key()
        key = repo.out("config", "user.signingKey")
        repo.git("config", "--unset", "user.signingKey")
        done = repo.git("merge", f"-S{key}", "--no-edit", "theirs")
        repo.git("verify-commit", "HEAD")
        self.assert_clean(repo)
        if len(self.heads(repo)) > 1:
            self.assertIn("onehead merge", done.err)

    def test_not_signed_where_git_did_not_sign(self):
        repo = self.forked_with_key()
        repo.git("config", "commit.gpgSign", "true")
        repo.git("merge", "--no-gpg-sign", "--no-edit", "theirs")
        self.assertNotIn("gpgsig", repo.git("cat-file", "commit", "HEAD").out)
        self.assert_joined(repo)

    def test_a_key_that_signs_once_only(self):
        """The merge stays as git made it, and what to do is said."""
        repo = self.forked_with_key()
        used = repo.home.path / "used"
        program = repo.write(
            repo.home.path / "once",
            f'#!/bin/sh\ntest -e "{used}" && {{ echo no touch >&2; exit 1; }}\n'
            f'touch "{used}"\nexec ssh-keygen "$@"\n',
            mode=0o755,
        )
        repo.git("config", "gpg.ssh.program", program)
        before = repo.head()
        done = repo.git("merge", "-S", "--no-edit", "theirs")
        self.assertIn("onehead merge", done.err)
        repo.git("config", "--unset", "gpg.ssh.program")
        repo.git("verify-commit", "HEAD")
        self.assert_parents(repo, before, "theirs")
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        self.assert_clean(repo)
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_the_merge_that_pre_commit_finishes(self):
        repo = self.forked_with_key()
        repo.git("merge", "--no-commit", "theirs")
        repo.git("commit", "-S", "--no-edit")
        self.assert_signed(repo)

    def test_onehead_merge_signs_as_configured(self):
        repo = self.forked_with_key()
        repo.git("config", "commit.gpgSign", "true")
        repo.onehead("merge", "theirs")
        self.assert_signed(repo)

    def test_a_join_in_a_commit_of_its_own(self):
        repo = self.forked_with_key()
        repo.git("config", "commit.gpgSign", "true")
        repo.git("config", "onehead.postmerge", "commit")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_signed(repo)

    def test_gpg(self):
        repo = self.forked()
        home = self.home.path / "g"
        home.mkdir(mode=0o700)
        repo.environ["GNUPGHOME"] = str(home)
        self.addCleanup(repo.run, "gpgconf", "--kill", "all", expect=None)
        who = ("--quick-generate-key", "Ana <ana@example.org>", "ed25519", "sign", "never")
        repo.run("gpg", "--batch", "-q", "--passphrase", "", *who)
        repo.git("merge", "-S", "--no-edit", "theirs")
        self.assertIn("Good signature", repo.git("verify-commit", "HEAD").err)
        self.assert_joined(repo)


if __name__ == "__main__":
    unittest.main()
