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
#include "oracle.h"

#define PAGE_BYTES	((uint64_t)sysconf(_SC_PAGESIZE))
#define CHUNK		512

typedef int (*visit_fn)(void *arg, pid_t pid, uint64_t va, uint64_t entry);

static bool has_memory(pid_t pid, pid_t tid)
{
	char path[64], target[1];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/exe", pid, tid);
	return readlink(path, target, sizeof(target)) > 0;
}

/*
 * When the thread group leader has exited, the files of /proc/PID are empty although the process
 * lives on. Reads those of another thread then.
 */
static pid_t thread_with_memory(pid_t pid)
{
	struct dirent *entry;
	pid_t found = pid;
	char path[32];
	DIR *tasks;

	if (has_memory(pid, pid))
		return pid;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && found == pid && (entry = readdir(tasks)))
		if (has_memory(pid, atoi(entry->d_name)))
			found = atoi(entry->d_name);
	if (tasks)
		closedir(tasks);
	return found;
}

static int open_proc(pid_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, thread_with_memory(pid),
		 file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/**
 * oracle_entry() - read one entry of a pagemap
 * @pid: process
 * @va: address
 * @entry: result, bits as in Documentation/admin-guide/mm/pagemap.rst
 *
 * Return: 0 or -1.
 */
int oracle_entry(pid_t pid, uint64_t va, uint64_t *entry)
{
	int fd = open_proc(pid, "pagemap");
	ssize_t got;

	if (fd < 0)
		return complain("pid %d: pagemap: %s", pid, strerror(errno));
	got = pread(fd, entry, sizeof(*entry), va / PAGE_BYTES * sizeof(*entry));
	close(fd);
	if (got != sizeof(*entry))
		return complain("pid %d: pagemap at %#" PRIx64 ": %s", pid, va,
				got < 0 ? strerror(errno) : "end of file");
	return 0;
}

/**
 * oracle_pfn() - the frame that a process maps at an address
 * @pid: process
 * @va: address
 * @pfn: result
 *
 * Return: 0, or -1 also when nothing is present there.
 */
int oracle_pfn(pid_t pid, uint64_t va, uint64_t *pfn)
{
	uint64_t entry;

	if (oracle_entry(pid, va, &entry))
		return -1;
	if (!(entry & PM_PRESENT) || !PM_PFN(entry))
		return complain("pid %d: no frame at %#" PRIx64 " (entry %#" PRIx64 ")",
				pid, va, entry);
	*pfn = PM_PFN(entry);
	return 0;
}

static bool parse_maps_line(const char *line, struct oracle_vma *vma)
{
	vma->name[0] = '\0';
	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %255[^\n]",
		      &vma->start, &vma->end, vma->perms, &vma->offset, vma->name) >= 4;
}

/**
 * oracle_vma() - the VMA that holds an address, from /proc/PID/maps
 * @pid: process
 * @va: address
 * @vma: result
 *
 * Return: 0, or -1 also when there is none.
 */
int oracle_vma(pid_t pid, uint64_t va, struct oracle_vma *vma)
{
	int fd = open_proc(pid, "maps");
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	bool found = false;
	char line[512];

	if (!maps)
		return complain("pid %d: maps: %s", pid, strerror(errno));
	while (!found && fgets(line, sizeof(line), maps))
		found = parse_maps_line(line, vma) && vma->start <= va && va < vma->end;
	fclose(maps);
	return found ? 0 : complain("pid %d: no VMA at %#" PRIx64, pid, va);
}

static int visit_vma(int pagemap, pid_t pid, const struct oracle_vma *vma,
		     visit_fn visit, void *arg)
{
	uint64_t entries[CHUNK];
	uint64_t va = vma->start;

	while (va < vma->end) {
		size_t want = (vma->end - va) / PAGE_BYTES;
		ssize_t got;
		size_t i;

		if (want > CHUNK)
			want = CHUNK;
		got = pread(pagemap, entries, want * sizeof(*entries),
			    va / PAGE_BYTES * sizeof(*entries));
		/* vsyscall is in no pagemap, and the process may exit meanwhile. */
		if (got <= 0)
			return 0;
		for (i = 0; i < got / sizeof(*entries); i++, va += PAGE_BYTES)
			if ((entries[i] & (PM_PRESENT | PM_SWAPPED)) &&
			    visit(arg, pid, va, entries[i]))
				return -1;
	}
	return 0;
}

static int visit_process(pid_t pid, visit_fn visit, void *arg)
{
	int pagemap = open_proc(pid, "pagemap");
	int fd = open_proc(pid, "maps");
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	struct oracle_vma vma;
	char line[512];
	int ret = 0;

	while (!ret && pagemap >= 0 && maps && fgets(line, sizeof(line), maps))
		if (parse_maps_line(line, &vma))
			ret = visit_vma(pagemap, pid, &vma, visit, arg);
	if (maps)
		fclose(maps);
	if (pagemap >= 0)
		close(pagemap);
	return ret;
}

