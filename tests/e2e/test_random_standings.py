"""Random histories over three clones and a remote: what is published, against a model of it.

The model keeps by itself which migrations every commit has, which refs every clone knows, and
whatever was in a shared branch when a clone last looked. ONEHEAD_LONG=1 tries 600 worlds;
ONEHEAD_SEED=N tries the one that failed.
"""

import collections
import os
import random
import shutil
import tempfile
import unittest

import env
import standings

SANITIZE = False  # the same program runs under sanitizers in test_standing
SEEDS = 600 if env.LONG else 24
BLOCK = 6
STEPS = 60
ONE = os.environ.get("ONEHEAD_SEED")
SHARED = ("main", "release/1")
NAMES = ("t1", "t2", "t3", "x/t4")

_tried = collections.Counter()


class Commit:
    def __init__(self, id, parents, files):
        self.id = id
        self.parents = parents
        self.files = files  # {path: (migration's id, body)}
        self.ancestors = {self}.union(*(p.ancestors for p in parents))

    def ever(self):
        """(id, path, body) of all that ever was in its history."""
        return {(id, path, body) for c in self.ancestors for path, (id, body) in c.files.items()}


class Clone:
    def __init__(self, world, name):
        self.world = world
        self.name = name
        self.repo = env.Repo(world.home, f"{world.place}/{name}")
        self.repo.path.mkdir()
        self.repo.git("init", "-q", "-b", "unused")
        self.repo.git("remote", "add", "origin", f"{world.place}/remote.git")
        self.repo.git("config", "onehead.config", "alembic.ini")
        self.heads, self.tracked, self.tags = {}, {}, {}
        self.seen = set()  # in shared branches, whenever somebody asked

    def commit(self, branch, parents, files):
        """A commit of FILES on BRANCH."""
        self.world.clock += 60
        lines = [f"commit refs/heads/{branch}", f"committer {self.name} <a@b> {self.world.clock} +0000"]
        lines += ["data 1", "c"]
        lines += [f"{'merge' if n else 'from'} {p.id}" for n, p in enumerate(parents)]
        if not parents:
            lines.append(f"from {'0' * 40}")
        lines.append("deleteall")
        for path, text in self.world.texts(files):
            data = text.encode()
            lines += [f"M 100644 inline {path}", f"data {len(data)}", text]
        self.repo.git("fast-import", "--quiet", "--force", input="\n".join(lines) + "\n")
        new = Commit(self.repo.out("rev-parse", f"refs/heads/{branch}"), parents, files)
        self.heads[branch] = new
        return new

    def fetch(self, *options):
        self.repo.git("fetch", "-q", *options)
        if "--prune" in options:
            self.tracked = {}
        self.tracked.update(self.world.heads)
        if "--tags" in options:
            self.tags.update(self.world.tags)

    def push(self, branch, to, *options):
        done = self.repo.git("push", "-q", *options, "origin", f"{branch}:refs/heads/{to}", expect=None)
        old = self.world.heads.get(to)
        allowed = options or old is None or old in self.heads[branch].ancestors
        if (done.code == 0) != bool(allowed):
            raise AssertionError(f"the model is wrong about a push: {done.err}")
        if allowed:
            self.world.heads[to] = self.tracked[to] = self.heads[branch]


