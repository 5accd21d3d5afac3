"""Refs and objects of repositories, read without a process for each question.

    store = Store(repo, git_directories)    # one `git cat-file --batch` for the objects of all
    refs = Refs(git_directory, store)
    refs.all()                              # {"refs/heads/main": id, …}
    refs.find("origin/main^")               # an id, or None
    store.line(refs.find("HEAD")).heads     # of the migrations in that commit
    store.close()

What was read once is kept by its id. Nothing is locked, refreshed or written: a clone is left as
its user's own commands left it.
"""

import ast
import collections
import os
import re
import subprocess

VERSIONS = "migrations/versions"

Commit = collections.namedtuple("Commit", "tree parents")


class Migration:
    """As the text of a file says it. `token` is what its body makes: it never changes."""

    def __init__(self, text):
        values = {}
        for node in ast.parse(text).body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                values[target.id] = ast.literal_eval(node.value)
        self.id, parents = values["revision"], values["down_revision"]
        self.parents = (parents,) if isinstance(parents, str) else tuple(parents or ())
        made = re.search(r'create_table\("t_(\w+)"', text)
        self.token = made.group(1) if made else None


class Line:
    """The migrations of one commit."""

    def __init__(self, files):
        self.files = files  # {path: (blob, Migration)}
        self.migrations = [m for _, m in files.values()]
        self.ids = [m.id for m in self.migrations]
        self.tokens = [m.token for m in self.migrations if m.token]
        parents = {p for m in self.migrations for p in m.parents}
        self.heads = [id for id in self.ids if id not in parents]
        self.is_whole = parents <= set(self.ids)
        self._order = None

    def is_sound(self):
        unique = len(set(self.ids)) == len(self.ids) and len(set(self.tokens)) == len(self.tokens)
        return unique and self.is_whole and len(self.heads) == 1

    def order(self):
        """{(a, b)}: the migration of token b stands on that of a, or on what stands on it."""
        if self._order is None:
            by_id, below = {m.id: m for m in self.migrations}, {}

            def under(id):
                if id not in below:
                    below[id] = set()  # a cycle ends here
                    for parent in by_id[id].parents if id in by_id else ():
                        below[id] |= under(parent) | {parent}
                return below[id]

            self._order = {
                (by_id[id].token, m.token)
                for m in self.migrations
                for id in under(m.id)
                if m.token and id in by_id and by_id[id].token
            }
        return self._order


class Store:
    """The objects of several repositories, by their full ids."""

    def __init__(self, repo, directories):
        others = ":".join(os.path.join(d, "objects") for d in directories)
        self.git = subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=repo.path,
            env={**repo.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES": others},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.read_trees, self.read_commits = {}, {}
        self.read_migrations, self.read_lines = {}, {}

    def close(self):
        self.git.stdin.close()
        self.git.stdout.close()
        self.git.wait()

    def read(self, id):
        self.git.stdin.write(id.encode() + b"\n")
        self.git.stdin.flush()
        answer = self.git.stdout.readline().split()
        if len(answer) != 3:
            raise AssertionError(f"no object {id}: {answer}")
        return self.git.stdout.read(int(answer[2]) + 1)[:-1]

    def commit(self, id):
        if id not in self.read_commits:
            head = self.read(id).decode("utf-8", "replace").split("\n\n", 1)[0].split("\n")
            parents = [line[7:] for line in head if line.startswith("parent ")]
            self.read_commits[id] = Commit(head[0][5:], tuple(parents))
        return self.read_commits[id]

    def tree(self, id):
        """{name: id}"""
        if id not in self.read_trees:
            bytes, names, at = self.read(id), {}, 0
            while at < len(bytes):
                end = bytes.index(b"\0", at)
                name = bytes[at:end].split(b" ", 1)[1].decode("utf-8", "surrogateescape")
                names[name] = bytes[end + 1 : end + 21].hex()
                at = end + 21
            self.read_trees[id] = names
        return self.read_trees[id]

    def at(self, commit, path):
        """The id of what lies there, or None."""
        id = self.commit(commit).tree
        for name in path.split("/"):
            id = self.tree(id).get(name)
            if id is None:
                return None
        return id

    def blob(self, commit, path):
        return self.read(self.at(commit, path)).decode()

    def migration(self, blob):
        if blob not in self.read_migrations:
            self.read_migrations[blob] = Migration(self.read(blob).decode())
        return self.read_migrations[blob]

    def line(self, commit):
        id = self.at(commit, VERSIONS)
        if id not in self.read_lines:
            names = self.tree(id) if id else {}
            files = {
                f"{VERSIONS}/{name}": (blob, self.migration(blob))
                for name, blob in names.items()
                if name.endswith(".py")
            }
            self.read_lines[id] = Line(files)
        return self.read_lines[id]

    def history(self, *commits):
        """The ids of COMMITS and of everything below."""
        seen, left = set(), list(commits)
        while left:
            id = left.pop()
            if id not in seen:
                seen.add(id)
                left += self.commit(id).parents
        return seen


class Refs:
    def __init__(self, directory, store):
        self.directory = str(directory)
        self.store = store

    def _text(self, name):
        try:
            with open(os.path.join(self.directory, name)) as f:
                return f.read().rstrip("\n")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def _packed(self):
        lines = (self._text("packed-refs") or "").split("\n")
        pairs = [line.split(" ", 1) for line in lines if line and line[0] not in "#^"]
        return {name: id for id, name in pairs}

    def all(self):
        """Sorted by their names, without symbolic ones."""
        found = self._packed()
        top = len(self.directory) + 1
        for directory, _, names in os.walk(os.path.join(self.directory, "refs")):
            for name in names:
                full = os.path.join(directory, name)[top:]
                text = self._text(full)
                if text and not text.startswith("ref: ") and not full.endswith(".lock"):
                    found[full] = text
        return dict(sorted(found.items()))

    def head(self):
        """What HEAD says: `ref: refs/heads/main`, or an id."""
        return self._text("HEAD")

    def branch(self):
        return self.head().removeprefix("ref: refs/heads/") if self.head()[:4] == "ref:" else ""

    def _one(self, name):
        places = (f"refs/heads/{name}", f"refs/remotes/{name}", name)
        loose = next(filter(None, map(self._text, places)), None)
        packed = {} if loose else self._packed()
        return loose or next((packed[p] for p in places if p in packed), None)

    def find(self, name):
        """The id that NAME means, or None: HEAD, a branch here or of a remote, an id; with ^."""
        start = name.rstrip("^")
        full = self.head().removeprefix("ref: ") if start == "HEAD" else start
        id = full if re.fullmatch("[0-9a-f]{40}", full) else self._one(full)
        for _ in name[len(start) :]:
            id = self.store.commit(id).parents[0]
        return id
