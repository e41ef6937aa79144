// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"

/**
 * write_text() - write to a file of the kernel
 * @path: the file
 * @text: what to write, in one write(2)
 *
 * Return: 0, or -errno with the reason in why[].
 */
int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = errno;
	if (fd >= 0)
		close(fd);
	if (err)
		complain("%s to %s: %s", text, path, strerror(err));
	return -err;
}

/**
 * read_text() - read from a file of the kernel
 * @path: the file
 * @text: filled, with a NUL at its end
 * @size: of @text, in bytes; a longer text is cut
 *
 * Return: 0 or -errno.
 */
int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
	int err = got < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return -err;
}

/**
 * file_number() - read the number at the beginning of a file
 * @path: the file
 *
 * Return: the number; -1 if there is no number or no file.
 */
int64_t file_number(const char *path)
{
	FILE *file = fopen(path, "re");
	int64_t number = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%" SCNd64, &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

/**
 * file_number_after() - read the number of a name, from a file with lines "NAME[:] NUMBER"
 * @path: the file
 * @name: the name
 *
 * Return: the number; -1 if there is no such line or no file.
 */
int64_t file_number_after(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	size_t length = strlen(name);
	int64_t number = -1;
	char line[256];

	while (file && number < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && strchr(": ", line[length]))
			number = atoll(line + length + 1);
	if (file)
		fclose(file);
	return number;
}

/**
 * have_swap() - does the machine have swap?
 *
 * Return: true if so.
 */
bool have_swap(void)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	char line[256];
	int lines = 0;

	while (swaps && fgets(line, sizeof(line), swaps))
		lines++;
	if (swaps)
		fclose(swaps);
	/* The first line is the heading. */
	return lines > 1;
}

/**
 * process_state() - read the state of a process
 * @pid: the process
 * @group: filled with its process group, unless NULL
 *
 * Return: the letter in /proc/PID/stat: R running, S sleeping, D in a sleep that signals do not
 * interrupt, T stopped, and so on; 0 if the process is gone.
 */
char process_state(pid_t pid, pid_t *group)
{
	char path[64], text[512], *after;
	pid_t its_group;
	ssize_t got;
	char state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return 0;
	text[got] = '\0';
	/* The name can contain any character, even parentheses. */
	after = strrchr(text, ')');
	if (!after || sscanf(after + 1, " %c %*d %d", &state, &its_group) != 2)
		return 0;
	if (group)
		*group = its_group;
	return state;
}

/**
 * group_count() - count the processes of a group that are in one of some states
 * @group: the process group
 * @states: letters as of process_state()
 *
 * Return: the number.
 */
unsigned int group_count(pid_t group, const char *states)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	while (proc && (entry = readdir(proc))) {
		pid_t its_group;
		char state;

		if (atoi(entry->d_name) <= 0)
			continue;
		state = process_state(atoi(entry->d_name), &its_group);
		n += state && its_group == group && strchr(states, state);
	}
	if (proc)
		closedir(proc);
	return n;
}
