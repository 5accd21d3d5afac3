#include "repo/pack.h"

#include "base/buf.h"
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Of zlib's format (RFC 1950, RFC 1951). */
#define MOST_STORED 65535u /* bytes in one block */
#define CHECKSUM_BASE 65521u
#define CHECKSUM_RUN 5552u /* additions that fit into 32 bits */

const char *const oh_kind_words[] = {
	[OH_COMMIT] = "commit", [OH_TREE] = "tree", [OH_BLOB] = "blob", [OH_TAG] = "tag"};

static void add_number(struct oh_buf *out, uint32_t number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		oh_buf_addf(out, "%c", (int)(number >> shift & 0xff));
}

static unsigned int digit(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void oh_id_add_binary(struct oh_buf *out, struct oh_slice id)
{
	char bytes[32];
	size_t n = 0;

	for (; n < sizeof(bytes) && 2 * n + 1 < id.len; n++)
		bytes[n] = (char)(digit(id.ptr[2 * n]) << 4 | digit(id.ptr[2 * n + 1]));
	oh_buf_add(out, (struct oh_slice){bytes, n});
}

static uint32_t checksum(struct oh_slice bytes)
{
	uint32_t a = 1, b = 0;

	for (size_t from = 0; from < bytes.len; from += CHECKSUM_RUN) {
		const struct oh_slice run = oh_slice_sub(bytes, from, from + CHECKSUM_RUN);

		for (size_t i = 0; i < run.len; i++) {
			a += (unsigned char)run.ptr[i];
			b += a;
		}
		a %= CHECKSUM_BASE;
		b %= CHECKSUM_BASE;
	}
	return b << 16 | a;
}

/* As zlib stores what it can't make smaller: git makes it small when it writes the object. */
static void add_stored(struct oh_buf *out, struct oh_slice bytes)
{
	struct oh_slice rest = bytes;

	oh_buf_add(out, OH_SLICE("\x78\x01"));
	do {
		const struct oh_slice block = oh_slice_sub(rest, 0, MOST_STORED);
		const unsigned int n = (unsigned int)block.len;

		rest = oh_slice_sub(rest, block.len, rest.len);
		oh_buf_addf(out, "%c%c%c%c%c", rest.len ? 0 : 1, (int)(n & 0xff), (int)(n >> 8),
			(int)(~n & 0xff), (int)(~n >> 8 & 0xff));
		oh_buf_add(out, block);
	} while (rest.len);
	add_number(out, checksum(bytes));
}

static void add_object(struct oh_buf *out, const struct oh_object *object)
{
	static const unsigned int types[] = {
		[OH_COMMIT] = 1, [OH_TREE] = 2, [OH_BLOB] = 3, [OH_TAG] = 4};
	size_t size = object->bytes.len;
	unsigned int byte = types[object->kind] << 4 | (unsigned int)(size & 15);

	for (size >>= 4; size; size >>= 7) {
		oh_buf_addf(out, "%c", (int)(byte | 128));
		byte = (unsigned int)(size & 127);
	}
	oh_buf_addf(out, "%c", (int)byte);
	add_stored(out, object->bytes);
}

static struct oh_slice digest(
	const struct oh_repo *repo, struct oh_arena *arena, struct oh_slice bytes)
{
	return (repo->id_length == 64 ? oh_digest_sha256 : oh_digest_sha1)(arena, bytes);
}

struct oh_slice oh_object_id(const struct oh_repo *repo, struct oh_arena *arena,
	enum oh_object_kind kind, struct oh_slice bytes)
{
	struct oh_arena scratch = {0};
	struct oh_buf object = {.arena = &scratch};
	struct oh_slice id;

	oh_buf_addf(&object, "%s %zu%c", oh_kind_words[kind], bytes.len, '\0');
	oh_buf_add(&object, bytes);
	id = digest(repo, arena, oh_buf_slice(&object));
	oh_arena_drop(&scratch);
	return id;
}

void oh_pack_init(struct oh_pack *pack, struct oh_arena *arena, struct oh_repo *repo)
{
	*pack = (struct oh_pack){.repo = repo, .arena = arena, .known = {.arena = arena}};
}

/* What is there is made as young as if it had been written now, as git does it: a gc that runs
 * meanwhile leaves it alone. */
static enum oh_pack_state state_of(struct oh_pack *pack, struct oh_slice id)
{
	struct oh_arena scratch = {0};
	enum oh_pack_state state = OH_MAY_BE_THERE;
	const char *path;

	if (getenv("GIT_OBJECT_DIRECTORY"))
		return state;
	path = oh_slice_printf(&scratch, OH_FMT "/objects/%.2s/%s",
		OH_ARG(pack->repo->paths.common_dir), id.ptr, id.ptr + 2)
		       .ptr;
	if (utimensat(AT_FDCWD, path, NULL, 0) == 0)
		state = OH_IS_THERE;
	else if (errno == ENOENT || errno == ENOTDIR)
		state = OH_IS_NEW;
	oh_arena_drop(&scratch);
	return state;
}

struct oh_slice oh_pack_add(struct oh_pack *pack, enum oh_object_kind kind, struct oh_slice bytes)
{
	const struct oh_object object = {
		oh_object_id(pack->repo, pack->arena, kind, bytes), kind, bytes};
	size_t *known = oh_map_put(&pack->known, object.id);

	if (!*known) {
		OH_PUSH(pack->arena, &pack->objects, object);
		OH_PUSH(pack->arena, &pack->states, state_of(pack, object.id));
		*known = pack->objects.count;
		if (pack->states.items[*known - 1] != OH_IS_THERE)
			pack->waiting += bytes.len;
	}
	return object.id;
}

/* "" where there is nothing to be written. */
static struct oh_slice format(struct oh_pack *pack)
{
	struct oh_buf bytes = {.arena = pack->arena};
	uint32_t count = 0;

	for (size_t i = pack->started; i < pack->objects.count; i++)
		count += pack->states.items[i] != OH_IS_THERE;
	if (!count)
		return OH_SLICE("");
	oh_buf_reserve(&bytes, pack->waiting + 64 * (pack->objects.count - pack->started) + 64);
	oh_buf_add(&bytes, OH_SLICE("PACK"));
	add_number(&bytes, 2);
	add_number(&bytes, count);
	for (size_t i = pack->started; i < pack->objects.count; i++)
		if (pack->states.items[i] != OH_IS_THERE)
			add_object(&bytes, &pack->objects.items[i]);
	oh_id_add_binary(&bytes, digest(pack->repo, pack->arena, oh_buf_slice(&bytes)));
	return oh_buf_slice(&bytes);
}

/* Waits for the older one. */
static bool finish_one(struct oh_pack *pack, struct oh_error *err)
{
	struct oh_pack_writer writer = pack->writers[0];

	pack->writers[0] = pack->writers[1];
	pack->running--;
	if (!oh_process_finish(pack->arena, &writer.process, err))
		return oh_wrap(err, "writing objects");
	if (writer.process.status) {
		oh_git_fail(&writer.process, err);
		return oh_wrap(err, "writing objects");
	}
	pack->written = writer.up_to;
	return true;
}

bool oh_pack_start(struct oh_pack *pack, struct oh_error *err)
{
	static const char *const argv[] = {"git", "unpack-objects", "-q", NULL};
	struct oh_git_call call = {.argv = argv, .writes = true};
	struct oh_pack_writer writer = {.up_to = pack->objects.count};

	if (pack->started == pack->objects.count)
		return true;
	call.input = format(pack);
	if (!call.input.len) {
		pack->started = pack->objects.count;
		if (!pack->running)
			pack->written = pack->started;
		return true;
	}
	if (pack->running == 2 && !finish_one(pack, err))
		return false;
	if (!oh_git_prepare(pack->repo, pack->arena, &call, &writer.process, err) ||
		!oh_process_start(pack->arena, &writer.process, err))
		return oh_wrap(err, "writing objects");
	pack->writers[pack->running++] = writer;
	pack->started = pack->objects.count;
	pack->waiting = 0;
	return true;
}

bool oh_pack_finish(struct oh_pack *pack, struct oh_error *err)
{
	bool ok = true;

	while (pack->running)
		ok = finish_one(pack, ok ? err : NULL) && ok;
	if (ok)
		pack->written = pack->started;
	return ok;
}

bool oh_pack_write(struct oh_pack *pack, struct oh_error *err)
{
	return oh_pack_start(pack, err) && oh_pack_finish(pack, err);
}
