#include "adapters/alembic/effects.h"

#include "adapters/alembic/operations.h"
#include "base/map.h"

/* The functions of the module, and the calls in each: names are looked up, not searched. */
struct functions {
	struct oh_map index; /* name -> position in `reached` and `first` */
	bool *reached; /* it may run */
	size_t *first, *next; /* lists of calls: the first of a function, the one behind it */
};

#define NO_CALL ((size_t)-1)

/* One of upgrade and downgrade, with what it calls. */
struct walk {
	struct oh_arena *arena;
	const struct oh_module_text *text;
	struct functions functions;
	struct oh_slice name;
	struct oh_body *body;
	size_t covered; /* up to here the source belongs to a call that was judged */
};

static bool is_in(struct oh_slice s, const char *const *list)
{
	for (; *list; list++)
		if (oh_slice_eq(s, oh_slice_of(*list)))
			return true;
	return false;
}

static const size_t *position_of(const struct walk *w, struct oh_slice function)
{
	return oh_map_get(&w->functions.index, function);
}

static bool is_reached(const struct walk *w, struct oh_slice function)
{
	const size_t *at = position_of(w, function);

	return at && w->functions.reached[*at];
}

static void index_functions(struct walk *w)
{
	const struct oh_py_module *m = w->text->module;
	struct functions *f = &w->functions;
	const size_t *at;

	f->index.arena = w->text->scratch;
	f->reached = oh_arena_alloc(w->text->scratch, m->functions.count);
	f->first = oh_arena_alloc(w->text->scratch, m->functions.count * sizeof(*f->first));
	f->next = oh_arena_alloc(w->text->scratch, m->calls.count * sizeof(*f->next));
	for (size_t i = 0; i < m->functions.count; i++) {
		*oh_map_put(&f->index, m->functions.items[i].name) = i;
		f->first[i] = NO_CALL;
	}
	for (size_t i = m->calls.count; i-- > 0;) {
		at = position_of(w, m->calls.items[i].function);
		f->next[i] = at ? f->first[*at] : NO_CALL;
		if (at)
			f->first[*at] = i;
	}
}

static void reach(struct walk *w, struct oh_slice function, struct oh_slices *pending)
{
	const size_t *at = position_of(w, function);

	if (!at || w->functions.reached[*at])
		return;
	w->functions.reached[*at] = true;
	OH_PUSH(w->text->scratch, pending, function);
}

/* globals()["upgrade_" + engine](): as the template for several databases does it. */
static void reach_by_engine(struct walk *w, struct oh_slices *pending)
{
	const struct oh_py_module *module = w->text->module;
	const struct oh_slice prefix =
		oh_slice_printf(w->text->scratch, OH_FMT "_", OH_ARG(w->name));

	for (size_t i = 0; i < module->functions.count; i++)
		if (oh_slice_has_prefix(module->functions.items[i].name, prefix))
			reach(w, module->functions.items[i].name, pending);
}

/* Marks w->name and everything of the module that it calls, however deep. */
static void reach_all(struct walk *w)
{
	const struct oh_py_module *module = w->text->module;
	struct oh_slices pending = {0};
	bool by_engine = false;

	reach(w, w->name, &pending);
	while (pending.count) {
		const struct oh_slice function = pending.items[--pending.count];
		size_t i = w->functions.first[*position_of(w, function)];

		for (; i != NO_CALL; i = w->functions.next[i]) {
			const struct oh_slice called = module->calls.items[i].call->text;

			reach(w, called, &pending);
			if (!by_engine && oh_slice_eq(called, OH_SLICE("globals"))) {
				reach_by_engine(w, &pending);
				by_engine = true;
			}
		}
	}
}

/* The batch_alter_table(…) whose name the call is a method of. */
static const struct oh_py_value *batch_of(const struct oh_py_call *call, struct oh_slice prefix)
{
	for (const struct oh_py_with *s = call->scope; s; s = s->outer)
		if (s->name.len && oh_slice_eq(s->name, prefix))
			return s->value->kind == OH_PY_CALL &&
					       oh_slice_eq(oh_dotted_last(s->value->text),
						       OH_SLICE("batch_alter_table"))
				       ? s->value
				       : NULL;
	return NULL;
}

static bool is_op(struct oh_slice prefix)
{
	return oh_slice_eq(oh_dotted_last(prefix), OH_SLICE("op"));
}

