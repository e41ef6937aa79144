// SPDX-License-Identifier: GPL-2.0
/* Parses a range. */
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/string.h>

#include "scan.h"

enum {
	KEY_PID,
	KEY_START,
	KEY_END,
	KEY_PFN,
	KEY_COUNT,
	KEY_MIN_MAPS,
	KEY_KIND,
	/* Words without a value. */
	KEY_ALL,
	KEY_MAPS,
	KEY_VISITED,
	KEY_VERDICTS,
	KEY_EXTRA_REFS,
	KEY_STUCK,
	KEY_ORDERED,
	NR_KEYS,
};

static const char * const rms_range_keys[NR_KEYS] = {
	[KEY_PID] = "pid",
	[KEY_START] = "start",
	[KEY_END] = "end",
	[KEY_PFN] = "pfn",
	[KEY_COUNT] = "count",
	[KEY_MIN_MAPS] = "min_maps",
	[KEY_KIND] = "kind",
	[KEY_ALL] = "all",
	[KEY_MAPS] = "maps",
	[KEY_VISITED] = "visited",
	[KEY_VERDICTS] = "verdicts",
	[KEY_EXTRA_REFS] = "extra_refs",
	[KEY_STUCK] = "stuck",
	[KEY_ORDERED] = "ordered",
};

static const u32 rms_options[NR_KEYS] = {
	[KEY_MIN_MAPS] = RMS_OPTION_MIN_MAPS,
	[KEY_KIND] = RMS_OPTION_KINDS,
	[KEY_MAPS] = RMS_OPTION_MAPS,
	[KEY_VISITED] = RMS_OPTION_VISITED,
	[KEY_VERDICTS] = RMS_OPTION_VERDICTS,
	[KEY_EXTRA_REFS] = RMS_OPTION_EXTRA_REFS,
	[KEY_STUCK] = RMS_OPTION_STUCK,
	[KEY_ORDERED] = RMS_OPTION_ORDERED,
};

static const char * const rms_kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;

/**
 * struct rms_range_text - what was written, by key
 * @seen: which keys
 * @val: their values
 * @kinds: the words of "kind="
 */
struct rms_range_text {
	unsigned long seen;
	unsigned long long val[NR_KEYS];
	unsigned long kinds;
};

/* "kind=a,b" */
static int rms_parse_kinds(char *words, unsigned long *kinds)
{
	char *word;
	int kind;

	while ((word = strsep(&words, ","))) {
		kind = match_string(rms_kind_words, RMS_NR_KINDS, word);
		if (kind < 0)
			return -EINVAL;
		*kinds |= BIT(kind);
	}
	return 0;
}

/* One "key=value" or "key". */
static int rms_parse_token(char *name, struct rms_range_text *text)
{
	char *value = name;
	int key;

	strsep(&value, "=");
	key = match_string(rms_range_keys, NR_KEYS, name);
	if (key < 0 || __test_and_set_bit(key, &text->seen))
		return -EINVAL;
	if (key >= KEY_ALL)
		return value ? -EINVAL : 0;
	if (!value)
		return -EINVAL;
	if (key == KEY_KIND)
		return rms_parse_kinds(value, &text->kinds);
	return kstrtoull(value, 0, &text->val[key]) ? -EINVAL : 0;
}

/* Characters that end a number for kstrtoull(), or a string, are malformed. */
static int rms_parse_tokens(char *line, size_t length, struct rms_range_text *text)
{
	char *token;
	size_t i;
	int ret;

	for (i = 0; i < length; i++) {
		if (line[i] == '\t')
			line[i] = ' ';
		if ((unsigned char)line[i] < ' ')
			return -EINVAL;
	}
	line[length] = '\0';
	while ((token = strsep(&line, " "))) {
		ret = *token ? rms_parse_token(token, text) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

/* "pid=N [start=A end=B]" */
static int rms_parse_addresses(const struct rms_range_text *text, struct pid_namespace *ns,
			       struct rms_range *range)
{
	range->bounded = text->seen & BIT(KEY_START);
	if (range->bounded) {
		range->start = text->val[KEY_START] & PAGE_MASK;
		range->end = min_t(unsigned long long, text->val[KEY_END], TASK_SIZE_MAX);
		range->end = PAGE_ALIGN(range->end);
		if (text->val[KEY_START] >= text->val[KEY_END])
			return -EINVAL;
		if (range->start >= range->end)
			return -EFAULT;
	}
	if (text->val[KEY_PID] > INT_MAX)
		return -ESRCH;
	rcu_read_lock();
	range->pid = get_pid(find_pid_ns(text->val[KEY_PID], ns));
	rcu_read_unlock();
	return range->pid ? 0 : -ESRCH;
}

/* "pfn=N count=N" */
static int rms_parse_frames(const struct rms_range_text *text, struct rms_range *range)
{
	if (!text->val[KEY_COUNT])
		return -EINVAL;
	range->start = text->val[KEY_PFN];
	range->end = range->start + text->val[KEY_COUNT];
	if (range->end < range->start)
		range->end = ULONG_MAX;
	return 0;
}

/**
 * rms_range_parse - understand a range as written by the user
 * @text: see Documentation/interface.rst; without a final newline. Is modified, and has room for
 *	one more character
 * @length: of @text
 * @ns: the pid namespace to look a process up in
 * @range: out; to be given back with rms_range_put()
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if malformed; -ESRCH if there is no such process; -EFAULT if the addresses are
 * those of no process.
 */
int rms_range_parse(char *text, size_t length, struct pid_namespace *ns, struct rms_range *range)
{
	struct rms_range_text t = {};
	unsigned long form;
	unsigned int key;

	*range = (struct rms_range){};
	if (rms_parse_tokens(text, length, &t))
		return -EINVAL;
	for_each_set_bit(key, &t.seen, NR_KEYS) {
		range->options |= rms_options[key];
	}
	range->kinds = t.kinds;
	range->min_maps = min_t(unsigned long long, t.val[KEY_MIN_MAPS], U32_MAX);
	form = t.seen & (BIT(KEY_PID) | BIT(KEY_START) | BIT(KEY_END) | BIT(KEY_PFN) |
			 BIT(KEY_COUNT) | BIT(KEY_ALL));
	if (form == BIT(KEY_PID) || form == (BIT(KEY_PID) | BIT(KEY_START) | BIT(KEY_END)))
		return rms_parse_addresses(&t, ns, range);
	if (form == (BIT(KEY_PFN) | BIT(KEY_COUNT)))
		return rms_parse_frames(&t, range);
	if (form != BIT(KEY_ALL))
		return -EINVAL;
	range->end = rms_scan_end_of_frames();
	return 0;
}

/**
 * rms_range_get - copy a range
 * @dst: out; to be given back with rms_range_put()
 * @src: the range
 *
 * Context: any.
 */
void rms_range_get(struct rms_range *dst, const struct rms_range *src)
{
	*dst = *src;
	get_pid(dst->pid);
}

/**
 * rms_range_put - give a range back
 * @range: may be given back again, or never have been got if it is all zeroes
 *
 * Context: any.
 */
void rms_range_put(struct rms_range *range)
{
	put_pid(range->pid);
	range->pid = NULL;
}
