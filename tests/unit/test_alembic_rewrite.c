#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/adapter.h"

#define BODY "\n\ndef upgrade():\n    op.drop_table('t')\n\n\ndef downgrade():\n    pass\n"
#define KEEP "(keep)"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

/* The ids of `a,b`; an empty id is not among them. */
static struct oh_slices ids(const char *text)
{
	struct oh_slices out = {0};
	struct oh_slice rest = oh_slice_of(text), id;

	while (oh_slice_next(&rest, ',', &id))
		OH_PUSH(&arena, &out, id);
	return out;
}

static struct oh_renames renames(const char *text)
{
	struct oh_renames out = {0};
	const struct oh_slices words = ids(text);

	for (size_t i = 0; i + 1 < words.count; i += 2)
		OH_PUSH(&arena, &out, (struct oh_rename){words.items[i], words.items[i + 1]});
	return out;
}

struct form {
	const char *before; /* BODY follows */
	const char *id, *parents; /* KEEP: the same */
	const char *renames; /* from,to,from,to */
	const char *after; /* NULL: refused */
};

static struct oh_slice bytes_of(const char *text)
{
	return oh_slice_printf(&arena, "%s%s", text, BODY);
}

static bool rewrite(const struct form *f, struct oh_slice *bytes, struct oh_error *err)
{
	const struct oh_file file = {OH_SLICE("db/versions/a.py"), bytes_of(f->before), {"", 0}};
	const struct oh_slices parents = ids(f->parents);
	const struct oh_renames list = renames(f->renames ? f->renames : "");
	const bool keeps_id = oh_slice_eq(oh_slice_of(f->id), OH_SLICE(KEEP));
	const bool keeps = oh_slice_eq(oh_slice_of(f->parents), OH_SLICE(KEEP));
	const struct oh_rewrite want = {.id = keeps_id ? OH_SLICE("") : oh_slice_of(f->id),
		.parents = keeps ? NULL : &parents,
		.renames = f->renames ? &list : NULL};

	return oh_adapter_alembic.rewrite(&arena, &file, &want, bytes, err);
}

static void check(const struct form *forms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct oh_slice bytes = {0};
		struct oh_error err = {0};
		const bool ok = rewrite(&forms[i], &bytes, &err);

		if (!forms[i].after) {
			if (ok)
				print_error("not refused:\n%s\n", oh_slice_str(&arena, bytes));
			assert_false(ok);
			assert_int_equal(err.code, OH_E_UNSUPPORTED);
			assert_int_equal(err.native, 0);
			continue;
		}
		if (!ok)
			print_error("%s\n%s\n", err.message, forms[i].before);
		assert_true(ok);
		assert_string_equal(oh_slice_str(&arena, bytes),
			oh_slice_str(&arena, bytes_of(forms[i].after)));
	}
}

#define CHECK(forms) check(forms, sizeof(forms) / sizeof(*(forms)))

