#include "adapters/alembic/number.h"

#include "adapters/alembic/naming.h"
#include "base/buf.h"
#include "base/digest.h"
#include "model/graph.h"

#define FORM OH_SLICE("onehead-rename-1\n")
#define ID_DIGITS 12
#define MOST_DIGITS 9 /* zeros in front included */
#define HIGHEST 99999
#define SUFFIX OH_SLICE(".py")

/* An id, or a file's name, that begins with a number. */
struct numbered {
	unsigned long number;
	size_t width; /* in digits */
	size_t end; /* behind the digits and the letter */
	struct oh_slice separator, slug; /* "" where there is none */
};

/* The numbers that are taken, and how the next one is written. */
struct counter {
	struct oh_arena *arena;
	bool is_set; /* there is a number at all */
	struct oh_slice latest; /* the id with the highest number; of several the first by bytes */
	struct numbered style; /* of that */
	unsigned long highest;
	struct oh_map ids, paths; /* taken */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_separator(char c)
{
	return c == '_' || c == '.' || c == '-' || c == ' ';
}

static bool is_separator_at(struct oh_slice text, size_t at)
{
	return at < text.len && is_separator(text.ptr[at]);
}

/* 2024_01_01_name, 2024-01_name: a year and two digits of a month. */
static bool is_date(const struct numbered *n)
{
	const struct oh_slice s = n->slug;

	return n->width == 4 && n->number >= 1900 && n->number < 2100 && s.len >= 2 &&
	       is_digit(s.ptr[0]) && is_digit(s.ptr[1]) && (s.len == 2 || is_separator(s.ptr[2]));
}

static bool read_number(struct oh_slice text, struct numbered *n)
{
	size_t at = 0;

	*n = (struct numbered){0};
	while (at < text.len && is_digit(text.ptr[at]) && at < MOST_DIGITS)
		n->number = n->number * 10 + (unsigned long)(text.ptr[at++] - '0');
	n->width = at;
	if (at < text.len && is_letter(text.ptr[at]) && is_separator_at(text, at + 1))
		at++;
	n->end = at;
	while (is_separator_at(text, at))
		at++;
	if (!n->width || n->number > HIGHEST || (n->end < text.len && at == n->end))
		return false;
	n->separator = oh_slice_sub(text, n->end, at);
	n->slug = oh_slice_sub(text, at, text.len);
	return !is_date(n);
}

/* How often a graph goes on by one. */
struct steps {
	const struct oh_graph *graph;
	unsigned long *above; /* of each node: one more than the highest number below, or 0 */
	size_t plain, numbered; /* that are no merge revisions */
	size_t all, good;
};

/* 0300e_name may follow 0300_name. */
static bool is_next(const struct numbered *n, unsigned long above)
{
	return n->number == above || (n->end > n->width && n->number + 1 == above);
}

static void take_step(struct steps *s, size_t node)
{
	const struct oh_node *n = &s->graph->nodes[node];
	const bool is_merge = n->parents.count > 1;
	struct numbered number;
	unsigned long above = 0;

	for (size_t i = 0; i < n->parents.count; i++)
		if (s->above[n->parents.items[i]] > above)
			above = s->above[n->parents.items[i]];
	s->above[node] = above;
	s->plain += !is_merge;
	if (!read_number(n->migration->id, &number))
		return;
	if (number.number >= above)
		s->above[node] = number.number + 1;
	if (is_merge)
		return;
	s->numbered++;
	/* A graph whose beginning was squashed begins anywhere. */
	s->all += above || number.number <= 1;
	s->good += above ? is_next(&number, above) : number.number <= 1;
}

/* Most graphs have ids that nobody reads: those need no look at who descends from whom. */
static bool is_any_numbered(const struct oh_migrations *migrations)
{
	struct numbered number;

	for (size_t i = 0; i < migrations->count; i++)
		if (read_number(migrations->items[i].id, &number))
			return true;
	return false;
}

bool oh_alembic_is_sequential(struct oh_arena *arena, const struct oh_migrations *migrations)
{
	struct oh_graph graph;
	struct steps s = {.graph = &graph};

	if (!is_any_numbered(migrations))
		return false;
	oh_graph_build(&graph, arena, migrations);
	s.above = oh_arena_alloc(arena, (graph.count + 1) * sizeof(*s.above));
	for (size_t i = 0; i < graph.order.count; i++)
		take_step(&s, graph.order.items[i]);
	return s.good && 3 * s.good >= 2 * s.all && 4 * s.numbered >= s.plain;
}

static bool is_later(const struct counter *c, const struct numbered *n, struct oh_slice id)
{
	if (!c->is_set || n->number != c->style.number)
		return !c->is_set || n->number > c->style.number;
	return oh_slice_cmp(id, c->latest) < 0;
}

static void count_id(struct counter *c, struct oh_slice id)
{
	struct numbered n;

	if (!read_number(id, &n) || !is_later(c, &n, id))
		return;
	c->style = n;
	c->latest = id;
	c->is_set = true;
	if (n.number > c->highest)
		c->highest = n.number;
}

static void count_file(struct counter *c, struct oh_slice path)
{
	struct numbered n;

	if (c->is_set && read_number(oh_naming_stem(path), &n) && n.width == c->style.width &&
		n.number > c->highest)
		c->highest = n.number;
}

/* TAKEN may hold the migration that is to get another name. */
static bool is_itself(const struct oh_migration *a, const struct oh_migration *b)
{
	return a == b || (a->content.len && oh_slice_eq(a->content, b->content) &&
				 oh_slice_eq(a->path, b->path) && oh_slice_eq(a->id, b->id));
}

static bool is_among(
	const struct oh_migration *migration, const struct oh_migration *const *moved, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_itself(migration, moved[i]))
			return true;
	return false;
}

