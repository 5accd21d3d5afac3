#!/usr/bin/env python3
"""Random histories, rebuilt by oh_repo_rebuild and by git's plumbing; and killed in the middle.

usage: rebuild.py DIRECTORY-OF-dump_rebuild [COUNT] [SEED]

COUNT histories (100) of merges, octopuses and roots, with trees of all modes and commits that git
itself would not write: the ids must be those that the plumbing makes, the objects must be there,
and nothing in the git directory but objects may change. The same where replace refs and grafts
tell git of other commits, and where the process is killed at any moment.
"""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

E_CHANGED = -8
MODES = ("100644", "100644", "100755", "120000", "160000")
NAMES = ("a", "b", "a.b", "a-", "a0", "d", "é", 'q"\\', "sp ace", "\x01", "*?[")
IDENTITIES = (
    b"Ana <ana@example.org> 1700000000 +0100",
    b"Bob B. <bob@example.org> 0 -0330",
    "Jörg <j@x>".encode() + b" 1700000001 +0545",
)
ODD_IDENTITIES = (
    b"J\xf6rg <j@x> 1700000002 +0000",
    b"<> 1 +0000",
    b" <no@name> 99999999999999 +9999",
    b"a <b <c> d> 1700000003 -0000",
    b"no mail",
    b"",
    b"x <x@x> +0000 1 2 3",
)
MESSAGES = (b"one\n", b"subject\n\nbody\n", b"  blanks \n\n\n\nkept  \n", "é\n".encode(), b"")
ODD_MESSAGES = (b"no newline", b"caf\xe9\n", b"\r\n\r\n", b"a\0b\n", b"\n\n\n", b"parent 12\n")
MERGETAG = b"object 1234\n type commit\n tag v1\n \n parent words\n -----END\n"


