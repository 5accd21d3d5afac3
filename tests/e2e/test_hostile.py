"""Names, links, locks, full and read-only disks, missing programs: one clear line, nothing broken."""

import os
import re
import unittest

import env
import merging
from merging import JOINED, LOCK


class Names(merging.TestCase):
    def merge_in(self, path):
        repo = self.repo(path)
        self.start(repo)
        self.install(repo)
        self.fork(repo)
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)
        return repo

    def test_a_repository_whose_path_is_odd(self):
        for path in ("with space", "grün", "it's", 'a"b', "dollar$HOME`x`", "-dash", "new\nline",
                     "back\\slash", "a;b&c"):
            with self.subTest(path):
                self.merge_in(path)

    def test_a_script_directory_whose_path_is_odd(self):
        for number, place in enumerate(("db migrations", "größe/db", "it's", "$x/`y`", "a;b")):
            with self.subTest(place):
                repo = self.repo(f"repo{number}")
                repo.project(place, options="prepend_sys_path = .\n")
                repo.migration("a1", None, 'op.create_table("t", sa.Column("id", sa.Integer()))')
                repo.commit("base")
                self.install(repo)
                self.fork(repo)
                repo.git("merge", "--no-edit", "theirs")
                self.assert_joined(repo)

    def test_migrations_whose_names_are_odd(self):
        names = ("b 1.py", "größe.py", "tab\there.py", "\x1b[31mred.py",
                 "quote\".py", "it's.py", "back\\slash.py", "-dash.py", "bad\udcff.py", "$(x).py")
        repo = self.project()
        parent = "a1"
        repo.branch("theirs")
        for number, name in enumerate(names):
            self.add(repo, f"b{number}", parent, file=name)
            parent = f"b{number}"
        self.add(repo, "z9", "a1", file="new\nline.py")  # to Alembic this is no migration
        repo.checkout("main")
        self.add(repo, "c1", "a1", file="our\x1b]0;title\x07.py")
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertNotRegex(done.err, r"[\x00-\x09\x0b-\x1f\x7f]")
        self.assert_joined(repo, parent, "c1")

    def test_what_a_migration_says_never_reaches_the_terminal_raw(self):
        repo = self.project()
        repo.branch("theirs")
        self.home.person("Bob\x1b[2J")
        evil = 'op.add_column("t\\x1b[31m", sa.Column("x\\n\\r\\x07", sa.Integer()))'
        repo.migration("b\x1b[1m1", "a1", evil, message="red \x1b[31m title")
        repo.commit("b")
        self.home.person("Ana")
        repo.checkout("main")
        repo.migration("c1", "a1", evil.replace("Integer", "Text"))
        repo.commit("c")
        done = repo.git("merge", "--no-edit", "theirs", expect=(0, 1))
        told = done.err + "".join(repo.onehead("resolve", expect=None)[1:])
        self.assertNotRegex(told, r"[\x00-\x09\x0b-\x1f\x7f]")
        self.assertIn("STOPPED", told)

    def test_a_branch_whose_name_is_odd(self):
        for number, name in enumerate(("feature/größe", "it's-$(touch_x)-`y`", "-x", "a;b&&c|d")):
            with self.subTest(name):
                repo = self.forked(name=f"repo{number}")
                repo.git("update-ref", f"refs/heads/{name}", "theirs")
                repo.git("merge", "--no-edit", f"refs/heads/{name}")
                self.assert_joined(repo)
                repo.git("reset", "-q", "--hard", "ORIG_HEAD")
                repo.onehead("merge", f"refs/heads/{name}")
                self.assert_joined(repo)

    def test_a_merge_argument_that_looks_like_an_option(self):
        repo = self.forked()
        before = repo.head()
        for argument in ("--exec=x", "-h", "nonsense", "main..theirs", "", "HEAD:README"):
            done = repo.onehead("merge", "--", argument, expect=None)
            self.assertNotEqual(done.code, 0, argument)
            self.assertEqual(repo.head(), before)
        self.assert_one_head(repo, "c1")


