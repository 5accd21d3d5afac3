#include "rules/rules.h"

static const struct oh_rule rows[] = {
	{"multiple-heads", OH_ERROR, "one line of development has several heads",
		oh_about_multiple_heads, oh_check_multiple_heads},
	{"missing-parent", OH_ERROR, "a migration names a parent that is not there",
		oh_about_missing_parent, oh_check_missing_parent},
	{"missing-dependency", OH_ERROR, "a migration depends on one that is not there",
		oh_about_missing_dependency, oh_check_missing_dependency},
	{"duplicate-id", OH_ERROR, "two files claim the same id", oh_about_duplicate_id,
		oh_check_duplicate_id},
	{"cycle", OH_ERROR, "migrations descend from themselves", oh_about_cycle, oh_check_cycle},
	{"label-clash", OH_ERROR, "two migrations claim the same branch label",
		oh_about_label_clash, oh_check_label_clash},
	{"redundant-parent", OH_ERROR, "a merge revision names a parent and its ancestor",
		oh_about_redundant_parent, oh_check_redundant_parent},
	{"unreadable", OH_ERROR, "a migration file is broken", oh_about_unreadable,
		oh_check_unreadable},
	{"computed", OH_WARNING, "a migration says its place in the graph by code",
		oh_about_computed, oh_check_computed},
	{"stale-lock", OH_WARNING, "the lock does not say what the directory has",
		oh_about_stale_lock, oh_check_stale_lock},
	{"collision", OH_ERROR, "two lines change the same object of the schema",
		oh_about_collision, oh_check_collision},
	{"twins", OH_ERROR, "the same migration came in under two ids", oh_about_twins,
		oh_check_twins},
	{NULL, OH_NOTE, NULL, NULL, NULL},
};

const struct oh_rule *oh_rules(void)
{
	return rows;
}

const struct oh_rule *oh_rule_named(struct oh_slice id)
{
	for (const struct oh_rule *r = rows; r->id; r++)
		if (oh_slice_eq(oh_slice_of(r->id), id))
			return r;
	return NULL;
}

void oh_rules_run(struct oh_arena *arena, const struct oh_meeting *meeting,
	const struct oh_slices *skip, struct oh_findings *out)
{
	for (const struct oh_rule *r = rows; r->id; r++)
		if (!oh_slices_contain(skip, oh_slice_of(r->id)))
			r->check(arena, r, meeting, out);
}
