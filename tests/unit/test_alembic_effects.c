#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/alembic/parse.h"
#include "base/buf.h"

#include <string.h>

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

static struct oh_body body_of(const char *rest)
{
	const struct oh_slice text =
		oh_slice_printf(&arena, "revision = 'a'\ndown_revision = None\n%s", rest);
	const struct oh_file file = {OH_SLICE("a.py"), text, OH_SLICE("")};
	struct oh_migrations migrations = {0};
	struct oh_unreadables unreadable = {0};

	oh_alembic_parse(&arena, &file, OH_READ_BODY, &migrations, &unreadable);
	if (unreadable.count)
		print_error("unreadable: %s\n", oh_slice_str(&arena, unreadable.items[0].why));
	assert_int_equal(migrations.count, 1);
	return migrations.items[0].body;
}

/* "+column users.email" and the like, in order, then "? raw SQL"; as one text. */
static const char *shown(const struct oh_body *body)
{
	static const char acts[] = "+-~=";
	static const char *const objects[] = {"table", "column", "index", "constraint"};
	struct oh_buf out = {.arena = &arena};

	for (size_t i = 0; i < body->effects.count; i++) {
		const struct oh_effect *e = &body->effects.items[i];

		oh_buf_addf(
			&out, "%s%c%s ", out.count ? ", " : "", acts[e->act], objects[e->object]);
		if (e->schema.len)
			oh_buf_addf(&out, OH_FMT ":", OH_ARG(e->schema));
		oh_buf_addf(&out, OH_FMT, OH_ARG(e->table));
		if (e->name.len)
			oh_buf_addf(&out, "." OH_FMT, OH_ARG(e->name));
	}
	for (size_t i = 0; i < body->unknowns.count; i++)
		oh_buf_addf(&out, "%s? " OH_FMT, out.count ? ", " : "",
			OH_ARG(body->unknowns.items[i].what));
	return oh_slice_str(&arena, oh_buf_slice(&out));
}

static const char *upgrade(const char *statements)
{
	const struct oh_body body =
		body_of(oh_slice_printf(&arena, "def upgrade():\n%s\n", statements).ptr);

	return shown(&body);
}

struct example {
	const char *statements, *expected;
};

static void check(const struct example *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(upgrade(list[i].statements), list[i].expected);
}

#define CHECK(list) check((list), sizeof(list) / sizeof(*(list)))

static void reads_tables(void **state)
{
	static const struct example list[] = {
		{" op.create_table('users', sa.Column('id', sa.Integer(), nullable=False),\n"
		 "  sa.PrimaryKeyConstraint('id'), schema='app')",
			"+table app:users"},
		{" op.create_table('posts', sa.Column('author', sa.Integer(),\n"
		 "  sa.ForeignKey('app.users.id', ondelete='CASCADE')),\n"
		 "  sa.ForeignKeyConstraint(['a', 'b'], ['t.x', 'posts.y']),\n"
		 "  sa.Index('ix_posts', 'a'), sa.UniqueConstraint('a'), mysql_engine='InnoDB')",
			"+table posts, =column app:users.id, =column t.x, +index posts.ix_posts"},
		{" op.create_table('t', *columns(), **kw)", "+table t, ? computed name, "
							    "? computed columns"},
		{" op.create_table('t', id_column, sa.Column('a', sa.ForeignKey(User.id)))",
			"+table t, ? computed columns, ? computed name"},
		{" op.drop_table('users')", "-table users"},
		{" op.drop_table(table_name='users', schema=None)", "-table users"},
		{" op.drop_table('users', schema=SCHEMA)", "? computed name"},
		{" op.drop_table(f'users_{x}')", "? computed name"},
		{" op.rename_table('a', 'b', schema='s')", "-table s:a, +table s:b"},
		{" op.rename_table('a', new)", "? computed name"},
		{" op.create_table_comment('t', 'what it is')", "~constraint t.(comment)"},
		{" op.drop_table_comment('t', schema='s')", "~constraint s:t.(comment)"},
	};

	(void)state;
	CHECK(list);
}