static void one_string_for_another(void **state)
{
	static const struct form forms[] = {
		{"revision = \"a\"\ndown_revision = 'p'\n", "b", "q", NULL,
			"revision = \"b\"\ndown_revision = 'q'\n"},
		{"revision: str = 'a'\ndown_revision: Union[str, Sequence[str], None] = \"p\"\n",
			"b", "q", NULL,
			"revision: str = 'b'\n"
			"down_revision: Union[str, Sequence[str], None] = \"q\"\n"},
		{"revision='a'\ndown_revision='p'  # 'p', not 'o'\n", KEEP, "q", NULL,
			"revision='a'\ndown_revision='q'  # 'p', not 'o'\n"},
		{"revision = '''a'''\ndown_revision = u\"p\"\n", "b", "q", NULL,
			"revision = '''b'''\ndown_revision = u\"q\"\n"},
		{"revision = r'a'\ndown_revision = Rb'' or f\"p\"\n", "b", KEEP, NULL, NULL},
		{"revision = r'a'\ndown_revision = f\"p\"\n", "b", "q", NULL,
			"revision = r'b'\ndown_revision = f\"q\"\n"},
		{"revision = (\n    'a'  # long\n)\ndown_revision = ((\"p\"))\n", "b", "q", NULL,
			"revision = (\n    'b'  # long\n)\ndown_revision = ((\"q\"))\n"},
		{"revision = 'a' \"b\" \\\n  'c'\ndown_revision = ('p'\n 'q')\n", "b", "q", NULL,
			"revision = 'b'\ndown_revision = ('q')\n"},
		{"revision = '\\x61'\ndown_revision = 'p'\n", "b", KEEP, NULL,
			"revision = 'b'\ndown_revision = 'p'\n"},
		{"revision, down_revision = \"0027\", \"0026\"\n", "0028", "0027", NULL,
			"revision, down_revision = \"0028\", \"0027\"\n"},
		{"revision = 'a'; down_revision = 'p'\n", "b", "q", NULL,
			"revision = 'b'; down_revision = 'q'\n"},
		{"# revision = 'a'\n# down_revision = 'p'\nrevision = 'a'\ndown_revision = 'p'\n",
			"b", "q", NULL,
			"# revision = 'a'\n# down_revision = 'p'\nrevision = 'b'\n"
			"down_revision = 'q'\n"},
		{"\xef\xbb\xbfrevision = 'a'\r\ndown_revision = 'p'\r\n", "b", "q", NULL,
			"\xef\xbb\xbfrevision = 'b'\r\ndown_revision = 'q'\r\n"},
		{"revision = 'a'\ndown_revision = 'o'\ndown_revision = 'p'\n", KEEP, "q", NULL,
			"revision = 'a'\ndown_revision = 'o'\ndown_revision = 'q'\n"},
	};

	(void)state;
	CHECK(forms);
}

static void keeps_what_is_the_same(void **state)
{
	static const struct form forms[] = {
		{"revision = 'a'\ndown_revision = ['p']\n", "a", "p", "x,y",
			"revision = 'a'\ndown_revision = ['p']\n"},
		{"revision = 'a'\ndown_revision = ['p']\n", KEEP, KEEP, NULL,
			"revision = 'a'\ndown_revision = ['p']\n"},
		{"revision = 'a'\ndown_revision = ('p', 'p')\n", KEEP, "p", NULL,
			"revision = 'a'\ndown_revision = ('p', 'p')\n"},
		{"X = 'p'\nrevision = 'a'\ndown_revision = X\n", "b", "p", NULL,
			"X = 'p'\nrevision = 'b'\ndown_revision = X\n"},
	};

	(void)state;
	CHECK(forms);
}

static void several_for_one_and_none(void **state)
{
	static const struct form forms[] = {
		{"revision = 'a'\ndown_revision = \"p\"\n", KEEP, "q,r", NULL,
			"revision = 'a'\ndown_revision = (\"q\", \"r\")\n"},
		{"revision = 'a'\ndown_revision = (\n    \"p\"\n)\n", KEEP, "q,r", NULL,
			"revision = 'a'\ndown_revision = (\n    \"q\", \"r\"\n)\n"},
		{"revision, down_revision = 'a', 'p'\n", KEEP, "q,r", NULL,
			"revision, down_revision = 'a', ('q', 'r')\n"},
		{"revision = 'a'\ndown_revision = None\n", KEEP, "p", NULL,
			"revision = 'a'\ndown_revision = 'p'\n"},
		{"revision = \"a\"\ndown_revision: str | None = (None)  # base\n", KEEP, "p,q",
			NULL,
			"revision = \"a\"\ndown_revision: str | None = (\"p\", \"q\")  # base\n"},
		{"revision = \"a\"\ndown_revision = ()\n", KEEP, "p", NULL,
			"revision = \"a\"\ndown_revision = \"p\"\n"},
		{"revision = \"a\"\ndown_revision = []\n", KEEP, "p", NULL,
			"revision = \"a\"\ndown_revision = [\"p\"]\n"},
		{"revision = 'a'\ndown_revision = (None,)\n", KEEP, "p,q", NULL,
			"revision = 'a'\ndown_revision = ('p', 'q',)\n"},
		{"revision = 'a'\ndown_revision = 'p'\n", KEEP, "", NULL,
			"revision = 'a'\ndown_revision = None\n"},
		{"revision = 'a'\ndown_revision = {'p', 'q'}\n", KEEP, "", NULL,
			"revision = 'a'\ndown_revision = None\n"},
		{"revision = 'a'\ndown_revision = ( # the beginning\n)\n", KEEP, "p", NULL, NULL},
	};

	(void)state;
	CHECK(forms);
}

