/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page that a subcommand is asked about: its options, and what is said
 * when the module cannot show it.
 */
#ifndef RMAPSCOPE_TARGET_H
#define RMAPSCOPE_TARGET_H

#include <stdbool.h>
#include <stddef.h>

/* The module takes no more than 255 bytes; the longest of ours has 60. */
#define TARGET_MAX	128

struct target {
	bool has_pid, has_addr, has_pfn, has_phys, has_offset;
	unsigned long long pid, addr, pfn, phys, offset;
	const char *file;		/* with offset, leads to pfn */
	bool addr_decimal;		/* addr was written without a hex digit */
	bool folio;
};

enum {
	OPT_PFN = 0x100,
	OPT_PHYS,
	OPT_FOLIO,
	OPT_FILE,
	OPT_OFFSET,
	OPT_COMMAND,		/* the first that subcommands may use themselves */
};

/* For the option tables of the subcommands. */
#define TARGET_SHORTOPTS	"p:a:"
#define TARGET_LONGOPT_PID	{ "pid", required_argument, NULL, 'p' }
#define TARGET_LONGOPT_ADDRESS	{ "address", required_argument, NULL, 'a' }
#define TARGET_LONGOPT_PFN	{ "pfn", required_argument, NULL, OPT_PFN }
#define TARGET_LONGOPT_PHYS	{ "phys", required_argument, NULL, OPT_PHYS }
#define TARGET_LONGOPT_FILE	{ "file", required_argument, NULL, OPT_FILE }
#define TARGET_LONGOPT_OFFSET	{ "offset", required_argument, NULL, OPT_OFFSET }
#define TARGET_LONGOPT_FOLIO	{ "folio", no_argument, NULL, OPT_FOLIO }

#define TARGET_HELP							\
	"  -p, --pid PID       process whose page it is, with -a\n"	\
	"  -a, --address ADDR  address in that process\n"		\
	"      --pfn N         page frame number\n"			\
	"      --phys ADDR     physical address\n"			\
	"      --file PATH     file whose page it is, if it is in memory\n" \
	"      --offset N      place in that file, in bytes (default 0)\n" \
	"      --folio         look at the whole folio, not only at the page\n"

/* target_option() on an option that is not its own. */
#define TARGET_NOT_MINE	(-1)

int target_option(struct target *t, int opt, const char *arg);
bool target_complete(const struct target *t, const char *command);
int target_find_file(struct target *t);
void target_format(const struct target *t, char *buf, size_t size);
void target_name(const struct target *t, char *buf, size_t size);

/* explain.c */
struct report;
int explain_failure(const struct target *t, const struct report *r, int err);
int explain_file(const char *file, const struct report *r, int err);

#endif
