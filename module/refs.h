/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_REFS_H
#define _RMAPSCOPE_REFS_H

#include <linux/types.h>

struct folio;
struct page;

/* The method by which the file of a folio migrates it. */
enum rms_method {
	RMS_METHOD_PLAIN,	/* by folio_migrate_mapping(); also any unknown method */
	/* no method: the kernel writes the folio first, and releases its private data */
	RMS_METHOD_FALLBACK,
	RMS_METHOD_NOREFS,	/* by buffer_migrate_folio_norefs() */
	RMS_METHOD_AIO,		/* the ring of io_setup(2), by aio_migrate_folio() */
	RMS_METHOD_NFS,		/* by nfs_migrate_folio() */
};

/**
 * struct rms_buffers - whether the buffers of a folio are busy; all false if there are none
 * @any: it has buffers
 * @pending: some are dirty or locked
 * @held: some are referenced, and not only by the lists of CPUs
 * @kept: some are referenced by what ext4 can't make its journal release
 * @batched: some are referenced by the list that each CPU keeps of the buffers it used last
 * @sure: the references of @held are certainly not from such lists
 */
struct rms_buffers {
	bool any;
	bool pending;
	bool held;
	bool kept;
	bool batched;
	bool sure;
};

/**
 * struct rms_refs - the references to a folio, and what else decides whether it can be moved
 * @total: all references, with our own
 * @before: the same before the walk
 * @maps: of page tables: the folio's mapcount
 * @pagecache: of its file's page cache
 * @swapcache: of the swap cache
 * @private: of the file system, for what it keeps with the folio
 * @self: ours
 * @unexplained: the others
 * @pins: how many pins of DMA these may be
 * @maybe_pinned: the kernel assumes that the folio is pinned for DMA
 * @off_lru: on no LRU list, though it belongs there
 * @raced: a count moved during the walk
 * @batched: one of @unexplained is most likely that of a per-CPU batch: the LRU's or mlock()'s
 * @maybe_batched: one of @unexplained may be that of a batch, although the page is on a list
 *	already
 * @hugetlb: it is a page of hugetlb
 * @dax: it is memory of a device that a file lies on (fsdax)
 * @in_cache: anonymous memory, or a page of a file (even if cut off from it), but not a driver's
 *	page
 * @expected: how many of @unexplained the migration method of its file expects
 * @method: that method
 * @buffers: its buffers
 * @move_shared: move_pages(2) treats the page as shared, as the kernel itself decides it
 * @huge_shared: MADV_PAGEOUT treats the folio as shared where one entry maps all of it
 * @part_shared: MADV_PAGEOUT treats the folio as shared where entries map parts of it
 * @mlocked: PG_mlocked
 * @unevictable: PG_unevictable, or its whole file must stay in memory
 * @writeback: being written
 * @dirty: to be written
 * @swapbacked: it goes to swap; if not, it belongs to a file, or is given up (MADV_FREE)
 * @hwpoison: the memory of some page is broken
 * @unmovable: of a file whose pages stay where they are (secretmem)
 * @no_write_op: of a file system that doesn't write single pages, so that migration can't either
 * @min_order: of a file whose folios have a minimum order above 0
 * @swap_full: no swap slot is free, or its memory cgroup may have no more
 */
struct rms_refs {
	int total;
	int before;
	int maps;
	int pagecache;
	int swapcache;
	int private;
	int self;
	int unexplained;
	int expected;
	int pins;
	enum rms_method method;
	struct rms_buffers buffers;
	bool maybe_pinned;
	bool off_lru;
	bool raced;
	bool batched;
	bool maybe_batched;
	bool hugetlb;
	bool dax;
	bool in_cache;
	bool move_shared;
	bool huge_shared;
	bool part_shared;
	bool mlocked;
	bool unevictable;
	bool writeback;
	bool dirty;
	bool swapbacked;
	bool hwpoison;
	bool unmovable;
	bool no_write_op;
	bool min_order;
	bool swap_full;
};

void rms_refs_begin(struct folio *folio, struct rms_refs *refs);
void rms_refs_read(struct page *page, struct rms_refs *refs);
void rms_buffers_read(struct folio *folio, struct rms_buffers *b);

#endif /* _RMAPSCOPE_REFS_H */
