"""Repositories and configurations of every kind that git allows: the same merge, the same result."""

import os
import unittest

import env
import merging
from merging import JOINED, LOCK


class Formats(merging.TestCase):
    def merge(self, repo):
        self.start(repo)
        self.install(repo)
        self.fork(repo)
        return self.finish(repo)

    def finish(self, repo):
        before = repo.head()
        done = repo.git("merge", "--no-edit", "theirs")
        self.assertIn("joined", done.err)
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")
        repo.git("fsck", "--no-dangling")
        return repo

    def test_sha256(self):
        repo = self.repo("repo", "--object-format=sha256")
        self.merge(repo)
        self.assertEqual(len(repo.head()), 64)

    def test_split_index(self):
        repo = self.forked()
        repo.git("update-index", "--split-index")
        self.finish(repo)

    def test_index_of_version_4_with_an_untracked_cache(self):
        repo = self.forked()
        repo.git("update-index", "--index-version", "4", "--untracked-cache")
        self.finish(repo)

    def test_bare_repository_with_a_worktree(self):
        bare = self.repo("bare.git", "--bare")
        source = self.forked()
        source.git("push", "-q", str(bare.path), "main", "theirs")
        bare.git("worktree", "add", "-q", "../linked", "main")
        repo = env.Repo(self.home, self.home.path / "linked")
        repo.onehead("install")
        self.finish(repo)

    def test_git_directory_elsewhere(self):
        repo = self.repo("repo", f"--separate-git-dir={self.home.path}/elsewhere.git")
        self.merge(repo)

    def test_objects_of_another_repository(self):
        source = self.forked()
        repo = source.clone("copy", "--shared")
        repo.git("branch", "theirs", "origin/theirs")
        repo.onehead("install")
        self.finish(repo)

    def test_packed(self):
        repo = self.forked()
        repo.git("gc", "-q", "--prune=now")
        repo.git("pack-refs", "--all")
        self.finish(repo)

    def test_shallow(self):
        source = self.forked()
        repo = source.clone("copy", "--depth=2", "--no-single-branch", "--no-local")
        repo.git("branch", "theirs", "origin/theirs")
        repo.onehead("install")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_partial_clone(self):
        source = self.forked()
        source.git("config", "uploadpack.allowFilter", "true")
        source.git("config", "uploadpack.allowAnySHA1InWant", "true")
        target = self.home.path / "copy"
        source.git("clone", "-q", "--filter=blob:none", f"file://{source.path}", target)
        repo = env.Repo(self.home, target)
        repo.git("branch", "theirs", "origin/theirs")
        repo.onehead("install")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_sparse_checkout_with_the_migrations(self):
        for index in ((), ("--sparse-index",)):
            with self.subTest(index):
                repo = self.repo(f"repo{len(index)}")
                self.start(repo)
                repo.write("big/file", "1")
                repo.write("other/file", "1")
                repo.commit("more")
                self.install(repo)
                self.fork(repo)
                repo.git("sparse-checkout", "set", "--cone", *index, "migrations", "big")
                self.finish(repo)
                self.assertFalse((repo.path / "other").exists())

    def test_sparse_checkout_without_the_migrations(self):
        """The merge commit has the merge revision; the worktree stays as small as it was."""
        for index in ((), ("--sparse-index",)):
            with self.subTest(index):
                repo = self.repo(f"repo{len(index)}")
                self.start(repo)
                repo.write("src/file", "1")
                repo.commit("src")
                self.install(repo)
                self.fork(repo)
                repo.git("sparse-checkout", "set", "--cone", *index, "src")
                repo.git("merge", "--no-edit", "theirs")
                self.assertEqual(repo.status(), "")
                self.assertIn(f"head {JOINED}\n", repo.git("show", f"HEAD:{LOCK}").out)
                self.assertFalse((repo.path / "migrations").exists())
                repo.git("sparse-checkout", "disable")
                self.assert_joined(repo)

    def test_line_ends(self):
        settings = {
            "autocrlf": ((("core.autocrlf", "true"),), ""),
            "input": ((("core.autocrlf", "input"), ("core.safecrlf", "true")), ""),
            "eol": ((("core.eol", "crlf"),), "* text=auto\n"),
            "attribute": ((), "*.py text eol=crlf\n"),
            "encoding": ((), "*.mako working-tree-encoding=UTF-16LE\n"),
            "ident": ((), "*.py ident\n"),
        }
        trees = set()
        for name, (config, attributes) in settings.items():
            with self.subTest(name):
                repo = self.repo(name)
                if name == "encoding":
                    repo.write(".gitattributes", attributes)
                    repo.commit("attributes")
                    repo.project()
                    text = repo.read("migrations/script.py.mako").encode("utf-16-le")
                    repo.write("migrations/script.py.mako", text)
                    repo.migration("a1", None)
                    repo.commit("base")
                else:
                    for key, value in config:
                        repo.git("config", key, value)
                    self.start(repo)
                    if attributes:
                        repo.write(".gitattributes", attributes)
                        repo.commit("attributes")
                self.install(repo)
                self.fork(repo)
                self.finish(repo)
                listed = repo.out("ls-tree", "-r", "HEAD", "migrations/versions", LOCK)
                trees.add("\n".join(x for x in listed.splitlines() if JOINED in x or LOCK in x))
        self.assertEqual(len(trees), 1, "the bytes depend on line ends")

    def test_a_filter_of_the_users(self):
        repo = self.repo()
        repo.git("config", "filter.upper.clean", "tr a-z A-Z")
        repo.git("config", "filter.upper.smudge", "tr A-Z a-z")
        self.start(repo)
        repo.write(".gitattributes", "README filter=upper\n")
        repo.commit("attributes")
        self.install(repo)
        self.fork(repo)
        self.finish(repo)


