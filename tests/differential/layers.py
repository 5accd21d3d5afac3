#!/usr/bin/env python3
"""The layers of docs/architecture.md, as the code has them.

usage: layers.py [DIRECTORY-OF-THE-TEST-PROGRAMS]

Includes point one way; the pure part links to nothing that touches the world; the migration
system is named in its adapter alone; every header compiles alone, with gcc and with clang.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What may be included from where. Each may include itself.
LAYERS = {
    "base": [],
    "model": ["base"],
    "adapters": ["base", "model"],
    "rules": ["base", "model"],
    "plan": ["base", "model"],
    "repo": ["base", "model"],
    "db": ["base", "model"],
    "apply": ["base", "model", "repo", "db"],
    "flow": ["base", "model", "adapters", "rules", "plan", "repo", "db", "apply"],
    "cli": ["base", "flow"],
    "hooks": ["base", "flow"],
    "driver": ["base", "plan", "repo"],
}
# Single headers of a layer that another one may see besides.
BESIDES = {
    ("plan", "adapters/adapter.h"),  # a plan holds the merge revision that the adapter writes
}
# Headers that stay in their folder: the rest of the layers sees only what is in front of it.
PRIVATE = {
    "core/adapters/alembic/": "adapters",
    "core/adapters/python/": "adapters",
    "core/repo/private.h": "repo",
    "core/repo/git_source.h": "repo",
}
PURE = ("base", "model", "adapters", "rules", "plan")
# All that the pure part takes from the C library.
C_LIBRARY = re.compile(
    r"mem(chr|rchr|cmp|cpy|move|set|mem)|str(len|nlen|cmp|ncmp|chr|rchr|casecmp|ncasecmp|spn|cspn)"
    r"|qsort|strto(l|ul|ll|ull)|__(mem|str)\w+_chk|__stack_chk_fail|__assert_fail"
    r"|_GLOBAL_OFFSET_TABLE_|__ctype_\w+_loc|__(asan|ubsan|sanitizer|lsan)\w*"
)
SYSTEM_WORDS = re.compile(r"alembic|down_revision", re.I)
SYSTEM_PLACES = ("core/adapters/alembic/", "core/adapters/python/", "core/adapters/registry.c")
SYSTEM_DECLARED = re.compile(r"extern const struct oh_adapter oh_adapter_\w+;")


def sources():
    for top in ("core", "cli", "hooks", "driver"):
        for path in sorted((ROOT / top).rglob("*.[ch]")):
            yield path.relative_to(ROOT)


def layer_of(path):
    parts = path.parts
    return parts[1] if parts[0] == "core" else parts[0]


def includes(path):
    text = (ROOT / path).read_text()
    for match in re.finditer(r'^\s*#\s*include\s+([<"])([^">]+)', text, re.M):
        line = text.count("\n", 0, match.start(2)) + 1
        yield line, match[1] == '"', match[2]


def check_includes():
    """A layer that has no file at all would make this test say nothing."""
    seen = set()
    for path in sources():
        layer = layer_of(path)
        if layer == "purity.h":
            continue
        seen.add(layer)
        if layer not in LAYERS:
            yield f"{path}: no layer of this name"
            continue
        for line, ours, name in includes(path):
            if not ours:
                continue
            target = (ROOT / "core" / name).exists() and Path("core") / name
            target = target or (path.parent / name if (ROOT / path.parent / name).exists() else None)
            if not target:
                yield f"{path}:{line}: {name} is nowhere"
                continue
            to = layer_of(target)
            allowed = to == layer or to in LAYERS[layer] or (layer, name) in BESIDES
            if not allowed:
                yield f"{path}:{line}: {layer} must not include {name}"
            for place, owner in PRIVATE.items():
                if str(target).startswith(place) and owner != layer:
                    yield f"{path}:{line}: {name} is private to {owner}"
    for layer in sorted(set(LAYERS) - seen):
        yield f"no source file in {layer}"


def check_libraries():
    """libgit2, SQLite and libpq are loaded when they are needed: only modules see their headers."""
    for path in sources():
        for line, _, name in includes(path):
            if re.match(r"git2|sqlite3|libpq|postgres", name) and "/module_" not in str(path):
                yield f"{path}:{line}: {name} outside a module"


def check_symbols(build):
    archive = build / "core/libonehead-pure.a"
    if not archive.exists():
        yield f"{archive} is not built"
        return
    symbols = subprocess.run(["nm", "-u", archive], capture_output=True, text=True, check=True)
    names = set(re.findall(r"^ +U (\S+)$", symbols.stdout, re.M))
    if not any(name.startswith("oh_") for name in names):
        yield "nm tells no symbols"
    for name in sorted(names):
        if not name.startswith("oh_") and not C_LIBRARY.fullmatch(name):
            yield f"the pure part needs {name}"


def check_system_words():
    for path in sources():
        if str(path).startswith(SYSTEM_PLACES):
            continue
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if SYSTEM_WORDS.search(line) and not SYSTEM_DECLARED.fullmatch(line.strip()):
                yield f"{path}:{number}: names the migration system: {line.strip()}"


def check_headers():
    flags = ["-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic"]
    flags += ["-Wundef", "-Wstrict-prototypes", "-Werror", "-I", str(ROOT / "core")]
    headers = [path for path in sources() if path.suffix == ".h"]
    with tempfile.TemporaryDirectory() as directory:
        # Twice in one file: a guard that does not guard is found as well.
        for i, path in enumerate(headers):
            source = Path(directory) / f"header{i}.c"
            source.write_text(f'#include "{ROOT / path}"\n' * 2)
        files = sorted(map(str, Path(directory).glob("*.c")))
        for compiler in ("gcc", "clang"):
            run = subprocess.run([compiler, *flags, *files], capture_output=True, text=True)
            if run.returncode:
                yield f"{compiler}: {run.stderr.strip()}"


def main():
    build = Path(os.environ.get("ONEHEAD_BUILD") or Path(sys.argv[1]).parent)
    checks = [check_includes(), check_libraries(), check_symbols(build), check_system_words()]
    failures = [line for check in [*checks, check_headers()] for line in check]
    for line in failures:
        print(line)
    print(f"{len(list(sources()))} files, {len(failures)} out of place")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
