#include "adapters/alembic/arguments.h"
#include "adapters/alembic/text.h"

#include <strings.h>

/* Blanks, comments and opening parentheses in front of the first word. */
static struct oh_slice skip_filling(struct oh_slice sql)
{
	for (;;) {
		sql = oh_text_strip(sql);
		if (oh_slice_has_prefix(sql, OH_SLICE("--"))) {
			sql = oh_slice_sub(sql, oh_slice_find_byte(sql, '\n', 0), sql.len);
		} else if (oh_slice_has_prefix(sql, OH_SLICE("/*"))) {
			sql = oh_slice_sub(sql, oh_slice_find(sql, OH_SLICE("*/"), 2) + 2, sql.len);
		} else if (!oh_slice_cut_prefix(&sql, OH_SLICE("("))) {
			return sql;
		}
	}
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool has_word(struct oh_slice sql, struct oh_slice word)
{
	for (size_t i = 0; i + word.len <= sql.len; i++)
		if ((!i || !is_letter(sql.ptr[i - 1])) &&
			strncasecmp(sql.ptr + i, word.ptr, word.len) == 0 &&
			(i + word.len == sql.len || !is_letter(sql.ptr[i + word.len])))
			return true;
	return false;
}

/* One statement that only reads. SELECT … INTO makes a table. */
static bool is_select(struct oh_slice sql)
{
	const struct oh_slice word = OH_SLICE("select");

	sql = skip_filling(sql);
	while (oh_slice_has_suffix(sql, OH_SLICE(";")))
		sql = oh_text_rstrip(oh_slice_sub(sql, 0, sql.len - 1));
	return has_word(oh_slice_sub(sql, 0, word.len + 1), word) && sql.len >= word.len &&
	       strncasecmp(sql.ptr, word.ptr, word.len) == 0 &&
	       oh_slice_find_byte(sql, ';', 0) == sql.len && !has_word(sql, OH_SLICE("into"));
}

bool oh_sql_read(struct oh_arena *arena, const struct oh_py_value *value, struct oh_body *body)
{
	const unsigned line = value->line;

	if (oh_value_is_call(value, "text") && value->count)
		value = &value->items[0];
	if (value->kind != OH_PY_STRING)
		return false;
	if (!is_select(value->text))
		oh_body_add_unknown(arena, body, "raw SQL", line);
	return true;
}
