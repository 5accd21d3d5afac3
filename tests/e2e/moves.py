"""What test_random_moves asks of its clones, and what must be true of them after each step.

A world has clones, each one person's, and a remote. `wanted` is what the head's line must have when
the step is done: the tokens of migrations (what their bodies make), whatever their ids are by then.
"""

import re

import env
from peek import Refs

STATES = (  # what git can be in the middle of, and how it is given up
    ("rebase-merge", "rebase"), ("rebase-apply/applying", "am"), ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert"),
    ("sequencer", "cherry-pick"),
)  # fmt: skip


class Clone:
    """One person's repository, and what the tests ask of it without onehead's help."""

    def __init__(self, repo, name, store):
        self.repo = repo
        self.name = name
        self.store = store
        self.git_dir = repo.path / ".git"
        self.refs = Refs(self.git_dir, store)
        self.deployed = {}
        self.looked_at = set()
        self.past = []  # states that undo has to bring back, one after the other

    def line(self, name="HEAD"):
        return self.store.line(self.refs.find(name))

    def tokens(self, name="HEAD"):
        return self.line(name).tokens

    def files(self, name="HEAD"):
        """By token: where it is, and its blob."""
        return {m.token: (path, blob) for path, (blob, m) in self.line(name).files.items()}

    def state(self, status=None):
        """What undo has to bring back. Nothing to tell: the index is as HEAD is."""
        status = self.status() if status is None else status
        kept = ("refs/heads/", "refs/stash")
        refs = {n: id for n, id in self.refs.all().items() if n.startswith(kept)}
        index = self.repo.git("write-tree", expect=None).out if status else ""
        return refs, self.refs.head(), status, index

    def status(self):
        """Without refreshing the index, which its user has not asked for."""
        quiet = {"GIT_OPTIONAL_LOCKS": "0"}
        return self.repo.git("status", "--porcelain", "--untracked-files=all", env=quiet).out

    def under_way(self):
        """The git command that has stopped, or None."""
        return next((c for state, c in STATES if (self.git_dir / state).exists()), None)

    def operations(self):
        """How many onehead has recorded."""
        place = self.git_dir / "onehead/operations"
        return max((int(p.name) for p in place.iterdir()), default=0) if place.exists() else 0

    def is_ancestor(self, a, b):
        return self.refs.find(a) in self.store.history(self.refs.find(b))

    def parents(self, name="HEAD"):
        return self.store.commit(self.refs.find(name)).parents

    def branch(self):
        return self.refs.branch()

    def others(self, *kinds):
        """Short names of the refs of these kinds, but for the branch that is checked out."""
        return [n for n in self.names(*kinds) if n != self.branch()]

    def names(self, *kinds):
        return [n.split("/", 2)[2] for n in self.refs.all() if n.startswith(kinds)]

    def shared(self):
        """The commits that somebody else could have."""
        remotes = [id for n, id in self.refs.all().items() if n.startswith("refs/remotes/")]
        return self.store.history(*remotes)

    def row(self, name="HEAD", without=()):
        """Commits from NAME downwards, without merges, up to the first that is in WITHOUT."""
        id, row = self.refs.find(name), []
        while id not in without and len(self.store.commit(id).parents) == 1:
            row.append(id)
            (id,) = self.store.commit(id).parents
        return row

    def changes(self, commit):
        """Tokens that it brings and takes away, against its first parent."""
        before, after = set(self.tokens(commit + "^")), set(self.tokens(commit))
        return after - before, before - after

    def edits(self, commit):
        """Tokens whose file it changes, or gives another name."""
        before, after = self.files(commit + "^"), self.files(commit)
        return {token for token in before if token in after and after[token] != before[token]}


