// SPDX-License-Identifier: GPL-2.0
/*
 * The files of a stream. A file is described once, before the first record that names it by number.
 * It is known by its device and inode.
 */
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "scan.h"

struct rms_file_key {
	u64 ino;
	u64 dev;
};

/**
 * struct rms_file_name - a file that was described
 * @node: in struct rms_scan_files.by_inode
 * @key: its device and inode
 * @nr: its number
 */
struct rms_file_name {
	struct rhash_head node;
	struct rms_file_key key;
	u32 nr;
};

/**
 * struct rms_scan_files - all files of a stream
 * @by_inode: by device and inode
 * @nr: the highest number
 * @path: a buffer of PATH_MAX bytes
 */
struct rms_scan_files {
	struct rhashtable by_inode;
	u32 nr;
	char *path;
};

static const struct rhashtable_params rms_file_params = {
	.key_len = sizeof(struct rms_file_key),
	.key_offset = offsetof(struct rms_file_name, key),
	.head_offset = offsetof(struct rms_file_name, node),
	.automatic_shrinking = false,
};

/**
 * rms_scan_files_init - begin with no files
 * @s: the stream
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_files_init(struct rms_scan *s)
{
	struct rms_scan_files *files = kzalloc_obj(*files, RMS_GFP);

	if (!files)
		return -ENOMEM;
	files->path = kmalloc(PATH_MAX, RMS_GFP);
	if (!files->path || rhashtable_init(&files->by_inode, &rms_file_params)) {
		kfree(files->path);
		kfree(files);
		return -ENOMEM;
	}
	s->files = files;
	return 0;
}

static void rms_free_file(void *ptr, void *arg)
{
	kfree(ptr);
}

/**
 * rms_scan_files_free - free all files
 * @s: the stream
 *
 * Context: may sleep.
 */
void rms_scan_files_free(struct rms_scan *s)
{
	struct rms_scan_files *files = s->files;

	if (!files)
		return;
	rhashtable_free_and_destroy(&files->by_inode, rms_free_file, NULL);
	kfree(files->path);
	kfree(files);
	s->files = NULL;
}

static u32 rms_known_file(struct rms_scan_files *files, dev_t dev, u64 ino)
{
	struct rms_file_key key = { .ino = ino, .dev = dev };
	struct rms_file_name *name;

	name = rhashtable_lookup_fast(&files->by_inode, &key, rms_file_params);
	return name ? name->nr : 0;
}

/* Gives a file the next number, and describes it to the reader. */
static int rms_add_file(struct rms_scan *s, dev_t dev, u64 ino, const char *path, u32 *nr)
{
	struct rms_file_name *name = kzalloc_obj(*name, RMS_GFP);
	size_t length = strlen(path) + 1;
	struct rms_rec_file *rec;
	size_t size;

	if (!name)
		return -ENOMEM;
	size = ALIGN(struct_size(rec, path, length), 8);
	name->key = (struct rms_file_key){ .ino = ino, .dev = dev };
	name->nr = s->files->nr + 1;
	/* A table that can't grow is out of memory, whatever the error. */
	if (rms_scan_reserve(s, size) ||
	    rhashtable_insert_fast(&s->files->by_inode, &name->node, rms_file_params)) {
		kfree(name);
		return -ENOMEM;
	}
	*nr = ++s->files->nr;
	rec = rms_scan_put(s, RMS_REC_FILE, size);
	rec->file = *nr;
	rec->dev_major = MAJOR(dev);
	rec->dev_minor = MINOR(dev);
	rec->ino = ino;
	memcpy(rec->path, path, length);
	return 0;
}

/**
 * rms_scan_name_inode - the number of a file, which is described if it is new
 * @s: the stream
 * @inode: the file
 * @nr: out: the number
 *
 * Context: the caller keeps the inode; may sleep.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_name_inode(struct rms_scan *s, struct inode *inode, u32 *nr)
{
	dev_t dev;
	u64 ino;

	rms_inode_id(inode, &dev, &ino);
	*nr = rms_known_file(s->files, dev, ino);
	if (*nr)
		return 0;
	*s->files->path = '\0';
	if (ino != RMS_NO_INO)
		rms_name_inode(inode, s->files->path);
	return rms_add_file(s, dev, ino, s->files->path, nr);
}

/**
 * rms_scan_name_folio - the same for the file of a folio
 * @s: the stream
 * @folio: referenced
 * @p: its page, which gets the number; 0 if the folio is locked, or cut off from its file
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_name_folio(struct rms_scan *s, struct folio *folio, struct rms_scan_pages *p)
{
	char *path = s->files->path;
	struct inode *inode;
	dev_t dev = 0;
	u64 ino = 0;

	if (!folio_trylock(folio))
		return 0;
	*path = '\0';
	if (folio->mapping == p->file && (folio_test_lru(folio) || rms_in_pagecache(folio))) {
		inode = folio->mapping->host;
		rms_inode_id(inode, &dev, &ino);
		p->file_nr = rms_known_file(s->files, dev, ino);
		if (!p->file_nr && ino != RMS_NO_INO)
			rms_name_inode(inode, path);
	}
	folio_unlock(folio);
	if (p->file_nr || (!dev && !ino))
		return 0;
	return rms_add_file(s, dev, ino, path, &p->file_nr);
}

/**
 * rms_scan_name_facts - the same for the file that a report has found
 * @s: the stream
 * @facts: of the page
 * @nr: out: the number; 0 if the page is not of a file
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_name_facts(struct rms_scan *s, const struct rms_facts *facts, u32 *nr)
{
	*nr = 0;
	if (!facts->dev && !facts->ino)
		return 0;
	*nr = rms_known_file(s->files, facts->dev, facts->ino);
	if (*nr)
		return 0;
	return rms_add_file(s, facts->dev, facts->ino, facts->file ?: "", nr);
}
