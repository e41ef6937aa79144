/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_REFS_H
#define _RMAPSCOPE_REFS_H

#include <linux/types.h>

struct folio;
struct rms_look;
struct seq_file;

/**
 * struct rms_refs - who holds references to a folio, and what else decides its fate
 * @total: references, with ours
 * @before: the same before the walk
 * @maps: of page tables: the folio's mapcount
 * @pagecache: of its file's page cache
 * @swapcache: of the swap cache
 * @private: of the file system, for what it keeps with the folio
 * @self: ours
 * @unexplained: the others
 * @pins: how many pins of DMA these may be
 * @maybe_pinned: the kernel takes the folio for pinned for DMA
 * @off_lru: on no LRU list, though it belongs there
 * @raced: a count moved while we looked
 * @batched: one of @unexplained is most likely that of a per-CPU batch: the LRU's or mlock()'s
 * @maybe_batched: it may as well be that of a batch of pages that are on a list already
 * @in_cache: anonymous, or in the page cache of a file: not a driver's page
 * @mlocked: the flag; as all that follows
 * @unevictable: the flag, or its whole file is
 * @writeback: being written
 * @dirty: to be written
 * @swapbacked: its place to go is swap; else it is that of a file, or given up (MADV_FREE)
 * @hwpoison: the memory is broken
 * @unmovable: of a file whose pages stay where they are (secretmem)
 * @no_migrate_op: of a file system that can't move it while it is dirty
 * @min_order: of a file whose folios can't be smaller than some large order
 * @swap_full: no swap slot to be had, for anyone or for its memory cgroup
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
	int pins;
	bool maybe_pinned;
	bool off_lru;
	bool raced;
	bool batched;
	bool maybe_batched;
	bool in_cache;
	bool mlocked;
	bool unevictable;
	bool writeback;
	bool dirty;
	bool swapbacked;
	bool hwpoison;
	bool unmovable;
	bool no_migrate_op;
	bool min_order;
	bool swap_full;
};

void rms_refs_begin(struct folio *folio, struct rms_refs *refs);
void rms_refs_read(struct folio *folio, struct rms_refs *refs);

unsigned long rms_why_lines(const struct rms_look *look);
void rms_show_why(struct seq_file *m, const struct rms_look *look, unsigned long line);

#endif /* _RMAPSCOPE_REFS_H */
