/* The values of revision, down_revision and depends_on, each in its own form. */
#include "adapters/alembic/rewriting.h"

static bool is_identifier(struct oh_slice name)
{
	return oh_slice_eq(name, OH_SLICE("revision")) ||
	       oh_slice_eq(name, OH_SLICE("down_revision")) ||
	       oh_slice_eq(name, OH_SLICE("branch_labels")) ||
	       oh_slice_eq(name, OH_SLICE("depends_on"));
}

/* Does another name of the module get the value as well, or a part of it? Where another
 * identifier does, reading back tells whether it may. */
static bool is_shared_with_name(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	for (size_t i = 0; i < r->module.bindings.count; i++) {
		const struct oh_py_binding *b = &r->module.bindings.items[i];

		if (!is_identifier(b->name) && b->value && b->value->start < value->end &&
			value->start < b->value->end)
			return true;
	}
	return false;
}

/* `a.b = down_revision = …`: what stands between the statement's start and the value. */
struct targets {
	size_t equals;
	bool has_place; /* an attribute or an element */
};

static struct targets targets_of(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	struct oh_py_lexer lexer;
	struct oh_py_token token;
	struct targets t = {0};

	oh_py_lexer_start(&lexer, r->file->bytes);
	for (oh_py_next(&lexer, &token); token.start < value->start; oh_py_next(&lexer, &token)) {
		if (token.kind == OH_PY_TOKEN_END)
			break;
		if (token.kind == OH_PY_TOKEN_NEWLINE || token.kind == ';')
			t = (struct targets){0};
		t.equals += token.kind == '=';
		t.has_place |= token.kind == '.' || token.kind == '[';
	}
	return t;
}

static bool is_shared_with_place(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	const struct targets t = targets_of(r, value);

	return t.equals > 1 && t.has_place;
}

/* The value of NAME, and where it is said; NULL where it can't be changed. */
static const struct oh_py_value *value_of(
	const struct oh_rewriting *r, const char *name, struct oh_error *err)
{
	const struct oh_py_binding *b = oh_py_binding(&r->module, oh_slice_of(name));

	if (!b || !b->value)
		(void)oh_rewriting_refuse(r, 0, name, "is not said in the file", err);
	else if (b->value->kind == OH_PY_NAME)
		(void)oh_rewriting_refuse(r, b->line, name, "is not written out", err);
	else if (is_shared_with_name(r, b->value) || is_shared_with_place(r, b->value))
		(void)oh_rewriting_refuse(
			r, b->line, name, "is given to another name as well", err);
	else
		return b->value;
	return NULL;
}

/* One string literal, or several side by side, in the form of the first. */
static bool edit_string(struct oh_rewriting *r, const struct oh_py_value *value,
	struct oh_slice text, const char *name, struct oh_error *err)
{
	struct oh_buf out = {.arena = r->scratch};
	const struct oh_quotes quotes = oh_rewriting_quotes(r, value->start);

	if (oh_slice_eq(value->text, text))
		return true;
	if (oh_rewriting_has_comment(r, value->start, value->end))
		return oh_rewriting_refuse(r, value->line, name, "has a comment in it", err);
	oh_rewriting_add_literal(&out, r, &quotes, text);
	oh_rewriting_edit(r, value->start, value->end, oh_buf_slice(&out));
	return true;
}

bool oh_rewriting_id(struct oh_rewriting *r, struct oh_error *err)
{
	const struct oh_py_value *value;

	if (oh_slice_eq(r->id, r->before->id))
		return true;
	value = value_of(r, "revision", err);
	return value && edit_string(r, value, r->id, "revision", err);
}

/* Of what comes where no string was. */
static struct oh_quotes usual_quotes(const struct oh_rewriting *r)
{
	const struct oh_py_binding *b = oh_py_binding(&r->module, OH_SLICE("revision"));
	struct oh_quotes quotes = {.prefix = OH_SLICE(""), .quote = '"'};

	if (b && b->value && b->value->kind == OH_PY_STRING)
		quotes.quote = oh_rewriting_quotes(r, b->value->start).quote;
	return quotes;
}