static void mark(struct counter *c, struct oh_slice id, struct oh_slice path)
{
	*oh_map_put(&c->ids, id) = 1;
	*oh_map_put(&c->paths, path) = 1;
}

static void count_taken(struct counter *c, const struct oh_migrations *taken,
	const struct oh_migration *const *moved, size_t count)
{
	struct oh_map moved_ids = {.arena = c->arena};
	bool *counts = oh_arena_alloc(c->arena, taken->count * sizeof(*counts));

	c->ids.arena = c->paths.arena = c->arena;
	oh_map_reserve(&c->ids, taken->count + count);
	oh_map_reserve(&c->paths, taken->count + count);
	for (size_t i = 0; i < count; i++)
		*oh_map_put(&moved_ids, moved[i]->id) = 1;
	for (size_t i = 0; i < taken->count; i++) {
		const struct oh_migration *m = &taken->items[i];

		counts[i] = !oh_map_get(&moved_ids, m->id) || !is_among(m, moved, count);
		if (!counts[i])
			continue;
		mark(c, m->id, m->path);
		count_id(c, m->id);
	}
	for (size_t i = 0; i < taken->count; i++)
		if (counts[i])
			count_file(c, taken->items[i].path);
}

static bool is_word_at(struct oh_slice text, size_t at)
{
	return at < text.len && (is_digit(text.ptr[at]) || is_letter(text.ptr[at]) ||
					(unsigned char)text.ptr[at] >= 0x80);
}

/*
 * Where ID stands in STEM as a word of its own; stem.len where it does not. The first such place,
 * but rather one without a digit in the next word: 12 is the second one in 2024_12_05_12_name.
 */
static size_t find_id(struct oh_slice stem, struct oh_slice id)
{
	size_t found = stem.len;

	if (!id.len)
		return stem.len;
	for (size_t at = oh_slice_find(stem, id, 0); at < stem.len;
		at = oh_slice_find(stem, id, at + 1)) {
		const size_t end = at + id.len;

		if ((at && is_word_at(stem, at - 1)) || is_word_at(stem, end))
			continue;
		if (end + 1 >= stem.len || !is_digit(stem.ptr[end + 1]))
			return at;
		if (found == stem.len)
			found = at;
	}
	return found;
}

/* PATH with TEXT in the place of its bytes [at, end). */
static struct oh_slice put_in(
	struct oh_arena *arena, struct oh_slice path, size_t at, size_t end, struct oh_slice text)
{
	struct oh_buf out = {.arena = arena};

	oh_buf_add(&out, oh_slice_sub(path, 0, at));
	oh_buf_add(&out, text);
	oh_buf_add(&out, oh_slice_sub(path, end, path.len));
	return oh_buf_slice(&out);
}

/* The path that goes with the id TO. */
static struct oh_slice path_for(
	struct oh_arena *arena, const struct oh_migration *migration, struct oh_slice to)
{
	const struct oh_slice path = migration->path, stem = oh_naming_stem(path);
	const size_t start = oh_path_directory(path).len + (oh_path_name(path).len < path.len);
	const size_t at = find_id(stem, migration->id);
	struct numbered from, new, file;

	if (at < stem.len)
		return put_in(arena, path, start + at, start + at + migration->id.len, to);
	if (read_number(migration->id, &from) && read_number(to, &new) && read_number(stem, &file))
		return put_in(arena, path, start, start + file.end, oh_slice_sub(to, 0, new.end));
	return path;
}

