// SPDX-License-Identifier: GPL-2.0
/*
 * What a device number stands for: a disk, by sysfs, and a file system that is mounted, by
 * /proc/self/mountinfo.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mount.h"
#include "report.h"

/**
 * mount_disk() - what a block device is called
 * @dev: MAJOR:MINOR
 * @name: gets the kernel's name of it
 * @size: of @name
 *
 * Return: whether there is such a device.
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

/**
 * mount_has_type() - whether a file system that is mounted is of one of some types
 * @dev: MAJOR:MINOR of the file system
 * @types: their names, ended by NULL; "fuse" also stands for "fuse.sshfs"
 *
 * Return: false also if it isn't mounted in our mount namespace.
 */
bool mount_has_type(const char *dev, const char *const types[])
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct mount_line m;
	bool found = false;
	char *line = NULL;
	size_t room = 0;
	int i;

	while (file && !found && getline(&line, &room, file) > 0) {
		if (!parse_line(line, &m) || strcmp(m.dev, dev))
			continue;
		m.type[strcspn(m.type, ".")] = '\0';
		for (i = 0; types[i] && !found; i++)
			found = !strcmp(m.type, types[i]);
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/**
 * mount_describe() - what is mounted where
 * @dev: MAJOR:MINOR of a file system
 * @text: gets its type, its device if it has one, and where it is mounted as a whole, or else a
 *        part of it
 * @size: of @text
 *
 * Return: whether it is mounted in our mount namespace.
 */
bool mount_describe(const char *dev, char *text, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool found = false, whole = false;
	struct mount_line m;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return false;
	while (!whole && getline(&line, &room, file) > 0) {
		if (!parse_line(line, &m) || strcmp(m.dev, dev))
			continue;
		whole = !strcmp(m.root, "/");
		if (found && !whole)
			continue;
		found = true;
		report_unescape(m.point);
		report_unescape(m.source);
		snprintf(text, size, "%s%s%s, mounted on %s", m.type,
			 *m.source == '/' ? " of " : "", *m.source == '/' ? m.source : "", m.point);
	}
	free(line);
	fclose(file);
	return found;
}
