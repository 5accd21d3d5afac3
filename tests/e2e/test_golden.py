"""The golden cases of repos-fixtures/golden, by `git merge` and `onehead merge`, in both directions.

What each directory of a case means stands in repos-fixtures/README.md.
"""

import subprocess
import unittest

import env

GOLDEN = env.ROOT / "repos-fixtures/golden"
ATTRIBUTES = "dot.gitattributes"


def files_in(directory):
    """Path and bytes of each file, as they are to be in a repository."""
    out = {}
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        name = path.relative_to(directory).as_posix()
        out[name.replace(ATTRIBUTES, ".gitattributes")] = path.read_bytes()
    return out


class Golden(env.TestCase):
    """The cases are made below."""

    def setUp(self):
        super().setUp()
        self.work = self.repo()

    def tree(self, rev="HEAD"):
        """Path and bytes of each file in a commit."""
        listed = self.work.git("ls-tree", "-r", "-z", rev).out
        names = [(e.split()[2], e.split("\t", 1)[1]) for e in listed.split("\0") if e]
        done = subprocess.run(
            ["git", "cat-file", "--batch"],
            cwd=self.work.path,
            env=self.work.environ,
            input="".join(id + "\n" for id, _ in names).encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        out, rest = {}, done.stdout
        for _, path in names:
            head, rest = rest.split(b"\n", 1)
            size = int(head.split()[2])
            out[path], rest = rest[:size], rest[size + 1 :]
        return out

    def assert_tree(self, directory, rev="HEAD"):
        wanted, found = files_in(directory), self.tree(rev)
        self.assertEqual(sorted(found), sorted(wanted))
        for path, data in wanted.items():
            self.assertEqual(found[path].decode(), data.decode(), f"{directory.name}/{path}")

    def put(self, directory):
        """Makes the worktree this tree, and commits it with the hooks running."""
        for path in self.tree() if self.work.git("rev-parse", "HEAD", expect=None).code == 0 else ():
            (self.work.path / path).unlink()
        for path, data in files_in(directory).items():
            self.work.write(path, data)
        self.work.commit(directory.name)
        self.assert_tree(directory)  # what is committed is true already: no hook has to mend it

    def build(self, case):
        """The branches of the case; the names of those that are merged into each other."""
        self.put(case / "base")
        has_lock = any(p.endswith("onehead.lock") for p in self.tree())
        self.work.onehead("install", *([] if has_lock else ["--no-lock"]))
        self.assertEqual(self.work.status(), "", "installing changed a repository that has it")
        names = [n for n in ("ours", "theirs", "third") if (case / n).is_dir()]
        for name in names:
            self.work.branch(name, "main")
            self.put(case / name)
        if (case / "ours.2").is_dir():
            self.cross(case)
        return names

    def cross(self, case):
        """Each line merges what the other had, then goes on."""
        start = {name: self.work.head(name) for name in ("ours", "theirs")}
        for name, other in (("ours", "theirs"), ("theirs", "ours")):
            self.work.checkout(name)
            self.work.git("merge", "-q", "--no-edit", start[other])
            self.put(case / f"{name}.2")

    def run_case(self, case):
        names = self.build(case)
        for mine in names:
            others = [n for n in names if n != mine]
            with self.subTest(into=mine, by="git merge"):
                self.work.git("checkout", "-q", "-f", "-B", "work", mine)
                self.by_git(case, mine, others)
            with self.subTest(into=mine, by="onehead merge"):
                self.work.git("checkout", "-q", "-f", "-B", "work", mine)
                self.by_onehead(case, mine, others)

    def by_git(self, case, mine, others):
        stopped = (case / "expect.stop").exists()
        conflict = (case / "resolved").is_dir()
        several = len(others) > 1
        code = (1, 2) if stopped or conflict or several else 0
        done = self.work.git("merge", "--no-edit", *others, expect=code)
        if stopped:
            self.stopped(case, mine, done)
        elif several:  # git's octopus fails on the lock, and leaves all as it was
            self.work.git("reset", "-q", "--merge")
            self.assertEqual((self.work.head(), self.work.status()), (self.work.head(mine), ""))
        else:
            if conflict:
                self.resolve(case)
            self.merged(case, mine, others)

    def by_onehead(self, case, mine, others):
        if (case / "resolved").is_dir():
            done = self.work.onehead("merge", *others, expect=(1, 2))
            self.assertTrue(any(path in done.err for path in files_in(case / "resolved")), done.err)
            self.assertIn("git merge", done.err)
            self.untouched(mine)
        elif (case / "expect.stop").exists():
            done = self.work.onehead("merge", *others, expect=1)
            self.says(case, done.out + done.err, ours=False)
            self.untouched(mine)
        else:
            self.work.onehead("merge", *others)
            self.merged(case, mine, others)

    def untouched(self, mine):
        self.assertEqual((self.work.head(), self.work.status()), (self.work.head(mine), ""))
        self.assertNotEqual(self.work.git("rev-parse", "-q", "--verify", "MERGE_HEAD", expect=None).code, 0)

    def says(self, case, text, ours=True):
        """Each line of expect.stop; what is said of `git merge` and `onehead resolve` only there."""
        for line in (case / "expect.stop").read_text().splitlines():
            if ours or not line.startswith(("git merge", "onehead resolve")):
                self.assertIn(line, text)

    def stopped(self, case, mine, done):
        again = self.work.onehead("resolve", expect=1)
        self.says(case, done.err + again.out + again.err)
        self.assertIn("onehead", done.err)
        refused = self.work.git("commit", "--no-edit", expect=(1, 128))
        self.assertEqual(self.work.head(), self.work.head(mine), refused.err)
        self.work.git("merge", "--abort")
        self.untouched(mine)

    def resolve(self, case):
        for path, data in files_in(case / "resolved").items():
            self.work.write(path, data)
            self.work.git("add", path)
        self.work.git("commit", "-q", "--no-edit")

    def merged(self, case, mine, others):
        self.assert_tree(case / "expect")
        self.assertEqual(self.work.status(), "")
        parents = [self.work.head(n) for n in [mine, *others]]
        self.assertEqual(self.work.out("log", "-1", "--format=%P").split(), parents)
        for alembic in env.alembics():
            for config in sorted(p for p in self.tree() if p.endswith("alembic.ini")):
                self.one_head_a_label(alembic, config)

    def one_head_a_label(self, alembic, config):
        """One head, or as many as the base kept apart by labels."""
        directory = (self.work.path / config).parent
        history = alembic.call("history", directory)
        self.assertEqual((history.get("error"), history["warnings"]), (None, []))
        labels = [label for r in history["value"] for label in r["labels"]]
        self.assertEqual(len(alembic.heads(directory)), 1 + len(labels))


def add_cases():
    for case in sorted(p for p in GOLDEN.iterdir() if p.is_dir()):

        def test(self, case=case):
            self.run_case(case)

        setattr(Golden, "test_" + case.name.replace("-", "_").replace(".", "_"), test)


add_cases()

if __name__ == "__main__":
    unittest.main()
