/* The encoding of a Python file, by its byte order mark and the cookie in its first two lines. */
#include "adapters/python/token.h"

#include <string.h>

struct encoding_row {
	char name[16]; /* lower case, '_' as '-'; a '*' at the end stands for anything */
	enum oh_py_encoding encoding;
};

static const struct encoding_row encodings[] = {
	{"utf-8", OH_PY_UTF8},
	{"utf-8-*", OH_PY_UTF8},
	{"utf8", OH_PY_UTF8},
	{"u8", OH_PY_UTF8},
	{"utf", OH_PY_UTF8},
	{"latin-1", OH_PY_LATIN1},
	{"latin-1-*", OH_PY_LATIN1},
	{"iso-8859-1", OH_PY_LATIN1},
	{"iso-8859-1-*", OH_PY_LATIN1},
	{"iso-latin-1", OH_PY_LATIN1},
	{"iso-latin-1-*", OH_PY_LATIN1},
	{"iso8859-1", OH_PY_LATIN1},
	{"iso8859", OH_PY_LATIN1},
	{"latin1", OH_PY_LATIN1},
	{"latin", OH_PY_LATIN1},
	{"l1", OH_PY_LATIN1},
	{"8859", OH_PY_LATIN1},
	{"cp819", OH_PY_LATIN1},
	/* One byte a character, or ASCII bytes that mean nothing else. */
	{"ascii", OH_PY_ASCII_AND_MORE},
	{"us-ascii", OH_PY_ASCII_AND_MORE},
	{"646", OH_PY_ASCII_AND_MORE},
	{"iso-8859-*", OH_PY_ASCII_AND_MORE},
	{"iso8859-*", OH_PY_ASCII_AND_MORE},
	{"latin-*", OH_PY_ASCII_AND_MORE},
	{"latin2", OH_PY_ASCII_AND_MORE},
	{"latin9", OH_PY_ASCII_AND_MORE},
	{"cp125*", OH_PY_ASCII_AND_MORE},
	{"windows-125*", OH_PY_ASCII_AND_MORE},
	{"cp437", OH_PY_ASCII_AND_MORE},
	{"cp85*", OH_PY_ASCII_AND_MORE},
	{"cp86*", OH_PY_ASCII_AND_MORE},
	{"koi8-*", OH_PY_ASCII_AND_MORE},
	{"mac-*", OH_PY_ASCII_AND_MORE},
	{"euc-*", OH_PY_ASCII_AND_MORE},
};

static bool matches(struct oh_slice name, const char *row)
{
	const size_t n = strlen(row);

	if (row[n - 1] == '*')
		return name.len >= n && !memcmp(name.ptr, row, n - 1);
	return name.len == n && !memcmp(name.ptr, row, n);
}

static const struct encoding_row *find_encoding(struct oh_slice written)
{
	char name[32];

	if (written.len > sizeof(name))
		return NULL;
	for (size_t i = 0; i < written.len; i++) {
		const char c = written.ptr[i];

		name[i] = (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++)
		if (matches((struct oh_slice){name, written.len}, encodings[i].name))
			return &encodings[i];
	return NULL;
}

static bool is_cookie_byte(char c)
{
	return oh_py_is_name_byte((unsigned char)c) ? !((unsigned char)c & 0x80u)
						    : c == '-' || c == '.';
}

/* The name behind "coding:" or "coding=" in a comment line; "" where there is none. */
static struct oh_slice cookie_of(struct oh_slice line)
{
	size_t at = oh_slice_find(line, OH_SLICE("coding"), 0), end;

	for (; at < line.len; at = oh_slice_find(line, OH_SLICE("coding"), at + 1)) {
		size_t from = at + 6;

		if (from >= line.len || (line.ptr[from] != ':' && line.ptr[from] != '='))
			continue;
		do
			from++;
		while (from < line.len && (line.ptr[from] == ' ' || line.ptr[from] == '\t'));
		for (end = from; end < line.len && is_cookie_byte(line.ptr[end]);)
			end++;
		if (end > from)
			return oh_slice_sub(line, from, end);
	}
	return OH_SLICE("");
}

static void take_cookie(struct oh_py_lexer *l, struct oh_slice cookie, unsigned line)
{
	const struct encoding_row *row = find_encoding(cookie);

	if (!row) {
		oh_py_complain(l, line, "source encoding that is not known");
		l->encoding = OH_PY_ASCII_AND_MORE;
		return;
	}
	if (l->at && row->encoding != OH_PY_UTF8)
		oh_py_complain(l, line, "byte order mark and another source encoding");
	else
		l->encoding = row->encoding;
}

static unsigned line_of(struct oh_slice source, size_t at)
{
	struct oh_py_lexer l = {.source = source, .end = at, .line = 1};

	while (l.at < at)
		if (source.ptr[l.at] == '\n' || source.ptr[l.at] == '\r')
			oh_py_take_newline(&l);
		else
			l.at++;
	return l.line;
}

void oh_py_find_encoding(struct oh_py_lexer *l)
{
	const size_t nul = oh_slice_find_byte(l->source, '\0', 0);
	struct oh_py_lexer look = *l;

	l->encoding = OH_PY_UTF8;
	if (nul < l->source.len)
		oh_py_complain(l, line_of(l->source, nul), "binary data");
	for (unsigned line = 1; line <= 2; line++) {
		struct oh_slice cookie;
		size_t from;

		while (look.at < look.end && oh_py_byte_at(&look, look.at) &&
			strchr(" \t\f", oh_py_byte_at(&look, look.at)))
			look.at++;
		from = look.at;
		if (oh_py_byte_at(&look, from) == '#')
			oh_py_take_comment(&look);
		else if (!strchr("\r\n", oh_py_byte_at(&look, from)) || from >= look.end)
			return;
		cookie = cookie_of(oh_slice_sub(l->source, from, look.at));
		if (cookie.len) {
			take_cookie(l, cookie, line);
			return;
		}
		oh_py_take_newline(&look);
	}
}
