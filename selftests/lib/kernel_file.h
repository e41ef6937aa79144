/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KERNEL_FILE_H
#define RMAPSCOPE_SELFTEST_KERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reading and writing small files of the kernel that hold a text or a number. */
int write_text(const char *path, const char *text);
int read_text(const char *path, char *text, size_t size);
int64_t file_number(const char *path);
int64_t file_number_after(const char *path, const char *name);

bool have_swap(void);
char process_state(pid_t pid, pid_t *group);
unsigned int group_count(pid_t group, const char *states);

#endif