class Links(merging.TestCase):
    def test_a_migration_that_is_a_link_out_of_the_repository(self):
        """Not followed, and said."""
        repo = self.project()
        outside = repo.home.path / "outside.py"
        outside.write_text(env.migration("z9", "a1"))
        repo.branch("theirs")
        os.symlink(outside, repo.path / "migrations/versions/z9.py")
        repo.git("add", "-A")
        done = repo.git("commit", "-q", "-m", "link", expect=1)
        self.assertIn("symlink that leaves the repository", done.err)
        repo.git("commit", "-q", "-m", "link", "--no-verify")
        self.add(repo, "b1", "a1")
        repo.checkout("main")
        self.add(repo, "c1", "a1")
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertIn("z9.py", done.err)
        self.assertNotIn("z9", re.sub(r"z9\.py", "", repo.read(LOCK)))
        self.assertEqual(repo.out("ls-tree", "HEAD", f"migrations/versions/{JOINED}_merge_migration_b1"
                                  "_and_migration_c1.py").split()[0], "100644")
        self.assertEqual(outside.read_text(), env.migration("z9", "a1"))

    def test_a_lock_that_is_a_link_out_of_the_repository(self):
        """What it points to is never written."""
        repo = self.project()
        outside = repo.home.path / "outside"
        outside.write_text("precious\n")
        (repo.path / LOCK).unlink()
        os.symlink(outside, repo.path / LOCK)
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "link", expect=None)
        repo.migration("b1", "a1")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "b1", expect=None)
        repo.onehead("check", "--fix", expect=None)
        repo.onehead("resolve", expect=None)
        repo.onehead("install", expect=None)
        self.assertEqual(outside.read_text(), "precious\n")

    def test_a_versions_directory_that_is_a_link_out_of_the_repository(self):
        repo = self.repo()
        repo.project()
        outside = repo.home.path / "outside"
        outside.mkdir()
        (outside / "z9.py").write_text(env.migration("z9", None))
        (repo.path / "migrations/versions").rmdir()
        os.symlink(outside, repo.path / "migrations/versions")
        repo.commit("link")
        repo.onehead("install", expect=None)
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "install", expect=None)
        self.assertEqual(sorted(p.name for p in outside.iterdir()), ["z9.py"])
        if (repo.path / LOCK).exists():
            self.assertNotIn("z9", repo.read(LOCK))

    def test_submodules_are_other_repositories(self):
        inner = self.forked(name="inner")
        outer = self.project(name="outer")
        outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.path), "sub")
        outer.commit("submodule")
        self.fork(outer)
        done = outer.git("merge", "--no-edit", "theirs")
        self.assertNotIn("sub", done.err)
        self.assert_joined(outer)
        sub = env.Repo(self.home, outer.path / "sub")
        sub.onehead("install")
        sub.git("merge", "--no-edit", "origin/theirs")
        self.assert_joined(sub)
        self.assertEqual(outer.status(), " M sub\n")
        outer.commit("sub joined")
        self.assertEqual(outer.onehead("heads").out, f"{JOINED} (head)\n")


class Locked(merging.TestCase):
    def test_the_index_is_locked_when_the_merge_is_finished(self):
        repo = self.forked()
        merging.wrap(repo, "post-merge", 'touch .git/index.lock\n"$real" "$@"\ns=$?\n'
                     "rm -f .git/index.lock\nexit $s")
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertIn("index.lock", done.err)
        self.assertIn("onehead merge", done.err)
        self.assert_parents(repo, before, "theirs")
        self.assert_clean(repo)
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        self.assertEqual(repo.out("for-each-ref", "refs/onehead"), "")
        repo.onehead("merge")
        self.assert_joined(repo)

    def under_lock(self, repo, command):
        lock = repo.write(".git/index.lock", "")
        before = repo.head(), repo.status()
        done = repo.onehead(command, expect=2)
        self.assertIn("index.lock", done.err.splitlines()[0])
        self.assertEqual((repo.head(), repo.status()), before)
        lock.unlink()
        repo.onehead(command)

    def test_onehead_merge_under_a_locked_index(self):
        repo = self.forked(lock=False)
        repo.git("merge", "-q", "--no-edit", "theirs", env={"ONEHEAD": "0"})
        self.under_lock(repo, "merge")
        self.assert_joined(repo)

    def test_onehead_resolve_under_a_locked_index(self):
        repo = self.forked()
        repo.git("merge", "-q", "--no-commit", "theirs")
        self.under_lock(repo, "resolve")
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)

    def test_a_ref_is_locked_when_the_merge_is_finished(self):
        repo = self.forked()
        merging.wrap(repo, "post-merge", 'touch .git/refs/heads/main.lock\n"$real" "$@"\ns=$?\n'
                     "rm -f .git/refs/heads/main.lock\nexit $s")
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertIn("main.lock", done.err)
        self.assert_parents(repo, before, "theirs")
        self.assert_clean(repo)
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_two_at_once(self):
        """A journal that another process is working by is not trodden on."""
        repo = self.forked()
        merging.wrap(repo, "post-merge", '"$real" "$@" & "$real" "$@" & wait')
        repo.git("merge", "--no-edit", "theirs")
        repo.onehead("merge")
        self.assert_joined(repo)


