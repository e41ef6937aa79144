// SPDX-License-Identifier: GPL-2.0
/* rmapscope: from a page to every address that maps it. Loads and unloads the module. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/utsname.h>
#include <generated/utsrelease.h>

#include "debugfs.h"
#include "feature.h"
#include "symbols.h"

static int __init rms_init(void)
{
	const char *built_for = UTS_RELEASE;
	int ret;

	/*
	 * Keeps the compiler from turning a short text into immediate operands, which a test could
	 * not change.
	 */
	OPTIMIZER_HIDE_VAR(built_for);
	/*
	 * The module reads structures whose layout is that of the kernel it was built for. insmod
	 * can be forced to load it into another one.
	 */
	if (strcmp(init_utsname()->release, built_for)) {
		pr_err("built for Linux %s, this is %s: build it again for this kernel\n",
		       built_for, init_utsname()->release);
		return -ENOEXEC;
	}
	ret = rms_features_init();
	if (!ret)
		ret = rms_symbols_init();
	if (!ret)
		ret = rms_debugfs_init();
	return ret;
}

static void __exit rms_exit(void)
{
	rms_debugfs_exit();
}

module_init(rms_init);
module_exit(rms_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Shows every process, VMA and page-table entry that maps a page");
MODULE_VERSION("0.1");
