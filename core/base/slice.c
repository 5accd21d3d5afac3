#include "base/slice.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct oh_slice oh_slice_of(const char *text)
{
	return (struct oh_slice){text ? text : "", text ? strlen(text) : 0};
}

struct oh_slice oh_slice_sub(struct oh_slice s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct oh_slice){s.len ? s.ptr + from : "", to - from};
}

const char *oh_slice_str(struct oh_arena *arena, struct oh_slice s)
{
	char *copy = oh_arena_alloc(arena, s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

struct oh_slice oh_slice_dup(struct oh_arena *arena, struct oh_slice s)
{
	return (struct oh_slice){oh_slice_str(arena, s), s.len};
}

struct oh_slice oh_slice_vprintf(struct oh_arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		return OH_SLICE("");
	text = oh_arena_alloc(arena, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, args);
	return (struct oh_slice){text, (size_t)n};
}

struct oh_slice oh_slice_printf(struct oh_arena *arena, const char *format, ...)
{
	va_list args;
	struct oh_slice s;

	va_start(args, format);
	s = oh_slice_vprintf(arena, format, args);
	va_end(args);
	return s;
}

bool oh_slice_eq(struct oh_slice a, struct oh_slice b)
{
	return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int oh_slice_cmp(struct oh_slice a, struct oh_slice b)
{
	const size_t n = a.len < b.len ? a.len : b.len;
	const int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

int oh_slice_cmp_qsort(const void *a, const void *b)
{
	return oh_slice_cmp(*(const struct oh_slice *)a, *(const struct oh_slice *)b);
}

bool oh_slice_has_prefix(struct oh_slice s, struct oh_slice prefix)
{
	return s.len >= prefix.len && oh_slice_eq(oh_slice_sub(s, 0, prefix.len), prefix);
}

bool oh_slice_has_suffix(struct oh_slice s, struct oh_slice suffix)
{
	return s.len >= suffix.len &&
	       oh_slice_eq(oh_slice_sub(s, s.len - suffix.len, s.len), suffix);
}

bool oh_slice_cut_prefix(struct oh_slice *s, struct oh_slice prefix)
{
	if (!oh_slice_has_prefix(*s, prefix))
		return false;
	*s = oh_slice_sub(*s, prefix.len, s->len);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct oh_slice oh_slice_trim(struct oh_slice s)
{
	size_t from = 0, to = s.len;

	while (from < to && is_blank(s.ptr[from]))
		from++;
	while (to > from && is_blank(s.ptr[to - 1]))
		to--;
	return oh_slice_sub(s, from, to);
}

size_t oh_slice_find(struct oh_slice s, struct oh_slice needle, size_t from)
{
	const char *hit;

	if (from > s.len || s.len - from < needle.len)
		return s.len;
	if (!needle.len)
		return from;
	hit = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

size_t oh_slice_find_byte(struct oh_slice s, char byte, size_t from)
{
	const char *hit = from < s.len ? memchr(s.ptr + from, byte, s.len - from) : NULL;

	return hit ? (size_t)(hit - s.ptr) : s.len;
}

size_t oh_slice_rfind_byte(struct oh_slice s, char byte)
{
	const char *hit = s.len ? memrchr(s.ptr, byte, s.len) : NULL;

	return hit ? (size_t)(hit - s.ptr) : s.len;
}

bool oh_slice_next(struct oh_slice *rest, char separator, struct oh_slice *part)
{
	size_t end;

	if (!rest->len)
		return false;
	end = oh_slice_find_byte(*rest, separator, 0);
	*part = oh_slice_sub(*rest, 0, end);
	*rest = oh_slice_sub(*rest, end + 1, rest->len);
	return true;
}

bool oh_slice_next_line(struct oh_slice *rest, struct oh_slice *line)
{
	if (!oh_slice_next(rest, '\n', line))
		return false;
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

struct oh_slices oh_slice_words(struct oh_arena *arena, struct oh_slice s)
{
	struct oh_slices words = {0};
	size_t i = 0, from;

	while (i < s.len) {
		while (i < s.len && is_blank(s.ptr[i]))
			i++;
		from = i;
		while (i < s.len && !is_blank(s.ptr[i]))
			i++;
		if (i > from)
			OH_PUSH(arena, &words, oh_slice_sub(s, from, i));
	}
	return words;
}

bool oh_slices_eq(const struct oh_slices *a, const struct oh_slices *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!oh_slice_eq(a->items[i], b->items[i]))
			return false;
	return true;
}

bool oh_slices_contain(const struct oh_slices *list, struct oh_slice s)
{
	for (size_t i = 0; i < list->count; i++)
		if (oh_slice_eq(list->items[i], s))
			return true;
	return false;
}

struct oh_slice oh_slices_join(
	struct oh_arena *arena, const struct oh_slices *list, const char *between)
{
	const size_t gap = strlen(between);
	size_t len = 0, at = 0;
	char *text;

	for (size_t i = 0; i < list->count; i++)
		len += list->items[i].len + (i ? gap : 0);
	text = oh_arena_alloc(arena, len + 1);
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			memcpy(text + at, between, gap), at += gap;
		if (list->items[i].len)
			memcpy(text + at, list->items[i].ptr, list->items[i].len);
		at += list->items[i].len;
	}
	return (struct oh_slice){text, len};
}

void oh_slices_sort(struct oh_slices *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), oh_slice_cmp_qsort);
}

struct oh_slice oh_path_directory(struct oh_slice path)
{
	const size_t slash = oh_slice_rfind_byte(path, '/');

	return slash == path.len ? OH_SLICE("") : oh_slice_sub(path, 0, slash ? slash : 1);
}

struct oh_slice oh_path_name(struct oh_slice path)
{
	const size_t slash = oh_slice_rfind_byte(path, '/');

	return slash == path.len ? path : oh_slice_sub(path, slash + 1, path.len);
}

struct oh_slice oh_path_below(struct oh_arena *arena, struct oh_slice a, struct oh_slice b)
{
	const size_t gap = a.len > 0;
	char *text = oh_arena_alloc(arena, a.len + gap + b.len + 1);

	if (a.len) {
		memcpy(text, a.ptr, a.len);
		text[a.len] = '/';
	}
	if (b.len)
		memcpy(text + a.len + gap, b.ptr, b.len);
	return (struct oh_slice){text, a.len + gap + b.len};
}

/* Takes the last component off; keeps a leading ".." or "/". */
static bool pop_component(struct oh_slices *parts)
{
	if (!parts->count || oh_slice_eq(parts->items[parts->count - 1], OH_SLICE("..")))
		return false;
	parts->count--;
	return true;
}

struct oh_slice oh_path_join(struct oh_arena *arena, struct oh_slice a, struct oh_slice b)
{
	const bool absolute = b.len && b.ptr[0] == '/';
	const bool rooted = absolute || (a.len && a.ptr[0] == '/');
	struct oh_slice rest[2] = {absolute ? OH_SLICE("") : a, b}, part;
	struct oh_slices parts = {0};

	for (int i = 0; i < 2; i++)
		while (oh_slice_next(&rest[i], '/', &part)) {
			if (!part.len || oh_slice_eq(part, OH_SLICE(".")))
				continue;
			if (!oh_slice_eq(part, OH_SLICE("..")))
				OH_PUSH(arena, &parts, part);
			else if (!pop_component(&parts) && !rooted)
				OH_PUSH(arena, &parts, part);
		}
	return oh_slice_printf(
		arena, "%s" OH_FMT, rooted ? "/" : "", OH_ARG(oh_slices_join(arena, &parts, "/")));
}
