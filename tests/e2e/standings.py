"""What tests of standings begin with: a remote that others push to, and the program that tells.

    class Case(standings.TestCase):
        def test_topic(self):
            work = self.cloned()                # main with a1, pushed and fetched
            work.branch("topic")
            self.add(work, "b1")
            self.assertEqual(self.standings(work), {"b1": ("movable", "")})
"""

import shutil

import env

DUMP = env.BUILD / "tests" / "dump_standings"
MOVABLE = ("movable", "")


class TestCase(env.TestCase):
    def seed(self, name="seed"):
        """A project with the migration a1 on main, in a repository of its own."""
        seed = self.repo(name)
        seed.project()
        self.add(seed, "a1", None)
        return seed

    def cloned(self, name="work", *args):
        """A clone of a remote that has the seed; ARGS go to git clone."""
        self.remote = self.repo("remote.git", "--bare", "-b", "main")
        seed = self.seed()
        seed.git("push", "-q", str(self.remote.path), "main")
        shutil.rmtree(seed.path)
        return self.again(name, *args)

    def again(self, name, *args):
        """Another clone of the same remote, as if from another machine."""
        where = self.home.path / name
        self.home_repo().git("clone", "-q", *args, f"file://{self.remote.path}", where)
        copy = env.Repo(self.home, where)
        copy.location = "migrations"
        return copy

    def home_repo(self):
        return env.Repo(self.home, self.home.path)

    def add(self, repo, id, parents="a1", upgrade=None, commit=True, **more):
        """A migration, committed with nothing else."""
        path = repo.migration(id, parents, upgrade or f'op.execute("{id}")', **more)
        if commit:
            repo.git("add", "-A")
            repo.git("commit", "-q", "-m", f"add {id}")
        return path

    def drop(self, repo, *paths):
        repo.git("rm", "-q", *paths)
        repo.git("commit", "-q", "-m", "drop " + " ".join(paths))

    def tell(self, repo, *args, expect=0, **options):
        return repo.run(DUMP, *args, expect=expect, **options).out.splitlines()

    def standings(self, repo, branch=None, commit="HEAD", base="-", without=("a1",), **options):
        """{id: (standing, why)}, without those of WITHOUT."""
        if branch is None:
            branch = repo.git("symbolic-ref", "-q", "HEAD", expect=None).out.strip() or "-"
        told = {}
        for line in self.tell(repo, branch, commit, base, **options):
            word, *rest = line.split(" ", 2)
            if word not in ("target", "fork", "graph") and word not in without:
                told[word] = (rest[0], rest[1])
        return told

    def standing(self, repo, id, **options):
        return self.standings(repo, **options)[id]

    def assert_standing(self, repo, id, word, why="", **options):
        self.assertEqual(self.standing(repo, id, **options), (word, why))

    def assert_movable(self, repo, id, **options):
        self.assert_standing(repo, id, "movable", **options)

    def assert_published(self, repo, id, why, **options):
        self.assert_standing(repo, id, "published", why, **options)

    def assert_doubtful(self, repo, id, words, **options):
        standing, why = self.standing(repo, id, **options)
        self.assertEqual(standing, "doubtful", why)
        self.assertIn(words, why)

    def target(self, repo):
        """Name of the target, and why it is that one."""
        line = next(l for l in self.tell(repo, expect=None) if l.startswith("target "))
        name, _, why = line[len("target "):].partition(" ")
        return name, why

    def forget(self, repo):
        """Nothing is remembered of what was read before."""
        common = repo.out("rev-parse", "--path-format=absolute", "--git-common-dir")
        shutil.rmtree(f"{common}/onehead", ignore_errors=True)
