#include "model/lock.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC "# onehead"

#define HEADER                                                                                     \
	MAGIC ": the migrations of this directory and their head. Kept by onehead; see `onehead "  \
	      "explain lock`.\n"                                                                   \
	      "# A conflict here means that two branches added migrations. Resolve it with: "      \
	      "onehead resolve\n"

static bool is_marker(struct oh_slice line)
{
	return line.len >= 7 && memchr("<=>|", line.ptr[0], 4) &&
	       memcmp(line.ptr, line.ptr + 1, 6) == 0;
}

static void drop_repeats(struct oh_slices *list)
{
	size_t kept = 0;

	oh_slices_sort(list);
	for (size_t i = 0; i < list->count; i++)
		if (!kept || !oh_slice_eq(list->items[kept - 1], list->items[i]))
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static int by_id(const void *a, const void *b)
{
	const struct oh_lock_entry *x = a, *y = b;

	return oh_slice_cmp(x->id, y->id);
}

static bool are_sorted(const struct oh_lock *lock)
{
	for (size_t i = 1; i < lock->entries.count; i++)
		if (by_id(&lock->entries.items[i - 1], &lock->entries.items[i]) > 0)
			return false;
	return true;
}

static void sort_lock(struct oh_lock *lock)
{
	drop_repeats(&lock->heads);
	if (!are_sorted(lock))
		qsort(lock->entries.items, lock->entries.count, sizeof(*lock->entries.items),
			by_id);
}

static struct oh_slices sorted_copy(struct oh_arena *arena, const struct oh_slices *list)
{
	struct oh_slices copy = {.count = list->count, .capacity = list->count};

	if (!list->count)
		return copy;
	copy.items = oh_arena_alloc(arena, list->count * sizeof(*copy.items));
	memcpy(copy.items, list->items, list->count * sizeof(*copy.items));
	drop_repeats(&copy);
	return copy;
}

struct oh_lock oh_lock_of(struct oh_arena *arena, const struct oh_graph *graph)
{
	struct oh_lock lock = {.entries = {.capacity = graph->count}};

	for (size_t i = 0; i < graph->heads.count; i++)
		OH_PUSH(arena, &lock.heads, graph->nodes[graph->heads.items[i]].migration->id);
	lock.entries.items = oh_arena_alloc(arena, graph->count * sizeof(*lock.entries.items));
	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_migration *m = graph->nodes[i].migration;

		lock.entries.items[lock.entries.count++] =
			(struct oh_lock_entry){m->id, sorted_copy(arena, &m->parents)};
	}
	return lock;
}

void oh_lock_graph(struct oh_graph *graph, struct oh_arena *arena, const struct oh_lock *lock)
{
	struct oh_migrations *all = oh_arena_alloc(arena, sizeof(*all));

	all->items = oh_arena_alloc(arena, lock->entries.count * sizeof(*all->items));
	for (size_t i = 0; i < lock->entries.count; i++)
		all->items[all->count++] = (struct oh_migration){
			.id = lock->entries.items[i].id, .parents = lock->entries.items[i].parents};
	all->capacity = all->count;
	oh_graph_build(graph, arena, all);
}

/* True where an id as it is would be taken for something else at the start of a line. */
static bool reads_otherwise(struct oh_slice id)
{
	return oh_slice_has_prefix(id, OH_SLICE("#")) || oh_slice_eq(id, OH_SLICE("head")) ||
	       oh_slice_eq(id, OH_SLICE("format")) || is_marker(id);
}

static bool is_plain(unsigned char c)
{
	return c > ' ' && c != '%' && c != 0x7f;
}

