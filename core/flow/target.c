#include "flow/target.h"

#include <sys/stat.h>
#include <time.h>

static bool take(struct oh_flow *flow, struct oh_target *t, struct oh_slice name, const char *from)
{
	struct oh_error none = {0};

	if (!name.len || !oh_repo_resolve(flow->repo, flow->arena, name, &t->commit, &none))
		return false;
	t->name = name;
	t->from = from;
	return true;
}

/* What a ref name stands for, short: "origin/main". */
static struct oh_slice short_name(struct oh_flow *flow, const char *rev)
{
	const char *argv[] = {"git", "rev-parse", "--abbrev-ref", "--verify", "-q", rev, NULL};
	struct oh_slice out = OH_SLICE("");
	struct oh_error none = {0};

	if (!oh_repo_git(flow->repo, flow->arena, argv, OH_SLICE(""), &out, &none))
		return OH_SLICE("");
	return oh_slice_trim(out);
}

static bool is_own_counterpart(struct oh_flow *flow, struct oh_slice upstream)
{
	struct oh_slice branch = oh_repo_branch(flow->repo, flow->arena);
	const size_t slash = oh_slice_find_byte(upstream, '/', 0);

	oh_slice_cut_prefix(&branch, OH_SLICE("refs/heads/"));
	return oh_slice_eq(oh_slice_sub(upstream, slash + 1, upstream.len), branch);
}

static long seconds_since_fetch(struct oh_flow *flow)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, NULL);
	struct stat st;

	if (!paths ||
		stat(oh_slice_printf(flow->arena, OH_FMT "/FETCH_HEAD", OH_ARG(paths->common_dir))
				.ptr,
			&st) < 0)
		return -1;
	return (long)(time(NULL) - st.st_mtime);
}

bool oh_target_find(struct oh_flow *flow, struct oh_target *t, struct oh_error *err)
{
	const struct oh_slice set = oh_repo_config(flow->repo, "onehead.target");
	struct oh_slice upstream;

	*t = (struct oh_target){
		.name = OH_SLICE(""), .from = "", .fetched = seconds_since_fetch(flow)};
	if (set.len)
		return take(flow, t, set, "onehead.target") ||
		       oh_fail(err, OH_E_NOT_FOUND,
			       "onehead.target names " OH_FMT
			       ", which is not here; git fetch, or correct it",
			       OH_ARG(set));
	upstream = short_name(flow, "@{upstream}");
	if (upstream.len && !is_own_counterpart(flow, upstream) &&
		take(flow, t, upstream, "this branch's upstream"))
		return true;
	if (take(flow, t, short_name(flow, "refs/remotes/origin/HEAD"), "origin/HEAD"))
		return true;
	if (take(flow, t, OH_SLICE("origin/main"), "its name") ||
		take(flow, t, OH_SLICE("origin/master"), "its name"))
		return true;
	return true;
}

struct oh_slice oh_age(struct oh_arena *arena, long seconds)
{
	static const struct {
		long size;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};

	for (size_t i = 0; i < 3; i++) {
		const long n = seconds / units[i].size;

		if (n > 0)
			return oh_slice_printf(
				arena, "%ld %s%s ago", n, units[i].name, n == 1 ? "" : "s");
	}
	return OH_SLICE("just now");
}
