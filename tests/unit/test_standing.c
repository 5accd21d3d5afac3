/* What standings rest on: names of branches, what is remembered of history, the ledger. */
#include "repo_fixture.h"

#include "flow/ledger.h"
#include "flow/seen_store.h"
#include "flow/shared_branch.h"

#include <sys/stat.h>

static void knows_names(void **state)
{
	static const struct {
		const char *name;
		bool release, shared;
	} names[] = {
		{"main", false, true},
		{"master", false, true},
		{"develop", false, true},
		{"production", false, true},
		{"release", true, true},
		{"release/1.2", true, true},
		{"release-1.2", true, true},
		{"release_1", true, true},
		{"release.1", true, true},
		{"releases/2024/06", true, true},
		{"team/release-train", true, true},
		{"stable/4.2", true, true},
		{"stable-5", true, true},
		{"maint", true, true},
		{"support/2", true, true},
		{"v1", true, true},
		{"v1.2.3", true, true},
		{"1.2", true, true},
		{"1.x", true, true},
		{"line/3.0", true, true},
		{"hotfix/login", false, true},
		{"hotfix-7", false, true},
		{"hotfixes", false, true},
		{"", false, false},
		{"topic", false, false},
		{"released", false, false},
		{"stabler", false, false},
		{"main/x", false, false},
		{"x/main", false, false},
		{"1234", false, false},
		{"ana/1234", false, false},
		{"v", false, false},
		{"vx", false, false},
		{"x.x", false, false},
		{"1..2", false, false},
		{"v1-beta", false, false},
		{"1.2a", false, false},
		{"v1/topic", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct oh_slice name = oh_slice_of(names[i].name);

		if (oh_is_release_branch(name) != names[i].release ||
			oh_is_shared_branch(name) != names[i].shared)
			fail_msg("%s", names[i].name);
	}
}

static void splits_refs(void **state)
{
	static const struct {
		const char *ref, *remote, *name;
	} cases[] = {
		{"refs/remotes/origin/main", "origin", "main"},
		{"refs/remotes/origin/x/y", "origin", "x/y"},
		{"refs/remotes/a/b/x/y", "a/b", "x/y"},
		{"refs/remotes/a/x", "a", "x"},
		{"refs/remotes/a/bx/y", "a", "bx/y"},
		{"refs/remotes/other/x/y", "other", "x/y"},
		{"refs/remotes/trunk", "trunk", ""},
		{"refs/heads/main", "", ""},
		{"", "", ""},
	};
	struct oh_slice names[] = {OH_SLICE("a"), OH_SLICE("a/b"), OH_SLICE("origin")};
	const struct oh_slices remotes = {names, 3, 3};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct oh_remote_branch found =
			oh_remote_branch_of(&remotes, oh_slice_of(cases[i].ref));

		assert_slice(found.remote, cases[i].remote);
		assert_slice(found.name, cases[i].name);
	}
}

static struct oh_seen_file seen_file(const char *path, struct oh_slice id, enum oh_seen_state state)
{
	return (struct oh_seen_file){.ref = OH_SLICE("refs/remotes/origin/main"),
		.blob = OH_SLICE("b10b"),
		.path = oh_slice_of(path),
		.id = id,
		.state = state};
}

static struct oh_seen_store make_store(struct oh_arena *arena)
{
	struct oh_seen_store s = {0};

	OH_PUSH(arena, &s.anchors, OH_SLICE("c0ffee"));
	OH_PUSH(arena, &s.shared, seen_file("m/a\tb\n.py", OH_SLICE("a b"), OH_SEEN_READ));
	OH_PUSH(arena, &s.shared, seen_file("m/gone.py", OH_SLICE(""), OH_SEEN_MISSING));
	OH_PUSH(arena, &s.tips, (struct oh_seen_tip){OH_SLICE("7a9"), OH_SLICE("c1")});
	OH_PUSH(arena, &s.tips, (struct oh_seen_tip){OH_SLICE("b10b"), OH_SLICE("")});
	OH_PUSH(arena, &s.commits,
		(struct oh_seen_commit){OH_SLICE("c1"), OH_SLICE("c2 c3"), 1, 2});
	OH_PUSH(arena, &s.commits, (struct oh_seen_commit){OH_SLICE("c2"), OH_SLICE(""), 0, 0});
	OH_PUSH(arena, &s.files, seen_file("unused", OH_SLICE("x"), OH_SEEN_READ));
	OH_PUSH(arena, &s.files, seen_file("m/odd.py", OH_SLICE("nul\0nul"), OH_SEEN_READ));
	OH_PUSH(arena, &s.files, seen_file("m/computed.py", OH_SLICE(""), OH_SEEN_UNREADABLE));
	return s;
}

