// SPDX-License-Identifier: GPL-2.0
/*
 * What a page is, and the figures that the kernel itself keeps about it.
 */
#include <linux/hugetlb.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "rmapscope.h"

/**
 * rms_folio_kind - what a folio is to the reverse map
 * @folio: passed rms_folio_check()
 *
 * Context: folio locked, so that its mapping stays. Doesn't sleep.
 * Return: the kind.
 */
enum rms_kind rms_folio_kind(struct folio *folio)
{
	if (folio_test_hugetlb(folio))
		return folio_test_anon(folio) ? RMS_HUGETLB_ANON : RMS_HUGETLB_FILE;
	if (folio_test_ksm(folio))
		return RMS_KSM;
	if (folio_test_anon(folio))
		return RMS_ANON;
	return shmem_mapping(folio->mapping) ? RMS_SHMEM : RMS_FILE;
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
	return kind != RMS_FILE && kind != RMS_SHMEM && kind != RMS_HUGETLB_FILE;
}

/**
 * rms_facts_read - take down a page's own figures
 * @page: the page
 * @whole: count the mappings of its whole folio
 * @facts: out; but @facts->flags and @facts->memcg are left alone
 *
 * Context: folio referenced once by us, and locked. Doesn't sleep.
 */
void rms_facts_read(struct page *page, bool whole, struct rms_facts *facts)
{
	struct folio *folio = page_folio(page);

	facts->kind = rms_folio_kind(folio);
	facts->pfn = page_to_pfn(page);
	facts->folio_pfn = folio_pfn(folio);
	facts->order = folio_order(folio);
	facts->pgoff = rms_folio_pgoff(folio) + facts->pfn - facts->folio_pfn;
	facts->mapcount = whole ? rms_folio_mapcount(folio) : rms_page_mapcount(page);
	facts->refcount = folio_ref_count(folio) - 1;
	facts->nid = folio_nid(folio);
	facts->zone = folio_zone(folio)->name;
}

/**
 * rms_facts_memcg - find out which memory cgroup a folio is charged to
 * @folio: the folio
 * @facts: @facts->memcg gets the path, to be freed with kfree(), or NULL if it is charged to none
 *
 * Context: folio referenced; may sleep.
 * Return: 0 or -ENOMEM.
 */
int rms_facts_memcg(struct folio *folio, struct rms_facts *facts)
{
	char *buf = kmalloc(PATH_MAX, RMS_GFP);
	int len;

	facts->memcg = NULL;
	if (!buf)
		return -ENOMEM;
	rcu_read_lock();
	len = rms_memcg_path(folio, buf, PATH_MAX);
	rcu_read_unlock();
	if (len >= 0)
		facts->memcg = kstrdup(buf, RMS_GFP);
	kfree(buf);
	return len >= 0 && !facts->memcg ? -ENOMEM : 0;
}
