#include "flow/read_files.h"

#include "flow/parse_cache.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#define MOST_THREADS 4
#define FILES_WORTH_A_THREAD 100
#define FILES_A_RUN 16

/* A file is known by its bytes and its path: the path can say the id. */
static struct oh_slice key_of(struct oh_arena *arena, struct oh_slice content, struct oh_slice path)
{
	const struct oh_slices both = {(struct oh_slice[]){content, path}, 2, 2};

	return oh_slices_join(arena, &both, " ");
}

static struct oh_arena *kept(const struct oh_loader *l)
{
	return l->kept ? l->kept : l->arena;
}

/* The number of what was parsed, from 1; 0 where it was not. */
static size_t find_known(struct oh_loader *l, const struct oh_entry *entry)
{
	const size_t *slot;

	if (!entry->content.len || !l->parsed.count)
		return 0;
	slot = oh_map_get(&l->seen, key_of(&l->scratch, entry->content, entry->path));
	return slot ? *slot : 0;
}

static void remember(struct oh_loader *l, struct oh_slice content, struct oh_slice path,
	const struct oh_parsed *parsed)
{
	size_t *slot;

	l->seen.arena = kept(l);
	slot = oh_map_put(&l->seen, key_of(kept(l), content, path));
	OH_PUSH(kept(l), &l->parsed, *parsed);
	*slot = l->parsed.count;
}

void oh_loader_remember(struct oh_loader *l, const struct oh_parsed *parsed)
{
	const struct oh_migration *m = &parsed->migration;

	remember(l, m->content, m->path, parsed);
}

void oh_loader_for_repo(struct oh_loader *l, struct oh_repo *repo)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);

	if (!paths)
		return;
	l->cache = oh_slice_printf(l->arena, OH_FMT "/onehead/parsed", OH_ARG(paths->common_dir));
	l->depth = OH_READ_TEXT;
	oh_parse_cache_load(l);
}

static void say_unreadable(struct oh_loader *l, const struct oh_entry *entry,
	const struct oh_error *problem, struct oh_parsed *out)
{
	const struct oh_unreadable u = {.path = oh_slice_dup(kept(l), entry->path),
		.why = oh_slice_dup(kept(l), oh_slice_of(problem->message))};

	OH_PUSH(kept(l), &out->unreadables, u);
}

/* A file of a run on its way: found among what was parsed before, or read. */
struct text {
	size_t known; /* its number among what was parsed, from 1; 0: it had to be read */
	bool ok;
	struct oh_slice bytes;
	struct oh_error problem;
};

static void read_text(struct oh_loader *l, const struct oh_reading *r, const struct oh_entry *entry,
	struct text *t)
{
	t->known = find_known(l, entry);
	t->bytes = OH_SLICE("");
	t->ok = !t->known &&
		oh_source_read(r->source, &l->scratch, entry->path, &t->bytes, &t->problem);
}

static bool parse_text(struct oh_loader *l, const struct oh_reading *r,
	const struct oh_entry *entry, const struct text *t, struct oh_parsed *out,
	struct oh_error *err)
{
	struct oh_file file = {.path = entry->path, .content = entry->content, .bytes = t->bytes};
	struct oh_migration room; /* for the one that most files have: an array begins with more */
	struct oh_migrations migrations = {&room, 0, 1};

	*out = (struct oh_parsed){0};
	if (t->ok) {
		r->adapter->parse(kept(l), &file, l->depth, &migrations, &out->unreadables);
		out->is_migration = migrations.count > 0;
		if (migrations.count)
			out->migration = migrations.items[0];
	} else if (t->problem.code == OH_E_IO) {
		say_unreadable(l, entry, &t->problem, out);
	} else {
		*err = t->problem;
		return oh_wrap(err, "reading " OH_FMT, OH_ARG(entry->path));
	}
	return true;
}

/* What is known by its content, from another tree, is not parsed again. */
static bool parse_once(struct oh_loader *l, const struct oh_reading *r,
	const struct oh_entry *entry, const struct text *t, struct oh_parsed *out,
	struct oh_error *err)
{
	if (t->known) {
		*out = l->parsed.items[t->known - 1];
		return true;
	}
	if (!parse_text(l, r, entry, t, out, err))
		return false;
	if (entry->content.len)
		remember(l, entry->content, entry->path, out);
	return true;
}

