/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_ZRAM_DISK_H
#define RMAPSCOPE_SELFTEST_ZRAM_DISK_H

/* A disk of compressed memory (zram) with a file system. */
struct zram_disk {
	char number[16];
	char path[64];
	char mounted[64];
};

int disk_make(struct zram_disk *disk, const char *size);
int disk_mount_ext4(struct zram_disk *disk, const char *options);
int disk_unmount(struct zram_disk *disk);
void disk_remove(struct zram_disk *disk);
void *disk_map(const struct zram_disk *disk, off_t offset);

#endif
