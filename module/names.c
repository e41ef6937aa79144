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
#include "snapshot.h"
#include "text.h"

static unsigned int max_name_bytes = 4 << 20;
module_param(max_name_bytes, uint, 0600);
MODULE_PARM_DESC(max_name_bytes,
		 "Most bytes of paths in one report; further names are (left_out) (default 4194304)");

/* The constant entries of struct rms_snapshot.names. Paths follow them. */
enum {
	RMS_NAME_NONE,
	RMS_NAME_HEAP,
	RMS_NAME_STACK,
	RMS_NAME_LEFT_OUT,
	RMS_NAME_PATHS,
};

/**
 * struct rms_path - the path of a record's file, as an identity
 * @mnt: where it is mounted
 * @dentry: the file there
 * @index: the record
 */
struct rms_path {
	const struct vfsmount *mnt;
	const struct dentry *dentry;
	u32 index;
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

/* Sorts equal paths together, in the order of the records. */
static int rms_path_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_path *x = a, *y = b;

	if (x->dentry != y->dentry)
		return x->dentry < y->dentry ? -1 : 1;
	if (x->mnt != y->mnt)
		return x->mnt < y->mnt ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* The paths of all records that have a file. Returns how many. */
static u32 rms_list_paths(const struct rms_snapshot *snap, struct rms_path *paths)
{
	const struct rms_map *maps = snap->walk.rec.maps;
	const struct path *path;
	u32 i, n = 0;

	for (i = 0; i < snap->walk.rec.nr_maps; i++) {
		if (!maps[i].file)
			continue;
		path = file_user_path(maps[i].file);
		paths[n++] = (struct rms_path){ path->mnt, path->dentry, i };
	}
	return n;
}

/*
 * For now, the name of each record is the index of the first record with the same path. Returns the
 * number of paths.
 */
static u32 rms_match_paths(struct rms_snapshot *snap, struct rms_path *paths)
{
	u32 i, n = rms_list_paths(snap, paths), nr_paths = 0;
	const struct rms_path *first = paths;

	/* Often there is only one file, or the files come in order. */
	for (i = 1; i < n; i++) {
		if (rms_path_cmp(&paths[i - 1], &paths[i], NULL) > 0) {
			sort_r_nonatomic(paths, n, sizeof(*paths), rms_path_cmp, NULL, NULL);
			break;
		}
	}
	for (i = 0; i < n; i++) {
		if (!i || paths[i].dentry != first->dentry || paths[i].mnt != first->mnt) {
			first = &paths[i];
			nr_paths++;
		}
		snap->walk.rec.maps[paths[i].index].name = first->index;
	}
	return nr_paths;
}

/*
 * Adds the escaped text of a path, if it fits into @left bytes; else returns -E2BIG. @buf is a
 * buffer of PATH_MAX bytes.
 */
static int rms_add_path(struct rms_snapshot *snap, struct file *file, char *buf, size_t *left)
{
	const char *path = d_path(file_user_path(file), buf, PATH_MAX);
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

/* Names all records in their order. After a first path that doesn't fit, no other is added. */
static int rms_add_names(struct rms_snapshot *snap, char *buf)
{
	struct rms_map *m, *maps = snap->walk.rec.maps;
	size_t left = READ_ONCE(max_name_bytes);
	int ret = 0;
	u32 i;

	for (i = 0; i < snap->walk.rec.nr_maps; i++) {
		m = &maps[i];
		if (!m->file) {
			m->name = rms_special_name(m);
			continue;
		}
		if (m->name != i) {
			m->name = maps[m->name].name;
			continue;
		}
		m->name = RMS_NAME_LEFT_OUT;
		if (ret)
			continue;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = rms_add_path(snap, m->file, buf, &left);
		if (ret == -ENOMEM)
			return ret;
		if (!ret)
			m->name = snap->nr_names - 1;
	}
	return 0;
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
	struct rms_path *paths = rms_alloc_array(snap->walk.rec.nr_maps, sizeof(*paths));
	char *buf = kmalloc(PATH_MAX, RMS_GFP);
	int ret = -ENOMEM;
	u32 nr_paths;

	if (!paths || !buf)
		goto out_free;
	nr_paths = rms_match_paths(snap, paths);
	snap->names = rms_zalloc_array(RMS_NAME_PATHS + nr_paths, sizeof(*snap->names));
	if (!snap->names)
		goto out_free;
	snap->names[RMS_NAME_NONE] = "-";
	snap->names[RMS_NAME_HEAP] = "[heap]";
	snap->names[RMS_NAME_STACK] = "[stack]";
	snap->names[RMS_NAME_LEFT_OUT] = "(left_out)";
	snap->nr_names = RMS_NAME_PATHS;
	ret = rms_add_names(snap, buf);
out_free:
	kfree(buf);
	kvfree(paths);
	return ret;
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

	for (i = RMS_NAME_PATHS; i < snap->nr_names; i++)
		kfree(snap->names[i]);
	kvfree(snap->names);
}
