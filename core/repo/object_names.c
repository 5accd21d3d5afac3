#include "repo/object_names.h"

#include "base/buf.h"
#include "repo/private.h"

/* What is asked must fit into a pipe, and so must the answers, else both sides wait. */
#define MOST_AHEAD 512
#define MOST_BYTES_AHEAD 32768

/* Names go to git line by line. */
static bool is_line(struct oh_slice name)
{
	return oh_rev_check(name, NULL) && oh_slice_find_byte(name, '\n', 0) == name.len &&
	       oh_slice_find_byte(name, '\0', 0) == name.len;
}

/* As many as may be asked at once, and at least one. */
static bool ask(struct oh_object_names *n, struct oh_error *err)
{
	const size_t first = n->asked;
	struct oh_buf lines = {.arena = n->arena};

	while (n->asked < n->names->count && n->asked - first < MOST_AHEAD) {
		const struct oh_slice name = n->names->items[n->asked];

		if (lines.count && lines.count + name.len > MOST_BYTES_AHEAD)
			break;
		if (is_line(name))
			oh_buf_addf(&lines, OH_FMT "\n", OH_ARG(name));
		n->asked++;
	}
	return oh_peer_write(&n->peer, oh_buf_slice(&lines), err);
}

void oh_object_names_start(
	struct oh_object_names *n, struct oh_arena *arena, const struct oh_slices *list)
{
	static const char *const argv[] = {
		"git", "cat-file", "--batch-check=%(objectname) %(objecttype)", NULL};

	*n = (struct oh_object_names){.arena = arena, .names = list};
	n->is_open = list->count && oh_peer_open(&n->peer, arena, argv, NULL);
	if (n->is_open)
		ask(n, NULL);
}

bool oh_object_names_next(struct oh_object_names *n, struct oh_slice *found, struct oh_error *err)
{
	const size_t at = n->taken++;

	*found = OH_SLICE("");
	if (!n->is_open)
		return oh_fail(err, OH_E_GIT, "git cat-file can't be run");
	if (at == n->asked && !ask(n, err))
		return false;
	if (!is_line(n->names->items[at]))
		return true;
	if (!oh_peer_read_line(&n->peer, n->arena, found, err))
		return oh_wrap(err, "git cat-file");
	if (oh_slice_has_suffix(*found, OH_SLICE(" missing")) ||
		oh_slice_has_suffix(*found, OH_SLICE(" ambiguous")))
		*found = OH_SLICE("");
	return true;
}

void oh_object_names_close(struct oh_object_names *n)
{
	if (n->is_open)
		oh_peer_close(&n->peer);
	n->is_open = false;
}
