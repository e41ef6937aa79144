/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a file system is mounted.
 */
#ifndef RMAPSCOPE_MOUNT_H
#define RMAPSCOPE_MOUNT_H

#include <stdbool.h>
#include <stddef.h>

bool mount_describe(const char *dev, char *text, size_t size);

#endif
