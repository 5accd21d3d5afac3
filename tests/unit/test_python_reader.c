#include "python_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct oh_py_module read_text(
	struct oh_arena *arena, const char *text, enum oh_py_detail detail)
{
	struct oh_py_module m;

	oh_py_read(&m, arena, oh_slice_of(text), detail);
	return m;
}

struct expectation {
	const char *text, *expected;
};

static void check_bindings(const struct expectation *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct oh_arena arena = {0};
		struct oh_py_module m = read_text(&arena, cases[i].text, OH_PY_BINDINGS);

		if (m.problem.line)
			print_message("%s: %s\n", cases[i].text, m.problem.message);
		assert_int_equal(m.problem.line, 0);
		assert_string_equal(python_bindings(&arena, &m), cases[i].expected);
		m = read_text(&arena, cases[i].text, OH_PY_CALLS);
		assert_string_equal(python_bindings(&arena, &m), cases[i].expected);
		oh_arena_drop(&arena);
	}
}

static void test_assignments(void **state)
{
	static const struct expectation cases[] = {
		{"revision = \"a\"", "revision='a'"},
		{"revision: str = 'a' # = 'b'", "revision='a'"},
		{"# revision = 'no'\nrevision = 'a'\n", "revision='a'"},
		{"x: Union[str, Sequence[str], None] = (\n    'a'\n)\n", "x='a'"},
		{"x: str | None = None", "x=None"},
		{"x: str", ""},
		{"x: (y := 1)", "y!"},
		{"(x): int = 1", "x=1"},
		{"revision, down_revision = '0027', '0026'",
			"revision='0027' down_revision='0026'"},
		{"a = b = None", "a=None b=None"},
		{"a = b, c = 'x', 'y'", "a=('x', 'y') b='x' c='y'"},
		{"(a, [b, *c]) = 'x', ('y', 1, 2)", "a='x' b='y' c=NULL"},
		{"*a, b, c = 1, 2", "a=NULL b=1 c=2"},
		{"a, *b, c = 1, 2, 3, 4", "a=1 b=NULL c=4"},
		{"a, b, *c = 1,", "a=NULL b=NULL c=NULL"},
		{"a, b = 1,", "a=NULL b=NULL"},
		{"a, b = f()", "a=NULL b=NULL"},
		{"a, b = 'xy'", "a=NULL b=NULL"},
		{"a, b = {1, 2}", "a=NULL b=NULL"},
		{"a, b = *x, 1", "a=NULL b=NULL"},
		{"a.b = c[0] = d = 1", "d=1"},
		{"x = ('a', ['b'], {'c'}, {1: 2, **d}, *e, ())",
			"x=('a', ['b'], s{'c'}, d{1, 2, **d, None}, *e, ())"},
		{"x = y.z (1, *a, k='v', **b)", "x=y.z(1, *a, **b, k='v')"},
		{"x = get(revision)", "x=get(revision)"},
		{"x = 'a' if y else 'b'", "x=<'a' if y else 'b'>"},
		{"x = 'a' 'b'\ny = ('a'\n# c\n'b')", "x='ab' y='ab'"},
		{"x = 'a' + 'b'", "x=<'a' + 'b'>"},
		{"x = -1", "x=<-1>"},
		{"x = 1_0", "x=1_0"},
		{"x = [a for a in b]", "x=<[a for a in b]>"},
		{"x = f(a for a in b)", "x=f(<(a for a in b)>)"},
		{"x = lambda: 0, 1", "x=(<lambda: 0>, 1)"},
		{"x = yield_, (yield)", "x=(yield_, <yield>)"},
		{"x = (((True)))", "x=True"},
		{"x = 1; y = 2;", "x=1 y=2"},
		{"x = 1 ; \\\ny = 2", "x=1 y=2"},
		{"x = \\\n  'a'", "x='a'"},
		{"x = a . b\\\n. c", "x=a.b.c"},
		{"x = ...", "x=<...>"},
		{"x = ''", "x=''"},
		{"x = 1if y else 2", "x=<1if y else 2>"},
	};

	(void)state;
	check_bindings(cases, COUNT(cases));
}

