// SPDX-License-Identifier: GPL-2.0
/*
 * What a device number stands for. sysfs has the names of block devices; /proc/self/mountinfo has
 * the file systems and where they are mounted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mount.h"
#include "report.h"

/**
 * mount_disk() - find the name of a block device
 * @dev: MAJOR:MINOR
 * @name: gets the kernel's name of the device
 * @size: of @name
 *
 * Return: true if there is such a device.
 */
bool mount_disk(const char *dev, char *name, size_t size)
{
	char path[64], link[256];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/dev/block/%.30s", dev);
	len = readlink(path, link, sizeof(link) - 1);
	if (len <= 0)
		return false;
	link[len] = '\0';
	snprintf(name, size, "%s", strrchr(link, '/') ? strrchr(link, '/') + 1 : link);
	return true;
}

struct mount_line {
	char *dev, *root, *point, *type, *source;
};

/* ID PARENT DEV ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS */
static bool parse_line(char *line, struct mount_line *m)
{
	char *end = strstr(line, " - "), *save;

	if (!end)
		return false;
	*end = '\0';
	m->type = strtok_r(end + 3, " ", &save);
	m->source = strtok_r(NULL, " ", &save);
	if (!strtok_r(line, " ", &save) || !strtok_r(NULL, " ", &save))
		return false;
	m->dev = strtok_r(NULL, " ", &save);
	m->root = strtok_r(NULL, " ", &save);
	m->point = strtok_r(NULL, " ", &save);
	return m->type && m->source && m->point;
}

/* Reads the lines of mountinfo about one file system. */
struct mount_reader {
	const char *dev;
	FILE *file;
	char *line;
	size_t room;
};

static struct mount_reader mounts_of(const char *dev)
{
	return (struct mount_reader){ .dev = dev, .file = fopen("/proc/self/mountinfo", "re") };
}

static bool next_mount(struct mount_reader *r, struct mount_line *m)
{
	while (r->file && getline(&r->line, &r->room, r->file) > 0)
		if (parse_line(r->line, m) && !strcmp(m->dev, r->dev))
			return true;
	return false;
}

static void end_mounts(struct mount_reader *r)
{
	free(r->line);
	if (r->file)
		fclose(r->file);
}

/**
 * mount_has_type() - test if a mounted file system has one of some types
 * @dev: MAJOR:MINOR of the file system
 * @types: the names of the types, with NULL at the end; "fuse" includes "fuse.sshfs"
 *
 * Return: true if it has; false also if it is not mounted in the mount namespace of the tool.
 */
bool mount_has_type(const char *dev, const char *const types[])
{
	struct mount_reader r = mounts_of(dev);
	struct mount_line m;
	bool found = false;
	int i;

	while (!found && next_mount(&r, &m)) {
		m.type[strcspn(m.type, ".")] = '\0';
		for (i = 0; types[i] && !found; i++)
			found = !strcmp(m.type, types[i]);
	}
	end_mounts(&r);
	return found;
}

/**
 * mount_describe() - find out what a file system is and where it is mounted
 * @dev: MAJOR:MINOR of the file system
 * @text: gets its type, its device if it has one, and a mount point. A mount of the whole file
 *        system is preferred to a mount of a part.
 * @size: of @text
 *
 * Return: true if it is mounted in the mount namespace of the tool.
 */
bool mount_describe(const char *dev, char *text, size_t size)
{
	struct mount_reader r = mounts_of(dev);
	bool found = false, whole = false;
	struct mount_line m;

	while (!whole && next_mount(&r, &m)) {
		whole = !strcmp(m.root, "/");
		if (found && !whole)
			continue;
		found = true;
		report_unescape(m.point);
		report_unescape(m.source);
		snprintf(text, size, "%s%s%s, mounted on %s", m.type,
			 *m.source == '/' ? " of " : "", *m.source == '/' ? m.source : "", m.point);
	}
	end_mounts(&r);
	return found;
}
