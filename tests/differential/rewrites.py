#!/usr/bin/env python3
"""Migrations that say other ids, judged by CPython and by real Alembic.

usage: rewrites.py DIRECTORY-OF-dump_rewrite [COUNT] [SEED] [PYTHON...]

Every PYTHON has an Alembic of its own; without any: this one, that of build/venv and the system's,
where they have one.

Files: migrations in random forms, and every one of repos-fixtures/golden, say another id, other
parents, and other dependencies. CPython's ast then sees the same program but for these values and
the docstring; the bytes outside of them, and all comments, are the same; Alembic loads what was
wanted. What is plain may not be refused.

Projects: one of two lines that fork moves on top of the other, with the next numbers where they
count: Alembic sees one head and the two lines in a row, and nothing else has changed.

Histories: each side of each merge in repos-fixtures/incidents counts or does not, as its project
does, and what was numbered is above what was there.
"""
import ast
import collections
import contextlib
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import tokenize
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "repos-fixtures"
IDENTIFIERS = ("revision", "down_revision", "branch_labels", "depends_on")
IDS = ["0001_restart", "0042", "56f6544da217", "a", "it's", 'q"q', "a b", "\\", "{x}", "\u00e9\u65e5",
       "#1", "x" * 40, "\x1b[1m", "None", "%s", "p1", "p2", "p3", "p4", "0300e_x"]
PLAIN = re.compile(r"[ -~]*")


