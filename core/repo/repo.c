#include "repo/disk.h"
#include "repo/private.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

void oh_early_start(struct oh_repo *repo, struct oh_early *early, const struct oh_git_call *call)
{
	early->writes = call->writes;
	early->is_finished = false;
	early->is_running =
		oh_git_prepare(repo, &repo->arena, call, &early->process, &early->err) &&
		oh_process_start(&repo->arena, &early->process, &early->err);
}

bool oh_early_finish(struct oh_repo *repo, struct oh_early *early, struct oh_error *err)
{
	if (early->is_running)
		early->is_finished = oh_process_finish(&repo->arena, &early->process, &early->err);
	early->is_running = false;
	if (!early->is_finished && err)
		*err = early->err;
	return early->is_finished;
}

/* Nobody wants the answer any more: what only reads can be stopped anywhere. */
static void cancel(struct oh_repo *repo, struct oh_early *early)
{
	struct oh_process *p = &early->process;

	if (!early->is_running)
		return;
	if (early->writes) {
		oh_early_finish(repo, early, NULL);
		return;
	}
	kill(p->pid, SIGKILL);
	close(p->out);
	close(p->err);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	early->is_running = false;
}

bool oh_repo_open(struct oh_repo **out, struct oh_arena *arena, struct oh_error *err)
{
	struct oh_repo *repo = oh_arena_alloc(arena, sizeof(*repo));

	oh_config_start(repo);
	oh_where_start(repo);
	return oh_repo_complete(repo, out, err);
}

bool oh_repo_complete(struct oh_repo *repo, struct oh_repo **out, struct oh_error *err)
{
	if (!repo->is_recalled && !repo->config.is_running) {
		if (err)
			*err = repo->config.err;
		oh_repo_close(repo);
		return false;
	}
	repo->objects = oh_objects_new(&repo->arena);
	*out = repo;
	return true;
}

void oh_repo_close(struct oh_repo *repo)
{
	if (!repo)
		return;
	cancel(repo, &repo->where);
	cancel(repo, &repo->config);
	cancel(repo, &repo->staged);
	cancel(repo, &repo->bases);
	cancel(repo, &repo->index_tree);
	cancel(repo, &repo->times);
	cancel(repo, &repo->commit);
	cancel(repo, &repo->asked);
	if (repo->objects)
		oh_objects_close(repo->objects);
	repo->objects = NULL;
	oh_arena_drop(&repo->arena);
}

void oh_repo_prefetch_objects(struct oh_repo *repo)
{
	oh_objects_start(repo->objects);
}

static const char *state_path(struct oh_repo *repo, struct oh_arena *arena, const char *name)
{
	const struct oh_slice dir = oh_repo_git_dir(repo);

	return dir.len ? oh_slice_printf(arena, OH_FMT "/%s", OH_ARG(dir), name).ptr : NULL;
}

bool oh_repo_has_state(struct oh_repo *repo, const char *name)
{
	struct oh_arena scratch = {0};
	const char *path = state_path(repo, &scratch, name);
	const bool there = path && access(path, F_OK) == 0;

	oh_arena_drop(&scratch);
	return there;
}

struct oh_slice oh_repo_state(struct oh_repo *repo, struct oh_arena *arena, const char *name)
{
	const char *path = state_path(repo, arena, name);
	struct oh_slice bytes;

	if (!path || !oh_disk_read(arena, oh_slice_of(path), &bytes, NULL))
		return OH_SLICE("");
	return bytes;
}

bool oh_repo_has_stale_merge(struct oh_repo *repo, struct oh_arena *arena)
{
	struct oh_slice rest = oh_repo_state(repo, arena, "MERGE_HEAD"), line;
	size_t n = 0;

	while (oh_slice_next_line(&rest, &line)) {
		if (!oh_repo_is_ancestor(repo, arena, line, OH_SLICE("HEAD")))
			return false;
		n++;
	}
	return n > 0;
}

/* HEAD is a file in every repository; with the reftable backend it only says to ask git. */
struct oh_slice oh_repo_branch(struct oh_repo *repo, struct oh_arena *arena)
{
	static const char *const argv[] = {"git", "symbolic-ref", "-q", "HEAD", NULL};
	const struct oh_git_call call = {.argv = argv};
	struct oh_slice head = oh_slice_trim(oh_repo_state(repo, arena, "HEAD"));

	if (head.len && head.len >= 40 && oh_slice_find_byte(head, ':', 0) == head.len)
		return OH_SLICE("");
	if (oh_slice_cut_prefix(&head, OH_SLICE("ref: ")) &&
		!oh_slice_eq(head, OH_SLICE("refs/heads/.invalid")))
		return head;
	return oh_git_read_line(repo, arena, &call, &head, NULL) ? head : OH_SLICE("");
}

struct oh_slice oh_id_zero(struct oh_repo *repo)
{
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";

	return oh_slice_sub(
		oh_slice_of(zeros), 0, oh_repo_paths(repo, NULL) ? repo->id_length : 40);
}

bool oh_id_is_zero(struct oh_slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.ptr[i] != '0')
			return false;
	return id.len > 0;
}

struct oh_slice oh_id_empty_tree(struct oh_repo *repo)
{
	return oh_id_zero(repo).len == 64
		       ? OH_SLICE(
				 "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321")
		       : OH_SLICE("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}
