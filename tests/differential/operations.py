#!/usr/bin/env python3
"""What the adapter sees in random bodies of upgrade() against the operations that Alembic gets.

usage: operations.py DIRECTORY-OF-dump_effects [COUNT] [SEED] [PYTHON...]

Each body is run by real Alembic with its operations recorded instead of carried out, and the
effects follow from Alembic's own operation objects. Arguments are given by position, by keyword, in
op.f(), in batches. Where nothing is unknown to the adapter, both lists are the same; where
something is, what it does see is a part of what Alembic got. Each PYTHON has an Alembic of its
own; without any: this one's, and that of build/venv.
"""
import contextlib
import os
import random
import subprocess
import sys
import warnings

NAMES = ["users", "orgs", "posts"]
COLUMNS = ["a", "b", "email", "org_id", "\u00e9"]


class Body:
    """Writes random calls."""

    def __init__(self, r):
        self.r = r

    def name(self, choices, batch=False):
        text = repr(self.r.choice(choices))
        kind = self.r.random()
        op = "batch_op" if batch else "op"
        return (text if kind < 0.7 else "%s.f(%s)" % (op, text) if kind < 0.8 else "u" + text if kind < 0.85
                else "(%s)" % text if kind < 0.9 else text[:2] + "' '" + text[2:] if kind < 0.95 else "NAMES[0]" if kind < 0.96
                else "str(%s)" % text if kind < 0.97 else "f" + text)

    def names(self, batch=False):
        body = ", ".join(self.name(COLUMNS, batch) for _ in range(self.r.randint(1, 2)))
        return self.r.choice(["[%s]", "[%s]", "(%s,)", "[%s,]", "list([%s])"]) % body

    def column(self):
        extra = self.r.choice(["", "", ", nullable=True", ", sa.ForeignKey('orgs.id')", ", sa.ForeignKey('s.orgs.id')",
                               ", sa.ForeignKey(column='users.a', name='fk')"])
        return "sa.Column(%s, sa.Integer()%s)" % (self.r.choice([repr(self.r.choice(COLUMNS))] * 9 + ["str('q')"]), extra)

    def arguments(self, pairs, optional=()):
        """PAIRS of parameter and text: some by keyword, in any order."""
        split = self.r.choice([len(pairs)] * 3 + [self.r.randint(0, len(pairs))])
        keywords = ["%s=%s" % p for p in pairs[split:]] + ["%s=%s" % o for o in optional if self.r.random() < 0.3]
        self.r.shuffle(keywords)
        return ", ".join([text for _, text in pairs[:split]] + keywords)

    def schema(self, name="schema"):
        return (name, self.r.choice(["'s'", "None", "'s'", "'t'", "str('s')"]))

    def call(self, batch):
        r, op = self.r, "batch_op" if batch else "op"
        table = [] if batch else [("table_name", self.name(NAMES))]
        schema = [] if batch else [self.schema()]
        kind = r.randint(0, 13)
        constraint = r.choice([self.name(["c1", "c2"], batch)] * 6 + (["None"] if not batch else []))
        index = r.choice([self.name(["ix1", "ix2"], batch)] * 6 + (["None"] if not batch else []))
        if kind == 0:
            return "%s.add_column(%s)" % (op, self.arguments([*table, ("column", self.column())], schema))
        if kind == 1:
            return "%s.drop_column(%s)" % (op, self.arguments([*table, ("column_name", self.name(COLUMNS, batch))], schema))
        if kind == 2:
            return "%s.alter_column(%s)" % (op, self.arguments(
                [*table, ("column_name", self.name(COLUMNS, batch))],
                [*schema, ("new_column_name", self.name(COLUMNS, batch)), ("nullable", "True"), ("existing_type", "sa.Text()")]))
        if kind == 3:
            return "%s.create_index(%s)" % (op, self.arguments(
                [("index_name", index), *table, ("columns", self.names(batch))],
                [*schema, ("unique", "True"), ("postgresql_include", "['a']"), ("postgresql_where", "sa.text('a')")]))
        if kind == 4:
            return "%s.drop_index(%s)" % (op, self.arguments(
                [("index_name", self.name(["ix1", "ix2"], batch)), *(table if r.random() < 0.7 else [])], schema))
        if kind == 5:
            return "%s.create_unique_constraint(%s)" % (op, self.arguments(
                [("constraint_name", constraint), *table, ("columns", self.names(batch))], schema))
        if kind == 6:
            return "%s.create_primary_key(%s)" % (op, self.arguments(
                [("constraint_name", constraint), *table, ("columns", self.names(batch))], schema))
        if kind == 7:
            source = [] if batch else [("source_table", self.name(NAMES))]
            return "%s.create_foreign_key(%s)" % (op, self.arguments(
                [("constraint_name", constraint), *source, ("referent_table", self.name(NAMES, batch)),
                 ("local_cols", self.names(batch)), ("remote_cols", self.names(batch))],
                [*([] if batch else [self.schema("source_schema")]), self.schema("referent_schema"), ("ondelete", "'CASCADE'")]))
        if kind == 8:
            return "%s.drop_constraint(%s)" % (op, self.arguments(
                [("constraint_name", self.name(["c1", "c2"], batch)), *table], [("type_", "'foreignkey'"), *schema]))
        if kind == 9:
            return "%s.create_check_constraint(%s)" % (op, self.arguments(
                [("constraint_name", self.name(["c1"], batch)), *table, ("condition", "sa.text('a > 1')")], schema))
        if kind == 10:
            return "%s.create_table_comment(%s)" % (op, self.arguments([*table, ("comment", "'x'")], schema))
        if kind == 11:
            return "%s.drop_table_comment(%s)" % (op, self.arguments(table, schema))
        if kind == 12:
            return self.whole()
        return r.choice(["pass", "op.get_bind()", "op.execute('SELECT 1')", "op.execute('DELETE FROM users')",
                         "x = sa.Enum('a', name='b')", "'text'", "op.execute(sa.text('select 2'))"])

    def whole(self):
        r = self.r
        kind = r.randint(0, 3)
        if kind == 0:
            items = [r.choice([self.column(), self.column(), "sa.PrimaryKeyConstraint('a')", "sa.Index('ix3', 'a')",
                               "sa.ForeignKeyConstraint(['a'], ['orgs.b'])", "*[]", "sa.UniqueConstraint('a', name='u')"])
                     for _ in range(r.randint(0, 3))]
            tail = ["schema=%s" % self.schema()[1]] if r.random() < 0.3 else []
            return "op.create_table(%s)" % ", ".join([self.name(NAMES), "sa.Column('a', sa.Integer())",
                                                      "sa.Column('b', sa.Integer())", *items, *tail])
        if kind == 1:
            return "op.drop_table(%s)" % self.arguments([("table_name", self.name(NAMES))], [self.schema()])
        if kind == 2:
            return "op.rename_table(%s)" % self.arguments(
                [("old_table_name", self.name(NAMES)), ("new_table_name", self.name(NAMES))], [self.schema()])
        return "op.bulk_insert(sa.table(%s, sa.column('a')%s), [{'a': 1}])" % (
            repr(r.choice(NAMES)), r.choice(["", "", ", schema='s'"]))

    def text(self):
        lines = []
        for _ in range(self.r.randint(0, 5)):
            if self.r.random() < 0.3:
                lines.append("    with op.batch_alter_table(%s) as batch_op:" % self.arguments(
                    [("table_name", self.name(NAMES))], [self.schema()]))
                lines += ["        " + self.call(True) for _ in range(self.r.randint(1, 3))]
            elif self.r.random() < 0.2:
                lines += ["    if True:", "        " + self.call(False)]
            else:
                lines.append("    " + self.call(False))
        return ("from alembic import op\nimport sqlalchemy as sa\nNAMES = ['users']\n"
                "revision = 'a'\ndown_revision = None\ndef upgrade():\n    pass\n" + "\n".join(lines)
                + "\ndef downgrade():\n    pass\n")


