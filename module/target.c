// SPDX-License-Identifier: GPL-2.0
/* Parses a target, and finds the page that it leads to. */
#include <linux/hugetlb.h>
#include <linux/kstrtox.h>
#include <linux/memory_hotplug.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "back_off.h"
#include "compat.h"
#include "counters.h"
#include "procs.h"
#include "rmapscope.h"

/* How often to look up a page again while it is being moved. */
#define RMS_PAGE_TRIES	20

enum {
	KEY_PID,
	KEY_VA,
	KEY_PFN,
	KEY_PHYS,
	KEY_FOLIO,
	NR_KEYS,
};

static const char * const rms_keys[NR_KEYS] = {
	[KEY_PID] = "pid",
	[KEY_VA] = "va",
	[KEY_PFN] = "pfn",
	[KEY_PHYS] = "phys",
	[KEY_FOLIO] = "folio",
};

/* One "key=value" or "key" into @val[]; @seen collects the keys. Without "=", @value is NULL. */
static int rms_key_parse(const char *name, const char *value, unsigned long *seen,
			 unsigned long long *val)
{
	unsigned int key = 0;

	while (key < NR_KEYS && (*name != *rms_keys[key] || strcmp(name, rms_keys[key])))
		key++;
	if (key == NR_KEYS || __test_and_set_bit(key, seen))
		return -EINVAL;
	if (key == KEY_FOLIO)
		return value ? -EINVAL : 0;
	if (!value || kstrtoull(value, 0, &val[key]))
		return -EINVAL;
	return 0;
}

/*
 * All keys and values. @text ends with a blank, at which the inner loops stop. They also stop at
 * NUL and newline, which are malformed: kstrtoull() would accept a newline behind a number.
 */
static int rms_keys_parse(unsigned char *text, const unsigned char *end, unsigned long *seen,
			  unsigned long long *val)
{
	unsigned char *name, *value;

	for (; text < end; text++) {
		if (*text == ' ' || *text == '\t')
			continue;
		for (name = text, value = NULL; *text > ' ' && *text != '='; text++)
			;
		if (*text == '=') {
			*text++ = '\0';
			for (value = text; *text > ' '; text++)
				;
		}
		if (*text != ' ' && *text != '\t')
			return -EINVAL;
		*text = '\0';
		if (rms_key_parse(name, value, seen, val))
			return -EINVAL;
	}
	return 0;
}

/**
 * rms_target_parse - understand a target as written by the user
 * @text: "pid=N va=ADDR", "pfn=N" or "phys=ADDR", and optionally "folio", separated by blanks;
 *	without a final newline or NUL. Is modified, and has room for one more character
 * @length: of @text
 * @ns: the pid namespace to look @pid up in
 * @t: out; to be given back with rms_target_put()
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if malformed; -ESRCH if there is no such process.
 */
int rms_target_parse(char *text, size_t length, struct pid_namespace *ns, struct rms_target *t)
{
	unsigned long long val[NR_KEYS] = {};
	unsigned long seen = 0, form;

	text[length++] = ' ';
	if (rms_keys_parse((unsigned char *)text, (unsigned char *)text + length, &seen, val))
		return -EINVAL;

	*t = (struct rms_target){};
	t->folio = seen & BIT(KEY_FOLIO);
	form = seen & ~BIT(KEY_FOLIO);
	if (form == BIT(KEY_PFN)) {
		t->pfn = val[KEY_PFN];
		return 0;
	}
	if (form == BIT(KEY_PHYS)) {
		t->pfn = val[KEY_PHYS] >> PAGE_SHIFT;
		return 0;
	}
	if (form != (BIT(KEY_PID) | BIT(KEY_VA)))
		return -EINVAL;

	t->va = val[KEY_VA];
	if (val[KEY_PID] > INT_MAX)
		return -ESRCH;
	rcu_read_lock();
	t->pid = get_pid(find_pid_ns(val[KEY_PID], ns));
	rcu_read_unlock();
	return t->pid ? 0 : -ESRCH;
}

/**
 * rms_target_get - copy a target
 * @dst: out; to be given back with rms_target_put()
 * @src: the target
 *
 * Context: any.
 */
void rms_target_get(struct rms_target *dst, const struct rms_target *src)
{
	*dst = *src;
	get_pid(dst->pid);
}

/**
 * rms_target_put - give a target back
 * @t: may be given back again, or never have been got if it is all zeroes
 *
 * Context: any.
 */
void rms_target_put(struct rms_target *t)
{
	put_pid(t->pid);
	t->pid = NULL;
}

/**
 * rms_frame_get - take a reference to the folio of a frame, if that is user memory
 * @page: of a frame that is online
 *
 * Like page_idle_get_folio() in the kernel: checks the frame before it takes a reference, so that
 * frames of the kernel never get one, and checks afterwards that the frame still belongs to the
 * folio that was referenced.
 *
 * Context: doesn't sleep.
 * Return: 0; -EOPNOTSUPP if this kind of frame has no reverse map; -EAGAIN if it is being moved or
 * freed.
 */
