"""Two branches that have each added a migration: where the tests of merging begin.

    class Case(merging.TestCase):
        def test_merge(self):
            repo = self.forked()            # on main: a1, c1; on theirs: a1, b1
            repo.git("merge", "--no-edit", "theirs")
            self.assert_joined(repo)
"""

import hashlib
import re

import env

LOCK = "migrations/onehead.lock"


LEFTOVERS = (
    *("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "SQUASH_MSG", "index.lock"),
    *("onehead/journal", "onehead/after-commit", "onehead/pending-commit"),
)


def merge_id(*parents):
    """The id of the merge revision of these."""
    digest = hashlib.sha256(b"onehead-merge-1\n")
    for parent in sorted(parents):
        digest.update(parent.encode() + b"\n")
    return digest.hexdigest()[:12]


JOINED = merge_id("b1", "c1")


def add_column(name):
    return f'op.add_column("t", sa.Column("{name}", sa.Integer(), nullable=True))'


def make_key(repo):
    """An SSH key that signs and is trusted in the repository."""
    key = repo.home.path / "key"
    repo.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ana", "-f", key)
    public = key.with_suffix(".pub").read_text()
    repo.write(repo.home.path / "signers", f"ana@example.org {public}")
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", key),
        ("gpg.ssh.allowedSignersFile", repo.home.path / "signers"),
    ):
        repo.git("config", name, value)


def wrap(repo, hook, script):
    """Has SCRIPT run in the program's place; "$real" in it is the program."""
    program = repo.home.path / f"wrapped-{hook}"
    real = env.BIN / "onehead-hook"
    repo.write(program, f"#!/bin/bash\nreal='{real}'\n{script}\n", mode=0o755)
    path = repo.out("rev-parse", "--git-path", f"hooks/{hook}")
    text, count = re.subn(r"(?m)^program=.*$", f"program='{program}'", repo.read(path))
    assert count == 1
    repo.write(path, text)


class TestCase(env.TestCase):
    def project(self, lock=True, name="repo"):
        """An installed project on main with the migration a1."""
        repo = self.repo(name)
        self.start(repo)
        self.install(repo, lock)
        return repo

    def start(self, repo):
        repo.project()
        repo.write("README", "one\ntwo\nthree\n")
        repo.migration("a1", None, 'op.create_table("t", sa.Column("id", sa.Integer()))')
        repo.commit("base")

    def install(self, repo, lock=True):
        repo.onehead("install", *([] if lock else ["--no-lock"]))
        if lock:
            repo.commit("install onehead")

    def add(self, repo, id, parents, message=None, **more):
        repo.migration(id, parents, add_column(id), **more)
        return repo.commit(message or f"add {id}")

    def fork(self, repo):
        """The branch theirs with b1, by Bob, and c1 on the branch that was checked out."""
        here = repo.out("branch", "--show-current")
        repo.branch("theirs")
        self.home.person("Bob")
        self.add(repo, "b1", "a1")
        self.home.person("Ana")
        repo.checkout(here)
        self.add(repo, "c1", "a1")

    def forked(self, lock=True, name="repo"):
        repo = self.project(lock, name)
        self.fork(repo)
        return repo

    def heads(self, repo, alembic=None):
        return (alembic or env.alembic()).heads(repo)

    def assert_clean(self, repo):
        self.assertEqual(repo.status(), "")
        git_dir = repo.path / repo.out("rev-parse", "--git-dir")
        self.assertEqual([n for n in LEFTOVERS if (git_dir / n).exists()], [])

    def assert_one_head(self, repo, head):
        """The worktree is HEAD, and its one head is HEAD, by Alembic and by the lock."""
        self.assert_clean(repo)
        for alembic in env.alembics():
            self.assertEqual(self.heads(repo, alembic), [head])
        lock = repo.path / repo.location / "onehead.lock"
        if lock.exists():
            text = lock.read_text()
            self.assertEqual([x for x in text.splitlines() if x.startswith("head ")], [f"head {head}"])
            listed = {line.split()[0] for line in text.split("\n\n", 1)[1].splitlines()}
            self.assertEqual(listed, {r["id"] for r in env.alembic().history(repo)})

    def assert_joined(self, repo, *ids):
        self.assert_one_head(repo, merge_id(*(ids or ("b1", "c1"))))

    def assert_parents(self, repo, *revs, of="HEAD"):
        wanted = [repo.head(r) for r in revs]
        self.assertEqual(repo.out("log", "-1", "--format=%P", of).split(), wanted)
