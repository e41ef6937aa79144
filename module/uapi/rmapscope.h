/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What the module and user space must agree on beyond the text of the reports,
 * which Documentation/interface.rst describes.
 */
#ifndef _UAPI_RMAPSCOPE_H
#define _UAPI_RMAPSCOPE_H

/* "abi=" in the first line of every file. Keys and records are only ever added. */
#define RMAPSCOPE_ABI		1

/* The longest target that one write(2) may bring, in bytes. */
#define RMAPSCOPE_TARGET_MAX	255

/* The directory below the mount point of debugfs. */
#define RMAPSCOPE_DIR		"rmapscope"

#endif /* _UAPI_RMAPSCOPE_H */