class Dump:
    def __init__(self, directory):
        self.process = subprocess.Popen(
            [os.path.join(directory, "dump_rewrite")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, lines, question):
        for word, *values in [*lines, [question]]:
            words = [v.encode() if isinstance(v, str) else v for v in values]
            line = " ".join([word, *(w.hex() or "-" for w in words)])
            self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().split()

    def rewrite(self, raw, id_=None, parents=None, renames=(), path="m/versions/a.py"):
        """(bytes, None), or (None, why not)."""
        lines = [("file", path, raw), *(("rename", a, b) for a, b in renames)]
        lines += [("id", id_)] if id_ else []
        lines += [("parents", *parents)] if parents is not None else []
        kind, text = self.ask(lines, "rewrite")
        assert kind in ("ok", "refused"), kind
        text = bytes.fromhex(text)
        return (text, None) if kind == "ok" else (None, text.decode())

    def is_sequential(self, migrations):
        return self.ask([("taken", *m) for m in migrations], "sequential") == ["1"]

    def number(self, taken, moved):
        lines = [("taken", *m) for m in taken] + [("moved", *m, "d") for m in moved]
        words = [bytes.fromhex(w).decode() for w in self.ask(lines, "number")]
        return list(zip(words[::2], words[1::2]))


# Random migration files. A form that may be refused says so in `odd`.


class Form:
    def __init__(self, r, id_=None, parents=None):
        self.r = r
        self.odd = False  # may be refused, whatever is wanted
        self.commented = False  # may be refused where the number of parents changes
        self.id, self.parents, self.depends_on, self.labels = id_, parents, [], []
        if not id_:
            self.id = r.choice(IDS)
            self.parents = r.sample([i for i in IDS if i != self.id], r.choice([0, 1, 1, 1, 2, 2, 3]))
            self.depends_on = r.choice([[], [], ["x"], ["x", "label"], ["label", "y", "x"]])
            self.labels = r.choice([[], [], ["l1"], ["l1", "l2"]])
        self.encoding = r.choice(["utf-8"] * 8 + ["latin-1"])
        self.text = self.make()
        if r.random() < 0.2:
            self.text = self.text.replace("\n", "\r\n")
        cookie = "# -*- coding: latin-1 -*-\n" if self.encoding == "latin-1" else ""
        self.raw = (cookie + self.text).encode(self.encoding)
        if self.encoding == "utf-8" and r.random() < 0.1:
            self.raw = b"\xef\xbb\xbf" + self.raw

    def literal(self, text):
        r, q = self.r, self.r.choice(["'", '"', "'", '"', '"""', "'''"])
        if len(text) > 1 and r.random() < 0.08:
            gap = r.choice([" ", "", " \\\n  "])
            return self.literal(text[:1]) + gap + self.literal(text[1:])
        if PLAIN.fullmatch(text) and not set(text) & set("\\'\"{}"):
            return r.choice(["", "", "", "", "u", "r", "R", "f"]) + q + text + q
        body = "".join(self.character(c, q[0]) for c in text)
        return q + body + q

    def character(self, c, q):
        if c in "\\" + q:
            return "\\" + c
        if c < " " or (c > "~" and (self.encoding != "utf-8" or self.r.random() < 0.3)):
            return "\\u%04x" % ord(c)
        return c

    def wrapped(self, text):
        kind = self.r.random()
        if kind < 0.7:
            return text
        if kind < 0.85:
            return self.r.choice(["(%s)", "((%s))", "(\n    %s\n)", "( %s )"]) % text
        return "(\n    # a comment 'x'\n    %s  # c\n)" % text

    def display(self, ids, kind):
        r = self.r
        items = [self.literal(i) for i in ids]
        if r.random() < 0.3:
            self.commented = True
            inside = "\n    # first\n" + "".join("    %s,  # %d\n" % (t, n) for n, t in enumerate(items))
        elif r.random() < 0.4:
            inside = "\n" + "".join("    %s,\n" % t for t in items)
        else:
            inside = r.choice([", ", ",", " , "]).join(items)
            inside += "," if r.random() < 0.2 or (len(items) == 1 and kind == "(") else ""
        return kind + inside + {"(": ")", "[": "]", "{": "}"}[kind]

    def several(self, ids):
        if not ids:
            return self.wrapped(self.r.choice(["None", "None", "()", "[]", "(None,)"]))
        if len(ids) == 1 and self.r.random() < 0.7:
            return self.wrapped(self.literal(ids[0]))
        kind = self.r.choice("(((([[{")
        if kind == "{" and len(ids) == 1:
            kind = "["  # older versions of Alembic fail over a set of one
        text = self.display(ids, kind)
        if kind == "(" and "\n" not in text and self.r.random() < 0.2:
            return text[1:-1]
        return self.wrapped(text)

    def docstring(self):
        r = self.r
        if any(not PLAIN.fullmatch(i) or "\\" in i or '"' in i for i in [self.id, *self.parents]):
            return r.choice(["", '"""a title"""\n'])
        said = ", ".join(self.parents) or r.choice(["", "None"])
        lines = ["Revision ID: " + self.id, "Revises: " + said, "Create Date: 2026-01-10 18:21:32.978882"]
        if r.random() < 0.3:
            lines = ["Revision ID: other", "Revises: another", "Revises %s" % said]
        if len(self.parents) > 1:
            lines += ["", "Reconciles:", *("- %s: title" % p for p in self.parents)]
        if r.random() < 0.1:
            lines = ["    " + line for line in lines]
        title = r.choice(["", "a title about %s\n" % self.id, "\u00fcber\n" if self.encoding == "utf-8" else "t\n"])
        return r.choice(["", "", "r", "u"]) + '"""%s\n%s\n\n"""\n' % (title, "\n".join(lines))

    def statements(self):
        r = self.r
        note = r.choice(["", "", ": str"])
        notes = r.choice(["", "", ": Union[str, Sequence[str], None]", ": str | None"])
        equals = r.choice([" = ", " = ", "=", " =  "])
        kind = r.random()
        if kind < 0.08 and len(self.parents) == 1:
            return ["revision, down_revision = %s, %s" % (self.literal(self.id), self.literal(self.parents[0]))]
        if kind < 0.12:
            self.odd = True
            down = self.several(self.parents)
            return r.choice([
                ["PARENT = " + down, "revision = " + self.literal(self.id), "down_revision = PARENT"],
                ["OWN = " + self.literal(self.id), "revision = OWN", "down_revision = " + down],
                ["revision = " + self.literal(self.id), "x = down_revision = " + down],
            ])
        lines = ["revision" + note + equals + self.wrapped(self.literal(self.id)),
                 "down_revision" + notes + equals + self.several(self.parents)]
        if r.random() < 0.1:
            lines.insert(0, "# revision = 'no'\n# down_revision = ('no', 'never')")
        if kind > 0.95 and not any("\n" in line for line in lines):
            lines = ["; ".join(lines)]
        return lines

    def options(self):
        if not self.depends_on and not self.labels and self.r.random() < 0.4:
            return [self.r.choice(["branch_labels = depends_on = None", "branch_labels = None\ndepends_on = None", ""])]
        return ["branch_labels = " + self.several_labels(self.labels),
                "depends_on = " + self.several_labels(self.depends_on)]

    def several_labels(self, names):
        commented = self.commented
        text = self.several(names) if names else "None"
        self.commented = commented
        return text

    def make(self):
        r = self.r
        imports = "from typing import Sequence, Union\n" + r.choice(["from alembic import op\n", "", "import sys\n"])
        statements = self.statements()
        options = self.options()
        body = r.choice(["pass", "op.drop_table(%s)" % self.literal(self.id), "op.execute('x' + revision)",
                         "pass  # " + ("a" if self.encoding == "latin-1" else self.parents[0] if self.parents
                                       and self.parents[0].isprintable() else "b")])
        order = [*statements, *options] if r.random() < 0.8 else [*options, *statements]
        trailing = r.choice(["", "  # c", "  # revision = 'z'"])
        if trailing and not order[-1].startswith("#") and order[-1]:
            order[-1] += trailing
        return (self.docstring() + imports + "\n# identifiers\n"
                + "\n".join(order) + "\n\n\ndef upgrade():\n    %s\n\n\ndef downgrade():\n    pass\n" % body)

    def may_be_refused(self, wanted):
        if self.odd:
            return True
        changes = len(wanted) < len(self.parents) or not self.parents or not wanted
        return self.commented and changes and wanted != self.parents


# What CPython and Alembic see.


def line_starts(raw):
    starts = [0]
    for m in re.finditer(rb"\r\n|\r|\n", raw):
        starts.append(m.end())
    return starts


class Seen:
    """A file as ast has it: values, the places of what may change, and the rest of the tree."""

    def __init__(self, raw):
        self.raw = raw
        latin = b"coding: latin-1" in raw
        self.bom = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
        text = raw.decode("latin-1" if latin else "utf-8-sig")
        self.tree = ast.parse(raw)
        self.lines = line_starts(raw)
        self.text_lines = text.splitlines(keepends=True) if latin else None
        self.spans, self.values = [], {}
        for node in self.tree.body:
            self.take(node)
        self.docstring = ast.get_docstring(self.tree, clean=False)
        if self.docstring is not None:
            node = self.tree.body[0].value
            self.spans.append(self.place(node))
            node.value = ""
        self.spans.sort()
        names = tokenize.tokenize(io.BytesIO(raw).readline)
        self.comments = [t.string for t in names if t.type == tokenize.COMMENT]

    def place(self, node):
        def at(line, column):
            if not self.text_lines:
                return self.lines[line - 1] + column + (self.bom if line == 1 else 0)
            line_text = self.raw[self.lines[line - 1]:].split(b"\n")[0].decode("latin-1")
            return self.lines[line - 1] + len(line_text.encode()[:column].decode())

        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)

    def take(self, node):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and target.id in IDENTIFIERS:
                self.note(target.id, value)
                if all(isinstance(t, ast.Name) and t.id in IDENTIFIERS for t in targets):
                    node.value = value if isinstance(value, ast.Name) else ast.Constant(None)
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for name, part in zip(target.elts, value.elts):
                    self.note(name.id, part)
                node.value = ast.Constant(None)

    def note(self, name, value):
        with contextlib.suppress(ValueError):
            self.values[name] = ast.literal_eval(value)
        if self.place(value) not in self.spans:
            self.spans.append(self.place(value))

    def unwrapped(self, start, end):
        """A tuple's parentheses may be those that stood around what it was before."""
        while (m := re.search(rb"\(\s*$", self.raw[:start])) and (n := re.match(rb"\s*\)", self.raw[end:])):
            start, end = m.start(), end + n.end()
        return start, end

    def outside(self):
        at, out = 0, []
        for start, end in (self.unwrapped(*span) for span in self.spans):
            out.append(self.raw[at:start])
            at = end
        return [*out, self.raw[at:]]


