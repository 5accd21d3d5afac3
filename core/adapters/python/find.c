#include "adapters/python/find.h"

#include <string.h>

#define BLOCK 64u

/* From LF to CR, from '"' to ')', and the brackets with what is between them: every stop and a
 * few others, such as the tab. */
static bool may_stop(unsigned char c)
{
	return (c >= '\n' && c <= '\r') || (c >= '"' && c <= ')') ||
	       ((c | 0x20) >= '{' && (c | 0x20) <= '}');
}

#ifdef __SSE2__
typedef unsigned char sixteen __attribute__((vector_size(16)));
typedef char signed_sixteen __attribute__((vector_size(16)));

static inline sixteen load(const char *text)
{
	sixteen bytes;

	memcpy(&bytes, text, sizeof(bytes));
	return bytes;
}

static inline unsigned bits(sixteen hits)
{
	return (unsigned)__builtin_ia32_pmovmskb128((signed_sixteen)hits);
}

static inline sixteen between(sixteen bytes, unsigned char first, unsigned char last)
{
	return (sixteen)(bytes - first <= (sixteen){0} + (unsigned char)(last - first));
}

static inline uint64_t hits_of_16(const char *text)
{
	const sixteen b = load(text);

	return bits(between(b, '\n', '\r') | between(b, '"', ')') | between(b | 0x20, '{', '}'));
}

static uint64_t hits_of_block(const char *text)
{
	return hits_of_16(text) | hits_of_16(text + 16) << 16 | hits_of_16(text + 32) << 32 |
	       hits_of_16(text + 48) << 48;
}
#endif

static uint64_t hits_of(struct oh_slice text, size_t at)
{
	const size_t n = text.len - at < BLOCK ? text.len - at : BLOCK;
	uint64_t hits = 0;

#ifdef __SSE2__
	if (n == BLOCK)
		return hits_of_block(text.ptr + at);
#endif
	for (size_t i = 0; i < n; i++)
		hits |= (uint64_t)may_stop((unsigned char)text.ptr[at + i]) << i;
	return hits;
}

size_t oh_py_find_stop(
	struct oh_py_finder *finder, struct oh_slice text, size_t from, const bool stops[256])
{
	while (from < text.len) {
		const size_t begin = from / BLOCK * BLOCK;
		uint64_t hits;

		if (finder->block != from / BLOCK + 1) {
			finder->block = from / BLOCK + 1;
			finder->hits = hits_of(text, begin);
		}
		for (hits = finder->hits >> (from - begin); hits; hits &= hits - 1) {
			const size_t at = from + (size_t)__builtin_ctzll(hits);

			if (at >= text.len)
				return text.len;
			if (stops[(unsigned char)text.ptr[at]])
				return at;
		}
		from = begin + BLOCK;
	}
	return text.len;
}

bool oh_py_says_global(struct oh_slice text)
{
	static const char word[] = "global";
	const size_t len = sizeof(word) - 1;
	size_t at = 0;

#ifdef __SSE2__
	for (; at + 16 + len <= text.len; at += 16) {
		const sixteen first = (sixteen)(load(text.ptr + at) == 'g');
		const sixteen second = (sixteen)(load(text.ptr + at + 1) == 'l');

		if (bits(first & second) && memmem(text.ptr + at, 16 + len - 1, word, len))
			return true;
	}
#endif
	return at < text.len && memmem(text.ptr + at, text.len - at, word, len);
}
