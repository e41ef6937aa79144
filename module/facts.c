// SPDX-License-Identifier: GPL-2.0
/*
 * What a page is, and the figures that the kernel itself keeps about it.
 */
#include <linux/dcache.h>
#include <linux/hugetlb.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "rmapscope.h"

/* What the kernel says behind the name of a file or a cgroup that was removed. */
#define RMS_DELETED	" (deleted)"

/**
 * rms_folio_kind - what a folio is to the reverse map
 * @folio: passed rms_folio_check()
 *
 * A folio without a mapping that passed is one that was truncated while something held it: what
 * mm/vmscan.c calls orphaned.
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
	if (!folio->mapping)
		return RMS_ORPHANED;
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
	return kind != RMS_FILE && kind != RMS_SHMEM && kind != RMS_HUGETLB_FILE &&
	       kind != RMS_ORPHANED;
}

/**
 * rms_facts_read - take down a page's own figures
 * @page: the page
 * @whole: count the mappings of its whole folio
 * @facts: out; but @facts->flags, @facts->memcg and the file are left alone
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

/**
 * rms_facts_find_file - take down which file a folio is a part of
 * @folio: the folio
 * @facts: out: @facts->dev, @facts->ino, and a reference in @facts->dentry
 *
 * Context: folio locked. Doesn't sleep. The reference must not be given back under that lock:
 * the last one takes the inode down, and for that its folios are locked.
 */
void rms_facts_find_file(struct folio *folio, struct rms_facts *facts)
{
	struct inode *inode;

	facts->dev = 0;
	facts->ino = 0;
	if (!rms_in_pagecache(folio))
		return;
	inode = folio->mapping->host;
	if (S_ISBLK(inode->i_mode)) {
		facts->dev = inode->i_rdev;
		facts->ino = RMS_NO_INO;
		return;
	}
	facts->dev = inode->i_sb->s_dev;
	facts->ino = inode->i_ino;
	facts->dentry = d_find_any_alias(inode);
}

/* Text of cgroups and files is made in a buffer first. */
static int rms_keep_text(const char *text, char **copy)
{
	*copy = kstrdup(text, RMS_GFP);
	return *copy ? 0 : -ENOMEM;
}

/*
 * As /proc/PID/maps has it, but without the mount, which a page doesn't know: files without a
 * place in a file system (memfd, System V, shared anonymous memory) have a method for it.
 */
static int rms_name_file(struct rms_facts *facts, char *buf)
{
	struct dentry *dentry = facts->dentry;
	char *path;

	if (dentry->d_op && dentry->d_op->d_dname)
		return rms_keep_text(dentry->d_op->d_dname(dentry, buf, PATH_MAX), &facts->file);
	path = dentry_path_raw(dentry, buf, PATH_MAX - sizeof(RMS_DELETED));
	if (IS_ERR(path))
		return 0;
	memmove(buf, path, strlen(path) + 1);
	if (d_unlinked(dentry))
		strcat(buf, RMS_DELETED);
	return rms_keep_text(buf, &facts->file);
}

/**
 * rms_facts_name - name the memory cgroup that a folio is charged to, and its file
 * @folio: the folio
 * @facts: after rms_facts_find_file(); @facts->memcg and @facts->file get the paths, or NULL
 *
 * Context: folio referenced; may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_facts_name(struct folio *folio, struct rms_facts *facts)
{
	char *buf = kmalloc(PATH_MAX, RMS_GFP);
	bool removed = false;
	int len, ret = 0;

	if (!buf)
		return -ENOMEM;
	rcu_read_lock();
	len = rms_memcg_path(folio, buf, PATH_MAX - sizeof(RMS_DELETED), &removed);
	rcu_read_unlock();
	if (removed)
		strcat(buf, RMS_DELETED);
	if (len >= 0)
		ret = rms_keep_text(buf, &facts->memcg);
	if (!ret && facts->dentry)
		ret = rms_name_file(facts, buf);
	kfree(buf);
	return ret;
}

/**
 * rms_facts_free - free the names, and give back what they are made of
 * @facts: as rms_facts_name() left it, or one of the steps before it
 *
 * Context: may sleep; no lock of mm or folio held.
 */
void rms_facts_free(struct rms_facts *facts)
{
	dput(facts->dentry);
	facts->dentry = NULL;
	kfree(facts->file);
	facts->file = NULL;
	kfree(facts->memcg);
	facts->memcg = NULL;
}
