// SPDX-License-Identifier: GPL-2.0
/* The buffers of a page, and what keeps the kernel from releasing them together with the page. */
#include <linux/buffer_head.h>
#include <linux/cpumask.h>
#include <linux/jbd2.h>
#include <linux/magic.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "refs.h"
#include "symbols.h"

/*
 * Each CPU keeps a reference to the buffers that it has used last: struct bh_lru in fs/buffer.c.
 * Migration and draining the LRU batches call invalidate_bh_lrus(), which drops these references.
 * The entries belong to other CPUs, so they are only compared here, and never followed.
 */
#define RMS_BH_LRU_SIZE	16

struct rms_bh_lru {
	struct buffer_head *bhs[RMS_BH_LRU_SIZE];
};

/* How many CPUs have a buffer in their list of recently used ones. */
static int rms_bh_in_lrus(const struct buffer_head *bh)
{
	unsigned long addr = rms_optional_symbol(RMS_BH_LRUS);
	struct rms_bh_lru __percpu *lrus = (struct rms_bh_lru __force __percpu *)addr;
	const struct rms_bh_lru *lru;
	int i, cpu, n = 0;

	if (!addr)
		return 0;
	for_each_online_cpu(cpu) {
		lru = per_cpu_ptr(lrus, cpu);
		for (i = 0; i < RMS_BH_LRU_SIZE; i++) {
			/* The entry may change at any time, so the result is only a snapshot. */
			n += data_race(READ_ONCE(lru->bhs[i])) == bh;
		}
	}
	return n;
}

/*
 * The journal refers to a buffer of file data by a struct journal_head. ext4_release_folio() makes
 * the journal release a buffer that no transaction needs any more. The slab is
 * SLAB_TYPESAFE_BY_RCU: this may read the journal_head of another buffer, but it is a journal_head.
 */
static bool rms_journal_lets_go(const struct buffer_head *bh)
{
	const struct journal_head *jh;
	bool idle = false;

	rcu_read_lock();
	/* Read without the locks of the journal: true at some moment of the request. */
	jh = data_race(READ_ONCE(bh->b_private));
	if (test_bit(BH_JBD, &bh->b_state) && jh) {
		/* Read without the locks, as above. */
		idle = data_race(!READ_ONCE(jh->b_transaction) &&
				 !READ_ONCE(jh->b_next_transaction));
	}
	rcu_read_unlock();
	return idle;
}

static void rms_read_buffer(const struct buffer_head *bh, bool journal, struct rms_buffers *b)
{
	int count = atomic_read(&bh->b_count);
	int batched = count ? rms_bh_in_lrus(bh) : 0;

	b->batched |= batched > 0;
	count -= batched;
	if (count > 0) {
		b->held = true;
		b->sure |= rms_optional_symbol(RMS_BH_LRUS) || count > num_online_cpus();
		if (!journal || count > 1 || !rms_journal_lets_go(bh))
			b->kept = true;
	}
	b->pending |= buffer_dirty(bh) || buffer_locked(bh);
}

/**
 * rms_buffers_read - record whether the buffers of a folio are busy
 * @folio: the folio, in the page cache of its file; or cut off from that, and on an LRU list
 * @b: out: all of it
 *
 * Tests the same as drop_buffers() in fs/buffer.c. The folio lock keeps the buffers. The private
 * data of a driver's page need not be a pointer: perf keeps an order there.
 *
 * Context: folio referenced and locked. Doesn't sleep.
 */
void rms_buffers_read(struct folio *folio, struct rms_buffers *b)
{
	struct address_space *mapping = folio->mapping;
	const struct buffer_head *head, *bh;
	bool journal;

	*b = (struct rms_buffers){};
	if (folio_test_anon(folio) || folio_test_hugetlb(folio) || !folio_test_private(folio))
		return;
	/* Without a mapping the kernel takes private data for buffers as well. */
	if (mapping && !rms_mapping_has_buffers(mapping))
		return;
	head = folio_get_private(folio);
	if (!head)
		return;
	journal = mapping && mapping->a_ops->release_folio &&
		  mapping->host->i_sb->s_magic == EXT4_SUPER_MAGIC;
	b->any = true;
	bh = head;
	do {
		rms_read_buffer(bh, journal, b);
		bh = bh->b_this_page;
	} while (bh != head);
}
