/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_SPARE_BLOCK_H
#define RMAPSCOPE_SELFTEST_SPARE_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A block of memory that stays offline until a test takes it into use. Nothing is in it then, so
 * that it can go offline again.
 */
struct spare_block {
	char state[64];			/* its file "state"; empty if there is none */
	uint64_t number;
	int node;
	uint64_t first, end;		/* frames */
};

/* For tests with a struct spare_block block in their fixture. */
#define NEEDS_BLOCK()							\
	do {								\
		NEEDS_MODULE();						\
		if (!*self->block.state)				\
			SKIP(return, "no block of memory is offline");	\
	} while (0)

bool spare_block_find(struct spare_block *block);
int spare_block_set(const struct spare_block *block, const char *state, unsigned int seconds);
int spare_block_move(const struct spare_block *block, void *page, uint64_t *pfn);
bool spare_block_has(const struct spare_block *block, uint64_t pfn);

#endif
