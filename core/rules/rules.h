/*
 * What can be wrong with migrations, one table row a rule. Pure: a rule looks at a meeting (or at
 * one snapshot: a meeting without sides) and adds findings.
 *
 *	struct oh_findings findings = {0};
 *	oh_rules_run(arena, &meeting, &skip, &findings);
 */
#ifndef OH_RULES_RULES_H
#define OH_RULES_RULES_H

#include "model/finding.h"
#include "model/snapshot.h"

struct oh_rule {
	const char *id; /* as in ONEHEAD_SKIP and in findings */
	enum oh_severity severity;
	const char *title; /* one line, for `onehead explain` */
	const char *about; /* what it means, an example, how to mend it: lines (about.c) */
	void (*check)(struct oh_arena *arena, const struct oh_rule *rule,
		const struct oh_meeting *meeting, struct oh_findings *out);
};

/* The rows, ended by one whose id is NULL. */
const struct oh_rule *oh_rules(void);
const struct oh_rule *oh_rule_named(struct oh_slice id); /* NULL where there is none */

/* Every rule whose id is not in SKIP. */
void oh_rules_run(struct oh_arena *arena, const struct oh_meeting *meeting,
	const struct oh_slices *skip, struct oh_findings *out);

/*
 * Those of AFTER that make things worse than BEFORE: a finding of the same rule about the same
 * migrations was there already and is left out; more forked heads than before is worse, other
 * ones in the same number are not.
 */
struct oh_findings oh_findings_worse(
	struct oh_arena *arena, const struct oh_findings *before, const struct oh_findings *after);

size_t oh_findings_count(const struct oh_findings *findings, enum oh_severity at_least);

/* For the rules themselves: a new finding of RULE, message as printf says. */
struct oh_finding *oh_finding_add(struct oh_arena *arena, struct oh_findings *out,
	const struct oh_rule *rule, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The migrations that SIDE brought: in it, not in the base, still in the result. */
struct oh_indices oh_meeting_brought(
	struct oh_arena *arena, const struct oh_meeting *meeting, size_t side);

/* Is there a migration in the result that no side brought and that descends from both? Then
 * somebody has joined them knowingly, and need not be asked again. */
bool oh_meeting_joined_by_hand(struct oh_arena *arena, const struct oh_meeting *meeting,
	struct oh_slice a, struct oh_slice b);

/* Rules of the graph (graph_rules.c) and of two lines that meet (collision.c, twins.c), with
 * what is said about them (about.c). */
#define OH_RULE(name)                                                                              \
	void oh_check_##name(struct oh_arena *, const struct oh_rule *, const struct oh_meeting *, \
		struct oh_findings *);                                                             \
	extern const char oh_about_##name[]
OH_RULE(multiple_heads);
OH_RULE(missing_parent);
OH_RULE(missing_dependency);
OH_RULE(duplicate_id);
OH_RULE(cycle);
OH_RULE(label_clash);
OH_RULE(redundant_parent);
OH_RULE(unreadable);
OH_RULE(computed);
OH_RULE(stale_lock);
OH_RULE(collision);
OH_RULE(twins);

#endif