def judge_docstring(before, after):
    if before is None or after is None:
        assert before is after
        return
    old, new = before.split("\n"), after.split("\n")
    assert len(old) == len(new), (old, new)
    listed = False
    for a, b in zip(old, new):
        listed |= a.strip() == "Reconciles:"
        head = re.match(r"\s*(Revision ID:|Revises:)", a)
        if a != b and head:
            assert b.startswith(head[0]), (a, b)
        elif a != b:
            assert listed and a.lstrip().startswith("- "), (a, b)
            assert a.split(": ")[1:] == b.split(": ")[1:], (a, b)


def judge_followed(form, want, after):
    """The lines that said the old values say the new ones, where these are plain."""
    if not form.id.isprintable() or after.docstring is None or "Revision ID: " + form.id not in form.text:
        return
    lines = [line.strip() for line in after.docstring.split("\n")]
    if "\\" not in want["id"] and '"' not in want["id"] and want["id"].isprintable() and want["id"].isascii():
        assert "Revision ID: " + want["id"] in lines, lines
    if all(p.isprintable() and p.isascii() and not set(p) & set('\\"') for p in want["parents"]):
        said = ", ".join(want["parents"])
        assert ("Revises: " + said).strip() in lines or "Revises: None" in lines and not said, lines


def strings(value):
    if value is None or value == (None,):
        return []
    return [value] if isinstance(value, str) else list(dict.fromkeys(value))


