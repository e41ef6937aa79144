/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device number stands for: a block device, or a file system and where it is mounted.
 */
#ifndef RMAPSCOPE_MOUNT_H
#define RMAPSCOPE_MOUNT_H

#include <stdbool.h>
#include <stddef.h>

bool mount_disk(const char *dev, char *name, size_t size);
bool mount_has_type(const char *dev, const char *const types[]);
bool mount_describe(const char *dev, char *text, size_t size);

#endif