class Checks:
    """For a world that has `case`, `store`, `did`; of the step under way `had`, `had_files`, `wanted`,
    `order` (pairs of tokens, the second above the first) and `exact` (nothing is forgiven); and
    `gone` and `edited`, what somebody has taken back on purpose."""

    def check(self, clone):
        case = self.case
        case.assertEqual(clone.status(), "", self.did)
        for name in ["HEAD", *clone.others("refs/heads/")]:
            self.line_is_sound(name, clone.line(name))
        if self.wanted is not None:
            self.nothing_lost(set(clone.tokens()))
        self.published_as_it_was(clone)
        self.deployed_as_it_was(clone)
        self.order_is_kept(clone)
        self.onehead_is_content(clone)

    def line_is_sound(self, name, line):
        case, did = self.case, (self.did, name, [(m.id, m.parents, m.token) for m in line.migrations])
        case.assertEqual(len(line.heads), 1, did)
        case.assertEqual(len(set(line.ids)), len(line.ids), did)
        case.assertEqual(len(set(line.tokens)), len(line.tokens), did)
        case.assertTrue(line.is_whole, did)
        self.numbers_rise(line)

    def nothing_lost(self, tokens):
        gone = set() if self.exact else self.gone
        self.case.assertEqual(self.wanted - tokens - gone, set(), (self.did, "lost"))
        self.case.assertEqual(tokens - self.wanted - gone, set(), (self.did, "from nowhere"))

    def numbers_rise(self, line):
        """Along a line that counts: merge revisions have hash ids."""
        numbers = {id: int(id[:3]) for id in line.ids if re.match(r"\d{3}(_|$)", id)}
        for m in line.migrations:
            for parent in m.parents:
                if m.id in numbers and parent in numbers:
                    self.case.assertLess(numbers[parent], numbers[m.id], self.did)

    def published_as_it_was(self, clone):
        if not clone.is_ancestor("origin/main", "HEAD"):
            return
        here, ids = clone.line().files, set(clone.line().ids)
        for path, (blob, m) in clone.line("origin/main").files.items():
            # A merge revision goes with the merge that git has reverted, and with what it joined.
            is_reverted = not m.token and path not in here and not set(m.parents) <= ids
            if m.token not in self.gone | self.edited and not is_reverted:
                self.case.assertEqual(here.get(path, ("gone",))[0], blob, (self.did, path))

    def deployed_as_it_was(self, clone):
        """Where the line had it so: another branch may have an earlier form of its own."""
        here = clone.files()
        for token, was in clone.deployed.items():
            if token in here and self.had_files.get(token) == was and token not in self.edited:
                self.case.assertEqual(here[token], was, (self.did, token))

    def order_is_kept(self, clone):
        """What stood on another migration stands on it still, unless the lines had it both ways."""
        order = clone.line().order()
        for a, b in self.order:
            if (a, b) not in order and (b, a) in order and (b, a) not in self.order:
                self.case.fail((self.did, f"{b} stood on {a}, and now {a} on {b}"))
            if (a, b) not in order and {a, b} <= set(clone.tokens()) and (b, a) not in order:
                self.case.fail((self.did, f"{b} stood on {a}, and does no more"))

    def onehead_is_content(self, clone):
        """Its answer hangs on refs, databases and the worktree, which is as HEAD is."""
        place = clone.refs.head(), *clone.refs.all().items()
        if place in clone.looked_at:
            return
        clone.looked_at.add(place)
        done = clone.repo.onehead("check", expect=None)
        self.case.assertEqual((done.code, done.err), (0, ""), (self.did, done.out))
        done = clone.repo.onehead("resolve", "--dry-run", expect=None)
        self.case.assertIn("nothing to resolve", done.out, self.did)

    def each_commit(self, clone, before):
        """Of a rebased branch: one head, and a lock that names it. Not of those that git has taken as
        they were, of a row of picks, say, that is joined in its last one."""
        below = self.store.history(clone.refs.find("origin/main")) | self.store.history(before)
        for commit in self.store.history(clone.refs.find("HEAD")) - below:
            heads = self.store.line(commit).heads
            self.case.assertEqual(len(heads), 1, (self.did, commit))
            if self.store.at(commit, "migrations/onehead.lock"):
                lock = self.store.blob(commit, "migrations/onehead.lock")
                self.case.assertEqual(re.findall("^head (.*)$", lock, re.M), heads, self.did)

    def alembic_agrees(self, clone, url, tables):
        for alembic in env.alembics():
            self.case.assertEqual(len(alembic.heads(clone.repo)), 1, self.did)
        env.alembic().upgrade(clone.repo, url, "head")
        self.case.assertEqual(tables(), set(clone.tokens()), self.did)
