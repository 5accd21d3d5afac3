/*
 * Ids that count: a number of at most five significant digits, maybe one letter behind it, and
 * then nothing or a separator (of `_`, `.`, `-` and blanks) and a slug: `0042`, `0042_name`,
 * `0300e_name`. Dates (20240101, 2024_01_01_name) and hashes are no numbers.
 *
 * A graph counts where at least a quarter of its migrations that are no merge revisions have
 * numbers, and two thirds of these are the next one after the highest below them; where there is
 * none below, 0 or 1 is the next one, and any other says nothing. Strangers may be many: a project
 * that counts on its main branch takes hashes on others.
 *
 * A new number has the width and the separator of the highest one of the graph, a letter is
 * dropped, and the slug, or that there is none, stays. The numbers of the files count as well
 * where they have the same width: an id may be a hash or a slip where the file's name goes on.
 *
 * Names of files: the old id gives way to the new one where it stands in the name as a word of its
 * own; else the number that the name begins with does, where both ids are numbers; else the name
 * stays.
 */
#ifndef OH_ADAPTERS_ALEMBIC_NUMBER_H
#define OH_ADAPTERS_ALEMBIC_NUMBER_H

#include "adapters/adapter.h"

bool oh_alembic_is_sequential(struct oh_arena *arena, const struct oh_migrations *migrations);

/* TAKEN: those that stay. MOVED may be among them as what they are now. */
void oh_alembic_number(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *const *moved, size_t count,
	struct oh_new_name *out);

/*
 * The next number, where TAKEN counts and the id is a number; else the first 12 hex digits of
 * SHA-256 over "onehead-rename-1\n", the old id and the digest of the body, each of these with a
 * newline behind it; the next 12 where these are taken.
 */
struct oh_new_name oh_alembic_rename(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *migration);

/* With the next number where TAKEN counts and the name goes by the id; else with the id behind the
 * name, or a 2 where both have one id. */
struct oh_slice oh_alembic_beside(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *migration);

#endif
