/* The arguments of an operation's call. Private to operations.c and its rows. */
#ifndef OH_ADAPTERS_ALEMBIC_ARGUMENTS_H
#define OH_ADAPTERS_ALEMBIC_ARGUMENTS_H

#include "adapters/alembic/operations.h"

struct oh_operation {
	const char *name;
	/* Positional parameters in order. In a batch those of the table and its schema are left
	 * out, where the row is one for batches. */
	const char *parameters;
	bool in_batch;
	void (*read)(struct oh_op_call *call);
};

/* Whether an argument is a name that can be read. */
enum oh_name {
	OH_NAME_READ,
	OH_NAME_NONE, /* missing, or None */
	OH_NAME_COMPUTED
};

/* The argument of a parameter, by position or keyword; NULL where it is not given. */
const struct oh_py_value *oh_argument(const struct oh_op_call *call, const char *parameter);
/* A string, or one in op.f(…) or quoted_name(…). In the arena of CALL. */
enum oh_name oh_argument_name(
	const struct oh_op_call *call, const struct oh_py_value *value, struct oh_slice *name);
#define OH_BY_KEYWORD ((size_t)-1)
/*
 * The positional argument of a call at INDEX, else the keyword NAME; NULL where there is none.
 * *arguments before it stand for it. **arguments are not looked into.
 */
const struct oh_py_value *oh_value_argument(
	const struct oh_py_value *call, size_t index, const char *name);
bool oh_value_is_double_starred(const struct oh_py_value *value);
bool oh_value_is_call(const struct oh_py_value *value, const char *last_component);

#endif
