// SPDX-License-Identifier: GPL-2.0
/* Maps pages of files, and checks what reports say about the file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "complain.h"
#include "file_page.h"
#include "oracle.h"
#include "page_report.h"

/**
 * file_page() - map a page of a file
 * @fd: the file, which is extended to one page
 *
 * Return: the address of a shared mapping that was written to, or NULL.
 */
char *file_page(int fd)
{
	size_t size = getpagesize();
	char *page;

	if (ftruncate(fd, size))
		return NULL;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return NULL;
	page[0] = 1;
	return page;
}

/**
 * file_page_is() - check that a report has the file that fstat(2) has
 * @page: a page of the caller
 * @st: of the file
 * @name: its path within its file system
 *
 * Return: 0 or -1.
 */
int file_page_is(const char *page, const struct stat *st, const char *name)
{
	const char *dev, *file;
	char expected[32];
	struct page_report report;
	uint64_t pfn;
	int ret = oracle_pfn(getpid(), (uintptr_t)page, &pfn);

	if (!ret)
		ret = page_report_take(&report, "pfn=%#" PRIx64, pfn);
	if (ret)
		return ret;
	snprintf(expected, sizeof(expected), "%u:%u", major(st->st_dev), minor(st->st_dev));
	dev = record_get(report.page, "dev");
	file = record_get(report.page, "file");
	if (!dev || !file)
		ret = complain("no dev= or file=");
	else if (strcmp(dev, expected) || record_num(report.page, "ino") != st->st_ino)
		ret = complain("dev=%s ino=%s, not %s %" PRIu64, dev,
			       record_get(report.page, "ino"),
			       expected, (uint64_t)st->st_ino);
	else if (strcmp(file, name))
		ret = complain("file=%s, not %s", file, name);
	page_report_free(&report);
	return ret;
}
