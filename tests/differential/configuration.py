#!/usr/bin/env python3
"""The readers of ini and TOML files against Python's own, on generated and damaged texts.

usage: configuration.py DIRECTORY-OF-dump_config [COUNT] [SEED]

An ini file: configparser and the reader refuse the same texts, and agree on every option of every
section. TOML: whatever tomllib takes is read to the same [tool.alembic]; what it refuses may be
read or refused.
"""
import configparser
import io
import os
import random
import subprocess
import sys
import tomllib

HERE = "/srv/app"
KEYS = ["script_location", "version_locations", "Path_Separator", "a", "b", "here", "A", "x.y",
        "file_template", "sqlalchemy.url", "k k", "\u00e9"]
WORDS = ["db", "%(here)s/db", "%(a)s", "%(B)s:%(x.y)s", "%%(rev)s", "%", "%(", "%(here", "%()s",
         "%(no)s", "a;b", "# no", "; no", "=", ":", "[x]", "\u00e9\u00e8", "\t", "\u00a0", "\u2003",
         "%(a)d", "%%%%", "\\", '"q"', "\u3000x", "\x1c", "\x85", "]", "[", "%(k k)s"]
BLANKS = ["", "", " ", "  ", "\t", "\u00a0", "\x0c", "    "]
ENDS = ["\n"] * 8 + ["\r\n", "\r", "\n\n", "\n \n"]


def ini_text(r):
    out = []
    for _ in range(r.randint(0, 14)):
        kind = r.random()
        if kind < 0.18:
            out.append(r.choice(["[alembic]", "[DEFAULT]", "[b]", "[a]b]", "[alembic] x", "[x",
                                 "[ s ]", "[]", "[logger_root]", "[b]#"]))
        elif kind < 0.7:
            value = " ".join(r.choice(WORDS) for _ in range(r.randint(0, 3)))
            out.append(r.choice(BLANKS) + r.choice(KEYS) + r.choice(BLANKS) + r.choice("=:=")
                       + r.choice(BLANKS) + value)
        elif kind < 0.85:
            out.append(r.choice(["  ", "\t", "    ", "\u2003"]) + r.choice(WORDS))
        elif kind < 0.95:
            out.append(r.choice(BLANKS) + r.choice("#;") + r.choice(WORDS))
        else:
            out.append(r.choice(["nothing", "= x", "\ufeff", "<<<<<<< HEAD", "=======", ""]))
        out.append(r.choice(ENDS))
    if r.random() < 0.7:
        out.insert(0, r.choice(["[alembic]\n", "[b]\n", "[DEFAULT]\n", "# c\n[alembic]\r\n"]))
    return "".join(out)


def damage(r, text, pieces):
    for _ in range(r.choice([0, 0, 0, 1, 1, 3])):
        at = r.randint(0, len(text))
        text = r.choice([text[:at] + text[at + 1:], text[:at] + r.choice(pieces) + text[at:],
                         text[:at] + text[r.randint(0, len(text)):]])
    return text


