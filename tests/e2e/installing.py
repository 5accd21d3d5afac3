"""What the tests of install, uninstall and doctor stand on."""

import os
from pathlib import Path

import env

HOOKS = ("pre-merge-commit", "post-merge", "pre-commit", "post-commit", "post-applypatch", "post-rewrite", "pre-push")
NOTHING = "nothing to change"
LINE = "onehead.lock text eol=lf merge=onehead"


def tree(root, *skipped):
    """Every file below ROOT: its mode, and its bytes or where it points."""
    found = {}
    for directory, names, files in os.walk(root):
        for name in [*files, *(n for n in names if os.path.islink(os.path.join(directory, n)))]:
            path = Path(directory, name)
            relative = str(path.relative_to(root))
            if relative.startswith(skipped) if skipped else False:
                continue
            if path.is_symlink():
                found[relative] = os.readlink(path)
            else:
                found[relative] = (path.stat().st_mode & 0o7777, path.read_bytes())
    return found


def clone_state(repo):
    """What install touches in a git directory, and the worktree."""
    git = Path(repo.out("rev-parse", "--path-format=absolute", "--git-common-dir"))
    hooks = git / "hooks"
    return {
        "hooks": tree(hooks) if hooks.exists() else "none",
        "config": (git / "config").read_bytes(),
        "onehead": sorted(os.listdir(git / "onehead")) if (git / "onehead").exists() else None,
        "names": sorted(n for n in os.listdir(git) if n not in ("index", "COMMIT_EDITMSG")),
        "worktree": tree(repo.path, ".git"),
        "status": repo.status(),
    }


def next_command(out):
    """The command that install tells to run."""
    return [line for line in out.splitlines() if line.startswith("next")][0].split(None, 1)[1]


class Case(env.TestCase):
    def project(self, name="repo", *init):
        repo = self.repo(name, "--template=", *init)
        repo.project()
        repo.migration("a1", None)
        repo.migration("b2", "a1")
        repo.commit("first")
        return repo

    def hooks(self, repo):
        return Path(repo.out("rev-parse", "--path-format=absolute", "--git-path", "hooks"))

    def hook(self, repo, name, text="#!/bin/sh\n", mode=0o755):
        path = self.hooks(repo) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def logging_hook(self, repo, name, code=0):
        return self.hook(
            repo, name, f'#!/bin/sh\necho {name} "$@" >>"$LOG"\ncat >>"$LOG"\nexit {code}\n'
        )

    def there_and_back(self, repo):
        """Install, and uninstall: all as it was."""
        before = clone_state(repo)
        repo.onehead("install")
        self.assertNotEqual(before["hooks"], clone_state(repo)["hooks"])
        repo.onehead("uninstall")
        self.assertEqual(before, clone_state(repo))

    def there_and_back_in(self, repo, cwd):
        before = clone_state(repo)
        repo.onehead("install", cwd=cwd)
        self.assertTrue((repo.path / "migrations/onehead.lock").exists())
        self.assertIn(NOTHING, repo.onehead("install").out)
        repo.onehead("uninstall", cwd=cwd)
        self.assertEqual(before, clone_state(repo))

    def two_branches(self, repo, name="theirs"):
        """main and NAME each with a migration of its own on top of b2."""
        start = repo.head()
        repo.branch(name)
        repo.migration("c3", "b2", "op.create_table('t', sa.Column('x', sa.Integer))")
        repo.commit("theirs")
        repo.git("checkout", "-q", "main")
        repo.git("reset", "-q", "--hard", start)
        repo.migration("d4", "b2", "op.create_table('o', sa.Column('x', sa.Integer))")
        repo.commit("ours")

    def heads(self, repo):
        return env.alembic().heads(repo)
