// SPDX-License-Identifier: GPL-2.0
/*
 * Options that name a page, and the target string the module gets for them.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rmapscope.h"
#include "target.h"

static bool only_digits(const char *arg)
{
	return arg[strspn(arg, "0123456789")] == '\0';
}

/*
 * /proc/PID/maps prints addresses as bare hex, so 7f2a4c000000 is understood,
 * for its letters leave no other reading. 00400000 could be octal or hex: that
 * is refused. All else goes by its prefix.
 */
static bool parse_number(const char *arg, unsigned long long *num)
{
	size_t len = strlen(arg);
	bool prefixed = arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X');
	bool hex = prefixed || strcspn(arg, "abcdefABCDEF") < len;
	const char *digits = prefixed ? arg + 2 : arg;
	const char *all = hex ? "0123456789abcdefABCDEF" : "0123456789";

	if (!*digits || digits[strspn(digits, all)])
		return false;
	if (!hex && digits[0] == '0' && digits[1])
		return false;

	errno = 0;
	*num = strtoull(digits, NULL, hex ? 16 : 10);
	return !errno;
}

static int take(const char *what, const char *arg, bool *has,
		unsigned long long *num)
{
	if (*has) {
		warnx("%s %s: the second one; one page at a time", what, arg);
		return RS_USAGE;
	}
	if (!parse_number(arg, num)) {
		if (arg[0] == '0' && only_digits(arg))
			warnx("%s %s: octal or hex? Write 0x%s if it is hex",
			      what, arg, arg);
		else
			warnx("%s \"%s\": not a number of 64 bits; write 0x... for hex",
			      what, arg);
		return RS_USAGE;
	}
	*has = true;
	return RS_OK;
}

static int take_pid(struct target *t, const char *arg)
{
	/* Letters are hex in an address, but a mistake in a pid. */
	if (only_digits(arg)) {
		int status = take("pid", arg, &t->has_pid, &t->pid);

		if (status || (t->pid > 0 && t->pid <= INT_MAX))
			return status;
	}
	warnx("pid %s: not a process id", arg);
	return RS_USAGE;
}

/**
 * target_option() - take an option that names the page
 * @t:   zeroed before the first option
 * @opt: what getopt_long() returned
 * @arg: its argument
 *
 * Return: RS_OK, RS_USAGE after an error message, or TARGET_NOT_MINE.
 */
int target_option(struct target *t, int opt, const char *arg)
{
	switch (opt) {
	case 'p':
		return take_pid(t, arg);
	case 'a':
		t->addr_decimal = only_digits(arg);
		return take("address", arg, &t->has_addr, &t->addr);
	case OPT_PFN:
		return take("pfn", arg, &t->has_pfn, &t->pfn);
	case OPT_PHYS:
		return take("phys", arg, &t->has_phys, &t->phys);
	case OPT_FILE:
		if (t->file) {
			warnx("file %s: the second one; one page at a time", arg);
			return RS_USAGE;
		}
		t->file = arg;
		return RS_OK;
	case OPT_OFFSET:
		return take("offset", arg, &t->has_offset, &t->offset);
	case OPT_FOLIO:
		t->folio = true;
		return RS_OK;
	default:
		return TARGET_NOT_MINE;
	}
}

/**
 * target_complete() - check that exactly one page was named
 * @t:       after the last option
 * @command: the subcommand, for the error message
 *
 * Return: true, or false after an error message.
 */
bool target_complete(const struct target *t, const char *command)
{
	bool by_pid = t->has_pid || t->has_addr;

	if (by_pid + t->has_pfn + t->has_phys + !!t->file != 1)
		warnx("%s: name one page: -p PID -a ADDR, --pfn N, --phys ADDR or --file PATH",
		      command);
	else if (t->has_offset && !t->file)
		warnx("%s: an offset in which file? Add --file PATH", command);
	else if (by_pid && !t->has_addr)
		warnx("%s: which address of pid %llu? Add -a ADDR; see /proc/%llu/maps",
		      command, t->pid, t->pid);
	else if (by_pid && !t->has_pid)
		warnx("%s: whose address is 0x%llx? Add -p PID", command, t->addr);
	else
		return true;
	return false;
}

/**
 * target_format() - the target in the module's words
 * @t:    a complete target
 * @buf:  gets the string
 * @size: its size, TARGET_MAX is enough
 */
void target_format(const struct target *t, char *buf, size_t size)
{
	const char *folio = t->folio ? " folio" : "";

	if (t->has_pfn)
		snprintf(buf, size, "pfn=0x%llx%s", t->pfn, folio);
	else if (t->has_phys)
		snprintf(buf, size, "phys=0x%llx%s", t->phys, folio);
	else
		snprintf(buf, size, "pid=%llu va=0x%llx%s", t->pid, t->addr, folio);
}

/**
 * target_name() - the target as the beginning of an error message
 * @t:    a complete target
 * @buf:  gets the string
 * @size: its size, TARGET_MAX is enough
 */
void target_name(const struct target *t, char *buf, size_t size)
{
	if (t->file)
		snprintf(buf, size, "pfn 0x%llx, of the file", t->pfn);
	else if (t->has_pfn)
		snprintf(buf, size, "pfn 0x%llx", t->pfn);
	else if (t->has_phys)
		snprintf(buf, size, "physical address 0x%llx", t->phys);
	else
		snprintf(buf, size, "pid %llu: page at 0x%llx", t->pid, t->addr);
}
