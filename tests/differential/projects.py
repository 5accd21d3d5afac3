#!/usr/bin/env python3
"""Random Alembic projects on disk: what the adapter reads against what Alembic itself does.

usage: projects.py DIRECTORY-OF-dump_project [COUNT] [SEED] [PYTHON...]

Configurations in ini and TOML with every way to name directories, and migration files in every
form, some broken, some computed. Each PYTHON has an Alembic of its own; without any: this one's,
and that of build/venv. Where Alembic finds a script directory, the adapter finds the same one with
the same version directories, or says that it can't know. Of each file: where Alembic takes it, the
adapter reads the same values or says that they are computed; where Alembic fails, so does it.
"""
import contextlib
import io
import os
import random
import subprocess
import sys
import tempfile
import warnings


def literal(r, text):
    q = r.choice(["'", '"', '"""', "'''"])
    body = "".join({"\\": "\\\\", "\n": "\\n"}.get(c, "\\" + c if c in "'\"" else c) for c in text)
    if r.random() < 0.1 and len(text) > 1:
        return literal(r, text[:1]) + " " + literal(r, text[1:])
    if r.random() < 0.1:
        return r.choice("ru") + q + body + q if "\\" not in body else q + body + q
    return q + body + q


def wrapped(r, text):
    return r.choice([text, text, text, "(%s)" % text, "(\n    %s  # c\n)" % text, "( # c\n%s\n)" % text])


def several(r, ids):
    body = r.choice([", ", ",\n  ", ", # c\n  "]).join(literal(r, i) for i in ids)
    if not ids:
        return r.choice(["None", "()", "[]", "( )", "(None,)", "None  # base"])
    if len(ids) == 1 and r.random() < 0.7:
        return wrapped(r, literal(r, ids[0]))
    return r.choice(["(%s,)" if len(ids) == 1 else "(%s)", "[%s]", "[%s,]", "(\n%s,\n)"]) % body


COMPUTED = ["down_revision = 'a' + 'b'", "down_revision = f'{revision}x'", "down_revision = str('a')",
            "if True:\n    down_revision = 'a'", "for down_revision in ['a']:\n    pass",
            "try:\n    down_revision = 'a'\nexcept Exception:\n    pass", "down_revision = ('a' 'b',)[0]",
            "import os.path as down_revision\ndown_revision = 'q'", "down_revision = 'a'\ndel down_revision\ndown_revision = 'b'",
            "down_revision = tuple(['a'])", "down_revision = 'a' if revision else 'b'",
            "with open(__file__):\n    down_revision = 'a'",
            "down_revision = 'a'\ndef f():\n    global down_revision\n    down_revision = 'b'\nf()",
            "[down_revision := 'a']", "down_revision, x = 'ab'", "*down_revision, x = ['a', 'b']",
            "class down_revision: pass", "lambda down_revision: 1\ndown_revision = 'ok'"]
BROKEN = ["down_revision = 'a", "down_revision = (", "<<<<<<< HEAD\ndown_revision = 'a'\n=======\n",
          "down_revision = 1 +", "  down_revision = 'a'\n pass", "down_revision = \\ 'a'", "x = '''"]
REFUSED = ["", "down_revision = 12", "down_revision = ('a', None)", "down_revision = b'a'"]


