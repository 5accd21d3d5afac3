/* The operations of Alembic, one row each: from a call's arguments to effects. */
#ifndef OH_ADAPTERS_ALEMBIC_OPERATIONS_H
#define OH_ADAPTERS_ALEMBIC_OPERATIONS_H

#include "adapters/python/reader.h"
#include "model/migration.h"

struct oh_operation;

/* A call of an operation. */
struct oh_op_call {
	struct oh_arena *arena; /* of what is put out */
	const struct oh_py_value *call;
	const struct oh_operation *operation;
	const struct oh_py_value *batch; /* the batch_alter_table(…) around it, or NULL */
	struct oh_body *body; /* gets the effects and unknowns */
};

/* NULL where Alembic has no operation of that name. */
const struct oh_operation *oh_operation_find(struct oh_slice name);
/* Puts out what the call does. */
void oh_operation_read(struct oh_op_call *call);

/* Notes that LINE can't be read; once a line and kind. */
void oh_body_add_unknown(
	struct oh_arena *arena, struct oh_body *body, const char *what, unsigned line);

/* The last component of a dotted name, and what stands before the dot. */
struct oh_slice oh_dotted_last(struct oh_slice name);
struct oh_slice oh_dotted_prefix(struct oh_slice name);

/*
 * Says what running VALUE as SQL is: nothing where it is a literal SELECT, else an unknown. False
 * where VALUE is not SQL in a literal.
 */
bool oh_sql_read(struct oh_arena *arena, const struct oh_py_value *value, struct oh_body *body);

#endif