static void reads_columns(void **state)
{
	static const struct example list[] = {
		{" op.add_column('users', sa.Column('email', sa.String()))", "+column users.email"},
		{" op.add_column('users', sa.Column('o', sa.Integer(), sa.ForeignKey('orgs.id')),\n"
		 "  schema='s')",
			"+column s:users.o, =column orgs.id"},
		{" op.add_column('users', Column(name='email', type_=String()))",
			"+column users.email"},
		{" op.add_column(column=sa.Column('e', T), table_name='users')", "+column users.e"},
		{" op.add_column('users', sa.Column('e', T), 's')", "+column s:users.e"},
		{" op.add_column('users', column)", "? computed name"},
		{" op.add_column('users', make('email'))", "? computed name"},
		{" op.add_column(*args)", "? computed name"},
		{" op.drop_column('users', 'email')", "-column users.email"},
		{" op.drop_column('users', column_name=name)", "? computed name"},
		{" op.drop_column(u'users', op.f('email'))", "-column users.email"},
		{" op.drop_column(sa.sql.quoted_name('users', True), 'email')",
			"-column users.email"},
		{" op.alter_column('users', 'email', existing_type=sa.Text(), nullable=False)",
			"~column users.email"},
		{" op.alter_column('users', 'email', new_column_name='mail')",
			"-column users.email, +column users.mail"},
		{" op.alter_column('users', 'email', False, 'c', None, 'mail')",
			"-column users.email, +column users.mail"},
		{" op.alter_column('users', 'email', new_column_name='email')",
			"~column users.email"},
		{" op.alter_column('users', 'email', new_column_name=new)",
			"~column users.email, ? computed name"},
		{" op.alter_column('users', 'email', **kw)",
			"~column users.email, ? computed name"},
	};

	(void)state;
	CHECK(list);
}

static void reads_indexes_and_constraints(void **state)
{
	static const struct example list[] = {
		{" op.create_index('ix', 'users', ['a', 'b'], unique=True)",
			"+index users.ix, =column users.a, =column users.b"},
		{" op.create_index(op.f('ix'), 'users', [sa.text('lower(a)')])",
			"+index users.ix, ? an expression over columns"},
		{" op.create_index(None, 'users', ['a'])", "=column users.a"},
		{" op.create_index('ix', 'users', ['a'], postgresql_where=sa.text('b'),\n"
		 "  postgresql_include=['c'])",
			"+index users.ix, =column users.a, =column users.c, "
			"? an expression over columns"},
		{" op.create_index('ix', 'users', COLUMNS)", "+index users.ix, ? computed columns"},
		{" op.drop_index('ix')", "-index .ix"},
		{" op.drop_index('ix', table_name='users', if_exists=True)", "-index users.ix"},
		{" op.drop_index('ix', 'users')", "-index users.ix"},
		{" op.drop_index(name)", "? computed name"},
		{" op.create_unique_constraint('uq', 'users', ['a'], schema='s')",
			"+constraint s:users.uq, =column s:users.a"},
		{" op.create_primary_key('pk', 'users', ['a'])",
			"+constraint users.pk, =column users.a, "
			"+constraint users.(primary key)"},
		{" op.create_check_constraint('ck', 'users', 'a > 1')",
			"+constraint users.ck, ? an expression over columns"},
		{" op.create_exclude_constraint('ex', 'users', ('a', '='))",
			"+constraint users.ex, ? an expression over columns"},
		{" op.create_foreign_key('fk', 'users', 'orgs', ['o'], ['id'],\n"
		 "  source_schema='s', referent_schema='r')",
			"+constraint s:users.fk, =column s:users.o, =column r:orgs.id"},
		{" op.create_foreign_key(None, 'users', 'orgs', ['o'], ['id'])",
			"=column users.o, =column orgs.id"},
		{" op.drop_constraint('fk', 'users', type_='foreignkey')", "-constraint users.fk"},
		{" op.drop_constraint(None, 'users')", "? computed name"},
	};

	(void)state;
	CHECK(list);
}