def same(ids, wanted, raw):
    """Sets have no order for Alembic."""
    ids = strings(ids)
    return ids == wanted or (b"{" in raw and sorted(ids) == sorted(wanted))


def load(script, raw):
    from alembic.script import Script

    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "a.py")
        Path(path).write_bytes(raw)
        if hasattr(Script, "_from_path"):
            return Script._from_path(script, path)
        return Script._from_filename(script, directory, "a.py")


def judge_file(script, raw, result, want, form=None):
    before, after = Seen(raw), Seen(result)
    assert ast.dump(before.tree) == ast.dump(after.tree), "another program"
    assert before.outside() == after.outside(), "bytes outside of the values"
    assert before.comments == after.comments, "comments"
    judge_docstring(before.docstring, after.docstring)
    if form:
        judge_followed(form, want, after)
    seen = load(script, result)
    assert seen.revision == want["id"], seen.revision
    assert same(seen.down_revision, want["parents"], result), (seen.down_revision, want)
    assert same(seen.dependencies, want["depends_on"], result), (seen.dependencies, want)
    assert seen._orig_branch_labels == load(script, raw)._orig_branch_labels


def renamed(ids, renames):
    table = dict(renames)
    return list(dict.fromkeys(table.get(i, i) for i in ids))


def random_want(r, form):
    free = [i for i in [*IDS, "n1", "n2"] if i not in form.parents and i != form.id]
    id_ = form.id if r.random() < 0.3 else r.choice(free)
    parents = list(form.parents)
    if r.random() < 0.5 and parents:
        parents[r.randrange(len(parents))] = r.choice([i for i in free if i != id_])
    elif r.random() < 0.8:
        choice = [i for i in [*free, *form.parents] if i != id_]
        parents = r.sample(choice, r.choice([0, 1, 1, 2, 2, 3]))
    renames = [("x", r.choice(["n3", "y"]))] if r.random() < 0.5 else []
    renames += [(old, new) for old, new in zip(form.parents, parents) if old != new]
    return {"id": id_, "parents": parents, "renames": renames,
            "depends_on": renamed(form.depends_on, renames)}


def test_files(dump, script, count, r):
    failed = refused = 0
    reasons = collections.Counter()
    for number in range(count):
        form = Form(r)
        want = random_want(r, form)
        result, why = dump.rewrite(form.raw, want["id"], want["parents"], want["renames"])
        try:
            same, _ = dump.rewrite(form.raw, form.id, form.parents)
            assert same == form.raw, "nothing was to change"
            if result is None:
                assert form.may_be_refused(want["parents"]), "refused: " + why
                refused += 1
                reasons[re.sub(r"^[^ ]* ", "", why)] += 1
            else:
                judge_file(script, form.raw, result, want, form)
        except Exception as e:
            failed += 1
            print("%d: %s: %s\n  %r\n  %r\n%s\n%s" % (number, type(e).__name__, e, want, why,
                  form.raw.decode(form.encoding), (result or b"").decode(form.encoding)))
    print("  %d files, %d of them refused, %d wrong" % (count, refused, failed))
    for why, times in reasons.most_common():
        print("    %d: %s" % (times, why))
    return failed