/* Names of what reads, or makes a value: none of it touches the schema. */
static bool is_harmless(const struct walk *w, struct oh_slice name)
{
	static const char *const builtins[] = {"bool", "dict", "enumerate", "frozenset", "int",
		"isinstance", "len", "list", "max", "min", "print", "range", "reversed", "set",
		"sorted", "str", "sum", "tuple", "zip", "Column", "MetaData", "Table", "column",
		"globals", "inspect", "select", "table", "text", NULL};
	static const char *const readers[] = {"get_bind", "get_context", "f", "inline_literal",
		"is_offline_mode", "get_columns", "get_indexes", "get_table_names", "has_table",
		"has_index", "get_foreign_keys", "get_unique_constraints", "get_pk_constraint",
		"get_check_constraints", "get_view_names", "get_schema_names", "get_x_argument",
		NULL};
	static const char *const libraries[] = {"sa", "sqlalchemy", "postgresql", "mysql", "sqlite",
		"mssql", "oracle", "logger", "log", "logging", NULL};
	static const char *const writers[] = {
		"create", "create_all", "drop", "drop_all", "execute", NULL};
	const struct oh_slice last = oh_dotted_last(name), prefix = oh_dotted_prefix(name);

	if (!name.len)
		return false;
	if (!prefix.len)
		return is_in(last, builtins) || position_of(w, name);
	if (is_in(last, readers))
		return true;
	return is_in(oh_slice_sub(name, 0, oh_slice_find_byte(name, '.', 0)), libraries) &&
	       !is_in(last, writers);
}

/* Does the method only hand out, or go on building, what it is called on: f(…).all()? */
static bool only_fetches(const struct oh_py_value *call)
{
	static const char *const fetchers[] = {"all", "autocommit_block", "fetchall", "fetchone",
		"first", "keys", "mappings", "one", "one_or_none", "scalar", "scalar_one",
		"scalar_one_or_none", "scalars", NULL};
	static const char *const builders[] = {"bindparams", "columns", "filter", "join", "limit",
		"order_by", "select_from", "values", "where", NULL};

	return call->base && (is_in(call->attribute, builders) ||
				     (!call->count && is_in(call->attribute, fetchers)));
}

/* connection.execute(…) and its like. */
static bool runs_sql(struct oh_slice last)
{
	static const char *const names[] = {
		"execute", "exec_driver_sql", "scalar", "scalars", NULL};

	return is_in(last, names);
}

static void take_code(struct walk *w, const struct oh_py_value *call)
{
	const struct oh_slice last = call->text.len ? oh_dotted_last(call->text) : call->attribute;

	if (call->end <= w->covered)
		return; /* an argument of a call that was judged */
	if (only_fetches(call) || is_harmless(w, call->text))
		return;
	w->covered = call->end;
	if (runs_sql(last) && call->count && oh_sql_read(w->arena, &call->items[0], w->body))
		return;
	oh_body_add_unknown(w->arena, w->body, "code", call->line);
}

static void take_call(struct walk *w, const struct oh_py_call *call)
{
	const struct oh_slice name = call->call->text;
	const struct oh_slice prefix = oh_dotted_prefix(name);
	struct oh_op_call op = {.arena = w->arena, .call = call->call, .body = w->body};

	op.batch = batch_of(call, prefix);
	if (op.batch || is_op(prefix))
		op.operation = oh_operation_find(oh_dotted_last(name));
	if (!op.operation) {
		take_code(w, call->call);
		return;
	}
	oh_operation_read(&op);
	if (call->call->end > w->covered)
		w->covered = call->call->end;
}

static void walk(struct walk *w)
{
	const struct oh_py_module *module = w->text->module;
	const struct oh_py_binding *b = oh_py_binding(module, w->name);

	index_functions(w);
	reach_all(w);
	for (size_t i = 0; i < module->calls.count; i++)
		if (is_reached(w, module->calls.items[i].function))
			take_call(w, &module->calls.items[i]);
	if (!is_reached(w, w->name))
		oh_body_add_unknown(w->arena, w->body, "code", b ? b->line : 0);
}

/* Has the walk met a statement that is more than pass, return, or a call? */
static bool has_statements(const struct walk *w)
{
	const struct oh_py_module *module = w->text->module;

	for (size_t i = 0; i < module->statements.count; i++) {
		const struct oh_py_statement *s = &module->statements.items[i];

		if (is_reached(w, s->function) && !oh_slice_eq(s->keyword, OH_SLICE("return")))
			return true;
	}
	return false;
}

static bool did_nothing(const struct walk *w)
{
	return !w->body->effects.count && !w->body->unknowns.count && !has_statements(w);
}

void oh_alembic_effects(
	struct oh_arena *arena, const struct oh_module_text *text, struct oh_body *body)
{
	struct oh_body ignored = {0};
	struct walk up = {.arena = arena, .text = text, .name = OH_SLICE("upgrade"), .body = body};
	struct walk down = {.arena = text->scratch,
		.text = text,
		.name = OH_SLICE("downgrade"),
		.body = &ignored};

	walk(&up);
	walk(&down);
	body->does_nothing = did_nothing(&up) && did_nothing(&down);
}
