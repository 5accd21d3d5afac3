"""Random projects with two lines of development, made from a seed and written by git fast-import.

    history = History(seed)         # values only: trees, graphs, what is to be expected
    history.write(repo)             # branches base, ours, theirs

Each script directory has strands: the main one and some that a branch label sets apart. A line
has one head a strand at any time, so the merge must have as many as there are strands.
"""

import random

import env

LOCK_HEADER = (
    "# onehead: the migrations of this directory and their head. Kept by onehead; see "
    "`onehead explain lock`.\n# A conflict here means that two branches added migrations. "
    "Resolve it with: onehead resolve\n"
)
ATTRIBUTES = "onehead.lock text eol=lf merge=onehead\n"
WORDS = "account invoice order customer price größe audit event it's tenant role".split()


class Migration:
    def __init__(self, id, parents, path, **more):
        self.id = id
        self.parents = tuple(parents)
        self.path = path
        self.labels = more.get("labels", ())
        self.depends_on = more.get("depends_on", ())
        self.message = more.get("message", id)
        self.upgrade = more.get("upgrade", "pass")
        self.edits = 0
        self.style = more.get("style", 0)

    def copy(self, **changes):
        new = Migration.__new__(Migration)
        new.__dict__.update(self.__dict__, **changes)
        return new

    def text(self):
        parents = self.parents[0] if len(self.parents) == 1 else (self.parents or None)
        text = env.migration(
            self.id, parents, self.upgrade, message=self.message,
            labels=self.labels or None, depends_on=self.depends_on or None,
        )
        if self.style == 1:
            text = text.replace("\nrevision = ", "\nrevision: str = ").replace("'", '"')
        text = text.replace("\n\n\ndef upgrade", "\n" + "# edited\n" * self.edits + "\n\ndef upgrade", 1)
        return text.replace("\n", "\r\n") if self.style == 2 else text


class Directory:
    """One script directory at one moment, in one line."""

    def __init__(self, root, has_lock):
        self.root = root  # "" or "services/api/"
        self.has_lock = has_lock
        self.migrations = {}
        self.heads = {}  # strand: id

    def copy(self):
        new = Directory(self.root, self.has_lock)
        new.migrations = dict(self.migrations)
        new.heads = dict(self.heads)
        return new

    @property
    def location(self):
        return f"{self.root}migrations"

    def put(self, migration, strand=None):
        self.migrations[migration.id] = migration
        if strand is not None:
            self.heads[strand] = migration.id

    def lock(self):
        parents = {p for m in self.migrations.values() for p in m.parents}
        heads = sorted(id.encode() for id in self.migrations if id not in parents)
        lines = sorted(
            (m.id.encode(), " ".join([m.id, *sorted(m.parents)])) for m in self.migrations.values()
        )
        return (
            LOCK_HEADER
            + "".join(f"head {h.decode()}\n" for h in heads)
            + "\n"
            + "".join(line + "\n" for _, line in lines)
        )

    def files(self):
        out = {
            f"{self.root}alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n"
            "sqlalchemy.url = sqlite://\n",
            f"{self.location}/env.py": env.ALEMBIC_ENV,
        }
        for m in self.migrations.values():
            out[m.path] = m.text()
        if self.has_lock:
            out[f"{self.location}/onehead.lock"] = self.lock()
        return out


