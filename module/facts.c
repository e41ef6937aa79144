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

/* So many names of a file are tried, under a spinlock. */
#define RMS_MAX_NAMES	64

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

/* The page cache of a file on a device's memory has no folios, but their mapping is the file's. */
static bool rms_is_of_file(struct folio *folio)
{
	return rms_in_pagecache(folio) ||
	       (rms_folio_is_fsdax(folio) && folio->mapping && !folio_test_anon(folio));
}

/*
 * As /proc/PID/maps has it, but without the mount, which a page doesn't know: files without a
 * place in a file system (memfd, System V, shared anonymous memory) have a method for it.
 */
static void rms_name_dentry(struct dentry *dentry, char *buf)
{
	bool has_method = dentry->d_op && dentry->d_op->d_dname;
	char *path;

	/* Found by a file handle: it has an inode, but no place in the file system yet. */
	if (!has_method && IS_ROOT(dentry))
		return;
	if (has_method)
		path = dentry->d_op->d_dname(dentry, buf, PATH_MAX);
	else
		path = dentry_path_raw(dentry, buf, PATH_MAX - sizeof(RMS_DELETED));
	if (IS_ERR(path)) {
		*buf = '\0';
		return;
	}
	memmove(buf, path, strlen(path) + 1);
	if (!has_method && d_unlinked(dentry))
		strcat(buf, RMS_DELETED);
}

/*
 * By a name that still leads to it, or else by any of those tried: a process can make a file have
 * hundreds of thousands of removed names. No reference is taken, since it would keep the file
 * system busy, and a file that is removed meanwhile. A dentry stays on its inode's list as long as
 * the inode's lock is held.
 */
static void rms_name_inode(struct inode *inode, char *buf)
{
	struct dentry *alias, *found = NULL;
	int tried = 0;

	spin_lock(&inode->i_lock);
	for_each_alias(alias, inode) {
		found = alias;
		if (!d_unhashed(alias) || ++tried == RMS_MAX_NAMES)
			break;
	}
	if (found)
		rms_name_dentry(found, buf);
	spin_unlock(&inode->i_lock);
}

/**
 * rms_facts_room - make room for the name of a folio's file
 * @folio: the folio
 * @facts: after rms_facts_free(); @facts->file is an empty text of PATH_MAX bytes if the folio may
 *	belong to a file
 *
 * Context: folio referenced; may sleep; no lock of mm or folio held.
 * Return: 0 or -ENOMEM.
 */
int rms_facts_room(struct folio *folio, struct rms_facts *facts)
{
	if (folio_test_anon(folio))
		return 0;
	facts->file = kmalloc(PATH_MAX, RMS_GFP);
	if (!facts->file)
		return -ENOMEM;
	*facts->file = '\0';
	return 0;
}

/**
 * rms_facts_find_file - take down which file a folio is a part of
 * @folio: the folio
 * @facts: after rms_facts_room(); out: @facts->dev, @facts->ino and the text @facts->file
 *
 * Context: folio locked, which keeps its inode. Doesn't sleep.
 */
void rms_facts_find_file(struct folio *folio, struct rms_facts *facts)
{
	struct inode *inode;

	facts->dev = 0;
	facts->ino = 0;
	if (!facts->file || !rms_is_of_file(folio))
		return;
	inode = folio->mapping->host;
	if (S_ISBLK(inode->i_mode)) {
		facts->dev = inode->i_rdev;
		facts->ino = RMS_NO_INO;
		return;
	}
	facts->dev = inode->i_sb->s_dev;
	facts->ino = inode->i_ino;
	rms_name_inode(inode, facts->file);
}

/* As much memory as the text takes; none if it is empty. */
static int rms_trim_text(char **text)
{
	char *copy = NULL;
	int ret = 0;

	if (*text && **text) {
		copy = kstrdup(*text, RMS_GFP);
		ret = copy ? 0 : -ENOMEM;
	}
	kfree(*text);
	*text = copy;
	return ret;
}

/**
 * rms_facts_name - name the memory cgroup that a folio is charged to, and trim its file's name
 * @folio: the folio
 * @facts: @facts->memcg and @facts->file get the paths, or NULL
 *
 * Context: folio referenced; may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_facts_name(struct folio *folio, struct rms_facts *facts)
{
	bool removed = false;
	int len;

	facts->memcg = kmalloc(PATH_MAX, RMS_GFP);
	if (!facts->memcg)
		return -ENOMEM;
	rcu_read_lock();
	len = rms_memcg_path(folio, facts->memcg, PATH_MAX - sizeof(RMS_DELETED), &removed);
	rcu_read_unlock();
	if (len < 0)
		*facts->memcg = '\0';
	else if (removed)
		strcat(facts->memcg, RMS_DELETED);
	return rms_trim_text(&facts->memcg) ?: rms_trim_text(&facts->file);
}

/**
 * rms_facts_free - free the names
 * @facts: as rms_facts_name() left it, or one of the steps before it
 *
 * Context: may sleep.
 */
void rms_facts_free(struct rms_facts *facts)
{
	kfree(facts->file);
	facts->file = NULL;
	kfree(facts->memcg);
	facts->memcg = NULL;
}