static struct oh_slice write_number(
	const struct counter *c, unsigned long number, const struct numbered *own)
{
	const struct numbered *style = c->is_set ? &c->style : own;
	struct oh_buf out = {.arena = c->arena};

	oh_buf_addf(&out, "%0*lu", (int)style->width, number);
	if (own->separator.len)
		oh_buf_add(&out, style->separator.len ? style->separator : own->separator);
	oh_buf_add(&out, own->slug);
	return oh_buf_slice(&out);
}

static bool is_taken(const struct counter *c, const struct oh_migration *migration,
	const struct oh_new_name *name)
{
	return oh_map_get(&c->ids, name->id) ||
	       (!oh_slice_eq(name->path, migration->path) && oh_map_get(&c->paths, name->path));
}

static struct oh_new_name next_number(
	struct counter *c, const struct oh_migration *migration, const struct numbered *own)
{
	struct oh_new_name name;

	do {
		name.id = write_number(c, ++c->highest, own);
		name.path = path_for(c->arena, migration, name.id);
	} while (is_taken(c, migration, &name));
	return name;
}

static struct oh_new_name number_one(struct counter *c, const struct oh_migration *migration)
{
	struct oh_new_name name = {migration->id, migration->path};
	struct numbered own;

	if (read_number(migration->id, &own)) {
		if (own.number > c->highest || !c->is_set)
			count_id(c, migration->id);
		else
			name = next_number(c, migration, &own);
	}
	mark(c, name.id, name.path);
	return name;
}

void oh_alembic_number(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *const *moved, size_t count,
	struct oh_new_name *out)
{
	struct counter c = {.arena = arena};

	(void)location;
	count_taken(&c, taken, moved, count);
	for (size_t i = 0; i < count; i++)
		out[i] = number_one(&c, moved[i]);
}

static struct oh_slice free_hash(const struct counter *c, const struct oh_migration *migration)
{
	struct oh_buf text = {.arena = c->arena};
	struct oh_slice digest, id;

	oh_buf_add(&text, FORM);
	oh_buf_add(&text, migration->id);
	oh_buf_add(&text, OH_SLICE("\n"));
	oh_buf_add(&text, migration->body.digest);
	oh_buf_add(&text, OH_SLICE("\n"));
	digest = oh_digest_sha256(c->arena, oh_buf_slice(&text));
	for (;;) {
		for (size_t at = 0; at + ID_DIGITS <= digest.len; at += ID_DIGITS) {
			id = oh_slice_sub(digest, at, at + ID_DIGITS);
			if (!oh_map_get(&c->ids, id))
				return id;
		}
		digest = oh_digest_sha256(c->arena, digest);
	}
}

/* A name that somebody else has, with what is new of the id behind it. */
static struct oh_slice free_path(
	const struct counter *c, struct oh_slice path, struct oh_slice word)
{
	const size_t at = oh_slice_has_suffix(path, SUFFIX) ? path.len - SUFFIX.len : path.len;

	if (!oh_map_get(&c->paths, path))
		return path;
	path = put_in(c->arena, path, at, at, word);
	return put_in(c->arena, path, at, at, OH_SLICE("_"));
}

struct oh_new_name oh_alembic_rename(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *migration)
{
	struct counter c = {.arena = arena};
	struct oh_new_name name;
	struct numbered n;

	(void)location;
	count_taken(&c, taken, &migration, 1);
	if (read_number(migration->id, &n) && oh_alembic_is_sequential(arena, taken)) {
		name = next_number(&c, migration, &n);
		(void)read_number(name.id, &n);
		name.path = free_path(&c, name.path, oh_slice_sub(name.id, 0, n.end));
	} else {
		name.id = free_hash(&c, migration);
		name.path = free_path(&c, path_for(arena, migration, name.id), name.id);
	}
	return name;
}

static bool is_word(struct oh_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.ptr[i]) && !is_letter(text.ptr[i]) && text.ptr[i] != '_')
			return false;
	return text.len;
}

struct oh_slice oh_alembic_beside(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *migration)
{
	struct counter c = {.arena = arena};
	struct oh_slice path = migration->path, word = migration->id;
	struct numbered n;

	(void)location;
	count_taken(&c, taken, NULL, 0);
	if (read_number(migration->id, &n) && oh_alembic_is_sequential(arena, taken))
		path = next_number(&c, migration, &n).path;
	if (oh_map_get(&c.ids, word) || !is_word(word))
		word = OH_SLICE("2");
	while (oh_map_get(&c.paths, path))
		path = free_path(&c, path, word);
	return path;
}