static struct oh_quotes quotes_of(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	return value->kind == OH_PY_STRING ? oh_rewriting_quotes(r, value->start) : usual_quotes(r);
}

/* Do parentheses that are no tuple's stand around VALUE, and nothing else? */
static bool is_wrapped(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	const struct oh_slice source = r->file->bytes;
	size_t start = value->start, end = value->end;

	while (start && oh_slice_find_byte(OH_SLICE(" \t\r\n"), source.ptr[start - 1], 0) < 4)
		start--;
	while (end < source.len && oh_slice_find_byte(OH_SLICE(" \t\r\n"), source.ptr[end], 0) < 4)
		end++;
	return start && end < source.len && source.ptr[start - 1] == '(' && source.ptr[end] == ')';
}

static void add_parents(
	struct oh_buf *out, const struct oh_rewriting *r, const struct oh_quotes *quotes)
{
	for (size_t i = 0; i < r->parents.count; i++) {
		oh_buf_add(out, i ? OH_SLICE(", ") : OH_SLICE(""));
		oh_rewriting_add_literal(out, r, quotes, r->parents.items[i]);
	}
}

/* The whole value anew: None, a string, or a display of strings. */
static bool replace_parents(
	struct oh_rewriting *r, const struct oh_py_value *value, struct oh_error *err)
{
	const struct oh_py_value *like =
		value->count && value->kind != OH_PY_STRING ? &value->items[0] : value;
	const struct oh_quotes quotes = quotes_of(r, like);
	struct oh_buf out = {.arena = r->scratch};
	const bool is_list = value->kind == OH_PY_LIST && r->parents.count;
	const bool is_tuple = !is_list && r->parents.count > 1 && !is_wrapped(r, value);

	if (oh_rewriting_has_comment(r, value->start, value->end))
		return oh_rewriting_refuse(
			r, value->line, "down_revision", "has a comment in it", err);
	oh_buf_add(&out, is_list ? OH_SLICE("[") : is_tuple ? OH_SLICE("(") : OH_SLICE(""));
	add_parents(&out, r, &quotes);
	oh_buf_add(&out, is_list ? OH_SLICE("]") : is_tuple ? OH_SLICE(")") : OH_SLICE(""));
	if (!r->parents.count)
		oh_buf_add(&out, OH_SLICE("None"));
	oh_rewriting_edit(r, value->start, value->end, oh_buf_slice(&out));
	return true;
}

static bool edit_item(struct oh_rewriting *r, const struct oh_py_value *item, struct oh_slice text,
	const char *name, struct oh_error *err)
{
	struct oh_buf out = {.arena = r->scratch};
	const struct oh_quotes quotes = usual_quotes(r);

	if (item->kind == OH_PY_STRING)
		return edit_string(r, item, text, name, err);
	if (item->kind != OH_PY_NONE)
		return oh_rewriting_refuse(r, item->line, name, "is not written out", err);
	oh_rewriting_add_literal(&out, r, &quotes, text);
	oh_rewriting_edit(r, item->start, item->end, oh_buf_slice(&out));
	return true;
}

/* What stands between two items, for one more: as it does between the last two, or between the
 * bracket and the only one. */
static struct oh_slice separator_of(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	const struct oh_py_value *last = &value->items[value->count - 1];
	size_t from = value->start + 1;
	struct oh_slice between;

	if (value->count > 1)
		from = last[-1].end;
	between = oh_slice_sub(r->file->bytes, from, last->start);
	if (value->count > 1)
		(void)oh_slice_cut_prefix(&between, OH_SLICE(","));
	if (from <= last->start && between.len && !oh_slice_trim(between).len &&
		(value->count > 1 || oh_slice_find_byte(between, '\n', 0) < between.len))
		return oh_slice_printf(r->scratch, "," OH_FMT, OH_ARG(between));
	return OH_SLICE(", ");
}

/* Parents from FROM on, behind the last item. */
static void append_items(struct oh_rewriting *r, const struct oh_py_value *value, size_t from)
{
	const struct oh_py_value *last = &value->items[value->count - 1];
	const struct oh_quotes quotes = quotes_of(r, last);
	const struct oh_slice separator = separator_of(r, value);
	struct oh_buf out = {.arena = r->scratch};

	for (size_t i = from; i < r->parents.count; i++) {
		oh_buf_add(&out, separator);
		oh_rewriting_add_literal(&out, r, &quotes, r->parents.items[i]);
	}
	if (out.count)
		oh_rewriting_edit(r, last->end, last->end, oh_buf_slice(&out));
}

