/* Carrying plans out on real repositories: apply/. */
#include "git_fixture.h"

#include "apply/apply.h"
#include "apply/journal.h"

struct setting {
	struct fixture f;
	struct oh_repo *repo;
};

/* A repository with one merge commit on main. */
static int make(void **state)
{
	struct setting *s = calloc(1, sizeof(*s));
	struct oh_error err = {0};

	fixture_make(&s->f);
	fixture_run(&s->f,
		"git init -q -b main r && cd r && echo one >a && git add a && git commit -qm one && "
		"git checkout -q -b topic && echo t >t && git add t && git commit -qm t && "
		"git checkout -q main && echo two >b && git add b && git commit -qm two && "
		"git merge -q -m joined topic");
	assert_int_equal(chdir("r"), 0);
	assert_true(oh_repo_open(&s->repo, &s->f.arena, &err));
	*state = s;
	return 0;
}

static int drop(void **state)
{
	struct setting *s = *state;

	oh_repo_close(s->repo);
	fixture_drop(&s->f);
	free(s);
	return 0;
}

static struct oh_steps one_file(struct oh_arena *arena, const char *path, const char *text)
{
	struct oh_steps steps = {0};
	const struct oh_step step = {.kind = OH_STEP_ADD,
		.path = oh_slice_of(path),
		.bytes = oh_slice_of(text),
		.reason = OH_SLICE("test")};

	OH_PUSH(arena, &steps, step);
	return steps;
}

static const char *run(struct setting *s, const char *command)
{
	return oh_slice_str(&s->f.arena, fixture_run(&s->f, "cd r && %s", command));
}

static bool replace(struct setting *s, const struct oh_steps *steps, struct oh_error *err)
{
	struct oh_commit head;
	struct oh_slice tree, new_id;

	assert_true(oh_repo_commit(s->repo, &s->f.arena, OH_SLICE("HEAD"), &head, err));
	return oh_apply_tree(s->repo, &s->f.arena, head.id, steps, &tree, err) &&
	       oh_apply_replace(s->repo, &s->f.arena, &head, tree, &new_id, err);
}

static void test_replace_reads_as_if_it_had_been_so(void **state)
{
	struct setting *s = *state;
	const struct oh_steps steps = one_file(&s->f.arena, "new/file", "text\n");
	const char *before = run(s, "git rev-parse HEAD^1 HEAD^2"), *reflog = run(s, "git reflog");
	const char *raw = run(s, "git cat-file commit HEAD | sed 1d");
	struct oh_error err = {0};

	assert_true(replace(s, &steps, &err));
	assert_string_equal(before, run(s, "git rev-parse HEAD^1 HEAD^2"));
	assert_string_equal(raw, run(s, "git cat-file commit HEAD | sed 1d"));
	assert_string_equal("text", run(s, "git show HEAD:new/file"));
	assert_string_equal("text", run(s, "cat new/file"));
	assert_string_equal("", run(s, "git status --porcelain"));
	/* as many entries as before, with the same words */
	assert_string_equal(oh_slice_sub(oh_slice_of(reflog), 7, strlen(reflog)).ptr,
		oh_slice_sub(oh_slice_of(run(s, "git reflog")), 7, 4096).ptr);
	assert_string_equal("joined",
		run(s, "git for-each-ref --format='%(contents:subject)' refs/onehead/undo"));
	assert_string_equal("operations\n1", run(s, "cd .git/onehead && ls && ls operations"));
}

static void test_replace_keeps_what_the_user_has_open(void **state)
{
	struct setting *s = *state;
	const struct oh_steps steps = one_file(&s->f.arena, "new", "text\n");
	struct oh_error err = {0};

	run(s, "echo mine >>a && echo staged >c && git add c && echo loose >loose");
	assert_true(replace(s, &steps, &err));
	assert_string_equal(" M a\nA  c\n?? loose", run(s, "git status --porcelain"));
	assert_string_equal("one\nmine", run(s, "cat a"));
}

static void test_replace_stops_before_a_file_of_the_user(void **state)
{
	struct setting *s = *state;
	const struct oh_steps steps = one_file(&s->f.arena, "new", "text\n");
	struct oh_error err = {0};
	const char *head;

	run(s, "echo mine >new");
	head = run(s, "git rev-parse HEAD && git reflog && git for-each-ref && git ls-files -s");
	assert_false(replace(s, &steps, &err));
	assert_int_equal(OH_E_CHANGED, err.code);
	assert_string_equal(head,
		run(s, "git rev-parse HEAD && git reflog && git for-each-ref && git ls-files -s"));
	assert_string_equal("mine", run(s, "cat new"));
	assert_string_equal("", run(s, "find .git/onehead -type f"));
}

