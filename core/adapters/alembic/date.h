/* The creation date of a migration, as its docstring has it: what str(datetime) writes. */
#ifndef OH_ADAPTERS_ALEMBIC_DATE_H
#define OH_ADAPTERS_ALEMBIC_DATE_H

#include "base/slice.h"

/* The fields are those written; `epoch` takes the offset into account, UTC where none is said. */
struct oh_date {
	int year, month, day, hour, minute, second, micro;
	long long epoch; /* seconds since 1970, rounded down */
};

#define OH_DATE_NONE ((struct oh_date){.year = 1970, .month = 1, .day = 1})

/*
 * YYYY-MM-DD, a blank or T, HH:MM, :SS, .fraction, and Z, UTC or an offset: +HH:MM, +HHMM, +HH.
 * Everything behind the day may be missing. False where TEXT is something else.
 */
bool oh_date_parse(struct oh_slice text, struct oh_date *date);
/* Earlier, same or later: below, at or above 0. */
int oh_date_cmp(const struct oh_date *a, const struct oh_date *b);

#endif
