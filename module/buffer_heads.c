// SPDX-License-Identifier: GPL-2.0
/*
 * The buffers of a page: what keeps them from being given up, and with them the page.
 */
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
 * Each CPU keeps the buffers that it has used last referenced: struct bh_lru in
 * fs/buffer.c. invalidate_bh_lrus() lets go of them: migration calls it, and draining the LRU
 * batches does the same. The entries are compared, and never followed: they are another CPU's.
 */
#define RMS_BH_LRU_SIZE	16

struct rms_bh_lru {
	struct buffer_head *bhs[RMS_BH_LRU_SIZE];
};

/* How many CPUs hold a buffer for its use alone. */
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
			/* It may change just now: as if the look had come a moment later. */
			n += data_race(READ_ONCE(lru->bhs[i])) == bh;
		}
	}
	return n;
}

/*
 * The journal holds a buffer of file data by a struct journal_head. ext4_release_folio() has it let
 * go of one that no transaction has any more. Its slab is SLAB_TYPESAFE_BY_RCU, so what is
 * read here may be another one's by now, but it is a journal_head.
 */
static bool rms_journal_lets_go(const struct buffer_head *bh)
{
	const struct journal_head *jh;
	bool idle = false;

	rcu_read_lock();
	/* Without the journal's locks: this is how it was at some moment of the look. */
	jh = data_race(READ_ONCE(bh->b_private));
	if (test_bit(BH_JBD, &bh->b_state) && jh) {
		/* The same. */
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
 * rms_buffers_read - take down in what way the buffers of a folio are busy
 * @folio: the folio, in the page cache of its file; or cut off from that, and on an LRU list
 * @b: out: all of it
 *
 * As drop_buffers() in fs/buffer.c looks at them. The folio lock keeps them where they are. What a
 * driver has marked as private is no pointer: perf keeps an order there.
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
	/* The kernel takes them for buffers, too, once the file has let go of the folio. */
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
