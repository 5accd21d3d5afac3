#!/usr/bin/env python3
"""Random graphs through onehead and through Alembic's own RevisionMap.

usage: revision_map.py DIRECTORY-OF-dump_graph [GRAPHS] [SEED]

Runs under each Alembic there is: the interpreters in ONEHEAD_ALEMBIC_PYTHONS, else the system's
and the one in the build's virtual environment.

Sound graphs must come out alike: heads, bases, effective heads, labels of every revision,
ancestors. Of a damaged one Alembic says the first thing that it stumbles over: onehead must know
of that as well, and must call nothing damaged that Alembic takes, but for cycles that Alembic
overlooks, which are worked out here a second time.
"""
import os
import random
import subprocess
import sys
import warnings

try:
    import alembic
    from alembic.script.revision import CycleDetected, Revision, RevisionError, RevisionMap
except ImportError:  # this interpreter only starts the others
    alembic = None

INNER = "--inner"  # last argument: run here, under this interpreter


class Line:
    """One migration, as its file would say it."""

    def __init__(self, id_, parents=(), labels=(), needs=()):
        self.id, self.parents, self.labels, self.needs = id_, list(parents), list(labels), list(needs)


def generate(rng):
    size = rng.choice([3, 8, 8, 20, 20, 60, 200]) if rng.random() < 0.97 else rng.randrange(200, 2001)
    size = rng.randrange(1, size + 1)
    merges, forks, needs = rng.choice([0, 0.05, 0.3]), rng.choice([0, 0.05, 0.3]), rng.choice([0, 0.05, 0.2])
    labelled, bases = rng.choice([0, 0.02, 0.2]), rng.choice([0, 0.02, 0.2])
    ids = rng.sample(range(16**6), size)
    ids = ["%06x" % n for n in ids]
    lines, tips = [], []
    for i, id_ in enumerate(ids):
        line = Line(id_)
        if i and rng.random() >= bases:
            pool = ids[:i] if rng.random() < forks or not tips else tips
            wanted = rng.randrange(2, 5) if rng.random() < merges else 1
            line.parents = rng.sample(pool, min(wanted, len(pool)))
        if i and rng.random() < needs:
            line.needs = [rng.choice(ids[:i]) for _ in range(rng.choice([1, 1, 2]))]
            named = [label for other in lines for label in other.labels]
            if named and rng.random() < 0.5:
                line.needs.append(rng.choice(named))
        if rng.random() < labelled:
            line.labels = ["label%d_%d" % (i, k) for k in range(rng.choice([1, 1, 2]))]
        tips = [t for t in tips if t not in line.parents] + [id_]
        lines.append(line)
    if rng.random() < 0.4:
        for _ in range(rng.choice([1, 1, 2, 5])):
            damage(rng, lines)
    rng.shuffle(lines)
    return lines


def damage(rng, lines):
    line, other = rng.choice(lines), rng.choice(lines)
    kind = rng.randrange(9)
    if kind == 0:
        line.parents.append("absent%d" % rng.randrange(3))
    elif kind == 1:
        line.needs.append(rng.choice(["absent", "label", other.id + "@head"]))
    elif kind == 2:
        line.parents.append(other.id)  # a cycle, as a rule, or itself
    elif kind == 3:
        line.needs.append(other.id)
    elif kind == 4:
        lines.append(Line(line.id, other.parents, [], other.needs))
    elif kind == 5:
        line.labels.append(rng.choice([other.id, "twice", "twice"]))
    elif kind == 6 and line.parents:
        line.parents.append(rng.choice(line.parents))
    elif kind == 7 and len(lines) > 1:
        lines.remove(line)
    elif kind == 8 and line.labels:
        line.needs.append(rng.choice(line.labels))  # itself, by its label


def ask_alembic(lines, questions):
    """What Alembic makes of it: a dictionary, or the exception; and its warnings."""

    def revisions():
        for line in lines:
            yield Revision(
                line.id,
                tuple(line.parents) or None,
                dependencies=tuple(line.needs) or None,
                branch_labels=tuple(line.labels) or None,
            )

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        map_ = RevisionMap(revisions)
        try:
            all_ = [map_.get_revision(line.id) for line in lines]
            result = {
                "heads": set(map_.heads),
                "bases": set(map_.bases),
                "effective": set(map_._real_heads),
                "labels": {rev.revision: set(rev.branch_labels) for rev in all_ if rev.branch_labels},
                "answers": [],
            }
            if {rev.revision for rev in all_ if rev.is_head} != result["heads"]:
                result["heads"] = "is_head disagrees with heads"
            for id_ in questions:
                rev = [map_.get_revision(id_)]
                for names in (
                    map_._get_ancestor_nodes(rev, include_dependencies=False),
                    map_._get_ancestor_nodes(rev),
                    map_._get_descendant_nodes(rev, include_dependencies=False),
                ):
                    result["answers"].append({r.revision for r in names})
        except (RevisionError, KeyError) as error:
            result = error
    return result, [str(w.message) for w in caught]


