/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_DISK_H
#define RMAPSCOPE_SELFTEST_DISK_H

/* A disk of compressed memory, and a file system on it. */
struct disk {
	char number[16];
	char path[64];
	char mounted[64];
};

int disk_make(struct disk *disk, const char *size);
int disk_mount_ext4(struct disk *disk, const char *options);
int disk_unmount(struct disk *disk);
void disk_remove(struct disk *disk);
void *disk_map(const struct disk *disk, off_t offset);

#endif
