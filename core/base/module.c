#include "base/module.h"

#include "base/slice.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* The directory of the running program, with its last component ("bin", "tests") cut off. */
static bool prefix(char *out, size_t size)
{
	const ssize_t n = readlink("/proc/self/exe", out, size - 1);
	struct oh_slice path;

	if (n <= 0)
		return false;
	path = oh_path_directory(oh_path_directory((struct oh_slice){out, (size_t)n}));
	out[path.len] = '\0';
	return path.len > 0;
}

void *oh_module_symbol(const char *name, const char *symbol, struct oh_error *err)
{
	char base[PATH_MAX], path[PATH_MAX + 64];
	void *module, *found;

	if (!prefix(base, sizeof(base))) {
		oh_fail_errno(err, "finding the program's own directory");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/lib/onehead/%s.so", base, name);
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	found = module ? dlsym(module, symbol) : NULL;
	if (!found)
		oh_fail(err, OH_E_UNSUPPORTED, "%s", dlerror());
	return found;
}
