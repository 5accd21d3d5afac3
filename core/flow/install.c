#include "flow/setup.h"

#include "base/buf.h"
#include "repo/disk.h"

#include <errno.h>
#include <unistd.h>

static bool check_writable(struct oh_setup *setup, struct oh_slice directory, struct oh_error *err)
{
	if (access(oh_slice_str(setup->arena, directory), W_OK) == 0)
		return true;
	return oh_fail_errno(err, "can't write in " OH_FMT, OH_ARG(directory));
}

/* Everything that can be known to fail fails here, before anything is written. */
static bool check(struct oh_setup *setup, struct oh_error *err)
{
	struct oh_slices unmerged = {0};

	if (!setup->paths->top.len)
		return oh_fail(err, OH_E_USAGE,
			"this repository is bare: nobody commits or merges here; install in a "
			"clone");
	if (!oh_repo_unmerged(setup->flow->repo, setup->arena, &unmerged, err))
		return false;
	if (unmerged.count && setup->files.count)
		return oh_fail(err, OH_E_CHANGED,
			"a merge is going on here (" OH_FMT
			" is in conflict): finish it, then install",
			OH_ARG(unmerged.items[0]));
	if (!check_writable(setup, setup->paths->common_dir, err))
		return false;
	for (size_t i = 0; i < setup->files.count; i++) {
		const struct oh_slice path = oh_setup_full_path(setup, setup->files.items[i].path);

		if (!check_writable(setup, oh_path_directory(path), err))
			return false;
	}
	return true;
}

static bool begin(struct oh_setup *setup, struct oh_error *err)
{
	const struct oh_slice state = oh_path_directory(oh_setup_state_path(setup, "installed"));
	bool made;

	if (setup->dry_run)
		return true;
	setup->record.no_lock = setup->no_lock;
	return oh_disk_make_directory(setup->arena, state, &made, err) &&
	       oh_record_save(setup, err);
}

static bool put_all(struct oh_setup *setup, struct oh_error *err)
{
	return begin(setup, err) && oh_setup_put_hooks(setup, err) &&
	       oh_setup_put_config(setup, err) && oh_setup_write_files(setup, err);
}

/* A first installation that fails half-way is taken back. */
static void take_back(struct oh_setup *setup)
{
	struct oh_flow quiet = *setup->flow;
	struct oh_error ignored = {0};

	quiet.report = (struct oh_report){.arena = setup->arena};
	if (!setup->record.found && !setup->dry_run)
		oh_flow_uninstall(&quiet, false, &ignored);
}

static struct oh_slice shell_word(struct oh_arena *arena, struct oh_slice path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_./-+@%,:=";

	for (size_t i = 0; i < path.len; i++)
		if (oh_slice_find_byte(oh_slice_of(plain), path.ptr[i], 0) == sizeof(plain) - 1)
			return oh_shell_quote(arena, path);
	return path;
}

static bool is_uncommitted(struct oh_setup *setup, struct oh_slice path, bool *ignored)
{
	const char *status[] = {"git", "--no-optional-locks", "status", "--porcelain", "--ignored",
		"--untracked-files=all", "--", oh_slice_str(setup->arena, path), NULL};
	struct oh_slice out;

	if (!oh_repo_git(setup->flow->repo, setup->arena, status, OH_SLICE(""), &out, NULL))
		return false;
	*ignored = *ignored || oh_slice_has_prefix(out, OH_SLICE("!!"));
	return out.len > 0;
}

struct oh_slice oh_setup_commit_command(struct oh_setup *setup)
{
	struct oh_slices paths = setup->locks;
	struct oh_buf buf = {.arena = setup->arena};
	bool ignored = false;

	if (paths.count)
		OH_PUSH(setup->arena, &paths, OH_SLICE(".gitattributes"));
	for (size_t i = paths.count; i-- > 0;)
		if (setup->dry_run || is_uncommitted(setup, paths.items[i], &ignored))
			oh_buf_addf(
				&buf, " " OH_FMT, OH_ARG(shell_word(setup->arena, paths.items[i])));
	if (!buf.count)
		return OH_SLICE("");
	return oh_slice_printf(setup->arena,
		"git add%s" OH_FMT " && git commit -m \"Add onehead.lock\"", ignored ? " -f" : "",
		OH_ARG(oh_slice_printable(setup->arena, oh_buf_slice(&buf))));
}

/* Also says that nothing was done, where there is nothing to install for. */
static bool find(struct oh_setup *setup, struct oh_error *err)
{
	if (!setup->paths->top.len || oh_setup_find(setup, err))
		return true;
	return err->code == OH_E_NOT_FOUND &&
	       oh_fail(err, OH_E_NOT_FOUND, "%s; nothing was installed", err->message);
}

bool oh_flow_install(
	struct oh_flow *flow, const struct oh_install_request *request, struct oh_error *err)
{
	struct oh_slice commit;
	struct oh_setup setup = {.dry_run = request->dry_run,
		.no_lock = request->no_lock,
		.hooks_in_place = request->hooks_in_place};

	if (!oh_setup_open(&setup, flow, err) ||
		!oh_setup_programs(&setup, request->programs, err) || !find(&setup, err) ||
		(setup.locks.count && !oh_setup_plan_attributes(&setup, err)) ||
		!check(&setup, err))
		return false;
	oh_setup_say_dry_run(&setup);
	if (!put_all(&setup, err)) {
		take_back(&setup);
		return false;
	}
	if (request->post_write && !oh_setup_add_post_write(&setup, err))
		return false;
	if (!flow->report.changed && flow->report.status == OH_CLEAN)
		oh_say(&flow->report, "onehead is installed here: nothing to change");
	commit = oh_setup_commit_command(&setup);
	if (commit.len)
		oh_say(&flow->report, "next    " OH_FMT, OH_ARG(commit));
	return true;
}
