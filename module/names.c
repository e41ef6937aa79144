// SPDX-License-Identifier: GPL-2.0
/*
 * The names of VMAs, as they are printed: paths of mapped files, [heap] and [stack]. A path is
 * looked up and escaped only once, however many records and open files have it. Users choose the
 * number and the length of paths, so all paths of a report together have a limit.
 */
#include <linux/file.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "numbers.h"
#include "snapshot.h"
#include "text.h"

static unsigned int max_name_bytes = 4 << 20;
module_param(max_name_bytes, uint, 0600);
MODULE_PARM_DESC(max_name_bytes,
		 "Limit of bytes of paths in a report; names beyond are (left_out) (default 4194304)");

/* Values of struct rms_map.name. The others lead to struct rms_snapshot.names. */
enum {
	RMS_NAME_NONE,
	RMS_NAME_HEAP,
	RMS_NAME_STACK,
	RMS_NAME_LEFT_OUT,
	RMS_NAME_PATHS,
};

static const char * const rms_special_names[RMS_NAME_PATHS] = {
	[RMS_NAME_NONE] = "-",
	[RMS_NAME_HEAP] = "[heap]",
	[RMS_NAME_STACK] = "[stack]",
	[RMS_NAME_LEFT_OUT] = "(left_out)",
};

/**
 * struct rms_path - the path of an open file, as an identity
 * @mnt: where it is mounted
 * @dentry: the file there
 * @file: number of the open file
 */
struct rms_path {
	const struct vfsmount *mnt;
	const struct dentry *dentry;
	u32 file;
};

/* As vma_is_initial_heap() and vma_is_initial_stack() for /proc/PID/maps. */
static u32 rms_special_name(const struct rms_map *m)
{
	const struct mm_struct *mm = m->mm;

	if (m->vm_start < READ_ONCE(mm->brk) && m->vm_end > READ_ONCE(mm->start_brk))
		return RMS_NAME_HEAP;
	if (m->vm_start <= READ_ONCE(mm->start_stack) &&
	    m->vm_end >= READ_ONCE(mm->start_stack))
		return RMS_NAME_STACK;
	return RMS_NAME_NONE;
}

/* Sorts equal paths together, in the order of the files. */
static int rms_path_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_path *x = a, *y = b;

	if (x->dentry != y->dentry)
		return x->dentry < y->dentry ? -1 : 1;
	if (x->mnt != y->mnt)
		return x->mnt < y->mnt ? -1 : 1;
	return x->file < y->file ? -1 : 1;
}

/* Out, for each open file: the first one that has the same path. Returns 0 or -ENOMEM. */
static int rms_match_paths(const struct rms_numbers *files, u32 *same)
{
	struct rms_path *paths = rms_alloc_array(files->nr, sizeof(*paths)), *first = paths;
	const struct path *path;
	u32 i;

	if (!paths)
		return -ENOMEM;
	for (i = 0; i < files->nr; i++) {
		path = file_user_path((struct file *)files->objects[i]);
		paths[i] = (struct rms_path){ path->mnt, path->dentry, i };
	}
	if (files->nr > 1)
		sort_r_nonatomic(paths, files->nr, sizeof(*paths), rms_path_cmp, NULL, NULL);
	for (i = 0; i < files->nr; i++) {
		if (paths[i].dentry != first->dentry || paths[i].mnt != first->mnt)
			first = &paths[i];
		same[paths[i].file] = first->file;
	}
	kvfree(paths);
	return 0;
}

/* Adds the escaped text of a path, if it fits into @left bytes; else returns -E2BIG. */
static int rms_add_path(struct rms_snapshot *snap, struct file *file, size_t *left)
{
	const char *path = d_path(file_user_path(file), snap->path, PATH_MAX);
	size_t size;
	char *name;

	if (IS_ERR(path))
		path = "(too long)";
	size = rms_escaped_size(path);
	if (size > *left)
		return -E2BIG;
	name = kmalloc(size, RMS_GFP);
	if (!name)
		return -ENOMEM;
	rms_escape_to(name, path);
	*left -= size;
	snap->names[snap->nr_names++] = name;
	return 0;
}

