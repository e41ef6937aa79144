// SPDX-License-Identifier: GPL-2.0
/*
 * The account of which process maps which page, and its JSON.
 *
 * In memory the account has ranges of helpers and runs of pages. The JSON has an object for each
 * page and mapping, and is printed object by object to save memory.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "exercise.h"

static const char * const state_names[] = {
	[STATE_MAPPED] = "mapped",
	[STATE_COWED] = "cowed",
	[STATE_NONE] = "none",
	[STATE_SWAPPED] = "swapped",
};

/**
 * account_page() - add pages to the account
 * @ex: the exercise
 * @note: what they are
 * @num: printed behind @note unless 0
 * @count: number of pages in a row
 *
 * Return: the entry. The next call may move it, so fill it before.
 */
struct account_page *account_page(struct exercise *ex, const char *note,
				  unsigned int num, unsigned int count)
{
	struct account_page *page;

	page = reallocarray(ex->account, ex->nr_account + 1, sizeof(*page));
	if (!page)
		die(ENOMEM, "cannot store the account");
	ex->account = page;

	page += ex->nr_account++;
	*page = (struct account_page){
		.kind = KIND_ANON, .note = note, .num = num, .count = count, .index = -1,
	};
	return page;
}

/**
 * account_range() - add the state that a page has in some helpers
 * @page: the entry
 * @state: the state; {pid} and {va} of a command stand for the first range
 * @from: the first helper
 * @to: the last helper; less than @from for none
 * @va: the address of the first page
 *
 * The account has ranges only for VMAs that the rmap walk visits.
 */
void account_range(struct account_page *page, enum map_state state,
		   unsigned int from, unsigned int to, unsigned long va)
{
	struct account_range *ranges;

	if (from > to)
		return;
	ranges = reallocarray(page->ranges, page->nr_ranges + 1, sizeof(*ranges));
	if (!ranges)
		die(ENOMEM, "cannot store the account");
	page->ranges = ranges;
	page->ranges[page->nr_ranges++] = (struct account_range){
		.state = state, .from = from, .to = to, .va = va,
	};
}

/**
 * account_own() - add the state that a page has in helpers with regions of their own
 * @ex: the exercise
 * @page: the entry
 * @state: the state
 * @from: the first helper
 * @to: the last helper; less than @from for none
 * @offset: of the first page in these regions, in bytes
 */
void account_own(struct exercise *ex, struct account_page *page, enum map_state state,
		 unsigned int from, unsigned int to, unsigned long offset)
{
	unsigned int i;

	for (i = from; i <= to; i++)
		account_range(page, state, i, i, ex->helpers[i].va + offset);
}

static struct json_object *numbered(const char *text, unsigned int num)
{
	char full[128];

	if (!num)
		return json_object_new_string(text);
	snprintf(full, sizeof(full), "%s %u", text, num);
	return json_object_new_string(full);
}

static void add_pid(struct json_object *list, pid_t pid)
{
	json_object_array_add(list, json_object_new_int(pid));
}

static void add_string(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value));
}

static void add_int(struct json_object *obj, const char *key, int value)
{
	json_object_object_add(obj, key, json_object_new_int(value));
}

static struct json_object *tgids(struct exercise *ex, const struct helper *owner)
{
	struct json_object *list = json_object_new_array();

	add_pid(list, owner->pid);
	if (owner->sharer)
		add_pid(list, ex->helpers[owner->sharer].pid);
	return list;
}

static struct json_object *one_vma(struct exercise *ex,
				   const struct account_range *range,
				   unsigned int index, unsigned int page)
{
	const struct helper *owner = &ex->helpers[index];
	struct json_object *obj = json_object_new_object();
	char va[32];

	snprintf(va, sizeof(va), "0x%lx", range->va + page * page_size());
	json_object_object_add(obj, "pid", json_object_new_int(owner->pid));
	add_string(obj, "va", va);
	if (range->state == STATE_MAPPED)
		json_object_object_add(obj, "tgids", tgids(ex, owner));
	else
		add_string(obj, "state", state_names[range->state]);
	return obj;
}

static struct json_object *one_page(struct exercise *ex,
				    const struct account_page *entry,
				    unsigned int page, unsigned int number)
{
	struct json_object *mapped = json_object_new_array();
	struct json_object *absent = json_object_new_array();
	struct json_object *obj = json_object_new_object();
	unsigned int i, index, visited = 0;

	for (i = 0; i < entry->nr_ranges; i++) {
		const struct account_range *range = &entry->ranges[i];
		struct json_object *list;

		list = range->state == STATE_MAPPED ? mapped : absent;
		for (index = range->from; index <= range->to; index++)
			json_object_array_add(list, one_vma(ex, range, index, page));
		visited += range->to - range->from + 1;
	}

	json_object_object_add(obj, "page", json_object_new_int(number));
	add_string(obj, "kind", entry->kind);
	json_object_object_add(obj, "note", numbered(entry->note, entry->num));
	if (entry->index >= 0)
		add_int(obj, "index", entry->index + page);
	if (entry->refused)
		json_object_object_add(obj, "refused", json_object_new_boolean(true));
	else if (!entry->visits_unknown)
		add_int(obj, "visited", visited);
	if (entry->other_vmas)
		add_int(obj, "folio_visited", visited + entry->other_vmas);
	json_object_object_add(obj, "mapped", mapped);
	json_object_object_add(obj, "absent", absent);
	return obj;
}

static struct json_object *one_process(const struct helper *helper)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "pid", json_object_new_int(helper->pid));
	json_object_object_add(obj, "role", numbered(helper->role, helper->num));
	return obj;
}

/**
 * account_put() - print a part of the account
 * @before: printed before it
 * @obj: the part; is freed
 */
void account_put(const char *before, struct json_object *obj)
{
	const char *text;

	text = json_object_to_json_string_ext(obj, JSON_C_TO_STRING_SPACED);
	if (!text)
		die(ENOMEM, "cannot print the account");
	fputs(before, stdout);
	fputs(text, stdout);
	json_object_put(obj);
}

static void put_pages(struct exercise *ex)
{
	unsigned int i, page, number = 0;

	for (i = 0; i < ex->nr_account; i++) {
		const struct account_page *entry = &ex->account[i];

		for (page = 0; page < entry->count; page++) {
			account_put(number ? ",\n    " : "\n    ",
				    one_page(ex, entry, page, number));
			number++;
		}
	}
}

/**
 * account_print() - print the account as one JSON document on stdout
 * @ex: the exercise
 */
void account_print(struct exercise *ex)
{
	unsigned int i;

	account_put("{ \"scenario\": ", json_object_new_string(ex->scenario->name));
	account_put(",\n  \"explain\": ", json_object_new_string(ex->scenario->explain));
	account_put(",\n  \"page_size\": ", json_object_new_int(page_size()));
	fputs(",\n  \"processes\": [", stdout);
	for (i = 0; i < ex->nr_helpers; i++)
		account_put(i ? ",\n    " : "\n    ", one_process(&ex->helpers[i]));
	fputs(" ]", stdout);
	sharing_print(ex);
	fputs(",\n  \"pages\": [", stdout);
	put_pages(ex);
	/* Flush before the last brace: a reader of a pipe may close it after that. */
	fflush(stdout);
	fputs(" ] }\n", stdout);
	if (fflush(stdout) || ferror(stdout))
		die(errno, "cannot write the account to stdout");
}
