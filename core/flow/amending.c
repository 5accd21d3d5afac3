#include "flow/amending.h"

#include "repo/caller.h"

#include <string.h>

/* Does the next word belong to this one? */
static bool takes_next(struct oh_slice word)
{
	static const char *const options[] = {"--message", "--file", "--author", "--date",
		"--reuse-message", "--reedit-message", "--template", "--trailer", "--cleanup",
		"--fixup", "--squash", "--pathspec-from-file"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (oh_slice_eq(word, oh_slice_of(options[i])))
			return true;
	/* -m TEXT, -am TEXT, but not -mTEXT */
	return word.len > 1 && word.ptr[0] == '-' && word.ptr[1] != '-' &&
	       strcspn(oh_slice_sub(word, 1, word.len).ptr, "mFCct") == word.len - 2;
}

static bool is_amend(struct oh_slice word)
{
	return word.len >= sizeof("--am") - 1 && oh_slice_has_prefix(OH_SLICE("--amend"), word);
}

/* `git commit … --amend`? */
static bool says_amend(const struct oh_slices *args)
{
	bool amends = false;

	for (size_t i = 0; i < args->count && !oh_slice_eq(args->items[i], OH_SLICE("--")); i++)
		if (is_amend(args->items[i]))
			amends = true;
		else if (oh_slice_eq(args->items[i], OH_SLICE("--no-amend")))
			amends = false;
		else if (takes_next(args->items[i]))
			i++;
	return amends;
}

bool oh_is_amending(struct oh_flow *flow)
{
	struct oh_caller caller;
	struct oh_commit head;

	return oh_caller_find(flow->arena, &caller) &&
	       oh_slice_eq(caller.command, OH_SLICE("commit")) && says_amend(&caller.args) &&
	       oh_repo_commit(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, NULL) &&
	       head.parents.count == 1;
}
