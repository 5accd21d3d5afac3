/*
 * One migration as its file says it, whatever the migration system. A value: everything in it
 * borrows from the arena that the adapter was given.
 */
#ifndef OH_MODEL_MIGRATION_H
#define OH_MODEL_MIGRATION_H

#include "base/slice.h"

/* What a migration does to one object of the schema. */
enum oh_object { OH_TABLE, OH_COLUMN, OH_INDEX, OH_CONSTRAINT };
enum oh_act {
	OH_CREATE,
	OH_DROP,
	OH_ALTER,
	OH_USE /* needs it to be there: an indexed column, a table that a foreign key names */
};

struct oh_effect {
	enum oh_object object;
	enum oh_act act;
	struct oh_slice schema; /* "" where none is named */
	struct oh_slice table; /* "" where it is not named (an index dropped by its name alone) */
	struct oh_slice name; /* of the column, index or constraint; "" for a table */
	struct oh_slice call; /* for people: add_column("users", "email") */
	unsigned line; /* 1-based */
};

struct oh_effects {
	struct oh_effect *items;
	size_t count, capacity;
};

/* A place whose effect on the schema could not be read: raw SQL, a computed name, other code. */
struct oh_unknown {
	struct oh_slice what; /* for people: "raw SQL", "computed name" */
	unsigned line;
};

struct oh_unknowns {
	struct oh_unknown *items;
	size_t count, capacity;
};

/* What upgrade and downgrade do. Read only where it is asked for (OH_READ_BODY). */
struct oh_body {
	struct oh_effects effects; /* of upgrade, in the order of the file */
	struct oh_unknowns unknowns; /* of upgrade */
	/*
	 * SHA-256 over the tokens of upgrade and downgrade (without comments, docstrings and
	 * white space) and of every other statement of the module that they could mean (helper
	 * functions, constants), but not over the identifiers (id, parents, …): equal for twins.
	 */
	struct oh_slice digest;
	bool does_nothing; /* only pass, docstrings and SELECTs: such bodies are never twins */
};

struct oh_migration {
	struct oh_slice id;
	struct oh_slices parents; /* in the order written; empty for a base */
	struct oh_slices depends_on; /* ids or labels, as written */
	struct oh_slices labels;
	struct oh_slice path; /* relative to the root of the source it was read from */
	struct oh_slice title; /* first line of its docstring, trimmed; "" where it has none */
	struct oh_slice date; /* its creation date as written; "" where it has none */
	struct oh_slice content; /* name of its bytes in the source (a git object id), or "" */
	unsigned line; /* 1-based: where the id is said */
	unsigned parents_line; /* 1-based: where the parents are said */
	struct oh_body body;
};

struct oh_migrations {
	struct oh_migration *items;
	size_t count, capacity;
};

/* A file, or a line of one, that should say something and can't be read without running it. */
struct oh_unreadable {
	struct oh_slice path;
	unsigned line; /* 1-based; 0 where the whole file is meant */
	struct oh_slice why; /* "its parent is computed" */
	/* The system itself, which runs the file, may know better; otherwise it fails too. */
	bool computed;
};

struct oh_unreadables {
	struct oh_unreadable *items;
	size_t count, capacity;
};

#endif