def test_golden(dump, script):
    failed = count = 0
    for path in sorted((FIXTURES / "golden").rglob("versions/*.py")):
        raw = path.read_bytes()
        said = load(script, raw)
        for parents in (["n1"], ["n1", "n2"], []):
            want = {"id": "0099_new", "parents": parents, "depends_on": strings(said.dependencies)}
            result, why = dump.rewrite(raw, "0099_new", parents)
            count += 1
            try:
                assert result is not None, why
                judge_file(script, raw, result, want)
            except Exception as e:
                failed += 1
                print("%s: %s: %s" % (path, type(e).__name__, e))
    assert count > 100, count
    print("  %d rewritings of repos-fixtures/golden, %d wrong" % (count, failed))
    return failed


# Projects: two lines, one of which moves.


def file_of(r, id_, parent):
    while True:
        form = Form(r, id_, [parent] if parent else [])
        if not form.odd:
            return form.raw


def names_of(style, number, word):
    id_, name = {
        "stem": ("%04d_%s", "%04d_%s"),
        "three": ("%03d_%s", "%03d_%s"),
        "bare": ("%d", "%d_%s"),
        "wide": ("%05d", "%05d_%s"),
        "trailing": ("%04d_%s", "%04d_%s_"),
        "dated": ("%04d", "2026_01_%04d_%s"),
        "alone": ("%03d", "%s"),
    }[style]
    values = {"d": number, "s": word}
    fill = lambda text: re.sub(r"%(\d*)([ds])", lambda m: ("%" + m[1] + m[2]) % values[m[2]], text)
    return fill(id_), "m/versions/%s.py" % (fill(name) if "%s" in name else fill(name) + word)


class Project:
    def __init__(self, r):
        self.r = r
        self.style = r.choice(["stem", "three", "bare", "wide", "trailing", "dated", "alone"])
        start = r.choice([1, 1, 1, 8, 97])
        self.words = iter(range(100))
        self.base = self.line(start, r.randint(2, 5), None)
        last = self.base[-1]
        clash = self.style not in ("bare", "wide", "dated", "alone")  # equal ids are another matter
        self.theirs = self.line(start + len(self.base), r.randint(1, 3), last)
        self.all_count = clash or r.random() < 0.5
        if self.all_count:
            skip = 0 if clash else len(self.theirs)
            self.ours = self.line(start + len(self.base) + skip, r.randint(1, 3), last)
        else:
            self.ours = self.hashed(r.randint(1, 3), last)

    def line(self, number, count, parent):
        out = []
        for n in range(number, number + count):
            id_, path = names_of(self.style, n, "w%d" % next(self.words))
            out.append((id_, path, file_of(self.r, id_, parent and parent[0]), parent and parent[0]))
            parent = out[-1]
        return out

    def hashed(self, count, parent):
        out = []
        for _ in range(count):
            id_ = "%012x" % self.r.getrandbits(48)
            path = "m/versions/%s_w%d.py" % (id_, next(self.words))
            out.append((id_, path, file_of(self.r, id_, parent[0]), parent[0]))
            parent = out[-1]
        return out


def facts(migrations):
    return [(id_, path, *([parent] if parent else [])) for id_, path, _, parent in migrations]


def judge_project(dump, project):
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    taken = project.base + project.theirs
    assert dump.is_sequential(facts(taken + project.ours)), "does not count"
    names = dump.number(facts(taken), [m[:2] for m in project.ours])
    parent, moved = project.theirs[-1][0], []
    renames = [(old[0], new[0]) for old, new in zip(project.ours, names)]
    for (_, path, raw, _), (id_, new_path) in zip(project.ours, names):
        result, why = dump.rewrite(raw, id_, [parent], renames, path)
        assert result is not None, why
        assert Seen(raw).outside() == Seen(result).outside()
        moved.append((id_, new_path, result, parent))
        parent = id_
    ids = [m[0] for m in taken + moved]
    assert len(set(ids)) == len(ids) == len({m[1] for m in taken + moved}), "a name twice"
    assert dump.is_sequential(facts(taken + moved)), "does not count any more"
    if project.all_count:
        numbers = [int(re.match(r"\d+", i)[0]) for i in ids]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), ids
        assert all(names_of(project.style, n, re.search(r"w\d+", m[1])[0]) == m[:2]
                   for n, m in zip(numbers, taken + moved)), ids
    with tempfile.TemporaryDirectory() as directory:
        os.makedirs(directory + "/m/versions")
        Path(directory, "m/env.py").write_text("")
        for _, path, raw, _ in taken + moved:
            Path(directory, path).write_bytes(raw)
        config = Config()
        config.set_main_option("script_location", directory + "/m")
        script = ScriptDirectory.from_config(config)
        assert script.get_heads() == [ids[-1]], script.get_heads()
        assert [s.revision for s in script.walk_revisions()] == ids[::-1]


