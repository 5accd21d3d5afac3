#!/usr/bin/env python3
"""Database URLs, judged by SQLAlchemy's own reading: old (Debian's) and new (build/venv).

usage: database_url.py DIRECTORY-OF-dump_url [COUNT] [SEED]

What onehead takes, one SQLAlchemy must take, and each that does must read it alike. What onehead refuses, SQLAlchemy must
refuse, or it is one of the mistakes that onehead tells and SQLAlchemy passes on to the driver.
"""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

PIECES = (
    "postgresql sqlite mysql+pymysql postgresql+asyncpg :// :/// / // : :: @ @@ ? & = # % %40 %2F "
    "%3a %zz %e9 + [ ] [::1] [fe80::1%25eth0] :5432 :65536 :x host=/tmp host=a:1 host=b user bob "
    "localhost 10.0.0.1 example.org dev.db :memory: p@ss ssl=true a=b&a=c d%20b é file:x . .. ~"
).split()

ORACLE = """
import json, sys
from sqlalchemy.engine.url import make_url
def parts(text):
    try:
        u = make_url(text)
    except Exception:
        return None
    kind, _, driver = u.drivername.partition("+")
    query = [[k, v] for k, vs in u.query.items() for v in ([vs] if isinstance(vs, str) else vs)]
    port = "" if u.port is None else str(u.port)
    return [kind, driver, u.username or "", u.password and str(u.password) or "", u.host or "",
            port, u.database or "", query]
json.dump([parts(t) for t in json.load(sys.stdin)], sys.stdout)
"""


def some_url(rng):
    if rng.random() < 0.5:
        return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 9)))
    user = rng.choice(["", "bob@", "bob:p%40ss@", "b%20b:@", ":p@", "bob:a/b?c#d@", "bob:p:q@"])
    host = rng.choice(["", "localhost", "[::1]", "h.example", "127.0.0.1"])
    port = rng.choice(["", ":5432", ":", ":0", ":99999", ":5432x"])
    path = rng.choice(["", "/", "/app", "/a%20b", "//abs/x.db", "/:memory:", "/a@b", "/a/b/../c"])
    query = rng.choice(["", "?", "?a=b", "?host=/tmp/x&a=1&a=2", "?a=+%2b&b", "?x=a@b", "?=1&q="])
    return rng.choice(["postgresql", "sqlite", "postgresql+asyncpg"]) + "://" + user + host + port + (
        path + query
    )


def ours(program, urls):
    stdin = "".join(u.encode().hex() + "\n" for u in urls)
    done = subprocess.run([program], input=stdin, stdout=subprocess.PIPE, text=True, check=True)
    return [read(line) for line in done.stdout.splitlines()]


def read(line):
    if line == "error":
        return None
    text = [bytes.fromhex(f).decode("utf-8", "replace") for f in line[1:].split("=")]
    return text[:8] + [[list(p) for p in zip(text[8::2], text[9::2])]]


def theirs(python, urls):
    """None for an interpreter that is not there."""
    if not os.path.exists(python):
        return None
    argv = [python, "-c", ORACLE]
    done = subprocess.run(argv, input=json.dumps(urls), stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def told_by_us_alone(url):
    """Mistakes that SQLAlchemy lets through."""
    rest = url.split("://", 1)[-1]
    return bool(
        "%00" in url
        or re.search(r"@[^/?]*@", rest)  # in the host
        or "[" in rest  # unclosed, or with something behind it
        or re.search(r":\d{5,}", rest)  # a port past 65535
        or not re.match(r"[A-Za-z0-9_+]+://", url.strip())  # a name with other letters
    )


def differs(url, mine, other):
    if mine is None:
        return other is not None and not told_by_us_alone(url)
    if other is None:
        return False
    head, database, written, query = mine[:6], mine[6], mine[7], mine[8]
    head[4] = head[4].replace("%25", "%")
    port = head[5].lstrip("0") or head[5][:1]
    other_head = other[:6]
    other_head[4] = other_head[4].replace("%25", "%")
    same_host = head[4] == other_head[4] or "%" in other_head[4]  # only we decode hosts
    return (
        head[:4] != other_head[:4]
        or not same_host
        or port != other_head[5]
        or other[6] not in (database, written)
        or sorted(query, key=str) != sorted(other[7], key=str)
    )


def main():
    program = os.path.join(sys.argv[1], "dump_url")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    urls = [some_url(rng) for _ in range(count)]
    mine = ours(program, urls)
    venv = Path(__file__).resolve().parents[2] / "build/venv/bin/python"
    named = os.environ.get("ONEHEAD_ALEMBIC_PYTHONS")
    pythons = named.split(":") if named else ["/usr/bin/python3", str(venv)]
    judges = [(p, theirs(p, urls)) for p in pythons]
    judges = [(p, answers) for p, answers in judges if answers]
    bad = [
        (python, url, m, o)
        for python, answers in judges
        for url, m, o in zip(urls, mine, answers, strict=True)
        if differs(url, m, o)
    ]
    for url, m, *answers in zip(urls, mine, *(a for _, a in judges), strict=True):
        if m and not any(answers):
            bad.append(("all", url, m, None))
    for python, url, m, o in bad[:20]:
        print(f"{python}: {url!r}\n  onehead    {m}\n  SQLAlchemy {o}")
    taken = sum(m is not None for m in mine)
    print(f"{count} URLs, {taken} taken, {len(judges)} judges, {len(bad)} differences")
    return 0 if judges and not bad and taken > count / 10 else 1


sys.exit(main())
