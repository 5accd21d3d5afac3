/*
 * The ledger: which databases have applied which migrations, as far as this clone has seen it.
 * <common directory>/onehead/ledger.db, an SQLite file that is made when something is first noted;
 * where it is not, no library is loaded.
 */
#ifndef OH_FLOW_LEDGER_H
#define OH_FLOW_LEDGER_H

#include "db/ledger_file.h"
#include "flow/flow.h"

/* All rows, sorted by id, then database; none where there is no ledger. */
bool oh_ledger_applied(struct oh_flow *flow, struct oh_arena *arena, struct oh_ledger_rows *rows,
	struct oh_error *err);
/*
 * From now on DATABASE counts as having applied IDS and nothing else. It is a name for people
 * (oh_url_show: no password), the same each time.
 */
bool oh_ledger_note(struct oh_flow *flow, struct oh_slice database, const struct oh_slices *ids,
	struct oh_error *err);

#endif