class World:
    """What can happen, one method each. Where one can't happen now it does nothing."""

    def __init__(self, home, place, seed):
        self.home, self.place = home, place
        self.random = random.Random(seed)
        self.clock = 1_700_000_000
        self.heads, self.tags = {}, {}
        self.number = 0
        env.Repo(home, place).git("init", "-q", "--bare", "-b", "main", "remote.git")
        self.clones = [Clone(self, name) for name in ("ana", "bob", "cid")]
        first = self.clones[0]
        first.commit("main", [], {"migrations/versions/a0.py": ("a0", 0)})
        first.push("main", "main")
        for clone in self.clones:
            clone.fetch()
            clone.heads.setdefault("main", first.heads["main"])
            clone.repo.git("update-ref", "refs/heads/main", first.heads["main"].id)

    def texts(self, files):
        yield "alembic.ini", env.ALEMBIC_INI.format(location="migrations")
        yield "migrations/env.py", "x\n"
        for path, (id, body) in files.items():
            yield path, env.migration(id, None, f"op.execute({body})", message=path)

    def some(self, of):
        return self.random.choice(sorted(of)) if of else None

    def changed(self, files):
        """FILES with one change: a migration added, edited, renamed or dropped."""
        files = dict(files)
        what = self.random.random()
        path = self.some(files)
        if what < 0.55 or path is None:
            if self.random.random() < 0.7:
                self.number += 1
            number = self.random.randrange(max(0, self.number - 5), self.number + 1)
            name = self.random.choice([f"a{number}", f"a{number}", f"b{number}"])
            files[f"migrations/versions/{name}.py"] = (f"a{number}", self.random.randrange(4))
        elif what < 0.7:
            files[path] = (files[path][0], self.random.randrange(4))
        elif what < 0.85:
            moved = path.replace("/a", "/c") if "/a" in path else path.replace("/c", "/a")
            files[moved] = files.pop(path)
        else:
            del files[path]
        return files

    def grow(self, clone):
        branch = self.some(clone.heads)
        for _ in range(self.random.randrange(1, 4)):
            tip = clone.heads[branch]
            clone.commit(branch, [tip], self.changed(tip.files))

    def amend(self, clone):
        branch = self.some(set(clone.heads) - {"main"})
        if branch and clone.heads[branch].parents:
            tip = clone.heads[branch]
            clone.commit(branch, tip.parents, self.changed(tip.files))

    def begin(self, clone):
        name = self.some(set(NAMES) | {"release/1"})
        start = self.some_commit(clone)
        clone.repo.git("update-ref", f"refs/heads/{name}", start.id)
        clone.heads[name] = start

    def some_commit(self, clone):
        known = [("h", n) for n in clone.heads] + [("t", n) for n in clone.tracked]
        kind, name = self.some(known)
        return (clone.heads if kind == "h" else clone.tracked)[name]

    def merge(self, clone):
        """Both lines' changes since their one merge base, where they do not touch each other."""
        branch, theirs = self.some(clone.heads), self.some_commit(clone)
        ours = clone.heads[branch]
        common = ours.ancestors & theirs.ancestors
        best = [c for c in common if not any(c in d.ancestors and c is not d for d in common)]
        if len(best) != 1 or best[0] in (ours, theirs):
            return
        base, files = best[0].files, dict(ours.files)
        for path in set(base) | set(theirs.files):
            if base.get(path) == theirs.files.get(path):
                continue
            if ours.files.get(path) not in (base.get(path), theirs.files.get(path)):
                return
            files.pop(path, None)
            if path in theirs.files:
                files[path] = theirs.files[path]
        squash = self.random.random() < 0.4
        clone.commit(branch, [ours] if squash else [ours, theirs], files)
        if self.random.random() < 0.2:  # a revert
            clone.commit(branch, [clone.heads[branch]], ours.files)

    def push(self, clone):
        branch = self.some(clone.heads)
        to = branch if self.random.random() < 0.8 else self.some(NAMES)
        force = to not in SHARED and self.random.random() < 0.6
        clone.push(branch, to, *(["--force"] if force else []))

    def overwrite(self, clone):
        """main is put back, or becomes another line."""
        if self.random.random() < 0.3:
            clone.push(self.some(clone.heads), self.some(SHARED), "--force")

    def update(self, clone):
        """git pull --ff-only on main, or a reset of it."""
        clone.fetch()
        new = clone.tracked["main"]
        clone.repo.git("update-ref", "refs/heads/main", new.id)
        clone.heads["main"] = new

    def fetch(self, clone):
        clone.fetch(*self.random.choice([[], ["--prune"], ["--tags", "--force"]]))

    def delete(self, clone):
        name = self.some(set(self.heads) - {"main"})
        if name:
            clone.repo.git("push", "-q", "origin", f":refs/heads/{name}")
            del self.heads[name]
            clone.tracked.pop(name, None)

    def tag(self, clone):
        name = f"v{self.random.randrange(4)}"
        if name in clone.tags:
            clone.repo.git("tag", "-d", name)
            del clone.tags[name]
            return
        commit = self.some_commit(clone)
        clone.repo.git("tag", *self.random.choice([[], ["-a", "-m", "x"]]), name, commit.id)
        clone.tags[name] = commit
        if name not in self.tags and self.random.random() < 0.5:
            clone.repo.git("push", "-q", "origin", name)
            self.tags[name] = commit

    def collect(self, clone):
        """git gc, with nothing kept that no ref leads to."""
        if self.random.random() < 0.2:
            clone.repo.git("reflog", "expire", "--expire=now", "--all")
            clone.repo.git("gc", "-q", "--prune=now")


