/*
 * Prints what migrations do to the schema, for a comparison with Alembic's own operations.
 *
 *	dump_effects < texts
 *
 * A text is its length in decimal, a newline, and its bytes. For each: lines `effect ACT OBJECT
 * SCHEMA TABLE NAME` with the names in hex, `unknown WHAT`, and a line with a dot.
 */
#include "adapters/adapter.h"

#include <stdio.h>
#include <stdlib.h>

static void print_hex(struct oh_slice s)
{
	putchar(' ');
	if (!s.len)
		putchar('-');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.ptr[i]);
}

static void print_effect(const struct oh_effect *e)
{
	static const char *const objects[] = {"table", "column", "index", "constraint"};
	static const char *const acts[] = {"create", "drop", "alter", "use"};

	printf("effect %s %s", acts[e->act], objects[e->object]);
	print_hex(e->schema);
	print_hex(e->table);
	print_hex(e->name);
	putchar('\n');
}

static void dump(struct oh_arena *arena, struct oh_slice bytes)
{
	const struct oh_file file = {OH_SLICE("a.py"), bytes, OH_SLICE("")};
	struct oh_migrations migrations = {0};
	struct oh_unreadables unreadable = {0};

	oh_adapter_alembic.parse(arena, &file, OH_READ_BODY, &migrations, &unreadable);
	for (size_t i = 0; i < unreadable.count; i++)
		printf("unreadable " OH_FMT "\n", OH_ARG(unreadable.items[i].why));
	for (size_t i = 0; i < migrations.count; i++) {
		const struct oh_body *body = &migrations.items[i].body;

		for (size_t k = 0; k < body->effects.count; k++)
			print_effect(&body->effects.items[k]);
		for (size_t k = 0; k < body->unknowns.count; k++)
			printf("unknown " OH_FMT "\n", OH_ARG(body->unknowns.items[k].what));
	}
}

int main(void)
{
	size_t size;

	while (scanf("%zu", &size) == 1 && getchar() == '\n') {
		struct oh_arena arena = {0};
		char *bytes = malloc(size ? size : 1);

		if (!bytes || fread(bytes, 1, size, stdin) != size)
			return 1;
		dump(&arena, (struct oh_slice){bytes, size});
		puts(".");
		free(bytes);
		oh_arena_drop(&arena);
	}
	return 0;
}
