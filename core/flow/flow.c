#include "flow/flow.h"

#include <stdlib.h>

void oh_flow_begin(struct oh_flow *flow, struct oh_arena *arena)
{
	struct oh_slice rest = oh_slice_of(getenv("ONEHEAD_SKIP")), part;

	*flow = (struct oh_flow){.arena = arena, .report = {.arena = arena}};
	while (oh_slice_next(&rest, ',', &part))
		OH_PUSH(arena, &flow->skip, oh_slice_trim(part));
}

bool oh_flow_need_repo(struct oh_flow *flow, struct oh_error *err)
{
	return flow->repo || oh_repo_open(&flow->repo, flow->arena, err);
}

bool oh_flow_open(struct oh_flow *flow, struct oh_arena *arena, struct oh_error *err)
{
	oh_flow_begin(flow, arena);
	return oh_flow_need_repo(flow, err);
}

void oh_flow_close(struct oh_flow *flow)
{
	if (flow->repo)
		oh_repo_close(flow->repo);
	flow->repo = NULL;
}