static void several_for_several(void **state)
{
	static const struct form forms[] = {
		{"revision = 'a'\ndown_revision = (\"p\", 'q')\n", KEEP, "p,r", NULL,
			"revision = 'a'\ndown_revision = (\"p\", 'r')\n"},
		{"revision = 'a'\ndown_revision = (\n    \"p\",  # Ana\n    \"q\",  # Bob\n)\n",
			KEEP, "n,q", NULL,
			"revision = 'a'\n"
			"down_revision = (\n    \"n\",  # Ana\n    \"q\",  # Bob\n)\n"},
		{"revision = 'a'\ndown_revision = [\n    'p',\n    'q',\n]\n", KEEP, "p,q,r", NULL,
			"revision = 'a'\ndown_revision = [\n    'p',\n    'q',\n    'r',\n]\n"},
		{"revision = 'a'\r\ndown_revision = (\r\n    'p',\r\n)\r\n", KEEP, "p,q", NULL,
			"revision = 'a'\r\ndown_revision = (\r\n    'p',\r\n    'q',\r\n)\r\n"},
		{"revision = 'a'\ndown_revision = 'p',\n", KEEP, "p,q", NULL,
			"revision = 'a'\ndown_revision = 'p', 'q',\n"},
		{"revision = 'a'\ndown_revision = 'p', 'q'\n", KEEP, "r", NULL,
			"revision = 'a'\ndown_revision = 'r'\n"},
		{"revision = 'a'\ndown_revision = ('p', \"q\")\n", KEEP, "q", NULL,
			"revision = 'a'\ndown_revision = 'q'\n"},
		{"revision = 'a'\ndown_revision = ('p',)\n", KEEP, "q", NULL,
			"revision = 'a'\ndown_revision = ('q',)\n"},
		{"revision = 'a'\ndown_revision = [\"p\", 'q']\n", KEEP, "q", NULL,
			"revision = 'a'\ndown_revision = ['q']\n"},
		{"revision = 'a'\ndown_revision = ['p', 'q', 'r', 's']\n", KEEP, "q,s", NULL,
			"revision = 'a'\ndown_revision = ['q', 's']\n"},
		{"revision = 'a'\ndown_revision = ['p', 'q', 'r']\n", KEEP, "p,n", NULL,
			"revision = 'a'\ndown_revision = ['p', 'n']\n"},
		{"revision = 'a'\ndown_revision = ['p', 'q', 'r']\n", KEEP, "p", NULL,
			"revision = 'a'\ndown_revision = ['p']\n"},
		{"revision = 'a'\ndown_revision = (\n  # both\n  'p', 'q'\n)\n", KEEP, "q", NULL,
			"revision = 'a'\ndown_revision = (\n  # both\n  'q'\n)\n"},
		{"revision = 'a'\ndown_revision = (\n  'p',  # Ana\n  'q',  # Bob\n)\n", KEEP, "q",
			NULL, NULL},
		{"revision = 'a'\ndown_revision = {'p', 'q'}\n", KEEP, "q", NULL,
			"revision = 'a'\ndown_revision = 'q'\n"},
		{"revision = 'a'\ndown_revision = {\n'p', # Ana\n'q'}\n", KEEP, "q", NULL, NULL},
		{"revision = 'a'\ndown_revision = {'p', 'q'}\n", KEEP, "q,r", NULL,
			"revision = 'a'\ndown_revision = {'q', 'r'}\n"},
		{"revision = 'a'\ndown_revision = ('p', ('q'))\n", KEEP, "p,r", NULL,
			"revision = 'a'\ndown_revision = ('p', ('r'))\n"},
		{"revision = 'a'\ndown_revision = ('p', ('q'))\n", KEEP, "p,q,r", NULL, NULL},
	};

	(void)state;
	CHECK(forms);
}

