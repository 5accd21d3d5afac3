/*
 * Parts of the program that bring a costly library sit in modules beside it:
 * <directory of the program>/../lib/onehead/NAME.so, opened when they are first needed.
 */
#ifndef OH_BASE_MODULE_H
#define OH_BASE_MODULE_H

#include "base/error.h"

/* The symbol SYMBOL of module NAME; NULL with OH_E_UNSUPPORTED where the module or what it is
 * linked with is not installed. The module stays loaded. */
void *oh_module_symbol(const char *name, const char *symbol, struct oh_error *err);

#endif
