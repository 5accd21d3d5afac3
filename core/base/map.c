#include "base/map.h"

#include <stdint.h>
#include <string.h>

/* Eight bytes a step: keys are paths and object ids, long and many. */
static uint64_t hash(struct oh_slice s)
{
	uint64_t h = s.len * 0x9e3779b97f4a7c15u;

	while (s.len) {
		const size_t n = s.len < 8 ? s.len : 8;
		uint64_t word = 0;

		memcpy(&word, s.ptr, n);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
		s = (struct oh_slice){s.ptr + n, s.len - n};
	}
	return h ^ (h >> 29);
}

static struct oh_map_slot *find(const struct oh_map *map, struct oh_slice key)
{
	size_t i = (size_t)hash(key) & (map->capacity - 1);

	while (map->slots[i].used && !oh_slice_eq(map->slots[i].key, key))
		i = (i + 1) & (map->capacity - 1);
	return &map->slots[i];
}

size_t *oh_map_get(const struct oh_map *map, struct oh_slice key)
{
	struct oh_map_slot *slot;

	if (!map->count)
		return NULL;
	slot = find(map, key);
	return slot->used ? &slot->value : NULL;
}

static void resize(struct oh_map *map, size_t capacity)
{
	const struct oh_map old = *map;

	map->capacity = capacity;
	map->slots = oh_arena_alloc(map->arena, map->capacity * sizeof(*map->slots));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].used)
			*find(map, old.slots[i].key) = old.slots[i];
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
	struct oh_map_slot *slot;

	if (map->count * 2 >= map->capacity)
		resize(map, map->capacity ? map->capacity * 2 : 16);
	slot = find(map, key);
	if (!slot->used) {
		*slot = (struct oh_map_slot){key, 0, true};
		map->count++;
	}
	return &slot->value;
}