static void follows_in_depends_on(void **state)
{
	static const struct form forms[] = {
		{"revision = 'a'\ndown_revision = 'p'\ndepends_on = 'x'\n", KEEP, KEEP, "x,y",
			"revision = 'a'\ndown_revision = 'p'\ndepends_on = 'y'\n"},
		{"revision = 'a'\ndown_revision = 'x'\ndepends_on = (\n'x', # c\n\"label\", 'y')\n",
			KEEP, KEEP, "x,y,y,z",
			"revision = 'a'\ndown_revision = 'x'\n"
			"depends_on = (\n'y', # c\n\"label\", 'z')\n"},
		{"revision = 'a'\ndown_revision = 'p'\ndepends_on = ['x', 'y']\n", KEEP, KEEP,
			"x,y", "revision = 'a'\ndown_revision = 'p'\ndepends_on = ['y', 'y']\n"},
		{"X = 'x'\nrevision = 'a'\ndown_revision = 'p'\ndepends_on = X\n", KEEP, KEEP,
			"x,y", NULL},
		{"X = 'x'\nrevision = 'a'\ndown_revision = 'p'\ndepends_on = [X, 'y']\n", KEEP,
			KEEP, "x,z", NULL},
		{"X = 'x'\nrevision = 'a'\ndown_revision = 'p'\ndepends_on = [X, 'y']\n", KEEP,
			KEEP, "y,z",
			"X = 'x'\nrevision = 'a'\ndown_revision = 'p'\ndepends_on = [X, 'z']\n"},
		{"revision = 'a'\ndown_revision = 'p'\nbranch_labels = depends_on = None\n", "b",
			"q", "p,q",
			"revision = 'b'\ndown_revision = 'q'\nbranch_labels = depends_on = None\n"},
	};

	(void)state;
	CHECK(forms);
}

static void refuses_what_is_not_plain(void **state)
{
	static const struct form forms[] = {
		{"revision = 'a'\ndown_revision = parent()\n", "b", KEEP, NULL, NULL},
		{"P = 'p'\nrevision = 'a'\ndown_revision = P\n", KEEP, "q", NULL, NULL},
		{"R = 'a'\nrevision = R\ndown_revision = 'p'\n", "b", KEEP, NULL, NULL},
		{"down_revision = 'p'\n", "b", KEEP, NULL, NULL}, /* its name is the id */
		{"revision = 'a'\nx = down_revision = 'p'\n", KEEP, "q", NULL, NULL},
		{"revision = 'a'\nx.y = down_revision = 'p'\n", KEEP, "q", NULL, NULL},
		{"revision = 'a'\nx[1] = down_revision = 'p'\n", KEEP, "q", NULL, NULL},
		{"both = (revision, down_revision) = ('a', 'p')\n", KEEP, "q", NULL, NULL},
		{"revision = 'a'\ndown_revision = depends_on = None\n", KEEP, "q", NULL, NULL},
		{"revision = 'a'\ndown_revision = depends_on = 'p'\n", KEEP, "q", "p,q", NULL},
		{"revision = 'a'\ndown_revision = 'p'\nbranch_labels = revision\n", "b", KEEP, NULL,
			NULL},
		{"revision = 'a'\ndown_revision = 'p'\ndepends_on = down_revision\n", KEEP, "q",
			NULL, NULL},
		{"revision = 'a' # c\ndown_revision = ('p' # c\n 'q')\n", KEEP, "q", NULL, NULL},
		{"revision = 'a'\ndown_revision = 'p'\n", "a-b", KEEP, NULL, NULL},
		{"revision = 'a'\ndown_revision = 'p'\n", "p", KEEP, NULL, NULL},
		{"revision = 'a'\ndown_revision = 'p'\n", KEEP, "a", NULL, NULL},
		{"revision = 'a'\ndown_revision = 'p'\n", "\xff", KEEP, NULL, NULL},
		{"revision = 'a'\ndown_revision = 'p\n", KEEP, "q", NULL, NULL},
	};

	(void)state;
	CHECK(forms);
}