/*
 * Names all files in the order of their first records. After a first path that doesn't fit, no
 * other is added. In: the first file with the same path; out: the value of struct rms_map.name.
 */
static int rms_add_paths(struct rms_snapshot *snap, const struct rms_numbers *files, u32 *names)
{
	size_t left = READ_ONCE(max_name_bytes);
	int ret = 0;
	u32 i;

	for (i = 0; i < files->nr; i++) {
		if (names[i] != i) {
			names[i] = names[names[i]];
			continue;
		}
		names[i] = RMS_NAME_LEFT_OUT;
		if (ret)
			continue;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = rms_add_path(snap, (struct file *)files->objects[i], &left);
		if (ret == -ENOMEM)
			return ret;
		if (!ret)
			names[i] = RMS_NAME_PATHS + snap->nr_names - 1;
	}
	return 0;
}

/* Names the VMAs of @files, whose records have the number of the file in place of the name. */
static int rms_name_numbered(struct rms_snapshot *snap, const struct rms_numbers *files)
{
	struct rms_map *maps = snap->walk.rec.maps;
	u32 i, *names = rms_alloc_array(files->nr, sizeof(*names));
	int ret = -ENOMEM;

	snap->names = rms_alloc_array(files->nr, sizeof(*snap->names));
	if (names && snap->names)
		ret = rms_match_paths(files, names);
	if (!ret)
		ret = rms_add_paths(snap, files, names);
	for (i = 0; i < snap->walk.rec.nr_maps && !ret; i++) {
		if (maps[i].file)
			maps[i].name = names[maps[i].name];
	}
	kvfree(names);
	return ret;
}

/* Names the VMAs of files, of which there are at most @max. */
static noinline int rms_name_files(struct rms_snapshot *snap, u32 max)
{
	struct rms_map *maps = snap->walk.rec.maps;
	struct rms_numbers files;
	int ret;
	u32 i;

	ret = rms_numbers_init(&files, max);
	if (ret)
		return ret;
	for (i = 0; i < snap->walk.rec.nr_maps; i++) {
		if (maps[i].file)
			maps[i].name = rms_number(&files, maps[i].file);
	}
	ret = rms_name_numbered(snap, &files);
	rms_numbers_free(&files);
	return ret;
}

/**
 * rms_name_vmas - find the names of the records' VMAs
 * @snap: its records still hold their mms and files
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, -ENOMEM, or -EINTR on a fatal signal. The caller calls rms_free_names() in any case.
 */
int rms_name_vmas(struct rms_snapshot *snap)
{
	struct rms_map *maps = snap->walk.rec.maps;
	u32 i, nr = 0;

	for (i = 0; i < snap->walk.rec.nr_maps; i++) {
		if (maps[i].file)
			nr++;
		else
			maps[i].name = rms_special_name(&maps[i]);
	}
	return nr ? rms_name_files(snap, nr) : 0;
}

/**
 * rms_vma_name - the name of a VMA, as it is printed
 * @snap: the snapshot
 * @map: a record of it
 *
 * Context: any.
 * Return: the name.
 */
const char *rms_vma_name(const struct rms_snapshot *snap, const struct rms_map *map)
{
	if (map->name < RMS_NAME_PATHS)
		return rms_special_names[map->name];
	return snap->names[map->name - RMS_NAME_PATHS];
}

/**
 * rms_free_names - free what rms_name_vmas() added to a snapshot
 * @snap: the snapshot, also after an error
 *
 * Context: may sleep.
 */
void rms_free_names(struct rms_snapshot *snap)
{
	u32 i;

	for (i = 0; i < snap->nr_names; i++)
		kfree(snap->names[i]);
	snap->nr_names = 0;
	rms_free_array(snap->names);
}
