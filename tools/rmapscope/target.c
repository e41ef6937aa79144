// SPDX-License-Identifier: GPL-2.0
/*
 * The options that name a page, and the target string that the module gets for them.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>

#include "exit_status.h"
#include "number.h"
#include "target.h"

static int set_number(const char *option, const char *arg, bool *has,
		      unsigned long long *num)
{
	if (*has) {
		warnx("%s %s: given a second time; name one page at a time", option, arg);
		return RS_USAGE;
	}
	if (!number_parse(arg, false, num)) {
		if (arg[0] == '0' && number_only_digits(arg))
			warnx("%s %s: octal or hex? Write 0x%s for hex; octal is not supported",
			      option, arg, arg);
		else
			warnx("%s \"%s\": not a 64-bit number; write 0x... for hex",
			      option, arg);
		return RS_USAGE;
	}
	*has = true;
	return RS_OK;
}

/**
 * target_set_pid() - take the argument of --pid
 * @t: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int target_set_pid(struct target *t, const char *arg)
{
	/* Letters are hex digits in an address, but a mistake in a pid. */
	if (number_only_digits(arg)) {
		int status = set_number("--pid", arg, &t->has_pid, &t->pid);

		if (status || (t->pid > 0 && t->pid <= INT_MAX))
			return status;
	}
	warnx("--pid %s: not a process id", arg);
	return RS_USAGE;
}

/**
 * target_set_address() - take the argument of --address
 * @t: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int target_set_address(struct target *t, const char *arg)
{
	t->addr_decimal = number_only_digits(arg);
	return set_number("--address", arg, &t->has_addr, &t->addr);
}

/**
 * target_set_pfn() - take the argument of --pfn
 * @t: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int target_set_pfn(struct target *t, const char *arg)
{
	return set_number("--pfn", arg, &t->has_pfn, &t->pfn);
}

/**
 * target_set_phys() - take the argument of --phys
 * @t: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int target_set_phys(struct target *t, const char *arg)
{
	return set_number("--phys", arg, &t->has_phys, &t->phys);
}

/**
 * target_set_file() - take the argument of --file
 * @t: zeroed before the first option
 * @arg: the argument, which must stay
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int target_set_file(struct target *t, const char *arg)
{
	if (t->file) {
		warnx("--file %s: given a second time; name one page at a time", arg);
		return RS_USAGE;
	}
	t->file = arg;
	return RS_OK;
}

/**
 * target_set_offset() - take the argument of --offset
 * @t: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int target_set_offset(struct target *t, const char *arg)
{
	return set_number("--offset", arg, &t->has_offset, &t->offset);
}

/* Check that the options name exactly one page. */
static bool is_complete(const struct target *t, const char *command)
{
	bool by_pid = t->has_pid || t->has_addr;

	if (by_pid + t->has_pfn + t->has_phys + !!t->file != 1)
		warnx("%s: name one page: -p PID -a ADDR, --pfn N, --phys ADDR or --file PATH",
		      command);
	else if (t->has_offset && !t->file)
		warnx("%s: --offset needs a file: add --file PATH", command);
	else if (by_pid && !t->has_addr)
		warnx("%s: --pid %llu needs an address: add -a ADDR; see /proc/%llu/maps",
		      command, t->pid, t->pid);
	else if (by_pid && !t->has_pid)
		warnx("%s: --address 0x%llx needs a process: add -p PID", command, t->addr);
	else
		return true;
	return false;
}

/**
 * target_resolve() - check that one page was named, and find the frame if it is by file
 * @t: the target, after the last option
 * @command: the subcommand, for error messages
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int target_resolve(struct target *t, const char *command)
{
	if (!is_complete(t, command))
		return RS_USAGE;
	return t->file ? target_find_file(t) : RS_OK;
}

/**
 * target_format() - write the target as the module wants it
 * @t:    a resolved target
 * @buf:  gets the string
 * @size: of @buf; TARGET_MAX is enough
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
 * target_name() - write the target as the beginning of an error message
 * @t:    a resolved target
 * @buf:  gets the string
 * @size: of @buf; TARGET_MAX is enough
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
