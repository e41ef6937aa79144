// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with special page-table entries: some have unusual bits, others map frames that have no
 * reverse map.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exercise.h"

static int open_uffd(void)
{
	struct uffdio_api api = {
		.api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	int fd;

	fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (fd < 0)
		unsupported("this kernel has no userfaultfd: %s", strerror(errno));
	if (ioctl(fd, UFFDIO_API, &api))
		unsupported("this kernel's userfaultfd cannot write-protect");
	return fd;
}

static void write_protect(struct exercise *ex)
{
	struct uffdio_range range = {
		.start = ex->va, .len = ex->opt[OPT_PAGES] * page_size(),
	};
	struct uffdio_register reg = {
		.range = range, .mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect wp = {
		.range = range, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int fd = open_uffd();

	if (ioctl(fd, UFFDIO_REGISTER, &reg))
		die(errno, "cannot register the region with userfaultfd");
	if (ioctl(fd, UFFDIO_WRITEPROTECT, &wp))
		die(errno, "cannot write-protect with userfaultfd");
}

/* Only the VMA of the parent is registered, so only its entry has the bit. */
static void run_uffd(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	mem_setup(ex);
	write_protect(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "write-protected by userfaultfd in the parent", 0,
			    ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_uffd = {
	.name = "uffd",
	.explain = "userfaultfd write-protects the parent's entry of a page that all share.",
	.run = run_uffd,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_protnone(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	struct account_page *page;

	mem_setup(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	mem_protect(ex->va, pages, PROT_NONE);

	page = account_page(ex, "without access in the parent", 0, pages);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_protnone = {
	.name = "protnone",
	.explain = "The parent maps the page with PROT_NONE, which leaves it no access.",
	.run = run_protnone,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static unsigned long read_inherited(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_read(ex->va, 1);
	return ex->va;
}

static void share_without_rmap(struct exercise *ex, const char *kind, const char *note)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	mem_read(ex->va, 1);
	proc_spawn_range(ex, 1, n, read_inherited);
	proc_await(n);

	page = account_page(ex, note, 0, 1);
	page->kind = kind;
	page->refused = true;
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

static void run_zero(struct exercise *ex)
{
	ex->va = mem_region(1);
	share_without_rmap(ex, KIND_ZERO, "the zero page, which has no reverse map");
}

const struct scenario scenario_zero = {
	.name = "zero",
	.explain = "Anonymous memory that was only read: the zero page of the kernel.",
	.run = run_zero,
	.opt = { [OPT_CHILDREN] = { 1, MAX_CHILDREN } },
};

static void run_zero_huge(struct exercise *ex)
{
	unsigned long size = huge_size();

	huge_enable("enabled", "madvise", "transparent huge pages");
	huge_enable("use_zero_page", "1", "huge zero page");
	ex->va = huge_region(size, size);
	share_without_rmap(ex, KIND_HUGE_ZERO,
			   "the huge zero page, which has no reverse map");
}

const struct scenario scenario_zero_huge = {
	.name = "zero-huge",
	.explain = "As zero, with huge pages enabled: the huge zero page.",
	.run = run_zero_huge,
	.opt = { [OPT_CHILDREN] = { 1, MAX_CHILDREN } },
};

static unsigned long find_vvar(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, found = 0;
	char line[512];

	if (!maps)
		die(errno, "cannot open /proc/self/maps");
	while (!found && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]") && sscanf(line, "%lx-", &start) == 1)
			found = start;
	fclose(maps);
	return found;
}

static void run_pfnmap(struct exercise *ex)
{
	ex->va = find_vvar();
	if (!ex->va)
		unsupported("this kernel maps no [vvar]");
	share_without_rmap(ex, KIND_PFNMAP,
			   "[vvar], mapped as a bare frame number");
}

const struct scenario scenario_pfnmap = {
	.name = "pfnmap",
	.explain = "A page of the kernel that is mapped as a bare frame number: [vvar].",
	.run = run_pfnmap,
	.opt = { [OPT_CHILDREN] = { 1, MAX_CHILDREN } },
};
