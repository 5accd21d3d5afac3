#include "adapters/alembic/arguments.h"

#include "base/buf.h"

#define NEWEST 8

/* What an effect is on. */
struct target {
	struct oh_slice schema, table, name;
};

void oh_body_add_unknown(
	struct oh_arena *arena, struct oh_body *body, const char *what, unsigned line)
{
	const struct oh_slice text = oh_slice_of(what);
	const size_t count = body->unknowns.count;

	/* calls come in the order of the source: the same line is among the newest */
	for (size_t i = count; i && i + NEWEST > count; i--)
		if (body->unknowns.items[i - 1].line == line &&
			oh_slice_eq(body->unknowns.items[i - 1].what, text))
			return;
	OH_PUSH(arena, &body->unknowns, (struct oh_unknown){text, line});
}

static void unknown(struct oh_op_call *c, const char *what)
{
	oh_body_add_unknown(c->arena, c->body, what, c->call->line);
}

/* drop_column("users", "email"): the call by its names, in the order of its parameters. */
static struct oh_slice describe(const struct oh_op_call *c)
{
	struct oh_slice rest = oh_slice_of(c->operation->parameters), word, name;
	struct oh_buf buf = {.arena = c->arena};
	size_t shown = 0, own = 0;

	oh_buf_addf(&buf, "%s(", c->operation->name);
	while (oh_slice_next(&rest, ' ', &word)) {
		const struct oh_py_value *value = oh_argument(c, oh_slice_str(c->arena, word));

		if (value && oh_value_is_call(value, "Column"))
			value = oh_value_argument(value, 0, "name");
		if (oh_argument_name(c, value, &name) != OH_NAME_READ ||
			oh_slice_eq(word, OH_SLICE("schema")))
			continue;
		oh_buf_addf(&buf, "%s\"" OH_FMT "\"", shown++ ? ", " : "", OH_ARG(name));
		own += value->start >= c->call->start && value->end <= c->call->end;
	}
	oh_buf_add(&buf,
		own < c->call->count + c->call->keyword_count ? OH_SLICE(", ...)") : OH_SLICE(")"));
	return oh_buf_slice(&buf);
}

static void effect(
	struct oh_op_call *c, enum oh_act act, enum oh_object object, const struct target *t)
{
	OH_PUSH(c->arena, &c->body->effects,
		(struct oh_effect){
			.object = object,
			.act = act,
			.schema = t->schema,
			.table = t->table,
			.name = t->name,
			.call = describe(c),
			.line = c->call->line,
		});
}

/* Schema and table of the call; false where they can't be read, which is said. */
static bool read_table(
	struct oh_op_call *c, const char *parameter, const char *schema, struct target *t)
{
	*t = (struct target){0};
	if (oh_argument_name(c, oh_argument(c, parameter), &t->table) == OH_NAME_READ &&
		oh_argument_name(c, oh_argument(c, schema), &t->schema) != OH_NAME_COMPUTED)
		return true;
	unknown(c, "computed name");
	return false;
}

static bool read_plain_table(struct oh_op_call *c, struct target *t)
{
	return read_table(c, "table_name", "schema", t);
}

/* An effect on what PARAMETER names; a name that is None says nothing (a convention makes it). */
static void effect_on_named(struct oh_op_call *c, enum oh_act act, enum oh_object object,
	struct target t, const char *parameter)
{
	switch (oh_argument_name(c, oh_argument(c, parameter), &t.name)) {
	case OH_NAME_READ:
		effect(c, act, object, &t);
		break;
	case OH_NAME_COMPUTED:
		unknown(c, "computed name");
		break;
	case OH_NAME_NONE:
		break;
	}
}