/* First all are read, then all are parsed: the two need the processor's caches for themselves. */
static bool parse_run(struct oh_loader *l, const struct oh_reading *r, size_t from, size_t to,
	struct oh_error *err)
{
	const struct oh_arena_mark mark = oh_arena_mark(&l->scratch);
	struct text texts[FILES_A_RUN];
	bool ok = true;

	for (size_t i = from; i < to; i++)
		read_text(l, r, &r->files->items[i], &texts[i - from]);
	for (size_t i = from; i < to && ok; i++)
		ok = parse_once(l, r, &r->files->items[i], &texts[i - from], &r->out[i], err);
	oh_arena_rewind(&l->scratch, mark);
	return ok;
}

/* Takes runs of files, as they are left over, until there are none. */
static bool parse_runs(
	struct oh_loader *l, const struct oh_reading *r, atomic_size_t *next, struct oh_error *err)
{
	const size_t count = r->files->count;
	bool ok = true;
	size_t from;

	while (ok && (from = atomic_fetch_add(next, FILES_A_RUN)) < count)
		ok = parse_run(
			l, r, from, from + FILES_A_RUN < count ? from + FILES_A_RUN : count, err);
	oh_arena_drop(&l->scratch);
	return ok;
}

/* What one thread works with: memory and a source of its own. */
struct share {
	pthread_t thread;
	struct oh_arena arena;
	struct oh_loader loader;
	struct oh_reading reading;
	atomic_size_t *next;
	struct oh_error error;
	bool started, ok;
};

static void *run_share(void *argument)
{
	struct share *s = argument;

	/* A table of open files of its own: threads that share one wait for each other there. */
	unshare(CLONE_FILES);
	s->ok = parse_runs(&s->loader, &s->reading, s->next, &s->error);
	return NULL;
}

/* Elsewhere than where this thread runs: left to itself the kernel may begin both on one
 * processor, and the few milliseconds are over before it notices that another one is idle. */
static void run_elsewhere(pthread_attr_t *attributes)
{
	const int here = sched_getcpu();
	cpu_set_t set;

	if (here < 0 || sched_getaffinity(0, sizeof(set), &set) != 0)
		return;
	CPU_CLR((size_t)here, &set);
	if (CPU_COUNT(&set) > 0)
		pthread_attr_setaffinity_np(attributes, sizeof(set), &set);
}

static void start_share(struct share *s, struct oh_loader *l, const struct oh_reading *r)
{
	pthread_attr_t attributes;

	s->loader = (struct oh_loader){.arena = &s->arena, .depth = l->depth};
	s->reading = *r;
	s->reading.source = r->source->ops->again(r->source, &s->arena);
	s->ok = true;
	if (pthread_attr_init(&attributes) != 0)
		return;
	run_elsewhere(&attributes);
	s->started = pthread_create(&s->thread, &attributes, run_share, s) == 0;
	pthread_attr_destroy(&attributes);
}

static size_t count_threads(const struct oh_reading *r)
{
	const size_t worth = r->files->count / FILES_WORTH_A_THREAD;
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = processors > 1 ? (size_t)processors : 1;

	if (!r->source->ops->again)
		return 1;
	n = n > MOST_THREADS ? MOST_THREADS : n;
	return n > worth ? (worth ? worth : 1) : n;
}

bool oh_read_files(struct oh_loader *l, const struct oh_reading *r, struct oh_error *err)
{
	const size_t threads = count_threads(r);
	struct share shares[MOST_THREADS] = {0};
	atomic_size_t next = 0;
	bool ok;

	for (size_t t = 1; t < threads; t++) {
		shares[t].next = &next;
		start_share(&shares[t], l, r);
	}
	ok = parse_runs(l, r, &next, err);
	for (size_t t = 1; t < threads; t++) {
		if (shares[t].started)
			pthread_join(shares[t].thread, NULL);
		oh_arena_adopt(l->arena, &shares[t].arena);
		if (ok && !shares[t].ok)
			*err = shares[t].error;
		ok = ok && shares[t].ok;
	}
	return ok;
}
