#include "db/ledger_file.h"

#include "base/module.h"

static const struct oh_ledger_backend *backend(struct oh_error *err)
{
	return oh_module_symbol("onehead-sqlite", "oh_ledger_sqlite", err);
}

bool oh_ledger_file_read(struct oh_arena *arena, struct oh_slice path, struct oh_ledger_rows *out,
	struct oh_error *err)
{
	const struct oh_ledger_backend *b = backend(err);

	*out = (struct oh_ledger_rows){0};
	return b && b->read(arena, oh_slice_str(arena, path), out, err);
}

bool oh_ledger_file_note(struct oh_arena *arena, struct oh_slice path, struct oh_slice database,
	const struct oh_slices *ids, struct oh_error *err)
{
	const struct oh_ledger_backend *b = backend(err);

	return b && b->note(oh_slice_str(arena, path), database, ids, err);
}