static void reads_batches(void **state)
{
	static const struct example list[] = {
		{" with op.batch_alter_table('users', schema='s') as batch_op:\n"
		 "  batch_op.add_column(sa.Column('x', sa.Integer()))\n"
		 "  batch_op.drop_column('y')\n"
		 "  batch_op.alter_column('z', nullable=True)\n"
		 "  batch_op.alter_column('p', new_column_name='q')\n"
		 "  batch_op.create_index(batch_op.f('ix'), ['a'], unique=False)\n"
		 "  batch_op.drop_index('ix2')\n"
		 "  batch_op.drop_constraint('fk', type_='foreignkey')\n"
		 "  batch_op.create_foreign_key('fk', 'orgs', ['o'], ['id'], referent_schema='r')\n"
		 "  batch_op.create_unique_constraint('uq', ['b'])\n"
		 "  batch_op.create_table_comment('hm')",
			"+column s:users.x, -column s:users.y, ~column s:users.z, "
			"-column s:users.p, +column s:users.q, +index s:users.ix, "
			"=column s:users.a, -index s:users.ix2, -constraint s:users.fk, "
			"+constraint s:users.fk, =column s:users.o, =column r:orgs.id, "
			"+constraint s:users.uq, =column s:users.b, ~constraint s:users.(comment)"},
		{" with op.batch_alter_table(name) as b:\n  b.drop_column('y')",
			"? computed name, ? computed name"},
		{" with op.batch_alter_table('a') as b:\n"
		 "  with op.batch_alter_table('c') as d:\n"
		 "   b.drop_column('x')\n   d.drop_column('y')\n   op.drop_table('t')",
			"-column a.x, -column c.y, -table t"},
		{" with op.batch_alter_table('a') as b, op.batch_alter_table('c') as d:\n"
		 "  d.drop_column('y')\n"
		 "  with other() as b:\n   b.drop_column('z')",
			"-column c.y, ? code, ? code"},
		{" b.drop_column('z')", "? code"},
		{" with op.batch_alter_table('a') as b:\n  b.execute('UPDATE a SET x = 1')",
			"? raw SQL"},
	};

	(void)state;
	CHECK(list);
}

static void says_what_is_unknown(void **state)
{
	static const struct example list[] = {
		{" op.execute('UPDATE users SET x = 1')", "? raw SQL"},
		{" op.execute(sa.text('DROP TABLE users'))", "? raw SQL"},
		{" op.execute(f'DROP TABLE {t}')", "? raw SQL"},
		{" op.execute(users.update().values(a=1))", "? code"},
		{" op.execute('SELECT 1')", ""},
		{" op.execute(sa.text('''\n  -- all of them\n  (select * from users);\n  '''))",
			""},
		{" op.execute('/* x */ SELECT 1')", ""},
		{" op.execute('SELECT 1; DROP TABLE users')", "? raw SQL"},
		{" op.execute('SELECT * INTO copy FROM users')", "? raw SQL"},
		{" op.execute('SELECTED')", "? raw SQL"},
		{" op.execute('')", "? raw SQL"},
		{" op.execute('/*')", "? raw SQL"},
		{" op.execute()", "? raw SQL"},
		{" conn = op.get_bind()\n conn.execute(sa.text('DELETE FROM users'))", "? raw SQL"},
		{" conn = op.get_bind()\n rows = conn.execute(text('SELECT 1')).fetchall()", ""},
		{" op.get_bind().execute(sa.text('DELETE FROM users'))", "? raw SQL"},
		{" op.get_bind().scalar(text('DELETE FROM u RETURNING 1'))", "? raw SQL"},
		{" session.query(User).delete()", "? code"},
		{" status = sa.Enum('a', name='status')\n status.create(op.get_bind())", "? code"},
		{" sa.Enum('a', name='status').create(op.get_bind())", "? code"},
		{" for t in TABLES:\n  op.drop_column(t, 'x')", "? computed name"},
		{" with op.get_context().autocommit_block():\n  op.drop_index('ix')", "-index .ix"},
		{" if not sa.inspect(op.get_bind()).has_table('t'):\n  op.create_table('t')",
			"+table t, ? code"},
		{" insp = inspect(op.get_bind())\n if insp.has_table('t'):\n  op.drop_table('t')",
			"-table t"},
		{" try:\n  op.drop_table('t')\n except Exception:\n  pass", "-table t"},
		{" op.create_view('v')", "? code"},
		{" op.bulk_insert(sa.table('users', sa.column('a')), [{'a': 1}])", "=table users"},
		{" op.bulk_insert(users, [])", "? computed name"},
		{" op.bulk_insert(op.create_table('t'), [])", "+table t"},
		{" helper()", "? code"},
		{" list(map(lambda t: op.drop_table('t'), x))", "-table t, ? code"},
		{" pass", ""},
		{" 'docstring'\n # op.drop_table('t')\n return", ""},
		{" exec('op.drop_table(1)')", "? code"},
	};

	(void)state;
	CHECK(list);
}