class Settings(merging.TestCase):
    """What a person may have in ~/.gitconfig must not change what is understood of git's words."""

    ODD = (
        ("color.ui", "always"), ("core.quotePath", "false"), ("core.abbrev", "4"),
        ("log.showSignature", "true"), ("log.decorate", "full"), ("log.date", "relative"),
        ("format.pretty", "fuller"), ("diff.noprefix", "true"), ("diff.renames", "copies"),
        ("diff.external", "false"), ("diff.orderFile", "/dev/null"), ("diff.relative", "true"),
        ("merge.conflictStyle", "zdiff3"), ("merge.log", "true"), ("merge.stat", "false"),
        ("merge.verbosity", "5"), ("commit.verbose", "true"), ("commit.cleanup", "scissors"),
        ("core.commentChar", ";"), ("core.pager", "false"), ("status.short", "true"),
        ("status.showUntrackedFiles", "no"), ("push.default", "nothing"), ("grep.lineNumber", "true"),
        ("i18n.logOutputEncoding", "ISO-8859-1"), ("core.logAllRefUpdates", "false"),
        ("advice.mergeConflict", "false"), ("submodule.recurse", "true"),
        ("core.fsync", "all"), ("core.precomposeUnicode", "true"), ("core.ignoreCase", "true"),
        ("alias.commit", "!false"), ("alias.rev-parse", "!false"), ("core.editor", "false"),
        ("gc.auto", "1"), ("index.threads", "1"), ("core.untrackedCache", "true"),
        ("merge.renames", "false"), ("merge.directoryRenames", "true"), ("rerere.enabled", "true"),
        ("commit.status", "false"), ("init.templateDir", "/nowhere"), ("core.attributesFile", "/dev/null"),
        ("log.follow", "true"), ("log.mailmap", "true"), ("log.excludeDecoration", "*"),
        ("core.bigFileThreshold", "1"), ("feature.experimental", "true"), ("merge.autoStash", "true"),
        ("extensions.worktreeConfig", "true"), ("core.sharedRepository", "group"),
        ("merge.branchdesc", "true"), ("core.trustctime", "false"), ("core.symlinks", "false"),
    )

    def test_each_of_them(self):
        original = self.forked(name="original")
        for key, value in self.ODD:
            with self.subTest(key):
                path = self.home.path / "copy"
                original.run("cp", "-a", original.path, path)
                repo = env.Repo(self.home, path)
                repo.git("config", key, value)
                before = repo.head()
                repo.git("merge", "--no-edit", "theirs")
                repo.git("config", "--unset-all", key)
                self.assert_joined(repo)
                self.assert_parents(repo, before, "theirs")
                repo.run("rm", "-rf", path, cwd="/")

    def test_all_of_them_in_the_users_file(self):
        repo = self.forked()
        for key, value in self.ODD:
            if key.startswith(("extensions.", "diff.external", "gc.", "core.logAll")):
                continue
            repo.git("config", "--global", key, value)
        repo.git("merge", "--no-edit", "theirs")
        self.assertIn(f"head {JOINED}\n", repo.read(LOCK))

    def test_without_reflogs(self):
        repo = self.forked()
        repo.git("config", "core.logAllRefUpdates", "false")
        repo.run("rm", "-rf", ".git/logs")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_settings_by_the_environment_and_by_option(self):
        repo = self.forked()
        repo.environ.update(
            GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="color.ui", GIT_CONFIG_VALUE_0="always",
            GIT_TRACE="0", GIT_MERGE_VERBOSITY="5", GIT_PAGER="false", LANG="de_DE.UTF-8", LC_ALL="C.UTF-8",
        )
        repo.git("-c", "core.abbrev=5", "merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_other_languages(self):
        for language in ("de_DE.UTF-8", "C", "POSIX", "tr_TR.UTF-8"):
            with self.subTest(language):
                repo = self.forked(name=language)
                repo.environ.update(LC_ALL=language, LANGUAGE=language.split(".")[0])
                repo.git("merge", "--no-edit", "theirs")
                self.assert_joined(repo)

    def test_git_traces_on_stderr(self):
        repo = self.forked()
        repo.git("merge", "--no-edit", "theirs", env={"GIT_TRACE": "1", "GIT_TRACE_SETUP": "1"})
        self.assert_joined(repo)

    def test_git_dir_and_work_tree_in_the_environment(self):
        repo = self.forked()
        repo.git("merge", "--no-edit", "theirs", cwd="/",
                 env={"GIT_DIR": f"{repo.path}/.git", "GIT_WORK_TREE": str(repo.path)})
        self.assert_joined(repo)

    def test_by_path_from_elsewhere(self):
        repo = self.forked()
        repo.git("-C", repo.path, "merge", "--no-edit", "theirs", cwd="/")
        self.assert_joined(repo)

    def test_through_a_symlink_to_the_repository(self):
        repo = self.forked()
        link = self.home.path / "link"
        os.symlink(repo.path, link)
        repo.git("merge", "--no-edit", "theirs", cwd=link / "migrations")
        self.assert_joined(repo)

    def test_a_replaced_commit_and_a_graft(self):
        repo = self.forked()
        repo.git("replace", "--graft", "HEAD~1")
        repo.git("merge", "--no-edit", "theirs")
        self.assert_joined(repo)

    def test_a_closed_stderr(self):
        repo = self.forked()
        repo.run("sh", "-c", "exec git merge --no-edit theirs 2>&- >&-")
        self.assert_joined(repo)

    def test_a_umask_of_nobody_else(self):
        repo = self.forked()
        repo.run("sh", "-c", "umask 077 && git merge --no-edit theirs")
        self.assert_joined(repo)
        entry = repo.out("ls-tree", "-r", "HEAD", "migrations/versions")
        self.assertEqual({line.split()[0] for line in entry.splitlines()}, {"100644"})

    def test_git_gui_and_ide_style_calls(self):
        """Plumbing first, then a commit that names the merge by MERGE_HEAD."""
        repo = self.forked()
        before = repo.head()
        repo.git("merge", "--no-commit", "--no-ff", "theirs")
        repo.git("commit", "-F", "-", "--cleanup=strip", input="Merged by a tool\n")
        self.assert_joined(repo)
        self.assert_parents(repo, before, "theirs")


if __name__ == "__main__":
    unittest.main()
