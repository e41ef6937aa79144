// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with pages in the page cache. The walk visits all VMAs that map the file at the offset
 * of the page. i_mmap has shared and private mappings alike.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "exercise.h"

static int file = -1;
static const char *kind;

/* Files on tmpfs are shmem. */
static bool on_tmpfs(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		die(errno, "cannot find out the file system of a file");
	return fs.f_type == TMPFS_MAGIC;
}

static const char *kind_of_file(int fd)
{
	return on_tmpfs(fd) ? KIND_SHMEM : KIND_FILE;
}

/*
 * Write page by page, so that each page is a folio of its own. The file has no name any more, so it
 * is gone after its last use.
 */
static void make_file(const char *dir, unsigned int pages)
{
	unsigned long size = page_size();
	char path[256];
	unsigned int i;
	char *buf;

	snprintf(path, sizeof(path), "%s/rmap-exercise.XXXXXX", dir);
	file = mkostemp(path, O_CLOEXEC);
	if (file < 0)
		die(errno, "cannot create a file in %s", dir);
	unlink(path);
	kind = kind_of_file(file);

	buf = malloc(size);
	if (!buf)
		die(ENOMEM, "cannot write a file in %s", dir);
	for (i = 0; i < pages; i++) {
		memset(buf, 'a' + i % 26, size);
		if (write(file, buf, size) != (ssize_t)size)
			die(errno, "cannot write a file in %s", dir);
	}
	free(buf);
}

static const char *scratch_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/var/tmp";
}

static unsigned long map_file(struct exercise *ex, int flags)
{
	unsigned int pages = ex->opt[OPT_PAGES];

	return mem_shared(mem_reserve(pages), pages * page_size(), PROT_READ, flags, file);
}

static unsigned long map_shared(struct exercise *ex, unsigned int index)
{
	unsigned long va = map_file(ex, MAP_SHARED);

	(void)index;
	mem_read(va, ex->opt[OPT_PAGES]);
	return va;
}

/* Every second process has a private mapping. */
static unsigned long map_mixed(struct exercise *ex, unsigned int index)
{
	unsigned long va = map_file(ex, index % 2 ? MAP_PRIVATE : MAP_SHARED);

	mem_read(va, ex->opt[OPT_PAGES]);
	return va;
}

/* The parent maps the file last, so that no child inherits this mapping. */
static void share_file(struct exercise *ex, const char *note,
		       unsigned long (*map)(struct exercise *ex, unsigned int index))
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	proc_spawn_range(ex, 1, n, map);
	proc_await(n);
	ex->helpers[0].va = map(ex, 0);

	page = account_page(ex, note, 0, ex->opt[OPT_PAGES]);
	page->kind = kind;
	account_own(ex, page, STATE_MAPPED, 0, n, 0);
}

static void run_file_shared(struct exercise *ex)
{
	make_file(scratch_dir(), ex->opt[OPT_PAGES]);
	share_file(ex, "of a file, shared mappings only", map_shared);
}

