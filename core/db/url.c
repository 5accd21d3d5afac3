#include "db/url.h"

#include "base/buf.h"

#include <ctype.h>
#include <string.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Python's unquote: %XX is a byte, any other % is a %. SPACE stands for a blank too. */
static struct oh_slice decode(struct oh_arena *arena, struct oh_slice s, char space)
{
	char *out = oh_arena_alloc(arena, s.len + 1);
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++) {
		const bool digits = s.ptr[i] == '%' && i + 2 < s.len && hex(s.ptr[i + 1]) >= 0 &&
				    hex(s.ptr[i + 2]) >= 0;

		if (digits) {
			out[count++] = (char)(hex(s.ptr[i + 1]) * 16 + hex(s.ptr[i + 2]));
			i += 2;
		} else {
			out[count++] = space && s.ptr[i] == space ? ' ' : s.ptr[i];
		}
	}
	return (struct oh_slice){out, count};
}

static struct oh_slice rest_from(struct oh_slice s, size_t from)
{
	return oh_slice_sub(s, from, s.len);
}

/* Index of the first of two bytes, or the length. */
static size_t find_either(struct oh_slice s, char a, char b)
{
	const size_t x = oh_slice_find_byte(s, a, 0), y = oh_slice_find_byte(s, b, 0);

	return x < y ? x : y;
}

static bool take_kind(struct oh_slice *rest, struct oh_url *out, struct oh_error *err)
{
	const size_t end = oh_slice_find(*rest, OH_SLICE("://"), 0);
	struct oh_slice name = oh_slice_sub(*rest, 0, end);
	size_t plus;

	if (end == rest->len || end == 0)
		return oh_fail(
			err, OH_E_USAGE, "not a database URL: it does not begin with kind://");
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.ptr[i]) && name.ptr[i] != '_' &&
			name.ptr[i] != '+')
			return oh_fail(err, OH_E_USAGE,
				"not a database URL: what stands before :// is no name");
	plus = oh_slice_find_byte(name, '+', 0);
	out->kind = oh_slice_sub(name, 0, plus);
	out->driver = plus < name.len ? rest_from(name, plus + 1) : OH_SLICE("");
	*rest = rest_from(*rest, end + 3);
	return true;
}

/*
 * The user ends at the first ':' or '/', the password at the first '@' behind that, whatever
 * stands between: SQLAlchemy's own reading, which decides what a URL in use means.
 */
static void take_user(struct oh_slice *rest, struct oh_url *out)
{
	const size_t end = find_either(*rest, ':', '/');
	size_t at = oh_slice_find_byte(*rest, '@', end);

	if (end < rest->len && rest->ptr[end] == ':' && at < rest->len) {
		out->user = oh_slice_sub(*rest, 0, end);
		out->password = oh_slice_sub(*rest, end + 1, at);
	} else {
		at = oh_slice_rfind_byte(oh_slice_sub(*rest, 0, end), '@');
		if (at == end)
			return;
		out->user = oh_slice_sub(*rest, 0, at);
	}
	*rest = rest_from(*rest, at + 1);
}

static bool take_bracketed_host(struct oh_slice *rest, struct oh_url *out, struct oh_error *err)
{
	const struct oh_slice part = oh_slice_sub(*rest, 0, find_either(*rest, '/', '?'));
	const size_t end = oh_slice_rfind_byte(part, ']');

	if (end == part.len)
		return oh_fail(err, OH_E_USAGE, "the URL's host has a [ without its ]");
	out->host = oh_slice_sub(part, 1, end);
	*rest = rest_from(*rest, end + 1);
	return true;
}

static bool take_host(struct oh_slice *rest, struct oh_url *out, struct oh_error *err)
{
	struct oh_slice part;
	size_t colon;

	if (rest->len && rest->ptr[0] == '[')
		return take_bracketed_host(rest, out, err);
	part = oh_slice_sub(*rest, 0, find_either(*rest, '/', '?'));
	colon = oh_slice_find_byte(part, ':', 0);
	out->host = oh_slice_sub(part, 0, colon);
	if (oh_slice_find_byte(part, '@', 0) < part.len)
		return oh_fail(err, OH_E_USAGE,
			"the URL's user or password has an @ in it: write it as %%40");
	*rest = rest_from(*rest, colon);
	return true;
}