class Disks(merging.TestCase):
    READ_ONLY = "mount --bind {0} {0} && mount -o remount,ro,bind {0}"

    def test_a_read_only_directory_of_migrations(self):
        """It became so after git had merged."""
        repo = self.forked()
        mount = self.READ_ONLY.format("migrations/versions")
        merging.wrap(repo, "post-merge", f"exec unshare -m sh -c '{mount} && exec \"$0\" \"$@\"' \"$real\" \"$@\"")
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertRegex(done.err, r"onehead.*|Read-only")
        self.assertIn("onehead merge", done.err)
        self.assert_parents(repo, before, "theirs")
        self.assert_clean(repo)
        self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_a_read_only_repository(self):
        repo = self.forked(lock=False)
        repo.git("merge", "--no-edit", "theirs", env={"ONEHEAD": "0"})
        mount = self.READ_ONLY.format(".")
        repo.git("config", "--unset", "onehead.config")
        for command in (("merge",), ("install",)):
            with self.subTest(command):
                script = f'{mount} && cd "$PWD" && exec "$0" "$@"'
                argv = ("unshare", "-m", "sh", "-c", script, str(env.BIN / "onehead"), *command)
                done = repo.run(*argv, expect=2)
                self.assertTrue(done.err.startswith("onehead"), done.err)
                self.assertIn("ead-only", done.err)
        for command in (("heads",), ("check",), ("status",), ("graph",), ("doctor",)):
            argv = ("unshare", "-m", "sh", "-c", f'{mount} && cd "$PWD" && exec "$0" "$@"',
                    str(env.BIN / "onehead"), *command)
            repo.run(*argv, expect=(0, 1))
        self.assertEqual(repo.status(), "")
        repo.onehead("merge")
        self.assert_joined(repo)

    def test_a_full_disk(self):
        """Whatever there is room for: all or nothing, and afterwards one command mends it."""
        mounted = self.home.path / "small"
        mounted.mkdir()
        self.home_run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mounted)
        self.addCleanup(self.home_run, "umount", "-l", mounted)
        for room in (0, 4, 8, 12, 16, 20, 24, 32, 48):
            with self.subTest(kilobytes=room):
                repo = env.Repo(self.home, mounted / f"repo{room}")
                repo.path.mkdir()
                repo.git("init", "-q")
                self.start(repo)
                self.install(repo)
                self.fork(repo)
                self.fill(repo, mounted, room)
                repo.run("rm", "-rf", repo.path, cwd="/")

    def home_run(self, *argv):
        env.expected(env.run(argv, "/", self.home.environ), argv, 0)

    def fill(self, repo, mounted, room):
        before = repo.head()
        merging.wrap(repo, "post-merge", f"""
            free=$(($(stat -f -c '%a*%S' {mounted})/1024))
            head -c $(((free-{room})*1024)) /dev/zero >{mounted}/filler 2>/dev/null
            "$real" "$@"; s=$?
            rm -f {mounted}/filler
            exit $s""")
        done = repo.git("merge", "--no-edit", "theirs")
        self.assert_parents(repo, before, "theirs")
        if sorted(self.heads(repo)) != [JOINED]:
            self.assertIn("onehead", done.err)
            self.assertIn("onehead merge", done.err)
            self.assertEqual(sorted(self.heads(repo)), ["b1", "c1"])
        self.assertEqual(repo.status(), "")
        repo.onehead("merge")
        self.assert_joined(repo)