static void remembers(void **state)
{
	struct oh_arena arena = {0};
	struct oh_seen_store s = make_store(&arena), t;
	struct oh_slice bytes = oh_seen_store_format(&arena, &s, OH_SLICE("key"));

	(void)state;
	assert_true(oh_seen_store_parse(&arena, bytes, OH_SLICE("key"), &t));
	assert_int_equal(t.anchors.count, 1);
	assert_int_equal(t.shared.count, 2);
	assert_slice(t.shared.items[0].path, "m/a\tb\n.py");
	assert_slice(t.shared.items[0].id, "a b");
	assert_slice(t.shared.items[0].ref, "refs/remotes/origin/main");
	assert_int_equal(t.shared.items[1].state, OH_SEEN_MISSING);
	assert_slice(t.tips.items[0].commit, "c1");
	assert_slice(t.tips.items[1].commit, "");
	assert_int_equal(t.commits.items[0].count, 2);
	assert_slice(t.commits.items[0].parents, "c2 c3");
	assert_int_equal(t.commits.items[1].count, 0);
	assert_int_equal(t.files.count, 2);
	assert_slice(t.files.items[0].path, "m/odd.py");
	assert_int_equal(t.files.items[0].state, OH_SEEN_UNREADABLE);
	assert_slice(t.files.items[0].id, "");
	assert_same(oh_seen_store_format(&arena, &t, OH_SLICE("key")), bytes);
	oh_arena_drop(&arena);
}

/* Whole or nothing. */
static void refuses_parts(void **state)
{
	struct oh_arena arena = {0};
	struct oh_seen_store s = make_store(&arena), t;
	struct oh_slice bytes = oh_seen_store_format(&arena, &s, OH_SLICE("key"));

	(void)state;
	assert_false(oh_seen_store_parse(&arena, bytes, OH_SLICE("other"), &t));
	assert_false(oh_seen_store_parse(&arena, bytes, OH_SLICE(""), &t));
	for (size_t n = 0; n < bytes.len; n++) {
		assert_false(oh_seen_store_parse(
			&arena, oh_slice_sub(bytes, 0, n), OH_SLICE("key"), &t));
		assert_int_equal(t.anchors.count + t.shared.count + t.tips.count, 0);
	}
	bytes = oh_slice_printf(&arena, OH_FMT "E%c0%c", OH_ARG(bytes), 0, 0);
	assert_false(oh_seen_store_parse(&arena, bytes, OH_SLICE("key"), &t));
	oh_arena_drop(&arena);
}

/* "database id" of each row. */
static struct oh_slice rows(struct test *t, struct oh_flow *flow)
{
	struct oh_slices lines = {0};
	struct oh_ledger_rows all;

	assert_done(oh_ledger_applied(flow, &t->f.arena, &all, &t->err), t->err);
	for (size_t i = 0; i < all.count; i++)
		OH_PUSH(&t->f.arena, &lines,
			oh_slice_printf(&t->f.arena, OH_FMT " " OH_FMT,
				OH_ARG(all.items[i].database), OH_ARG(all.items[i].id)));
	return oh_slices_join(&t->f.arena, &lines, "\n");
}

static void note(struct test *t, struct oh_flow *flow, const char *database, const char *ids)
{
	const struct oh_slices list = oh_slice_words(&t->f.arena, oh_slice_of(ids));

	assert_done(oh_ledger_note(flow, oh_slice_of(database), &list, &t->err), t->err);
}

static struct oh_slice python(struct test *t, const char *code)
{
	return fixture_run(&t->f,
		"/usr/bin/python3 -c \"import sqlite3; db = sqlite3.connect("
		"'r/.git/onehead/ledger.db', isolation_level=None); %s\"",
		code);
}

static void notes_and_tells(void **state)
{
	struct oh_flow flow = {0};
	struct test t;

	(void)state;
	begin(&t, "r", "git commit -q --allow-empty -m x");
	flow.repo = t.repo;
	flow.arena = &t.f.arena;
	assert_slice(rows(&t, &flow), "");
	fixture_run(&t.f, "test ! -e r/.git/onehead");
	note(&t, &flow, "dev.db", "b1 a1 b1");
	assert_slice(rows(&t, &flow), "dev.db a1\ndev.db b1");
	note(&t, &flow, "staging", "a1");
	assert_slice(rows(&t, &flow), "dev.db a1\nstaging a1\ndev.db b1");
	note(&t, &flow, "dev.db", "c1");
	assert_slice(rows(&t, &flow), "staging a1\ndev.db c1");
	note(&t, &flow, "staging", "");
	assert_slice(rows(&t, &flow), "dev.db c1");
	assert_slice(python(&t, "print(db.execute('pragma user_version').fetchall(),"
				" db.execute('select database, id from applied').fetchall())"),
		"[(1,)] [('dev.db', 'c1')]");
	end(&t);
}