class Random(standings.TestCase):
    """The cases are made below: a block of seeds each."""

    def run_seed(self, seed):
        place = tempfile.mkdtemp(prefix="onehead-standings-", dir=env.MEMORY)
        try:
            world = World(self.home, place, seed)
            acts = (*[world.grow] * 5, world.amend, *[world.begin] * 2, *[world.merge] * 3,
                    *[world.push] * 4, world.update, *[world.fetch] * 2, world.delete, world.tag,
                    world.overwrite, world.collect)
            for _ in range(STEPS):
                clone = world.random.choice(world.clones)
                world.random.choice(acts)(clone)
                self.check_refs(clone)
                if world.random.random() < 0.4:
                    self.ask(world, world.random.choice(world.clones))
        finally:
            shutil.rmtree(place)

    def check_refs(self, clone):
        """The model knows each clone's refs; tags that came along with a fetch are taken over."""
        listed = clone.repo.out("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)")
        refs = {w[0]: w[-1] for w in (line.split() for line in listed.splitlines())}
        for name, commit in clone.world.tags.items():
            if f"refs/tags/{name}" in refs:
                clone.tags.setdefault(name, commit)
        expected = {f"refs/heads/{n}": c.id for n, c in clone.heads.items()}
        expected |= {f"refs/remotes/origin/{n}": c.id for n, c in clone.tracked.items()}
        expected |= {f"refs/tags/{n}": c.id for n, c in clone.tags.items()}
        self.assertEqual(refs, expected)

    def ask(self, world, clone):
        self.check_refs(clone)
        forgets = world.random.random() < 0.1
        if forgets:
            self.forget(clone.repo)
            clone.seen = set()
        branch = world.some(clone.heads)
        own = branch if branch not in SHARED else None
        counted = [c for n, c in clone.tracked.items() if n != own] + list(clone.tags.values())
        for name in SHARED:
            if name in clone.tracked:
                clone.seen |= clone.tracked[name].ever()
        ever = clone.seen.union(*(c.ever() for c in counted))
        expected = {}
        for path, (id, body) in clone.heads[branch].files.items():
            same = any(i == id and (p == path or b == body) for i, p, b in ever)
            expected[id] = "published" if same or expected.get(id) == "published" else "movable"
        told = self.standings(clone.repo, f"refs/heads/{branch}", branch, without=())
        self.assertEqual({id: word for id, (word, _) in told.items()}, expected)
        self.check_words(clone, branch, told)
        for word in expected.values():
            _tried[word] += 1
        _tried["asked"] += 1
        _tried["own"] += own in clone.tracked

    def check_words(self, clone, branch, told):
        """What is said to stand somewhere does."""
        places = {f"origin/{n}": c for n, c in clone.tracked.items()}
        places |= {f"tag {n}": c for n, c in clone.tags.items()}
        for id, (word, why) in told.items():
            where = why.removeprefix("in ")
            if word == "published" and not where.startswith("the history of "):
                self.assertIn(id, {i for i, _ in places[where].files.values()}, why)
                _tried["stands"] += 1
            elif word == "published":
                _tried["history"] += 1


class Variety(env.TestCase):
    def test_what_was_tried(self):
        """Else the cases above would prove little. (Their classes come first.)"""
        if _tried["asked"] < 200:
            return
        for what in ("movable", "published", "own", "stands", "history"):
            self.assertGreater(_tried[what], _tried["asked"] // 20, _tried)


def add_cases():
    seeds = [int(ONE)] if ONE else list(range(SEEDS))
    for start in range(0, len(seeds), BLOCK):
        block = seeds[start : start + BLOCK]

        def case(self, block=block):
            for seed in block:
                with self.subTest(seed=seed):
                    self.run_seed(seed)

        setattr(Random, f"test_seeds_{block[0]:04d}", case)


add_cases()

if __name__ == "__main__":
    unittest.main()
