// SPDX-License-Identifier: GPL-2.0
/* Finds the kernel's unexported functions. No other file uses kallsyms. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include "feature.h"
#include "symbols.h"

#define KALLSYMS_FN	"kallsyms_lookup_name"

/* Not readable in /sys/module: it would show a kernel address. */
static unsigned long kallsyms_param;
module_param_named(kallsyms_lookup_name, kallsyms_param, ulong, 0);
MODULE_PARM_DESC(kallsyms_lookup_name,
		 "Address of kallsyms_lookup_name in /proc/kallsyms, for kernels without kprobes");

/*
 * kallsyms_lookup_name() is called in the same way as the others, since its entry may be sealed
 * against indirect calls (IBT).
 */
DEFINE_STATIC_CALL_NULL(rms_kallsyms_lookup_name, kallsyms_lookup_name);

DEFINE_STATIC_CALL_NULL(rms_rmap_walk, rmap_walk);
DEFINE_STATIC_CALL_NULL(rms_folio_lock_anon_vma_read, folio_lock_anon_vma_read);
DEFINE_STATIC_CALL_NULL(rms___put_anon_vma, __put_anon_vma);
DEFINE_STATIC_CALL_NULL(rms_anon_tree_first, RMS_ANON_TREE_FIRST);
DEFINE_STATIC_CALL_NULL(rms_anon_tree_next, RMS_ANON_TREE_NEXT);
DEFINE_STATIC_CALL_NULL(rms_file_tree_first, RMS_FILE_TREE_FIRST);
DEFINE_STATIC_CALL_NULL(rms_file_tree_next, RMS_FILE_TREE_NEXT);
#ifdef RMS_SWP_SWAPCOUNT
DEFINE_STATIC_CALL_NULL(rms_swp_swapcount, RMS_SWP_SWAPCOUNT);
#endif
#ifdef RMS_PTE_OFFSET_MAP_LOCK
DEFINE_STATIC_CALL_NULL(rms_pte_offset_map_lock, RMS_PTE_OFFSET_MAP_LOCK);
#endif

/*
 * The arguments of __static_call_update() for each function, by its name. Without one that only
 * the file "scan" needs, the module loads, and has no such file.
 */
static const struct rms_symbol {
	const char *name;
	struct static_call_key *key;
	void *tramp;
	bool only_for_scan;
} rms_symbols[] = {
	{ "rmap_walk",
	  &STATIC_CALL_KEY(rms_rmap_walk),
	  STATIC_CALL_TRAMP_ADDR(rms_rmap_walk) },
	{ "folio_lock_anon_vma_read",
	  &STATIC_CALL_KEY(rms_folio_lock_anon_vma_read),
	  STATIC_CALL_TRAMP_ADDR(rms_folio_lock_anon_vma_read) },
	{ "__put_anon_vma",
	  &STATIC_CALL_KEY(rms___put_anon_vma),
	  STATIC_CALL_TRAMP_ADDR(rms___put_anon_vma) },
#ifdef RMS_SWP_SWAPCOUNT
	{ __stringify(RMS_SWP_SWAPCOUNT),
	  &STATIC_CALL_KEY(rms_swp_swapcount),
	  STATIC_CALL_TRAMP_ADDR(rms_swp_swapcount) },
#endif
	{ __stringify(RMS_ANON_TREE_FIRST),
	  &STATIC_CALL_KEY(rms_anon_tree_first),
	  STATIC_CALL_TRAMP_ADDR(rms_anon_tree_first) },
	{ __stringify(RMS_ANON_TREE_NEXT),
	  &STATIC_CALL_KEY(rms_anon_tree_next),
	  STATIC_CALL_TRAMP_ADDR(rms_anon_tree_next) },
	{ __stringify(RMS_FILE_TREE_FIRST),
	  &STATIC_CALL_KEY(rms_file_tree_first),
	  STATIC_CALL_TRAMP_ADDR(rms_file_tree_first), .only_for_scan = true },
	{ __stringify(RMS_FILE_TREE_NEXT),
	  &STATIC_CALL_KEY(rms_file_tree_next),
	  STATIC_CALL_TRAMP_ADDR(rms_file_tree_next), .only_for_scan = true },
#ifdef RMS_PTE_OFFSET_MAP_LOCK
	{ __stringify(RMS_PTE_OFFSET_MAP_LOCK),
	  &STATIC_CALL_KEY(rms_pte_offset_map_lock),
	  STATIC_CALL_TRAMP_ADDR(rms_pte_offset_map_lock) },
#endif
};

static bool rms_resolved[ARRAY_SIZE(rms_symbols)];

/* Symbols that are only compared with, or read, and may be missing. Their address is 0 then. */
static const char * const rms_optional_names[] = {
	[RMS_AIO_MIGRATE_FOLIO] = "aio_migrate_folio",
	[RMS_BUFFER_MIGRATE_FOLIO_NOREFS] = "buffer_migrate_folio_norefs",
	[RMS_BH_LRUS] = "bh_lrus",
};

static unsigned long rms_optional_addrs[ARRAY_SIZE(rms_optional_names)];

/*
 * Returns the offset of @addr into kallsyms_lookup_name(), or -ENOENT if it is not in there.
 * sprint_symbol() can be asked about any number.
 */
