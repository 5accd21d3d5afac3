#include "dispatch.h"

#include "base/buf.h"
#include "flow/flow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct call {
	int argc;
	char **argv; /* git's own arguments */
};

static bool run_pre_merge_commit(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	(void)c;
	return oh_flow_pre_merge_commit(flow, err);
}

static bool run_post_merge(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	return oh_flow_post_merge(flow, c->argc > 0 && strcmp(c->argv[0], "1") == 0, err);
}

static bool run_pre_commit(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	(void)c;
	return oh_flow_pre_commit(flow, err);
}

static bool run_post_commit(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	(void)c;
	return oh_flow_post_commit(flow, err);
}

static bool run_post_applypatch(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	(void)c;
	return oh_flow_post_pick(flow, err);
}

static bool read_stdin(struct oh_arena *arena, struct oh_slice *out, struct oh_error *err)
{
	struct oh_buf buf = {.arena = arena};
	ssize_t n;

	do {
		oh_buf_reserve(&buf, 4096);
		n = read(0, buf.items + buf.count, buf.capacity - buf.count);
		if (n > 0)
			buf.count += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	*out = oh_buf_slice(&buf);
	return n == 0 || oh_fail_errno(err, "reading what git wrote to the hook");
}

static bool run_pre_push(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	const struct oh_slice remote = oh_slice_of(c->argc > 0 ? c->argv[0] : "");
	struct oh_slice input;

	return read_stdin(flow->arena, &input, err) && oh_flow_pre_push(flow, remote, input, err);
}

static bool run_post_rewrite(struct oh_flow *flow, const struct call *c, struct oh_error *err)
{
	const struct oh_slice command = oh_slice_of(c->argc > 0 ? c->argv[0] : "");
	struct oh_slice pairs;

	return read_stdin(flow->arena, &pairs, err) &&
	       oh_flow_post_rewrite(flow, command, pairs, err);
}

static const struct hook {
	const char *name;
	bool (*run)(struct oh_flow *, const struct call *, struct oh_error *);
} hooks[] = {
	{"pre-merge-commit", run_pre_merge_commit},
	{"post-merge", run_post_merge},
	{"pre-commit", run_pre_commit},
	{"post-commit", run_post_commit},
	{"post-applypatch", run_post_applypatch},
	{"post-rewrite", run_post_rewrite},
	{"pre-push", run_pre_push},
};

static const struct hook *find_hook(const char *name)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (strcmp(hooks[i].name, name) == 0)
			return &hooks[i];
	return NULL;
}

/* Hooks speak on stderr: what git prints on stdout may be read by a program. */
static void print(const struct oh_report *report)
{
	for (size_t i = 0; i < report->lines.count; i++)
		fprintf(stderr, OH_FMT "\n", OH_ARG(report->lines.items[i]));
}

static int run(const struct hook *hook, const struct call *call)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct oh_flow flow = {0};
	int status;

	if (oh_flow_open(&flow, &arena, &err) && hook->run(&flow, call, &err)) {
		print(&flow.report);
		status = flow.report.status == OH_CLEAN ? 0 : 1;
	} else {
		print(&flow.report);
		fprintf(stderr, "onehead: %s: could not decide: %s\n", hook->name, err.message);
		fputs("  next: onehead doctor; to go on without: ONEHEAD=0 git ...\n", stderr);
		status = 2;
	}
	oh_flow_close(&flow);
	oh_arena_drop(&arena);
	return status;
}

int oh_hook_main(int argc, char **argv)
{
	const char *off = getenv("ONEHEAD");
	const struct hook *hook = argc > 1 ? find_hook(argv[1]) : NULL;
	const struct call call = {argc - 2, argv + 2};

	if (off && strcmp(off, "0") == 0)
		return 0;
	if (hook)
		return run(hook, &call);
	if (argc > 1)
		fprintf(stderr, "onehead-hook: no hook of this name: %s\n", argv[1]);
	else
		fputs("usage: onehead-hook NAME [ARGUMENT...] (git's hooks call it)\n", stderr);
	return 2;
}
