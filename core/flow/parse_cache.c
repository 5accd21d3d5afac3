#include "flow/parse_cache.h"

#include "base/buf.h"
#include "repo/disk.h"

#include <stdlib.h>
#include <string.h>

/*
 * A first line that names the readers, one line a migration, a last line that counts them. Fields
 * are separated by tabs, the items of a list by blanks; those bytes, '%' and line ends are
 * written %XX.
 */
#define FIRST_LINE "onehead parsed 1 " OH_ADAPTERS_DIGEST "\n"
#define FIELDS 11
#define WORTH_A_WRITE 16
#define MOST_ENTRIES 50000

static struct oh_slice decode(struct oh_arena *arena, struct oh_slice s)
{
	char *out;
	size_t n = 0;

	if (oh_slice_find_byte(s, '%', 0) == s.len)
		return s;
	out = oh_arena_alloc(arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '%' && i + 2 < s.len) {
			const char hex[] = {s.ptr[i + 1], s.ptr[i + 2], '\0'};

			out[n++] = (char)strtol(hex, NULL, 16);
			i += 2;
		} else {
			out[n++] = s.ptr[i];
		}
	}
	return (struct oh_slice){out, n};
}

static void encode(struct oh_buf *out, struct oh_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (memchr("%\t\n\r ", s.ptr[i], 5))
			oh_buf_addf(out, "%%%02x", (unsigned)(unsigned char)s.ptr[i]);
		else
			oh_buf_add(out, oh_slice_sub(s, i, i + 1));
	oh_buf_add(out, OH_SLICE("\t"));
}

static struct oh_slices decode_list(struct oh_arena *arena, struct oh_slice field)
{
	struct oh_slices list = {0};
	struct oh_slice part;

	while (oh_slice_next(&field, ' ', &part))
		OH_PUSH(arena, &list, decode(arena, part));
	return list;
}

static void encode_list(struct oh_buf *out, const struct oh_slices *list)
{
	for (size_t i = 0; i < list->count; i++) {
		encode(out, list->items[i]);
		out->items[out->count - 1] = ' ';
	}
	oh_buf_add(out, OH_SLICE("\t"));
}

static unsigned number(struct oh_slice s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
		n = n * 10 + (unsigned)(s.ptr[i] - '0');
	return n;
}

static bool parse_line(struct oh_arena *arena, struct oh_slice line, struct oh_parsed *p)
{
	struct oh_migration *m = &p->migration;
	struct oh_slice f[FIELDS];
	size_t n = 0;

	while (n < FIELDS && oh_slice_next(&line, '\t', &f[n]))
		n++;
	if (n != FIELDS || line.len)
		return false;
	*p = (struct oh_parsed){.is_migration = true};
	m->path = decode(arena, f[1]);
	m->id = decode(arena, f[2]);
	m->line = number(f[3]);
	m->parents_line = number(f[4]);
	m->parents = decode_list(arena, f[5]);
	m->depends_on = decode_list(arena, f[6]);
	m->labels = decode_list(arena, f[7]);
	m->title = decode(arena, f[8]);
	m->date = decode(arena, f[9]);
	m->content = decode(arena, f[0]);
	m->body.digest = OH_SLICE("");
	return true;
}

static void add_line(struct oh_buf *out, const struct oh_migration *m)
{
	encode(out, m->content);
	encode(out, m->path);
	encode(out, m->id);
	oh_buf_addf(out, "%u\t%u\t", m->line, m->parents_line);
	encode_list(out, &m->parents);
	encode_list(out, &m->depends_on);
	encode_list(out, &m->labels);
	encode(out, m->title);
	encode(out, m->date);
	oh_buf_add(out, OH_SLICE(".\n"));
}

/* Between the first line and a last line that counts right; "" where it is not whole. */
static struct oh_slice whole_body(struct oh_slice bytes, size_t *count)
{
	size_t last;

	if (!oh_slice_cut_prefix(&bytes, OH_SLICE(FIRST_LINE)) || !bytes.len ||
		bytes.ptr[bytes.len - 1] != '\n')
		return OH_SLICE("");
	last = oh_slice_rfind_byte(oh_slice_sub(bytes, 0, bytes.len - 1), '\n');
	last = last == bytes.len - 1 ? 0 : last + 1;
	if (!oh_slice_has_prefix(oh_slice_sub(bytes, last, bytes.len), OH_SLICE("end ")))
		return OH_SLICE("");
	*count = number(oh_slice_sub(bytes, last + 4, bytes.len));
	return oh_slice_sub(bytes, 0, last);
}

static size_t count_lines(struct oh_slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}

bool oh_parse_cache_parse(struct oh_loader *l, struct oh_slice bytes)
{
	struct oh_slice body, line;
	struct oh_parsed *all;
	size_t count = 0, n = 0;

	body = whole_body(bytes, &count);
	if (count_lines(body) != count)
		return false;
	all = oh_arena_alloc(l->arena, (count + 1) * sizeof(*all));
	while (oh_slice_next(&body, '\n', &line))
		if (!parse_line(l->arena, line, &all[n++]))
			return false;
	for (size_t i = 0; i < n; i++)
		oh_loader_remember(l, &all[i]);
	return true;
}

struct oh_slice oh_parse_cache_format(struct oh_loader *l)
{
	struct oh_buf out = {.arena = l->arena};
	size_t count = 0;

	oh_buf_add(&out, OH_SLICE(FIRST_LINE));
	for (size_t i = 0; i < l->parsed.count; i++)
		if (l->parsed.items[i].is_migration && !l->parsed.items[i].unreadables.count) {
			add_line(&out, &l->parsed.items[i].migration);
			count++;
		}
	oh_buf_addf(&out, "end %zu\n", count);
	return oh_buf_slice(&out);
}

void oh_parse_cache_load(struct oh_loader *l)
{
	struct oh_slice bytes;
	struct oh_error none = {0};

	if (!l->cache.len || l->remembered || !oh_disk_read(l->arena, l->cache, &bytes, &none))
		return;
	oh_parse_cache_parse(l, bytes);
	l->remembered = l->parsed.count;
}

void oh_parse_cache_save(struct oh_loader *l)
{
	struct oh_error none = {0};
	bool made;

	if (!l->cache.len || l->parsed.count < l->remembered + WORTH_A_WRITE ||
		l->parsed.count > MOST_ENTRIES)
		return;
	if (oh_disk_make_directory(l->arena, oh_path_directory(l->cache), &made, &none))
		oh_disk_write(l->arena, l->cache, oh_parse_cache_format(l), 0666, &none);
}