def migration_text(r, number):
    rev = r.choice(["%012x" % r.getrandbits(48), "%04d_add_x" % number, "r%d" % number, "a b%d" % number,
                    "\u00e9%d" % number, "q'%d" % number, 'q"%d' % number])
    downs = r.sample(["p1", "p2", "0003_x", "\u00e9", "a'b"], r.choice([0, 1, 1, 1, 2, 3]))
    note = r.choice(["", "", ": str", ": 'str'"])
    lines = [r.choice(["", '"""title\n\nRevision ID: x\nRevises: y\n"""', "# -*- coding: utf-8 -*-", "'t'",
                       "from typing import Union, Sequence", "#!/usr/bin/python\n\n"])]
    rev_line = "revision%s = %s" % (note, wrapped(r, literal(r, rev)))
    kind = r.random()
    if kind < 0.7:
        down_line = "down_revision%s = %s" % (r.choice(["", ": 'Union[str, None]'"]), several(r, downs))
    elif kind < 0.85:
        down_line = r.choice(COMPUTED)
    elif kind < 0.92:
        down_line = r.choice(BROKEN)
    elif kind < 0.95:
        down_line = "PARENT = %s\ndown_revision = PARENT" % literal(r, "p1")
    else:
        down_line = r.choice(REFUSED)
    if r.random() < 0.05:
        rev_line = r.choice(["", "revision = None", "revision = 'a-b'", "revision = 'a@b'", "revision = str(7)"])
    if "\n" not in rev_line + down_line and note == "" and kind < 0.5 and r.random() < 0.1 and rev_line:
        lines.append("revision, down_revision = %s, %s" % (literal(r, rev), literal(r, "p1")))
    elif r.random() < 0.05 and "\n" not in rev_line + down_line:
        lines.append(rev_line + "; " + down_line)
    else:
        if r.random() < 0.1:
            lines.append("# revision = 'no'\n# down_revision = 'no'")
        lines += [rev_line, down_line]
    lines.append(r.choice(["branch_labels = None\ndepends_on = None", "branch_labels = depends_on = None", "",
                           "branch_labels = ('l%d',)\ndepends_on = %s" % (number, several(r, ["p9"])),
                           "branch_labels = %s" % literal(r, "x%d" % number), "depends_on = ['d1', 'd2']"]))
    lines.append("\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n")
    text = "\n".join(lines)
    if r.random() < 0.2:
        text = text.replace("\n", "\r\n")
    return ("\ufeff" if r.random() < 0.05 and "coding" not in text else "") + text


FILE_NAMES = ["%d_x.py", "%x.py", "a%d.py", "__init__%d.py", ".#%d.py", ".h%d.py", "n%d.txt", "m%d.py~",
              "f%d.py", "g%d.py", "\u00e9%d.py", "sp ace%d.py"]
DIRECTORIES = ["db", "db/versions", "db/other", "src/pkg/mig", "src/pkg/mig/versions", "lib", "db/versions/sub",
               "a b", "pkg/m", "deep/er/db/versions"]


def ini_text(r):
    locations = ["%(here)s/db", "db", "./db", "src/pkg/mig", "pkg:m", "%(base)s/db", "gone", "%(nothing)s/db",
                 "db/../db", "%(here)s/db/../db", "pkg.none:x"]
    lists = ["%(here)s/db/versions", "db/other", "lib", "gone", "%(here)s/db//./other/", "a b"]
    separator = r.choice(["", "", "os", "space", "newline", ":", ";", "wrong"] if r.random() < 0.5 else [""])
    joint = {"os": ":", "": r.choice([" ", ", ", ","]), "space": " ", "newline": "\n    "}.get(separator, separator)
    out = ["[DEFAULT]\nbase = %(here)s\n"] if r.random() < 0.2 else []
    out.append("[alembic]")
    out.append("script_location %s %s" % (r.choice("=:"), r.choice(locations[:5] if r.random() < 0.8 else locations)))
    if r.random() < 0.5:
        out.append("version_locations = " + joint.join(r.choice(lists) for _ in range(r.randint(1, 3))))
    if separator:
        out.append(r.choice(["path_separator", "version_path_separator"]) + " = " + separator)
    if r.random() < 0.3:
        out.append("recursive_version_locations = " + r.choice(["true", "True", "false", "1"]))
    if r.random() < 0.3:
        out.append("file_template = %%(year)d_%%(rev)s")
    if r.random() < 0.2:
        out.append("prepend_sys_path = " + r.choice([".", "src", ". src"]))
    if r.random() < 0.2:
        out.append("truncate_slug_length = " + r.choice(["20", " 7 ", "x"]))
    return "\n".join(out) + "\n[loggers]\nkeys = root\n"