class Git:
    """A repository that Python writes into by itself, and asks git about."""

    def __init__(self, path, algorithm):
        self.path, self.algorithm = Path(path), algorithm
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        self.environ.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", HOME=path)
        self.run("init", "-q", "-b", "main", f"--object-format={algorithm}", path, cwd="/")

    def run(self, *argv, sent=b"", cwd=None, real=True, **environ):
        environ = {**self.environ, **environ, **({"GIT_NO_REPLACE_OBJECTS": "1"} if real else {})}
        done = subprocess.run(
            ["git", *argv], cwd=cwd or self.path, env=environ, input=sent, capture_output=True
        )
        if done.returncode:
            sys.exit(f"git {argv}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def add(self, kind, content):
        raw = b"%s %d\0%s" % (kind.encode(), len(content), content)
        id = hashlib.new(self.algorithm, raw).hexdigest()
        path = self.path / ".git/objects" / id[:2] / id[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(raw))
        return id

    def tree(self, files):
        """The tree of FILES: path to mode and id."""
        entries, below = [], {}
        for path, (mode, id) in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(name, {})[rest] = (mode, id)
            else:
                entries.append((name.encode(), name, mode, id))
        for name, inside in below.items():
            entries.append((name.encode() + b"/", name, "40000", self.tree(inside)))
        lines = [
            b"%s %s\0%s" % (mode.encode(), name.encode(), bytes.fromhex(id))
            for _, name, mode, id in sorted(entries)
        ]
        return self.add("tree", b"".join(lines))

    def tree_by_index(self, tree, changes):
        """TREE with CHANGES (path to mode and id, None to remove), as git's index makes it."""
        index = {"GIT_INDEX_FILE": str(self.path / ".git/judge")}
        self.run("read-tree", tree, **index)
        zero = "0" * len(tree)
        lines = [
            f"{mode} {id}\t{path}\0" if id else f"0 {zero}\t{path}\0"
            for path, (mode, id) in changes.items()
        ]
        self.run("update-index", "-z", "--index-info", sent="".join(lines).encode(), **index)
        made = self.run("write-tree", "--missing-ok", **index).decode().strip()
        (self.path / ".git/judge").unlink()
        return made

    def others(self):
        """All files of the git directory but objects."""
        top = self.path / ".git"
        return {
            p.relative_to(top): p.read_bytes()
            for p in top.rglob("*")
            if p.is_file() and p.relative_to(top).parts[0] != "objects"
        }

    def check(self):
        done = subprocess.run(
            ["git", "fsck", "--full", "--no-dangling"], cwd=self.path, capture_output=True,
            env={**self.environ, "GIT_NO_REPLACE_OBJECTS": "1"},
        )
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


class Commit:
    def __init__(self, files, tree, parents, words, signed):
        self.files, self.tree, self.parents = files, tree, parents
        self.words, self.signed = words, signed
        self.id = None
        self.edits = []
        self.listed = False


def some_path(rng):
    return "/".join(rng.choice(NAMES) for _ in range(rng.choice((1, 1, 2, 2, 3, 4))))


def prefixes(path):
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def fits(files, path):
    return not any(p in files for p in prefixes(path)) and not any(
        f.startswith(path + "/") for f in files
    )


class History:
    def __init__(self, git, rng, before, plain):
        self.git, self.rng = git, rng
        self.commits = []
        self.before = before
        self.plain = plain  # what fsck has nothing to say about
        for _ in range(rng.randrange(2, 13)):
            self.commits.append(self.make_commit())

    def blob(self):
        size = self.rng.choice((0, 3, 20, 20, 20, 20, 70000))
        return self.rng.randbytes(size)

    def make_commit(self):
        rng = self.rng
        known = self.commits + self.before
        count = rng.choice((0, 1, 1, 1, 1, 1, 2, 2, 3, 5))
        parents = rng.sample(known, min(count, len(known)))
        files = dict(parents[0].files) if parents and rng.random() < 0.9 else {}
        if rng.random() < 0.05:
            files = {}
        for _ in range(rng.randrange(4)):
            path = some_path(rng)
            if fits(files, path):
                files[path] = self.entry()
        for path in rng.sample(sorted(files), min(len(files), rng.choice((0, 0, 1)))):
            del files[path]
        signed = rng.random() < 0.05
        c = Commit(files, self.git.tree(files), parents, self.words(signed), signed)
        c.id = self.write(c, c.tree, [p.id for p in parents])
        return c

    def entry(self):
        mode = self.rng.choice(MODES)
        if mode == "160000":
            return mode, "1" * len(self.git.add("blob", b""))
        return mode, self.git.add("blob", self.blob() if mode != "120000" else b"a")

    def words(self, signed):
        """What follows the parents. A commit that git signs is one that git would write."""
        rng = self.rng
        odd = not signed and not self.plain and rng.random() < 0.4
        people = ODD_IDENTITIES + IDENTITIES if odd else IDENTITIES
        lines = [b"author " + rng.choice(people), b"committer " + rng.choice(people)]
        extra = [b"encoding ISO-8859-1", b"mergetag " + MERGETAG[:-1], b"HG:extra x", b"key"]
        if not signed:
            lines += [e for e in extra if rng.random() < (0.3 if odd else 0.05)]
        if odd and rng.random() < 0.2:
            lines.reverse()
        if odd and rng.random() < 0.05:
            return b"\n".join(lines) + rng.choice((b"", b"\n"))
        message = rng.choice(MESSAGES + ODD_MESSAGES if odd else MESSAGES)
        return b"\n".join([*lines, b"", message])

    def write(self, c, tree, parents):
        """Has git make the commit: by commit-tree where it can, else from the raw bytes."""
        lines, _, message = c.words.partition(b"\n\n")
        who = [line.split(b" ", 1)[1] for line in lines.split(b"\n") if line[:6] in (b"author", b"commit")]
        plain = c.words.startswith(b"author ") and set(who) <= set(IDENTITIES)
        if plain and lines.count(b"\n") == 1 and message in MESSAGES:
            return self.commit_tree(c, tree, parents, who, message)
        raw = b"tree %s\n" % tree.encode() + b"".join(b"parent %s\n" % p.encode() for p in parents)
        argv = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
        return self.git.run(*argv, sent=raw + c.words).decode().strip()

    def commit_tree(self, c, tree, parents, who, message):
        environ = {}
        for role, value in zip(("AUTHOR", "COMMITTER"), who):
            name, rest = value.split(b" <")
            mail, when = rest.split(b"> ")
            environ[f"GIT_{role}_NAME"] = name.decode()
            environ[f"GIT_{role}_EMAIL"] = mail.decode()
            environ[f"GIT_{role}_DATE"] = "@" + when.decode()
        argv = ["commit-tree", *(["-S"] if c.signed else []), tree]
        for p in parents:
            argv += ["-p", p]
        return self.git.run(*argv, sent=message, **environ).decode().strip()

    def choose_edits(self):
        """What is asked for; True where a file and a directory would be in each other's way."""
        rng = self.rng
        last = []
        for c in self.commits:
            c.listed = rng.random() < 0.85
            if not c.listed or rng.random() < 0.4:
                continue
            if last and rng.random() < 0.4:
                c.edits = last
                continue
            last = c.edits
            for _ in range(rng.randrange(1, 4)):
                known = sorted(c.files)
                path = rng.choice(known) if known and rng.random() < 0.6 else some_path(rng)
                kind = rng.choice(("edit", "edit", "edit", "remove", "same"))
                content = b"" if kind == "remove" else self.blob()
                mode, id = c.files.get(path, ("", ""))
                if kind == "same" and mode in ("100644", "100755"):
                    content = self.git.run("cat-file", "blob", id)
                c.edits.append((path, kind == "remove", content))
        clash = [self.has_clash(c) for c in self.commits if c.listed]
        if any(clash) and rng.random() < 0.9:
            for c in self.commits:
                c.edits = [] if self.has_clash(c) else c.edits
            return False
        return any(clash)

    def has_clash(self, c):
        files, directories = set(c.files), {p for f in c.files for p in prefixes(f)}
        for path, removed, _ in c.edits:
            if path in directories or any(p in files for p in prefixes(path)):
                return True
            if removed:
                files.discard(path)
            else:
                files.add(path)
                directories.update(prefixes(path))
        return False

    def changes(self, c):
        """Path to mode and id, as git's index wants it."""
        files, changes = dict(c.files), {}
        for path, removed, content in c.edits:
            if removed:
                files.pop(path, None)
                changes.pop(path, None)
                if path in c.files:
                    changes[path] = ("0", None)
            else:
                mode = "100755" if files.get(path, ("",))[0] == "100755" else "100644"
                files[path] = (mode, self.git.add("blob", content))
                changes[path] = files[path]
        # What is taken away makes room for what comes.
        return dict(sorted(changes.items(), key=lambda item: item[1][1] is not None))

    def request(self):
        lines, last = [], None
        for c in (c for c in self.commits if c.listed):
            lines.append(f"commit {c.id}\n")
            if c.edits and c.edits is last:
                lines.append("as-before\n")
                continue
            last = c.edits
            for path, removed, content in c.edits:
                word = "remove" if removed else "edit"
                lines.append(f"{word} {path.encode().hex()} {content.hex()}\n")
        return "".join(lines).encode()

    def wanted(self):
        new = {}
        for c in (c for c in self.commits if c.listed):
            tree = self.git.tree_by_index(c.tree, self.changes(c)) if c.edits else c.tree
            parents = [new.get(p.id, p.id) for p in c.parents]
            if tree == c.tree and parents == [p.id for p in c.parents]:
                new[c.id] = c.id
            else:
                new[c.id] = self.write(c, tree, parents)
        return new

    def hide(self):
        """Replace refs and grafts, which are not what a commit is."""
        rng = self.rng
        real = rng.choice(self.commits)
        other = self.write(real, self.git.tree({}), [])
        kind = rng.choice(("commit", "tree", "graft"))
        if kind == "graft":
            (self.git.path / ".git/info/grafts").write_text(real.id + "\n")
        elif kind == "commit" and other != real.id:
            self.git.run("update-ref", f"refs/replace/{real.id}", other)
        elif real.files:
            self.git.run("update-ref", f"refs/replace/{real.tree}", self.git.tree({}))

    def unhide(self):
        (self.git.path / ".git/info/grafts").unlink(missing_ok=True)


class Test:
    def __init__(self, program, seed):
        self.program = program
        self.rng = random.Random(seed)
        self.bad = 0
        self.counts = dict(commits=0, new=0, signed=0, refused=0, killed=0)

    def complain(self, what):
        self.bad += 1
        print(what, flush=True)

    def repository(self, path, number):
        git = Git(str(path), ("sha1", "sha256")[number % 2])
        key = path / ".git/key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        git.run("config", "gpg.format", "ssh")
        git.run("config", "user.signingKey", str(key))
        git.run("config", "advice.graftFileDeprecated", "false")
        return git

    def rebuild(self, git, request):
        done = subprocess.run(
            [self.program], cwd=git.path, env=git.environ, input=request, capture_output=True
        )
        if done.returncode:
            return f"status {done.returncode}: {done.stderr.decode(errors='replace')}"
        return done.stdout.decode()

    def one(self, git, before, number, plain):
        h = History(git, self.rng, before, plain)
        clash = h.choose_edits()
        if self.rng.random() < 0.4:
            h.hide()
        others = git.others()
        said = self.rebuild(git, h.request())
        if git.others() != others:
            self.complain(f"history {number}: the git directory has changed")
        h.unhide()
        if clash:
            self.counts["refused"] += 1
            if not said.startswith(f"error {E_CHANGED} "):
                self.complain(f"history {number}: wants error {E_CHANGED}, got {said}")
            return h
        got = dict(line.split() for line in said.splitlines()) if "error" not in said else said
        made = sorted({new for old, new in got.items() if new != old}) if isinstance(got, dict) else []
        if made:
            # Before git is asked to make them, too.
            git.run("rev-list", "--objects", "--missing=error", "--stdin", sent="\n".join(made).encode())
        if got != h.wanted():
            self.complain(f"history {number}: wants {h.wanted()}, got {said}")
        self.counts["commits"] += len(h.commits)
        self.counts["new"] += len(made)
        self.counts["signed"] += sum(c.signed and got[c.id] != c.id for c in h.commits if c.listed)
        return h

    def histories(self, count, root):
        """Some to a repository, the even ones of which hold only what fsck accepts."""
        number = 0
        for batch in range(10_000):
            git = self.repository(root / f"r{batch}", batch // 2)
            before = []
            for _ in range(15):
                if number == count:
                    return
                number += 1
                before = self.one(git, before, number, batch % 2 == 0).commits
            code, text = git.check()
            if batch % 2 == 0 and code:
                self.complain(f"after history {number}: git fsck exits {code}\n{text[:2000]}")
            shutil.rmtree(git.path)

    def kills(self, count, root):
        git = self.repository(root / "original", 0)
        content = {f"d{n % 40}/f{n}": ("100644", git.add("blob", b"%d" % n)) for n in range(400)}
        h = History(git, self.rng, [], True)
        parent = h.commits[-1:]
        h.commits = []
        for n in range(120):
            c = Commit(content, git.tree(content), parent, b"%s\n\n%d\n" % (b"\n".join(
                (b"author " + IDENTITIES[0], b"committer " + IDENTITIES[1])), n), n % 50 == 25)
            c.id = h.write(c, c.tree, [p.id for p in parent])
            c.listed, c.edits = True, [(f"d{n % 40}/new", False, b"%d" % n)]
            h.commits.append(c)
            parent = [c]
        git.run("update-ref", "refs/heads/main", parent[0].id)
        wanted = None
        for n in range(count + 1):
            path = root / "killed"
            shutil.copytree(git.path, path, symlinks=True)
            copy = Git.__new__(Git)
            copy.__dict__.update(git.__dict__, path=path)
            if not wanted:
                began = time.monotonic()
                wanted = self.rebuild(copy, h.request())
                whole = time.monotonic() - began
            else:
                self.kill(copy, h.request(), self.rng.random() * whole * 1.1, n % 2)
                self.after_kill(copy, git.others(), h, wanted)
            shutil.rmtree(path)

    def kill(self, git, request, after, all_of_them):
        process = subprocess.Popen(
            [self.program], cwd=git.path, env=git.environ, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        process.stdin.write(request)
        process.stdin.close()
        time.sleep(after)
        if all_of_them:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.stdout.read()
        process.stderr.read()  # until its last child has ended
        self.counts["killed"] += process.wait() == -signal.SIGKILL

    def after_kill(self, git, others, h, wanted):
        if git.others() != others:
            self.complain("killed: the git directory has changed")
        code, text = git.check()
        if code or text.strip():
            self.complain(f"killed: git fsck exits {code}\n{text[:2000]}")
        if self.rebuild(git, h.request()) != wanted:
            self.complain("killed: the next time gives something else")


def main():
    program = os.path.join(os.path.abspath(sys.argv[1]), "dump_rebuild")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    test = Test(program, seed)
    with tempfile.TemporaryDirectory(prefix="onehead-rebuild-") as root:
        test.histories(count, Path(root))
        test.kills(max(4, count // 10), Path(root))
    if count >= 100 and not all(test.counts.values()):
        test.complain("something was never tried")
    print(f"{count} histories, {test.counts}, {test.bad} differ")
    return 1 if test.bad else 0


sys.exit(main())
