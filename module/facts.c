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
 * rms_facts_count - read the counts of a page
 * @page: the page
 * @whole: count the mappings of its whole folio
 * @facts: out: @facts->mapcount and @facts->refcount
 *
 * Context: folio referenced once by us. Doesn't sleep.
 */
void rms_facts_count(struct page *page, bool whole, struct rms_facts *facts)
{
	struct folio *folio = page_folio(page);

	facts->mapcount = whole ? rms_folio_mapcount(folio) : rms_page_mapcount(page);
	facts->refcount = folio_ref_count(folio) - 1;
}

/**
 * rms_facts_read - read the kind and the counts of a page
 * @page: the page
 * @whole: count the mappings of its whole folio
 * @facts: out; but @facts->flags, the memory cgroup and the file are left alone
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
	facts->nid = folio_nid(folio);
	facts->zone = folio_zone(folio)->name;
	rms_facts_count(page, whole, facts);
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

/**
 * rms_inode_id - the numbers that a file is known by
 * @inode: the file
 * @dev: out: its device, or the device that it is
 * @ino: out: its inode; RMS_NO_INO if it is a device itself
 *
 * Context: any.
 */
void rms_inode_id(const struct inode *inode, dev_t *dev, u64 *ino)
{
	bool is_device = S_ISBLK(inode->i_mode);

	*dev = is_device ? inode->i_rdev : inode->i_sb->s_dev;
	*ino = is_device ? RMS_NO_INO : inode->i_ino;
}

/**
 * rms_name_inode - find a path of a file within its file system
 * @inode: the file
 * @buf: out, PATH_MAX bytes; left alone if the file has none
 *
 * Uses a name that still leads to the file, or else any of those tried: a process can make a file
 * have hundreds of thousands of removed names. Takes no reference: that would keep the file system
 * busy, and would keep a file that is removed meanwhile. A dentry stays on the list of its inode as
 * long as the lock of the inode is held.
 *
 * Context: the caller keeps the inode. Doesn't sleep.
 */
void rms_name_inode(struct inode *inode, char *buf)
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
 * rms_facts_find_file - read which file a folio is a part of
 * @folio: the folio
 * @facts: out: @facts->dev and @facts->ino, which are 0 if it isn't a part of a file
 * @path: out, PATH_MAX bytes: the file's path; empty if it has none
 *
 * Context: folio locked, which keeps its inode. Doesn't sleep.
 */
void rms_facts_find_file(struct folio *folio, struct rms_facts *facts, char *path)
{
	facts->dev = 0;
	facts->ino = 0;
	*path = '\0';
	if (!rms_is_of_file(folio))
		return;
	rms_inode_id(folio->mapping->host, &facts->dev, &facts->ino);
	if (facts->ino != RMS_NO_INO)
		rms_name_inode(folio->mapping->host, path);
}

/* Makes *@text a copy of @now, or NULL if that is empty. It often is the same already. */
static int rms_set_text(char **text, const char *now)
{
	if (*text && !strcmp(*text, now))
		return 0;
	kfree(*text);
	*text = NULL;
	if (!*now)
		return 0;
	*text = kstrdup(now, RMS_GFP);
	return *text ? 0 : -ENOMEM;
}

/**
 * rms_facts_name - name the file of a folio, and the memory cgroup that it is charged to
 * @folio: the folio
 * @facts: @facts->file and @facts->memcg get the paths, or NULL
 * @path: in: the file's path, or empty; a buffer of PATH_MAX bytes
 *
 * Context: folio referenced; may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_facts_name(struct folio *folio, struct rms_facts *facts, char *path)
{
	bool removed = false;
	int len;

	if (rms_set_text(&facts->file, path))
		return -ENOMEM;
	rcu_read_lock();
	len = rms_memcg_path(folio, path, PATH_MAX - sizeof(RMS_DELETED), &removed);
	rcu_read_unlock();
	if (len < 0)
		*path = '\0';
	else if (removed)
		strcat(path, RMS_DELETED);
	return rms_set_text(&facts->memcg, path);
}

/**
 * rms_facts_set_swap - the facts of a page in a swap slot
 * @facts: out
 * @pgoff: the page's offset in the anon_vma tree
 * @swap: the slot
 * @count: entries that hold it
 *
 * Context: any.
 */
void rms_facts_set_swap(struct rms_facts *facts, unsigned long pgoff, swp_entry_t swap, int count)
{
	rms_facts_free(facts);
	*facts = (struct rms_facts){
		.kind = RMS_KIND_SWAP,
		.pgoff = pgoff,
		.swap = swap,
		.swap_count = count,
	};
}

/**
 * rms_facts_free - free the names
 * @facts: the facts
 *
 * Context: any.
 */
void rms_facts_free(struct rms_facts *facts)
{
	kfree(facts->file);
	facts->file = NULL;
	kfree(facts->memcg);
	facts->memcg = NULL;
}
