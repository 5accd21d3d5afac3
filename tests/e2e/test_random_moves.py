"""Random histories of people who share a remote: what nobody has seen moves, by itself.

Two or three clones; whatever git does with commits, one after the other. After each step: no new
second head, nothing lost, nothing twice, nothing in another order, what is published or deployed as
it was, a lock that says so, and no step that a second look would take. Where git stops, `onehead
resolve` and git's own --continue end it, or it is given up and nothing has changed. What onehead
did is taken back now and then, one after the other, and must be gone. In the end all meet on main,
and real Alembic goes along.

ONEHEAD_LONG=1 tries 5,000; ONEHEAD_SEED=N tries the one that failed. Each failure names its seed
and what was done.
"""

import collections
import os
import random
import re
import shutil
import sqlite3
import tempfile
import unittest

import env
import moves
from peek import Refs, Store

SECONDS = 120
SANITIZE = False  # the same programs run under sanitizers in the other files
SEEDS = 5000 if env.LONG else 200
BLOCK = 20
ONE = os.environ.get("ONEHEAD_SEED")
STYLES = ("hash", "stem", "bare")
PEOPLE = ("Ana", "Bob", "Eva")

_ends = collections.Counter()
_done = collections.Counter()  # how often each step came to its end


class World(moves.Checks):
    def __init__(self, case, seed, template):
        self.case = case
        self.random = random.Random(f"moves {seed}")
        self.style, self.has_lock = STYLES[seed % 3], seed % 4 != 3
        self.place = case.home.path / f"world{seed}"
        shutil.copytree(template[self.style, self.has_lock], self.place, symlinks=True)
        people = PEOPLE[: self.random.choice((2, 2, 3))]
        remote = self.place / "remote.git"
        self.store = Store(
            env.Repo(case.home, remote), [self.place / name / ".git" for name in people]
        )
        self.remote = Refs(remote, self.store)
        self.clones = [self.clone(name) for name in people]
        self.count = 0
        self.gone = set()  # tokens that somebody has taken back on purpose
        self.edited = set()  # and those whose file was, by a revert of what had changed it
        self.did = []

    def clone(self, name):
        if not (self.place / name).exists():
            shutil.copytree(self.place / "Ana", self.place / name, symlinks=True)
        repo = env.Repo(self.case.home, self.place / name)
        repo.environ.update(
            GIT_AUTHOR_NAME=name, GIT_COMMITTER_NAME=name,
            GIT_AUTHOR_EMAIL=f"{name}@example.org", GIT_COMMITTER_EMAIL=f"{name}@example.org",
        )  # fmt: skip
        policy = self.random.choice(("auto", "auto", "auto", "linear", "merge"))
        if policy != "auto":
            repo.git("config", "onehead.fork", policy)
        return moves.Clone(repo, name, self.store)

    # Steps. Each returns False where it can't be done now.

    def write(self, clone):
        """A new migration on top of the head, in the worktree; its token and its path."""
        here = clone.line()
        self.count += 1
        token = f"{clone.name.lower()}{self.count}"
        numbers = [int(id[:3]) for id in here.ids if re.match(r"\d{3}(_|$)", id)]
        stem = f"{max(numbers, default=0) + 1:03d}_{token}"
        id = {"hash": f"{self.random.getrandbits(48):012x}", "stem": stem, "bare": stem[:3]}
        file = stem + ".py" if self.style != "hash" else f"{id['hash']}_{token}.py"
        path = clone.repo.migration(
            id[self.style], here.heads[0],
            f'op.create_table("t_{token}", sa.Column("id", sa.Integer()))',
            f'op.drop_table("t_{token}")', file=file, message=token,
        )  # fmt: skip
        self.wanted |= {token}
        return token, path

    def commit(self, clone):
        """In each of the forms that a commit has."""
        token, path = self.write(clone)
        form = self.random.choice((["-a"], ["-i", "--", path], ["--", path], [], []))
        clone.repo.git("add", path)
        self.before_commit = clone.state()
        clone.repo.git("commit", "-q", "-m", f"add {token}", *form)

    def commit_other(self, clone):
        self.count += 1
        clone.repo.write(f"docs/{clone.name}{self.count}", "x\n")
        self.commit_all(clone, "docs")

    def commit_all(self, clone, *options):
        clone.repo.git("add", "-A")
        self.before_commit = clone.state()
        return clone.repo.git("commit", "-q", "-m", *options, expect=None)

    def amend(self, clone):
        if clone.refs.find("HEAD") in clone.shared():
            return False
        # What an amend adds to a merge a later rebase leaves out, as git says it does.
        if self.random.random() < 0.6 and len(clone.parents()) == 1:
            self.write(clone)
        self.exact = True
        done = self.commit_all(clone, "amended", "--amend")
        self.case.assertEqual(done.code, 0, (self.did, done.err))

    def own(self, clone):
        """The newest commits that nobody else could have, merges aside: at most three."""
        own = clone.row(without=clone.shared())[:3]
        return own[: self.random.randint(1, len(own))] if own else []

    def reset(self, clone):
        """Some commits away, with what they brought or, --soft, as one commit instead."""
        own = self.own(clone)
        if not own:
            return False
        self.exact = True
        if self.random.random() < 0.5:
            self.did[-1] += f" {len(own)}"
            clone.repo.git("reset", "-q", "--hard", own[-1] + "^")
            self.wanted, self.order = set(clone.tokens()), set()
            return None
        self.did[-1] += f" --soft {len(own)}"
        clone.repo.git("reset", "-q", "--soft", own[-1] + "^")
        self.before_commit = clone.state()
        done = clone.repo.git("commit", "-q", "--allow-empty", "-m", "as one", expect=None)
        self.case.assertEqual(done.code, 0, (self.did, done.err))

    def fixup(self, clone):
        """A change to a migration that no other line has, for a rebase to fold in."""
        seen = set(clone.deployed)
        for other in self.clones:
            mine = other.branch() if other is clone else None
            for name in other.names("refs/heads/", "refs/remotes/"):
                seen |= set(other.tokens(name)) if name != mine else set()
        for commit in clone.row(without=clone.shared()):
            for token in sorted(clone.changes(commit)[0] - seen):
                paths = [p for p, (_, m) in clone.line().files.items() if m.token == token]
                if paths:
                    with open(clone.repo.path / paths[0], "a") as f:
                        f.write("# fixed\n")
                    clone.repo.git("commit", "-q", "-a", "--fixup", commit)
                    return None
        return False

    def topic(self, clone):
        name = f"{clone.name}-{self.random.randint(1, 2)}"
        there = f"refs/heads/{name}" in clone.refs.all()
        clone.repo.git("checkout", "-q", *([] if there else ["-b"]), name)
        self.wanted, self.order = None, set()

    def main(self, clone):
        clone.repo.git("checkout", "-q", "main")
        self.wanted, self.order = None, set()

    def fetch(self, clone):
        clone.repo.git("fetch", "-q", "--prune")

    def push(self, clone):
        branch = clone.branch()
        force = ["--force-with-lease"] if branch != "main" else []
        done = clone.repo.git("push", "-q", *force, "origin", branch, expect=None)
        self.case.assertNotIn("REJECTED", done.err, self.did)

    def other(self, clone):
        """Another line: main's counterpart most of the time."""
        names = clone.others("refs/heads/", "refs/remotes/")
        if "origin/main" in names and self.random.random() < 0.7:
            return "origin/main"
        return self.random.choice(names) if names else None

    def bring(self, line):
        self.wanted |= set(line.tokens)
        self.order |= line.order()

    def merge(self, clone):
        other = self.other(clone)
        if not other:
            return False
        self.bring(clone.line(other))
        how = self.random.choice(("", "", "--no-ff", "--no-verify", "--no-commit", "onehead"))
        self.did[-1] += f" {how} {other}"
        if how == "onehead":
            return self.attempt(clone, "onehead", "merge", other)
        self.may_leave = how == "--no-verify"
        done = self.attempt(clone, "merge", "--no-edit", *([how] if how else []), other)
        if done is not False and clone.under_way() == "merge":
            return self.attempt(clone, "commit", "-q", "--no-edit")
        return done

    def pull(self, clone):
        self.bring(self.store.line(self.remote.find("main")))  # fetched or not
        how = self.random.choice(("--no-rebase", "--rebase", "--rebase=merges"))
        self.did[-1] += f" {how}"
        return self.attempt(clone, "pull", "-q", how, "--no-edit", "origin", "main")

    REBASES = (["--merge"], ["--apply"], ["-i", "--autosquash"], ["--rebase-merges"],
               ["--update-refs"], None)  # fmt: skip

    def rebase(self, clone):
        """Of what this clone alone has."""
        if clone.branch() == "main" and self.random.random() < 0.5:
            return False
        options, old = self.random.choice(self.REBASES), clone.refs.find("HEAD")
        self.bring(clone.line("origin/main"))
        self.did[-1] += f" {options}"
        argv = ["rebase", *options, "origin/main"] if options else ["onehead", "rebase"]
        done = self.attempt(clone, *argv)
        if done is not False and not clone.deployed and clone.is_ancestor("origin/main", "HEAD"):
            self.each_commit(clone, old)
        return done

    def onto(self, clone):
        """Only the newest commits, onto main's counterpart: what they stand on may stay behind."""
        own = self.own(clone)
        if not own or clone.branch() == "main":
            return False
        kept = set(clone.tokens()) - set(clone.tokens(own[-1] + "^"))
        self.wanted, self.order, self.may_leave = kept, set(), True
        self.bring(clone.line("origin/main"))
        self.did[-1] += f" {len(own)}"
        return self.attempt(clone, "rebase", "--onto", "origin/main", own[-1] + "^")

    def squash(self, clone):
        other = self.other(clone)
        if not other:
            return False
        self.bring(clone.line(other))
        self.did[-1] += f" {other}"
        if self.attempt(clone, "merge", "--squash", other) is False:
            return False
        if not clone.status():
            return None
        done = clone.repo.git("commit", "-q", "-m", f"squashed {other}", expect=None)
        return None if done.code == 0 else self.give_up(clone, done.err)

    def stash(self, clone):
        """A migration that waits while something else comes in."""
        token, path = self.write(clone)
        clone.repo.git("stash", "-q", "-u")
        self.wanted -= {token}
        self.before, self.went_on = clone.state(status=""), True
        came = World.pull(self, clone)
        self.did[-1] += " (not done)" if came is False else ""
        if came is False:
            self.wanted = set(self.had)
        clone.repo.git("stash", "pop", "-q")
        self.wanted |= {token}
        done = self.commit_all(clone, f"add {token}")
        if done.code == 0:
            return None
        self.did[-1] += " (refused)"
        self.case.assertIn("onehead", done.err, self.did)
        clone.repo.git("rm", "-q", "-f", path)
        self.wanted -= {token}

    def revert(self, clone):
        """One of the newest commits, a merge with what it brought, or a revert itself."""
        commit = self.random.choice(clone.row()[:3] or [clone.refs.find("HEAD")])
        parents = clone.parents(commit)
        if not parents:
            return False
        came, went = clone.changes(commit)
        self.did[-1] += f" {sorted(came)} {sorted(went)}"
        self.gone |= came
        self.edited |= clone.edits(commit)
        self.wanted = self.wanted - came | went
        self.exact = self.may_leave = True
        mainline = ["-m", "1"] if len(parents) > 1 else []
        return self.attempt(clone, "revert", "--no-edit", *mainline, commit)

    def picked(self, clone):
        """The newest commits of another line that are not here; what they change is expected."""
        other = self.other(clone)
        row = clone.row(other, self.store.history(clone.refs.find("HEAD"))) if other else []
        if not row:
            return row
        row = row[: self.random.choice((1, 1, 2, 3))]
        for commit in reversed(row):
            came, went = clone.changes(commit)
            self.wanted = self.wanted - went | came
            self.order |= {(a, b) for a, b in clone.line(commit).order() if b in came}
            self.gone |= went
        self.did[-1] += f" {other} {len(row)}"
        self.may_leave = True
        return [] if self.means_others(clone, row) else row

    def means_others(self, clone, row):
        """Do the picked migrations stand on a bare number that is another one's here? Git gives
        them that parent without a word, and the number is all that there is to see."""
        here = {m.id: m.token for m in clone.line().migrations}
        there = {m.id: m.token for m in clone.line(row[0]).migrations}
        came = set().union(*(clone.changes(c)[0] for c in row))
        parents = {p for m in clone.line(row[0]).migrations if m.token in came for p in m.parents}
        return any(here.get(p, there[p]) != there[p] for p in parents if there[p] not in came)

    def cherry_pick(self, clone):
        row = self.picked(clone)
        if not row:
            return False
        picked = row[0] if len(row) == 1 else f"{row[-1]}^..{row[0]}"
        return self.attempt(clone, "cherry-pick", picked)

    def am(self, clone):
        row = self.picked(clone)
        if not row:
            return False
        mail = clone.repo.git("format-patch", "--stdout", f"{row[-1]}^..{row[0]}").out
        how = self.random.choice(("-3", "-3", "--keep-cr"))
        return self.attempt(clone, "am", "-q", how, input=mail)

    def deploy(self, clone):
        """A database applies what is there."""
        ledger = clone.repo.path / ".git/onehead/ledger.db"
        ledger.parent.mkdir(exist_ok=True)
        files = clone.line().files
        with sqlite3.connect(ledger) as db:
            db.execute("CREATE TABLE IF NOT EXISTS applied (database TEXT, id TEXT)")
            db.executemany(
                "INSERT INTO applied VALUES ('dev', ?)", [(m.id,) for _, m in files.values()]
            )
            db.execute("PRAGMA user_version = 1")
        db.close()
        clone.past = []  # undo would take away what is deployed now
        clone.deployed.update({m.token: (path, blob) for path, (blob, m) in files.items() if m.token})
        clone.looked_at.clear()

    # Carrying out.

    def attempt(self, clone, *argv, input=None):
        """A git command that may stop: then it is resolved and goes on, or it is given up."""
        done = clone.repo.git(*argv, input=input, expect=None)
        self.said = done.err
        goes_on = self.random.random() < 0.7
        for _ in range(8):
            if done.code == 0 or not goes_on or not clone.under_way():
                break
            resolved = clone.repo.onehead("resolve", expect=None)
            self.said += resolved.out + resolved.err
            told = re.findall(r"^next: git (.*)$", resolved.out, re.M)
            if resolved.code != 0 or not told:
                break
            self.did[-1] += " (resolved)"
            self.went_on = True  # what is undone then is the resolving alone
            done = clone.repo.git(*told[-1].split(), expect=None)
            self.said += done.err
        if done.code != 0:
            return self.give_up(clone, self.said)
        if clone.line().is_sound() and "STOPPED, the rebase is left" not in self.said:
            return None
        return self.left(clone)

    def give_up(self, clone, said):
        """Nothing has changed then."""
        self.did[-1] += " (stopped)"
        command = clone.under_way()
        clone.repo.git(*([command, "--abort"] if command else ["reset", "-q", "--hard"]))
        self.case.assertEqual(clone.state(), self.before, (self.did, said))
        return False

    def left(self, clone):
        """Committed with something that nobody can settle: it was told, and can't be pushed."""
        self.did[-1] += " (left)"
        told = (self.did, self.said, [(m.id, m.parents) for m in clone.line().migrations])
        # A rebase brings a bare number back that a merge had changed, and the new base has given it
        # to another one: nobody can tell any more what was built upon which.
        is_taken = self.style == "bare" and "two different migrations have the id" in self.said
        self.case.assertTrue(self.may_leave or clone.deployed or is_taken, told)
        done = clone.repo.git("push", "-q", "origin", "HEAD:refs/heads/x", expect=None)
        self.case.assertIn("onehead", self.said + done.err, told)
        line = clone.line()
        if len(set(line.heads)) > 1 or len(set(line.ids)) < len(line.ids):
            self.case.assertIn("REJECTED", done.err, told)
        clone.repo.git("push", "-q", "origin", ":refs/heads/x", expect=None)
        clone.repo.git("reset", "-q", "--hard", self.before[0][f"refs/heads/{clone.branch()}"])
        self.case.assertEqual(clone.state(), self.before, told)
        return False

    STEPS = (
        (commit, 8), (commit_other, 1), (amend, 1), (reset, 1), (fixup, 1), (topic, 1), (main, 1),
        (fetch, 2), (push, 3), (merge, 4), (pull, 4), (rebase, 4), (onto, 2), (squash, 1),
        (stash, 1), (revert, 2), (cherry_pick, 4), (am, 3), (deploy, 1),
    )  # fmt: skip

    def start(self):
        """Everybody has something of their own, and the first one has pushed it."""
        for clone in reversed(self.clones):
            if self.random.random() < 0.5:
                self.step(clone, World.topic)
            for _ in range(self.random.choice((1, 1, 2))):
                self.step(clone, World.commit)
        self.step(clone, World.main)
        self.step(clone, World.commit)
        self.step(clone, World.push)
        for clone in self.clones[1:]:
            self.step(clone, World.fetch)

    def begin(self, clone, what):
        self.did.append(f"{clone.name} ({clone.branch()}): {what}")
        self.before = clone.state(status="")  # as check() has just found it
        self.had, self.gone_before = set(clone.tokens()), set(self.gone)
        self.had_files = clone.files()
        self.wanted, self.order = set(self.had), set(clone.line().order())
        self.exact = self.may_leave = self.went_on = False
        self.before_commit = None
        self.said = ""

    def step(self, clone=None, step=None):
        clone = clone or self.random.choice(self.clones)
        step = step or self.random.choices([s for s, _ in self.STEPS], [w for _, w in self.STEPS])[0]
        self.begin(clone, step.__name__)
        before, operations = self.before, clone.operations()
        if step(self, clone) is False:
            self.wanted, self.gone = set(self.had), self.gone_before
            self.order = set()
            self.did[-1] += " (not done)"
        else:
            _done[step.__name__] += 1
        self.check(clone)
        self.remember(clone, before, clone.operations() - operations)
        if clone.past and self.random.random() < 0.2:
            self.undo(clone)

    def remember(self, clone, before, operations):
        """What undo can bring back: only where onehead did the last thing that changed anything.
        Of a commit that is what was there when git was asked to make it."""
        if clone.state(status="") != before:
            alone = operations == 1 and not self.went_on
            clone.past = [*clone.past, self.before_commit or before] if alone else []
        elif operations:
            clone.past = []

    def undo(self, clone):
        """Everything, one after the other."""
        while clone.past:
            self.begin(clone, "undo")
            done = clone.repo.git("onehead", "undo", expect=None)
            self.case.assertEqual(done.code, 0, (self.did, done.out, done.err))
            self.case.assertEqual(clone.state(), clone.past.pop(), (self.did, done.out))
            clone.repo.git("reset", "-q", "--hard")
            self.wanted, self.order = None, set()
            self.check(clone)
            _done["undo"] += 1

    # The end.

    def meet(self):
        """Everybody brings main to the remote, by merges; the last one has it all."""
        for clone in [*self.clones, *self.clones[:-1]]:
            if clone.branch() != "main":
                clone.repo.git("checkout", "-q", "main")
            self.begin(clone, "meet")
            self.bring(self.store.line(self.remote.find("main")))
            if self.attempt(clone, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main") is False:
                return "stopped"
            self.check(clone)
            if clone.refs.find("HEAD") != self.remote.find("main"):
                clone.repo.git("push", "-q", "origin", "main")
        tips = {clone.refs.find("HEAD") for clone in self.clones}
        self.case.assertEqual(len(tips), 1, self.did)
        return "met"

    def alembic(self):
        with tempfile.TemporaryDirectory(dir=env.MEMORY) as place:

            def tables():
                with sqlite3.connect(f"{place}/try.db") as db:
                    rows = [name for (name,) in db.execute("SELECT name FROM sqlite_master")]
                db.close()
                return {name[2:] for name in rows if name.startswith("t_")}

            self.alembic_agrees(self.clones[0], f"sqlite:///{place}/try.db", tables)


class Random(env.TestCase):
    """The cases are made below: a block of seeds each."""

    def setUp(self):
        super().setUp()
        kinds = [(style, lock) for style in STYLES for lock in (True, False)]
        self.templates = {kind: self.template(*kind) for kind in kinds}

    def template(self, style, lock):
        """A remote and the clone of one person, who counts in this way."""
        place = f"template-{style}-{lock}"
        remote = self.repo(f"{place}/remote.git", "--bare", "-b", "main", "--template=")
        repo = self.repo(f"{place}/Ana", "--template=")  # hundreds of copies are made
        repo.project()
        first, second = {"hash": ("aaa1", "bbb2"), "stem": ("001_start", "002_more"),
                         "bare": ("001", "002")}[style]
        files = {"bare": ("001_start.py", "002_more.py")}.get(style, (None, None))
        for id, parent, token, file in ((first, None, "start", files[0]), (second, first, "more", files[1])):
            table = f'op.create_table("t_{token}", sa.Column("id", sa.Integer()))'
            repo.migration(id, parent, table, f'op.drop_table("t_{token}")', file=file)
        repo.onehead("install", *([] if lock else ["--no-lock"]))
        repo.commit("start")
        repo.git("remote", "add", "origin", "../remote.git")
        repo.git("push", "-q", "-u", "origin", "main")
        repo.git("remote", "set-head", "origin", "main")
        return self.home.path / place

    def run_block(self, seeds):
        for seed in seeds:
            with self.subTest(seed=seed):
                _ends[self.run_seed(seed)] += 1

    def run_seed(self, seed):
        world = World(self, seed, self.templates)
        try:
            world.start()
            for _ in range(world.random.randint(3, 12)):
                world.step()
            end = world.meet()
            if end == "met" and seed % 5 == 0:
                world.alembic()
            return end
        except Exception:
            if ONE:
                print(f"what git said last: {world.said}")
                shutil.copytree(world.place, f"/tmp/onehead-{seed}", symlinks=True)
            raise
        finally:
            world.store.close()
            shutil.rmtree(world.place)


def _case(seeds):
    return lambda self: self.run_block(seeds)


for _from in [int(ONE)] if ONE else range(0, SEEDS, BLOCK):
    _seeds = range(_from, _from + (1 if ONE else BLOCK))
    setattr(Random, f"test_seeds_{_from:05d}", _case(_seeds))


class Ends(unittest.TestCase):
    def test_zz_most_meet(self):
        """A history that stops tells nothing of the end."""
        if not ONE and sum(_ends.values()) == SEEDS:
            self.assertGreater(_ends["met"], SEEDS * 0.8, _ends)
            never = {step.__name__ for step, _ in World.STEPS} - set(_done)
            self.assertEqual(never, set(), _done)


if __name__ == "__main__":
    unittest.main()
