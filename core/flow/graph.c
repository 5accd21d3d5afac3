#include "flow/commands.h"

#include "flow/look.h"
#include "plan/draw.h"
#include "plan/graph_json.h"
#include "repo/brought.h"

static void say_lines(struct oh_flow *flow, struct oh_slice text)
{
	struct oh_slice line;

	while (oh_slice_next_line(&text, &line))
		oh_say(&flow->report, OH_FMT, OH_ARG(line));
}

/* "Ana, feature-x" for every node; NULL where git knows nothing of the files. */
static struct oh_slice *notes_of(
	struct oh_flow *flow, const struct oh_place *place, const struct oh_snapshot *s)
{
	struct oh_arena *arena = flow->arena;
	struct oh_slice *notes = oh_arena_alloc(arena, (s->graph.count + 1) * sizeof(*notes));
	struct oh_bringers all;
	struct oh_error none = {0};

	if (!oh_repo_brought(arena, place->root, &s->location.versions, &all, &none))
		return NULL;
	for (size_t i = 0; i < s->graph.count; i++) {
		const size_t *at = oh_map_get(&all.by_path, s->graph.nodes[i].migration->path);
		const struct oh_bringer *b = at ? &all.items[*at - 1] : NULL;

		notes[i] = !b		   ? OH_SLICE("not committed")
			   : b->branch.len ? oh_slice_printf(arena, OH_FMT ", " OH_FMT,
						     OH_ARG(b->author), OH_ARG(b->branch))
					   : b->author;
	}
	return notes;
}

static void draw(struct oh_flow *flow, const struct oh_graph_request *request,
	const struct oh_place *place, const struct oh_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct oh_snapshot *s = &tree->items[i];
		const struct oh_drawing drawing = {.graph = &s->graph,
			.notes = notes_of(flow, place, s),
			.newest = request->newest,
			.width = request->width,
			.colour = request->colour,
			.ascii = request->ascii};

		if (tree->count > 1)
			oh_say(&flow->report, OH_FMT ":",
				OH_ARG(oh_slice_printable(flow->arena, s->location.directory)));
		say_lines(flow, oh_draw(flow->arena, &drawing));
		for (size_t k = 0; k < s->unreadables.count; k++)
			oh_say(&flow->report, "unreadable " OH_FMT ":%u: " OH_FMT,
				OH_ARG(oh_slice_printable(
					flow->arena, s->unreadables.items[k].path)),
				s->unreadables.items[k].line,
				OH_ARG(oh_slice_printable(
					flow->arena, s->unreadables.items[k].why)));
	}
}

bool oh_flow_graph(
	struct oh_flow *flow, const struct oh_graph_request *request, struct oh_error *err)
{
	struct oh_place place;
	struct oh_tree tree;

	if (!oh_place_find(&place, flow->arena, &request->place, err) ||
		!oh_look(flow->arena, &place, OH_READ_TEXT, &tree, err))
		return false;
	if (request->format == OH_GRAPH_JSON)
		say_lines(flow, oh_graph_json(flow->arena, tree.items, tree.count));
	else
		draw(flow, request, &place, &tree);
	return true;
}
