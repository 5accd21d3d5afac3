#!/usr/bin/env python3
"""The Python reader judged by CPython's ast.

usage: python_ast.py DIRECTORY-OF-dump_python [--files N] [--mutate N] [--seed S] [PATH ...]

Reads every .py file of this machine's Python library (or PATHs, or N of them), the forms of
python_forms.txt in several dresses, and N random mutations. Where ast takes a file, the reader
must agree on the docstring, the module's bindings with their values and places, every call with
its arguments, function, depth and with-scopes, the functions and the statements in them, and must
find no fault. Where ast refuses, it must only not crash. Names are compared as NFKC, which the
reader leaves to its caller.
"""
import argparse
import ast
import json
import os
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
import unicodedata
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
BIG = 1 << 60


def as_bytes(text):
    """The reader's strings are bytes, one character each."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def as_name(text):
    """One of the reader's names, as CPython would have it."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.encode("latin-1").decode("utf-8"))


class Source:
    """Places in the bytes of a file by ast's lines and columns."""

    def __init__(self, raw):
        self.raw = raw
        bom = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
        self.lines = [m.end() for m in re.finditer(rb"\r\n|\r|\n", raw)]
        self.lines.insert(0, bom)
        self.encoding = self.find_encoding()

    def find_encoding(self):
        head = re.split(rb"\r\n|\r|\n", self.raw[self.lines[0] :], maxsplit=2)[:2]
        for i, line in enumerate(head):
            if not re.match(rb"[ \t\f]*(#|$)", line):
                break
            m = re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
            if m:
                return m.group(1).decode().lower().replace("_", "-")
        return "utf-8"

    def at(self, line, column):
        start = self.lines[line - 1]
        if self.encoding.startswith("utf"):
            return start + column
        end = self.lines[line] if line < len(self.lines) else len(self.raw)
        text = self.raw[start:end].decode(self.encoding).encode("utf-8")[:column]
        return start + len(text.decode("utf-8").encode(self.encoding))

    def start(self, node):
        return self.at(node.lineno, node.col_offset)

    def end(self, node):
        return self.at(node.end_lineno, node.end_col_offset)


class Context:
    def __init__(self, **changes):
        self.function = ""
        self.depth = self.withs = 0
        self.scope = ()
        self.conditional = self.inner = False
        self.key = ()  # of the f-string's field that all this is in
        self.__dict__.update(changes)

    def but(self, **changes):
        return Context(**{**self.__dict__, **changes})

    def deeper(self):
        return self.but(depth=self.depth + 1, conditional=True)