static void test_other_bindings(void **state)
{
	static const struct expectation cases[] = {
		{"if a: x = 1", "x?=1"},
		{"if a:\n  x = 1\nelif b:\n  y = 2\nelse:\n  z = 3\nw = 4", "x?=1 y?=2 z?=3 w=4"},
		{"for i, (j, *k) in a: x = 1\nelse: y = 2", "i! j! k! x?=1 y?=2"},
		{"while a: x = 1", "x?=1"},
		{"try: x = 1\nexcept A as e: y = 2\nexcept (B, C): pass\nfinally: z = 3",
			"x?=1 e! y?=2 z?=3"},
		{"try: pass\nexcept* A as e: pass", "e!"},
		{"with a as b, c as (d, e), f: x = 1", "b! d! e! x?=1"},
		{"with (a as b, c as d,): pass", "b! d!"},
		{"with (a, b) as c: pass", "c!"},
		{"with (\n  a() as b\n): pass", "b!"},
		{"match a:\n case [x, *y]: z = 1\n case {'k': v, **w}: pass\n case A(b=c) as d: pass",
			"x! y! z?=1 v! w! c! d!"},
		{"match a:\n case B.C | -1 | 'd' | None | _: pass\n case e if (f := 1): pass",
			"e! f!"},
		{"match = 1\nmatch[x] = 2\nmatch: int = 3\nmatch(x)\ncase = match",
			"match=1 match=3 "
			"case=match"},
		{"match (a):\n  case (b): match = 2", "b! match?=2"},
		{"type = 1\ntype: int = 2\ntype(x)", "type=1 type=2"},
		{"import a.b, c.d as e, f", "a! e! f!"},
		{"from . import a\nfrom ...b.c import (d, e as f,)\nfrom g import *",
			"a! d! f! *!"},
		{"def f(): x = 1", "f!"},
		{"async def f():\n  x = 1\ny = 2", "f! y=2"},
		{"@d(x := 1)\nclass C(y := 2):\n  z = 3\n  def f(self): pass", "x! y! C!"},
		{"def f(a=(b := 1), *, c: (d := 2)) -> (e := 3): (g := 4)", "b! d! e! f!"},
		{"lambda a=(b := 1): (c := 2)", "b!"},
		{"[x := 1 for y in z]", "x!"},
		{"f(x := 1)", "x!"},
		{"x = f'{(y := 1)}'", "y! x=<f'{(y := 1)}'>"},
		{"x += 1", "x!"},
		{"x = 1\ndel x, (y, z.w)", "x=1 x! y!"},
		{"def f():\n  if a:\n    global x, y\n  x = 1", "f! x! y!"},
		{"class A:\n  def f(self): global x\n  global y", "A! x! y!"},
		{"global x\nx = 1", "x=1"},
		{"def f():\n  'global x'\n  # global y\n  globals()", "f!"},
		{"def f():\n  x = '''\ny = 1\n'''\n  z = (\n1,\n)\nw = 1", "f! w=1"},
		{"def f(): return [\n1]; global x\nw = 1", "f! x! w=1"},
		{"async def f():\n  async with a as b: pass\n", "f!"},
	};

	(void)state;
	check_bindings(cases, COUNT(cases));
}

/* Python that is newer than the ast that judges the rest. */
static void test_newer_python(void **state)
{
	static const struct expectation cases[] = {
		{"type X = int\ntype Y[T: f(), *A, **P] = g", "X! Y!"},
		{"def f[T: int, *A, **P = b](x: T) -> T: pass\nclass C[T](B): pass", "f! C!"},
		{"try: pass\nexcept A, B: x = 1", "x?=1"},
		{"x = f\"{a[\"b\"]}\"\ny = 1", "x=<f\"{a[\"b\"]}\"> y=1"},
		{"x = f\"{f\"{f\"{1}\"}\"}\"\ny = 1", "x=<f\"{f\"{f\"{1}\"}\"}\"> y=1"},
		{"x = f'{\n  a  # '\n}'\ny = 1", "x=<f'{\n  a  # '\n}'> y=1"},
		{"x = t'a'", "x=<t'a'>"},
		{"def f():\n  x = f\"{a[\"\"\"b\n\"\"\"]}\"\ny = 1", "f! y=1"},
	};

	(void)state;
	check_bindings(cases, COUNT(cases));
}

struct string_case {
	const char *text;
	enum oh_py_kind kind;
	const char *expected; /* NULL: not known */
};

static void check_strings(const struct string_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct oh_arena arena = {0};
		const char *text =
			oh_slice_str(&arena, oh_slice_printf(&arena, "x = %s\n", cases[i].text));
		struct oh_py_module m = read_text(&arena, text, OH_PY_BINDINGS);
		const struct oh_py_value *v;

		print_message("%s\n", cases[i].text);
		assert_int_equal(m.problem.line, 0);
		assert_int_equal(m.bindings.count, 1);
		v = m.bindings.items[0].value;
		assert_int_equal(v->kind, cases[i].kind);
		assert_string_equal(oh_slice_str(&arena, v->text),
			cases[i].expected ? cases[i].expected : cases[i].text);
		oh_arena_drop(&arena);
	}
}

