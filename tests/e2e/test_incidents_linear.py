"""The sequential incidents with theirs as origin/main and ours as a topic that nobody has seen:
merge and rebase leave one line, numbered on, and no body changes."""

import ast
import hashlib
import re
import unittest

import env
import test_incidents
from test_incidents import CORPORA, incident_repo, look, lost

NUMBER = re.compile(r"0*(\d+)")



SANITIZE = False  # the incidents themselves run under sanitizers in test_incidents
def body(text):
    """All that a migration does, without what says who it is."""
    tree = ast.parse(text)
    named = ("revision", "down_revision")
    kept = [
        ast.dump(statement)
        for statement in tree.body[1 if ast.get_docstring(tree) is not None else 0 :]
        if not any(isinstance(n, ast.Name) and n.id in named for n in ast.walk(statement))
    ]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


class Linear(test_incidents.Merging):
    def topic(self, number):
        repo = self.make("sequential", number, self.with_lock)
        remote = self.repo("remote.git", "--bare", "-b", "main")
        repo.git("remote", "add", "origin", remote.path)
        repo.git("push", "-q", "origin", "theirs:refs/heads/main")
        repo.git("fetch", "-q")
        repo.git("remote", "set-head", "origin", "main")
        repo.git("checkout", "-q", "-B", "topic", "ours")
        return repo

    def bodies(self, repo, rev):
        names = repo.git("ls-tree", "-r", "-z", "--name-only", rev, "--", repo.location).out
        return sorted(
            body(repo.git("show", f"{rev}:{name}").out)
            for name in names.split("\0")
            if name.endswith(".py") and "/versions/" in name
        )

    def one_line(self, repo, sides, onto):
        after = look(repo, env.alembic())
        self.assertEqual((len(after.heads), after.trouble), (1, ""))
        for alembic in env.alembics():
            self.assertEqual(len(alembic.heads(repo)), 1)
        self.assertEqual(repo.status(), "")
        # What came from origin is there byte for byte.
        theirs, ours = self.entries(repo, onto), self.entries(repo, "ours")
        both = self.entries(repo, "base")
        made = self.entries(repo, "HEAD")
        lock = f"{repo.location}/onehead.lock"
        for path, entry in theirs.items():
            edited = ours.get(path) not in (None, both.get(path))
            if path != lock and "/versions/" in path and not edited:
                self.assertEqual(made.get(path), entry, path)
        # Ours are on top of it, one after the other, in rising numbers.
        new = set(after.ids) - set(sides["theirs"].ids)
        at, line = after.heads[0], []
        while at in new:
            self.assertEqual(len(after.parents[at]), 1, after.parents[at])
            line.append(at)
            at = after.parents[at][0]
        self.assertEqual(set(line), new)
        self.assertEqual((at,), sides["theirs"].heads)
        numbers = [int(m[1]) for m in map(NUMBER.match, reversed(line)) if m]
        self.assertEqual(numbers, sorted(set(numbers)), line)
        base = self.bodies(repo, "base")
        made = self.bodies(repo, "HEAD")
        for digest in self.bodies(repo, "ours"):
            if digest not in base:
                self.assertIn(digest, made)

    def run_case(self, number, how):
        sides = self.sides("sequential", number)
        repo = self.topic(number)
        if how == "merge":
            done = repo.git("merge", "--no-edit", "origin/main", expect=(0, 1))
            if done.code:
                repo.onehead("resolve")
                repo.git("commit", "-q", "--no-edit")
        else:
            repo.git("rebase", "-q", "origin/main")
        self.one_line(repo, sides, "origin/main")


def case(number, how):
    return lambda self: self.run_case(number, how)


for n in range(len(incident_repo.load(CORPORA["sequential"])[1])):
    # 0, 4 and 7 were not sound before; git itself stops a rebase of 18.
    for how in () if n in (0, 4, 7) else ("merge",) if n == 18 else ("merge", "rebase"):
        setattr(Linear, f"test_{how}_{n}", case(n, how))

if __name__ == "__main__":
    unittest.main()
