#include "base/digest.h"

#include <sha1.h>
#include <sha2.h>

struct oh_slice oh_digest_sha256(struct oh_arena *arena, struct oh_slice bytes)
{
	char *hex = oh_arena_alloc(arena, SHA256_DIGEST_STRING_LENGTH);

	SHA256Data((const uint8_t *)bytes.ptr, bytes.len, hex);
	return (struct oh_slice){hex, SHA256_DIGEST_STRING_LENGTH - 1};
}

struct oh_slice oh_digest_sha1(struct oh_arena *arena, struct oh_slice bytes)
{
	char *hex = oh_arena_alloc(arena, SHA1_DIGEST_STRING_LENGTH);

	SHA1Data((const uint8_t *)bytes.ptr, bytes.len, hex);
	return (struct oh_slice){hex, SHA1_DIGEST_STRING_LENGTH - 1};
}
