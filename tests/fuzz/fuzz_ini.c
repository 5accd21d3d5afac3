/* The reader of ini files, and the interpolation of everything in them. */
#include "adapters/alembic/ini.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_option(const struct oh_ini *ini, const struct oh_ini_option *option)
{
	const struct oh_slice section = ini->sections.items[option->section];
	const struct oh_ini_value v = oh_ini_get(ini, section, option->key);

	must(v.found && v.own && v.line == option->line);
	must(!v.problem || !v.text.len);
	must(oh_slice_find_byte(option->key, '\n', 0) == option->key.len);
	/* without a percent sign nothing is changed */
	if (oh_slice_find_byte(option->value, '%', 0) == option->value.len)
		must(oh_slice_eq(v.text, option->value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_arena arena = {0};
	struct oh_ini ini = {.here = OH_SLICE("/srv/app")};

	oh_ini_read(&ini, &arena, (struct oh_slice){(const char *)data, size});
	must(!ini.problem == !ini.problem_line);
	for (size_t i = 0; !ini.problem && i < ini.options.count; i++)
		check_option(&ini, &ini.options.items[i]);
	oh_arena_drop(&arena);
	return 0;
}
