// SPDX-License-Identifier: GPL-2.0
/*
 * Builds the anon_vma tree that a report describes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

/**
 * tree_number() - get the number of an object from its name in a report
 * @rec:    a record
 * @key:    the key whose value is a name such as "av3"
 * @prefix: the part of the name before the number, such as "av"
 *
 * Return: the number, or TREE_NONE if the value is not such a name.
 */
size_t tree_number(const struct record *rec, const char *key, const char *prefix)
{
	const char *value = record_get(rec, key);
	size_t len = strlen(prefix);
	unsigned long n;
	char *end;

	if (!value || strncmp(value, prefix, len))
		return TREE_NONE;
	value += len;
	errno = 0;
	n = strtoul(value, &end, 10);
	return *value < '0' || *value > '9' || *end || errno ? TREE_NONE : n;
}

/* The report numbers its anon_vmas from 0 in their order, and its VMAs as well. */
static bool collect(struct tree *t)
{
	const struct record *rec = NULL;
	size_t i;

	for (i = 0; (rec = report_next(t->report, "anon_vma", rec)); i++) {
		if (tree_number(rec, "id", "av") != i)
			return false;
		t->av[i] = (struct tree_av){ rec, TREE_NONE, TREE_NONE, TREE_NONE, TREE_NONE };
	}
	for (i = 0; (rec = report_next(t->report, "vma", rec)); i++) {
		if (tree_number(rec, "id", "vma") != i)
			return false;
		t->vma[i] = (struct tree_vma){ rec, TREE_NONE, false };
	}
	return true;
}

/* Runs backwards because each link goes to the head of its list. */
static bool link_avs(struct tree *t)
{
	size_t i, parent;

	for (i = t->nr_avs; i-- > 0;) {
		parent = tree_number(t->av[i].rec, "parent", "av");
		if (parent >= t->nr_avs)
			return false;
		if (parent == i) {
			if (t->root != TREE_NONE)
				return false;
			t->root = i;
			continue;
		}
		t->av[i].parent = parent;
		t->av[i].sibling = t->av[parent].child;
		t->av[parent].child = i;
	}
	return t->root != TREE_NONE || !t->nr_avs;
}

static void link_vmas(struct tree *t)
{
	size_t i, own;

	for (i = t->nr_vmas; i-- > 0;) {
		size_t *first = &t->ownless;

		own = tree_number(t->vma[i].rec, "own", "av");
		if (own < t->nr_avs)
			first = &t->av[own].vma;
		t->vma[i].next = *first;
		*first = i;
	}
}

/* A parent must have a smaller depth than its child, else print_avs() might never end. */
static bool has_circle(const struct tree *t)
{
	size_t i;

	for (i = 0; i < t->nr_avs; i++) {
		size_t up = t->av[i].parent;

		if (up != TREE_NONE && record_num(t->av[up].rec, "depth") >=
				       record_num(t->av[i].rec, "depth"))
			return true;
	}
	return false;
}

static void mark_covering(struct tree *t)
{
	const struct record *avc = NULL;

	while ((avc = report_next(t->report, "avc", avc))) {
		size_t vma = tree_number(avc, "vma", "vma");

		if (vma < t->nr_vmas && record_num(avc, "covers_page") == 1)
			t->vma[vma].covers = true;
	}
}

/**
 * tree_build() - build the tree that a report describes
 * @t: filled; the caller calls tree_free() on it in any case
 * @r: the report, which must stay
 *
 * Return: true, or false with errno set: ENOMEM, or EPROTO if the report describes no tree.
 */
bool tree_build(struct tree *t, const struct report *r)
{
	*t = (struct tree){
		.report = r,
		.nr_avs = report_count(r, "anon_vma"),
		.nr_vmas = report_count(r, "vma"),
		.root = TREE_NONE,
		.ownless = TREE_NONE,
	};
	t->av = calloc(t->nr_avs + 1, sizeof(*t->av));
	t->vma = calloc(t->nr_vmas + 1, sizeof(*t->vma));
	if (!t->av || !t->vma) {
		errno = ENOMEM;
		return false;
	}
	if (!collect(t) || !link_avs(t) || has_circle(t)) {
		errno = EPROTO;
		return false;
	}
	link_vmas(t);
	mark_covering(t);
	return true;
}

/**
 * tree_free() - free the memory of a tree
 * @t: a tree that tree_build() filled
 */
void tree_free(struct tree *t)
{
	free(t->av);
	free(t->vma);
}
