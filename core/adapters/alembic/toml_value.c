#include "adapters/alembic/toml_value.h"

#include "adapters/alembic/text.h"
#include "base/buf.h"

#include <string.h>

#define MOST_DEPTH 64

bool oh_toml_fail(struct oh_toml_scanner *scan, const char *problem)
{
	if (!scan->problem)
		scan->problem = problem;
	return false;
}

static struct oh_slice rest(const struct oh_toml_scanner *scan)
{
	return oh_slice_sub(scan->text, scan->at, scan->text.len);
}

static bool next_is(const struct oh_toml_scanner *scan, const char *token)
{
	return oh_slice_has_prefix(rest(scan), oh_slice_of(token));
}

static void step(struct oh_toml_scanner *scan)
{
	if (scan->text.ptr[scan->at++] == '\n')
		scan->line++;
}

void oh_toml_skip_blanks(struct oh_toml_scanner *scan)
{
	while (next_is(scan, " ") || next_is(scan, "\t"))
		scan->at++;
}

bool oh_toml_take(struct oh_toml_scanner *scan, const char *token)
{
	if (!next_is(scan, token))
		return false;
	scan->at += strlen(token);
	return true;
}

bool oh_toml_at_line_end(const struct oh_toml_scanner *scan)
{
	return scan->at >= scan->text.len || next_is(scan, "#") || next_is(scan, "\n") ||
	       next_is(scan, "\r\n");
}

static void skip_comment(struct oh_toml_scanner *scan)
{
	if (next_is(scan, "#"))
		scan->at = oh_slice_find_byte(scan->text, '\n', scan->at);
}

bool oh_toml_skip_line_end(struct oh_toml_scanner *scan)
{
	if (!oh_toml_at_line_end(scan))
		return oh_toml_fail(scan, "something behind the value");
	skip_comment(scan);
	oh_toml_take(scan, "\r");
	if (scan->at < scan->text.len)
		step(scan);
	return true;
}

/* Blanks, comments and line ends, as they may stand in an array. */
static void skip_filling(struct oh_toml_scanner *scan)
{
	for (;;) {
		oh_toml_skip_blanks(scan);
		skip_comment(scan);
		if (!next_is(scan, "\n") && !next_is(scan, "\r\n"))
			return;
		oh_toml_take(scan, "\r");
		step(scan);
	}
}

static bool is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \uXXXX and \UXXXXXXXX, behind the letter. */
static bool scan_code(struct oh_toml_scanner *scan, struct oh_buf *out, int digits)
{
	unsigned long code = 0;
	char bytes[4];
	size_t n;

	for (; digits; digits--) {
		const int h = scan->at < scan->text.len ? hex_value(scan->text.ptr[scan->at]) : -1;

		if (h < 0)
			return oh_toml_fail(scan, "a wrong \\u in a string");
		code = code << 4 | (unsigned long)h;
		scan->at++;
	}
	n = oh_text_utf8(code, bytes);
	oh_buf_add(out, (struct oh_slice){bytes, n});
	return n ? true : oh_toml_fail(scan, "a wrong \\u in a string");
}

/* A backslash at a line's end takes all white space behind it away. */
static bool scan_line_continuation(struct oh_toml_scanner *scan)
{
	const unsigned line = scan->line;

	oh_toml_skip_blanks(scan);
	while (next_is(scan, " ") || next_is(scan, "\t") || next_is(scan, "\n") ||
		next_is(scan, "\r\n"))
		step(scan);
	return scan->line > line ? true : oh_toml_fail(scan, "a wrong \\ in a string");
}

