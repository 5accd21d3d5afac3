/*
 * Setting a repository up, taking it back, and saying in plain words how it is.
 *
 *	struct oh_install_request request = {0};
 *	if (!oh_flow_install(&flow, &request, err)) …	// an error: nothing was changed
 *	flow.report.status				// OH_FINDINGS: something is left to do
 *
 * Installing twice changes nothing and says so. What was there before is kept, and uninstalling
 * brings it back byte for byte; changes that the user made since are kept.
 */
#ifndef OH_FLOW_INSTALL_H
#define OH_FLOW_INSTALL_H

#include "flow/flow.h"

struct oh_install_request {
	struct oh_slice programs; /* directory of the programs; "": beside the running one */
	bool no_lock; /* hooks and driver alone */
	bool hooks_in_place; /* write into a project's own hook scripts too */
	bool post_write; /* new migrations are numbered as they are made */
	bool dry_run;
};

bool oh_flow_install(
	struct oh_flow *flow, const struct oh_install_request *request, struct oh_error *err);
bool oh_flow_uninstall(struct oh_flow *flow, bool dry_run, struct oh_error *err);
/* OH_FINDINGS where something is to be mended; every such line is followed by its command. */
bool oh_flow_doctor(struct oh_flow *flow, struct oh_error *err);

#endif
