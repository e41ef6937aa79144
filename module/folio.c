// SPDX-License-Identifier: GPL-2.0
/*
 * A folio before the walk: may it be walked, locking it, what kind it is.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

#include "back_off.h"
#include "compat.h"
#include "rmapscope.h"

/* How often to try for the lock of a folio: half a second, or up to one. */
#define RMS_LOCK_TRIES	110

/*
 * A file's page that is not on an LRU list may be a driver's own, mapped by the driver,
 * and its mapping not what we think. If it is the mapping of an inode, the inode says so;
 * read with care, as the pointer may lead anywhere.
 */
static bool rms_mapping_is_inodes(struct address_space *mapping)
{
	struct inode *host;

	return !copy_from_kernel_nofault(&host, &mapping->host, sizeof(host)) &&
	       host && mapping == &host->i_data;
}

/*
 * An anonymous page that is neither swapbacked nor on an LRU list may be MAP_DROPPABLE memory in
 * a batch of some CPU, where it can stay for long. Or it is a driver's page with an odd number
 * in ->mapping. The root of an anon_vma leads to itself, as no other number does; read with
 * care, too.
 */
static bool rms_mapping_is_anon_vma(struct address_space *mapping)
{
	struct anon_vma *anon_vma = (void *)((unsigned long)mapping & ~RMS_MAPPING_FLAGS);
	struct anon_vma *root, *top;

	return !copy_from_kernel_nofault(&root, &anon_vma->root, sizeof(root)) &&
	       root && !copy_from_kernel_nofault(&top, &root->root, sizeof(top)) && top == root;
}

/*
 * Whether a folio is where the kernel keeps user memory: on an LRU list, or on the list of hugetlb
 * folios that can be isolated. Free folios and those of the kernel are on neither.
 */
static bool rms_is_listed(struct folio *folio)
{
	return folio_test_hugetlb(folio) ? folio_test_hugetlb_migratable(folio) :
					   folio_test_lru(folio);
}

/*
 * A folio that was cut off from its file stays on its list as long as something holds it. But a
 * page of shared memory on its way to or from swap has no mapping either, and a folio that only we
 * hold is being freed.
 */
static int rms_check_unmapped(struct folio *folio)
{
	if (folio_test_swapcache(folio))
		return -EOPNOTSUPP;
	return rms_is_listed(folio) && folio_ref_count(folio) > 1 ? 0 : -EAGAIN;
}

/**
 * rms_folio_check - whether rmap_walk() may be called on a folio
 * @folio: referenced
 *
 * Everything that isn't a page of user memory must be kept out here: in such a frame
 * folio->mapping may be anything, and the walk would take it for a pointer to a lock.
 *
 * Context: doesn't sleep. The answer holds as long as the folio is locked; before, it is
 * only good for refusing.
 * Return: 0, also for a folio without a mapping that something else still holds, of which there
 * is nothing to walk; -EOPNOTSUPP if this kind of frame has no reverse map; -EAGAIN if it has
 * just lost it.
 */
int rms_folio_check(struct folio *folio)
{
	struct address_space *mapping = READ_ONCE(folio->mapping);
	bool hugetlb = folio_test_hugetlb(folio);

	if (folio_test_slab(folio) ||
	    (folio_test_reserved(folio) && !rms_folio_is_fsdax(folio)) ||
	    (page_has_type(&folio->page) && !hugetlb) || rms_folio_has_movable_ops(folio))
		return -EOPNOTSUPP;
	/* Truncated; or migrated away, or freed and held by our reference alone. */
	if (!mapping)
		return rms_check_unmapped(folio);
	if (hugetlb || folio_test_lru(folio))
		return 0;
	/* Not of a driver, as far as the kernel has put it there itself. */
	if (folio_test_anon(folio) && (folio_test_swapbacked(folio) ||
				       (folio_test_hwpoison(folio) && !folio_mapped(folio))))
		return 0;
	if (folio_test_anon(folio) ? rms_mapping_is_anon_vma(mapping) :
				     rms_mapping_is_inodes(mapping))
		return 0;
	return READ_ONCE(folio->mapping) == mapping ? -EOPNOTSUPP : -EAGAIN;
}

/**
 * rms_folio_lock - lock a folio, or give up
 * @folio: referenced
 *
 * Whoever has it locked may be waiting for a disk, or a server that is gone.
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN if it was locked for about a second; -EINTR on a fatal signal.
 */
int rms_folio_lock(struct folio *folio)
{
	int try, ret = 0;

	for (try = 0; try < RMS_LOCK_TRIES && !ret; try++) {
		if (folio_trylock(folio))
			return 0;
		ret = rms_back_off(try);
	}
	return ret ?: -EAGAIN;
}

/**
 * rms_folio_kind - what a folio is to the reverse map
 * @folio: passed rms_folio_check()
 *
 * A folio without a mapping that passed is one that was truncated while something held it: what
 * mm/vmscan.c calls orphaned. It may be one of hugetlb.
 *
 * Context: folio locked, so that its mapping stays. Doesn't sleep.
 * Return: the kind.
 */
enum rms_kind rms_folio_kind(struct folio *folio)
{
	if (!folio->mapping)
		return RMS_KIND_ORPHANED;
	if (folio_test_hugetlb(folio))
		return folio_test_anon(folio) ? RMS_KIND_HUGETLB_ANON : RMS_KIND_HUGETLB_FILE;
	if (folio_test_ksm(folio))
		return RMS_KIND_KSM;
	if (folio_test_anon(folio))
		return RMS_KIND_ANON;
	return shmem_mapping(folio->mapping) ? RMS_KIND_SHMEM : RMS_KIND_FILE;
}

/**
 * rms_kind_is_anon - whether pages of a kind hang in an anon_vma tree
 * @kind: the kind
 *
 * Context: any.
 * Return: true if their place in a VMA follows from its anonymous offset, not that of its file.
 */
bool rms_kind_is_anon(enum rms_kind kind)
{
	return kind != RMS_KIND_FILE && kind != RMS_KIND_SHMEM && kind != RMS_KIND_HUGETLB_FILE &&
	       kind != RMS_KIND_ORPHANED;
}

/**
 * rms_in_pagecache - whether a folio is in the page cache of its file
 * @folio: the folio
 *
 * A driver's page may point to a file's mapping without being there.
 *
 * Context: folio locked, so that it stays there, and with it the file's inode. Doesn't sleep.
 * Return: true if it is.
 */
bool rms_in_pagecache(struct folio *folio)
{
	if (folio_test_anon(folio) || !folio->mapping)
		return false;
	return xa_load(&folio->mapping->i_pages, folio->index) == folio;
}