static void test_replace_stops_where_the_tree_says_other_things(void **state)
{
	struct setting *s = *state;
	const struct oh_steps steps = one_file(&s->f.arena, "a", "text\n");
	struct oh_error err = {0};

	assert_false(replace(s, &steps, &err));
	assert_int_equal(OH_E_CHANGED, err.code);
	assert_string_equal("one", run(s, "cat a"));
}

/* What a kill leaves: the journal, and as much done as the name says. */
static void leave_journal(struct setting *s, const char *old_id, const char *new_id)
{
	struct oh_operation op = {.command = OH_SLICE("merge"),
		.title = OH_SLICE("the merge of topic"),
		.message = OH_SLICE("merge topic"),
		.when = OH_SLICE("1700000000"),
		.moves_head = true,
		.as_one_move = true};
	const struct oh_operation_ref ref = {.name = OH_SLICE("refs/heads/main"),
		.old_id = oh_slice_of(old_id),
		.new_id = oh_slice_of(new_id),
		.before = OH_SLICE("")};
	struct oh_journal journal;
	struct oh_error err = {0};

	OH_PUSH(&s->f.arena, &op.refs, ref);
	assert_true(oh_journal_begin(
		&journal, &s->f.arena, oh_repo_paths(s->repo, NULL)->git_dir, &op, &err));
	oh_journal_leave(&journal);
}

static const char *other_commit(struct setting *s)
{
	return run(s,
		"git read-tree HEAD && h=$(echo text | git hash-object -w --stdin) && "
		"GIT_INDEX_FILE=.git/x git read-tree HEAD && GIT_INDEX_FILE=.git/x git "
		"update-index --add --cacheinfo 100644,$h,new && "
		"t=$(GIT_INDEX_FILE=.git/x git write-tree) && rm .git/x && "
		"git update-index -q --refresh && git commit-tree $t -p HEAD^1 -p HEAD^2 -m j");
}

static void recover(struct setting *s, const char *says)
{
	struct oh_error err = {0};
	struct oh_slice did;

	assert_true(oh_apply_recover(s->repo, &s->f.arena, &did, &err));
	assert_true(oh_slice_has_prefix(did, oh_slice_of(says)));
	assert_string_equal("operations", run(s, "ls .git/onehead"));
	assert_string_equal("", run(s, "git status --porcelain"));
	assert_true(oh_apply_recover(s->repo, &s->f.arena, &did, &err));
	assert_int_equal(0, did.len);
}

static void test_recover_rolls_back_before_the_ref_moved(void **state)
{
	struct setting *s = *state;
	const char *old_id = run(s, "git rev-parse HEAD"), *new_id = other_commit(s);

	leave_journal(s, old_id, new_id);
	recover(s, "took back");
	assert_string_equal(old_id, run(s, "git rev-parse HEAD"));
	leave_journal(s, old_id, new_id);
	run(s, oh_slice_printf(&s->f.arena, "git read-tree -m -u HEAD %s", new_id).ptr);
	recover(s, "took back");
	assert_string_equal("gone", run(s, "test -e new || echo gone"));
}

static void test_recover_finishes_once_the_ref_moved(void **state)
{
	struct setting *s = *state;
	const char *old_id = run(s, "git rev-parse HEAD"), *new_id = other_commit(s);

	leave_journal(s, old_id, new_id);
	run(s, oh_slice_printf(&s->f.arena,
		       "git read-tree -m -u HEAD %s && git update-ref -m x HEAD %s", new_id, new_id)
			.ptr);
	recover(s, "finished");
	assert_string_equal(new_id, run(s, "git rev-parse HEAD"));
	assert_string_equal("text", run(s, "cat new"));
}

static void test_recover_leaves_what_the_user_did_since(void **state)
{
	struct setting *s = *state;
	const char *old_id = run(s, "git rev-parse HEAD"), *new_id = other_commit(s), *head;

	leave_journal(s, old_id, new_id);
	head = run(s, "git commit -q --allow-empty -m more && git rev-parse HEAD");
	recover(s, "");
	assert_string_equal(head, run(s, "git rev-parse HEAD"));
}

