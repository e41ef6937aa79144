// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of the whole machine that some scenarios change. Their old values are restored at the
 * end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exercise.h"

#define MAX_SETTINGS 12
#define MAX_VALUE 128

struct saved {
	char path[128];
	char value[MAX_VALUE];
};

static struct saved settings[MAX_SETTINGS];
static unsigned int nr_settings;

/**
 * setting_exists() - test if the kernel has a setting
 * @path: its file
 *
 * Return: true if it has.
 */
bool setting_exists(const char *path)
{
	return !access(path, F_OK);
}

static void read_text(const char *path, char text[MAX_VALUE])
{
	FILE *file = fopen(path, "re");

	if (!file)
		die(errno, "cannot read %s", path);
	if (!fgets(text, MAX_VALUE, file))
		die(0, "%s is empty", path);
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
}

/**
 * setting_try() - write to a setting without saving its old value
 * @path: its file
 * @value: the value, in one write(2)
 *
 * Return: 0, or the errno with which the kernel refused it.
 */
int setting_try(const char *path, const char *value)
{
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
}

/* In a list of choices, such as "always [madvise] never", brackets mark the value. */
static void read_value(const char *path, char value[MAX_VALUE])
{
	char text[MAX_VALUE], *chosen;

	read_text(path, text);
	chosen = strchr(text, '[');
	if (chosen) {
		chosen++;
		chosen[strcspn(chosen, "]")] = '\0';
	}
	snprintf(value, MAX_VALUE, "%s", chosen ? chosen : text);
}

/**
 * setting_number() - read a setting that is a number
 * @path: its file
 *
 * Return: the number.
 */
long setting_number(const char *path)
{
	char value[MAX_VALUE];

	read_value(path, value);
	return strtol(value, NULL, 10);
}

static void save(const char *path, const char *value)
{
	unsigned int i;

	for (i = 0; i < nr_settings; i++)
		if (!strcmp(settings[i].path, path))
			return;
	if (nr_settings == MAX_SETTINGS)
		die(0, "more than %d settings were changed", MAX_SETTINGS);
	snprintf(settings[i].path, sizeof(settings[i].path), "%s", path);
	snprintf(settings[i].value, sizeof(settings[i].value), "%s", value);
	nr_settings++;
}

/**
 * setting_set() - change a setting until the end
 * @path: its file
 * @value: the new value
 */
void setting_set(const char *path, const char *value)
{
	char old[MAX_VALUE];
	int err;

	read_value(path, old);
	if (!strcmp(old, value))
		return;
	save(path, old);
	err = setting_try(path, value);
	if (err)
		die(err, "cannot set %s to %s", path, value);
}

/**
 * setting_set_number() - change a setting that is a number until the end
 * @path: its file
 * @value: the new value
 */
void setting_set_number(const char *path, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	setting_set(path, text);
}

/**
 * setting_choose_unless() - change a setting until the end, unless it has another good value
 * @path: its file
 * @value: the new value
 * @fine: the value that need not be changed
 */
void setting_choose_unless(const char *path, const char *value, const char *fine)
{
	char old[MAX_VALUE];

	read_value(path, old);
	if (strcmp(old, fine))
		setting_set(path, value);
}

/**
 * setting_restore() - restore all settings, in reverse order
 *
 * If one can't be restored, this prints a message and goes on.
 */
void setting_restore(void)
{
	while (nr_settings) {
		const struct saved *one = &settings[--nr_settings];
		int err = setting_try(one->path, one->value);

		if (err)
			complain(err, "cannot set %s back to %s", one->path, one->value);
	}
}
