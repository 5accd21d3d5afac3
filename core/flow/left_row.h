/*
 * A row of picks is joined after its last commit. Where that never comes (it was empty and skipped,
 * or the row was given up by --quit), what the row has brought so far is the business of the next
 * commit: <git dir>/onehead/row says from where to where it goes.
 */
#ifndef OH_FLOW_LEFT_ROW_H
#define OH_FLOW_LEFT_ROW_H

#include "flow/pick.h"

/* HEAD is a commit of PICK's row, and not the last. */
bool oh_left_row_note(struct oh_flow *flow, const struct oh_pick *pick, struct oh_error *err);
/* The row that ends in HEAD or, once a commit is made on top, in its parent. */
bool oh_left_row_find(struct oh_flow *flow, struct oh_pick *pick);
void oh_left_row_forget(struct oh_flow *flow);

#endif
