#include "adapters/alembic/effects.h"

#include "adapters/alembic/operations.h"

/* One of upgrade and downgrade, with what it calls. */
struct walk {
	struct oh_arena *arena;
	const struct oh_module_text *text;
	struct oh_slices functions; /* those that may run */
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

static const struct oh_py_function *function_named(
	const struct oh_py_module *module, struct oh_slice name)
{
	for (size_t i = 0; i < module->functions.count; i++)
		if (oh_slice_eq(module->functions.items[i].name, name))
			return &module->functions.items[i];
	return NULL;
}

static void add_function(struct walk *w, struct oh_slice name)
{
	if (function_named(w->text->module, name) && !oh_slices_contain(&w->functions, name))
		OH_PUSH(w->text->scratch, &w->functions, name);
}

/* globals()["upgrade_" + engine](): as the template for several databases does it. */
static void add_by_engine(struct walk *w)
{
	const struct oh_py_module *module = w->text->module;
	const struct oh_slice prefix =
		oh_slice_printf(w->text->scratch, OH_FMT "_", OH_ARG(w->functions.items[0]));

	for (size_t i = 0; i < module->functions.count; i++)
		if (oh_slice_has_prefix(module->functions.items[i].name, prefix))
			add_function(w, module->functions.items[i].name);
}

/* Fills w->functions with NAME and everything of the module that it calls, however deep. */
static void collect_functions(struct walk *w, struct oh_slice name)
{
	const struct oh_py_module *module = w->text->module;

	add_function(w, name);
	for (size_t i = 0; i < w->functions.count; i++)
		for (size_t k = 0; k < module->calls.count; k++) {
			const struct oh_py_call *call = &module->calls.items[k];

			if (!oh_slice_eq(call->function, w->functions.items[i]))
				continue;
			add_function(w, call->call->text);
			if (oh_slice_eq(call->call->text, OH_SLICE("globals")))
				add_by_engine(w);
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

	if (!prefix.len)
		return is_in(last, builtins) || function_named(w->text->module, name);
	if (is_in(last, readers))
		return true;
	return is_in(oh_slice_sub(name, 0, oh_slice_find_byte(name, '.', 0)), libraries) &&
	       !is_in(last, writers);
}

/* The call that CALL is a method of the result of: f(…) in f(…).all(). */
static const struct oh_py_value *receiver(const struct walk *w, const struct oh_py_value *call)
{
	const struct oh_py_module *module = w->text->module;
	const struct oh_py_value *best = NULL;

	for (size_t i = 0; i < module->calls.count; i++) {
		const struct oh_py_value *c = module->calls.items[i].call;

		if (c->start == call->start && c->end < call->end && (!best || c->end > best->end))
			best = c;
	}
	return best;
}

/* Does the method of the receiver only hand out what the receiver got? */
static bool only_fetches(const struct walk *w, const struct oh_py_value *call)
{
	static const char *const methods[] = {"all", "autocommit_block", "fetchall", "fetchone",
		"first", "keys", "mappings", "one", "one_or_none", "scalar", "scalar_one",
		"scalar_one_or_none", "scalars", "columns", "bindparams", NULL};
	const struct oh_py_value *inner = receiver(w, call);
	struct oh_slice rest;

	if (!inner)
		return false;
	rest = oh_slice_trim(oh_slice_sub(w->text->module->source, inner->end, call->end));
	if (!oh_slice_cut_prefix(&rest, OH_SLICE(".")))
		return false;
	return is_in(
		oh_slice_trim(oh_slice_sub(rest, 0, oh_slice_find_byte(rest, '(', 0))), methods);
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
	const struct oh_slice last = oh_dotted_last(call->text);

	if (call->start < w->covered)
		return; /* an argument of a call that was judged */
	if (!call->text.len && only_fetches(w, call))
		return;
	w->covered = call->end;
	if (is_harmless(w, call->text))
		return;
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

static void walk(struct walk *w, struct oh_slice name)
{
	const struct oh_py_module *module = w->text->module;

	collect_functions(w, name);
	for (size_t i = 0; i < module->calls.count; i++)
		if (oh_slices_contain(&w->functions, module->calls.items[i].function))
			take_call(w, &module->calls.items[i]);
	if (!w->functions.count) {
		const struct oh_py_binding *b = oh_py_binding(module, name);

		oh_body_add_unknown(w->arena, w->body, "code", b ? b->line : 0);
	}
}

/* Has the walk met a statement that is more than pass, return, or a call? */
static bool has_statements(const struct walk *w)
{
	const struct oh_py_module *module = w->text->module;

	for (size_t i = 0; i < module->statements.count; i++) {
		const struct oh_py_statement *s = &module->statements.items[i];

		if (oh_slices_contain(&w->functions, s->function) &&
			!oh_slice_eq(s->keyword, OH_SLICE("return")))
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
	struct walk up = {.arena = arena, .text = text, .body = body};
	struct walk down = {.arena = text->scratch, .text = text, .body = &ignored};

	walk(&up, OH_SLICE("upgrade"));
	walk(&down, OH_SLICE("downgrade"));
	body->does_nothing = did_nothing(&up) && did_nothing(&down);
}
