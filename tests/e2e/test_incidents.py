"""Every incident of the corpora, merged by plain git with onehead installed.

Which sides are sound is Alembic's word. Where both are, the merge leaves one head in the merge
commit, the worktree clean, every migration there, and no path changed but the merge revision and
the lock; the other direction gives the same bytes. Unsound ones are not made worse.

Where one line renumbered a migration that the other builds on, nobody can join them: the merge
stops, says who did it, and after what it tells to do there is one head.
"""

import os
import re
import sys
import unittest
from typing import NamedTuple

import env

FIXTURES = env.ROOT / "repos-fixtures"
sys.path.insert(0, str(FIXTURES))

import incident_repo  # noqa: E402

CORPORA = {name: str(FIXTURES / f"incidents/{name}.jsonl.gz") for name in ("hex", "sequential")}


class Side(NamedTuple):
    """What Alembic says of a branch."""

    heads: tuple
    parents: dict
    trouble: str

    @property
    def ids(self):
        return frozenset(self.parents)

    @property
    def sound(self):
        return len(self.heads) == 1 and not self.trouble


def look(repo, alembic):
    answer = alembic.call("history", repo)
    if "error" in answer:
        return Side((), {}, answer["error"]["message"] or answer["error"]["class"])
    parents = {r["id"]: r["parents"] for r in answer["value"]}
    return Side(tuple(sorted(alembic.heads(repo))), parents, "; ".join(answer["warnings"]))


def together(sides):
    """What both lines have in the end: each migration with its parents."""
    ours, theirs, base = sides["ours"], sides["theirs"], sides["base"]
    kept = (ours.ids & theirs.ids) | (ours.ids - base.ids) | (theirs.ids - base.ids)
    return {id: {**theirs.parents, **ours.parents}[id] for id in kept}


def lost(sides):
    """Parents that somebody builds on and the other line took away."""
    kept = together(sides)
    return sorted({p for parents in kept.values() for p in parents if p not in kept})


_sides = {}