def use(spec):
    parts = spec.split(".")
    return ("use", "column", ".".join(parts[:-2]), parts[-2], parts[-1])


def table_effects(op):
    own = (op.schema or "", op.table_name)
    yield ("create", "table", *own, "")
    from sqlalchemy import Column, ForeignKeyConstraint, Index
    for item in op.columns:
        specs = []
        if isinstance(item, Column):
            specs = [f._colspec for f in item.foreign_keys]
        elif isinstance(item, ForeignKeyConstraint):
            specs = [f._colspec for f in item.elements]
        elif isinstance(item, Index):
            yield ("create", "index", *own, item.name)
        for spec in specs:
            if use(spec)[2:4] != own:
                yield use(spec)


def effects_of(op):
    from alembic.operations import ops

    schema = getattr(op, "schema", None) or ""
    own = (schema, getattr(op, "table_name", None) or "")
    kind = type(op).__name__
    columns = lambda names: [("use", "column", *own, str(c)) for c in names]
    if isinstance(op, ops.CreateTableOp):
        return list(table_effects(op))
    if isinstance(op, ops.DropTableOp):
        return [("drop", "table", *own, "")]
    if isinstance(op, ops.RenameTableOp):
        return [("drop", "table", *own, ""), ("create", "table", schema, op.new_table_name, "")]
    if isinstance(op, ops.AddColumnOp):
        out = [("create", "column", *own, op.column.name)]
        return out + [u for u in (use(f._colspec) for f in op.column.foreign_keys) if u[2:4] != own]
    if isinstance(op, ops.DropColumnOp):
        return [("drop", "column", *own, op.column_name)]
    if isinstance(op, ops.AlterColumnOp):
        if op.modify_name and op.modify_name != op.column_name:
            return [("drop", "column", *own, op.column_name), ("create", "column", *own, op.modify_name)]
        return [("alter", "column", *own, op.column_name)]
    if isinstance(op, ops.CreateIndexOp):
        named = [("create", "index", *own, str(op.index_name))] if op.index_name else []
        return named + columns(op.columns) + columns(op.kw.get("postgresql_include", []))
    if isinstance(op, ops.DropIndexOp):
        return [("drop", "index", *own, str(op.index_name))]
    if kind in ("CreateTableCommentOp", "DropTableCommentOp"):
        return [("alter", "constraint", *own, "(comment)")]
    if isinstance(op, ops.DropConstraintOp):
        return [("drop", "constraint", *own, str(op.constraint_name))]
    if isinstance(op, ops.CreateForeignKeyOp):
        source = (op.kw.get("source_schema") or "", op.source_table)
        named = [("create", "constraint", *source, str(op.constraint_name))] if op.constraint_name else []
        referent = (op.kw.get("referent_schema") or "", op.referent_table)
        return (named + [("use", "column", *source, str(c)) for c in op.local_cols]
                + [("use", "column", *referent, str(c)) for c in op.remote_cols])
    if isinstance(op, ops.AddConstraintOp):
        named = [("create", "constraint", *own, str(op.constraint_name))] if op.constraint_name else []
        named += columns(getattr(op, "columns", []))
        return named + ([("create", "constraint", *own, "(primary key)")] if kind == "CreatePrimaryKeyOp" else [])
    if isinstance(op, ops.BulkInsertOp):
        return [("use", "table", op.table.schema or "", op.table.name, "")]
    if isinstance(op, ops.ExecuteSQLOp):
        return []
    raise AssertionError("no effects known of " + kind)


