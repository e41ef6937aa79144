// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel itself knows about a page: its kind, its counts, its file and its memory cgroup.
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

/* The kernel appends this to the name of a removed file or cgroup. */
#define RMS_DELETED	" (deleted)"

/* The most names of a file that are tried, under a spinlock. */
#define RMS_MAX_NAMES	64

/**
 * rms_facts_read - read the kind and the counts of a page
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
 * The name as in /proc/PID/maps, but without the mount point, which a page doesn't know. Files
 * without a place in a file system (memfd, System V, shared anonymous memory) have a method that
 * makes up their name.
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
 * Uses a name that still leads to the file, or else any of those tried: a process can make a file
 * have hundreds of thousands of removed names. Takes no reference: that would keep the file system
 * busy, and would keep a file that is removed meanwhile. A dentry stays on the list of its inode as
 * long as the lock of the inode is held.
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
 * rms_facts_room - allocate the buffer for the name of a folio's file
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
 * rms_facts_find_file - read which file a folio is a part of
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

/* Shrinks the buffer to the length of the text, and frees it if that is empty. */
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
