/* Steps staged together: all of them, or everything is as it was. */
#include "repo_fixture.h"

#include "apply/apply.h"

static void push(struct test *t, struct oh_steps *steps, enum oh_step_kind kind, const char *path,
	const char *expected)
{
	const struct oh_step step = {.kind = kind,
		.path = oh_slice_of(path),
		.bytes = oh_slice_of(kind == OH_STEP_REMOVE ? "" : "ours\n"),
		.expected = oh_slice_of(expected)};

	OH_PUSH(&t->f.arena, steps, step);
}

/* Index, worktree and what ls shows, empty directories and times included. */
static struct oh_slice everything(struct test *t)
{
	return fixture_run(&t->f,
		"cd r && git ls-files -s -t && find . -path ./.git -prune -o"
		" -printf '%%p %%y %%m %%l\n' | sort && find . -path ./.git -prune -o"
		" -type f -printf '%%p %%T@ ' -exec sha1sum {} \\; | sort &&"
		"find .git/onehead -name '.onehead-*' 2>/dev/null || true");
}

/* One of each kind that a step can meet. Out of sight of a sparse checkout: out/. */
static const char EVERY_KIND[] =
	"mkdir -p in/dir out && printf '%s\\n' '*.crlf text eol=crlf' >.gitattributes &&"
	"for f in in/known in/empty in/gone in/edited in/removed ./-gone in/x.crlf in/lock out/f; do"
	" echo old >$f; done && : >in/empty && echo '#!' >in/run && chmod 755 in/run &&"
	"git add . && git commit -q -m x && git sparse-checkout set --cone in &&"
	"echo ours >in/same && echo mine >in/foreign && echo mine >in/lock && rm in/gone &&"
	"printf '<<<<<<<\\n' >in/conflict && id=$(git hash-object -w in/conflict) &&"
	"for i in 1 2 3; do printf '100644 %s %d\\tin/conflict\\n' $id $i; done |"
	"git update-index --index-info && find in -type f -exec touch -d 2001-01-01 {} + &&"
	"chmod 600 in/conflict in/lock && git update-index -q --refresh || true";

static void push_all(struct test *t, struct oh_steps *steps)
{
	push(t, steps, OH_STEP_ADD, "new/dir/a", "");
	push(t, steps, OH_STEP_ADD, "new/dir/b", "");
	push(t, steps, OH_STEP_ADD, "new/c", "");
	push(t, steps, OH_STEP_ADD, "in/dir/new", "");
	push(t, steps, OH_STEP_ADD, "in/same", "");
	push(t, steps, OH_STEP_ADD, "in/conflict", "");
	push(t, steps, OH_STEP_ADD, "out/new", "");
	push(t, steps, OH_STEP_ADD, "-in/odd *\nname", "");
	push(t, steps, OH_STEP_EDIT, "in/run", "#!\n");
	push(t, steps, OH_STEP_EDIT, "in/edited", "old\n");
	push(t, steps, OH_STEP_EDIT, "in/x.crlf", "old\n");
	push(t, steps, OH_STEP_EDIT, "in/gone", "old\n");
	push(t, steps, OH_STEP_EDIT, "in/empty", "");
	push(t, steps, OH_STEP_EDIT, "out/f", "old\n");
	push(t, steps, OH_STEP_REMOVE, "in/removed", "old\n");
	push(t, steps, OH_STEP_REMOVE, "-gone", "old\n");
	push(t, steps, OH_STEP_REMOVE, "in/was/there", "old\n");
	push(t, steps, OH_STEP_REPLACE, "in/lock", "");
	push(t, steps, OH_STEP_REPLACE, "in/new.lock", "");
}

static void stages_all(void **state)
{
	struct oh_steps steps = {0};
	struct test t;

	(void)state;
	begin(&t, "r/in", EVERY_KIND);
	push_all(&t, &steps);
	for (int again = 0; again < 2; again++) {
		assert_done(oh_apply_stage(t.repo, &t.f.arena, &steps, &t.err), t.err);
		for (size_t i = 0; i < steps.count; i++)
			if (steps.items[i].kind != OH_STEP_REMOVE)
				assert_slice(
					fixture_run(&t.f, "git -C r cat-file blob ':" OH_FMT "'",
						OH_ARG(steps.items[i].path)),
					"ours");
		assert_slice(fixture_run(&t.f,
				     "cd r && git diff-files --raw && ! git ls-files -u | grep ."
				     " && git status --porcelain -z | tr '\\0' '|' && echo &&"
				     "od -An -c in/x.crlf && ! ls -A out in/removed 2>/dev/null &&"
				     "cat in/lock in/gone in/conflict new/dir/b && test -x in/run"
				     " && ls -A . in && git ls-files -t out"),
			"D  -gone|A  -in/odd *\nname|A  in/conflict|A  in/dir/new|M  in/edited|M  in/empty|"
			"M  in/gone|M  in/lock|A  in/new.lock|D  in/removed|M  in/run|A  in/same|"
			"M  in/x.crlf|A  new/c|A  new/dir/a|A  new/dir/b|M  out/f|A  out/new|"
			"?? in/foreign|\n"
			"   o   u   r   s  \\r  \\n\nours\nours\nours\nours\n"
			".:\n-in\n.git\n.gitattributes\nin\nnew\n\nin:\nconflict\ndir\nedited\nempty\n"
			"foreign\ngone\nknown\nlock\nnew.lock\nrun\nsame\nx.crlf\nS out/f\nS out/new");
	}
	end(&t);
}

