/*
 * What migration files said when they were read before, by the name of their bytes (a git object
 * id) and their path, in <common directory>/onehead/parsed: hooks that follow one another need
 * not read a thousand objects each. It holds nothing that the objects do not say: it may be
 * deleted at any time, and a file that is not whole, or was made by other readers, counts for
 * nothing.
 */
#ifndef OH_FLOW_PARSE_CACHE_H
#define OH_FLOW_PARSE_CACHE_H

#include "flow/load.h"

/* Puts what is remembered into the loader. Does nothing where loader->cache is "". */
void oh_parse_cache_load(struct oh_loader *loader);
/* Takes the bytes of such a file; false, and the loader knows nothing new, where they are not
 * whole. */
bool oh_parse_cache_parse(struct oh_loader *loader, struct oh_slice bytes);
/* The bytes for what the loader knows. */
struct oh_slice oh_parse_cache_format(struct oh_loader *loader);
/* Remembers what the loader has read, where that is worth a write. Failing is no error. */
void oh_parse_cache_save(struct oh_loader *loader);

#endif
