// SPDX-License-Identifier: GPL-2.0
/*
 * The file "info": what the module is, and what it can do on this kernel. It is read only and has
 * no ioctl, so debugfs lets it be opened under lockdown. It shows no addresses.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "format.h"
#include "symbols.h"

static const char * const rms_kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;

static int rms_info_show(struct seq_file *m, void *v)
{
	const char *name;
	unsigned int i;

	rms_show_header(m, "info");
	/* The module doesn't load if one is missing. */
	for (i = 0; (name = rms_symbol_name(i)); i++)
		seq_printf(m, "symbol name=%s resolved=1\n", name);
	for (i = 0; (name = rms_optional_name(i)); i++)
		seq_printf(m, "optional name=%s resolved=%d\n", name, !!rms_optional_symbol(i));
	seq_puts(m, "support files=page,tree,top,stats targets=pid,pfn,phys kinds=");
	for (i = 0; i < RMS_NR_KINDS; i++)
		seq_printf(m, "%s%s", i ? "," : "", rms_kind_words[i]);
	seq_putc(m, '\n');
	return 0;
}

static int rms_info_open(struct inode *inode, struct file *file)
{
	return rms_check_ready() ?: single_open(file, rms_info_show, NULL);
}

const struct file_operations rms_info_fops = {
	.owner = THIS_MODULE,
	.open = rms_info_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
