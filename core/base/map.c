#include "base/map.h"

#include <stdint.h>
#include <string.h>

static uint64_t word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Of less than eight bytes: each is in it. */
static uint64_t short_word(struct oh_slice s)
{
	uint32_t first, last;

	if (s.len < 4)
		return s.len ? (unsigned char)s.ptr[0] |
				       (uint64_t)(unsigned char)s.ptr[s.len / 2] << 8 |
				       (uint64_t)(unsigned char)s.ptr[s.len - 1] << 16
			     : 0;
	memcpy(&first, s.ptr, sizeof(first));
	memcpy(&last, s.ptr + s.len - sizeof(last), sizeof(last));
	return first | (uint64_t)last << 32;
}

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

/* Eight bytes a step, the last ones taken twice where that fills a step: keys are ids, paths and
 * object ids, long and many. Never 0. */
static size_t hash(struct oh_slice s)
{
	uint64_t h = s.len * 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i + 8 < s.len; i += 8)
		h = mix(h, word_at(s.ptr + i));
	h = mix(h, s.len < 8 ? short_word(s) : word_at(s.ptr + s.len - 8));
	return (size_t)(h ^ h >> 29) | 1u << 31;
}

/* Where KEY is, or the free place for it. */
static struct oh_map_slot *find(const struct oh_map *map, struct oh_slice key, size_t hashed)
{
	struct oh_map_slot *slot;

	for (size_t i = hashed;; i++) {
		slot = &map->slots[i & (map->capacity - 1)];
		if (!slot->hash || (slot->hash == hashed && oh_slice_eq(slot->key, key)))
			return slot;
	}
}

size_t *oh_map_get(const struct oh_map *map, struct oh_slice key)
{
	struct oh_map_slot *slot;

	if (!map->count)
		return NULL;
	slot = find(map, key, hash(key));
	return slot->hash ? &slot->value : NULL;
}

static void resize(struct oh_map *map, size_t capacity)
{
	const struct oh_map old = *map;

	map->capacity = capacity;
	map->slots = oh_arena_alloc(map->arena, map->capacity * sizeof(*map->slots));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].hash)
			*find(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
}

void oh_map_reserve(struct oh_map *map, size_t count)
{
	size_t capacity = 16;

	while (capacity / 2 < count)
		capacity *= 2;
	if (capacity > map->capacity)
		resize(map, capacity);
}

size_t *oh_map_put(struct oh_map *map, struct oh_slice key)
{
	const size_t hashed = hash(key);
	struct oh_map_slot *slot;

	if (map->count * 2 >= map->capacity)
		resize(map, map->capacity ? map->capacity * 2 : 16);
	slot = find(map, key, hashed);
	if (!slot->hash) {
		*slot = (struct oh_map_slot){key, 0, hashed};
		map->count++;
	}
	return &slot->value;
}
