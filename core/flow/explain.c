#include "flow/commands.h"

#include "rules/rules.h"

struct topic {
	const char *name;
	const char *text;
};

static const struct topic topics[] = {
	{"lock", "onehead.lock lists the migrations of its directory with their parents, and\n"
		 "the head: one `head` line a head, then one line a migration, all sorted.\n"
		 "\n"
		 "It is there for git. Two migrations in two files merge without a word; two\n"
		 "branches that both add a migration both change the head line, so git, on any\n"
		 "hosting site too, shows a conflict at the moment the branches meet. With\n"
		 "onehead installed its merge driver resolves that conflict, and the hooks add\n"
		 "the merge revision.\n"
		 "\n"
		 "You never edit it. In a conflict:         onehead resolve && git commit\n"
		 "Stale, because somebody had no hooks:     onehead check --fix && git commit"},
	{"replace",
		"git writes a merge commit before any hook could add a file to it. So when a\n"
		"`git merge` leaves two heads, the post-merge hook makes the same commit again\n"
		"with the merge revision in it: same parents, author, message and dates; signed\n"
		"anew where it was signed. The reflog reads as if it had been made so; the first\n"
		"one is kept under refs/onehead/undo/.\n"
		"\n"
		"git config onehead.postmerge commit       a commit of its own instead\n"
		"git config onehead.postmerge off          only say it"},
	{NULL, NULL},
};

static void say_lines(struct oh_flow *flow, const char *text)
{
	struct oh_slice rest = oh_slice_of(text), line;

	while (oh_slice_next_line(&rest, &line))
		oh_say(&flow->report, OH_FMT, OH_ARG(line));
}

static void list_topics(struct oh_flow *flow)
{
	oh_say(&flow->report, "topics:");
	for (const struct topic *t = topics; t->name; t++)
		oh_say(&flow->report, "  %s", t->name);
	oh_say(&flow->report, "rules (switch one off for one command: ONEHEAD_SKIP=rule git ...):");
	for (const struct oh_rule *r = oh_rules(); r->id; r++)
		oh_say(&flow->report, "  %-20s %s", r->id, r->title);
}

static void say_rule(struct oh_flow *flow, const struct oh_rule *rule)
{
	const char *severity = rule->severity == OH_ERROR ? "error" : "warning";

	oh_say(&flow->report, "%s (%s): %s", rule->id, severity, rule->title);
	oh_say(&flow->report, "%s", "");
	say_lines(flow, rule->about);
	oh_say(&flow->report, "%s", "");
	oh_say(&flow->report, "Switch it off for one command: ONEHEAD_SKIP=%s git ...", rule->id);
}

bool oh_flow_explain(struct oh_flow *flow, struct oh_slice topic, struct oh_error *err)
{
	const struct oh_rule *rule = oh_rule_named(topic);

	if (!topic.len) {
		list_topics(flow);
		return true;
	}
	for (const struct topic *t = topics; t->name; t++)
		if (oh_slice_eq(oh_slice_of(t->name), topic)) {
			say_lines(flow, t->text);
			return true;
		}
	if (!rule)
		return oh_fail(err, OH_E_USAGE,
			"nothing is known of " OH_FMT "; onehead explain lists "
			"the topics",
			OH_ARG(topic));
	say_rule(flow, rule);
	return true;
}
