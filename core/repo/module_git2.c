/*
 * Objects through libgit2. Loaded when it is first asked for; refuses what libgit2 would read
 * wrongly, so that the front goes to git for it.
 */
#include "repo/objects.h"

#include <git2.h>
#include <string.h>

extern const struct oh_objects_backend oh_objects_git2;

struct library {
	git_repository *repository;
	git_odb *odb;
};

static bool refuse(struct oh_error *err)
{
	const git_error *e = git_error_last();

	return oh_fail(err, OH_E_UNSUPPORTED, "libgit2: %s",
		e && e->message ? e->message : "this repository is not for it");
}

/* libgit2 does not know replace refs: it would show the objects that were replaced. */
static bool has_replacements(git_repository *repository)
{
	git_reference_iterator *refs = NULL;
	const char *name;
	bool found;

	if (git_reference_iterator_glob_new(&refs, repository, "refs/replace/*") < 0)
		return true;
	found = git_reference_next_name(&name, refs) != GIT_ITEROVER;
	git_reference_iterator_free(refs);
	return found;
}

static void library_close(void *self)
{
	struct library *l = self;

	git_odb_free(l->odb);
	git_repository_free(l->repository);
	git_libgit2_shutdown();
}

static bool library_open(void **self, struct oh_arena *arena, struct oh_error *err)
{
	struct library *l = oh_arena_alloc(arena, sizeof(*l));

	if (git_libgit2_init() < 0)
		return refuse(err);
	/* What is on disk was checked when it came; git reads it without hashing again too. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	if (git_repository_open_ext(&l->repository, NULL, GIT_REPOSITORY_OPEN_FROM_ENV, NULL) ==
			0 &&
		!has_replacements(l->repository) &&
		git_repository_odb(&l->odb, l->repository) == 0) {
		*self = l;
		return true;
	}
	refuse(err);
	library_close(l);
	return false;
}

static bool is_hex_id(struct oh_slice name)
{
	if (name.len != GIT_OID_HEXSZ)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!strchr("0123456789abcdef", name.ptr[i]))
			return false;
	return true;
}

/* "^{commit}" or "^{tree}" behind an id. */
static git_object_t wanted_type(struct oh_slice suffix)
{
	if (oh_slice_eq(suffix, OH_SLICE("^{commit}")))
		return GIT_OBJECT_COMMIT;
	return oh_slice_eq(suffix, OH_SLICE("^{tree}")) ? GIT_OBJECT_TREE : GIT_OBJECT_INVALID;
}

/* A full id, or one peeled to a commit or tree: every other name is git's to understand. */
static bool find(struct library *l, struct oh_slice name, git_oid *id)
{
	const struct oh_slice hex = oh_slice_sub(name, 0, GIT_OID_HEXSZ);
	const struct oh_slice suffix = oh_slice_sub(name, hex.len, name.len);
	git_object *object = NULL, *peeled = NULL;

	if (!is_hex_id(hex) || git_oid_fromstrn(id, hex.ptr, hex.len) < 0)
		return false;
	if (!suffix.len)
		return true;
	if (wanted_type(suffix) != GIT_OBJECT_INVALID &&
		git_object_lookup(&object, l->repository, id, GIT_OBJECT_ANY) == 0 &&
		git_object_peel(&peeled, object, wanted_type(suffix)) == 0)
		git_oid_cpy(id, git_object_id(peeled));
	git_object_free(object);
	git_object_free(peeled);
	return peeled;
}

static bool kind_of(git_object_t type, enum oh_object_kind *kind)
{
	static const struct {
		git_object_t type;
		enum oh_object_kind kind;
	} kinds[] = {{GIT_OBJECT_COMMIT, OH_COMMIT}, {GIT_OBJECT_TREE, OH_TREE},
		{GIT_OBJECT_BLOB, OH_BLOB}, {GIT_OBJECT_TAG, OH_TAG}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].type == type) {
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}

static bool library_read(void *self, struct oh_arena *arena, struct oh_slice name,
	struct oh_object *out, struct oh_error *err)
{
	struct library *l = self;
	char hex[GIT_OID_HEXSZ + 1];
	git_odb_object *object = NULL;
	git_oid id;
	bool known;

	if (!find(l, name, &id) || git_odb_read(&object, l->odb, &id) < 0)
		return oh_fail(err, OH_E_UNSUPPORTED, "libgit2 does not have it");
	known = kind_of(git_odb_object_type(object), &out->kind);
	git_oid_tostr(hex, sizeof(hex), &id);
	out->id = oh_slice_dup(arena, oh_slice_of(hex));
	out->bytes = oh_slice_dup(
		arena, (struct oh_slice){git_odb_object_data(object), git_odb_object_size(object)});
	git_odb_object_free(object);
	return known || oh_fail(err, OH_E_UNSUPPORTED, "an object of another kind");
}

const struct oh_objects_backend oh_objects_git2 = {
	library_open, library_read, NULL, NULL, library_close};