class Merging(env.TestCase):
    """One repository with the branches of an incident."""

    def make(self, corpus, number, after_base=None):
        repo = env.Repo(self.home, self.home.path / "repo")

        def hook(_):
            if after_base:
                after_base(repo)

        incident = incident_repo.make(CORPORA[corpus], number, str(repo.path), hook, repo.environ)
        repo.location = incident["scripts"]
        return repo

    def sides(self, corpus, number):
        """What Alembic says of both branches, as they are without onehead."""
        if (corpus, number) not in _sides:
            repo = self.make(corpus, number)
            found = {}
            for name in ("base", "theirs", "ours"):
                repo.checkout(name)
                found[name] = look(repo, env.alembic())
            _sides[corpus, number] = found
            repo.run("rm", "-rf", repo.path, cwd="/")
        return _sides[corpus, number]

    def run_case(self, corpus, number, mode):
        sides = self.sides(corpus, number)
        sound = sides["ours"].sound and sides["theirs"].sound
        if not sound:
            self.merge_unsound(self.make(corpus, number), mode, sides)
            return
        after_base = {"lock": self.with_lock, "bare": self.without_lock, "late": None}[mode]
        repo = self.make(corpus, number, after_base)
        if mode == "late":
            self.with_lock(repo)  # on ours alone: theirs knows nothing of it
        self.lock_path = f"{repo.location}/onehead.lock" if mode != "bare" else None
        if lost(sides):
            self.merge_lost(repo, sides)
            return
        stopped = self.conflicts(repo, "ours", "theirs")
        first = self.merge(repo, "ours", "theirs", sides, stopped)
        self.again(repo, "theirs")
        second = self.merge(repo, "theirs", "ours", sides, stopped)
        self.assertEqual(first, second, "the other direction gives other bytes")

    def with_lock(self, repo):
        repo.onehead("install")
        repo.commit("install onehead")

    def without_lock(self, repo):
        repo.onehead("install", "--no-lock")
        self.assertEqual(repo.status(), "")

    # What plain git makes of it.

    def merge_tree(self, repo, ours, theirs):
        """Tree and conflicted paths of git's own merge; the lock's counts for nothing."""
        out = repo.git(
            *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs),
            expect=(0, 1),
        ).out.split("\0")
        return out[0], [p for p in out[1:] if p and p != self.lock_path]

    def conflicts(self, repo, ours, theirs):
        return self.merge_tree(repo, ours, theirs)[1]

    def entries(self, repo, tree):
        listed = repo.git("ls-tree", "-r", "-z", tree).out.split("\0")
        return {e.split("\t", 1)[1]: e.split("\t", 1)[0] for e in listed if e}

    # The merge.

    def merge(self, repo, ours, theirs, sides, stopped):
        """Merges THEIRS into a copy of OURS; the tree's entries."""
        repo.branch(f"{ours}-merged", ours)
        parents = [repo.head(ours), repo.head(theirs)]
        done = repo.git("merge", "--no-edit", theirs, expect=(1,) if stopped else (0,))
        if stopped:
            self.resolve(repo, stopped, done)
        self.assertEqual(repo.status(), "", done.err)
        self.assertEqual(repo.out("log", "-1", "--format=%P").split(), parents)
        if ours == "ours":  # the other direction has the same bytes
            self.one_head(repo, sides)
        if not stopped:
            self.nothing_else_changed(repo, parents)
        self.reads_like_one_merge(repo, ours)
        return self.entries(repo, "HEAD")

    def resolve(self, repo, stopped, done):
        """As a person does: both texts are kept where both are new, else the one of ours."""
        self.assertIn("fix conflicts and then commit", done.out + done.err)
        for path in stopped:
            self.assertIn(os.path.basename(path), done.out)
        told = repo.onehead("resolve", expect=1)
        for path in stopped:
            self.assertIn(path, told.out + told.err)
        self.assertIn("git add", told.out + told.err)
        for path in stopped:
            repo.git("checkout", "-q", "--ours", "--", path, expect=None)
            repo.git("add", "--", path)
        repo.git("commit", "-q", "--no-edit")

    def one_head(self, repo, sides):
        for alembic in env.alembics():
            heads = alembic.heads(repo)
            self.assertEqual(len(heads), 1, heads)
        after = look(repo, env.alembic())
        self.assertEqual(after.trouble, "")
        kept = set(together(sides))
        self.assertLessEqual(kept, after.ids, "a migration is lost")
        self.assertLessEqual(len(after.ids - kept), 1)
        self.assertEqual(repo.onehead("heads").out.split()[0], after.heads[0])
        repo.onehead("check")
        if self.lock_path:
            self.assertIn(f"\nhead {after.heads[0]}\n\n", repo.read(self.lock_path))

    def nothing_else_changed(self, repo, parents):
        tree, _ = self.merge_tree(repo, *parents)
        plain, made = self.entries(repo, tree), self.entries(repo, "HEAD")
        for entries in (plain, made):
            entries.pop(self.lock_path, None)
        new = {p for p in made if p not in plain}
        self.assertEqual({p: e for p, e in made.items() if p not in new}, plain)
        self.assertLessEqual(len(new), 1, new)
        for path in new:
            self.assertRegex(path, rf"^{repo.location}/versions/[0-9a-f]{{12}}_merge_\w*\.py$")

    def reads_like_one_merge(self, repo, ours):
        for name in ("HEAD", f"{ours}-merged"):
            self.assertEqual(repo.head(f"{name}@{{1}}"), repo.head(ours))
        self.assertEqual(repo.head("ORIG_HEAD"), repo.head(ours))

    def again(self, repo, theirs):
        head = repo.head()
        self.assertIn("Already up to date", repo.git("merge", theirs).out)
        self.assertIn("up to date", "".join(repo.onehead("merge", theirs)[1:]))
        self.assertIn("nothing to join", "".join(repo.onehead("merge")[1:]))
        self.assertIn("nothing to resolve", "".join(repo.onehead("resolve")[1:]))
        self.assertEqual((repo.head(), repo.status()), (head, ""))

    def merge_lost(self, repo, sides):
        """STOPPED, with who and how; then as the message says."""
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs", expect=1)
        for id in lost(sides):
            self.assertIn(id, done.err)
        repo.git("merge", "--abort")
        self.assertEqual((repo.head(), repo.status()), (before, ""))
        repo.git("merge", "--no-edit", "theirs", expect=1)
        told = repo.onehead("resolve", expect=1)
        told = told.out + told.err
        self.assertIn("STOPPED", told)
        self.assertRegex(told, rf"(?m)theirs took it away in {repo.head('theirs')[:10]} ")
        for id, path in re.findall(r"name (\S+) as the parent in (\S+),", told):
            for old in lost(sides):
                repo.write(path, repo.read(path).replace(old, id))
            repo.git("add", path)
        repo.onehead("resolve")
        repo.git("commit", "-q", "--no-edit")
        self.assertEqual(repo.status(), "")
        self.one_head(repo, sides)

    def merge_unsound(self, repo, mode, sides):
        """One side is broken by itself: nothing is lost and the heads don't grow."""
        repo.onehead("install", *([] if mode == "lock" else ["--no-lock"]), expect=(0, 1))
        if repo.status():
            repo.commit("install onehead")
        self.lock_path = f"{repo.location}/onehead.lock"
        most = max(len(sides["ours"].heads), len(sides["theirs"].heads))
        stopped = self.conflicts(repo, "ours", "theirs")
        done = repo.git("merge", "--no-edit", "theirs", expect=(0, 1))
        if stopped or done.code:
            repo.git("merge", "--abort")
            self.assertEqual(repo.head(), repo.head("ours"))
        else:
            self.assertLessEqual(len(look(repo, env.alembic()).heads), most)
        self.assertEqual(repo.status(), "")


class Incidents(Merging):
    """The cases are made below."""


class Soundness(Merging):
    def test_nearly_all_are_sound(self):
        """Else the cases above would prove little."""
        found = [
            self.sides(corpus, number)
            for corpus, path in CORPORA.items()
            for number in range(len(incident_repo.load(path)[1]))
        ]
        sound = [s for s in found if s["ours"].sound and s["theirs"].sound]
        self.assertEqual((len(found), len(sound)), (35, 32))


def add_cases():
    for corpus, path in CORPORA.items():
        for number in range(0, len(incident_repo.load(path)[1]), 3 if env.SANITIZED else 1):
            for mode in ("lock", "bare", "late"):

                def case(self, corpus=corpus, number=number, mode=mode):
                    self.run_case(corpus, number, mode)

                setattr(Incidents, f"test_{mode}_{corpus}_{number}", case)


add_cases()

if __name__ == "__main__":
    unittest.main()
