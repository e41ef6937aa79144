// SPDX-License-Identifier: GPL-2.0
/*
 * Deliberate faults, one for each kind of detector in a debugging kernel, to check that the
 * detector reports it. Writing the name of a fault to the file faults in debugfs commits it. Only
 * for a virtual machine that is then discarded, because the damage isn't repaired.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/string.h>

#include "faults.h"

static void fault_warning(void)
{
	WARN(1, "a deliberate warning\n");
}

static const struct fault {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "warning", fault_warning },
	{ "lock_order", fault_lock_order },
	{ "held_lock", fault_held_lock },
	{ "sleep", fault_sleep },
	{ "rcu", fault_rcu },
	{ "race", fault_race },
	{ "use_after_free", fault_use_after_free },
	{ "out_of_bounds", fault_out_of_bounds },
	{ "vmalloc_out_of_bounds", fault_vmalloc_out_of_bounds },
	{ "stack_out_of_bounds", fault_stack_out_of_bounds },
	{ "shift", fault_shift },
	{ "index", fault_index },
	{ "leak", fault_leak },
	{ "object", fault_object },
	{ "list", fault_list },
	{ "refcount", fault_refcount },
	{ "page_flag", fault_page_flag },
	{ "page_table", fault_page_table },
	{ "interval_tree", fault_interval_tree },
};

static struct dentry *faults_file;

static ssize_t faults_write(struct file *file, const char __user *buf, size_t count,
			    loff_t *ppos)
{
	char name[32];
	size_t i;

	if (count >= sizeof(name))
		return -E2BIG;
	if (copy_from_user(name, buf, count))
		return -EFAULT;
	name[count] = 0;
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(strim(name), faults[i].name)) {
			faults[i].commit();
			return count;
		}
	}
	return -EINVAL;
}

static const struct file_operations faults_fops = {
	.owner = THIS_MODULE,
	.write = faults_write,
};

static int __init faults_init(void)
{
	faults_file = debugfs_create_file("faults", 0200, NULL, NULL, &faults_fops);
	return PTR_ERR_OR_ZERO(faults_file);
}

static void __exit faults_exit(void)
{
	debugfs_remove(faults_file);
}

module_init(faults_init);
module_exit(faults_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Deliberate faults, to check that they are reported");
