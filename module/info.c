// SPDX-License-Identifier: GPL-2.0
/*
 * The file "info": what the module is, and what it can do on this kernel. It is read only and has
 * no ioctl, so debugfs lets it be opened under lockdown. It shows no addresses.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "feature.h"
#include "format.h"
#include "symbols.h"

static const char * const rms_kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;

/* What this version of the module has, and this kernel lacks. */
static void rms_show_missing(struct seq_file *m)
{
	const char *separator = "";
	unsigned int i;

	seq_puts(m, " missing=");
	for (i = 0; i < RMS_NR_FEATURES; i++) {
		if (rms_has_feature(i))
			continue;
		seq_printf(m, "%s%s", separator, rms_feature_word(i));
		separator = ",";
	}
	if (!*separator)
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

static int rms_info_show(struct seq_file *m, void *v)
{
	bool scan = rms_has_feature(RMS_FEATURE_SCAN);
	const char *name;
	unsigned int i;

	rms_show_header(m, "info");
	for (i = 0; (name = rms_symbol_name(i)); i++)
		seq_printf(m, "symbol name=%s resolved=%d%s\n", name, rms_symbol_resolved(i),
			   rms_symbol_only_for_scan(i) ? " for=scan" : "");
	for (i = 0; (name = rms_optional_name(i)); i++)
		seq_printf(m, "optional name=%s resolved=%d\n", name, !!rms_optional_symbol(i));
	seq_printf(m, "support files=page,tree,top,stats%s targets=pid,pfn,phys kinds=",
		   scan ? ",scan,scan_raw" : "");
	for (i = 0; i < RMS_NR_KINDS; i++)
		seq_printf(m, "%s%s", i ? "," : "", rms_kind_words[i]);
	rms_show_missing(m);
	if (scan)
		seq_puts(m, "scan ranges=pid,pfn,all options=maps,visited,verdicts,ordered filters=kind,min_maps,extra_refs,stuck\n");
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