static void follows_functions_of_the_module(void **state)
{
	struct oh_body body = body_of("def upgrade():\n  one()\n"
				      "def one():\n  two('x')\n  op.drop_table('a')\n"
				      "def two(t):\n  one()\n  op.drop_table(t)\n"
				      "def three():\n  op.drop_table('c')\n"
				      "def downgrade():\n  three()\n");

	(void)state;
	assert_string_equal(shown(&body), "-table a, ? computed name");
	body = body_of("def upgrade(engine_name):\n"
		       "  globals()['upgrade_%s' % engine_name]()\n"
		       "def upgrade_one():\n  op.drop_table('a')\n"
		       "def downgrade_one():\n  op.drop_table('b')\n");
	assert_string_equal(shown(&body), "-table a, ? code");
	body = body_of("from x import upgrade\n");
	assert_string_equal(shown(&body), "? code");
	assert_int_equal(body.unknowns.items[0].line, 3);
}

static void shows_calls_as_people_write_them(void **state)
{
	static const struct example list[] = {
		{" op.add_column('users', sa.Column('email', sa.String()))",
			"add_column(\"users\", \"email\")"},
		{" op.drop_column('users', 'email')", "drop_column(\"users\", \"email\")"},
		{" op.alter_column('users', 'email', nullable=False)",
			"alter_column(\"users\", \"email\", ...)"},
		{" op.drop_index('ix', table_name='users')", "drop_index(\"ix\", \"users\")"},
		{" with op.batch_alter_table('users') as b:\n  b.drop_column('email')",
			"drop_column(\"users\", \"email\")"},
		{" op.create_index('ix', 'users', ['a'])", "create_index(\"ix\", \"users\", ...)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		const struct oh_body body = body_of(
			oh_slice_printf(&arena, "def upgrade():\n%s\n", list[i].statements).ptr);

		assert_true(body.effects.count > 0);
		assert_string_equal(
			oh_slice_str(&arena, body.effects.items[0].call), list[i].expected);
	}
}

static void has_lines(void **state)
{
	const struct oh_body body =
		body_of("def upgrade():\n\n    op.drop_table(\n        't'\n    )\n"
			"    op.execute(\n        'DELETE FROM x')\n");

	(void)state;
	assert_int_equal(body.effects.items[0].line, 5);
	assert_int_equal(body.unknowns.items[0].line, 9);
}

static void knows_what_does_nothing(void **state)
{
	static const char *const nothing[] = {
		"def upgrade():\n  pass\ndef downgrade():\n  pass\n",
		"def upgrade():\n  '''Merge.'''\n  return\ndef downgrade(): ...\n",
		"def upgrade():\n  op.execute('SELECT 1')\ndef downgrade():\n  return None\n",
	};
	static const char *const something[] = {
		"def upgrade():\n  op.drop_table('x')\ndef downgrade():\n  pass\n",
		"def upgrade():\n  pass\ndef downgrade():\n  op.drop_table('x')\n",
		"def upgrade():\n  pass\ndef downgrade():\n  helper()\n",
		"def upgrade():\n  raise X\ndef downgrade():\n  pass\n",
		"def upgrade():\n  pass\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++)
		assert_true(body_of(nothing[i]).does_nothing);
	for (size_t i = 0; i < sizeof(something) / sizeof(*something); i++)
		assert_false(body_of(something[i]).does_nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_tables),
		cmocka_unit_test(reads_columns),
		cmocka_unit_test(reads_indexes_and_constraints),
		cmocka_unit_test(reads_batches),
		cmocka_unit_test(says_what_is_unknown),
		cmocka_unit_test(follows_functions_of_the_module),
		cmocka_unit_test(shows_calls_as_people_write_them),
		cmocka_unit_test(has_lines),
		cmocka_unit_test(knows_what_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}
