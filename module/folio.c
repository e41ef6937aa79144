// SPDX-License-Identifier: GPL-2.0
/*
 * Checks whether a folio can be walked, tells its kind, and locks it.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

#include "back_off.h"
#include "compat.h"
#include "rmapscope.h"

/* How often to try to lock a folio: this takes between half a second and a second. */
#define RMS_LOCK_TRIES	110

/*
 * A page that looks like a file's, and is on no LRU list, may be a driver's own, with anything in
 * ->mapping. If ->mapping is the mapping of an inode, the inode points back to it. Any pointer may
 * be wrong here, so the reads must not fault.
 */
static bool rms_mapping_is_inodes(struct address_space *mapping)
{
	struct inode *host;

	return !copy_from_kernel_nofault(&host, &mapping->host, sizeof(host)) &&
	       host && mapping == &host->i_data;
}

/*
 * A page that looks anonymous, and is neither swapbacked nor on an LRU list, may be MAP_DROPPABLE
 * memory in the batch of a CPU, where it can stay for long. Or it is a driver's page with an odd
 * number in ->mapping. A real anon_vma leads to a root that points to itself; a wrong pointer
 * hardly does. The reads must not fault here, either.
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
 * A folio that was cut off from its file stays on its list as long as something holds it. Shared
 * memory on its way to or from swap has no mapping, either. A folio without other references than
 * ours is being freed.
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
 * This must refuse everything that isn't user memory: in other frames folio->mapping may be any
 * number, and the walk would take that for a pointer to a lock.
 *
 * Context: doesn't sleep. The answer stays true only while the folio is locked. If it isn't, a 0
 * may be wrong in the next moment.
 * Return: 0, also for a folio without a mapping that something else still holds, which has nothing
 * to walk; -EOPNOTSUPP if this kind of frame has no reverse map; -EAGAIN if it has just lost its
 * mapping.
 */
int rms_folio_check(struct folio *folio)
{
	struct address_space *mapping = READ_ONCE(folio->mapping);
	bool hugetlb = folio_test_hugetlb(folio);

	if (folio_test_slab(folio) ||
	    (folio_test_reserved(folio) && !rms_folio_is_fsdax(folio)) ||
	    (page_has_type(&folio->page) && !hugetlb) || rms_folio_has_movable_ops(folio))
		return -EOPNOTSUPP;
	/* It was truncated, or migrated away, or is being freed. */
	if (!mapping)
		return rms_check_unmapped(folio);
	if (hugetlb || folio_test_lru(folio))
		return 0;
	/* Only the kernel itself makes such pages, no driver does. */
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
 * The task that holds the lock may wait for a disk, or for a server that is gone.
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
 * A folio without a mapping was truncated while something held it. mm/vmscan.c calls such folios
 * orphaned. It may be one of hugetlb.
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
 * Return: true if the address of the page follows from the anonymous offset of the VMA, false if it
 * follows from the offset in the file.
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
