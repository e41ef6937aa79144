// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "kernel_file.h"
#include "zram_disk.h"

/**
 * disk_make() - set up a zram disk
 * @disk: filled; disk_remove() must follow
 * @size: in the format that zram takes
 *
 * Return: 0, or -1 if there is no zram.
 */
int disk_make(struct zram_disk *disk, const char *size)
{
	char path[96];
	FILE *add = fopen("/sys/class/zram-control/hot_add", "r");
	int got;

	memset(disk, 0, sizeof(*disk));
	if (!add)
		return complain("no zram disk can be made");
	got = fscanf(add, "%15s", disk->number);
	fclose(add);
	if (got != 1)
		return complain("zram adds no disk: %s", strerror(errno));
	snprintf(disk->path, sizeof(disk->path), "/dev/zram%s", disk->number);
	snprintf(path, sizeof(path), "/sys/block/zram%s/disksize", disk->number);
	return write_text(path, size);
}

/**
 * disk_mount_ext4() - make a file system on a disk and mount it
 * @disk: the disk; its member mounted is filled
 * @options: mount options, or NULL
 *
 * Return: 0, or -1 if there is no ext4 or no mkfs.ext4.
 */
int disk_mount_ext4(struct zram_disk *disk, const char *options)
{
	struct command mkfs = { };
	int status;

	if (command_run(&mkfs, "mkfs.ext4", "-q", "-F", "-b", "4096", "-E",
			"lazy_itable_init=0,lazy_journal_init=0", disk->path, NULL))
		return -1;
	status = mkfs.status;
	if (status)
		complain("mkfs.ext4: exit status %d, %.200s", status, mkfs.err);
	command_free(&mkfs);
	if (status)
		return -1;
	snprintf(disk->mounted, sizeof(disk->mounted), "/tmp/diskXXXXXX");
	if (!mkdtemp(disk->mounted)) {
		*disk->mounted = '\0';
		return complain("mkdtemp: %s", strerror(errno));
	}
	if (!mount(disk->path, disk->mounted, "ext4", MS_NOATIME, options))
		return 0;
	complain("mount of ext4: %s", strerror(errno));
	rmdir(disk->mounted);
	*disk->mounted = '\0';
	return -1;
}

/**
 * disk_unmount() - unmount the file system on a disk
 * @disk: the disk
 *
 * Return: 0, 0 also if none is mounted; -1 on error.
 */
int disk_unmount(struct zram_disk *disk)
{
	if (!*disk->mounted)
		return 0;
	if (umount(disk->mounted))
		return complain("umount: %s", strerror(errno));
	rmdir(disk->mounted);
	*disk->mounted = '\0';
	return 0;
}

/**
 * disk_remove() - remove a disk and its contents
 * @disk: the disk; nothing else may have it open
 */
void disk_remove(struct zram_disk *disk)
{
	disk_unmount(disk);
	if (*disk->number)
		write_text("/sys/class/zram-control/hot_remove", disk->number);
}

/**
 * disk_map() - map a page of a disk, and read it
 * @disk: the disk
 * @offset: of the page
 *
 * Return: its address, or NULL.
 */
void *disk_map(const struct zram_disk *disk, off_t offset)
{
	int fd = open(disk->path, O_RDONLY | O_CLOEXEC);
	void *page;

	if (fd < 0) {
		complain("%s: %s", disk->path, strerror(errno));
		return NULL;
	}
	page = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, fd, offset);
	close(fd);
	if (page == MAP_FAILED) {
		complain("mmap of %s: %s", disk->path, strerror(errno));
		return NULL;
	}
	(void)*(volatile char *)page;
	return page;
}
