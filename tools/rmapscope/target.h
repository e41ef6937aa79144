/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page that a subcommand reports on, as the options name it.
 */
#ifndef RMAPSCOPE_TARGET_H
#define RMAPSCOPE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <uapi/rmapscope.h>

/* Size of a buffer for a target, or for its name in messages. */
#define TARGET_MAX	(RMAPSCOPE_TARGET_MAX + 1)

struct target {
	bool has_pid, has_addr, has_pfn, has_phys, has_offset;
	unsigned long long pid, addr, pfn, phys, offset;
	const char *file;		/* target_resolve() finds the pfn at its offset */
	bool addr_decimal;		/* addr was written without a hex digit */
	bool folio;
};

int target_set_pid(struct target *t, const char *arg);
int target_set_address(struct target *t, const char *arg);
int target_set_pfn(struct target *t, const char *arg);
int target_set_phys(struct target *t, const char *arg);
int target_set_file(struct target *t, const char *arg);
int target_set_offset(struct target *t, const char *arg);

int target_resolve(struct target *t, const char *command);
void target_format(const struct target *t, char *buf, size_t size);
void target_name(const struct target *t, char *buf, size_t size);

/* target_file.c */
int target_find_file(struct target *t);

#endif
