/* Text put into Python source. */
#ifndef OH_ADAPTERS_ALEMBIC_LITERAL_H
#define OH_ADAPTERS_ALEMBIC_LITERAL_H

#include "base/buf.h"

/* A literal of exactly TEXT in double quotes, in ASCII. TEXT is UTF-8, maybe with surrogates. */
void oh_literal_string(struct oh_buf *out, struct oh_slice text);
/* TEXT as it can stand in a """docstring""": what a terminal should not get is made visible. */
void oh_literal_docstring(struct oh_buf *out, struct oh_slice text);

#endif