static void writes_any_id(void **state)
{
	static const struct form forms[] = {
		{"revision = 'a'\ndown_revision = 'p'\n", "it's", "a\"b\\", NULL,
			"revision = 'it\\'s'\ndown_revision = 'a\"b\\\\'\n"},
		{"revision = r'a'\ndown_revision = f'p'\n", "it's", "{x}", NULL,
			"revision = 'it\\'s'\ndown_revision = '{x}'\n"},
		{"revision = 'a'\ndown_revision = 'p'\n", "\xc3\xa9", "\x1b\n\xe2\x80\xae", NULL,
			"revision = '\xc3\xa9'\ndown_revision = '\\x1b\\x0a\\u202e'\n"},
		{"# coding: latin-1\nrevision = 'a'\ndown_revision = 'p'\n", "\xc3\xa9",
			"\xf0\x9f\x98\x80", NULL,
			"# coding: latin-1\nrevision = '\\xe9'\n"
			"down_revision = '\\U0001f600'\n"},
	};

	(void)state;
	CHECK(forms);
}

static void docstring_follows(void **state)
{
	static const struct form forms[] = {
		{"\"\"\"title p\n\nRevision ID: a\nRevises: p\nCreate Date: 2026\n\np a\n\"\"\"\n"
		 "revision = 'a'\ndown_revision = 'p'\n",
			"b", "q", NULL,
			"\"\"\"title p\n\nRevision ID: b\nRevises: q\nCreate Date: 2026\n\n"
			"p a\n\"\"\"\nrevision = 'b'\ndown_revision = 'q'\n"},
		{"\"\"\"t\r\n\r\nRevision ID: a\r\nRevises: p, q\r\n\r\n\"\"\"\r\n"
		 "revision = 'a'\r\ndown_revision = ('q', 'p')\r\n",
			KEEP, "q,r", NULL,
			"\"\"\"t\r\n\r\nRevision ID: a\r\nRevises: q, r\r\n\r\n\"\"\"\r\n"
			"revision = 'a'\r\ndown_revision = ('q', 'r')\r\n"},
		{"'''\nRevision ID: a\nRevises: \n'''\nrevision = 'a'\ndown_revision = None\n", "b",
			"p,q", NULL,
			"'''\nRevision ID: b\nRevises: p, q\n'''\nrevision = 'b'\n"
			"down_revision = ('p', 'q')\n"},
		{"'''t\nRevises:\n'''\nrevision = 'a'\ndown_revision = None\n", KEEP, "p", NULL,
			"'''t\nRevises: p\n'''\nrevision = 'a'\ndown_revision = 'p'\n"},
		{"'''t\nRevises: None  \n'''\nrevision = 'a'\ndown_revision = None\n", KEEP, "p",
			NULL, "'''t\nRevises: p  \n'''\nrevision = 'a'\ndown_revision = 'p'\n"},
		{"'''t\nRevises: p\n'''\nrevision = 'a'\ndown_revision = 'p'\n", KEEP, "", NULL,
			"'''t\nRevises: \n'''\nrevision = 'a'\ndown_revision = None\n"},
		{"'''t\n  Revision ID: x\n  Revises: y\n'''\nrevision = 'a'\ndown_revision = 'p'\n",
			"b", "q", NULL,
			"'''t\n  Revision ID: x\n  Revises: y\n'''\nrevision = 'b'\n"
			"down_revision = 'q'\n"},
		{"'''t\nRevises: p, x\n'''\nrevision = 'a'\ndown_revision = 'p'\n", KEEP, "q", NULL,
			"'''t\nRevises: p, x\n'''\nrevision = 'a'\ndown_revision = 'q'\n"},
		{"'''t\nRevises: p\nRevises: q, q\n'''\nrevision = 'a'\ndown_revision = 'p', 'q'\n",
			KEEP, "r,q", NULL,
			"'''t\nRevises: p\nRevises: q, q\n'''\nrevision = 'a'\n"
			"down_revision = 'r', 'q'\n"},
		{"'t\\n' \\\n'''\nRevises: p\n'''\nrevision = 'a'\ndown_revision = 'p'\n", KEEP,
			"q", NULL,
			"'t\\n' \\\n'''\nRevises: q\n'''\nrevision = 'a'\ndown_revision = 'q'\n"},
		{"('t'\n'''\nRevises: p\n''')\nrevision = 'a'\ndown_revision = 'p'\n", KEEP, "q",
			NULL, "('t'\n'''\nRevises: p\n''')\nrevision = 'a'\ndown_revision = 'q'\n"},
		{"'''t\n- p: before\nReconciles:\n- p: the one\n- q\n- x: p\n'''\nrevision = 'a'\n"
		 "down_revision = ('p', 'q')\n",
			KEEP, "n,q", "p,n,x,y",
			"'''t\n- p: before\nReconciles:\n- n: the one\n- q\n- x: p\n'''\n"
			"revision = 'a'\ndown_revision = ('n', 'q')\n"},
		{"r'''t\nRevises: p\n'''\nrevision = 'a'\ndown_revision = 'p'\n", KEEP, "it's",
			NULL, "r'''t\nRevises: p\n'''\nrevision = 'a'\ndown_revision = 'it\\'s'\n"},
		{"# c\nrevision = 'a'\ndown_revision = 'p'\n'''t\nRevision ID: a\n'''\n", "b", KEEP,
			NULL,
			"# c\nrevision = 'b'\ndown_revision = 'p'\n'''t\nRevision ID: a\n'''\n"},
	};

	(void)state;
	CHECK(forms);
}

static void says_why_not(void **state)
{
	const struct form computed = {
		"revision = 'a'\ndown_revision = parent()\n", KEEP, "q", NULL, NULL};
	const struct form named = {
		"P = 'p'\nrevision = 'a'\ndown_revision = P\n", KEEP, "q", NULL, NULL};
	struct oh_slice bytes;
	struct oh_error err = {0};

	(void)state;
	assert_false(rewrite(&computed, &bytes, &err));
	assert_string_equal(err.message, "db/versions/a.py:2: down_revision is computed");
	assert_false(rewrite(&named, &bytes, &err));
	assert_string_equal(err.message, "db/versions/a.py:3: down_revision is not written out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_string_for_another, drop),
		cmocka_unit_test_teardown(keeps_what_is_the_same, drop),
		cmocka_unit_test_teardown(several_for_one_and_none, drop),
		cmocka_unit_test_teardown(several_for_several, drop),
		cmocka_unit_test_teardown(follows_in_depends_on, drop),
		cmocka_unit_test_teardown(refuses_what_is_not_plain, drop),
		cmocka_unit_test_teardown(writes_any_id, drop),
		cmocka_unit_test_teardown(docstring_follows, drop),
		cmocka_unit_test_teardown(says_why_not, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
