/*
 * From a slice to a size_t (an index, as a rule). Keys are borrowed.
 *
 *	struct oh_map by_id = {.arena = arena};
 *	*oh_map_put(&by_id, id) = 7;
 *	size_t *at = oh_map_get(&by_id, id);	// NULL where there is none
 */
#ifndef OH_BASE_MAP_H
#define OH_BASE_MAP_H

#include "base/slice.h"

struct oh_map_slot {
	struct oh_slice key;
	size_t value;
	size_t hash; /* of the key; 0 where the slot is free */
};

struct oh_map {
	struct oh_arena *arena;
	struct oh_map_slot *slots;
	size_t count, capacity; /* capacity is a power of two */
};

/* NULL where the key is not there. Valid until the next put. */
size_t *oh_map_get(const struct oh_map *map, struct oh_slice key);
/* Room for so many keys in all: who knows how many come spares the map its growing. */
void oh_map_reserve(struct oh_map *map, size_t count);
/* The value of KEY, made as 0 where there was none. Valid until the next put. */
size_t *oh_map_put(struct oh_map *map, struct oh_slice key);

#endif
