/*
 * Random trees, read in order, at random and again, through git, libgit2 and the turn from one to
 * the other: always what was put in.
 */
#include "repo_fixture.h"

#include "base/map.h"

#define FILES 420 /* more than are read before libgit2 is loaded */

struct file {
	struct oh_slice path, bytes;
};

struct world {
	struct test t;
	uint64_t seed;
	struct file files[FILES];
};

static uint32_t next(struct world *w)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->seed >> 33);
}

static void add_name(struct world *w, struct oh_buf *path, char first)
{
	static const char bytes[] = "ab_.- *?[]:\\\"\n\t\x01\x7f\xc3\xa9\xff!~^{}@";

	oh_buf_addf(path, "%c", first);
	for (uint32_t i = next(w) % 6; i; i--)
		oh_buf_addf(path, "%c", bytes[next(w) % (sizeof(bytes) - 1)]);
}

/* Directories begin with a d and files with another letter, so that neither is in the other's way.
 */
static struct file random_file(struct world *w, size_t number)
{
	struct oh_buf path = {.arena = &w->t.f.arena}, bytes = {.arena = &w->t.f.arena};

	for (uint32_t depth = next(w) % 4; depth; depth--) {
		add_name(w, &path, 'd');
		oh_buf_addf(&path, "/");
	}
	add_name(w, &path, (char)('e' + next(w) % 20));
	oh_buf_addf(&path, "%zu%s", number, next(w) % 5 ? ".py" : "");
	for (uint32_t n = next(w) % 16 ? next(w) % 300 : next(w) % 200000; n; n--)
		oh_buf_addf(&bytes, "%c", (int)(next(w) % 256));
	return (struct file){oh_buf_slice(&path), oh_buf_slice(&bytes)};
}

static void add_quoted(struct oh_buf *out, struct oh_slice path)
{
	for (size_t i = 0; i < path.len; i++)
		oh_buf_addf(out, "\\%03o", (unsigned int)(unsigned char)path.ptr[i]);
}

static void make_world(struct world *w, uint64_t seed)
{
	const char *const argv[] = {"git", "fast-import", "--quiet", NULL};
	struct oh_buf stream;

	w->seed = seed;
	begin(&w->t, "r", "true");
	stream = (struct oh_buf){.arena = &w->t.f.arena};
	oh_buf_addf(&stream, "commit refs/heads/main\ncommitter B <b@x> 1 +0000\ndata 1\nx\n");
	for (size_t i = 0; i < FILES; i++) {
		w->files[i] = random_file(w, i);
		oh_buf_addf(&stream, "M 100644 inline \"");
		add_quoted(&stream, w->files[i].path);
		oh_buf_addf(&stream, "\"\ndata %zu\n", w->files[i].bytes.len);
		oh_buf_add(&stream, w->files[i].bytes);
		oh_buf_addf(&stream, "\n");
	}
	assert_done(
		oh_repo_git(w->t.repo, &w->t.f.arena, argv, oh_buf_slice(&stream), NULL, &w->t.err),
		w->t.err);
	if (seed % 2)
		fixture_run(&w->t.f, "cd r/.git/objects && mkdir ../p && mv pack/* ../p &&"
				     "for p in ../p/*.pack; do git unpack-objects -q <$p; done");
	fixture_run(&w->t.f, "cd r && git read-tree main");
	oh_repo_close(w->t.repo);
}

static void check_list(struct world *w, struct oh_source *source)
{
	struct oh_map by_path = {.arena = &w->t.f.arena};
	struct oh_entries list;

	assert_done(oh_source_list(source, &w->t.f.arena, OH_SLICE(""), true, &list, &w->t.err),
		w->t.err);
	assert_int_equal(list.count, FILES);
	for (size_t i = 0; i < FILES; i++)
		*oh_map_put(&by_path, w->files[i].path) = 1;
	for (size_t i = 0; i < FILES; i++) {
		size_t *known = oh_map_get(&by_path, list.items[i].path);
		struct oh_slice bytes;

		assert_non_null(known);
		assert_int_equal((*known)--, 1);
		/* In the order of the list, as a reader of migrations goes. */
		if (i % 7)
			assert_done(oh_source_read(source, &w->t.f.arena, list.items[i].path,
					    &bytes, &w->t.err),
				w->t.err);
	}
}

static void check_reads(struct world *w, struct oh_source *source, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct file *f = &w->files[next(w) % FILES];
		struct oh_slice bytes;

		assert_done(oh_source_read(source, &w->t.f.arena, f->path, &bytes, &w->t.err),
			w->t.err);
		assert_same(bytes, f->bytes);
	}
}

static void check_all(struct world *w, struct oh_source *source)
{
	for (size_t i = 0; i < FILES; i++) {
		struct oh_slice bytes;

		assert_done(
			oh_source_read(source, &w->t.f.arena, w->files[i].path, &bytes, &w->t.err),
			w->t.err);
		assert_same(bytes, w->files[i].bytes);
	}
}

static void check_backend(struct world *w, const char *backend, bool from_index)
{
	struct oh_source *source;

	if (backend)
		setenv("ONEHEAD_OBJECTS", backend, 1);
	else
		unsetenv("ONEHEAD_OBJECTS");
	assert_done(oh_repo_open(&w->t.repo, &w->t.f.arena, &w->t.err), w->t.err);
	if (from_index)
		assert_done(oh_repo_index(w->t.repo, &source, &w->t.err), w->t.err);
	else
		assert_done(
			oh_repo_tree(w->t.repo, OH_SLICE("main"), &source, &w->t.err), w->t.err);
	check_reads(w, source, 20);
	check_list(w, source);
	check_reads(w, source, 200);
	check_all(w, source);
	oh_repo_close(w->t.repo);
	unsetenv("ONEHEAD_OBJECTS");
}

static void reads_what_was_put_in(void **state)
{
	static const char *const backends[] = {"git", "libgit2", NULL};
	struct world *w = calloc(1, sizeof(*w));

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		make_world(w, seed);
		for (size_t i = 0; i < 3; i++)
			check_backend(w, backends[i], seed > 2);
		w->t.repo = NULL;
		end(&w->t);
	}
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_put_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
