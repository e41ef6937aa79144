// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope tree --dot`: the graph in the language of Graphviz. Boxes are anon_vmas, rounded boxes
 * are VMAs. Thick arrows lead from parents to children. Thin lines are anon_vma_chains: red if the
 * VMA covers the page, else grey and dotted.
 */
#include <stdio.h>
#include <string.h>

#include "tree.h"

/* Print the inside of a quoted string. Bytes other than printable ASCII are shown as \xNN. */
static void print_quoted(const char *s)
{
	for (; s && *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if (*s < ' ' || *s > '~')
			printf("\\\\x%02x", (unsigned char)*s);
		else
			putchar(*s);
	}
}

static void print_value(const char *before, const struct record *rec, const char *key)
{
	const char *value = record_get(rec, key);

	if (!value || !strcmp(value, "-"))
		return;
	fputs(before, stdout);
	print_quoted(value);
}

static void print_page(const struct tree *t)
{
	const struct record *page = report_next(t->report, "page", NULL);

	printf("\tpage [shape=note, style=filled, fillcolor=lightyellow, label=\"page");
	print_value("\\n", page, "kind");
	print_value("\\npfn ", page, "pfn");
	print_value("\\nswap ", page, "swap_offset");
	print_value("\\npgoff ", page, "pgoff");
	puts("\"];");
	if (t->nr_avs)
		puts("\tpage -> av0 [color=firebrick, penwidth=2];");
}

static void print_av(const struct tree *t, size_t i)
{
	const struct record *rec = t->av[i].rec;

	printf("\tav%zu [shape=box, style=filled, fillcolor=%s, label=\"anon_vma av%zu",
	       i, i ? "lightblue" : "lightsalmon", i);
	print_value("\\nchildren ", rec, "num_children");
	print_value("\\nactive VMAs ", rec, "num_active_vmas");
	print_value("\\nrefcount ", rec, "refcount");
	puts("\"];");
	if (i != t->root)
		printf("\tav%zu -> av%zu [penwidth=2];\n", t->av[i].parent, i);
}

static void print_vma(const struct tree *t, size_t i)
{
	const struct record *rec = t->vma[i].rec;

	printf("\tvma%zu [shape=box, style=\"rounded%s\", label=\"VMA vma%zu", i,
	       t->vma[i].covers ? ",bold" : "", i);
	print_value("\\n", rec, "comm");
	print_value(" ", rec, "pid");
	print_value("\\n", rec, "vma");
	print_value("\\n", rec, "perms");
	print_value(" ", rec, "name");
	puts("\"];");
}

/**
 * tree_print_dot() - print a tree as a graph
 * @t: the tree
 */
void tree_print_dot(const struct tree *t)
{
	const struct record *avc = NULL;
	size_t i, av, vma;

	puts("digraph anon_vma_tree {\n"
	     "\tnode [fontname=\"monospace\", fontsize=10];\n"
	     "\tedge [arrowsize=0.7];");
	print_page(t);
	for (i = 0; i < t->nr_avs; i++)
		print_av(t, i);
	for (i = 0; i < t->nr_vmas; i++)
		print_vma(t, i);
	while ((avc = report_next(t->report, "avc", avc))) {
		av = tree_number(avc, "anon_vma", "av");
		vma = tree_number(avc, "vma", "vma");
		if (av < t->nr_avs && vma < t->nr_vmas)
			printf("\tav%zu -> vma%zu [dir=none, %s];\n", av, vma,
			       t->vma[vma].covers ? "color=firebrick" :
						    "style=dotted, color=gray40");
	}
	puts("}");
}