/* One that can't be done, behind, between and before the others. */
static void goes_back(struct test *t, enum oh_step_kind kind, const char *path, enum oh_code code)
{
	const struct oh_slice before = everything(t);

	for (int place = 0; place < 3; place++) {
		struct oh_steps steps = {0};

		if (place == 0)
			push(t, &steps, kind, path, "old\n");
		push_all(t, &steps);
		if (place == 1)
			push(t, &steps, kind, path, "old\n");
		push(t, &steps, OH_STEP_ADD, "in/last", "");
		if (place == 2)
			push(t, &steps, kind, path, "old\n");
		memset(&t->err, 0, sizeof(t->err));
		assert_false(oh_apply_stage(t->repo, &t->f.arena, &steps, &t->err));
		if (t->err.code != code)
			fail_msg("%s: %d: %s", path, t->err.code, t->err.message);
		assert_same(everything(t), before);
	}
}

static void nothing_has_happened_where_one_is_refused(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r", EVERY_KIND);
	fixture_run(&t.f,
		"cd r && ln -s known in/link && mkdir in/directory && echo mine >in/known &&"
		"ln -s dir in/way");
	goes_back(&t, OH_STEP_ADD, "in/foreign", OH_E_CHANGED);
	goes_back(&t, OH_STEP_ADD, "in/known", OH_E_CHANGED);
	goes_back(&t, OH_STEP_ADD, "in/link", OH_E_CHANGED);
	goes_back(&t, OH_STEP_ADD, "in/directory", OH_E_CHANGED);
	goes_back(&t, OH_STEP_ADD, "in/way/f", OH_E_CHANGED);
	goes_back(&t, OH_STEP_ADD, "in/edited/f", OH_E_CHANGED);
	goes_back(&t, OH_STEP_ADD, "../f", OH_E_FORMAT);
	goes_back(&t, OH_STEP_REPLACE, "in/link", OH_E_CHANGED);
	goes_back(&t, OH_STEP_EDIT, "in/known", OH_E_CHANGED);
	goes_back(&t, OH_STEP_EDIT, "in/run", OH_E_CHANGED);
	goes_back(&t, OH_STEP_REMOVE, "in/run", OH_E_CHANGED);
	goes_back(&t, OH_STEP_EDIT, "in/foreign", OH_E_CHANGED);
	goes_back(&t, OH_STEP_EDIT, "in/not/there", OH_E_CHANGED);
	goes_back(&t, OH_STEP_REMOVE, "in/known", OH_E_CHANGED);
	goes_back(&t, OH_STEP_REMOVE, "in/foreign", OH_E_CHANGED);
	goes_back(&t, OH_STEP_REMOVE, "in/conflict", OH_E_CHANGED);
	fixture_run(&t.f, "touch r/.git/index.lock");
	goes_back(&t, OH_STEP_ADD, "in/more", OH_E_GIT);
	end(&t);
}

/* An empty file is not none. */
static void does_not_add_over_an_empty_file(void **state)
{
	struct oh_steps steps = {0};
	struct oh_slice before;
	struct test t;

	(void)state;
	begin(&t, "r", EVERY_KIND);
	before = everything(&t);
	push(&t, &steps, OH_STEP_ADD, "in/empty", "");
	assert_false(oh_apply_stage(t.repo, &t.f.arena, &steps, &t.err));
	assert_int_equal(t.err.code, OH_E_CHANGED);
	assert_string_equal(
		t.err.message, "staging in/empty: it is there already and says other things");
	assert_same(everything(&t), before);
	end(&t);
}

/* What is to go and has been changed at the last moment stays, though no longer tracked. */
static void what_is_changed_late_is_not_removed(void **state)
{
	static const char *const late[] = {"echo mine >f", "rm f && mkdir f && echo mine >f/g",
		"rm f && ln -s nowhere f", "rm f"};

	(void)state;
	for (size_t i = 0; i < sizeof(late) / sizeof(*late); i++) {
		struct oh_steps steps = {0};
		struct test t;

		begin(&t, "r",
			"echo old >f && git add f && git commit -q -m x &&"
			"echo '* filter=late' >.git/info/attributes &&"
			"git config filter.late.smudge 'cat; sh ../late'");
		fixture_run(&t.f,
			"cat >late <<'S'\n%s; find . -path ./.git -prune -o"
			" -type f -exec cat {} + -o -printf '%%p %%y' >../wanted\nS\n",
			late[i]);
		push(&t, &steps, OH_STEP_REMOVE, "f", "old\n");
		push(&t, &steps, OH_STEP_ADD, "new", "");
		assert_done(oh_apply_stage(t.repo, &t.f.arena, &steps, &t.err), t.err);
		assert_slice(fixture_run(&t.f, "cd r && git ls-files && rm new"), "new");
		assert_same(fixture_run(&t.f, "cd r && find . -path ./.git -prune -o"
					      " -type f -exec cat {} + -o -printf '%%p %%y'"),
			fixture_run(&t.f, "cat wanted"));
		assert_slice(fixture_run(&t.f, "find r -name '.onehead-*'"), "");
		end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_all),
		cmocka_unit_test(nothing_has_happened_where_one_is_refused),
		cmocka_unit_test(does_not_add_over_an_empty_file),
		cmocka_unit_test(what_is_changed_late_is_not_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
