#include "flow/shared_branch.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* WORD, alone or with a separator and more behind it. */
static bool begins_with_word(struct oh_slice part, const char *word)
{
	return oh_slice_cut_prefix(&part, oh_slice_of(word)) &&
	       (!part.len || part.ptr[0] == '-' || part.ptr[0] == '_' || part.ptr[0] == '.');
}

static bool has_component(struct oh_slice name, const char *const *words)
{
	struct oh_slice part;

	while (oh_slice_next(&name, '/', &part))
		for (const char *const *w = words; *w; w++)
			if (begins_with_word(part, *w))
				return true;
	return false;
}

/* v1, v1.2, 1.2, 1.x, but not 1234, which may be the number of an issue. */
static bool is_version(struct oh_slice part)
{
	const bool marked = oh_slice_cut_prefix(&part, OH_SLICE("v"));
	struct oh_slice number;
	size_t numbers = 0;

	while (oh_slice_next(&part, '.', &number)) {
		const bool any = numbers && oh_slice_eq(number, OH_SLICE("x"));

		for (size_t i = 0; i < number.len; i++)
			if (!any && !is_digit(number.ptr[i]))
				return false;
		if (!number.len)
			return false;
		numbers++;
	}
	return numbers > 1 || (marked && numbers);
}

bool oh_is_release_branch(struct oh_slice name)
{
	static const char *const words[] = {
		"release", "releases", "stable", "maint", "maintenance", "support", NULL};

	return has_component(name, words) || is_version(oh_path_name(name));
}

bool oh_is_shared_branch(struct oh_slice name)
{
	static const char *const whole[] = {"main", "master", "trunk", "develop", "development",
		"dev", "staging", "production", NULL};
	static const char *const words[] = {"hotfix", "hotfixes", NULL};

	for (const char *const *w = whole; *w; w++)
		if (oh_slice_eq(name, oh_slice_of(*w)))
			return true;
	return oh_is_release_branch(name) || has_component(name, words);
}

struct oh_remote_branch oh_remote_branch_of(const struct oh_slices *remotes, struct oh_slice ref)
{
	struct oh_remote_branch found = {OH_SLICE(""), OH_SLICE("")};
	size_t end;

	if (!oh_slice_cut_prefix(&ref, OH_SLICE("refs/remotes/")))
		return found;
	end = oh_slice_find_byte(ref, '/', 0);
	for (size_t i = 0; i < remotes->count; i++) {
		const struct oh_slice remote = remotes->items[i];

		if (oh_slice_has_prefix(ref, remote) && ref.len > remote.len &&
			ref.ptr[remote.len] == '/' && (remote.len > end || end == ref.len))
			end = remote.len;
	}
	found.remote = oh_slice_sub(ref, 0, end);
	found.name = oh_slice_sub(ref, end + 1, ref.len);
	return found;
}

bool oh_is_shared_ref(
	const struct oh_slices *remotes, const struct oh_refs *refs, struct oh_slice ref)
{
	const struct oh_remote_branch branch = oh_remote_branch_of(remotes, ref);

	if (!branch.remote.len || oh_is_shared_branch(branch.name))
		return branch.remote.len > 0;
	for (size_t i = 0; i < refs->count; i++)
		if (oh_slice_eq(refs->items[i].symbolic, ref))
			return true;
	return false;
}