def expected_ini(data):
    parser = configparser.ConfigParser({"here": HERE})
    try:
        parser.read_file(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    except configparser.Error:
        return "problem"
    out = {}
    for section in parser.sections():
        for option in parser.options(section):
            if option == "here" and parser.get(section, option, raw=True) == HERE:
                continue  # the one that is passed in
            try:
                out[section, option] = parser.get(section, option)
            except configparser.InterpolationError:
                out[section, option] = None
    return out


def text_of(word):
    return "" if word == "-" else bytes.fromhex(word).decode()


def seen_ini(lines):
    out = {}
    for line in lines:
        word = line.split(" ")
        if word[0] == "problem":
            return "problem"
        key = text_of(word[1]), text_of(word[2])
        if key[1] == "here" and word[3] != "!" and text_of(word[3]) == HERE:
            continue
        out[key] = None if word[3] == "!" else text_of(word[3])
    return out


def toml_string(r):
    kind = r.randint(0, 3)
    words = ["a", " ", "%(here)s/x", "\\n" if kind < 2 else "\\", "\u00e9", "#", "[", "]", "=", ",",
             "{", "'" if kind < 2 else '"', "\\u00e9" if kind < 2 else "u", "\t",
             "\\\\" if kind < 2 else "\\x"]
    if kind in (1, 3):
        words += ["\n", "\r\n", '""' if kind == 1 else "''"]
    if kind == 1:
        words += ["\\\n  \n ", "\\  \r\n\t"]
    body = "".join(r.choice(words) for _ in range(r.randint(0, 4)))
    return ['"%s"', '"""%s"""', "'%s'", "'''%s'''"][kind] % body


def toml_value(r, depth=0):
    kind = r.random()
    if kind < 0.4:
        return toml_string(r)
    if kind < 0.5:
        return r.choice(["true", "false"])
    if kind < 0.7 or depth > 2:
        return r.choice(["0", "-17", "+9", "1_000", "0xFF", "0o17", "0b11", "1.5", "1e3", "inf",
                         "-nan", "1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00",
                         "07:32:00", "9223372036854775807", "0.0"])
    if kind < 0.9:
        gap = lambda: r.choice(["", " ", "\n", " # c ]\n", "\r\n  "])
        items = [(toml_string(r) if r.random() < 0.7 else toml_value(r, depth + 1))
                 for _ in range(r.randint(0, 3))]
        return ("[" + gap() + ("," + gap()).join(i + gap() for i in items)
                + ("," + gap() if items and r.random() < 0.3 else "") + "]")
    return "{ " + ", ".join(toml_key(r) + " = " + toml_value(r, depth + 1)
                            for _ in range(r.randint(0, 2))) + " }"


def toml_key(r):
    part = lambda: r.choice(["script_location", "a", "b-1", "3", '"q k"', "'l.k'", '"\\u0061b"',
                             "alembic", "tool", "version_locations", "x%d" % r.randint(0, 99)])
    return r.choice([".", " . "]).join(part() for _ in range(r.choice([1, 1, 1, 1, 2])))


def toml_text(r):
    out = []
    for _ in range(r.randint(0, 8)):
        kind = r.random()
        if kind < 0.35:
            out.append(r.choice(["[tool.alembic]", "[ tool . 'alembic' ]", "[tool]", "[project]",
                                 "[tool.alembic.sub]", "[[tool.alembic.hooks]]", "[[x]]",
                                 "[tool.ruff]", "[alembic]", "[tool.\"alembic\"] # c"]))
        elif kind < 0.9:
            prefix = r.choice(["", "", "", "", "tool.alembic.", "alembic."])
            out.append(r.choice(["", " ", "\t"]) + prefix + toml_key(r) + r.choice(["=", " = "])
                       + toml_value(r) + r.choice(["", " ", " # c"]))
        elif kind < 0.95:
            out.append("# " + r.choice(["c", "[tool.alembic]"]))
        else:
            out.append("tool = { alembic = { a = %s } }" % toml_value(r))
        out.append(r.choice(["\n", "\n", "\n\n", "\r\n"]))
    return "".join(out)


def toml_entry(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return ["string", value]
    if isinstance(value, int):
        return ["integer", value] if abs(value) < 10**14 else "other"
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return ["strings", *value]
    return "other"


def expected_toml(data):
    try:
        found = tomllib.loads(data.decode())
    except tomllib.TOMLDecodeError:
        return "invalid"
    for key in ("tool", "alembic"):
        if key not in found:
            return None
        found = found[key]
        if not isinstance(found, dict):
            return "problem"
    # tables below are not looked at
    return {k: toml_entry(v) for k, v in found.items() if not isinstance(v, dict)
            and not (isinstance(v, list) and v and all(isinstance(x, dict) for x in v))}


def seen_toml(lines):
    out = None
    for line in lines:
        word = line.split(" ")
        if word[0] == "problem":
            return "problem"
        out = {} if out is None else out
        if word[0] == "found":
            continue
        kind = word[2]
        value = ([kind, text_of(word[3])] if kind == "string"
                 else ["integer", int(word[3])] if kind == "integer"
                 else ["strings", *map(text_of, word[3:])] if kind == "strings" else kind)
        if isinstance(value, list) and value[0] == "integer" and abs(value[1]) >= 10**14:
            value = "other"
        out[text_of(word[1])] = value
    return out


def dump(program, mode, texts):
    data = b"".join(b"%d\n" % len(t) + t for t in texts)
    done = subprocess.run([program, mode], input=data, capture_output=True)
    if done.returncode:
        sys.exit("%s: exit %d\n%s" % (program, done.returncode, done.stderr.decode()))
    blocks = done.stdout.decode().split(".\n")[:-1]
    assert len(blocks) == len(texts), (len(blocks), len(texts))
    return [block.splitlines() for block in blocks]


def main():
    program = os.path.join(sys.argv[1], "dump_config")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    r = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    failed = 0

    texts = [damage(r, ini_text(r), WORDS + ["\n", "\r", "[b]\n"]).encode() for _ in range(count)]
    read = 0
    for text, lines in zip(texts, dump(program, "ini", texts)):
        expected, seen = expected_ini(text), seen_ini(lines)
        read += expected != "problem"
        if expected != seen:
            failed += 1
            print("ini %r\n  python   %r\n  onehead  %r" % (text, expected, seen))
    print("ini: %d texts, %d of them sound, %d differ" % (count, read, failed))

    bad = read = 0
    texts = [damage(r, toml_text(r), ["\n", '"', "[", "]", "=", "tool.alembic"]).encode()
             for _ in range(count)]
    for text, lines in zip(texts, dump(program, "toml", texts)):
        expected, seen = expected_toml(text), seen_toml(lines)
        if expected == "invalid":
            continue
        read += 1
        if isinstance(expected, dict) and isinstance(seen, dict):
            # an array of inline tables is one of "other" here, and a table there
            seen = {k: v for k, v in seen.items() if k in expected or v != "other"}
        if expected != seen:
            bad += 1
            print("toml %r\n  python   %r\n  onehead  %r" % (text, expected, seen))
    print("toml: %d texts, %d of them sound, %d differ" % (count, read, bad))
    sys.exit(1 if failed or bad or not read else 0)


main()