def read_graph(stream):
    ours = {"missing": set(), "duplicate": set(), "clash": set(), "labels": {}, "answers": []}
    for text in stream:
        kind, *names = text.rstrip("\n").split("\t")
        if kind == ".":
            return ours
        if kind in ("missing-need", "missing-parent"):
            ours["missing"].add(names[1])
        elif kind == "duplicate":
            ours["duplicate"].add(names[0])
        elif kind == "clash":
            ours["clash"].add(names[0])
        elif kind == "labels":
            ours["labels"][names[0]] = set(names[1:])
        elif kind in ("ancestors", "ancestors-with-needs", "descendants"):
            ours["answers"].append(set(names))
        else:
            ours[kind] = names
    raise EOFError("dump_graph ended early")


def above(edges, start):
    seen, todo = set(), [start]
    while todo:
        for up in edges[todo.pop()]:
            if up not in seen:
                seen.add(up)
                todo.append(up)
    return seen


def parents_and_needs(lines):
    ids = {line.id for line in lines}
    labels = {label: line.id for line in lines for label in line.labels}
    parents = {line.id: [p for p in line.parents if p in ids] for line in lines}
    needs = {line.id: [n if n in ids else labels.get(n) for n in line.needs] for line in lines}
    return parents, {id_: parents[id_] + [n for n in needs[id_] if n] for id_ in ids}


def check_cycles(lines, ours):
    """Only for graphs without duplicates or clashes, and small enough for the slow way."""
    parents, every = parents_and_needs(lines)
    if ours["order"] and len(ours["order"]) == len(lines) and not ours["cycle"] + ours["needs-cycle"]:
        place = {id_: i for i, id_ in enumerate(ours["order"])}
        return all(place[up] < place[id_] for id_ in every for up in every[id_])
    if len(lines) > 300:
        return True
    cycle = {id_ for id_ in parents if id_ in above(parents, id_)}
    needs = {id_ for id_ in every if id_ in above(every, id_)} - cycle
    place = {id_: i for i, id_ in enumerate(ours["order"])}
    return (
        set(ours["cycle"]) == cycle
        and set(ours["needs-cycle"]) == needs
        and set(place) == set(parents) - cycle
        and all(place[up] < place[id_] for id_ in place for up in parents[id_] if up in place)
    )


def complaint_is_known(error, ours):
    text = str(error)
    if isinstance(error, KeyError):
        return error.args[0] in ours["missing"]
    if isinstance(error, CycleDetected):
        return bool(ours["cycle"] or ours["needs-cycle"])
    if text.startswith("Branch name '"):
        return text.split("'")[1] in ours["clash"]
    return False


def compare(lines, theirs, warned, ours):
    """None where all is well, else what is not."""
    ids = [line.id for line in lines]
    twice = {id_ for id_ in ids if ids.count(id_) > 1}
    if twice != ours["duplicate"] or any("more than once" in w and w.split()[1] not in twice for w in warned):
        return f"duplicates: {twice}, {ours['duplicate']}"
    if twice:
        return None  # which of them counts depends on the order of the files
    if isinstance(theirs, Exception):
        return None if complaint_is_known(theirs, ours) else f"unknown to us: {theirs!r}"
    if ours["missing"] or ours["clash"]:
        return "we complain, Alembic does not"
    if not check_cycles(lines, ours):
        return "cycles or order"
    for key in ("heads", "bases", "effective"):
        if set(ours[key]) != theirs[key] or sorted(ours[key]) != ours[key]:
            return f"{key}: {ours[key]}, {theirs[key]}"
    if ours["answers"] != theirs["answers"]:
        return "ancestors"
    if not ours["cycle"] and not ours["needs-cycle"] and ours["labels"] != theirs["labels"]:
        return f"labels: {ours['labels']}, {theirs['labels']}"
    return None


def describe(lines):
    fields = lambda l: (l.id, " ".join(l.parents), " ".join(l.labels), " ".join(l.needs))
    return "".join("\t".join(fields(line)) + "\n" for line in lines)


def pythons():
    named = os.environ.get("ONEHEAD_ALEMBIC_PYTHONS")
    if named:
        return named.split(":")
    venv = os.path.join(sys.argv[1], os.pardir, "venv", "bin", "python")
    return ["/usr/bin/python3"] + ([venv] if os.path.exists(venv) else [])


def run_each():
    status = 0
    for python in pythons():
        status |= subprocess.run([python, "-B", *sys.argv, INNER]).returncode
    return status


def main():
    if sys.argv[-1] != INNER:
        return run_each()
    sys.argv.pop()
    program = os.path.join(sys.argv[1], "dump_graph")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    graphs = [generate(rng) for _ in range(count)]
    asked = [[rng.choice(g).id for _ in range(2)] for g in graphs]
    sent = "".join(describe(g) + "".join(f"?\t{q}\n" for q in qs) + ".\n" for g, qs in zip(graphs, asked))
    out = subprocess.run([program], input=sent, stdout=subprocess.PIPE, text=True, check=True).stdout
    stream = iter(out.splitlines(True))
    differ = sound = 0
    for lines, questions in zip(graphs, asked):
        ours = read_graph(stream)
        theirs, warned = ask_alembic(lines, questions)
        sound += not isinstance(theirs, Exception) and not warned
        why = compare(lines, theirs, warned, ours)
        if why:
            differ += 1
            print(f"{why}\n{describe(lines) if len(lines) < 30 else len(lines)}")
    print(f"{count} graphs, {differ} differ ({sound} sound, seed {seed}, alembic {alembic.__version__})")
    return 1 if differ else 0


sys.exit(main())