class Gone(merging.TestCase):
    """Our programs or hooks are not there any more: git goes on, and nobody is told a lie."""

    def installed_copy(self):
        """A project set up with programs that can be deleted."""
        programs = self.home.path / "programs"
        programs.mkdir()
        for path in env.BIN.iterdir():
            (programs / path.name).write_bytes(path.read_bytes())
            (programs / path.name).chmod(0o755)
        repo = self.repo()
        repo.environ["PATH"] = repo.environ["PATH"].replace(str(env.BIN), "/nowhere")
        self.start(repo)
        repo.run(programs / "onehead", "install")
        repo.commit("install")
        self.fork(repo)
        return repo, programs

    def test_the_programs_are_deleted(self):
        repo, programs = self.installed_copy()
        repo.run("rm", "-rf", programs)
        done = repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertIn("<<<<<<< ours", repo.read(LOCK))
        self.assertIn(">>>>>>> theirs", repo.read(LOCK))
        repo.git("merge", "--abort")
        repo.write("README", "go on\n")
        done = repo.git("commit", "-q", "-a", "-m", "readme")
        told = [line for line in done.err.splitlines() if "onehead" in line]
        self.assertEqual(len(told), len(done.err.splitlines()))
        self.assertTrue(all("install onehead again" in line for line in told), told)

    def test_the_programs_are_elsewhere_on_the_path(self):
        repo, programs = self.installed_copy()
        programs.rename(self.home.path / "moved")
        repo.environ["PATH"] = f"{self.home.path}/moved:{repo.environ['PATH']}"
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_only_the_hook_program_is_gone(self):
        """The driver knows that nobody will finish the merge."""
        repo, programs = self.installed_copy()
        (programs / "onehead-hook").unlink()
        repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertIn("<<<<<<<", repo.read(LOCK))

    def test_hooks_live_elsewhere(self):
        """core.hooksPath was changed later by another tool."""
        repo = self.forked()
        repo.git("config", "core.hooksPath", ".husky")
        done = repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertIn("<<<<<<<", repo.read(LOCK))
        self.assertIn("onehead resolve", done.err)
        repo.onehead("resolve")
        repo.git("commit", "-q", "--no-edit")
        self.assert_joined(repo)

    def test_a_hook_lost_its_run_bit(self):
        for hook in ("post-merge", "pre-merge-commit", "pre-commit"):
            with self.subTest(hook):
                repo = self.forked(name=hook)
                (repo.path / f".git/hooks/{hook}").chmod(0o644)
                repo.git("merge", "--no-edit", "theirs", expect=1)
                self.assertIn("<<<<<<<", repo.read(LOCK))

    def test_a_hook_was_replaced(self):
        repo = self.forked()
        repo.write(".git/hooks/post-merge", "#!/bin/sh\nexit 0\n", mode=0o755)
        repo.git("merge", "--no-edit", "theirs", expect=1)
        self.assertIn("<<<<<<<", repo.read(LOCK))

    def test_hooks_are_off_for_one_command(self):
        repo = self.forked()
        repo.git("-c", "core.hooksPath=/dev/null", "merge", "--no-edit", "theirs", expect=1)
        self.assertIn("<<<<<<<", repo.read(LOCK))


class Unreadable(merging.TestCase):
    def test_a_binary_migration(self):
        for number, data in enumerate((b"\x00\x01\x02\xff" * 50, b"", b"\xff\xfe" + "revision".encode("utf-16-le"),
                                       b"revision = 'b1", b"(" * 100000, b"revision = \"b\x001\"\n")):
            with self.subTest(number):
                repo = self.project(name=f"repo{number}")
                self.fork(repo)
                repo.checkout("theirs")
                repo.write("migrations/versions/bad.py", data)
                repo.git("add", "-A")
                repo.git("commit", "-q", "-m", "bad", expect=(0, 1))
                repo.git("commit", "-q", "-m", "bad", "--no-verify", expect=(0, 1))
                repo.checkout("main")
                repo.git("merge", "--no-edit", "theirs", expect=(0, 1))
                self.assertEqual(repo.status(), "")
                heads = repo.onehead("heads", expect=2).out.splitlines()
                self.assertEqual(heads[0], f"{JOINED} (head)")
                self.assertRegex(heads[1], r"^unreadable: migrations/versions/bad\.py:")

    def test_a_lock_in_conflict_or_garbage_or_of_another_version(self):
        for number, text in enumerate(("<<<<<<< x\nhead c1\n=======\nhead b1\n>>>>>>> y\n", "\x00\xff",
                                       "# onehead lock 9\nheads: c1\n", "head c1\n" * 10000)):
            with self.subTest(number):
                repo = self.forked(name=f"repo{number}")
                repo.write(LOCK, text)
                repo.git("add", "-A")
                repo.git("commit", "-q", "--no-verify", "-m", "lock")
                done = repo.git("merge", "--no-edit", "theirs", expect=(0, 1))
                if done.code:
                    self.assertIn("onehead resolve", done.err)
                    repo.onehead("resolve")
                    repo.git("commit", "-q", "--no-edit")
                self.assert_joined(repo)

    def test_no_configuration_is_left(self):
        repo = self.forked()
        repo.git("rm", "-q", "alembic.ini")
        repo.git("commit", "-q", "-m", "no alembic")
        repo.git("merge", "--no-edit", "theirs", expect=(0, 1))
        repo.onehead("heads", expect=(1, 2))


if __name__ == "__main__":
    unittest.main()
