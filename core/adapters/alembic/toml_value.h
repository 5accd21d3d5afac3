/* The tokens of TOML: keys, values, blanks, ends of lines. Private to toml.c. */
#ifndef OH_ADAPTERS_ALEMBIC_TOML_VALUE_H
#define OH_ADAPTERS_ALEMBIC_TOML_VALUE_H

#include "adapters/alembic/toml.h"

struct oh_toml_scanner {
	struct oh_arena *arena;
	struct oh_slice text;
	size_t at;
	unsigned line; /* of `at`, 1-based */
	unsigned depth; /* of arrays */
	const char *problem;
};

bool oh_toml_fail(struct oh_toml_scanner *scan, const char *problem); /* false */
void oh_toml_skip_blanks(struct oh_toml_scanner *scan); /* blanks and tabs */
bool oh_toml_take(struct oh_toml_scanner *scan, const char *token); /* steps over it if it's next */
bool oh_toml_at_line_end(const struct oh_toml_scanner *scan); /* a comment counts as its end */
/* A comment and the line's end; a failure where something else stands there. */
bool oh_toml_skip_line_end(struct oh_toml_scanner *scan);
/* One bare or quoted key. */
bool oh_toml_scan_key(struct oh_toml_scanner *scan, struct oh_slice *key);
/* Any value but a table in braces: fills kind, text, items and number of ENTRY. */
bool oh_toml_scan_value(struct oh_toml_scanner *scan, struct oh_toml_entry *entry);

#endif