/* One ledger for all worktrees. */
static void worktrees_share_it(void **state)
{
	struct oh_flow flow = {0};
	struct test t;

	(void)state;
	begin(&t, "r/../linked",
		"git commit -q --allow-empty -m x && git worktree add -q ../linked");
	flow.repo = t.repo;
	flow.arena = &t.f.arena;
	note(&t, &flow, "it's \"odd\"; drop table applied", "--x ';");
	assert_slice(rows(&t, &flow),
		"it's \"odd\"; drop table applied ';\nit's \"odd\"; drop table applied --x");
	fixture_run(&t.f, "test -e r/.git/onehead/ledger.db");
	end(&t);
}

static void refuses(struct test *t, struct oh_flow *flow, enum oh_code code, const char *words)
{
	const struct oh_slices ids = oh_slice_words(&t->f.arena, OH_SLICE("x1"));
	struct oh_ledger_rows all;

	for (int writes = 0; writes < 2; writes++) {
		t->err = (struct oh_error){0};
		assert_false(writes ? oh_ledger_note(flow, OH_SLICE("dev.db"), &ids, &t->err)
				    : oh_ledger_applied(flow, &t->f.arena, &all, &t->err));
		if (t->err.code != code || !strstr(t->err.message, words))
			fail_msg("%d %s", t->err.code, t->err.message);
		assert_true(strstr(t->err.message, "the ledger: ") != NULL);
	}
}

static void ledgers_that_can_not_be_used(void **state)
{
	struct oh_flow flow = {0};
	struct test t;

	(void)state;
	begin(&t, "r", "git commit -q --allow-empty -m x");
	flow.repo = t.repo;
	flow.arena = &t.f.arena;
	note(&t, &flow, "dev.db", "a1");
	python(&t, "db.execute('pragma user_version = 2')");
	refuses(&t, &flow, OH_E_VERSION, "of version 2, this program knows 1");
	python(&t, "db.execute('pragma user_version = 1'); db.execute('drop table applied')");
	refuses(&t, &flow, OH_E_DATABASE, "no such table");
	fixture_run(&t.f, "echo nonsense that is no database >r/.git/onehead/ledger.db");
	refuses(&t, &flow, OH_E_FORMAT, "not a database");
	fixture_run(&t.f, "rm r/.git/onehead/ledger.db && : >r/.git/onehead/ledger.db");
	assert_slice(rows(&t, &flow), "");
	note(&t, &flow, "dev.db", "a1");
	assert_slice(rows(&t, &flow), "dev.db a1");
	end(&t);
}

/* A write that fails in the middle leaves what was there. */
static void all_or_nothing(void **state)
{
	const char *argv[] = {"/usr/bin/python3", "-c",
		"import sqlite3, sys; db = sqlite3.connect('.git/onehead/ledger.db',"
		" isolation_level=None); db.execute('begin exclusive');"
		" db.execute('delete from applied'); print('ready', flush=True); sys.stdin.read()",
		NULL};
	struct oh_flow flow = {0};
	struct oh_slice line;
	struct oh_peer peer;
	struct test t;

	(void)state;
	begin(&t, "r", "git commit -q --allow-empty -m x");
	flow.repo = t.repo;
	flow.arena = &t.f.arena;
	note(&t, &flow, "dev.db", "a1 b1");
	python(&t, "db.execute('create trigger t before insert on applied when new.id = \\\"b2\\\""
		   " begin select raise(abort, \\\"no\\\"); end')");
	{
		const struct oh_slices ids = oh_slice_words(&t.f.arena, OH_SLICE("a2 b2"));

		assert_false(oh_ledger_note(&flow, OH_SLICE("dev.db"), &ids, &t.err));
	}
	assert_slice(rows(&t, &flow), "dev.db a1\ndev.db b1");
	assert_done(oh_peer_open(&peer, &t.f.arena, argv, &t.err), t.err);
	assert_done(oh_peer_read_line(&peer, &t.f.arena, &line, &t.err), t.err);
	refuses(&t, &flow, OH_E_DATABASE, "locked");
	oh_peer_close(&peer);
	assert_slice(rows(&t, &flow), "dev.db a1\ndev.db b1");
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_names),
		cmocka_unit_test(splits_refs),
		cmocka_unit_test(remembers),
		cmocka_unit_test(refuses_parts),
		cmocka_unit_test(notes_and_tells),
		cmocka_unit_test(worktrees_share_it),
		cmocka_unit_test(ledgers_that_can_not_be_used),
		cmocka_unit_test(all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