/* [FROM, TO) of the items of VALUE, not all of them, with one of the commas beside them. */
static bool remove_items(struct oh_rewriting *r, const struct oh_py_value *value, size_t from,
	size_t to, struct oh_error *err)
{
	const size_t start = from ? value->items[from - 1].end : value->items[0].start;
	const size_t end = from ? value->items[to - 1].end : value->items[to].start;

	if (oh_rewriting_has_comment(r, start, end))
		return oh_rewriting_refuse(r, value->items[from].line, "down_revision",
			"has comments beside its parents", err);
	oh_rewriting_edit(r, start, end, OH_SLICE(""));
	return true;
}

/* More items than parents: those that stay are kept, the others replaced while there are too few
 * left, else removed. */
static bool shrink_items(
	struct oh_rewriting *r, const struct oh_py_value *value, struct oh_error *err)
{
	const struct oh_slices *wanted = &r->parents;
	size_t next = 0; /* wanted */
	size_t gone = 0; /* items before `i` that are to be removed */

	for (size_t i = 0; i < value->count; i++) {
		const struct oh_py_value *item = &value->items[i];
		const bool keep = next < wanted->count &&
				  (value->count - i == wanted->count - next ||
					  (item->kind == OH_PY_STRING &&
						  oh_slice_eq(item->text, wanted->items[next])));

		if (!keep) {
			gone++;
			continue;
		}
		if (gone && !remove_items(r, value, i - gone, i, err))
			return false;
		gone = 0;
		if (!edit_item(r, item, wanted->items[next++], "down_revision", err))
			return false;
	}
	return !gone || remove_items(r, value, value->count - gone, value->count, err);
}

static bool edit_items(
	struct oh_rewriting *r, const struct oh_py_value *value, struct oh_error *err)
{
	if (value->count > r->parents.count)
		return shrink_items(r, value, err);
	for (size_t i = 0; i < value->count; i++)
		if (!edit_item(r, &value->items[i], r->parents.items[i], "down_revision", err))
			return false;
	append_items(r, value, value->count);
	return true;
}

/* Items are changed one by one where something is to be kept of how they stand there. */
static bool goes_by_items(const struct oh_rewriting *r, const struct oh_py_value *value)
{
	if (value->kind == OH_PY_STRING || value->kind == OH_PY_NONE || !value->count ||
		!r->parents.count)
		return false;
	if (r->parents.count > 1 || value->count == 1 || value->kind == OH_PY_LIST)
		return true;
	/* Alembic before 1.9 fails over a set of one. */
	return value->kind == OH_PY_TUPLE && oh_rewriting_has_comment(r, value->start, value->end);
}

bool oh_rewriting_parents(struct oh_rewriting *r, struct oh_error *err)
{
	const struct oh_py_value *value;

	if (oh_ids_equal(&r->parents, &r->before->parents))
		return true;
	value = value_of(r, "down_revision", err);
	if (!value)
		return false;
	if (goes_by_items(r, value))
		return edit_items(r, value, err);
	if (value->kind == OH_PY_STRING && r->parents.count == 1)
		return edit_string(r, value, r->parents.items[0], "down_revision", err);
	return replace_parents(r, value, err);
}

bool oh_rewriting_depends_on(struct oh_rewriting *r, struct oh_error *err)
{
	const struct oh_py_value *value, *items;
	size_t count;

	if (oh_ids_equal(&r->depends_on, &r->before->depends_on))
		return true;
	value = value_of(r, "depends_on", err);
	if (!value)
		return false;
	items = value->kind == OH_PY_STRING ? value : value->items;
	count = value->kind == OH_PY_STRING ? 1 : value->count;
	for (size_t i = 0; i < count; i++)
		if (items[i].kind == OH_PY_STRING &&
			!edit_string(r, &items[i], oh_renamed(r->renames, items[i].text),
				"depends_on", err))
			return false;
	return true;
}