static void add_id(struct oh_buf *out, struct oh_slice id)
{
	const bool escape_first = reads_otherwise(id);
	size_t from = 0;

	if (!id.len)
		oh_buf_add(out, OH_SLICE("%"));
	for (size_t i = 0; i < id.len; i++) {
		if (is_plain((unsigned char)id.ptr[i]) && !(i == 0 && escape_first))
			continue;
		oh_buf_add(out, oh_slice_sub(id, from, i));
		oh_buf_addf(out, "%%%02X", (unsigned char)id.ptr[i]);
		from = i + 1;
	}
	oh_buf_add(out, oh_slice_sub(id, from, id.len));
}

struct oh_slice oh_lock_format(struct oh_arena *arena, const struct oh_lock *lock)
{
	struct oh_buf out = {.arena = arena};

	oh_buf_add(&out, OH_SLICE(HEADER));
	for (size_t i = 0; i < lock->heads.count; i++) {
		oh_buf_add(&out, OH_SLICE("head "));
		add_id(&out, lock->heads.items[i]);
		oh_buf_add(&out, OH_SLICE("\n"));
	}
	if (lock->entries.count)
		oh_buf_add(&out, OH_SLICE("\n"));
	for (size_t i = 0; i < lock->entries.count; i++) {
		const struct oh_lock_entry *entry = &lock->entries.items[i];

		add_id(&out, entry->id);
		for (size_t j = 0; j < entry->parents.count; j++) {
			oh_buf_add(&out, OH_SLICE(" "));
			add_id(&out, entry->parents.items[j]);
		}
		oh_buf_add(&out, OH_SLICE("\n"));
	}
	return oh_buf_slice(&out);
}

struct parser {
	struct oh_arena *arena;
	struct oh_lock *lock;
	struct oh_map seen; /* ids of the entries to their position, plus one; empty while sorted */
	struct oh_slices words; /* of the line */
	size_t line;
	struct oh_error *err;
};

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool bad_id(struct parser *p, struct oh_slice word)
{
	return oh_fail(
		p->err, OH_E_FORMAT, "line %zu: '" OH_FMT "' is no id", p->line, OH_ARG(word));
}

static size_t count_plain(struct oh_slice word)
{
	size_t n = 0;

	while (n < word.len && is_plain((unsigned char)word.ptr[n]))
		n++;
	return n;
}