static void test_strings(void **state)
{
	static const struct string_case cases[] = {
		{"'a'", OH_PY_STRING, "a"},
		{"\"it's\"", OH_PY_STRING, "it's"},
		{"''", OH_PY_STRING, ""},
		{"\"\"\"\"\"\"", OH_PY_STRING, ""},
		{"'''a'b''c\n'''", OH_PY_STRING, "a'b''c\n"},
		{"\"\"\"a\\\"\"\"\"", OH_PY_STRING, "a\""},
		{"u'a' U\"b\"", OH_PY_STRING, "ab"},
		{"r'\\n\\'' R\"\\\\\"", OH_PY_STRING, "\\n\\'\\\\"},
		{"b'\\xff\\101\\777\\u12'", OH_PY_BYTES,
			"\xff"
			"A\xff\\u12"},
		{"rb'\\x' bR'\\n' Rb'' BR'a'", OH_PY_BYTES, "\\x\\na"},
		{"f'a' F\"{{b}}\"", OH_PY_STRING, "a{b}"},
		{"rf'\\n{{' fR''", OH_PY_STRING, "\\n{"},
		{"f'{a}' 'b'", OH_PY_OTHER, NULL},
		{"'b' f'{a!r:>{w}}'", OH_PY_OTHER, NULL},
		{"'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"'", OH_PY_STRING, "\a\b\f\n\r\t\v\\'\""},
		{"'\\1018\\x419\\7'", OH_PY_STRING, "A8A9\7"},
		{"'\\400\\xe9\\u20ac\\U0001F600'", OH_PY_STRING,
			"\xc4\x80\xc3\xa9\xe2\x82\xac"
			"\xf0\x9f\x98\x80"},
		{"'a\\\nb\\\r\nc'", OH_PY_STRING, "abc"},
		{"'\\q\\ \\{'", OH_PY_STRING, "\\q\\ \\{"},
		{"'''a\r\nb\rc'''", OH_PY_STRING, "a\nb\nc"},
		{"'\xc3\xa9'", OH_PY_STRING, "\xc3\xa9"},
		{"'\\N{EM DASH}'", OH_PY_OTHER, NULL},
		{"r'\\N{EM DASH}'", OH_PY_STRING, "\\N{EM DASH}"},
		{"f'\\N{EM DASH}'", OH_PY_OTHER, NULL},
		{"'\\ud83d\\ude00'", OH_PY_OTHER, NULL},
		{"'a' '\\N{EM DASH}'", OH_PY_OTHER, NULL},
		{"'a' \\\n 'b'", OH_PY_STRING, "ab"},
	};

	(void)state;
	check_strings(cases, COUNT(cases));
}

/* A NUL is a character like others when it is escaped. */
static void test_escaped_nul(void **state)
{
	struct oh_arena arena = {0};
	struct oh_py_module m = read_text(&arena, "x = 'a\\0b\\x00'", OH_PY_BINDINGS);

	(void)state;
	assert_int_equal(m.bindings.items[0].value->text.len, 4);
	assert_memory_equal(m.bindings.items[0].value->text.ptr, "a\0b\0", 4);
	oh_arena_drop(&arena);
}

static void test_encodings(void **state)
{
	static const struct expectation cases[] = {
		{"# -*- coding: latin-1 -*-\nx = 'caf\xe9'; \xe9 = 'a\\\xe9'",
			"x='caf\xc3\xa9' \xc3\xa9='a\\\xc3\xa9'"},
		{"#!python\n# vim: set fileencoding=ISO_8859-1 :\nx = '\xff'", "x='\xc3\xbf'"},
		{"\xef\xbb\xbf# coding: utf-8\nx = '\xc3\xa9'", "x='\xc3\xa9'"},
		{"# coding: UTF_8\nx = '\xc3\xa9'", "x='\xc3\xa9'"},
		{"\r\n\f# coding: latin1\r\nx = '\xe9'", "x='\xc3\xa9'"},
		{"# coding: cp1252\nx = '\x80'\ny = 'a'", "x=<'\x80'> y='a'"},
		{"# coding: euc-jp\ny = b'a'\nx = 'a\\\n'", "y=b'a' x='a'"},
		{"\n\n# coding: rot13\nx = '\xc3\xa9'", "x='\xc3\xa9'"},
		{"y = 1\n# coding: rot13\nx = 1", "y=1 x=1"},
		{"# encoding ascii\nx = '\xc3\xa9'", "x='\xc3\xa9'"},
		{"# \xff\nx = 1 # \xff", "x=1"},
	};

	(void)state;
	check_bindings(cases, COUNT(cases));
}

static void test_line_ends(void **state)
{
	static const char *const ends[] = {"\n", "\r\n", "\r"};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct oh_arena arena = {0};
		const char *e = ends[i];
		const char *text = oh_slice_str(
			&arena, oh_slice_printf(&arena,
					"\"\"\"doc%sumentation\"\"\"%s%s# c%sx = (%s  'a'%s)%s"
					"def f():%s  # c%s%s  \"\"\"%s\"\"\"; op.g()%s\fy = 1",
					e, e, e, e, e, e, e, e, e, e, e, e));
		struct oh_py_module m = read_text(&arena, text, OH_PY_CALLS);

		assert_int_equal(m.problem.line, 0);
		assert_string_equal(oh_slice_str(&arena, m.docstring->text), "doc\numentation");
		assert_string_equal(python_bindings(&arena, &m), "x='a' f! y=1");
		assert_int_equal(m.bindings.items[0].line, 5);
		assert_int_equal(m.bindings.items[0].value->line, 6);
		assert_string_equal(python_calls(&arena, &m), "f:12!:0/0 op.g()\n");
		assert_int_equal(m.bindings.items[2].line, 13);
		oh_arena_drop(&arena);
	}
}

struct problem_case {
	const char *text;
	unsigned line;
	const char *message, *bindings;
};

static void check_problems(const struct problem_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct oh_arena arena = {0};

		for (enum oh_py_detail d = OH_PY_BINDINGS; d <= OH_PY_CALLS; d++) {
			struct oh_py_module m = read_text(&arena, cases[i].text, d);

			print_message("%s\n", cases[i].text);
			assert_non_null(m.problem.message);
			assert_string_equal(m.problem.message, cases[i].message);
			assert_int_equal(m.problem.line, cases[i].line);
			assert_string_equal(python_bindings(&arena, &m), cases[i].bindings);
		}
		oh_arena_drop(&arena);
	}
}

