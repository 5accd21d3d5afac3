/*
 * What the configuration of one directory says: the ini file, and the [tool.alembic] of the
 * pyproject.toml beside it; per option the ini file wins.
 */
#ifndef OH_ADAPTERS_ALEMBIC_OPTIONS_H
#define OH_ADAPTERS_ALEMBIC_OPTIONS_H

#include "adapters/alembic/ini.h"
#include "adapters/alembic/toml.h"
#include "model/migration.h"
#include "model/source.h"

struct oh_options {
	struct oh_arena *arena;
	struct oh_source *source;
	struct oh_slice root; /* absolute; made up where the source has none */
	struct oh_slice directory; /* of the configuration */
	struct oh_slice ini_path, toml_path; /* "" where there is no such file */
	struct oh_ini ini;
	struct oh_toml toml;
	struct oh_unreadables *unreadable;
};

enum oh_option_kind { OH_OPTION_NONE, OH_OPTION_TEXT, OH_OPTION_LIST, OH_OPTION_FLAG };

struct oh_option {
	enum oh_option_kind kind; /* NONE: said nowhere, or said so that Alembic would fail */
	struct oh_slice text; /* of TEXT (an integer of TOML too) */
	struct oh_slices items; /* of LIST */
	bool flag; /* of FLAG */
	bool own; /* said in the ini section itself */
	struct oh_slice path; /* the file that says it */
	unsigned line;
};

/*
 * Reads CONFIG and the file beside it. A file that can't be read goes to `unreadable`; false
 * without an error where CONFIG has nothing to say, or leaves it to the file beside it.
 */
bool oh_options_load(struct oh_options *options, struct oh_slice config, struct oh_error *err);

/* KEY as SECTION has it. What Alembic would fail on goes to `unreadable`. */
struct oh_option oh_options_get(
	const struct oh_options *options, struct oh_slice section, const char *key);
/* Exactly `true` in an ini file, a boolean in TOML. */
bool oh_options_flag(const struct oh_options *options, struct oh_slice section, const char *key);

/* Says that Alembic, too, would fail on OPTION. */
void oh_options_complain(const struct oh_options *options, const struct oh_option *option,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Says that OPTION can't be followed from here, though Alembic may. */
void oh_options_give_up(const struct oh_options *options, const struct oh_option *option,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