def toml_text(r):
    out = ["[project]\nname = 'x'\n[tool.alembic]"]
    if r.random() < 0.9:
        out.append("script_location = '%s'" % r.choice(["%(here)s/db", "db", "src/pkg/mig", "pkg:m", "gone"]))
    if r.random() < 0.5:
        out.append("version_locations = [%s]" % ", ".join(
            "\"%s\"" % r.choice(["%(here)s/db/versions", "db/other", "lib", "gone"]) for _ in range(r.randint(1, 3))))
    if r.random() < 0.3:
        out.append("recursive_version_locations = " + r.choice(["true", "false"]))
    if r.random() < 0.3:
        out.append("file_template = \"%%(rev)s\"")
    return "\n".join(out) + "\n"


def make_project(r, root):
    for directory in r.sample(DIRECTORIES, r.randint(2, len(DIRECTORIES))):
        os.makedirs(os.path.join(root, directory), exist_ok=True)
    for where in [d for d, _, _ in os.walk(root)]:
        with open(os.path.join(where, "keep.txt"), "w"):
            pass  # git has no empty directories
        for _ in range(r.randint(0, 8) if where != root else 0):
            number = r.randint(0, 9999)
            with open(os.path.join(where, r.choice(FILE_NAMES) % number), "w", newline="", encoding="utf-8") as f:
                f.write(migration_text(r, number))
    configs = []
    kind = r.random()
    if kind < 0.8:
        configs.append("alembic.ini")
        with open(os.path.join(root, "alembic.ini"), "w") as f:
            f.write(ini_text(r))
    if kind > 0.6:
        configs.append("pyproject.toml")
        with open(os.path.join(root, "pyproject.toml"), "w") as f:
            f.write(toml_text(r))
    return configs


def hexed(text):
    return text.encode().hex() or "-"


def plain(word):
    return "" if word == "-" else bytes.fromhex(word).decode()


class Dump:
    def __init__(self, directory):
        self.process = subprocess.Popen([os.path.join(directory, "dump_project")], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, root, configs):
        print(*map(hexed, [root, *configs]), file=self.process.stdin, flush=True)
        out = {"locations": [], "unreadable": {}, "migrations": {}, "templates": []}
        for line in iter(self.process.stdout.readline, ".\n"):
            word = line.split()
            if word[0] == "error":
                raise AssertionError(line)
            if word[0] == "location":
                out["locations"].append((plain(word[2]), []))
                out["templates"].append((plain(word[4]), int(word[5])))
            elif word[0] == "versions":
                out["locations"][-1][1].append(plain(word[1]))
            elif word[0] == "migration":
                m = (plain(word[2]), [], [], [])
                out["migrations"][plain(word[1])] = m
            elif word[0] == "unreadable":
                out["unreadable"].setdefault(plain(word[1]), []).append((word[2] == "1", plain(word[3])))
            else:
                m[{"parent": 1, "needs": 2, "label": 3}[word[0]]].append(plain(word[1]))
        return out


def strings(value):
    if value is None:
        return []
    if value == (None,):
        return []
    return [value] if isinstance(value, str) else list(dict.fromkeys(value))


