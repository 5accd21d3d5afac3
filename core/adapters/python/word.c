#include "adapters/python/token.h"

#include <string.h>

#define LONGEST 8

/* In the order of enum oh_py_word, so that an index is its word. */
static const char words[][LONGEST + 1] = {"", "False", "None", "True", "and", "as", "assert",
	"async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
	"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
	"or", "pass", "raise", "return", "try", "while", "with", "yield"};

/* Where the words that begin with 'a' + i begin in the table; the last one is its end. */
static const unsigned char first[] = {4, 9, 10, 12, 14, 17, 20, 21, 21, 25, 25, 25, 26, 26, 28, 29,
	30, 30, 32, 32, 33, 33, 33, 35, 35, 36, 36};

static enum oh_py_word find(struct oh_slice name, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (words[i][1] == name.ptr[1] && words[i][name.len] == '\0' &&
			memcmp(words[i], name.ptr, name.len) == 0)
			return (enum oh_py_word)i;
	return OH_PY_WORD_NONE;
}

enum oh_py_word oh_py_word_of(struct oh_slice name)
{
	const unsigned char c = name.len ? (unsigned char)name.ptr[0] : 0;

	if (name.len < 2 || name.len > LONGEST)
		return OH_PY_WORD_NONE;
	if (c >= 'a' && c <= 'z')
		return find(name, first[c - 'a'], first[c - 'a' + 1]);
	return c == 'F' || c == 'N' || c == 'T' ? find(name, 1, 4) : OH_PY_WORD_NONE;
}