static int rms_kallsyms_offset(unsigned long addr)
{
	char *text;
	unsigned int offset;
	int ret = -ENOENT;

	text = kmalloc(KSYM_SYMBOL_LEN, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	sprint_symbol(text, addr);
	if (sscanf(text, KALLSYMS_FN "+%x/", &offset) == 1)
		ret = offset;
	kfree(text);
	return ret;
}

/*
 * A kprobe knows the address of the function that it is put on. It is registered disabled, so no
 * code is patched. If a function begins with ENDBR the kprobe is behind that
 * (arch_adjust_kprobe_addr() in arch/x86/kernel/kprobes/core.c); the caller needs the entry.
 */
static int rms_kallsyms_by_kprobe(unsigned long *addr)
{
	static struct kprobe kp = {
		.symbol_name = KALLSYMS_FN,
		.flags = KPROBE_FLAG_DISABLED,
	};
	int ret;

	ret = register_kprobe(&kp);
	if (ret) {
		pr_err("cannot find %s with a kprobe (%d): pass %s=0x... as in /proc/kallsyms\n",
		       KALLSYMS_FN, ret, KALLSYMS_FN);
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	}
	*addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);

	ret = rms_kallsyms_offset(*addr);
	if (ret < 0) {
		pr_err("the kprobe on " KALLSYMS_FN " has an address outside of it (%d)\n", ret);
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	}
	*addr -= ret;
	return 0;
}

static int rms_find_kallsyms(void)
{
	unsigned long addr = kallsyms_param;
	int ret;

	ret = addr ? rms_kallsyms_offset(addr) : rms_kallsyms_by_kprobe(&addr);
	if (ret == -ENOMEM || ret == -EOPNOTSUPP)
		return ret;
	if (ret) {
		/* Doesn't print the number, which may be a kernel address. */
		pr_err("%s= is not the address of that function: see /proc/kallsyms as root\n",
		       KALLSYMS_FN);
		return -EINVAL;
	}

	__static_call_update(&STATIC_CALL_KEY(rms_kallsyms_lookup_name),
			     STATIC_CALL_TRAMP_ADDR(rms_kallsyms_lookup_name),
			     (void *)addr);
	if (static_call(rms_kallsyms_lookup_name)(KALLSYMS_FN) != addr) {
		pr_err(KALLSYMS_FN "() does not find its own address\n");
		return -ENOENT;
	}
	return 0;
}

/*
 * Looks up a function and sets its static call. Returns -ENOENT if the module can't do without it.
 */
static int rms_resolve(unsigned int i)
{
	const struct rms_symbol *sym = &rms_symbols[i];
	unsigned long addr = 0;

	if (!sym->only_for_scan || rms_has_feature(RMS_FEATURE_SCAN))
		addr = static_call(rms_kallsyms_lookup_name)(sym->name);
	if (addr) {
		__static_call_update(sym->key, sym->tramp, (void *)addr);
		rms_resolved[i] = true;
		return 0;
	}
	if (sym->only_for_scan) {
		rms_lose_feature(RMS_FEATURE_SCAN);
		return 0;
	}
	pr_err("this kernel has no %s(): not supported\n", sym->name);
	return -ENOENT;
}

/**
 * rms_symbols_init - find every unexported function that the module calls
 *
 * A function that only a feature needs may be missing: the module then goes without the feature.
 *
 * Context: module load, may sleep; after rms_features_init().
 * Return: 0; -ENOENT if another function is missing; -EOPNOTSUPP if there is no way to find it;
 * -EINVAL if the module parameter is wrong; -ENOMEM. On error the reason is in the kernel log, and
 * no static call may be used.
 */
int rms_symbols_init(void)
{
	unsigned long addr;
	unsigned int i;
	int ret;

	ret = rms_find_kallsyms();
	for (i = 0; i < ARRAY_SIZE(rms_symbols) && !ret; i++)
		ret = rms_resolve(i);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(rms_optional_names); i++) {
		addr = static_call(rms_kallsyms_lookup_name)(rms_optional_names[i]);
		rms_optional_addrs[i] = addr;
	}
	return 0;
}

/**
 * rms_symbol_name - the name of the i-th unexported function
 * @i: from 0
 *
 * Context: any.
 * Return: the name, or NULL behind the last one.
 */
const char *rms_symbol_name(unsigned int i)
{
	return i < ARRAY_SIZE(rms_symbols) ? rms_symbols[i].name : NULL;
}

/**
 * rms_symbol_resolved - whether the i-th unexported function was found
 * @i: as for rms_symbol_name(), which has a name for it
 *
 * Context: any, after rms_symbols_init().
 * Return: true if its static call may be used.
 */
bool rms_symbol_resolved(unsigned int i)
{
	return rms_resolved[i];
}

/**
 * rms_symbol_only_for_scan - whether only "scan" needs the i-th unexported function
 * @i: as for rms_symbol_name(), which has a name for it
 *
 * Context: any.
 * Return: true if the module loads without it.
 */
bool rms_symbol_only_for_scan(unsigned int i)
{
	return rms_symbols[i].only_for_scan;
}

/**
 * rms_optional_symbol - the address of an optional symbol
 * @symbol: the symbol
 *
 * Context: any.
 * Return: its address, which must not be called, as its entry may be sealed; 0 if this kernel
 * doesn't have it.
 */
unsigned long rms_optional_symbol(enum rms_optional symbol)
{
	return rms_optional_addrs[symbol];
}

/**
 * rms_optional_name - the name of the i-th optional symbol
 * @i: from 0
 *
 * Context: any.
 * Return: the name, or NULL behind the last one.
 */
const char *rms_optional_name(unsigned int i)
{
	return i < ARRAY_SIZE(rms_optional_names) ? rms_optional_names[i] : NULL;
}