def recorded(text):
    """The effects that Alembic's operations amount to; None where it refuses the body."""
    from alembic.migration import MigrationContext
    from alembic.operations import BatchOperations, Operations

    out = []
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True})
    module = {"__name__": "migration"}

    def invoke(self, operation):
        out.extend(effects_of(operation))

    with contextlib.ExitStack() as stack:
        stack.enter_context(Operations.context(context))
        for klass in {Operations, BatchOperations, *Operations.__mro__, *BatchOperations.__mro__}:
            if "invoke" in vars(klass):
                stack.callback(setattr, klass, "invoke", vars(klass)["invoke"])
                klass.invoke = invoke
        try:
            exec(compile(text, "migration", "exec"), module)
            module["upgrade"]()
        except (TypeError, ValueError) as e:
            return "%s: %s" % (type(e).__name__, e)
    return out


def plain(word):
    return "" if word == "-" else bytes.fromhex(word).decode()


def seen_of(block):
    effects, unknowns = [], []
    for line in block.splitlines():
        word = line.split(" ", 1)
        if word[0] == "effect":
            act, kind, schema, table, name = word[1].split(" ")
            effects.append((act, kind, plain(schema), plain(table), plain(name)))
        else:
            unknowns.append(line)
    return effects, unknowns


def same(seen, real):
    """A column that gets a computed name is altered as far as can be seen, and renamed in truth."""
    return seen == real or (seen[0], real[0]) == ("alter", "drop") and seen[1:] == real[1:]


def is_part(few, many):
    rest = iter(many)
    return all(any(same(x, y) for y in rest) for x in few)


def main_of_one(directory, count, seed):
    import alembic

    warnings.simplefilter("ignore")
    r, failed, exact, effects, refused = random.Random(seed), 0, 0, 0, 0
    texts = [Body(r).text() for _ in range(count)]
    data = b"".join(b"%d\n" % len(t.encode()) + t.encode() for t in texts)
    done = subprocess.run([os.path.join(directory, "dump_effects")], input=data, capture_output=True)
    if done.returncode:
        sys.exit("dump_effects: exit %d\n%s" % (done.returncode, done.stderr.decode()))
    for text, block in zip(texts, done.stdout.decode().split(".\n")):
        seen, unknowns = seen_of(block)
        expected = recorded(text)
        if isinstance(expected, str):
            refused += 1
            continue
        effects += len(expected)
        exact += not unknowns
        if not unknowns and seen == expected or unknowns and is_part(seen, expected):
            continue
        failed += 1
        print("%s\n  alembic %r\n  onehead %r %r" % (text[text.index("    pass"):], expected, seen, unknowns))
    print("alembic %s: %d bodies (%d refused by it, %d without anything unknown), %d effects, %d bodies differ"
          % (alembic.__version__, count, refused, exact, effects, failed))
    return failed or not effects


def main():
    directory = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
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