/* Behind the backslash. */
static bool scan_escape(struct oh_toml_scanner *scan, struct oh_buf *out, bool multi)
{
	static const char letters[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	const char c = scan->at < scan->text.len ? scan->text.ptr[scan->at] : '\0';
	const char *hit = c ? strchr(letters, c) : NULL;

	if (hit) {
		oh_buf_add(out, (struct oh_slice){&values[hit - letters], 1});
		scan->at++;
		return true;
	}
	if (c == 'u' || c == 'U') {
		scan->at++;
		return scan_code(scan, out, c == 'u' ? 4 : 8);
	}
	return multi ? scan_line_continuation(scan) : oh_toml_fail(scan, "a wrong \\ in a string");
}

static bool is_forbidden(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* Up to two quotes may stand before the three that close a string of several lines. */
static void close_multi(struct oh_toml_scanner *scan, struct oh_buf *out, const char *quote)
{
	scan->at += 3;
	for (int i = 0; i < 2 && oh_toml_take(scan, quote); i++)
		oh_buf_add(out, oh_slice_of(quote));
}

static bool scan_string_byte(struct oh_toml_scanner *scan, struct oh_buf *out, bool multi)
{
	if (multi && next_is(scan, "\r\n"))
		scan->at++;
	if (is_forbidden(scan->text.ptr[scan->at]) && !(multi && next_is(scan, "\n")))
		return oh_toml_fail(scan, "a control character in a string");
	oh_buf_add(out, oh_slice_sub(scan->text, scan->at, scan->at + 1));
	step(scan);
	return true;
}

/* A string; QUOTE is " or '. */
static bool scan_string(struct oh_toml_scanner *scan, const char *quote, struct oh_slice *text)
{
	const bool basic = *quote == '"';
	const char *triple = basic ? "\"\"\"" : "'''";
	const bool multi = oh_toml_take(scan, triple);
	struct oh_buf out = {.arena = scan->arena};

	if (!multi)
		scan->at++;
	else if (next_is(scan, "\n") || next_is(scan, "\r\n"))
		oh_toml_take(scan, "\r"), step(scan);
	while (!next_is(scan, multi ? triple : quote)) {
		if (scan->at >= scan->text.len)
			return oh_toml_fail(scan, "a string that is not closed");
		if (basic && oh_toml_take(scan, "\\")) {
			if (!scan_escape(scan, &out, multi))
				return false;
		} else if (!scan_string_byte(scan, &out, multi)) {
			return false;
		}
	}
	if (multi)
		close_multi(scan, &out, quote);
	else
		scan->at++;
	*text = oh_slice_dup(scan->arena, oh_buf_slice(&out));
	return true;
}

bool oh_toml_scan_key(struct oh_toml_scanner *scan, struct oh_slice *key)
{
	const size_t from = scan->at;

	if (next_is(scan, "\"\"\"") || next_is(scan, "'''"))
		return oh_toml_fail(scan, "a key of several lines");
	if (next_is(scan, "\""))
		return scan_string(scan, "\"", key);
	if (next_is(scan, "'"))
		return scan_string(scan, "'", key);
	while (scan->at < scan->text.len && is_key_byte(scan->text.ptr[scan->at]))
		scan->at++;
	*key = oh_slice_sub(scan->text, from, scan->at);
	return key->len ? true : oh_toml_fail(scan, "a key is missing");
}

/* The digits of an integer of BASE; false where it is none. Underscores stand between digits. */
static bool read_digits(struct oh_slice s, int base, long long *number)
{
	*number = 0;
	for (size_t i = 0; i < s.len; i++) {
		const bool between = i && i + 1 < s.len && s.ptr[i - 1] != '_';
		const int digit = hex_value(s.ptr[i]);

		if (s.ptr[i] == '_' && between)
			continue;
		if (digit < 0 || digit >= base || *number > 100000000000000)
			return false;
		*number = *number * base + digit;
	}
	return s.len > 0;
}

static bool read_integer(struct oh_slice s, long long *number)
{
	const bool minus = oh_slice_has_prefix(s, OH_SLICE("-"));
	const bool sign = minus || oh_slice_has_prefix(s, OH_SLICE("+"));
	bool ok;

	if (!sign && oh_slice_cut_prefix(&s, OH_SLICE("0x")))
		return read_digits(s, 16, number);
	if (!sign && oh_slice_cut_prefix(&s, OH_SLICE("0o")))
		return read_digits(s, 8, number);
	if (!sign && oh_slice_cut_prefix(&s, OH_SLICE("0b")))
		return read_digits(s, 2, number);
	s = oh_slice_sub(s, sign, s.len);
	ok = read_digits(s, 10, number) && (s.len == 1 || s.ptr[0] != '0');
	*number = minus ? -*number : *number;
	return ok;
}

/* A boolean, a number, a date: up to what can't belong to it. */
static bool scan_bare(struct oh_toml_scanner *scan, struct oh_toml_entry *entry)
{
	const size_t from = scan->at;

	while (scan->at < scan->text.len && !strchr(",]}#\r\n\"'=[{", scan->text.ptr[scan->at]))
		scan->at++;
	entry->text = oh_slice_trim(oh_slice_sub(scan->text, from, scan->at));
	if (!entry->text.len)
		return oh_toml_fail(scan, "a value is missing");
	if (oh_slice_eq(entry->text, OH_SLICE("true")))
		entry->kind = OH_TOML_TRUE;
	else if (oh_slice_eq(entry->text, OH_SLICE("false")))
		entry->kind = OH_TOML_FALSE;
	else
		entry->kind =
			read_integer(entry->text, &entry->number) ? OH_TOML_INTEGER : OH_TOML_OTHER;
	return true;
}

static bool skip_inline_table(struct oh_toml_scanner *scan);

/* Any value, looked at for its kind alone. */
static bool scan_element(struct oh_toml_scanner *scan, struct oh_toml_entry *entry)
{
	if (!next_is(scan, "{"))
		return oh_toml_scan_value(scan, entry);
	entry->kind = OH_TOML_OTHER;
	return skip_inline_table(scan);
}

static bool skip_inline_table(struct oh_toml_scanner *scan)
{
	struct oh_toml_entry ignored = {0};
	struct oh_slice key;

	if (++scan->depth > MOST_DEPTH)
		return oh_toml_fail(scan, "too many tables in each other");
	scan->at++;
	oh_toml_skip_blanks(scan);
	while (!oh_toml_take(scan, "}")) {
		do {
			oh_toml_skip_blanks(scan);
			if (!oh_toml_scan_key(scan, &key))
				return false;
			oh_toml_skip_blanks(scan);
		} while (oh_toml_take(scan, "."));
		if (!oh_toml_take(scan, "="))
			return oh_toml_fail(scan, "a key without a value");
		oh_toml_skip_blanks(scan);
		if (!scan_element(scan, &ignored))
			return false;
		oh_toml_skip_blanks(scan);
		if (!oh_toml_take(scan, ",") && !next_is(scan, "}"))
			return oh_toml_fail(scan, "a table in braces that is not closed");
	}
	scan->depth--;
	return true;
}

static bool scan_array(struct oh_toml_scanner *scan, struct oh_toml_entry *entry)
{
	bool strings = true;

	if (++scan->depth > MOST_DEPTH)
		return oh_toml_fail(scan, "too many arrays in each other");
	scan->at++;
	skip_filling(scan);
	while (!oh_toml_take(scan, "]")) {
		struct oh_toml_entry element = {0};

		if (!scan_element(scan, &element))
			return false;
		strings &= element.kind == OH_TOML_STRING;
		OH_PUSH(scan->arena, &entry->items, element.text);
		skip_filling(scan);
		if (!oh_toml_take(scan, ",") && !next_is(scan, "]"))
			return oh_toml_fail(scan, "an array that is not closed");
		skip_filling(scan);
	}
	scan->depth--;
	entry->kind = strings ? OH_TOML_STRINGS : OH_TOML_OTHER;
	return true;
}

bool oh_toml_scan_value(struct oh_toml_scanner *scan, struct oh_toml_entry *entry)
{
	if (next_is(scan, "["))
		return scan_array(scan, entry);
	if (next_is(scan, "\"") || next_is(scan, "'")) {
		entry->kind = OH_TOML_STRING;
		return scan_string(scan, next_is(scan, "\"") ? "\"" : "'", &entry->text);
	}
	return scan_bare(scan, entry);
}