static bool read_id(struct parser *p, struct oh_slice word, struct oh_slice *id)
{
	size_t n = 0;
	char *out;

	*id = word;
	if (count_plain(word) == word.len)
		return true;
	out = oh_arena_alloc(p->arena, word.len + 1);
	*id = (struct oh_slice){out, 0};
	if (oh_slice_eq(word, OH_SLICE("%")))
		return true;
	for (size_t i = 0; i < word.len; i++) {
		int high, low;

		if (is_plain((unsigned char)word.ptr[i])) {
			out[n++] = word.ptr[i];
			continue;
		}
		if (word.ptr[i] != '%' || word.len - i < 3)
			return bad_id(p, word);
		high = hex_digit(word.ptr[i + 1]);
		low = hex_digit(word.ptr[i + 2]);
		if (high < 0 || low < 0)
			return bad_id(p, word);
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	id->len = n;
	return true;
}

static bool read_head(struct parser *p)
{
	const struct oh_slices *words = &p->words;
	struct oh_slice id;

	if (words->count != 2)
		return oh_fail(p->err, OH_E_FORMAT, "line %zu: a head line names one id", p->line);
	if (!read_id(p, words->items[1], &id))
		return false;
	OH_PUSH(p->arena, &p->lock->heads, id);
	return true;
}

static bool read_format(struct parser *p)
{
	const struct oh_slices *words = &p->words;

	if (words->count == 2 && oh_slice_eq(words->items[1], OH_SLICE("1")))
		return true;
	return oh_fail(p->err, OH_E_VERSION,
		"line %zu: a lock of format '" OH_FMT "', made by a later onehead than this one",
		p->line, OH_ARG(words->count > 1 ? words->items[1] : OH_SLICE("")));
}

/* Where the entry ID is, plus one, made as 0 where there is none; NULL: none, as sorted lines say.
 */
static size_t *find_listed(struct parser *p, struct oh_slice id)
{
	const struct oh_lock *lock = p->lock;
	const size_t count = lock->entries.count;

	if (!p->seen.count) {
		if (!count || oh_slice_cmp(lock->entries.items[count - 1].id, id) < 0)
			return NULL;
		for (size_t i = 0; i < count; i++)
			*oh_map_put(&p->seen, lock->entries.items[i].id) = i + 1;
	}
	return oh_map_put(&p->seen, id);
}

static bool read_entry(struct parser *p)
{
	const size_t most = p->words.count - 1;
	struct oh_lock_entry entry = {.parents = {.capacity = most}};
	struct oh_slices *parents = &entry.parents;
	size_t *at;

	if (!read_id(p, p->words.items[0], &entry.id))
		return false;
	parents->items = most ? oh_arena_alloc(p->arena, most * sizeof(*parents->items)) : NULL;
	for (; parents->count < most; parents->count++)
		if (!read_id(
			    p, p->words.items[parents->count + 1], &parents->items[parents->count]))
			return false;
	drop_repeats(&entry.parents);
	at = find_listed(p, entry.id);
	if (at && *at && oh_slices_eq(&p->lock->entries.items[*at - 1].parents, &entry.parents))
		return true;
	if (at && *at)
		return oh_fail(p->err, OH_E_FORMAT,
			"line %zu: " OH_FMT " is listed twice, with other parents", p->line,
			OH_ARG(entry.id));
	OH_PUSH(p->arena, &p->lock->entries, entry);
	if (at)
		*at = p->lock->entries.count;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* oh_slice_words into one list for all lines: a lock has thousands. */
static void split(struct parser *p, struct oh_slice line)
{
	size_t i = 0;

	p->words.count = 0;
	while (i < line.len) {
		const size_t from = i;

		while (i < line.len && !is_blank(line.ptr[i]))
			i++;
		if (i > from)
			OH_PUSH(p->arena, &p->words, oh_slice_sub(line, from, i));
		while (i < line.len && is_blank(line.ptr[i]))
			i++;
	}
}

static bool read_line(struct parser *p, struct oh_slice line)
{
	if (is_marker(line))
		return oh_fail(p->err, OH_E_FORMAT, "line %zu: a conflict marker (" OH_FMT ")",
			p->line, OH_ARG(oh_slice_sub(line, 0, 7)));
	if (oh_slice_find_byte(line, '\r', 0) < line.len)
		return oh_fail(p->err, OH_E_FORMAT, "line %zu: a carriage return in it", p->line);
	split(p, line);
	if (!p->words.count || p->words.items[0].ptr[0] == '#')
		return true;
	if (oh_slice_eq(p->words.items[0], OH_SLICE("head")))
		return read_head(p);
	if (oh_slice_eq(p->words.items[0], OH_SLICE("format")))
		return read_format(p);
	return read_entry(p);
}

bool oh_lock_parse(
	struct oh_lock *lock, struct oh_arena *arena, struct oh_slice bytes, struct oh_error *err)
{
	struct parser p = {.arena = arena, .lock = lock, .seen = {.arena = arena}, .err = err};
	struct oh_slice line;

	*lock = (struct oh_lock){0};
	if (!bytes.len)
		return true;
	oh_slice_cut_prefix(&bytes, OH_SLICE("\xef\xbb\xbf"));
	if (!oh_slice_has_prefix(bytes, OH_SLICE(MAGIC)) && !is_marker(bytes))
		return oh_fail(err, OH_E_FORMAT,
			"line 1: not a lock of onehead (it does not begin with '" MAGIC "')");
	bytes = oh_slice_dup(arena, bytes); /* for the ids */
	while (oh_slice_next_line(&bytes, &line)) {
		p.line++;
		if (!read_line(&p, line))
			return false;
	}
	sort_lock(lock);
	return true;
}