const struct scenario scenario_file_shared = {
	.name = "file-shared",
	.explain = "Each process maps a file with MAP_SHARED and reads from it.",
	.run = run_file_shared,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_file_private(struct exercise *ex)
{
	make_file(scratch_dir(), ex->opt[OPT_PAGES]);
	share_file(ex, "of a file, shared and private mappings", map_mixed);
}

const struct scenario scenario_file_private = {
	.name = "file-private",
	.explain = "The same page of a file, read through shared and through private mappings.",
	.run = run_file_private,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_tmpfs(struct exercise *ex)
{
	make_file("/dev/shm", ex->opt[OPT_PAGES]);
	if (!on_tmpfs(file))
		unsupported("/dev/shm is not on tmpfs: mount one there first");
	share_file(ex, "of a file on tmpfs, shared and private mappings", map_mixed);
}

const struct scenario scenario_tmpfs = {
	.name = "tmpfs",
	.explain = "A file on tmpfs, read through shared and through private mappings.",
	.run = run_tmpfs,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static unsigned long read_inherited(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_read(ex->va, ex->opt[OPT_PAGES]);
	return ex->va;
}

/*
 * The first half of the children reads the file. Then the parent writes, and the second half
 * inherits its copies. Their VMAs are in the tree of the file and in an anon_vma tree.
 */
static void run_file_private_cow(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned int readers = (n + 1) / 2;
	struct account_page *page;

	make_file(scratch_dir(), pages);
	ex->va = mem_shared(mem_reserve(pages), pages * page_size(),
			    PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
	mem_read(ex->va, pages);
	proc_spawn_range(ex, 1, readers, read_inherited);
	proc_await(readers);
	mem_touch(ex->va, pages);
	proc_spawn_range(ex, readers + 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "of the file, left by the parent", 0, pages);
	page->kind = kind;
	account_range(page, STATE_MAPPED, 1, readers, ex->va);
	account_range(page, STATE_COWED, 0, 0, ex->va);
	account_range(page, STATE_COWED, readers + 1, n, ex->va);
	page = account_page(ex, "the parent's copy, shared by children forked later", 0,
			    pages);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
	account_range(page, STATE_MAPPED, readers + 1, n, ex->va);
}

const struct scenario scenario_file_private_cow = {
	.name = "file-private-cow",
	.explain = "A write to a private mapping: the page of the file, and its anonymous copy.",
	.run = run_file_private_cow,
	.opt = {
		[OPT_CHILDREN] = { 4, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static unsigned long read_text(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_read(ex->va, 1);
	return ex->va;
}

/* Another run of this program maps the file as well, so the number of VMAs is not known. */
static void run_exec(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (file < 0)
		die(errno, "cannot open the program itself");
	ex->va = (unsigned long)read_text & ~(page_size() - 1);
	proc_spawn_range(ex, 1, n, read_text);
	proc_await(n);
	mem_read(ex->va, 1);

	page = account_page(ex, "of this program's code", 0, 1);
	page->kind = kind_of_file(file);
	page->visits_unknown = true;
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_exec = {
	.name = "exec",
	.explain = "The processes run the same program, and map a page of its code.",
	.run = run_exec,
	.opt = { [OPT_CHILDREN] = { 3, MAX_CHILDREN } },
};

/* A process writes to one page in five, six, seven or eight. */
static bool writes_to(unsigned int index, unsigned int page)
{
	return (index + page) % (5 + index % 4) == 0;
}

/* Read all pages before the first write, so that each copy has left a page of the file. */
static unsigned long restore_snapshot(struct exercise *ex, unsigned int index)
{
	unsigned int pages = ex->opt[OPT_PAGES], i;
	unsigned long va;

	va = mem_shared(mem_reserve(pages), pages * page_size(), PROT_READ | PROT_WRITE,
			MAP_PRIVATE, file);
	mem_read(va, pages);
	for (i = 0; i < pages; i++)
		if (writes_to(index, i))
			mem_touch(va + i * page_size(), 1);
	return va;
}

static void account_snapshot_page(struct exercise *ex, unsigned int i)
{
	unsigned int n = ex->opt[OPT_CHILDREN], index;
	unsigned long offset = i * page_size();
	struct account_page *page;

	page = account_page(ex, "of the snapshot", 0, 1);
	page->kind = kind;
	for (index = 1; index <= n; index++)
		if (!writes_to(index, i))
			account_own(ex, page, STATE_MAPPED, index, index, offset);
	for (index = 1; index <= n; index++)
		if (writes_to(index, i))
			account_own(ex, page, STATE_COWED, index, index, offset);
}

/* The copies and the region of one process. */
static void account_sandbox(struct exercise *ex, unsigned int index)
{
	struct share_region *region;
	struct account_page *page;
	unsigned int i;

	region = sharing_region(ex, "the snapshot", index, PARENT_FILE, ex->helpers[index].va);
	for (i = 0; i < ex->opt[OPT_PAGES]; i++) {
		bool copied = writes_to(index, i);

		sharing_run(region, copied ? SHARE_COPIED : SHARE_SHARED, 1);
		if (!copied)
			continue;
		page = account_page(ex, "the copy of sandbox", index, 1);
		account_own(ex, page, STATE_MAPPED, index, index, i * page_size());
	}
}

/* The parent doesn't map the file, as the supervisor of sandboxes wouldn't. */
static void run_snapshot(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i;

	make_file(scratch_dir(), pages);
	for (i = 1; i <= n; i++) {
		ex->helpers[i].role = "sandbox";
		ex->helpers[i].num = i;
	}
	proc_spawn_range(ex, 1, n, restore_snapshot);
	proc_await(n);

	for (i = 0; i < pages; i++)
		account_snapshot_page(ex, i);
	for (i = 1; i <= n; i++)
		account_sandbox(ex, i);
}

const struct scenario scenario_snapshot = {
	.name = "snapshot",
	.explain = "Sandboxes map the same file privately, and each writes to a few known pages.",
	.run = run_snapshot,
	.opt = {
		[OPT_CHILDREN] = { 40, MAX_CHILDREN },
		[OPT_PAGES] = { 16, MAX_PAGES },
	},
};