def alembic_directory(root, configs):
    """(ScriptDirectory, None) or (None, why)."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    import alembic

    new = tuple(map(int, alembic.__version__.split(".")[:2])) >= (1, 16)
    ini = os.path.join(root, "alembic.ini")
    try:
        if new:
            config = Config(ini if "alembic.ini" in configs else os.path.join(root, "none.ini"),
                            os.path.join(root, "pyproject.toml"))
        else:
            config = Config(ini)
        return ScriptDirectory.from_config(config), None
    except Exception as e:
        return None, "%s: %s" % (type(e).__name__, e)


def judge_file(script, path, seen, unreadable):
    from alembic.script import Script

    directory, name = os.path.split(path)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            found = (Script._from_path(script, path) if hasattr(Script, "_from_path")
                     else Script._from_filename(script, directory, name))
        if found is None:
            assert seen is None and not unreadable, "not a migration for Alembic"
            return
        for value in (found.down_revision, found.dependencies):
            if any(not isinstance(v, str) for v in strings(value)) or not isinstance(value, (str, tuple, list, type(None))):
                raise TypeError("not strings")
    except AssertionError:
        raise
    except BaseException as e:
        assert seen is None and unreadable, "Alembic fails: %s: %s" % (type(e).__name__, e)
        return
    if seen is None:
        assert unreadable and unreadable[0][0], "Alembic takes it: %r" % (unreadable,)
        return
    expected = (found.revision, strings(found.down_revision), strings(found.dependencies),
                sorted(found._orig_branch_labels))
    assert (seen[0], seen[1], seen[2], sorted(seen[3])) == expected, (seen, expected)


def judge(root, configs, seen):
    script, why = alembic_directory(root, configs)
    if script is None:
        assert not seen["locations"] or seen["unreadable"], "Alembic fails: " + why
        return 0, 0
    said = [c for name in configs for c in seen["unreadable"].get(name, [])]
    if not seen["locations"]:
        assert any(computed for computed, _ in said), "Alembic finds %s" % script.dir
        return 0, 0
    real = lambda path: os.path.realpath(os.path.join(root, path))
    assert len(seen["locations"]) == 1, seen["locations"]
    assert os.path.realpath(script.dir) == real(seen["locations"][0][0]), (script.dir, seen["locations"])
    versions = [os.path.realpath(str(v)) for v in script._version_locations if os.path.exists(str(v))]
    ours = [real(v) for v in seen["locations"][0][1] if os.path.exists(real(v))]
    assert list(dict.fromkeys(versions)) == ours or any(c for c, _ in said), (versions, ours)
    if hasattr(script, "recursive_version_locations") or not seen["templates"][0][0]:
        assert script.file_template == (seen["templates"][0][0] or "%(rev)s_%(slug)s"), script.file_template
    files = 0
    for path in ours:
        for name in sorted(os.listdir(path)):
            full = os.path.join(path, name)
            if os.path.isfile(full):
                files += 1
                relative = os.path.relpath(full, os.path.realpath(root))
                try:
                    judge_file(script, full, seen["migrations"].get(relative), seen["unreadable"].get(relative, []))
                except AssertionError as e:
                    with open(full, encoding="utf-8", newline="") as f:
                        raise AssertionError("%s: %s\n%r" % (relative, e, f.read()))
    return 1, files


def main_of_one(directory, count, seed):
    import alembic

    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True
    dump, r, failed, graphs, files = Dump(directory), random.Random(seed), 0, 0, 0
    old = tuple(map(int, alembic.__version__.split(".")[:2])) < (1, 16)
    for number in range(count):
        with tempfile.TemporaryDirectory() as root:
            root = os.path.realpath(root)
            configs = make_project(r, root)
            if old and (configs != ["alembic.ini"] or "path_separator" in open(root + "/alembic.ini").read()):
                continue  # versions before 1.16 know no TOML, and split in an older way
            os.chdir(root)
            path = list(sys.path)
            sys.path[:0] = [root, os.path.join(root, "src")]
            for name in [n for n in sys.modules if n.split(".")[0] == "pkg"]:
                del sys.modules[name]
            try:
                seen = dump.read(root, configs)
                g, f = judge(root, configs, seen)
                graphs, files = graphs + g, files + f
            except AssertionError as e:
                failed += 1
                print("%d: %s" % (number, e))
                for config in configs:
                    print("  %s %r" % (config, open(os.path.join(root, config)).read()))
                print("  said %r" % {k: v for k, v in seen["unreadable"].items() if k in configs})
            finally:
                sys.path[:] = path
                os.chdir("/")
    print("alembic %s: %d projects, %d of them with a script directory, %d files in them, %d wrong"
          % (alembic.__version__, count, graphs, files, failed))
    return failed or not files


def main():
    directory = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if os.environ.get("ONE_ALEMBIC"):
        sys.exit(1 if main_of_one(directory, count, seed) else 0)
    pythons = sys.argv[4:] or [sys.executable]
    venv = os.path.abspath(os.path.join(os.environ.get("ONEHEAD_BUILD", "build"), "venv/bin/python"))
    if not sys.argv[4:] and os.path.exists(venv):
        pythons.append(venv)
    codes = [subprocess.run([python, "-B", os.path.abspath(__file__), directory, str(count), str(seed)],
                            env={**os.environ, "ONE_ALEMBIC": "1"}).returncode for python in pythons]
    sys.exit(1 if any(codes) else 0)


main()
