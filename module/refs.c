// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the references to a folio. Only those that the kernel itself expects can be named; the
 * rest is a number. Also records what else decides whether the folio can be reclaimed, migrated or
 * split: a verdict depends on these facts alone.
 */
#include <linux/magic.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "compat.h"
#include "refs.h"
#include "rmapscope.h"
#include "symbols.h"

/**
 * rms_refs_begin - read the reference count before a walk
 * @folio: the folio
 * @refs: out: @refs->before
 *
 * Context: folio referenced and locked. Doesn't sleep.
 */
void rms_refs_begin(struct folio *folio, struct rms_refs *refs)
{
	refs->before = folio_ref_count(folio);
}

static void rms_count_refs(struct folio *folio, struct rms_refs *refs)
{
	int nr = folio_nr_pages(folio);

	refs->total = folio_ref_count(folio);
	refs->self = 1;
	refs->maps = rms_folio_mapcount(folio);
	refs->pagecache = 0;
	refs->private = 0;
	/* A folio without a mapping was cut off from its file, and is still on a list. */
	refs->in_cache = folio_test_anon(folio) || !folio->mapping;
	if (rms_in_pagecache(folio)) {
		refs->in_cache = true;
		refs->pagecache = rms_pagecache_refs(folio, nr);
	}
	if (!folio_test_anon(folio))
		refs->private = folio_test_private(folio);
	refs->swapcache = folio_test_swapcache(folio) ? nr : 0;
	refs->unexplained = refs->total - refs->self - refs->maps - refs->pagecache -
			    refs->private - refs->swapcache;
}

/*
 * A large folio has a count of its pins. A pin of a small one is GUP_PIN_COUNTING_BIAS references.
 */
static void rms_count_pins(struct folio *folio, struct rms_refs *refs)
{
	refs->maybe_pinned = folio_maybe_dma_pinned(folio);
	if (folio_test_large(folio))
		refs->pins = rms_folio_pincount(folio);
	else
		refs->pins = max(refs->unexplained, 0) / GUP_PIN_COUNTING_BIAS;
}

/*
 * Pages are added to the LRU lists in batches of each CPU, and moved to the unevictable list in
 * other batches. A page in a batch is referenced. Large folios don't wait in batches. A page that
 * memory_failure() has taken off the lists doesn't wait, either: it keeps its reference for good.
 */
static void rms_read_lru(struct folio *folio, struct rms_refs *refs)
{
	bool waits_for_mlock = folio_test_mlocked(folio) && !folio_test_unevictable(folio);
	bool may_wait = refs->in_cache && !folio_test_large(folio) && !refs->hwpoison;
	int left = refs->unexplained - refs->expected;

	refs->off_lru = refs->in_cache && !folio_test_hugetlb(folio) && !folio_test_lru(folio);
	refs->batched = may_wait && (refs->off_lru || waits_for_mlock) && left > 0;
	refs->maybe_batched = may_wait && left == 1 && !refs->batched;
}

/*
 * A large folio has a flag that says that any of its pages is broken. hugetlb marks the first page.
 */
static bool rms_has_hwpoison(struct folio *folio)
{
	return folio_test_hwpoison(folio) ||
	       (folio_test_large(folio) && !folio_test_hugetlb(folio) &&
		folio_test_has_hwpoisoned(folio));
}

static bool rms_method_is(const struct address_space *mapping, enum rms_optional symbol)
{
	unsigned long addr = rms_optional_symbol(symbol);

	return addr && (unsigned long)mapping->a_ops->migrate_folio == addr;
}

static enum rms_method rms_migrate_method(const struct address_space *mapping)
{
	if (!mapping)
		return RMS_METHOD_PLAIN;
	if (!mapping->a_ops->migrate_folio)
		return RMS_METHOD_FALLBACK;
	if (rms_method_is(mapping, RMS_BUFFER_MIGRATE_FOLIO_NOREFS))
		return RMS_METHOD_NOREFS;
	if (rms_method_is(mapping, RMS_AIO_MIGRATE_FOLIO))
		return RMS_METHOD_AIO;
	/*
	 * Not by the address of its method: NFS is a module, and may be loaded later than this one.
	 */
	if (mapping->host->i_sb->s_magic == NFS_SUPER_MAGIC)
		return RMS_METHOD_NFS;
	return RMS_METHOD_PLAIN;
}

static void rms_read_mapping(struct folio *folio, struct rms_refs *refs)
{
	struct address_space *mapping = folio_test_anon(folio) ? NULL : folio->mapping;

	refs->unevictable = folio_test_unevictable(folio) || mapping_unevictable(mapping);
	refs->unmovable = false;
	refs->no_write_op = false;
	refs->min_order = false;
	refs->method = rms_migrate_method(mapping);
	/*
	 * The ring of io_setup(2) has a reference to each of its pages. aio_migrate_folio() moves
	 * it along.
	 */
	refs->expected = refs->method == RMS_METHOD_AIO && refs->unexplained > 0;
	refs->buffers = (struct rms_buffers){};
	if (RMS_HAS_BUFFERS && refs->in_cache && (mapping || folio_test_lru(folio)))
		rms_buffers_read(folio, &refs->buffers);
	if (!mapping)
		return;
	refs->unmovable = rms_mapping_inaccessible(mapping) ||
			  mapping->host->i_sb->s_magic == SECRETMEM_MAGIC;
	refs->no_write_op = !rms_mapping_can_write(mapping);
	refs->min_order = rms_mapping_min_order(mapping) > 0;
}

/**
 * rms_refs_read - count the references to a folio, and record its state
 * @page: the requested page of the folio
 * @refs: rms_refs_begin() was called before the walk; out: everything
 *
 * Context: folio referenced once by us, and locked. Doesn't sleep.
 */
void rms_refs_read(struct page *page, struct rms_refs *refs)
{
	struct folio *folio = page_folio(page);

	rms_count_refs(folio, refs);
	refs->raced = refs->before != folio_ref_count(folio) ||
		      refs->maps != rms_folio_mapcount(folio) || refs->unexplained < 0;
	rms_count_pins(folio, refs);
	refs->hugetlb = folio_test_hugetlb(folio);
	refs->dax = rms_folio_is_fsdax(folio);
	refs->hwpoison = rms_has_hwpoison(folio);
	rms_read_mapping(folio, refs);
	rms_read_lru(folio, refs);
	refs->move_shared = rms_move_shared(page);
	refs->huge_shared = rms_huge_shared(folio);
	refs->part_shared = rms_part_shared(folio);
	refs->mlocked = folio_test_mlocked(folio);
	refs->writeback = folio_test_writeback(folio);
	refs->dirty = folio_test_dirty(folio);
	refs->swapbacked = folio_test_swapbacked(folio);
	refs->swap_full = get_nr_swap_pages() <= 0 || rms_memcg_swap_full(folio);
}
