/*
 * Prints what the readers of ini and TOML files see, for a comparison with Python's.
 *
 *	dump_config ini|toml < texts
 *
 * A text is its length in decimal, a newline, and its bytes. For each: lines `option SECTION KEY
 * VALUE` (ini) or `entry KEY KIND VALUE…` (toml), in hex, `problem LINE` where it can't be read,
 * and a line with a dot.
 */
#include "adapters/alembic/ini.h"
#include "adapters/alembic/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_hex(struct oh_slice s)
{
	putchar(' ');
	if (!s.len)
		putchar('-');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.ptr[i]);
}

static void print_value(const struct oh_ini_value *v)
{
	if (v->problem)
		fputs(" !", stdout);
	else
		print_hex(v->text);
	putchar('\n');
}

static void dump_ini(struct oh_arena *arena, struct oh_slice text)
{
	struct oh_ini ini = {.here = OH_SLICE("/srv/app")};

	oh_ini_read(&ini, arena, text);
	if (ini.problem) {
		printf("problem %u\n", ini.problem_line);
		return;
	}
	for (size_t s = 1; s < ini.sections.count; s++)
		for (size_t i = 0; i < ini.options.count; i++) {
			const struct oh_ini_option *o = &ini.options.items[i];
			struct oh_ini_value v;

			if (o->section != s && o->section != 0)
				continue;
			v = oh_ini_get(&ini, ini.sections.items[s], o->key);
			fputs("option", stdout);
			print_hex(ini.sections.items[s]);
			print_hex(o->key);
			print_value(&v);
		}
}

static void print_entry(const struct oh_toml_entry *e)
{
	static const char *const kinds[] = {
		"string", "strings", "true", "false", "integer", "other"};

	fputs("entry", stdout);
	print_hex(e->key);
	printf(" %s", kinds[e->kind]);
	if (e->kind == OH_TOML_STRING)
		print_hex(e->text);
	for (size_t i = 0; e->kind == OH_TOML_STRINGS && i < e->items.count; i++)
		print_hex(e->items.items[i]);
	if (e->kind == OH_TOML_INTEGER)
		printf(" %lld", e->number);
	putchar('\n');
}

static void dump_toml(struct oh_arena *arena, struct oh_slice text)
{
	struct oh_slice keys[] = {OH_SLICE("tool"), OH_SLICE("alembic")};
	const struct oh_slices table = {keys, 2, 2};
	struct oh_toml toml;

	oh_toml_read(&toml, arena, text, &table);
	if (toml.problem) {
		printf("problem %u\n", toml.problem_line);
		return;
	}
	if (toml.found)
		puts("found");
	for (size_t i = 0; i < toml.entries.count; i++)
		print_entry(&toml.entries.items[i]);
}

int main(int argc, char **argv)
{
	const bool toml = argc == 2 && strcmp(argv[1], "toml") == 0;
	size_t size;

	if (argc != 2 || (!toml && strcmp(argv[1], "ini") != 0))
		return fputs("usage: dump_config ini|toml\n", stderr), 2;
	while (scanf("%zu", &size) == 1 && getchar() == '\n') {
		struct oh_arena arena = {0};
		char *bytes = malloc(size ? size : 1); /* of exactly that size, for sanitizers */

		if (!bytes || fread(bytes, 1, size, stdin) != size)
			return 1;
		(toml ? dump_toml : dump_ini)(&arena, (struct oh_slice){bytes, size});
		puts(".");
		free(bytes);
		oh_arena_drop(&arena);
	}
	return 0;
}