class Judge:
    def __init__(self, raw):
        self.source = Source(raw)
        self.bindings, self.calls, self.functions, self.statements = [], [], [], []
        self.walruses = []
        tree = ast.parse(raw)
        self.docstring = None
        first = tree.body[0] if tree.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            if isinstance(first.value.value, str):
                self.docstring = self.value(first.value)
        self.block(tree.body, Context())
        self.calls = [call for _, call in sorted(self.calls, key=lambda c: c[0])]

    # Values: [kind, line, start, end, text, items, keywords, attribute]; None for what an
    # f-string's field has no reliable place for.

    def dotted(self, node):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None

    def place(self, node, inside):
        if inside:
            return [None, None, None]
        return [node.lineno, self.source.start(node), self.source.end(node)]

    def constant(self, node, inside):
        v = node.value
        if v is None or v is True or v is False:
            return str(v).lower(), ""
        if isinstance(v, str):
            return self.string(node, v, inside), as_bytes(v)
        if isinstance(v, bytes):
            return "bytes", v.decode("latin-1")
        if v is Ellipsis:
            return "other", None
        if inside:
            return "number", None
        return "number", self.source.raw[self.source.start(node) : self.source.end(node)].decode()

    def string(self, node, text, inside):
        """"string", or "string?" where the reader may leave it."""
        if inside:
            return "string?"
        written = self.source.raw[self.source.start(node) : self.source.end(node)]
        unknown = not self.source.encoding.startswith(("utf", "latin", "iso-8859-1"))
        if b"\\N{" in written or (unknown and not written.isascii()):
            return "string?"
        return "string?" if re.search("[\ud800-\udfff]", text) else "string"

    def value(self, node, inside=False):
        kind, text, items, keywords, attribute = "other", None, [], [], ""
        if isinstance(node, ast.Constant):
            kind, text = self.constant(node, inside)
        elif isinstance(node, ast.JoinedStr) and all(
            isinstance(v, ast.Constant) for v in node.values
        ):
            text = "".join(v.value for v in node.values)
            kind, text = self.string(node, text, inside), as_bytes(text)
        elif isinstance(node, (ast.Name, ast.Attribute)) and self.dotted(node):
            kind, text = "name", self.dotted(node)
        elif isinstance(node, ast.Attribute):
            attribute = node.attr
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            kind, text = type(node).__name__.lower(), ""
            items = [self.value(e, inside) for e in node.elts]
        elif isinstance(node, ast.Dict):
            kind, text, items = "dict", "", self.pairs(node, inside)
        elif isinstance(node, ast.Starred):
            kind, text, items = "starred", "*", [self.value(node.value, inside)]
        elif isinstance(node, ast.Call):
            kind, text = "call", self.dotted(node.func) or ""
            if not text and isinstance(node.func, ast.Attribute):
                attribute = node.func.attr
            items = [self.value(a, inside) for a in node.args]
            for k in node.keywords:
                if k.arg is None:
                    items.append(self.double_star(k.value, inside))
                else:
                    keywords.append([k.arg, self.value(k.value, inside)])
        return [kind, *self.place(node, inside), text, items, keywords, attribute]

    def double_star(self, node, inside):
        item = self.value(node, inside)
        return ["starred", None, None, None, "**", [item], [], ""]

    def pairs(self, node, inside):
        items = []
        for key, value in zip(node.keys, node.values):
            if key is None:
                items.append(self.double_star(value, inside))
                items.append(["none", None, None, None, "", [], [], ""])
            else:
                items += [self.value(key, inside), self.value(value, inside)]
        return items

    # Expressions: what is in them.

    def key(self, line, column, context):
        return context.key + (self.source.at(line, column) if not context.key else line, column)

    def expression(self, node, context):
        if node is None:
            return
        if isinstance(node, list):
            for n in node:
                self.expression(n, context)
        elif isinstance(node, ast.JoinedStr):
            self.joined(node, context)
        elif isinstance(node, ast.Lambda):
            self.expression(node.args, context)
            self.expression(node.body, context.deeper().but(inner=True))
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            self.children(node, context.but(depth=context.depth + 1))
        else:
            if isinstance(node, ast.Call):
                self.call(node, context)
            if isinstance(node, ast.NamedExpr) and not context.inner:
                key = self.key(node.lineno, node.col_offset, context)
                line = None if context.key else node.lineno
                self.walruses.append((key, [node.target.id, "otherwise", line, None]))
            self.children(node, context)

    def children(self, node, context):
        for child in ast.iter_child_nodes(node):
            self.expression(child, context)

    def joined(self, node, context):
        base = self.key(node.lineno, node.col_offset, context)
        for i, part in enumerate(node.values):
            if isinstance(part, ast.FormattedValue):
                self.expression(part.value, context.but(key=base + (i,)))
                self.expression(part.format_spec, context.but(key=base + (i, BIG)))

    def call(self, node, context):
        key = self.key(node.func.end_lineno, node.func.end_col_offset, context)
        value = self.value(node, bool(context.key))
        statement = getattr(node, "is_statement", False)
        self.calls.append(
            (key, [value, context.function, statement, context.depth, context.withs, context.scope])
        )

    # Bindings.

    def flush(self):
        self.bindings += [b for _, b in sorted(self.walruses, key=lambda w: w[0])]
        self.walruses = []

    def bind(self, name, line, context):
        if not context.inner:
            self.bindings.append([name, "otherwise", line, None])

    def target(self, node, context):
        if isinstance(node, ast.Name):
            self.bind(node.id, node.lineno, context)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for e in node.elts:
                self.target(e, context)
        elif isinstance(node, ast.Starred):
            self.target(node.value, context)

    def assign(self, node, value, context):
        if context.inner:
            return
        if isinstance(node, ast.Name):
            how = "conditional" if context.conditional else "assigned"
            value = None if value is None else self.value(value)
            self.bindings.append([node.id, how, node.lineno, value])
        elif isinstance(node, ast.Starred):
            self.assign(node.value, None, context)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for e, share in zip(node.elts, self.shares(node.elts, value)):
                self.assign(e, share, context)

    @staticmethod
    def shares(targets, value):
        nothing = [None] * len(targets)
        if not isinstance(value, (ast.Tuple, ast.List)):
            return nothing
        values = value.elts
        stars = [i for i, t in enumerate(targets) if isinstance(t, ast.Starred)]
        if any(isinstance(v, ast.Starred) for v in values):
            return nothing
        if not stars:
            return values if len(values) == len(targets) else nothing
        before, after = stars[0], len(targets) - stars[0] - 1
        if len(values) < before + after:
            return nothing
        return values[:before] + [None] + (values[len(values) - after :] if after else [])

    def pattern(self, node, context):
        if isinstance(node, ast.MatchAs):
            if node.pattern:
                self.pattern(node.pattern, context)
            if node.name:
                self.bind(node.name, node.end_lineno, context)
        elif isinstance(node, ast.MatchStar):
            if node.name:
                self.bind(node.name, node.end_lineno, context)
        elif isinstance(node, ast.MatchMapping):
            for p in node.patterns:
                self.pattern(p, context)
            if node.rest:
                self.bind(node.rest, None, context)
        elif isinstance(node, ast.MatchClass):
            for p in node.patterns + node.kwd_patterns:
                self.pattern(p, context)
        elif isinstance(node, (ast.MatchOr, ast.MatchSequence)):
            for p in node.patterns:
                self.pattern(p, context)

    # Statements.

    def block(self, body, context):
        for node in body:
            self.note(node, context)
            getattr(self, "take_" + type(node).__name__, self.take_other)(node, context)
            self.flush()

    KEYWORDS = {
        "FunctionDef": "def", "AsyncFunctionDef": "async", "ClassDef": "class",
        "Return": "return", "Delete": "del", "Assign": "=", "AugAssign": "=", "AnnAssign": "=",
        "For": "for", "AsyncFor": "async", "While": "while", "If": "if", "With": "with",
        "AsyncWith": "async", "Match": "match", "Raise": "raise", "Try": "try", "TryStar": "try",
        "Assert": "assert", "Import": "import", "ImportFrom": "from", "Global": "global",
        "Nonlocal": "nonlocal", "Break": "break", "Continue": "continue", "Expr": "",
        "TypeAlias": "type",
    }  # fmt: skip

    def note(self, node, context):
        if not context.function or isinstance(node, ast.Pass):
            return
        if isinstance(node, ast.Expr):
            v = node.value
            if isinstance(v, (ast.Call, ast.JoinedStr)):
                return
            if isinstance(v, ast.Constant) and (isinstance(v.value, (str, bytes)) or v.value is ...):
                return
        keyword = self.KEYWORDS[type(node).__name__]
        self.statements.append([context.function, keyword, node.lineno, context.depth])

    def take_other(self, node, context):
        self.children(node, context)

    def take_Expr(self, node, context):
        node.value.is_statement = isinstance(node.value, ast.Call)
        self.expression(node.value, context)

    def take_Assign(self, node, context):
        self.children(node, context)
        self.flush()
        for t in node.targets:
            self.assign(t, node.value, context)

    def take_AnnAssign(self, node, context):
        self.children(node, context)
        self.flush()
        if node.value is not None:
            self.assign(node.target, node.value, context)

    def take_AugAssign(self, node, context):
        self.children(node, context)
        self.flush()
        self.target(node.target, context)

    def take_Delete(self, node, context):
        self.children(node, context)
        self.flush()
        for t in node.targets:
            self.target(t, context)

    def take_Import(self, node, context):
        for a in node.names:
            self.bind(a.asname or a.name.split(".")[0], a.lineno, context)

    def take_ImportFrom(self, node, context):
        for a in node.names:
            self.bind(a.asname or a.name, a.lineno, context)

    def take_Global(self, node, context):
        line = node.lineno if node.lineno == node.end_lineno else None
        if context.inner:
            self.bindings += [[name, "otherwise", line, None] for name in node.names]

    def take_If(self, node, context):
        self.expression(node.test, context)
        self.flush()
        self.block(node.body, context.deeper())
        other = node.orelse
        while len(other) == 1 and isinstance(other[0], ast.If) and self.is_elif(other[0]):
            self.expression(other[0].test, context.deeper())
            self.flush()
            self.block(other[0].body, context.deeper())
            other = other[0].orelse
        self.block(other, context.deeper())

    def is_elif(self, node):
        return self.source.raw.startswith(b"elif", self.source.start(node))

    def take_While(self, node, context):
        self.expression(node.test, context)
        self.flush()
        self.block(node.body, context.deeper())
        self.block(node.orelse, context.deeper())

    def take_For(self, node, context):
        self.expression([node.target, node.iter], context)
        self.flush()
        self.target(node.target, context)
        self.block(node.body, context.deeper())
        self.block(node.orelse, context.deeper())

    take_AsyncFor = take_For

    def take_Try(self, node, context):
        self.block(node.body, context.deeper())
        for h in node.handlers:
            self.expression(h.type, context.deeper())
            self.flush()
            if h.name:
                self.bind(h.name, self.line_behind(h.type), context)
            self.block(h.body, context.deeper())
        self.block(node.orelse, context.deeper())
        self.block(node.finalbody, context.deeper())

    take_TryStar = take_Try

    def line_behind(self, node):
        """Where the name of `as` behind NODE stands; None where that is hard to say."""
        at, ends = node.end_lineno, self.source.lines
        rest = self.source.raw[self.source.end(node) : ends[at] if at < len(ends) else None]
        return at if re.match(rb"[ \t)]*as[ \t]+[^\s\\]", rest) else None

    def take_With(self, node, context):
        inside = context
        for item in node.items:
            self.expression([item.context_expr, item.optional_vars], inside)
            name = item.optional_vars.id if isinstance(item.optional_vars, ast.Name) else ""
            scope = ((name, self.value(item.context_expr)), *inside.scope)
            inside = inside.but(scope=scope)
        self.flush()
        for item in node.items:
            self.target(item.optional_vars, context)
        self.block(node.body, inside.deeper().but(withs=context.withs + 1))

    take_AsyncWith = take_With

    def take_Match(self, node, context):
        self.expression(node.subject, context)
        self.flush()
        for case in node.cases:
            self.pattern(case.pattern, context)
            self.expression(case.guard, context.deeper())
            self.flush()
            self.block(case.body, context.deeper())

    def take_TypeAlias(self, node, context):
        self.children(node, context)
        self.bind(node.name.id, node.name.lineno, context)

    def head(self, node, context, parts):
        self.expression(node.decorator_list, context)
        self.expression(getattr(node, "type_params", []), context)
        self.expression(parts, context)
        self.flush()
        self.bind(node.name, node.lineno, context)

    def take_FunctionDef(self, node, context):
        self.head(node, context, [node.args, node.returns])
        inside = context.deeper().but(inner=True, scope=())
        if not context.inner:
            self.functions.append(
                [node.name, node.lineno, self.definition_start(node), self.source.end(node),
                 context.conditional]
            )  # fmt: skip
            inside = inside.but(function=node.name, depth=0, withs=0)
        self.block(node.body, inside)

    take_AsyncFunctionDef = take_FunctionDef

    def definition_start(self, node):
        if not node.decorator_list:
            return self.source.start(node)
        return self.source.raw.rindex(b"@", 0, self.source.start(node.decorator_list[0]))

    def take_ClassDef(self, node, context):
        self.head(node, context, [node.bases, node.keywords])
        self.block(node.body, context.deeper().but(inner=True, scope=()))


