#include "adapters/alembic/arguments.h"

struct oh_slice oh_dotted_last(struct oh_slice name)
{
	struct oh_slice rest = name, part = name;

	while (oh_slice_next(&rest, '.', &part))
		name = part;
	return name;
}

struct oh_slice oh_dotted_prefix(struct oh_slice name)
{
	const struct oh_slice last = oh_dotted_last(name);

	return oh_slice_sub(name, 0, name.len - last.len ? name.len - last.len - 1 : 0);
}

bool oh_value_is_call(const struct oh_py_value *value, const char *last_component)
{
	return value->kind == OH_PY_CALL &&
	       oh_slice_eq(oh_dotted_last(value->text), oh_slice_of(last_component));
}

bool oh_value_is_double_starred(const struct oh_py_value *value)
{
	return value->kind == OH_PY_STARRED && oh_slice_eq(value->text, OH_SLICE("**"));
}

/* *arguments up to the position INDEX: what they hold may be any argument from there on. */
static const struct oh_py_value *starred_before(const struct oh_py_value *call, size_t index)
{
	if (index == OH_BY_KEYWORD)
		return NULL;
	for (size_t i = 0; i <= index && i < call->count; i++)
		if (call->items[i].kind == OH_PY_STARRED &&
			!oh_value_is_double_starred(&call->items[i]))
			return &call->items[i];
	return NULL;
}

const struct oh_py_value *oh_value_argument(
	const struct oh_py_value *call, size_t index, const char *name)
{
	for (size_t i = 0; i < call->keyword_count; i++)
		if (oh_slice_eq(call->keywords[i].name, oh_slice_of(name)))
			return &call->keywords[i].value;
	if (starred_before(call, index))
		return starred_before(call, index);
	return index < call->count && !oh_value_is_double_starred(&call->items[index])
		       ? &call->items[index]
		       : NULL;
}

/* What the enclosing batch says instead. */
static bool is_said_by_batch(struct oh_slice parameter)
{
	static const char *const names[] = {
		"table_name", "source_table", "schema", "source_schema"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (oh_slice_eq(parameter, oh_slice_of(names[i])))
			return true;
	return false;
}

/* The position of a parameter, OH_BY_KEYWORD where it has none. */
static size_t position_of(const struct oh_op_call *call, struct oh_slice parameter)
{
	struct oh_slice rest = oh_slice_of(call->operation->parameters), word;
	const bool batch = call->batch && call->operation->in_batch;
	size_t position = 0;

	while (oh_slice_next(&rest, ' ', &word)) {
		if (oh_slice_eq(word, parameter))
			return position;
		position += !(batch && is_said_by_batch(word));
	}
	return OH_BY_KEYWORD;
}

const struct oh_py_value *oh_argument(const struct oh_op_call *call, const char *parameter)
{
	const struct oh_slice name = oh_slice_of(parameter);

	if (call->batch && call->operation->in_batch && is_said_by_batch(name)) {
		const bool table = oh_slice_has_suffix(name, OH_SLICE("schema")) ? false : true;

		return oh_value_argument(
			call->batch, table ? 0 : 1, table ? "table_name" : "schema");
	}
	return oh_value_argument(call->call, position_of(call, name), parameter);
}

enum oh_name oh_argument_name(
	const struct oh_op_call *call, const struct oh_py_value *value, struct oh_slice *name)
{
	*name = OH_SLICE("");
	if (!value || value->kind == OH_PY_NONE)
		return OH_NAME_NONE;
	if ((oh_value_is_call(value, "f") || oh_value_is_call(value, "quoted_name")) &&
		value->count)
		value = &value->items[0];
	if (value->kind != OH_PY_STRING)
		return OH_NAME_COMPUTED;
	*name = oh_slice_dup(call->arena, value->text);
	return OH_NAME_READ;
}