static void test_an_interrupted_operation_is_told(void **state)
{
	struct setting *s = *state;
	const struct oh_steps steps = one_file(&s->f.arena, "new", "text\n");
	struct oh_error err = {0};

	leave_journal(s, run(s, "git rev-parse HEAD"), run(s, "git rev-parse HEAD"));
	assert_false(replace(s, &steps, &err));
	assert_non_null(strstr(err.message, "interrupted"));
	assert_non_null(strstr(err.message, "onehead resolve"));
}

static void test_a_journal_that_nobody_knows(void **state)
{
	struct setting *s = *state;
	struct oh_error err = {0};
	struct oh_slice did;

	run(s, "mkdir -p .git/onehead && printf 'onehead journal 9\\nref x\\n' >.git/onehead/journal");
	assert_false(oh_apply_recover(s->repo, &s->f.arena, &did, &err));
	assert_int_equal(OH_E_FORMAT, err.code);
	run(s, "printf 'onehead journal 1\\nref x\\nold 1\\nnew 2\\n' >.git/onehead/journal");
	assert_false(oh_apply_recover(s->repo, &s->f.arena, &did, &err));
}

/* As it was written before an operation could have several refs. */
static void leave_first_form(struct setting *s, const char *old_id, const char *new_id)
{
	run(s, oh_slice_printf(&s->f.arena,
		       "mkdir -p .git/onehead/operations && printf 'onehead journal 1\\nref "
		       "refs/heads/main\\nold %s\\nnew %s\\nmessage merge topic\\nend\\n' "
		       ">.git/onehead/journal",
		       old_id, new_id)
			.ptr);
}

static void test_recover_understands_the_first_form(void **state)
{
	struct setting *s = *state;
	const char *old_id = run(s, "git rev-parse HEAD"), *new_id = other_commit(s);
	struct oh_undone undone;
	struct oh_error err = {0};

	leave_first_form(s, old_id, new_id);
	run(s, oh_slice_printf(&s->f.arena, "git read-tree -m -u HEAD %s", new_id).ptr);
	recover(s, "took back");
	assert_string_equal(old_id, run(s, "git rev-parse HEAD"));
	leave_first_form(s, old_id, new_id);
	run(s, oh_slice_printf(&s->f.arena, "git update-ref -m x HEAD %s", new_id).ptr);
	recover(s, "finished");
	assert_string_equal(new_id, run(s, "git rev-parse HEAD"));
	assert_string_equal("text", run(s, "cat new"));
	/* It does not say what was before the merge. */
	assert_false(oh_apply_undo(s->repo, &s->f.arena, false, &undone, &err));
	assert_int_equal(OH_E_NOT_FOUND, err.code);
}

static void test_stage_takes_back_what_it_began(void **state)
{
	struct setting *s = *state;
	struct oh_steps steps = one_file(&s->f.arena, "first", "1\n");
	const struct oh_steps second = one_file(&s->f.arena, "a", "other\n");
	struct oh_error err = {0};

	OH_PUSH(&s->f.arena, &steps, second.items[0]);
	assert_false(oh_apply_stage(s->repo, &s->f.arena, &steps, &err));
	assert_string_equal("", run(s, "git diff --cached --name-only"));
	assert_string_equal("one", run(s, "cat a"));
	assert_string_equal("", run(s, "git status --porcelain"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_replace_reads_as_if_it_had_been_so, make, drop),
		cmocka_unit_test_setup_teardown(
			test_replace_keeps_what_the_user_has_open, make, drop),
		cmocka_unit_test_setup_teardown(
			test_replace_stops_before_a_file_of_the_user, make, drop),
		cmocka_unit_test_setup_teardown(
			test_replace_stops_where_the_tree_says_other_things, make, drop),
		cmocka_unit_test_setup_teardown(
			test_recover_rolls_back_before_the_ref_moved, make, drop),
		cmocka_unit_test_setup_teardown(
			test_recover_finishes_once_the_ref_moved, make, drop),
		cmocka_unit_test_setup_teardown(
			test_recover_leaves_what_the_user_did_since, make, drop),
		cmocka_unit_test_setup_teardown(test_an_interrupted_operation_is_told, make, drop),
		cmocka_unit_test_setup_teardown(test_a_journal_that_nobody_knows, make, drop),
		cmocka_unit_test_setup_teardown(
			test_recover_understands_the_first_form, make, drop),
		cmocka_unit_test_setup_teardown(test_stage_takes_back_what_it_began, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