class Comparison:
    """What the reader dumped of a file against what ast says of it."""

    def __init__(self, judge, seen):
        self.judge, self.seen = judge, seen
        self.differences = []

    def differ(self, what, mine, theirs):
        self.differences.append(f"{what}: ast {ascii(mine)}, reader {ascii(theirs)}")

    def same_value(self, mine, theirs):
        if mine is None or theirs is None:
            return mine is theirs
        kind, text = mine[0].rstrip("?"), theirs[4]
        if mine[0] == "string?" and theirs[0] == "other":
            kind = "other"
        if theirs[0] != kind:
            return False
        if any(m is not None and m != t for m, t in zip(mine[1:4], theirs[1:4])):
            return False
        if kind == "other":
            written = self.judge.source.raw[theirs[2] : theirs[3]].decode("latin-1")
            return text == written and mine[7] == as_name(theirs[7])
        if kind in ("name", "call"):
            text = as_name(text)
        if mine[4] is not None and mine[4] != text:
            return False
        return (
            len(mine[5]) == len(theirs[5])
            and all(map(self.same_value, mine[5], theirs[5]))
            and len(mine[6]) == len(theirs[6])
            and all(
                m[0] == as_name(t[0]) and self.same_value(m[1], t[1])
                for m, t in zip(mine[6], theirs[6])
            )
            and mine[7] == as_name(theirs[7])
        )

    def same_binding(self, mine, theirs):
        return (
            mine[0] == as_name(theirs[0])
            and mine[1] == theirs[1]
            and mine[2] in (None, theirs[2])
            and self.same_value(mine[3], theirs[3])
        )

    def same_call(self, mine, theirs):
        return (
            self.same_value(mine[0], theirs[0])
            and mine[1] == as_name(theirs[1])
            and mine[2:5] == theirs[2:5]
            and len(mine[5]) == len(theirs[5])
            and all(
                m[0] == as_name(t[0]) and self.same_value(m[1], t[1])
                for m, t in zip(mine[5], theirs[5])
            )
        )

    def same_row(self, mine, theirs):
        return mine == [as_name(t) if isinstance(t, str) else t for t in theirs]

    def rows(self, what, mine, theirs, same):
        if len(mine) != len(theirs):
            self.differ(f"number of {what}", len(mine), len(theirs))
        for m, t in zip(mine, theirs):
            if not same(m, t):
                self.differ(what, m, t)
                return

    def run(self):
        j, s = self.judge, self.seen
        if s["problem"]:
            self.differ("problem", None, [s["problem"], s["message"]])
        if not s["same"]:
            self.differ("reading without calls", None, "differs")
        if not self.same_value(j.docstring, s["docstring"]):
            self.differ("docstring", j.docstring, s["docstring"])
        self.rows("bindings", j.bindings, s["bindings"], self.same_binding)
        self.rows("calls", j.calls, s["calls"], self.same_call)
        self.rows("functions", j.functions, s["functions"], self.same_row)
        self.rows("statements", j.statements, s["statements"], self.same_row)
        return self.differences


