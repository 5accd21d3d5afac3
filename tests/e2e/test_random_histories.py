"""Random histories: two lines grown from one base, merged both ways and by two people at once.

ONEHEAD_LONG=1 tries 5,000; ONEHEAD_SEED=N tries the one that failed. Each failure names its seed.
"""

import collections
import os
import shutil
import tempfile
import unittest

import env
from histories import History

SECONDS = 90
SANITIZE = False  # the same programs run under sanitizers in the other files
SEEDS = 5000 if env.LONG else 200
BLOCK = 20
ONE = os.environ.get("ONEHEAD_SEED")

_ends = collections.Counter()


class Random(env.TestCase):
    """The cases are made below: a block of seeds each."""

    def run_block(self, seeds):
        for seed in seeds:
            with self.subTest(seed=seed):
                _ends[self.run_seed(seed)] += 1

    def run_seed(self, seed):
        self.history = History(seed)
        self.work = self.repo(f"repo{seed}")
        try:
            self.history.write(self.work)
            self.work.onehead("install", *([] if self.history.has_lock else ["--no-lock"]))
            self.assertEqual(self.work.status(), "", "the lock was written otherwise than expected")
            return self.meet()
        finally:
            shutil.rmtree(self.work.path)

    def meet(self):
        conflicts = self.git_conflicts("ours", "theirs")
        why = self.history.must_stop()
        if conflicts or why:
            self.stops("ours", "theirs", why)
            self.stops("theirs", "ours", why)
            return "conflict" if conflicts else why
        trees = {self.merges("ours", "theirs"), self.merges("theirs", "ours")}
        self.assertEqual(len(trees), 1, "two people have different bytes")
        self.heads_are_right()
        self.databases_agree()
        self.meet_again(trees.pop())
        return "merged"

    def git_conflicts(self, ours, theirs):
        """Files, locks aside, that git itself can't merge."""
        out = self.work.git(
            *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs),
            expect=(0, 1),
        ).out.split("\0")
        return [p for p in out[1:] if p and not p.endswith("onehead.lock")]

    def stops(self, mine, other, why):
        self.work.git("checkout", "-q", "-B", f"stop-{mine}", mine)
        done = self.work.git("merge", "--no-edit", other, expect=1)
        if why and not self.git_conflicts(mine, other):
            self.assertIn("onehead", done.err)
        self.work.git("merge", "--abort")
        self.assertEqual((self.work.head(), self.work.status()), (self.work.head(mine), ""))

    def merges(self, mine, other):
        """The tree of the merge commit."""
        self.work.git("checkout", "-q", "-B", f"into-{mine}", mine)
        self.work.git("merge", "-q", "--no-edit", other)
        self.assertEqual(self.work.status(), "")
        parents = [self.work.head(mine), self.work.head(other)]
        self.assertEqual(self.work.out("log", "-1", "--format=%P").split(), parents)
        return self.work.out("rev-parse", "HEAD^{tree}")

    def meet_again(self, tree):
        """Each takes the other's merge: it says the same, so nothing is new."""
        self.work.git("merge", "-q", "--no-edit", "into-ours")
        self.assertEqual(self.work.status(), "")
        self.assertEqual(self.work.out("rev-parse", "HEAD^{tree}"), tree)

    def heads_are_right(self):
        for base, ours, theirs in self.history.tips():
            directory = self.work.path / (ours.root or ".")
            kept = self.history.together(base, ours, theirs)
            wanted = len(self.history.strands(ours, theirs))
            for alembic in env.alembics():
                self.assertEqual(len(alembic.heads(directory)), wanted)
            answer = env.alembic().call("history", directory)
            self.assertEqual(answer["warnings"], [])
            found = {r["id"]: tuple(r["parents"]) for r in answer["value"]}
            for id, m in kept.items():
                self.assertEqual(sorted(found[id]), sorted(m.parents), id)
            for id in found.keys() - kept.keys():
                self.assertGreater(len(found[id]), 1, f"{id} came from nowhere")

    def databases_agree(self):
        """Left at the base, at a line's head or in the middle, upgraded: the same schema."""
        r = self.history.random
        base, ours, theirs = r.choice(self.history.tips())
        kept = self.history.together(base, ours, theirs)
        directory = self.work.path / (ours.root or ".")
        if self.history.skips:
            return
        places = [r.choice([*side.heads.values()]) for side in (base, ours, theirs)]
        places = [p for p in [*places, r.choice(sorted(kept))] if p in kept]
        wanted = self.upgraded(directory, [])
        for place in r.sample(places, min(2, len(places))):
            self.assertEqual(self.upgraded(directory, [place]), wanted, f"left at {place}")

    def upgraded(self, directory, places):
        with tempfile.TemporaryDirectory(dir=env.MEMORY) as place:
            url = f"sqlite:///{place}/try.db"
            for target in [*places, "heads"]:
                env.alembic().upgrade(directory, url, target)
            return env.alembic().schema(url)


class TwoClones(env.TestCase):
    """The same by two people on two machines, who then push and pull."""

    def test_two_clones(self):
        tried = 0
        for seed in range(10_000, 10_000 + (200 if env.LONG else 30)):
            history = History(seed)
            if history.must_stop():
                continue
            with self.subTest(seed=seed):
                tried += self.run_seed(history, seed)
        self.assertGreater(tried, 15)

    def run_seed(self, history, seed):
        origin = self.repo(f"origin{seed}")
        history.write(origin)
        people = {}
        for name, mine, other in (("Ana", "ours", "theirs"), ("Bob", "theirs", "ours")):
            self.home.person(name)
            clone = origin.clone(f"{name}{seed}")
            clone.git("checkout", "-q", "-B", "work", f"origin/{mine}")
            clone.onehead("install", *([] if history.has_lock else ["--no-lock"]))
            done = clone.git("merge", "-q", "--no-edit", f"origin/{other}", expect=(0, 1))
            if done.code:
                self.assertIn("CONFLICT", done.out)
                return False
            people[name] = clone
        ana, bob = people["Ana"], people["Bob"]
        tree = ana.out("rev-parse", "HEAD^{tree}")
        self.assertEqual(bob.out("rev-parse", "HEAD^{tree}"), tree)
        ana.git("push", "-q", "origin", "work")
        bob.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "work")
        self.assertEqual((bob.out("rev-parse", "HEAD^{tree}"), bob.status()), (tree, ""))
        bob.git("push", "-q", "origin", "work")
        return True


class Variety(env.TestCase):
    def test_what_was_tried(self):
        """Else the cases above would prove little. (Their classes come first.)"""
        if sum(_ends.values()) < 200:
            return
        total = sum(_ends.values())
        self.assertGreater(_ends["merged"], total * 0.7, _ends)
        for end in ("lost", "conflict", "collision"):
            self.assertGreater(_ends[end], 0, _ends)


def add_cases():
    seeds = [int(ONE)] if ONE else list(range(SEEDS))
    for start in range(0, len(seeds), BLOCK):
        block = seeds[start : start + BLOCK]

        def case(self, block=block):
            self.run_block(block)

        setattr(Random, f"test_seeds_{block[0]:04d}", case)


add_cases()

if __name__ == "__main__":
    unittest.main()