static void test_conflict_markers(void **state)
{
	static const struct problem_case cases[] = {
		{"a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> x\nc = 4\n", 2,
			"conflict marker", "a=1 b=2 b=3 c=4"},
		{"a = 1\n||||||| base\nb = 2\n", 2, "conflict marker", "a=1 b=2"},
		{"=======\r\na = 1\r\n", 1, "conflict marker", "a=1"},
		{">>>>>>> theirs", 1, "conflict marker", ""},
		{"a = (\n<<<<<<< HEAD\n1\n>>>>>>> x\n)\n", 2, "conflict marker", "a=1"},
		{"def f():\n  a\n<<<<<<< HEAD\n  b\n=======\n  c\n>>>>>>> x\nd = 1\n", 3,
			"conflict marker", "f! d=1"},
		{"def f():\n  a(\n<<<<<<< HEAD\n  b,\n=======\n  c,\n>>>>>>> x\n  )\nd = 1\n", 3,
			"conflict marker", "f! d=1"},
		{"\xef\xbb\xbf<<<<<<<<<<< HEAD\na = 1\n", 1, "conflict marker", "a=1"},
	};
	static const struct expectation sound[] = {
		{"'''\n<<<<<<< HEAD\n=======\n>>>>>>> x\n'''\na = 1", "a=1"},
		{"def f():\n  '''\n=======\nTitle\n=======\n  '''\na = 1", "f! a=1"},
		{"# ======= \n#<<<<<<< HEAD\na = 1", "a=1"},
	};

	(void)state;
	check_problems(cases, COUNT(cases));
	check_bindings(sound, COUNT(sound));
}

static void test_half_written(void **state)
{
	static const struct problem_case cases[] = {
		{"a = 1\nb = 'x\nc = 2\n", 2, "unterminated string", "a=1 c=2"},
		{"a = 1\nb = '''x\nc = 2\n", 2, "unterminated string", "a=1"},
		{"a = 1\nb = f'{x\nc = 2\n", 2, "unterminated string", "a=1 c=2"},
		{"a = 1\nb = (\n1,\nc = 2\n", 2, "bracket that is never closed", "a=1"},
		{"a = 1\ndef f():\n  g(\n    1\nc = 2\n", 3, "bracket that is never closed",
			"a=1 f!"},
		{"a = 1)\nb = 2", 1, "bracket that was never opened", "a=1 b=2"},
		{"a = (1]\nb = 2", 1, "bracket that closes another kind", "b=2"},
		{"a = 1\nb =\nc = 2", 2, "invalid syntax", "a=1 c=2"},
		{"a = 1\nb = x.\nc = 2", 2, "invalid syntax", "a=1 c=2"},
		{"a = 1\nif x\n  b = 1\nc = 2", 2, "invalid syntax", "a=1 b?=1 c=2"},
		{"if x:\na = 1", 2, "block without a statement", "a=1"},
		{"def f():", 1, "block without a statement", "f!"},
		{"a = 1\n  b = 2\nc = 3", 2, "unexpected indent", "a=1 b?=2 c=3"},
		{"if x:\n    a = 1\n  b = 2", 3, "unindent to no outer block", "a?=1 b?=2"},
		{"if x:\n\ta = 1\n        b = 2", 3, "inconsistent tabs and blanks", "a?=1 b?=2"},
		{"if x:\n   \ta = 1\n        b = 2", 3, "inconsistent tabs and blanks",
			"a?=1 b?=2"},
		{"a = 1 \\", 1, "invalid character", "a=1"},
		{"a = 1\n\\\n", 3, "unexpected end of file", "a=1"},
		{"a = 1\nb = $x\nc = 2", 2, "invalid character", "a=1 c=2"},
		{"print 'a'\nb = 1", 1, "invalid syntax", "b=1"},
		{"x = ur'a'\nb = 1", 1, "invalid syntax", "x=ur b=1"},
		{"x = 'a' b'b'", 1, "bytes and text literals side by side", ""},
		{"x = '\\xg'\ny = 1", 1, "escape that is cut short", "x=<'\\xg'> y=1"},
		{"x = '\\U00110000'", 1, "escape of a character that does not exist",
			"x=<'\\U00110000'>"},
		{"x = '\\N'", 1, "escape that is cut short", "x=<'\\N'>"},
		{"x = b'\xc3\xa9'", 1, "bytes literal with other than ASCII characters",
			"x=<b'\xc3\xa9'>"},
		{"\n\nx = '\xff'", 3, "bytes that are not UTF-8", "x=<'\xff'>"},
		{"x\xff = 1", 1, "bytes that are not UTF-8", "x\xff=1"},
		{"\n# coding: rot13\nx = 1", 2, "source encoding that is not known", "x=1"},
		{"\xef\xbb\xbf# coding: latin-1\nx = 1", 1,
			"byte order mark and another source encoding", "x=1"},
		{"{1: 2, 3}\nx = 1", 1, "invalid syntax", "x=1"},
		{"async x = 1\ny = 1", 1, "invalid syntax", "y=1"},
	};

	(void)state;
	check_problems(cases, COUNT(cases));
}

