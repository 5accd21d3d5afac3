/*
 * Prints what the Alembic adapter sees of a project on disk, for a comparison with Alembic.
 *
 *	dump_project < requests
 *
 * A request is a line: ROOT CONFIG…, in hex, the configurations relative to the root. For each
 * location: `location CONFIG DIRECTORY RECURSIVE TEMPLATE SLUG_LENGTH`, a `versions DIRECTORY` for
 * each, and for each file `migration PATH ID DOES_NOTHING DIGEST`, with `parent`, `needs` and
 *`label` lines; `unreadable PATH COMPUTED WHY` for what can't be read; and a line with a dot.
 */
#include "adapters/adapter.h"
#include "repo/repo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct oh_slice from_hex(struct oh_arena *arena, struct oh_slice hex)
{
	char *out = oh_arena_alloc(arena, hex.len / 2 + 1);
	char pair[3] = {0};

	if (oh_slice_eq(hex, OH_SLICE("-")))
		return OH_SLICE("");
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		memcpy(pair, hex.ptr + i, 2);
		out[i / 2] = (char)strtol(pair, NULL, 16);
	}
	return (struct oh_slice){out, hex.len / 2};
}

static void print_word(const char *before, struct oh_slice s)
{
	fputs(before, stdout);
	if (!s.len)
		putchar('-');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.ptr[i]);
}

static void print_list(const char *word, const struct oh_slices *list)
{
	for (size_t i = 0; i < list->count; i++) {
		print_word(word, list->items[i]);
		putchar('\n');
	}
}

static void print_migration(const struct oh_migration *m)
{
	print_word("migration ", m->path);
	print_word(" ", m->id);
	printf(" %d " OH_FMT "\n", m->body.does_nothing, OH_ARG(m->body.digest));
	print_list("parent ", &m->parents);
	print_list("needs ", &m->depends_on);
	print_list("label ", &m->labels);
}

static void print_unreadable(const struct oh_unreadables *list)
{
	for (size_t i = 0; i < list->count; i++) {
		print_word("unreadable ", list->items[i].path);
		printf(" %d", list->items[i].computed);
		print_word(" ", list->items[i].why);
		putchar('\n');
	}
}

static bool read_directory(struct oh_arena *arena, struct oh_source *source,
	const struct oh_location *l, struct oh_slice directory, struct oh_error *err)
{
	struct oh_migrations migrations = {0};
	struct oh_unreadables unreadable = {0};
	struct oh_entries entries = {0};

	if (!oh_source_list(source, arena, directory, l->recursive, &entries, err))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		struct oh_file file = {.path = entries.items[i].path};

		if (entries.items[i].kind != OH_FILE ||
			!oh_adapter_alembic.is_migration(l, file.path))
			continue;
		if (!oh_source_read(source, arena, file.path, &file.bytes, err))
			return false;
		oh_adapter_alembic.parse(arena, &file, OH_READ_BODY, &migrations, &unreadable);
	}
	for (size_t i = 0; i < migrations.count; i++)
		print_migration(&migrations.items[i]);
	print_unreadable(&unreadable);
	return true;
}

static bool print_location(struct oh_arena *arena, struct oh_source *source,
	const struct oh_location *l, struct oh_error *err)
{
	print_word("location ", l->config);
	print_word(" ", l->directory);
	printf(" %d", l->recursive);
	print_word(" ", l->file_template);
	printf(" %zu\n", l->slug_length);
	print_list("versions ", &l->versions);
	for (size_t i = 0; i < l->versions.count; i++)
		if (!read_directory(arena, source, l, l->versions.items[i], err))
			return false;
	return true;
}

static bool answer(struct oh_arena *arena, const struct oh_slices *words, struct oh_error *err)
{
	const struct oh_slice root = from_hex(arena, words->items[0]);
	struct oh_source *source = oh_directory_source(arena, root);
	struct oh_unreadables unreadable = {0};
	struct oh_locations locations = {0};

	for (size_t i = 1; i < words->count; i++)
		if (!oh_adapter_alembic.discover(arena, source, root,
			    from_hex(arena, words->items[i]), &locations, &unreadable, err))
			return false;
	print_unreadable(&unreadable);
	for (size_t i = 0; i < locations.count; i++)
		if (!print_location(arena, source, &locations.items[i], err))
			return false;
	return true;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		struct oh_arena arena = {0};
		struct oh_error err = {0};
		const struct oh_slice text = oh_slice_trim((struct oh_slice){line, (size_t)n});
		const struct oh_slices words = oh_slice_words(&arena, text);

		if (words.count && !answer(&arena, &words, &err))
			printf("error %s\n", err.message);
		puts(".");
		fflush(stdout);
		oh_arena_drop(&arena);
	}
	free(line);
	return 0;
}
