#include "rules/rules.h"

#include <string.h>

struct oh_finding *oh_finding_add(struct oh_arena *arena, struct oh_findings *out,
	const struct oh_rule *rule, const char *format, ...)
{
	struct oh_finding f = {.rule = rule->id, .severity = rule->severity};
	va_list args;

	va_start(args, format);
	f.message = oh_slice_printable(arena, oh_slice_vprintf(arena, format, args));
	va_end(args);
	f.path = f.fix = OH_SLICE("");
	OH_PUSH(arena, out, f);
	return &out->items[out->count - 1];
}

size_t oh_findings_count(const struct oh_findings *findings, enum oh_severity at_least)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++)
		n += findings->items[i].severity >= at_least;
	return n;
}

static bool is_heads(const struct oh_finding *f)
{
	return strcmp(f->rule, "multiple-heads") == 0;
}

/* How many heads too many a list of findings tells of. */
static size_t spare_heads(const struct oh_findings *findings)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (is_heads(&findings->items[i]))
			n += findings->items[i].ids.count - 1;
	return n;
}

static bool same(const struct oh_finding *a, const struct oh_finding *b)
{
	if (strcmp(a->rule, b->rule) != 0 || a->ids.count != b->ids.count)
		return false;
	if (!a->ids.count)
		return oh_slice_eq(a->path, b->path);
	for (size_t i = 0; i < a->ids.count; i++)
		if (!oh_slice_eq(a->ids.items[i], b->ids.items[i]))
			return false;
	return true;
}

static bool contains(const struct oh_findings *list, const struct oh_finding *f)
{
	for (size_t i = 0; i < list->count; i++)
		if (same(&list->items[i], f))
			return true;
	return false;
}

struct oh_findings oh_findings_worse(
	struct oh_arena *arena, const struct oh_findings *before, const struct oh_findings *after)
{
	const bool more_heads = spare_heads(after) > spare_heads(before);
	struct oh_findings worse = {0};

	for (size_t i = 0; i < after->count; i++) {
		const struct oh_finding *f = &after->items[i];

		if (is_heads(f) ? more_heads && !contains(before, f) : !contains(before, f))
			OH_PUSH(arena, &worse, *f);
	}
	return worse;
}