static void test_binary(void **state)
{
	static const char bytes[] = "x = 'a'\ny = \"b\0c\"\nz\0 = 1\nw = 1\n";
	struct oh_arena arena = {0};
	struct oh_py_module m;

	(void)state;
	oh_py_read(&m, &arena, OH_SLICE(""), OH_PY_CALLS);
	assert_int_equal(m.problem.line, 0);
	assert_int_equal(m.bindings.count, 0);
	oh_py_read(&m, &arena, (struct oh_slice){NULL, 0}, OH_PY_CALLS);
	assert_int_equal(m.problem.line, 0);
	oh_py_read(&m, &arena, (struct oh_slice){bytes, sizeof(bytes) - 1}, OH_PY_CALLS);
	assert_int_equal(m.problem.line, 2);
	assert_string_equal(m.problem.message, "binary data");
	assert_non_null(oh_py_binding(&m, OH_SLICE("w")));
	oh_arena_drop(&arena);
}

static void test_docstring(void **state)
{
	static const struct expectation cases[] = {
		{"'doc'", "'doc'"},
		{"# c\n\n'''doc\nmore''' ; x = 1", "'doc\nmore'"},
		{"('do'\n'c')", "'doc'"},
		{"'a\\N{EM DASH}'", "<'a\\N{EM DASH}'>"},
		{"x = 1\n'doc'", "NULL"},
		{"b'doc'", "NULL"},
		{"f'doc'", "NULL"},
		{"'a' f'doc'", "NULL"},
		{"'a' % b", "NULL"},
		{"'a'.b", "NULL"},
		{"'a', 'b'", "NULL"},
		{"if x: 'doc'\n", "NULL"},
		{"def f(): pass\n'doc'\n", "NULL"},
		{"", "NULL"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oh_arena arena = {0};
		struct oh_py_module m = read_text(&arena, cases[i].text, OH_PY_BINDINGS);

		assert_string_equal(python_value(&arena, m.docstring), cases[i].expected);
		oh_arena_drop(&arena);
	}
}

static void check_calls(const char *text, const char *expected)
{
	struct oh_arena arena = {0};
	struct oh_py_module m = read_text(&arena, text, OH_PY_CALLS);

	assert_int_equal(m.problem.line, 0);
	assert_string_equal(python_calls(&arena, &m), expected);
	m = read_text(&arena, text, OH_PY_BINDINGS);
	assert_int_equal(m.calls.count, 0);
	oh_arena_drop(&arena);
}

static void test_calls(void **state)
{
	(void)state;
	check_calls(
		"op.f('a', 1, *b, k=[None], **c)\n", ":1!:0/0 op.f('a', 1, *b, **c, k=[None])\n");
	check_calls("op\\\n.\\\nf ( )", ":1!:0/0 op.f()\n");
	check_calls("(op).f(); (op.g())", ":1!:0/0 op.f()\n:1!:0/0 op.g()\n");
	check_calls("a(b(c), d(e=f()))",
		":1!:0/0 a(b(c), d(e=f()))\n:1:0/0 b(c)\n:1:0/0 d(e=f())\n:1:0/0 f()\n");
	check_calls("a()().b(c)", ":1:0/0 a()\n:1:0/0 ()\n:1!:0/0 (c)\n");
	check_calls("x = f()\nreturn_(y)", ":1:0/0 f()\n:2!:0/0 return_(y)\n");
	check_calls("await_ and f()", ":1:0/0 f()\n");
	check_calls("@d()\ndef f(a=g()): h()", ":1:0/0 d()\n:2:0/0 g()\nf:2!:0/0 h()\n");
	check_calls("[f() for x in g()]", ":1:1/0 f()\n:1:1/0 g()\n");
	check_calls("lambda x=f(): g()", ":1:0/0 f()\n:1:1/0 g()\n");
	check_calls("if f(): g()\nelif h(): i()\nelse: j()",
		":1:0/0 f()\n:1!:1/0 g()\n:2:1/0 h()\n:2!:1/0 i()\n:3!:1/0 j()\n");
	check_calls("x = f'{f(\"a\"):{g()}}'", ":1:0/0 f('a')\n:1:0/0 g()\n");
	check_calls("match f():\n  case A(b=1): g()", ":1:0/0 f()\n:2!:1/0 g()\n");
	check_calls("class A(f()):\n  g()\n  def h(self): i()",
		":1:0/0 f()\n:2!:1/0 g()\n:3!:2/0 i()\n");
	check_calls("f(g=h == i, j=k)", ":1!:0/0 f(g=<h == i>, j=k)\n");
}

static void test_scopes(void **state)
{
	(void)state;
	check_calls("def upgrade():\n"
		    "    with op.batch_alter_table('t') as b, c() as (d, e):\n"
		    "        b.add(1)\n"
		    "        if x:\n"
		    "            with f(): b.drop(2)\n"
		    "        def g(): h()\n"
		    "    i()\n",
		"upgrade:2:0/0 op.batch_alter_table('t')\n"
		"upgrade:2:0/0 c() in b:op.batch_alter_table\n"
		"upgrade:3!:1/1 b.add(1) in :c;b:op.batch_alter_table\n"
		"upgrade:5:2/1 f() in :c;b:op.batch_alter_table\n"
		"upgrade:5!:3/2 b.drop(2) in :f;:c;b:op.batch_alter_table\n"
		"upgrade:6!:2/1 h()\n"
		"upgrade:7!:0/0 i()\n");
	check_calls("with (a() as b, c()): d()",
		":1:0/0 a()\n:1:0/0 c() in b:a\n:1!:1/1 d() in :c;b:a\n");
	check_calls("with (a(), b()) as c: d()", ":1:0/0 a()\n:1:0/0 b()\n:1!:1/1 d() in c:\n");
}

static void test_base_of_call(void **state)
{
	struct oh_arena arena = {0};
	struct oh_py_module m =
		read_text(&arena, "op.get_bind().execute('x'); ''.join(y)(z)", OH_PY_CALLS);
	const struct oh_py_value *execute = m.calls.items[1].call;

	(void)state;
	assert_string_equal(python_value(&arena, execute->base), "op.get_bind()");
	assert_string_equal(oh_slice_str(&arena, execute->attribute), "execute");
	assert_string_equal(python_value(&arena, m.calls.items[2].call->base), "''");
	assert_null(m.calls.items[3].call->base);
	assert_int_equal(m.calls.items[3].call->attribute.len, 0);
	oh_arena_drop(&arena);
}

static void test_statements(void **state)
{
	static const struct expectation cases[] = {
		{"def f():\n  'doc'\n  op.a()\n  pass\n  ...\n  b'x'; f'{y}'", ""},
		{"def f():\n  x = 1\n  x: int\n  x += 1\n  x\n  x == y",
			"f:2:0'=' f:3:0'=' f:4:0'=' f:5:0'' f:6:0''"},
		{"def f():\n  if a:\n    return b\n  elif c:\n    raise d\n  else:\n    del e",
			"f:2:0'if' f:3:1'return' f:5:1'raise' f:7:1'del'"},
		{"def f():\n  for a in b: break\n  while c: continue\n  try: op.a()\n  except: pass",
			"f:2:0'for' f:2:1'break' f:3:0'while' f:3:1'continue' f:4:0'try'"},
		{"async def f():\n  async with a: await b\n  with c: op.a()",
			"f:2:0'async' f:2:1'' f:3:0'with'"},
		{"def f():\n  def g(): return 1\n  class C: x = 1\n  import a\n  from a import b",
			"f:2:0'def' f:2:1'return' f:3:0'class' f:3:1'=' f:4:0'import' "
			"f:5:0'from'"},
		{"def f():\n  match a:\n    case b: assert c\n  global d\n  type X = e",
			"f:2:0'match' f:3:1'assert' f:4:0'global' f:5:0'type'"},
		{"if x:\n  def f(): yield\n", "f:2:0''"},
		{"x = 1\nclass A:\n  def f(self): x = 1\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oh_arena arena = {0};
		struct oh_py_module m = read_text(&arena, cases[i].text, OH_PY_CALLS);

		assert_int_equal(m.problem.line, 0);
		assert_string_equal(python_statements(&arena, &m), cases[i].expected);
		oh_arena_drop(&arena);
	}
}

static void test_functions(void **state)
{
	static const char text[] = "@a(1)\n# c\n@b\ndef f(x,\n      y) -> z:  # c\n    op.g()\n"
				   "\n    # c\n    return [\n1]  # d\n    # e\n\n# f\n"
				   "if x:\n  async def g(): pass ; # c\n"
				   "class C:\n  def h(self): pass\n"
				   "def i(): return '''\n'''\n";
	static const struct {
		const char *name, *whole, *body;
		unsigned line;
		bool conditional;
	} expected[] = {
		{"f",
			"@a(1)\n# c\n@b\ndef f(x,\n      y) -> z:  # c\n    op.g()\n\n    # c\n"
			"    return [\n1]",
			"  # c\n    op.g()\n\n    # c\n    return [\n1]", 4, false},
		{"g", "async def g(): pass ;", " pass ;", 15, true},
		{"i", "def i(): return '''\n'''", " return '''\n'''", 18, false},
	};

	(void)state;
	for (enum oh_py_detail d = OH_PY_BINDINGS; d <= OH_PY_CALLS; d++) {
		struct oh_arena arena = {0};
		struct oh_py_module m = read_text(&arena, text, d);

		assert_int_equal(m.problem.line, 0);
		assert_int_equal(m.functions.count, COUNT(expected));
		for (size_t i = 0; i < COUNT(expected); i++) {
			const struct oh_py_function *f = &m.functions.items[i];

			assert_string_equal(oh_slice_str(&arena, f->name), expected[i].name);
			assert_string_equal(
				oh_slice_str(&arena, oh_slice_sub(m.source, f->start, f->end)),
				expected[i].whole);
			assert_string_equal(
				oh_slice_str(&arena, oh_slice_sub(m.source, f->body_start, f->end)),
				expected[i].body);
			assert_int_equal(f->line, expected[i].line);
			assert_int_equal(f->conditional, expected[i].conditional);
		}
		oh_arena_drop(&arena);
	}
}

/* What stands in a value's range can be put in its place. */
static void test_ranges(void **state)
{
	static const struct expectation cases[] = {
		{"x = 'a' # c", "x = Y # c"},
		{"x: str = ( \n 'a'\n 'b' )", "x: str = ( \n Y )"},
		{"a, x = 1, ('b',)", "a, x = 1, Y"},
		{"x = 'a',", "x = Y"},
		{"x = a.b ( c ) . d ; y = 1", "x = Y ; y = 1"},
		{"x = (a)(b)", "x = Y"},
		{"x = (a) + (b)", "x = Y"},
		{"\xef\xbb\xbfx = [1,\r\n2]\r\n", "\xef\xbb\xbfx = Y\r\n"},
		{"x = rb'\\'' \\\n b'' ", "x = Y "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oh_arena arena = {0};
		struct oh_py_module m = read_text(&arena, cases[i].text, OH_PY_BINDINGS);
		const struct oh_py_value *v = oh_py_binding(&m, OH_SLICE("x"))->value;

		assert_string_equal(
			oh_slice_str(&arena,
				oh_slice_printf(&arena, OH_FMT "Y" OH_FMT,
					OH_ARG(oh_slice_sub(m.source, 0, v->start)),
					OH_ARG(oh_slice_sub(m.source, v->end, m.source.len)))),
			cases[i].expected);
		oh_arena_drop(&arena);
	}
}

static void test_last_binding(void **state)
{
	struct oh_arena arena = {0};
	struct oh_py_module m = read_text(&arena, "x = 1\ny = 2\nx = 3\n", OH_PY_BINDINGS);

	(void)state;
	assert_int_equal(oh_py_binding(&m, OH_SLICE("x"))->line, 3);
	assert_int_equal(oh_py_binding(&m, OH_SLICE("y"))->line, 2);
	assert_null(oh_py_binding(&m, OH_SLICE("z")));
	oh_arena_drop(&arena);
}

static struct oh_slice repeat(struct oh_arena *arena, const char *piece, size_t times)
{
	struct oh_buf b = {.arena = arena};

	while (times--)
		oh_buf_add(&b, oh_slice_of(piece));
	return oh_buf_slice(&b);
}

/* Neither the stack nor the time runs out, and what is too deep is said. */
static void test_deep(void **state)
{
	static const struct {
		const char *before, *piece, *after;
		const char *message; /* NULL: all is well */
	} cases[] = {
		{"x = ", "(", "", "brackets nested too deeply"},
		{"x = ", "[{f(", "", "brackets nested too deeply"},
		{"x = ", "f(a=", "", "brackets nested too deeply"},
		{"x = ", "a[", "", "brackets nested too deeply"},
		{"x = ", "lambda a=", "0", "nested too deeply"},
		{"x = ", "lambda: ", "0", NULL},
		{"x = ", "not ", "0", NULL},
		{"x = ", "- ", "0", NULL},
		{"x = ", "a if b else ", "c", NULL},
		{"x = ", "f'{", "", "f-string that can't be read"},
		{"x = ", "f\"{f'''{", "", "f-string that can't be read"},
		{"x = a", " . b", "", NULL},
		{"x = a", "(b)", "", NULL},
		{"x = a", ".b()", "", NULL},
		{"x = ", "'a' ", "", NULL},
		{"", "x = ", "1", NULL},
		{"", "x, ", "= 1", NULL},
		{"", "if a:\n ", "", "block without a statement"},
		{"", "@a\n", "def f(): pass", NULL},
		{"def f(): x\n", "def f():\n  g(1)\n", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct oh_arena arena = {0};
		struct oh_slice text = oh_slice_printf(&arena, "%s" OH_FMT "%s", cases[i].before,
			OH_ARG(repeat(&arena, cases[i].piece, 100000)), cases[i].after);
		struct oh_py_module m;

		for (enum oh_py_detail d = OH_PY_BINDINGS; d <= OH_PY_CALLS; d++) {
			oh_py_read(&m, &arena, text, d);
			print_message("%s\n", cases[i].piece);
			if (cases[i].message)
				assert_string_equal(m.problem.message, cases[i].message);
			else
				assert_int_equal(m.problem.line, 0);
		}
		oh_arena_drop(&arena);
	}
}

static void test_deep_blocks(void **state)
{
	struct oh_arena arena = {0};
	struct oh_buf b = {.arena = &arena};
	struct oh_py_module m;

	(void)state;
	for (int i = 0; i < 150; i++)
		oh_buf_addf(&b, "%*sif a:\n", i, "");
	oh_buf_addf(&b, "%*sx = 1\ny = 2\n", 150, "");
	oh_py_read(&m, &arena, oh_buf_slice(&b), OH_PY_CALLS);
	assert_string_equal(m.problem.message, "blocks nested too deeply");
	assert_string_equal(python_bindings(&arena, &m), "x?=1 y=2");
	oh_arena_drop(&arena);
}

static const char migration[] =
	"\"\"\"add birth date\n\nRevision ID: b9c0\nRevises: a8b9\n\"\"\"\n"
	"from alembic import op\nimport sqlalchemy as sa\n\n"
	"revision: str = \"b9c0\"\ndown_revision: str | None = \"a8b9\"\n"
	"branch_labels = None\ndepends_on = None\n\n\n"
	"def upgrade() -> None:\n    op.add_column(\"t\", sa.Column(\"a\", sa.Date()))\n\n\n"
	"def downgrade() -> None:\n    op.drop_column(\"t\", \"a\")\n";

/* Thousands of files are read one after the other with an arena that is wound back. */
static void test_memory(void **state)
{
	struct oh_arena arena = {0};
	struct oh_arena_mark start, end;
	struct oh_py_module m;

	(void)state;
	oh_arena_alloc(&arena, 1);
	start = oh_arena_mark(&arena);
	oh_py_read(&m, &arena, oh_slice_of(migration), OH_PY_BINDINGS);
	end = oh_arena_mark(&arena);
	assert_ptr_equal(start.block, end.block);
	assert_true(end.used - start.used < 8192);
	oh_arena_drop(&arena);
}

static const char *digest_of(struct oh_arena *arena, const char *text)
{
	const struct oh_slice s = oh_slice_of(text);

	return oh_slice_str(arena, oh_py_token_digest(arena, s, 0, s.len));
}

static void check_digests(const struct expectation *cases, size_t count, bool equal)
{
	for (size_t i = 0; i < count; i++) {
		struct oh_arena arena = {0};
		const char *a = digest_of(&arena, cases[i].text);
		const char *b = digest_of(&arena, cases[i].expected);

		print_message("%s | %s\n", cases[i].text, cases[i].expected);
		assert_int_equal(strlen(a), 64);
		assert_int_equal(strcmp(a, b) == 0, equal);
		oh_arena_drop(&arena);
	}
}

static void test_same_digest(void **state)
{
	static const struct expectation cases[] = {
		{"a(1)", "a( 1 )  # c\n\n"},
		{"a('x')", "a(\n    \"x\",\n)"},
		{"a('x' 'y')", "a('xy')"},
		{"a('\\x41')", "a(u'''A''')"},
		{"a(f'x')", "a('x')"},
		{"a(f'{x}')", "a(f\"{x}\")"},
		{"a(b'x')", "a(rb'x')"},
		{"a; b", "a\nb\n"},
		{"if a:\n  b\n  c", "if a:\r\n\tb\r\n\r\n\tc\r\n"},
		{"def f():\n  'doc'\n  a", "def f():\n  # c\n  a"},
		{"def f():\n  'doc'; a\nb", "def f():\n    a\nb"},
		{"x = [1, 2]", "x = [\n  1,\n  2,\n]"},
		{"x = {1}", "x = {1,}"},
		{"x = (1, 2)", "x = (1, 2,)"},
		{"def f(a,): pass", "def f(a): pass"},
		{"x[a, b,]", "x[a, b]"},
		{"a + \\\n b", "a + b"},
	};

	(void)state;
	check_digests(cases, COUNT(cases), true);
}

static void test_other_digest(void **state)
{
	static const struct expectation cases[] = {
		{"a(1)", "a(2)"},
		{"a('x')", "a(b'x')"},
		{"a('x')", "a(x)"},
		{"a('x', 'y')", "a('x' 'y')"},
		{"a('x,y')", "a('x', 'y')"},
		{"a(f'{x}')", "a('{x}')"},
		{"a(f'{x}')", "a(rf'{x}')"},
		{"a('\\N{EM DASH}')", "a('\\N{EN DASH}')"},
		{"if a:\n  b\n  c", "if a:\n  b\nc"},
		{"if a:\n  if b:\n    c\n    d", "if a:\n  if b:\n    c\n  d"},
		{"a\nb", "a b"},
		{"ab", "a\nb"},
		{"x = (1)", "x = (1,)"},
		{"x = [(1)]", "x = [(1,)]"},
		{"x[1]", "x[1,]"},
		{"x = (lambda a, b: 1,)", "x = (lambda a, b: 1)"},
		{"x = 1,", "x = 1"},
		{"return_ = (1,)", "return_ = (1)"},
		{"def f():\n  return (1,)", "def f():\n  return (1)"},
		{"x = 'doc'", "x = ''"},
		{"'a' + x", "x"},
		{"", "pass"},
	};

	(void)state;
	check_digests(cases, COUNT(cases), false);
}

/* Of a function in its file, wherever it stands there. */
static void test_digest_of_a_part(void **state)
{
	static const char *const texts[] = {
		"# coding: latin-1\ndef f():\n    g('\xe9')  # c\nx = 1",
		"if x:\n\n    def f():\n        'doc'\n        g(\n            '\xc3\xa9',\n        )\n",
		"x = '''\n''' ; y = 1\ndef f():\n\tg(\"\\u00e9\")\n",
	};
	struct oh_arena arena = {0};
	struct oh_slice first = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct oh_py_module m = read_text(&arena, texts[i], OH_PY_BINDINGS);
		const struct oh_py_function *f = &m.functions.items[0];
		struct oh_slice digest = oh_py_token_digest(&arena, m.source, f->start, f->end);

		if (!i)
			first = digest;
		assert_true(oh_slice_eq(first, digest));
	}
	oh_arena_drop(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assignments),
		cmocka_unit_test(test_other_bindings),
		cmocka_unit_test(test_newer_python),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_escaped_nul),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_conflict_markers),
		cmocka_unit_test(test_half_written),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_docstring),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_base_of_call),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_last_binding),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_deep_blocks),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_same_digest),
		cmocka_unit_test(test_other_digest),
		cmocka_unit_test(test_digest_of_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