def test_projects(dump, count, r):
    failed = 0
    for number in range(count):
        project = Project(r)
        try:
            judge_project(dump, project)
        except Exception as e:
            failed += 1
            print("%d: %s: %s" % (number, type(e).__name__, e))
            for m in project.base + project.theirs + project.ours:
                print("  %r" % (m,))
    print("  %d projects, %d wrong" % (count, failed))
    return failed


# Histories as they were.


def sides_of(revs, incident):
    base = {p: revs[k] for p, k in incident["base"].items() if k and revs[k]["rev"]}
    sides = {"base": base}
    for side in ("ours", "theirs"):
        new = {p: revs[k] for p, k in incident[side].items() if k and revs[k]["rev"]}
        sides[side] = {**base, **new}
    sides["both"] = {**sides["ours"], **sides["theirs"]}
    return {side: [(r["rev"], p, *strings(r["down"])) for p, r in sorted(files.items())]
            for side, files in sides.items()}


def test_histories(dump, name, counts):
    failed = graphs = 0
    with gzip.open(FIXTURES / "incidents" / (name + ".jsonl.gz"), "rt") as f:
        revs = json.loads(f.readline())["revs"]
        incidents = [json.loads(line) for line in f]
    for incident in incidents:
        sides = sides_of(revs, incident)
        for side, migrations in sides.items():
            graphs += 1
            if dump.is_sequential(migrations) != counts:
                failed += 1
                print("%s, %s: counts: %s" % (incident["merge"], side, not counts))
        moved = [m[:2] for m in sides["ours"] if m not in sides["base"]]
        new = dump.number(sides["theirs"], moved) if moved else []
        highest = max((int(m[0][:4]) for m in sides["theirs"] if re.match(r"\d{4}_", m[0])), default=0)
        for (old, _), (id_, path) in zip(moved, new):
            good = id_ == old if not counts else int(id_[:4]) > highest and id_[4:] == old[4:] and id_ in path
            highest = int(id_[:4]) if counts else 0
            if not good:
                failed += 1
                print("%s: %s became %s, %s" % (incident["merge"], old, id_, path))
    print("  %s: %d graphs of %d merges, %d wrong" % (name, graphs, len(incidents), failed))
    return failed or not graphs


def main_of_one(directory, count, seed):
    import alembic
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True
    dump, r = Dump(directory), random.Random(seed)
    print("alembic %s:" % alembic.__version__)
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(root + "/m/versions")
        config = Config()
        config.set_main_option("script_location", root + "/m")
        script = ScriptDirectory(root + "/m")
        failed = test_files(dump, script, count, r)
        failed += test_golden(dump, script)
    failed += test_projects(dump, count // 5, r)
    failed += test_histories(dump, "sequential", True)
    failed += test_histories(dump, "hex", False)
    return failed


def pythons_with_alembic():
    venv = os.path.join(os.environ.get("ONEHEAD_BUILD", "build"), "venv/bin/python")
    found = [p for p in dict.fromkeys([sys.executable, os.path.abspath(venv), "/usr/bin/python3"])
             if os.path.exists(p)]
    return [p for p in found if subprocess.run([p, "-c", "import alembic"],
                                               stderr=subprocess.DEVNULL).returncode == 0]


def main():
    directory = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if os.environ.get("ONE_ALEMBIC"):
        sys.exit(1 if main_of_one(directory, count, seed) else 0)
    pythons = sys.argv[4:] or pythons_with_alembic()
    codes = [subprocess.run([python, "-B", __file__, directory, str(count), str(seed)],
                            env={**os.environ, "ONE_ALEMBIC": "1"}).returncode for python in pythons]
    sys.exit(1 if any(codes) or not codes else 0)


main()
