// SPDX-License-Identifier: GPL-2.0
/*
 * Times the kernel's bare reverse map walk of a page, which only calls page_vma_mapped_walk() for
 * each VMA. The benchmark compares rmapscope with it.
 *
 * Write the PFN of a mapped anonymous order-0 page to bare_walk in debugfs, and read "visited=
 * mapped= empty_ns= ns=": the VMAs visited; those that map the page; the time of a walk with an
 * empty rmap_one(); and the time of a walk that reads each page table. For one user at a time. The
 * user must keep the page in place.
 */
/* This module finds symbols with the same code as rmapscope. It can't link to rmapscope.ko. */
#include "../../module/symbols.c"

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/seq_file.h>

/* No part of it can be missing: this needs only the walk. */
bool rms_has_feature(enum rms_feature feature)
{
	return false;
}

void rms_lose_feature(enum rms_feature feature)
{
}

DEFINE_STATIC_CALL_NULL(bare_page_vma_mapped_walk, page_vma_mapped_walk);

static struct dentry *bare_file;

static struct {
	unsigned long visited;
	unsigned long mapped;
	u64 empty_ns;
	u64 ns;
} result;

static bool bare_empty_one(struct folio *folio, struct vm_area_struct *vma,
			   unsigned long addr, void *arg)
{
	result.visited++;
	return true;
}

static bool bare_walk_one(struct folio *folio, struct vm_area_struct *vma,
			  unsigned long addr, void *arg)
{
	struct page_vma_mapped_walk walk = {
		.pfn = folio_pfn(folio),
		.nr_pages = 1,
		.vma = vma,
		.address = addr,
	}, *pvmw = &walk;

	while (static_call(bare_page_vma_mapped_walk)(pvmw))
		result.mapped++;
	return true;
}

static struct anon_vma *bare_anon_lock(RMS_ANON_LOCK_CONST struct folio *folio,
				       struct rmap_walk_control *rwc)
{
	return static_call(rms_folio_lock_anon_vma_read)(folio, rwc);
}

static u64 bare_walk(struct folio *folio, bool (*one)(struct folio *, struct vm_area_struct *,
						      unsigned long, void *))
{
	struct rmap_walk_control rwc = {
		.rmap_one = one,
		.anon_lock = bare_anon_lock,
	};
	u64 start = ktime_get_ns();

	static_call(rms_rmap_walk)(folio, &rwc);
	return ktime_get_ns() - start;
}

static ssize_t bare_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
	unsigned long pfn;
	struct page *page;
	struct folio *folio;
	int ret;

	ret = kstrtoul_from_user(buf, count, 0, &pfn);
	if (ret)
		return ret;
	page = pfn_valid(pfn) ? pfn_to_online_page(pfn) : NULL;
	if (!page)
		return -ENXIO;
	folio = page_folio(page);
	if (!folio_try_get(folio))
		return -EOPNOTSUPP;
	folio_lock(folio);
	ret = -EOPNOTSUPP;
	if (!folio_test_large(folio) && folio_test_anon(folio) && !folio_test_ksm(folio)) {
		memset(&result, 0, sizeof(result));
		result.empty_ns = bare_walk(folio, bare_empty_one);
		result.ns = bare_walk(folio, bare_walk_one);
		ret = count;
	}
	folio_unlock(folio);
	folio_put(folio);
	return ret;
}

static int bare_show(struct seq_file *m, void *v)
{
	seq_printf(m, "visited=%lu mapped=%lu empty_ns=%llu ns=%llu\n",
		   result.visited, result.mapped, result.empty_ns, result.ns);
	return 0;
}

static int bare_open(struct inode *inode, struct file *file)
{
	return single_open(file, bare_show, NULL);
}

static const struct file_operations bare_fops = {
	.owner = THIS_MODULE,
	.open = bare_open,
	.read = seq_read,
	.write = bare_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init bare_init(void)
{
	unsigned long addr;
	int ret;

	ret = rms_symbols_init();
	if (ret)
		return ret;
	addr = static_call(rms_kallsyms_lookup_name)("page_vma_mapped_walk");
	if (!addr)
		return -ENOENT;
	__static_call_update(&STATIC_CALL_KEY(bare_page_vma_mapped_walk),
			     STATIC_CALL_TRAMP_ADDR(bare_page_vma_mapped_walk), (void *)addr);
	bare_file = debugfs_create_file("bare_walk", 0600, NULL, NULL, &bare_fops);
	return PTR_ERR_OR_ZERO(bare_file);
}

static void __exit bare_exit(void)
{
	debugfs_remove(bare_file);
}

module_init(bare_init);
module_exit(bare_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Times the kernel's bare reverse map walk");
