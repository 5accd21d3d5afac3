/* Any bytes as a database URL: parts lie inside the arena, hold no zero byte, and can be shown. */
#include "db/url.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct oh_slice shown;
	struct oh_url url;

	if (oh_url_parse(&arena, (struct oh_slice){(const char *)data, size}, &url, &err)) {
		assert(strlen(oh_slice_str(&arena, url.database)) == url.database.len);
		assert(strlen(oh_slice_str(&arena, url.password)) == url.password.len);
		shown = oh_url_show(&arena, &url);
		for (size_t i = 0; i < shown.len; i++)
			assert((unsigned char)shown.ptr[i] >= 0x20);
	} else {
		assert(err.code == OH_E_USAGE && err.message[0]);
	}
	oh_arena_drop(&arena);
	return 0;
}
