/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FILE_PAGE_H
#define RMAPSCOPE_SELFTEST_FILE_PAGE_H

#include <sys/stat.h>

char *file_page(int fd);
int file_page_is(const char *page, const struct stat *st, const char *name);

#endif