static int visit_all(visit_fn visit, void *arg)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int ret = 0;

	if (!proc)
		return complain("/proc: %s", strerror(errno));
	while (!ret && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0)
			ret = visit_process(pid, visit, arg);
	}
	closedir(proc);
	return ret;
}

struct search {
	uint64_t pfn;		/* or the swap type and offset, in the same bits */
	uint64_t present;
	struct mappings *found;
};

static int keep_if_wanted(void *arg, pid_t pid, uint64_t va, uint64_t entry)
{
	struct search *search = arg;

	if (PM_PFN(entry) != search->pfn || (entry & PM_PRESENT) != search->present)
		return 0;
	return mappings_add(search->found, pid, va);
}

/**
 * oracle_mappers() - find all mappings of a frame
 * @pfn: the frame
 * @found: filled, sorted; must be empty at the start
 *
 * Lists each of the processes that share an mm.
 *
 * Return: 0 or -1.
 */
int oracle_mappers(uint64_t pfn, struct mappings *found)
{
	struct search search = { .pfn = pfn, .present = PM_PRESENT, .found = found };

	if (visit_all(keep_if_wanted, &search))
		return -1;
	mappings_sort(found);
	return 0;
}

/**
 * oracle_swapped() - find all addresses that hold the same swap slot
 * @entry: a pagemap entry with this slot
 * @found: filled, sorted; must be empty at the start
 *
 * Return: 0 or -1.
 */
int oracle_swapped(uint64_t entry, struct mappings *found)
{
	struct search search = { .pfn = PM_PFN(entry), .found = found };

	if (visit_all(keep_if_wanted, &search))
		return -1;
	mappings_sort(found);
	return 0;
}

/**
 * oracle_swap_key() - the key of a swap slot for oracle_find()
 * @type: of the swap entry
 * @offset: of the swap entry
 *
 * Return: a number that no frame has.
 */
uint64_t oracle_swap_key(uint64_t type, uint64_t offset)
{
	return PM_SWAPPED | offset << 5 | type;
}

static int keep(void *arg, pid_t pid, uint64_t va, uint64_t entry)
{
	struct oracle *all = arg;

	if (all->nr == all->room) {
		size_t room = all->room ? 2 * all->room : 4096;
		struct oracle_entry *v = realloc(all->v, room * sizeof(*v));

		if (!v)
			return complain("no memory for %zu entries", room);
		all->v = v;
		all->room = room;
	}
	all->v[all->nr++] = (struct oracle_entry){
		.pfn = entry & PM_PRESENT ? PM_PFN(entry) : PM_PFN(entry) | PM_SWAPPED,
		.place = { .pid = pid, .va = va },
	};
	return 0;
}

static int compare_entry(const void *left, const void *right)
{
	const struct oracle_entry *a = left, *b = right;

	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

/**
 * oracle_scan() - read the mappings of all processes once
 * @all: result, for oracle_find(); all zeroes at first. A later scan reuses the memory of the
 *   earlier one, so it does not change its own mappings
 *
 * Return: 0 or -1.
 */
int oracle_scan(struct oracle *all)
{
	all->nr = 0;
	if (visit_all(keep, all))
		return -1;
	qsort(all->v, all->nr, sizeof(*all->v), compare_entry);
	return 0;
}

/**
 * oracle_find() - find all mappings of a frame in a scan
 * @all: the scan
 * @pfn: the frame, or the oracle_swap_key() of a swap slot
 * @found: filled, sorted; must be empty at the start
 *
 * Return: 0 or -1.
 */
int oracle_find(const struct oracle *all, uint64_t pfn, struct mappings *found)
{
	size_t low = 0, high = all->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (all->v[middle].pfn < pfn)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < all->nr && all->v[low].pfn == pfn; low++)
		if (mappings_add(found, all->v[low].place.pid, all->v[low].place.va))
			return -1;
	mappings_sort(found);
	return 0;
}

/**
 * oracle_free() - free a scan
 * @all: the scan
 */
void oracle_free(struct oracle *all)
{
	free(all->v);
	*all = (struct oracle){ 0 };
}

/**
 * oracle_kpageflags() - read the kpageflags of a frame
 * @pfn: the frame
 * @flags: result, bits as in include/uapi/linux/kernel-page-flags.h
 *
 * Return: 0, or -1 when the frame does not exist.
 */
int oracle_kpageflags(uint64_t pfn, uint64_t *flags)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return complain("/proc/kpageflags: %s", strerror(errno));
	got = pread(fd, flags, sizeof(*flags), pfn * sizeof(*flags));
	close(fd);
	if (got != sizeof(*flags))
		return complain("/proc/kpageflags has no frame %#" PRIx64, pfn);
	return 0;
}
