/* The reader of [tool.alembic]. */
#include "adapters/alembic/toml.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_slice keys[] = {OH_SLICE("tool"), OH_SLICE("alembic")};
	const struct oh_slices table = {keys, 2, 2};
	struct oh_arena arena = {0};
	struct oh_toml toml;

	oh_toml_read(&toml, &arena, (struct oh_slice){(const char *)data, size}, &table);
	must(!toml.problem == !toml.problem_line);
	must(toml.found || !toml.entries.count);
	for (size_t i = 0; i < toml.entries.count; i++) {
		const struct oh_toml_entry *e = &toml.entries.items[i];

		must(oh_toml_get(&toml, e->key) == e);
		must(e->line > 0);
		must(e->kind == OH_TOML_STRING || e->kind == OH_TOML_OTHER || !e->items.count ||
			e->kind == OH_TOML_STRINGS);
	}
	oh_arena_drop(&arena);
	return 0;
}
