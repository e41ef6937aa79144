/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A part of compat.h: files and their page cache.
 */
#ifndef _RMAPSCOPE_COMPAT_FILE_H
#define _RMAPSCOPE_COMPAT_FILE_H

#include <linux/buffer_head.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/pagemap.h>

/* An iterator over the dentries of an inode came after v6.12. Remove with 6.12. */
#ifndef for_each_alias
#define for_each_alias(dentry, inode)	\
	hlist_for_each_entry(dentry, &(inode)->i_dentry, d_u.d_alias)
#endif

/*
 * Memory that the kernel itself can't read, and therefore can't move, came in v6.11. Remove with
 * 6.1.
 */
static inline bool rms_mapping_inaccessible(struct address_space *mapping)
{
#ifdef HAVE_MAPPING_INACCESSIBLE
	return mapping_inaccessible(mapping);
#else
	return false;
#endif
}

/* Files with blocks larger than a page came in v6.12. Remove with 6.1. */
static inline unsigned int rms_mapping_min_order(struct address_space *mapping)
{
#ifdef HAVE_MAPPING_MIN_FOLIO_ORDER
	return mapping_min_folio_order(mapping);
#else
	return 0;
#endif
}

/*
 * In v6.12 and before, a file system without migrate_folio() can have writepage(), and migration
 * then writes the page first. A kernel after v6.12 removed writepage(). Remove with 6.12.
 */
static inline bool rms_mapping_can_write(struct address_space *mapping)
{
#ifdef HAVE_WRITEPAGE
	return mapping->a_ops->writepage;
#else
	return false;
#endif
}

/*
 * The path by which the user knows a file. Since v6.8 a file that is mapped through overlayfs is a
 * backing file, and its own path is that of the lower layer. Remove with 6.1.
 */
#ifndef HAVE_FILE_USER_PATH
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}
#endif

/*
 * Whether the private data of a file's folios is buffers. It is if one of the file's methods is the
 * kernel's own for buffers, or if the file has no method to release private data, as the kernel
 * then treats it as buffers. Since v6.6 a kernel can be built without buffers. Not a matter of
 * version, but of the configuration.
 */
#if defined(CONFIG_BUFFER_HEAD) || (defined(CONFIG_BLOCK) && !defined(HAVE_BUFFER_HEAD_OPTION))
#define RMS_HAS_BUFFERS	true

static inline bool rms_mapping_has_buffers(const struct address_space *mapping)
{
	const struct address_space_operations *ops = mapping->a_ops;

	return !ops->release_folio || ops->dirty_folio == block_dirty_folio ||
	       ops->invalidate_folio == block_invalidate_folio ||
	       ops->is_partially_uptodate == block_is_partially_uptodate;
}
#else
#define RMS_HAS_BUFFERS	false

static inline bool rms_mapping_has_buffers(const struct address_space *mapping)
{
	return false;
}
#endif

#endif /* _RMAPSCOPE_COMPAT_FILE_H */
