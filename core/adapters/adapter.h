/*
 * What onehead asks of a migration system. One row of the table in registry.c each; nothing
 * outside the adapter's own folder knows the system.
 *
 * Pure: bytes come in through arguments and struct oh_source, values go out.
 */
#ifndef OH_ADAPTERS_ADAPTER_H
#define OH_ADAPTERS_ADAPTER_H

#include "model/location.h"
#include "model/migration.h"
#include "model/source.h"

enum oh_depth {
	OH_READ_GRAPH, /* id, parents, depends_on, labels, lines */
	OH_READ_TEXT, /* …and title and date */
	OH_READ_BODY /* …and what upgrade does */
};

/* One file to read. */
struct oh_file {
	struct oh_slice path, bytes;
	struct oh_slice content; /* name of the bytes, kept in the migration; may be "" */
};

/* What a new file is to be. */
struct oh_new_file {
	struct oh_slice path, bytes, id;
};

/* An id that is another one from now on. */
struct oh_rename {
	struct oh_slice from, to;
};

struct oh_renames {
	struct oh_rename *items;
	size_t count, capacity;
};

/* What a migration file is to say from now on. */
struct oh_rewrite {
	struct oh_slice id; /* "" keeps it */
	const struct oh_slices *parents; /* all of them, in order; NULL keeps them */
	const struct oh_renames *renames; /* for what it depends on; NULL for none */
};

/* Where a migration is to be found from now on. */
struct oh_new_name {
	struct oh_slice id, path;
};

struct oh_adapter {
	const char *name;
	/* Does a file of this path look as if it could configure this system? By name alone. */
	bool (*is_config)(struct oh_slice path);
	/*
	 * The locations that a configuration file names; none where it does not configure this
	 * system. What can't be known without running something goes to UNREADABLE. Paths that
	 * are relative to a working directory are tried against the file's own directory, then
	 * against the root of the source. ROOT is the absolute path of the source's root as the
	 * system would see it ("" where it has none): absolute paths below it are made relative.
	 */
	bool (*discover)(struct oh_arena *arena, struct oh_source *source, struct oh_slice root,
		struct oh_slice config, struct oh_locations *out, struct oh_unreadables *unreadable,
		struct oh_error *err);
	/* Is this file of a version directory a migration file, by name alone? */
	bool (*is_migration)(const struct oh_location *location, struct oh_slice path);
	/*
	 * Adds the migration in FILE to OUT, or says in UNREADABLE why it can't be known.
	 * Total: any bytes. What is put out borrows nothing from file->bytes.
	 */
	void (*parse)(struct oh_arena *arena, const struct oh_file *file, enum oh_depth depth,
		struct oh_migrations *out, struct oh_unreadables *unreadable);
	/*
	 * The merge revision of PARENTS (two or more, read with OH_READ_TEXT): path, bytes and
	 * id, a function of the parents' ids, titles and dates and of the location alone.
	 */
	struct oh_new_file (*merge_revision)(struct oh_arena *arena,
		const struct oh_location *location, const struct oh_migration *const *parents,
		size_t count);
	/*
	 * The bytes of FILE saying what WANT says. Only the values of identifiers change, each in
	 * its own form of writing (annotation, tuple or list, quotes, comments, line ends), and
	 * the lines of the docstring that repeat them; every other byte stays. The same bytes
	 * where nothing is to change. OH_E_UNSUPPORTED, with the reason, where it is not known how:
	 * a computed value, a file that can't be read.
	 */
	bool (*rewrite)(struct oh_arena *arena, const struct oh_file *file,
		const struct oh_rewrite *want, struct oh_slice *bytes, struct oh_error *err);
	/*
	 * Do the ids of these migrations count up (0042, 011_hash_dedup_fields, 0042_name), as
	 * opposed to saying nothing? Merge revisions and a few strangers among them don't count.
	 */
	bool (*is_sequential)(struct oh_arena *arena, const struct oh_migrations *migrations);
	/*
	 * The next numbers behind those of TAKEN for MOVED, COUNT of them in topological order, in
	 * the style of the graph (width, separator, id equal to the file's stem or the bare
	 * number). One whose id is no number (a merge revision, a hash) keeps it, and one that is
	 * numbered higher than all before it, too. The files get the names that go with the ids.
	 */
	void (*number)(struct oh_arena *arena, const struct oh_location *location,
		const struct oh_migrations *taken, const struct oh_migration *const *moved,
		size_t count, struct oh_new_name *out);
	/*
	 * Another id, and path, for a migration (read with OH_READ_BODY) whose id somebody else
	 * has: a function of the migration alone, and not one of TAKEN.
	 */
	struct oh_new_name (*rename)(struct oh_arena *arena, const struct oh_location *location,
		const struct oh_migrations *taken, const struct oh_migration *migration);
	/* Another path for a migration whose path the file of another one has, which is among
	 * TAKEN: a function of the migration and of TAKEN, and none of theirs. */
	struct oh_slice (*beside)(struct oh_arena *arena, const struct oh_location *location,
		const struct oh_migrations *taken, const struct oh_migration *migration);
	/* The next number behind those of TAKEN for a migration that was just made (read with
	 * OH_READ_TEXT), whatever id it has; TAKEN counts, and does not hold it. */
	struct oh_new_name (*next_number)(struct oh_arena *arena,
		const struct oh_location *location, const struct oh_migrations *taken,
		const struct oh_migration *migration);
	/*
	 * A configuration file that has `onehead number` run on each new migration, and the same
	 * without it: every other byte stays. OH_E_UNSUPPORTED, in one line for people, where it
	 * is not known how. NULL where the system has no such hooks.
	 */
	bool (*add_post_write)(struct oh_arena *arena, struct oh_slice path, struct oh_slice bytes,
		struct oh_slice *out, struct oh_error *err);
	struct oh_slice (*remove_post_write)(struct oh_arena *arena, struct oh_slice bytes);
	/* Environment variable that names a configuration file; NULL for none. */
	const char *config_variable;
	/*
	 * For a database that does not stand where its graph says; ids follow. The first applies
	 * one and what it needs; the second writes down, without applying it, that one stands in
	 * the place of what it descends from; the third, that these have been applied, and what
	 * they need, and nothing else.
	 */
	const char *upgrade_to_command, *stamp_command, *stamp_only_command;
	/* The command that applies what is pending, and the table that says what is applied. */
	const char *upgrade_command;
	const char *version_table;
	/* What a configuration is called, for a message that says there is none. */
	const char *config_words;
};

/* The rows, ended by NULL. */
const struct oh_adapter *const *oh_adapters(void);
const struct oh_adapter *oh_adapter_named(struct oh_slice name); /* NULL where there is none */
extern const struct oh_adapter oh_adapter_alembic;

#endif
