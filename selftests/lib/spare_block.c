// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "memory_block.h"
#include "oracle.h"
#include "page_actions.h"
#include "spare_block.h"

/**
 * spare_block_find() - find a block of memory that is not in use
 * @block: filled
 *
 * Return: false if there is none.
 */
bool spare_block_find(struct spare_block *block)
{
	char node[96];

	*block = (struct spare_block){ };
	if (!block_find_offline(block->state, sizeof(block->state), &block->number))
		return false;
	block->first = block->number * block_pages();
	block->end = block->first + block_pages();
	do {
		snprintf(node, sizeof(node), MEMORY_BLOCKS "/memory%" PRIu64 "/node%d",
			 block->number, block->node);
	} while (access(node, F_OK) && ++block->node < 1024);
	return true;
}

static void interrupt(int signal)
{
}

/**
 * spare_block_set() - take a block offline or online
 * @block: the block
 * @state: what is written to its file
 * @seconds: how long to try: the kernel retries to empty a block until a signal arrives
 *
 * Return: 0 or -errno; -EINTR if the time was not enough.
 */
int spare_block_set(const struct spare_block *block, const char *state, unsigned int seconds)
{
	struct sigaction action = { .sa_handler = interrupt }, old;
	int ret;

	sigaction(SIGALRM, &action, &old);
	alarm(seconds);
	ret = write_text(block->state, state);
	alarm(0);
	sigaction(SIGALRM, &old, NULL);
	return ret;
}

/**
 * spare_block_move() - move a page of this process into a block that is online
 * @block: the block
 * @page: the page
 * @pfn: set to its frame in the block
 *
 * A cpuset allows the new memory only a moment later.
 *
 * Return: 0 or -1.
 */
int spare_block_move(const struct spare_block *block, void *page, uint64_t *pfn)
{
	int tries, ret = -EACCES;

	for (tries = 0; ret == -EACCES && tries < 1000; tries++) {
		usleep(tries ? 10000 : 0);
		ret = move_to(page, block->node);
	}
	if (ret)
		return complain("move_pages() to node %d: %s", block->node, strerror(-ret));
	return oracle_pfn(getpid(), (uintptr_t)page, pfn);
}

/**
 * spare_block_has() - test if a frame is in a block
 * @block: the block
 * @pfn: the frame
 *
 * Return: true if it is.
 */
bool spare_block_has(const struct spare_block *block, uint64_t pfn)
{
	return pfn >= block->first && pfn < block->end;
}