static bool is_port(struct oh_slice s)
{
	long number = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9' ||
			(number = number * 10 + (s.ptr[i] - '0')) > 65535)
			return false;
	return s.len > 0;
}

static bool take_port(struct oh_slice *rest, struct oh_url *out, struct oh_error *err)
{
	const struct oh_slice part = oh_slice_sub(*rest, 0, find_either(*rest, '/', '?'));

	*rest = rest_from(*rest, part.len);
	if (part.len == 0)
		return true;
	if (part.ptr[0] != ':')
		return oh_fail(err, OH_E_USAGE, "the URL's host goes on behind its ]");
	out->port = rest_from(part, 1);
	if (!is_port(out->port))
		return oh_fail(err, OH_E_USAGE,
			"the URL's port is no number up to 65535 (a : or / in a password is "
			"written as %%3A or %%2F)");
	return true;
}

static void take_params(struct oh_arena *arena, struct oh_slice rest, struct oh_url *out)
{
	struct oh_slice pair;

	while (oh_slice_next(&rest, '&', &pair)) {
		const size_t equals = oh_slice_find_byte(pair, '=', 0);

		if (equals + 1 >= pair.len)
			continue;
		OH_PUSH(arena, &out->params,
			(struct oh_url_param){
				decode(arena, oh_slice_sub(pair, 0, equals), '+'),
				decode(arena, rest_from(pair, equals + 1), '+'),
			});
	}
}

static bool has_nul(struct oh_slice s)
{
	return s.len && memchr(s.ptr, '\0', s.len);
}

static bool check_bytes(const struct oh_url *url, struct oh_error *err)
{
	const struct oh_slice parts[] = {url->user, url->password, url->host, url->database};
	bool bad = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		bad |= has_nul(parts[i]);
	for (size_t i = 0; i < url->params.count; i++)
		bad |= has_nul(url->params.items[i].name) || has_nul(url->params.items[i].value);
	return bad ? oh_fail(err, OH_E_USAGE, "the URL has a zero byte in it") : true;
}

bool oh_url_parse(
	struct oh_arena *arena, struct oh_slice text, struct oh_url *out, struct oh_error *err)
{
	struct oh_slice rest = oh_slice_dup(arena, oh_slice_trim(text));
	size_t query;

	*out = (struct oh_url){0};
	if (!take_kind(&rest, out, err))
		return false;
	take_user(&rest, out);
	if (!take_host(&rest, out, err) || !take_port(&rest, out, err))
		return false;
	query = oh_slice_find_byte(rest, '?', 0);
	if (query > 1)
		out->written = oh_slice_dup(arena, oh_slice_sub(rest, 1, query));
	if (query < rest.len)
		take_params(arena, rest_from(rest, query + 1), out);
	out->kind = oh_slice_dup(arena, out->kind);
	out->driver = oh_slice_dup(arena, out->driver);
	out->user = decode(arena, out->user, 0);
	out->password = decode(arena, out->password, 0);
	out->host = decode(arena, out->host, 0);
	out->port = oh_slice_dup(arena, out->port);
	out->database = decode(arena, out->written, 0);
	return check_bytes(out, err);
}

struct oh_slice oh_url_show(struct oh_arena *arena, const struct oh_url *url)
{
	struct oh_buf b = {.arena = arena};

	oh_buf_addf(&b, OH_FMT "://", OH_ARG(url->kind));
	if (url->user.len)
		oh_buf_addf(&b, OH_FMT "@", OH_ARG(url->user));
	oh_buf_add(&b, url->host);
	if (url->port.len)
		oh_buf_addf(&b, ":" OH_FMT, OH_ARG(url->port));
	oh_buf_addf(&b, "/" OH_FMT, OH_ARG(url->database));
	return oh_slice_printable(arena, oh_buf_slice(&b));
}
