"""install.sh, really run: builds, installs to a prefix, sets a repository up, shows the demo, and
takes all of it back. The source is a copy, so that nobody else's build is in the way."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import env
from installing import Case, clone_state, tree

SANITIZE = False  # it builds its own programs, without sanitizers
PROGRAMS = {"onehead", "onehead-hook", "onehead-merge-driver", "git-onehead"}


class InstallSh(Case):
    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="onehead-source-")).resolve()
        cls.addClassCleanup(shutil.rmtree, cls.place, True)
        cls.source = cls.place / "the source"
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=env.ROOT, check=True, capture_output=True
        )
        for name in listed.stdout.decode().split("\0")[:-1]:
            if name.split("/")[0] not in ("tests", "repos-fixtures", "bench"):
                (cls.source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(env.ROOT / name, cls.source / name)

    def setUp(self):
        super().setUp()
        self.prefix = self.home.path / "the prefix"
        self.plain = self.directory("plain")
        self.home.environ["PATH"] = os.defpath

    def sh(self, *args, where=None, **options):
        where = where or self.plain
        where.environ["PATH"] = options.pop("path", os.defpath)
        return where.run(self.source / "install.sh", *args, timeout=600, **options)

    def project(self, name="repo", *init):
        repo = super().project(name, *init)
        repo.environ["PATH"] = os.defpath
        return repo

    def mtimes(self, root):
        return {p: p.lstat().st_mtime_ns for p in Path(root).rglob("*")}

    def directories(self, root):
        return sorted(str(p) for p in Path(root).rglob("*"))

    def test_to_a_prefix_and_back(self):
        repo = self.project()
        before = clone_state(repo)
        out = self.sh("--prefix", self.prefix, repo.path).out
        self.assertEqual(set(os.listdir(self.prefix / "bin")), PROGRAMS)
        self.assertIn("onehead-git2.so", os.listdir(self.prefix / "lib/onehead"))
        self.assertIn("next    git add", out)
        self.assertIn("is not on PATH", out)
        repo.commit("lock")
        installed, times = tree(self.prefix), self.mtimes(self.prefix)
        again = self.sh("--prefix", self.prefix, repo.path).out
        self.assertIn("nothing changed", again)
        self.assertEqual((installed, times), (tree(self.prefix), self.mtimes(self.prefix)))
        # what is installed works by itself, the source gone
        hidden = self.source.rename(self.source.with_name("hidden"))
        try:
            repo.environ["PATH"] = f"{self.prefix}/bin:{os.defpath}"
            self.assertIn("all is well", repo.git("onehead", "doctor").out)
            libgit2 = repo.run("onehead", "doctor", env={"ONEHEAD_OBJECTS": "libgit2"}).out
            self.assertIn("objects are read by libgit2", libgit2)
            self.two_branches(repo)
            repo.git("merge", "-q", "theirs")
            self.assertEqual(len(self.heads(repo)), 1)
        finally:
            hidden.rename(self.source)
        # a file that got lost comes back, and only that
        (self.prefix / "bin/onehead-hook").unlink()
        self.assertNotIn("nothing changed", self.sh("--prefix", self.prefix, repo.path).out)
        self.assertEqual(installed, tree(self.prefix))
        self.sh("--uninstall", "--prefix", self.prefix, repo.path)
        self.assertFalse(self.prefix.exists())
        self.assertEqual(before["hooks"], clone_state(repo)["hooks"])
        self.assertEqual(before["config"], clone_state(repo)["config"])
        self.assertIn("nothing to remove", self.sh("--uninstall", "--prefix", self.prefix).out)

    def test_home_is_the_default(self):
        """Run in a repository it sets that up; what was in the prefix stays."""
        repo = self.project()
        (repo.path / "sub").mkdir()
        local = Path(repo.environ["HOME"]) / ".local"
        (local / "bin").mkdir(parents=True)
        before = self.directories(local)
        self.sh(where=repo, cwd="sub")
        self.assertEqual(set(os.listdir(local / "bin")), PROGRAMS)
        self.assertTrue((repo.path / ".git/hooks/pre-commit").exists())
        repo.commit("lock")
        self.assertIn("all is well", repo.run(local / "bin/onehead", "doctor").out)
        self.sh("--uninstall", where=repo)
        self.assertEqual(before, self.directories(local))
        self.assertFalse((repo.path / ".git/hooks").exists())
        repo.write("x", "")
        repo.commit("git goes on")

    def test_without_a_repository(self):
        out = self.sh("--prefix=" + str(self.prefix)).out
        self.assertIn("cd there && onehead install", out)
        self.assertIn("nothing changed", self.sh("--prefix", self.prefix).out)
        before = tree(self.prefix)
        result = self.sh("--prefix", self.prefix, "nowhere", expect=2)
        self.assertIn("nowhere is no git repository", result.err)
        repo = self.repo()
        result = self.sh("--prefix", self.prefix, repo.path, expect=2)
        self.assertIn("no migrations here", result.out)
        self.assertEqual(before, tree(self.prefix))
        self.sh("--prefix", "relative")
        self.assertTrue((self.plain.path / "relative/bin/onehead").exists())

    def test_wrong_use(self):
        for args in (["--nonsense"], ["--prefix"], ["a", "b"]):
            self.assertNotEqual(self.sh(*args, expect=2).err, "")
        self.assertIn("usage:", self.sh("--help").out)
        self.assertEqual(tree(self.home.path / "home"), {})

    def test_programs_in_use_are_replaced(self):
        """A running hook keeps its file; the new one is whole at once."""
        self.sh("--prefix", self.prefix)
        program = self.prefix / "bin/onehead"
        program.unlink()
        shutil.copy("/bin/sleep", program)
        running = subprocess.Popen([program, "60"])
        try:
            self.sh("--prefix", self.prefix)
            self.assertIsNone(running.poll())
            self.assertIn("onehead", self.plain.run(program, "--version").out)
        finally:
            running.kill()
            running.wait()

    def test_demo(self):
        began = time.monotonic()
        self.sh("--prefix", self.prefix)  # built already: the demo alone is timed
        began = time.monotonic()
        out = self.sh("--demo").out
        self.assertLess(time.monotonic() - began, 60)
        self.assertRegex(out, r"2 heads joined by merge revision [0-9a-f]{12}, in this merge commit")
        heads = out.split("$ alembic heads\n")[1].split("$")[0]
        self.assertRegex(heads, r"^  [0-9a-f]{12} \(head\)\n$")
        self.assertIn("Running upgrade", out)
        self.assertLess(len(out.splitlines()), 70)
        self.assertEqual(tree(self.home.path / "home"), {})
        left = [p for p in Path(tempfile.gettempdir()).glob("tmp.*/shop") if p.is_dir()]
        self.assertEqual(left, [])

    def bare_machine(self):
        """A PATH on which cmake, make and pkg-config are not, and an apt-get that brings them."""
        usr, stash = self.home.path / "usr", self.home.path / "archive"
        usr.mkdir()
        stash.mkdir()
        for directory in ("/bin", "/usr/bin"):
            for program in os.listdir(directory):
                link = stash if program in ("cmake", "make", "pkg-config") else usr
                if program not in ("apt-get", "sudo") and not (link / program).is_symlink():
                    (link / program).symlink_to(f"{directory}/{program}")
        return usr, stash

    def test_missing_packages(self):
        usr, stash = self.bare_machine()
        asked = self.home.path / "asked"
        result = self.sh("--prefix", self.prefix, path=str(usr), expect=2)
        self.assertIn("please install these yourself: ", result.err)
        for package in ("make", "cmake", "pkg-config", "libgit2-dev", "libmd-dev"):
            self.assertIn(f" {package}", result.err)
        self.assertNotIn(" git ", result.err)
        self.assertFalse(self.prefix.exists())
        apt = usr / "apt-get"
        apt.write_text(
            f"#!/bin/sh\necho \"$@\" >>'{asked}'\n"
            f"case $* in *install*) cp -P '{stash}'/* '{usr}'/;; esac\n"
        )
        apt.chmod(0o755)
        sudo = usr / "sudo"
        sudo.write_text("#!/bin/sh\nexec \"$@\"\n")
        sudo.chmod(0o755)
        out = self.sh("--prefix", self.prefix, path=str(usr)).out
        self.assertIn("installing packages: make cmake pkg-config lib", out)
        self.assertEqual(set(os.listdir(self.prefix / "bin")), PROGRAMS)
        self.assertIn("update", asked.read_text().splitlines()[0])
        asked.unlink()
        self.assertIn("nothing changed", self.sh("--prefix", self.prefix, path=str(usr)).out)
        self.assertFalse(asked.exists())

    def test_broken_build(self):
        """What the compiler says is shown, and nothing is installed."""
        broken = self.place / "broken"
        shutil.copytree(self.source, broken, ignore=shutil.ignore_patterns("build-install"))
        self.addCleanup(shutil.rmtree, broken)
        (broken / "cli/main.c").write_text("int main(void) { return nonsense; }\n")
        result = self.plain.run(
            broken / "install.sh", "--prefix", self.prefix, expect=2, timeout=600
        )
        self.assertIn("nonsense", result.err)
        self.assertFalse(self.prefix.exists())


if __name__ == "__main__":
    import unittest

    unittest.main()