class History:
    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(f"onehead {seed}")
        self.count = 0
        self.has_lock = self.random.random() < 0.75
        self.sequential = self.random.random() < 0.4
        self.skips = False  # a database that is ahead would skip a migration: Alembic's own way
        roots = ["", "services/api/", "services/größe b/"]
        count = self.random.choice((1, 1, 2, 3))
        roots = roots[:1] if count == 1 else roots[3 - count :]
        self.will_collide = self.random.random() < 0.05
        self.base = [self.make_base(root) for root in roots]
        self.lines = {}
        for name in ("ours", "theirs"):
            self.lines[name] = self.grow(name)

    # Making migrations.

    def new_id(self, number):
        self.count += 1
        if self.sequential:
            return f"{number:04d}_{self.count}"
        return f"{self.random.getrandbits(48):012x}"

    def add(self, directory, strand, line, parents=None, **more):
        r = self.random
        if parents is None:
            parents = [directory.heads[strand]] if strand in directory.heads else []
        id = self.new_id(len(directory.migrations))
        slug = "_".join(r.sample(WORDS, 2)).replace("'", "")
        depends_on = ()
        if r.random() < 0.1 and self.base_ids(directory):
            depends_on = (r.choice(self.base_ids(directory)),)
        migration = Migration(
            id, parents, f"{directory.location}/versions/{id}_{slug}.py",
            message=slug.replace("_", " "), depends_on=depends_on,
            upgrade=self.upgrade(id, line), style=r.choice((0, 0, 1, 2)), **more,
        )
        directory.put(migration, strand)
        return migration

    def base_ids(self, directory):
        """The main strand's, so that nothing depends on a line that may be merged or deleted."""
        for other in getattr(self, "base", ()):
            if other.root == directory.root:
                return [m.id for m in other.migrations.values() if not m.parents][:1]
        return []

    def upgrade(self, id, line):
        """Names that no other migration has, so that nothing collides."""
        kind = self.random.choice(("table", "column", "index", "nothing", "sql"))
        if line == "root":
            return 'op.create_table("shared", sa.Column("id", sa.Integer(), primary_key=True))'
        if kind == "table":
            return f'op.create_table("t_{id}", sa.Column("id", sa.Integer(), primary_key=True))'
        if kind == "index":
            return f'op.create_index("ix_{id}", "shared", ["id"])'
        if kind == "sql":
            return f'op.execute("CREATE VIEW v_{id} AS SELECT id FROM shared")'
        if kind == "nothing":
            return "pass"
        return f'op.add_column("shared", sa.Column("c_{id}", sa.Integer(), nullable=True))'

    def make_base(self, root):
        r = self.random
        directory = Directory(root, self.has_lock)
        self.add(directory, "", "root")
        for _ in range(r.randint(0, 6)):
            if r.random() < 0.2:
                self.diamond(directory)
            else:
                self.add(directory, "", "base")
        for label in r.sample(("billing", "search"), r.choice((0, 0, 0, 1, 2))):
            self.label(directory, label, "base")
            for _ in range(r.randint(0, 2)):
                self.add(directory, label, "base")
        return directory

    def label(self, directory, label, line):
        """A strand of its own; its tables stand upon the main strand's first migration."""
        root = next(m.id for m in directory.migrations.values() if not m.parents)
        migration = self.add(directory, label, line, parents=[], labels=(label,))
        directory.put(migration.copy(depends_on=(root,)), label)

    def diamond(self, directory):
        top = directory.heads[""]
        left = self.add(directory, None, "base", parents=[top])
        right = self.add(directory, None, "base", parents=[top])
        merged = self.add(directory, "", "base", parents=[left.id, right.id])
        directory.put(merged.copy(upgrade="pass"), "")

    # Growing a line.

    def grow(self, name):
        """A list of commits: each the directories at that moment."""
        commits = [[d.copy() for d in self.base]]
        for _ in range(self.random.randint(1, 4)):
            now = [d.copy() for d in commits[-1]]
            self.change(self.random.choice(now), name)
            commits.append(now)
        if self.will_collide:
            self.collide_one(commits[-1][0], "", name)
        return commits[1:]

    def change(self, directory, name):
        r = self.random
        strand = r.choice(sorted(directory.heads))
        action = r.choices(
            ("add", "edit", "rename", "delete", "insert", "reparent", "label"),
            (50, 14, 10, 9, 5, 3, 4),
        )[0]
        getattr(self, action + "_one")(directory, strand, name)

    def add_one(self, directory, strand, name):
        self.add(directory, strand, name)

    def edit_one(self, directory, strand, name):
        m = self.random.choice(sorted(directory.migrations.values(), key=lambda m: m.id))
        directory.put(m.copy(edits=m.edits + 1))

    def rename_one(self, directory, strand, name):
        m = self.random.choice(sorted(directory.migrations.values(), key=lambda m: m.id))
        directory.put(m.copy(path=m.path.replace(".py", f"_{name}.py")))

    def delete_one(self, directory, strand, name):
        m = directory.migrations[directory.heads[strand]]
        if len(m.parents) != 1:
            return self.add_one(directory, strand, name)
        del directory.migrations[m.id]
        directory.heads[strand] = m.parents[0]

    def insert_one(self, directory, strand, name):
        """A new migration below the newest one, where that is this line's own."""
        newest = directory.migrations[directory.heads[strand]]
        if newest.id in self.all_base_ids() or len(newest.parents) != 1:
            return self.add_one(directory, strand, name)
        below = self.add(directory, strand, name, parents=newest.parents)
        directory.put(newest.copy(parents=(below.id,)), strand)

    def reparent_one(self, directory, strand, name):
        """The same where others may have it already: a database that is there skips the new one."""
        newest = directory.migrations[directory.heads[strand]]
        if len(newest.parents) != 1:
            return self.add_one(directory, strand, name)
        below = self.add(directory, strand, name, parents=newest.parents)
        directory.put(newest.copy(parents=(below.id,)), strand)
        self.skips = True

    def label_one(self, directory, strand, name):
        label = f"new_{name}"
        if label in directory.heads:
            return self.add_one(directory, label, name)
        self.label(directory, label, name)

    def collide_one(self, directory, strand, name):
        """Both lines do this in the same directory."""
        m = self.add(directory, strand, name)
        directory.put(m.copy(upgrade='op.create_index("collision", "shared", ["id"])'), strand)

    def all_base_ids(self):
        return {id for d in self.base for id in d.migrations}

    # What is to be expected.

    def tips(self):
        return list(zip(self.base, self.lines["ours"][-1], self.lines["theirs"][-1]))

    @staticmethod
    def together(base, ours, theirs):
        """Each migration that both lines have in the end, as a three-way merge leaves it."""
        out = {}
        for id in sorted({*ours.migrations, *theirs.migrations}):
            was = base.migrations.get(id)
            mine, other = ours.migrations.get(id), theirs.migrations.get(id)
            if was is None or (mine and other):
                changed = mine and (not other or was is None or mine.parents != was.parents)
                out[id] = mine if changed else other
        return out

    def must_stop(self):
        """Why the merge may not be made by itself; None where it must be."""
        for base, ours, theirs in self.tips():
            kept = self.together(base, ours, theirs)
            if any(p not in kept for m in kept.values() for p in m.parents):
                return "lost"
            if any(p not in kept for m in kept.values() for p in m.depends_on):
                return "lost"
            new = [[m for m in side.migrations.values() if m.id not in base.migrations and
                    m.id in kept and '"collision"' in m.upgrade] for side in (ours, theirs)]
            if new[0] and new[1]:
                return "collision"
        return None

    def strands(self, ours, theirs):
        return {*ours.heads, *theirs.heads}

    # Writing.

    def write(self, repo):
        """The branches, in one git process, and a worktree that is at ours."""
        stream = []
        base = self.commit(stream, "base", self.base, None)
        for name, commits in self.lines.items():
            parent = base
            for number, directories in enumerate(commits):
                parent = self.commit(stream, name, directories, parent, number + 1)
        pack = ("-c", "fastimport.unpackLimit=1")
        repo.git(*pack, "fast-import", "--quiet", input="".join(stream))
        repo.git("checkout", "-q", "ours")

    def commit(self, stream, branch, directories, parent, number=0):
        self.mark = getattr(self, "mark", 0) + 1
        who = {"ours": "Ana", "theirs": "Bob"}.get(branch, "Eve")
        files = {".gitignore": "__pycache__/\n"}
        if self.has_lock:
            files[".gitattributes"] = ATTRIBUTES
        for d in directories:
            files.update(d.files())
        stream.append(
            f"commit refs/heads/{branch}\nmark :{self.mark}\n"
            f"committer {who} <{who.lower()}@example.org> {1767225600 + 60 * number} +0000\n"
            f"data {len(branch) + 2}\n{branch} {number}\n"
        )
        if parent:
            stream.append(f"from :{parent}\n")
        stream.append("deleteall\n")
        for path, text in files.items():
            quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
            stream.append(f"M 100644 inline {quoted}\ndata {len(text.encode())}\n{text}\n")
        return self.mark
