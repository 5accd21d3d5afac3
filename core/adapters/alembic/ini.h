/*
 * Ini files as Python's configparser reads them, judged by it: options by `=` or `:`, keys in
 * any case, values that go on in deeper indented lines, full-line comments by # and ;, none
 * behind a value, the DEFAULT section, %(name)s from the same section and from DEFAULT, %% for
 * a percent sign, and strict: what is there twice is an error of the whole file, as is a line
 * that is nothing.
 *
 * Debian's libinih is no help here: it is built to take `;` behind a value for a comment (so
 * `version_locations = a;b` loses its half), knows no interpolation, joins continued lines in
 * another way, and reads lines into a buffer of fixed size.
 *
 *	struct oh_ini ini = {.here = OH_SLICE("/srv/app")};
 *	oh_ini_read(&ini, arena, bytes);
 *	if (ini.problem)
 *		… ini.problem_line
 *	struct oh_ini_value v = oh_ini_get(&ini, OH_SLICE("alembic"), OH_SLICE("script_location"));
 *
 * Two things are not as in Python: keys are lower-cased in ASCII only, and the value of `here`
 * is not searched for further %(name)s.
 */
#ifndef OH_ADAPTERS_ALEMBIC_INI_H
#define OH_ADAPTERS_ALEMBIC_INI_H

#include "base/map.h"

struct oh_ini_option {
	size_t section; /* index into sections */
	struct oh_slice key; /* lower case */
	struct oh_slice value; /* lines joined by '\n'; not interpolated */
	unsigned line; /* 1-based: where the key stands */
};

struct oh_ini {
	struct oh_slice here; /* set before reading: what %(here)s stands for */
	const char *problem; /* why Python would refuse the file; NULL where it would not */
	unsigned problem_line;
	struct oh_slices sections; /* in order; the first is DEFAULT, there or not */
	struct {
		struct oh_ini_option *items;
		size_t count, capacity;
	} options; /* in order */
	/* private */
	struct oh_arena *arena;
	struct oh_map section_index; /* name -> index */
	struct oh_map option_index; /* "section\nkey" -> index */
};

/* What an option comes to. */
struct oh_ini_value {
	bool found;
	bool own; /* said in the section itself, not in DEFAULT */
	struct oh_slice text; /* "" where there is a problem */
	const char *problem; /* why it can't be interpolated; NULL where it can */
	unsigned line;
};

/* Borrows from BYTES. */
void oh_ini_read(struct oh_ini *ini, struct oh_arena *arena, struct oh_slice bytes);
bool oh_ini_has_section(const struct oh_ini *ini, struct oh_slice section);
/* KEY in lower case. */
struct oh_ini_value oh_ini_get(
	const struct oh_ini *ini, struct oh_slice section, struct oh_slice key);

#endif
