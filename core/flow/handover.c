#include "flow/handover.h"

#include "base/buf.h"
#include "repo/disk.h"

#include <unistd.h>

/* One `key value` a line, between a first and a last line. */
#define FIRST_LINE "onehead handover 1"
#define LAST_LINE "end"

static void add_all(struct oh_buf *out, const char *key, const struct oh_slices *values)
{
	for (size_t i = 0; i < values->count; i++)
		oh_buf_addf(out, "%s " OH_FMT "\n", key, OH_ARG(values->items[i]));
}

struct oh_slice oh_handover_format(struct oh_arena *arena, const struct oh_handover *h)
{
	struct oh_buf out = {.arena = arena};

	oh_buf_addf(&out, FIRST_LINE "\n");
	add_all(&out, "line", &h->lines);
	oh_buf_addf(
		&out, "tree " OH_FMT "\nnew " OH_FMT "\n", OH_ARG(h->tree), OH_ARG(h->new_tree));
	if (h->joins)
		oh_buf_addf(&out, "joins \n");
	add_all(&out, "told", &h->told);
	oh_buf_addf(&out, LAST_LINE "\n");
	return oh_buf_slice(&out);
}

static bool take_pair(struct oh_arena *arena, struct oh_slice line, struct oh_handover *h)
{
	if (oh_slice_cut_prefix(&line, OH_SLICE("line ")))
		OH_PUSH(arena, &h->lines, line);
	else if (oh_slice_cut_prefix(&line, OH_SLICE("tree ")))
		h->tree = line;
	else if (oh_slice_cut_prefix(&line, OH_SLICE("new ")))
		h->new_tree = line;
	else if (oh_slice_cut_prefix(&line, OH_SLICE("joins ")))
		h->joins = true;
	else if (oh_slice_cut_prefix(&line, OH_SLICE("told ")))
		OH_PUSH(arena, &h->told, line);
	else
		return false;
	return true;
}

bool oh_handover_parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_handover *h)
{
	struct oh_slice line;

	*h = (struct oh_handover){.tree = OH_SLICE(""), .new_tree = OH_SLICE("")};
	if (!oh_slice_next_line(&bytes, &line) || !oh_slice_eq(line, OH_SLICE(FIRST_LINE)))
		return false;
	while (oh_slice_next_line(&bytes, &line)) {
		if (oh_slice_eq(line, OH_SLICE(LAST_LINE)))
			return !bytes.len && h->lines.count > 1 && h->tree.len && h->new_tree.len;
		if (!take_pair(arena, line, h))
			return false;
	}
	return false;
}

static struct oh_slice path_of(struct oh_flow *flow)
{
	const struct oh_slice dir = oh_repo_git_dir(flow->repo);

	return dir.len ? oh_path_join(flow->arena, dir, OH_SLICE("onehead/handover"))
		       : OH_SLICE("");
}

void oh_handover_write(struct oh_flow *flow, const struct oh_handover *handover)
{
	const struct oh_slice path = path_of(flow);
	struct oh_error none = {0};
	bool made;

	if (path.len && oh_disk_make_directory(flow->arena, oh_path_directory(path), &made, &none))
		oh_disk_write(
			flow->arena, path, oh_handover_format(flow->arena, handover), 0666, &none);
}

bool oh_handover_take(struct oh_flow *flow, struct oh_handover *handover)
{
	const struct oh_slice path = path_of(flow);
	struct oh_slice bytes;
	struct oh_error none = {0};

	if (!path.len || !oh_disk_read(flow->arena, path, &bytes, &none))
		return false;
	unlink(path.ptr);
	return oh_handover_parse(flow->arena, bytes, handover);
}
