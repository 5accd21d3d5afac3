#include "adapters/adapter.h"

static const struct oh_adapter *const rows[] = {
	&oh_adapter_alembic,
	NULL,
};

const struct oh_adapter *const *oh_adapters(void)
{
	return rows;
}

const struct oh_adapter *oh_adapter_named(struct oh_slice name)
{
	for (const struct oh_adapter *const *a = rows; *a; a++)
		if (oh_slice_eq(oh_slice_of((*a)->name), name))
			return *a;
	return NULL;
}
