// SPDX-License-Identifier: GPL-2.0
/*
 * The first lines of a report on a page in text form: what the page is.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "frame.h"
#include "mount.h"
#include "page.h"
#include "words.h"

/* A key of the page record, and the word that is printed before its value. */
struct fact {
	const char *key;
	const char *label;
};

static const struct fact page_facts[] = {
	{ "pfn", "pfn " },
	{ "kind", "" },
	{ "swap_type", "type " },
	{ "swap_offset", "offset " },
	{ "swap_count", "swap_count " },
	{ "folio_order", "order " },
	{ "mapcount", "mapcount " },
	{ "refcount", "refcount " },
	{ "pgoff", "pgoff " },
	{ }
};

static const struct fact folio_facts[] = {
	{ "folio_pfn", "first pfn " },
	{ "index_in_folio", "this is page " },
	{ }
};

static const struct fact memory_facts[] = {
	{ "paddr", "physical " },
	{ "node", "node " },
	{ "zone", "zone " },
	{ "memcg", "memcg " },
	{ }
};

static long long references_of_others(const struct record *refs)
{
	return record_count(refs, "total") - record_count(refs, "self");
}

static FILE *text_open(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		err(RS_FAILED, "cannot print the page");
	return f;
}

/* A table makes control characters in names harmless. */
static void header_row(struct libscols_table *tb, const char *what, char *text)
{
	if (text && *text)
		table_row(tb, (const char *[]){ what, text }, 2, NULL);
	free(text);
}

static void header_facts(struct libscols_table *tb, const char *what,
			 const struct record *page, const struct fact *fact)
{
	const char *gap = "";
	char *text = NULL;
	size_t size;
	FILE *f = text_open(&text, &size);

	for (; fact->key; fact++) {
		const char *value = record_get(page, fact->key);

		if (!value || !strcmp(value, "-"))
			continue;
		fprintf(f, "%s%s%s", gap, fact->label, value);
		gap = "  ";
	}
	fclose(f);
	header_row(tb, what, text);
}

/*
 * PG_anon_exclusive shares its bit with a flag of file pages, and the kernel prints the name of
 * that flag: "mappedtodisk" up to 6.1, "owner_2" on newer kernels.
 */
static const char *flag_name(const struct record *page, const char *word)
{
	const struct kind_word *kind = words_kind(record_get(page, "kind"));

	if (kind && kind->anon && (!strcmp(word, "mappedtodisk") || !strcmp(word, "owner_2")))
		return "anon_exclusive";
	return word;
}

/* 0x14(uptodate|dirty|node=0) becomes "uptodate dirty (0x14)". */
static void header_flags(struct libscols_table *tb, const struct record *page, const char *key)
{
	const char *value = record_get(page, key);
	char *text = NULL, *copy, *save, *word;
	size_t size;
	FILE *f;

	if (!value)
		return;
	copy = strdup(value);
	f = text_open(&text, &size);
	word = copy ? strtok_r(copy + strcspn(copy, "("), "(|)", &save) : NULL;
	for (; word; word = strtok_r(NULL, "(|)", &save))
		if (!strchr(word, '='))
			fprintf(f, "%s ", flag_name(page, word));
	fprintf(f, "(%.*s)", (int)strcspn(value, "("), value);
	fclose(f);
	free(copy);
	header_row(tb, key, text);
}

/*
 * The kernel gives shared memory without a path a name of its own. In a mounted file system the
 * same name is a user's choice.
 */
static const char *shmem_words(const struct kind_word *kind, const char *name, bool mounted)
{
	if (mounted)
		return kind->meaning;
	if (!strncmp(name, "/dev/zero", 9))
		return "shared anonymous memory, which the kernel keeps as a nameless shmem file";
	if (!strncmp(name, "/SYSV", 5))
		return "System V shared memory";
	if (!strncmp(name, "/memfd:", 7))
		return "a memfd";
	return kind->meaning;
}

static bool is_dax(const struct report *r)
{
	const char *why = record_get(report_next(r, "verdict", NULL), "why");

	return why && !strcmp(why, "dax");
}

/* Explains the kind of the page if the word alone does not. */
static void header_kind(struct libscols_table *tb, const struct report *r, bool mounted)
{
	const struct record *page = report_next(r, "page", NULL);
	const char *word = record_get(page, "kind"), *name = record_get(page, "file");
	const struct kind_word *kind = words_kind(word);
	const char *words;
	char text[128];
	long long held;

	if (!kind)
		return;
	if (!name)
		name = record_get(report_next(r, "map", NULL), "name");
	words = kind->plain ? NULL : kind->meaning;
	if (words_find_kind(word) == RMS_KIND_SHMEM && name)
		words = shmem_words(kind, name, mounted);
	else if (!words && is_dax(r))
		words = "a page of a file on the memory of a device (DAX)";
	if (words_find_kind(word) == RMS_KIND_ORPHANED) {
		held = references_of_others(report_next(r, "refs", NULL));
		snprintf(text, sizeof(text), "%s, and %lld reference%s still hold%s it",
			 kind->meaning, held, held == 1 ? "" : "s", held == 1 ? "s" : "");
		words = text;
	}
	if (words)
		table_row(tb, (const char *[]){ "kind", words }, 2, NULL);
}

/*
 * The file of the page, which it has also while no process maps it. A page in the page cache of a
 * block device has no inode; a page that was cut off from its file has dev=0:0.
 */
static void header_file(struct libscols_table *tb, const struct record *page, const char *mount)
{
	const char *dev = record_get(page, "dev"), *ino = record_get(page, "ino");
	const char *name = record_get(page, "file");
	bool named = name && strcmp(name, "-");
	char *text = NULL, disk[64];
	size_t size;
	FILE *f;

	if (!dev || !ino || !strcmp(dev, "0:0"))
		return;
	f = text_open(&text, &size);
	if (strcmp(ino, "-"))
		fprintf(f, "%s%sinode %s of %s", named ? name : "", named ? ", " : "", ino, dev);
	else if (mount_disk(dev, disk, sizeof(disk)))
		fprintf(f, "block device %s, %s", dev, disk);
	else
		fprintf(f, "block device %s", dev);
	if (mount)
		fprintf(f, " (%s)", mount);
	fclose(f);
	header_row(tb, "file", text);
}

static void header_poison(struct libscols_table *tb, const struct record *page)
{
	const char *flags = record_get(page, "flags") ?: record_get(page, "kpageflags");

	if (flags && strstr(flags, "hwpoison"))
		table_row(tb, (const char *[]){ "broken", FRAME_POISONED }, 2, NULL);
}

/**
 * page_print_head() - print what a page is, as text
 * @r: a report with a page record
 */
void page_print_head(const struct report *r)
{
	const struct record *page = report_next(r, "page", NULL);
	unsigned long long order = record_num(page, "folio_order");
	const char *dev = record_get(page, "dev");
	struct libscols_table *tb;
	char mount[512];
	bool mounted = dev && mount_describe(dev, mount, sizeof(mount));

	tb = table_new(&(struct table_style){ .noheadings = true });
	table_column(tb, "what", false);
	table_column(tb, "text", false);

	header_facts(tb, "page", page, page_facts);
	header_kind(tb, r, mounted);
	header_file(tb, page, mounted ? mount : NULL);
	header_poison(tb, page);
	if (order != RECORD_NONE && order > 0)
		header_facts(tb, "folio", page, folio_facts);
	header_facts(tb, "memory", page, memory_facts);
	header_flags(tb, page, "flags");
	header_flags(tb, page, "kpageflags");
	table_finish(tb);
}
