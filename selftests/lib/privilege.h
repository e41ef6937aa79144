/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_PRIVILEGE_H
#define RMAPSCOPE_SELFTEST_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

#define FILES_MAX 16

/* The files in the module's directory. */
struct files {
	char name[FILES_MAX][32];
	size_t nr;
};

int files_list(struct files *files);
int files_directory(void);
bool files_is_public(const char *name);
int files_open_flags(const char *name);

int drop_capability(int capability);
int become_root_of_new_userns(void);

#endif
