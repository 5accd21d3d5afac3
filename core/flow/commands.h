/* Commands that only look. They need no repository: flow.repo may be NULL where none is named. */
#ifndef OH_FLOW_COMMANDS_H
#define OH_FLOW_COMMANDS_H

#include "flow/flow.h"
#include "flow/place.h"

/* What `heads` of the system's own tool prints; OH_FINDINGS where a graph has more than one,
 * OH_UNDECIDED where a file could not be read. */
bool oh_flow_heads(
	struct oh_flow *flow, const struct oh_place_request *place, struct oh_error *err);

enum oh_graph_format { OH_GRAPH_TEXT, OH_GRAPH_JSON };
struct oh_graph_request {
	struct oh_place_request place;
	enum oh_graph_format format;
	bool colour, ascii;
	size_t width; /* columns */
	size_t newest; /* at most so many migrations; 0 for all */
};
bool oh_flow_graph(
	struct oh_flow *flow, const struct oh_graph_request *request, struct oh_error *err);

struct oh_check_request {
	struct oh_place_request place;
	struct oh_slice rev; /* a commit; "" for the files on disk */
	bool staged; /* the index instead */
	bool fix; /* write and stage stale locks */
};
/* Every rule over every graph. */
bool oh_flow_check(
	struct oh_flow *flow, const struct oh_check_request *request, struct oh_error *err);

struct oh_number_request {
	struct oh_slice file; /* of a migration that was just made; "": say the next number */
	struct oh_slice title; /* of the one that is to be made; may be "" */
	bool keep_name; /* of the file */
	bool dry_run; /* say what would become of the file */
};
/* The next number that is free here and upstream; nothing where the ids do not count. */
bool oh_flow_number(
	struct oh_flow *flow, const struct oh_number_request *request, struct oh_error *err);

/* My head, the target's head, what is pending or forked, what to do next. */
bool oh_flow_status(struct oh_flow *flow, struct oh_error *err);

/* What a rule, or the lock, is about. OH_E_USAGE for an unknown topic; "" lists them. */
bool oh_flow_explain(struct oh_flow *flow, struct oh_slice topic, struct oh_error *err);

#endif