/* USE of the columns in a list of names; an element of another kind is an expression. */
static void use_columns(struct oh_op_call *c, struct target t, const struct oh_py_value *list)
{
	if (!list)
		return;
	if (list->kind != OH_PY_LIST && list->kind != OH_PY_TUPLE && list->kind != OH_PY_SET) {
		unknown(c, "computed columns");
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		if (oh_argument_name(c, &list->items[i], &t.name) == OH_NAME_READ)
			effect(c, OH_USE, OH_COLUMN, &t);
		else
			unknown(c, "an expression over columns");
}

/* "column", "table.column", "schema.table.column" */
static struct target split_reference(struct oh_slice text)
{
	struct target t = {.name = oh_dotted_last(text)};
	const struct oh_slice before = oh_dotted_prefix(text);

	t.table = oh_dotted_last(before);
	t.schema = oh_dotted_prefix(before);
	return t;
}

/* What a foreign key of the new table or column OWN points to. */
static void use_reference(
	struct oh_op_call *c, const struct target *own, const struct oh_py_value *value)
{
	struct oh_slice text;
	struct target t;

	if (oh_argument_name(c, value, &text) != OH_NAME_READ) {
		unknown(c, "computed name");
		return;
	}
	t = split_reference(text);
	if (!t.table.len ||
		(oh_slice_eq(t.table, own->table) && oh_slice_eq(t.schema, own->schema)))
		return;
	effect(c, OH_USE, OH_COLUMN, &t);
}

/* The foreign keys in the arguments of a Column. */
static void use_column_references(
	struct oh_op_call *c, const struct target *own, const struct oh_py_value *column)
{
	for (size_t i = 0; i < column->count; i++)
		if (oh_value_is_call(&column->items[i], "ForeignKey"))
			use_reference(c, own, oh_value_argument(&column->items[i], 0, "column"));
		else if (column->items[i].kind == OH_PY_STARRED)
			unknown(c, "computed columns");
}

static void use_constraint_references(
	struct oh_op_call *c, const struct target *own, const struct oh_py_value *constraint)
{
	const struct oh_py_value *list = oh_value_argument(constraint, 1, "refcolumns");

	if (!list || (list->kind != OH_PY_LIST && list->kind != OH_PY_TUPLE)) {
		unknown(c, "computed columns");
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		use_reference(c, own, &list->items[i]);
}

static bool is_plain_item(const struct oh_py_value *value)
{
	static const char *const names[] = {"PrimaryKeyConstraint", "UniqueConstraint",
		"CheckConstraint", "ExcludeConstraint", "Computed", "Identity"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (oh_value_is_call(value, names[i]))
			return true;
	return false;
}

/* Something between the parentheses of create_table. */
static void read_table_item(
	struct oh_op_call *c, const struct target *own, const struct oh_py_value *item)
{
	struct target index = *own;

	if (oh_value_is_call(item, "Column")) {
		use_column_references(c, own, item);
	} else if (oh_value_is_call(item, "ForeignKeyConstraint")) {
		use_constraint_references(c, own, item);
	} else if (oh_value_is_call(item, "Index")) {
		if (oh_argument_name(c, oh_value_argument(item, 0, "name"), &index.name) ==
			OH_NAME_READ)
			effect(c, OH_CREATE, OH_INDEX, &index);
	} else if (!is_plain_item(item) && !oh_value_is_double_starred(item)) {
		unknown(c, "computed columns");
	}
}

static void create_table(struct oh_op_call *c)
{
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	effect(c, OH_CREATE, OH_TABLE, &t);
	for (size_t i = 1; i < c->call->count; i++)
		read_table_item(c, &t, &c->call->items[i]);
}

static void drop_table(struct oh_op_call *c)
{
	struct target t;

	if (read_plain_table(c, &t))
		effect(c, OH_DROP, OH_TABLE, &t);
}

static void rename_table(struct oh_op_call *c)
{
	struct target from, to;

	if (!read_table(c, "old_table_name", "schema", &from) ||
		!read_table(c, "new_table_name", "schema", &to))
		return;
	effect(c, OH_DROP, OH_TABLE, &from);
	effect(c, OH_CREATE, OH_TABLE, &to);
}

static void add_column(struct oh_op_call *c)
{
	const struct oh_py_value *column = oh_argument(c, "column");
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	if (!column || !oh_value_is_call(column, "Column") ||
		oh_argument_name(c, oh_value_argument(column, 0, "name"), &t.name) !=
			OH_NAME_READ) {
		unknown(c, "computed name");
		return;
	}
	effect(c, OH_CREATE, OH_COLUMN, &t);
	use_column_references(c, &t, column);
}

static void drop_column(struct oh_op_call *c)
{
	struct target t;

	if (read_plain_table(c, &t))
		effect_on_named(c, OH_DROP, OH_COLUMN, t, "column_name");
}

static void alter_column(struct oh_op_call *c)
{
	struct oh_slice new_name;
	enum oh_name renamed;
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	renamed = oh_argument_name(c, oh_argument(c, "new_column_name"), &new_name);
	if (oh_argument_name(c, oh_argument(c, "column_name"), &t.name) != OH_NAME_READ ||
		renamed == OH_NAME_COMPUTED)
		unknown(c, "computed name");
	if (!t.name.len)
		return;
	if (renamed != OH_NAME_READ || oh_slice_eq(t.name, new_name)) {
		effect(c, OH_ALTER, OH_COLUMN, &t);
		return;
	}
	effect(c, OH_DROP, OH_COLUMN, &t);
	t.name = new_name;
	effect(c, OH_CREATE, OH_COLUMN, &t);
}

/* postgresql_where=… and the like: expressions that may name any column. */
static bool has_expression(const struct oh_op_call *c)
{
	for (size_t i = 0; i < c->call->keyword_count; i++)
		if (oh_slice_has_suffix(c->call->keywords[i].name, OH_SLICE("_where")))
			return true;
	return false;
}

static void create_index(struct oh_op_call *c)
{
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	effect_on_named(c, OH_CREATE, OH_INDEX, t, "index_name");
	use_columns(c, t, oh_argument(c, "columns"));
	use_columns(c, t, oh_argument(c, "postgresql_include"));
	if (has_expression(c))
		unknown(c, "an expression over columns");
}

static void drop_index(struct oh_op_call *c)
{
	const struct oh_py_value *table = oh_argument(c, "table_name");
	struct target t = {0};

	if (oh_argument_name(c, table, &t.table) == OH_NAME_COMPUTED ||
		oh_argument_name(c, oh_argument(c, "schema"), &t.schema) == OH_NAME_COMPUTED)
		unknown(c, "computed name");
	else
		effect_on_named(c, OH_DROP, OH_INDEX, t, "index_name");
}

static void create_unique_constraint(struct oh_op_call *c)
{
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	effect_on_named(c, OH_CREATE, OH_CONSTRAINT, t, "constraint_name");
	use_columns(c, t, oh_argument(c, "columns"));
}

static void create_primary_key(struct oh_op_call *c)
{
	struct target t;

	create_unique_constraint(c);
	if (!read_plain_table(c, &t))
		return;
	t.name = OH_SLICE("(primary key)");
	effect(c, OH_CREATE, OH_CONSTRAINT, &t);
}

/* Check and exclude constraints: the condition is code or SQL. */
static void create_condition(struct oh_op_call *c)
{
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	effect_on_named(c, OH_CREATE, OH_CONSTRAINT, t, "constraint_name");
	unknown(c, "an expression over columns");
}

static void create_foreign_key(struct oh_op_call *c)
{
	struct target source, referent;

	if (!read_table(c, "source_table", "source_schema", &source))
		return;
	effect_on_named(c, OH_CREATE, OH_CONSTRAINT, source, "constraint_name");
	use_columns(c, source, oh_argument(c, "local_cols"));
	if (read_table(c, "referent_table", "referent_schema", &referent))
		use_columns(c, referent, oh_argument(c, "remote_cols"));
}

static void drop_constraint(struct oh_op_call *c)
{
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	effect_on_named(c, OH_DROP, OH_CONSTRAINT, t, "constraint_name");
	if (oh_argument_name(c, oh_argument(c, "constraint_name"), &t.name) == OH_NAME_NONE)
		unknown(c, "computed name");
}

static void comment(struct oh_op_call *c)
{
	struct target t;

	if (!read_plain_table(c, &t))
		return;
	t.name = OH_SLICE("(comment)");
	effect(c, OH_ALTER, OH_CONSTRAINT, &t);
}

static void bulk_insert(struct oh_op_call *c)
{
	const struct oh_py_value *table = oh_argument(c, "table");
	struct target t = {0};

	if (table && oh_value_is_call(table, "create_table"))
		return; /* its own call says it */
	if (!table || (!oh_value_is_call(table, "table") && !oh_value_is_call(table, "Table")) ||
		oh_argument_name(c, oh_value_argument(table, 0, "name"), &t.table) !=
			OH_NAME_READ ||
		oh_argument_name(c, oh_value_argument(table, OH_BY_KEYWORD, "schema"), &t.schema) ==
			OH_NAME_COMPUTED)
		unknown(c, "computed name");
	else
		effect(c, OH_USE, OH_TABLE, &t);
}

static void execute(struct oh_op_call *c)
{
	const struct oh_py_value *sql = oh_argument(c, "sqltext");

	if (!sql || !oh_sql_read(c->arena, sql, c->body))
		unknown(c, sql && sql->kind == OH_PY_CALL ? "code" : "raw SQL");
}

static void begin_batch(struct oh_op_call *c)
{
	struct target t;

	read_plain_table(c, &t); /* says it, where the table can't be read */
}

static const struct oh_operation rows[] = {
	{"add_column", "table_name column schema", true, add_column},
	{"alter_column", "table_name column_name nullable comment server_default new_column_name",
		true, alter_column},
	{"batch_alter_table", "table_name schema", false, begin_batch},
	{"bulk_insert", "table rows", false, bulk_insert},
	{"create_check_constraint", "constraint_name table_name condition schema", true,
		create_condition},
	{"create_exclude_constraint", "constraint_name table_name", true, create_condition},
	{"create_foreign_key", "constraint_name source_table referent_table local_cols remote_cols",
		true, create_foreign_key},
	{"create_index", "index_name table_name columns schema", true, create_index},
	{"create_primary_key", "constraint_name table_name columns schema", true,
		create_primary_key},
	{"create_table", "table_name", false, create_table},
	{"create_table_comment", "table_name comment existing_comment schema", true, comment},
	{"create_unique_constraint", "constraint_name table_name columns schema", true,
		create_unique_constraint},
	{"drop_column", "table_name column_name schema", true, drop_column},
	{"drop_constraint", "constraint_name table_name type_ schema", true, drop_constraint},
	{"drop_index", "index_name table_name schema", true, drop_index},
	{"drop_table", "table_name schema", false, drop_table},
	{"drop_table_comment", "table_name existing_comment schema", true, comment},
	{"execute", "sqltext", false, execute},
	{"rename_table", "old_table_name new_table_name schema", false, rename_table},
};

const struct oh_operation *oh_operation_find(struct oh_slice name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (oh_slice_eq(name, oh_slice_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

static bool has_double_starred(const struct oh_py_value *call)
{
	for (size_t i = 0; i < call->count; i++)
		if (oh_value_is_double_starred(&call->items[i]))
			return true;
	return false;
}

void oh_operation_read(struct oh_op_call *call)
{
	if (has_double_starred(call->call))
		unknown(call, "computed name");
	call->operation->read(call);
}