class Reader:
    """dump_python: a name in, an object out."""

    def __init__(self, directory):
        program = os.path.join(directory, "dump_python")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def see(self, path):
        self.process.stdin.write(os.fsencode(path) + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{path}: the reader ended with {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        if self.process.wait():
            sys.exit(f"the reader ended with {self.process.returncode}")


class Totals:
    def __init__(self):
        self.files = self.refused = self.silent = self.bindings = self.calls = self.differ = 0

    def judge(self, reader, path, raw):
        seen = reader.see(path)
        self.files += 1
        try:
            judge = Judge(raw)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.refused += 1
            self.silent += not seen["problem"]
            return True
        self.bindings += len(judge.bindings)
        self.calls += len(judge.calls)
        differences = Comparison(judge, seen).run()
        self.differ += bool(differences)
        for line in differences:
            print(f"{path}: {line}"[:2000])
        return not differences

    def __str__(self):
        return (
            f"{self.files} files, {self.bindings} bindings, {self.calls} calls, "
            f"{self.differ} differ ({self.refused} that ast refuses, {self.silent} of them unnoticed)"
        )


def library():
    roots = {sysconfig.get_paths()["stdlib"], "/usr/lib/python3/dist-packages"}
    found = set()
    for root in roots:
        for directory, _, names in os.walk(root):
            found.update(os.path.join(directory, n) for n in names if n.endswith(".py"))
    return sorted(found)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def forms():
    """Each form as it is, with other line ends, and inside blocks."""
    text = read(os.path.join(HERE, "python_forms.txt")).decode("utf-8")
    for form in text.split("\n----\n"):
        raw = form.strip("\n").encode()
        yield raw
        yield raw + b"\n"
        yield raw.replace(b"\n", b"\r\n") + b"\r\n"
        yield raw.replace(b"\n", b"\r")
        yield b"\xef\xbb\xbf" + raw
        yield b"# coding: latin-1\n" + raw
        yield b"# coding: cp1252\n" + raw
        yield raw + b"\n" + raw
        inside = b"\n    ".join(raw.split(b"\n")) + b"\n"
        yield b"def upgrade():\n    " + inside + b"revision = 1\n"
        yield b"if x:\n    " + inside
        yield b"with a() as b:\n    " + inside + b"try:\n    " + inside + b"finally: pass\n"
        yield b"class A:\n  def f(self):\n    " + inside + b"  x = 1\n"
        yield b"@d\nasync def f():\n  while x():\n    " + inside + b"\n\n# end\n"


PIECES = [
    b"(", b")", b"[", b"]", b"{", b"}", b",", b":", b";", b"=", b":=", b".", b"'", b'"', b"'''",
    b'"""', b"\\\n", b"\n", b"\r", b"\r\n", b"\t", b" ", b"    ", b"\f", b"#", b"f'", b'f"{', b"}\"",
    b"r'", b"b'", b"\\", b"\\N{EM DASH}", b"\\x41", b"\\u00e9", b"\\777", b"\x00", b"\xff", b"\xc3\xa9",
    b"lambda x: ", b"if ", b" if x else ", b" for x in y", b"async ", b"await ", b"not ", b"yield ",
    b"*", b"**", b"@", b"->", b"...", b"1e5", b"0x1f", b"1_0", b"1if x else 2", b"None", b"x()",
    b"global x\n", b"match x:\n", b"case y:", b"with a() as b:", b"def f():", b"class C:", b"pass",
    b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> x\n", b"else:\n", b"elif x:", b"import a.b as c",
    b"del x", b"x: int = ", b"(yield)", b"a, b = 'x', 'y'", b"*a, b = ", b"f(x)(y).z(*a, k=1, **b)",
]  # fmt: skip


def mutation(rng, sources):
    """Some lines of a file, with a few bytes cut, moved or put in."""
    lines = rng.choice(sources).splitlines(keepends=True)
    if rng.random() < 0.9:
        count = rng.randrange(1, 40)
        at = rng.randrange(max(1, len(lines) - count))
        lines = lines[at : at + count]
    indent = min((len(x) - len(x.lstrip(b" ")) for x in lines if x.strip()), default=0)
    raw = bytearray(b"".join(x[indent:] if x.strip() else x for x in lines))
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        at = rng.randrange(len(raw) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            del raw[at : at + rng.choice([1, 1, 2, 5, 30])]
        elif kind == 1:
            raw[at:at] = rng.choice(PIECES)
        elif kind == 2:
            ends = [m.end() for m in re.finditer(rb"[\n\s(,=]", raw)] or [0]
            at = rng.choice(ends)
            raw[at:at] = rng.choice(PIECES)
        else:
            other = rng.randrange(len(raw) + 1)
            raw[at:at] = raw[other : other + rng.randrange(40)]
    return bytes(raw)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--files", type=int)
    parser.add_argument("--mutate", type=int)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def judge_all(reader, inputs, scratch, keep):
    totals = Totals()
    path = os.path.join(scratch, "input.py")
    for raw in inputs:
        with open(path, "wb") as f:
            f.write(raw)
        if not totals.judge(reader, path, raw):
            print(f"    in {ascii(raw)}"[:4000] if keep else "")
    return totals


def main():
    options = parse()
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    rng = random.Random(options.seed)
    paths = options.paths or library()
    if options.files is not None and options.files < len(paths):
        paths = rng.sample(paths, options.files)
    mutations = options.mutate
    if mutations is None:
        mutations = 100000 if os.environ.get("ONEHEAD_LONG") else 3000
    reader = Reader(options.directory)
    totals = Totals()
    for path in paths:
        totals.judge(reader, path, read(path))
    print(f"library: {totals}", flush=True)
    differ = totals.differ
    with tempfile.TemporaryDirectory(prefix="onehead-python-") as scratch:
        totals = judge_all(reader, forms(), scratch, True)
        print(f"forms: {totals}", flush=True)
        differ += totals.differ
        chosen = rng.sample(paths, min(len(paths), 400))
        sources = [s for s in map(read, chosen) if 0 < len(s) < 60000]
        mutated = (mutation(rng, sources) for _ in range(mutations if sources else 0))
        totals = judge_all(reader, mutated, scratch, True)
        print(f"mutations: {totals}", flush=True)
        differ += totals.differ
    reader.close()
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
