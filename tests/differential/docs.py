#!/usr/bin/env python3
"""The documents against the program and the tree: what they name is there, what is there is named.

usage: docs.py [--write] [DIRECTORY-OF-THE-TEST-PROGRAMS]

--write writes docs/rules.md, which is what `onehead explain` says of each rule.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs/rules.md"
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/lock.md", "docs/rules.md"]
ARCHITECTURE_LINES = 60  # one screen

# Variables for whoever works on onehead, not for whoever uses it.
INNER_VARIABLES = {"ONEHEAD_OBJECTS": "docs/architecture.md"}

MIGRATION = """\
\"\"\"{id}

Revision ID: {id}
Revises: {down}
\"\"\"

revision = {id!r}
down_revision = {parents!r}
"""


def read(name):
    return (ROOT / name).read_text()


class Program:
    def __init__(self, build):
        self.path = build / "bin/onehead"

    def __call__(self, *args, cwd=ROOT):
        run = subprocess.run([self.path, *args], capture_output=True, text=True, cwd=cwd)
        return run.stdout

    def commands(self):
        return re.findall(r"^  ([a-z]+) +\S", self("--help"), re.M)

    def rules(self):
        return re.findall(r"^  ([a-z-]+) +\S", self("explain").split("rules (", 1)[1], re.M)

    def topics(self):
        return re.findall(r"^  ([a-z-]+)$", self("explain").split("rules (", 1)[0], re.M)


def rules_text(program):
    parts = [
        "# Rules",
        "What `onehead check` looks for, and what stops a merge or a commit. `onehead explain RULE`"
        "\nsays the same. A finding reads `path:line: RULE severity: message`, then how to mend it.",
    ]
    for rule in program.rules():
        headline, _, rest = program("explain", rule).partition("\n\n")
        severity, title = re.fullmatch(rf"{rule} \((\w+)\): (.*)", headline).groups()
        parts += [f"## {rule}", f"{severity.capitalize()}: {title}.", rest.rstrip("\n")]
    return "\n\n".join(parts) + "\n"


def check_rules(program):
    if not program.rules():
        yield "onehead explain lists no rules"
    if read("docs/rules.md") != rules_text(program):
        yield "docs/rules.md is not what onehead explain says; docs.py --write writes it"
    for rule in program.rules() + program.topics():
        for number, line in enumerate(program("explain", rule).splitlines(), 1):
            if len(line) > 80:
                yield f"onehead explain {rule}: line {number} has more than 80 columns"


def check_commands(program):
    table = read("README.md").replace("\\|", "|")
    commands = program.commands()
    if len(commands) < 5:
        yield "onehead --help lists no commands"
    named = re.findall(r"^\| `onehead ([a-z]+)", table, re.M)
    if named != commands:
        yield f"README.md has the commands {named}, onehead --help has {commands}"
    for command in commands:
        usage = program(command, "--help").splitlines()[0].removeprefix("usage: ").strip()
        if f"| `{usage}` |" not in table:
            yield f"README.md does not have: {usage}"


def code():
    for top in ("core", "cli", "hooks", "driver"):
        yield from (p for p in (ROOT / top).rglob("*.[ch]"))


def check_settings():
    text = "\n".join(p.read_text() for p in code())
    keys = set(re.findall(r'"(onehead\.[a-z]+)"', text)) - {"onehead.lock"}
    variables = set(re.findall(r'getenv\("(ONEHEAD\w*)"\)', text))
    if not keys or not variables:
        yield "no settings were found in the code"
    for name in sorted(keys | variables):
        place = INNER_VARIABLES.get(name, "README.md")
        if name not in read(place):
            yield f"{place} does not name {name}"
    for key in sorted(set(re.findall(r"`(onehead\.[a-z]+)`", read("README.md")))):
        if key not in keys and key != "onehead.lock":
            yield f"README.md names {key}, which the code does not know"


def is_there(name, document):
    """A path as documents name it: from the top, or from core/ in architecture.md."""
    tops = [ROOT, ROOT / "core"] if "architecture" in document else [ROOT]
    return any((top / name).exists() for top in tops)


def check_names():
    for document in DOCUMENTS:
        text = read(document)
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target and not (ROOT / document).parent.joinpath(target).exists():
                yield f"{document}: no file {target}"
        tops = r"(?:core|cli|hooks|driver|tests|docs|bench|repos-fixtures|adapters|plan|repo|flow|apply|model)"
        for name in re.findall(rf"`({tops}/[\w./-]*)[` ]", text):
            made_up = re.search(r"NAME|CASE|HOOK|^build", name)
            if not made_up and not is_there(name.rstrip("/"), document):
                yield f"{document}: no file {name}"
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > 100 and not line.startswith(("|", "#")):
                yield f"{document}:{number}: more than 100 columns"
    lines = len(read("docs/architecture.md").splitlines())
    if lines > ARCHITECTURE_LINES:
        yield f"docs/architecture.md has {lines} lines, more than a screen"


def check_lock(program):
    """The lock in docs/lock.md is the one that its migrations make."""
    block = re.search(r"^```\n(# onehead:.*?)^```", read("docs/lock.md"), re.M | re.S)
    if not block:
        yield "docs/lock.md shows no lock"
        return
    directory = Path(tempfile.mkdtemp(prefix="onehead-docs-"))
    try:
        environ = {**os.environ, "HOME": str(directory), "GIT_CONFIG_GLOBAL": "/dev/null"}
        environ = {k: v for k, v in environ.items() if k not in ("GIT_DIR", "GIT_WORK_TREE")}
        versions = directory / "migrations/versions"
        versions.mkdir(parents=True)
        (directory / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
        (directory / "migrations/env.py").write_text("")
        for line in block[1].split("\n\n", 1)[1].splitlines():
            id, *parents = line.split()
            down = parents[0] if len(parents) == 1 else tuple(parents) or None
            text = MIGRATION.format(id=id, down=", ".join(parents), parents=down)
            (versions / f"{id}.py").write_text(text)
        for argv in (["git", "init", "-q"], ["git", "add", "."], [program.path, "install"]):
            subprocess.run(argv, cwd=directory, env=environ, check=True, capture_output=True)
        if (directory / "migrations/onehead.lock").read_text() != block[1]:
            yield "docs/lock.md shows another lock than its migrations make"
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def tracked():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if names.returncode == 0:
        return [n for n in names.stdout.decode(errors="surrogateescape").split("\0") if n]
    skipped = re.compile(r"(^|/)(build[^/]*|\.git|__pycache__)(/|$)")
    every = (str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file())
    return [n for n in every if not skipped.search(n)]


def check_machine():
    """No file knows where it was written, and none is unfinished."""
    here = {str(ROOT), str(ROOT.parent), str(Path.home()), os.uname().nodename}
    words = [rf"(?<![\w.-]){re.escape(w)}(?![\w.-])" for w in here if len(w) > 4]
    places = re.compile("|".join(words).encode() or rb"(?!)")
    unfinished = re.compile(rb"\b(TO" rb"DO|FIX" rb"ME|XX" rb"X:)\b")
    for name in tracked():
        path = ROOT / name
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        for pattern, what in ((places, "a place of this machine"), (unfinished, "unfinished")):
            for match in pattern.finditer(data):
                line = data.count(b"\n", 0, match.start()) + 1
                yield f"{name}:{line}: {what}: {match[0].decode(errors='replace')}"


def main():
    args = [a for a in sys.argv[1:] if a != "--write"]
    build = Path(os.environ.get("ONEHEAD_BUILD") or Path(args[0]).parent).resolve()
    program = Program(build)
    if "--write" in sys.argv:
        RULES.write_text(rules_text(program))
    checks = [check_rules(program), check_commands(program), check_settings(), check_names()]
    failures = [line for check in [*checks, check_lock(program), check_machine()] for line in check]
    for line in failures:
        print(line)
    print(f"{len(DOCUMENTS)} documents, {len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