int rms_frame_get(struct page *page)
{
	struct folio *folio = page_folio(page);
	unsigned long flags;
	int ret;

	flags = rms_folio_flags(folio);
	/*
	 * Most frames that aren't mapped have no mapping, and are on no list of user memory.
	 * Waiting would not change that. Only raw words may be read here: without a reference the
	 * page may become the tail of another folio at any time.
	 */
	if ((!READ_ONCE(folio->mapping) && !(flags & BIT(PG_lru)) &&
	     !(folio_test_hugetlb(folio) && folio_test_hugetlb_migratable(folio))) ||
	    rms_page_is_kernels(&folio->page, flags) ||
	    (page_has_type(&folio->page) && !folio_test_hugetlb(folio)))
		return -EOPNOTSUPP;
	if (!folio_try_get(folio))
		return -EAGAIN;	/* its folio is being moved, or was just freed */
	ret = page_folio(page) == folio ? rms_folio_check(folio) : -EAGAIN;
	if (ret)
		folio_put(folio);
	return ret;
}

static int rms_page_by_pfn(unsigned long pfn, struct rms_page *p)
{
	struct page *page;
	int ret;

	if (!pfn_valid(pfn))
		return -ENXIO;
	/*
	 * Refuses offline memory, and the memory of devices: there the struct page of a file
	 * (fsdax) need not be valid before an entry maps it.
	 */
	page = pfn_to_online_page(pfn);
	ret = page ? rms_frame_get(page) : -EOPNOTSUPP;
	if (!ret)
		p->page = page;
	return ret;
}

/* Context: mmap_lock held for reading. */
static bool rms_hold_at(struct vm_area_struct *vma, unsigned long va,
			struct rms_entry *entry, struct rms_hold *hold)
{
	bool ok;

	if (!is_vm_hugetlb_page(vma))
		return rms_entry_read(vma, va, entry, hold);
	/* Keeps page tables that are shared with other processes. */
	i_mmap_lock_read(vma->vm_file->f_mapping);
	ok = rms_entry_read(vma, va, entry, hold);
	i_mmap_unlock_read(vma->vm_file->f_mapping);
	return ok;
}

static int rms_page_by_va(struct mm_struct *mm, unsigned long va, struct rms_page *p)
{
	enum rms_content content;
	struct vm_area_struct *vma;
	struct rms_hold hold = {};
	struct rms_entry entry;
	int ret;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	vma = vma_lookup(mm, va);
	if (!vma) {
		mmap_read_unlock(mm);
		return -EFAULT;
	}
	ret = rms_hold_at(vma, va, &entry, &hold) ? 0 : -EAGAIN;
	mmap_read_unlock(mm);

	content = rms_entry_content(&entry);
	if (ret || content == RMS_MIGRATION)
		return -EAGAIN;
	if (content == RMS_NONE)
		return -ENODATA;
	/* rms_walk_slot() or rms_read_place() reads the slot again. */
	if (content == RMS_SWAP)
		return 0;
	if (!hold.page)
		return hold.frozen ? -EAGAIN : -EOPNOTSUPP;
	ret = rms_folio_check(page_folio(hold.page));
	if (ret) {
		rms_hold_put(&hold);
		return ret;
	}
	p->page = hold.page;
	p->pgmap = hold.pgmap;
	p->borrowed = content == RMS_DEVICE_EXCLUSIVE && !RMS_DEVICE_EXCLUSIVE_MAPS;
	return 0;
}

/**
 * rms_target_mm - the mm of the process that a target names
 * @t: not a frame
 *
 * Context: doesn't sleep.
 * Return: the mm, to be given back with mmput(); NULL if the process has none any more.
 */
struct mm_struct *rms_target_mm(const struct rms_target *t)
{
	struct mm_struct *mm = NULL;
	struct task_struct *p;

	if (t->mm)
		return mmget_not_zero(t->mm) ? t->mm : NULL;
	rcu_read_lock();
	p = pid_task(t->pid, PIDTYPE_PID);
	if (p)
		mm = rms_process_mm(p, mmget);
	rcu_read_unlock();
	return mm;
}

static int rms_page_by_pid(const struct rms_target *t, struct rms_page *p)
{
	struct mm_struct *mm = rms_target_mm(t);
	int ret;

	if (!mm)
		return -ESRCH;

	p->va = t->va & PAGE_MASK;
	ret = rms_page_by_va(mm, p->va, p);
	if (!ret) {
		/* The walk compares mms by address, so no other mm may get this address. */
		mmgrab(mm);
		p->mm = mm;
	}
	mmput(mm);
	return ret;
}

/**
 * rms_page_get - find the page that a target leads to, and take a reference
 * @t: the target
 * @p: out; to be given back with rms_page_put()
 *
 * Faults nothing in, sets no accessed bit, and doesn't mark the page as used.
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0; -ESRCH, -EFAULT, -ENODATA, -ENXIO, -EOPNOTSUPP, -EINTR as in
 * Documentation/interface.rst; -EAGAIN if the page was being moved at each try.
 */
int rms_page_get(const struct rms_target *t, struct rms_page *p)
{
	int ret, try;

	for (try = 0;; try++) {
		*p = (struct rms_page){};
		ret = t->pid || t->mm ? rms_page_by_pid(t, p) : rms_page_by_pfn(t->pfn, p);
		if (ret != -EAGAIN || try == RMS_PAGE_TRIES - 1)
			return ret;
		rms_stat_add(RMS_STAT_RETRIES, 1);
		/* A migration takes some ten microseconds, more if it must wait for a lock. */
		ret = rms_back_off(try + 1);
		if (ret)
			return ret;
	}
}

/**
 * rms_page_put - give back what rms_page_get() found
 * @p: the page
 *
 * Context: may sleep; no lock of mm held.
 */
void rms_page_put(struct rms_page *p)
{
	if (p->page)
		put_page(p->page);
	put_dev_pagemap(p->pgmap);
	if (p->mm)
		mmdrop(p->mm);
}
