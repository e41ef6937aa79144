// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "fake.h"
#include "kernel_file.h"

#define VARIABLE	"RMAPSCOPE_DEBUGFS"

static const char * const files[] = { "page", "tree", "top", "scan_raw", "recording" };

/**
 * fake_begin() - make the tools use a directory of the test instead of debugfs
 * @fake: filled; fake_end() must follow
 *
 * Return: 0 or -1.
 */
int fake_begin(struct fake *fake)
{
	snprintf(fake->dir, sizeof(fake->dir), "/tmp/rmapscope-XXXXXX");
	if (!mkdtemp(fake->dir) || setenv(VARIABLE, fake->dir, 1))
		return complain("%s: %s", fake->dir, strerror(errno));
	return 0;
}

/**
 * fake_report() - write a report for the tools to read
 * @fake: the directory
 * @file: the name of the file; an earlier report is replaced
 * @target: the target that the tool will write, or NULL if it only reads the file
 * @text: the report
 *
 * The tool writes its target and reads on from there. In a plain file the target overwrites the
 * beginning, so this puts as many blanks before the report.
 *
 * Return: 0 or -1.
 */
int fake_report(const struct fake *fake, const char *file, const char *target,
		const char *text)
{
	char path[96];
	FILE *out;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", fake->dir, file);
	out = fopen(path, "we");
	if (!out)
		return complain("%s: %s", path, strerror(errno));
	ret = fprintf(out, "%*s%s", target ? (int)strlen(target) : 0, "", text);
	return fclose(out) || ret < 0 ? complain("%s: cannot be written", path) : 0;
}

/**
 * fake_asked() - read what a tool has written to a file, followed by the report
 * @fake: the directory
 * @file: the name of the file
 * @text: filled
 * @size: of @text
 *
 * Return: 0 or a negative errno.
 */
int fake_asked(const struct fake *fake, const char *file, char *text, size_t size)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", fake->dir, file);
	return read_text(path, text, size);
}

/**
 * fake_end() - make the tools use debugfs again
 * @fake: the directory, which is removed
 */
void fake_end(const struct fake *fake)
{
	char path[96];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", fake->dir, files[i]);
		unlink(path);
	}
	rmdir(fake->dir);
	unsetenv(VARIABLE);
}
