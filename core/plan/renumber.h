/*
 * Migrations that are not committed yet get other numbers where the branch that they are bound for
 * has taken theirs in the meantime. Their parents stay: nothing is put on top of what is not here.
 *
 *	struct oh_renumbering r;
 *	oh_renumber_decide(&r, arena, &(struct oh_renumber_request){…});
 *	if (r.list.count && !oh_renumber_steps(arena, &r, read, context, &steps, &after, err)) …
 *
 * - New is what `before` does not have. A new migration that upstream has as well (the same body,
 *   or the same id in the same file, unless their dates of creation differ) keeps its number.
 * - What is renumbered is what would be renumbered by a move on top of upstream: what is numbered
 *   higher than all that is there keeps its number. So does what was out of order without
 *   upstream: that was the user's own choice.
 */
#ifndef OH_PLAN_RENUMBER_H
#define OH_PLAN_RENUMBER_H

#include "model/snapshot.h"
#include "plan/move.h"

struct oh_renumber_request {
	const struct oh_snapshot *snapshot; /* as it is to be; bodies of what is new are read */
	const struct oh_snapshot *before; /* what was there */
	const struct oh_snapshot *upstream; /* bodies of what `before` lacks are read */
	const struct oh_migrations *beside; /* names that are not free either; NULL for none */
	const struct oh_slices *fixed; /* ids that stay; NULL for none */
	bool rising; /* what is out of order without upstream is renumbered, too */
};

struct oh_renumbered {
	const struct oh_migration *migration; /* of the snapshot */
	struct oh_new_name name;
};

struct oh_renumbering {
	struct oh_renumber_request request;
	struct {
		const struct oh_migration **items;
		size_t count, capacity;
	} added; /* all that is new, parents first */
	struct {
		struct oh_renumbered *items;
		size_t count, capacity;
	} list; /* those of them that get other numbers, parents first */
	struct oh_renames renames;
	/* Of what upstream has got: the one with the first of the new ones' ids or, where none has
	 * it, the last of upstream's; NULL where it has got nothing. */
	const struct oh_migration *taken_by;
};

/* Has anything been added to a graph whose ids count? The cheap question. */
bool oh_renumber_is_due(struct oh_arena *arena, const struct oh_snapshot *snapshot,
	const struct oh_snapshot *before);

/* The request's snapshots must outlive R. */
void oh_renumber_decide(struct oh_renumbering *r, struct oh_arena *arena,
	const struct oh_renumber_request *request);

/* Is A, which is new, what upstream has as B? */
bool oh_renumber_is_same(const struct oh_migration *a, const struct oh_migration *b);

/* Does M name an id that changes? */
bool oh_renumber_follows(const struct oh_renumbering *r, const struct oh_migration *m);

/*
 * The steps that carry R out, without the lock; AFTER is the snapshot as it will be, read from the
 * new bytes. New migrations that name an old id follow. OH_E_UNSUPPORTED, in one line for people,
 * where one that is not new names it, two have it, or a file can't be rewritten.
 */
bool oh_renumber_steps(struct oh_arena *arena, const struct oh_renumbering *r, oh_read_file read,
	void *context, struct oh_steps *steps, struct oh_snapshot *after, struct oh_error *err);

/* A new migration whose parent has got another child upstream. */
struct oh_taken_parent {
	struct oh_slice parent;
	const struct oh_migration *child; /* upstream's */
};
struct oh_taken_parents {
	struct oh_taken_parent *items; /* one a parent */
	size_t count, capacity;
};
struct oh_taken_parents oh_renumber_taken_parents(
	struct oh_arena *arena, const struct oh_renumbering *r);

#endif
