// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of the vdso, and since v6.13 those of its data. They have no reverse map, so that no
 * stream has them, but the kernel counts them as resident.
 *
 * They lie at the same distance from the start of the vdso in all processes, which is in their
 * auxiliary vector. Only 32-bit processes have another layout.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "share.h"

#define MAX_PAGES	16		/* more than a VMA of these has on any kernel */
#define MAX_AREAS	4
#define MAX_VECTOR	64		/* more entries than the kernel makes */
#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_FRAME	((1ULL << 55) - 1)
#define OTHER_PAGE	(1ULL << KPF_LRU | 1ULL << KPF_ANON | 1ULL << KPF_NOPAGE)

struct area {
	unsigned long long start, pages;
};

/* The VMAs of the vdso of a process. */
struct areas {
	struct area area[MAX_AREAS];
	size_t nr;
};

static struct areas own;		/* of the tool itself */
static bool data_counts;		/* so do the pages of its data */

static bool is_code(const struct vma_line *vma)
{
	return !strcmp(vma->name, "[vdso]");
}

static bool is_data(const struct vma_line *vma)
{
	return !strncmp(vma->name, "[vvar", 5);
}

/* Add a VMA, to the one before if it follows that. */
static void add_area(struct areas *areas, unsigned long long start, unsigned long long pages,
		     unsigned int page_size)
{
	struct area *last = areas->area + areas->nr - 1;

	if (areas->nr && last->start + last->pages * page_size == start) {
		last->pages += pages;
	} else if (areas->nr < MAX_AREAS) {
		*++last = (struct area){ start, pages };
		areas->nr++;
	}
	if (last->pages > MAX_PAGES)
		last->pages = MAX_PAGES;
}

/* @code, @data: of the vdso, and what it reads. */
static void find_areas(int pid, unsigned int page_size, bool code, bool data,
		       struct areas *found)
{
	char *maps = vma_list_read(pid);
	struct vma_list list = { };
	size_t i;

	found->nr = 0;
	if (maps && !vma_list_parse(&list, maps)) {
		for (i = 0; i < list.nr; i++) {
			const struct vma_line *vma = &list.vma[i];

			if ((code && is_code(vma)) || (data && is_data(vma)))
				add_area(found, vma->start, (vma->end - vma->start) / page_size,
					 page_size);
		}
	}
	vma_list_free(&list);
	free(maps);
}

static int open_file(int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Where the vdso of a process starts. Return: 0 if it has none, or is a 32-bit process. */
static unsigned long long find_vdso(int pid)
{
	Elf64_auxv_t vector[MAX_VECTOR];
	int fd = open_file(pid, "auxv");
	ssize_t n = fd < 0 ? 0 : read(fd, vector, sizeof(vector));
	size_t i;

	if (fd >= 0)
		close(fd);
	for (i = 0; n > 0 && i < n / sizeof(vector[0]) && vector[i].a_type != AT_NULL; i++)
		if (vector[i].a_type == AT_SYSINFO_EHDR)
			return vector[i].a_un.a_val;
	return 0;
}

/* The VMAs, by where those of the tool itself lie. */
static void place_areas(int pid, unsigned int page_size, struct areas *areas)
{
	unsigned long long vdso = find_vdso(pid), own_vdso = getauxval(AT_SYSINFO_EHDR);
	size_t i;

	if (!vdso || !own_vdso) {
		find_areas(pid, page_size, true, data_counts, areas);
		return;
	}
	*areas = own;
	for (i = 0; i < areas->nr; i++)
		areas->area[i].start += vdso - own_vdso;
}

/* Call @take for each frame in the areas of a process that is mapped. */
static void each_frame(int pid, unsigned int page_size, const struct areas *areas,
		       void (*take)(struct share *s, size_t mm, unsigned long long pfn),
		       struct share *s, size_t mm)
{
	int fd = open_file(pid, "pagemap");
	uint64_t entry[MAX_PAGES];
	size_t i, k;

	for (i = 0; fd >= 0 && i < areas->nr; i++) {
		size_t size = areas->area[i].pages * sizeof(entry[0]);
		ssize_t n = pread(fd, entry, size,
				  areas->area[i].start / page_size * sizeof(entry[0]));

		for (k = 0; n > 0 && k < n / sizeof(entry[0]); k++)
			if (entry[k] & PAGEMAP_PRESENT)
				take(s, mm, entry[k] & PAGEMAP_FRAME);
	}
	if (fd >= 0)
		close(fd);
}

/* The frame of a page. All processes share a few of them. Return: its index. */
static size_t find_frame(struct share *s, unsigned long long pfn)
{
	unsigned long long flags, maps;
	size_t i;

	for (i = 0; i < s->nr_vdso_frames && s->vdso_frame[i].pfn != pfn; i++)
		;
	if (i < s->nr_vdso_frames)
		return i;
	s->vdso_frame = sharing_must(reallocarray(s->vdso_frame, i + 1, sizeof(*s->vdso_frame)));
	s->vdso_frame[i] = (struct share_vdso_frame){ .pfn = pfn };
	s->nr_vdso_frames++;
	/* A process can have put another page there. */
	if ((!frame_flags(pfn, &flags) || !(flags & OTHER_PAGE)) &&
	    frame_read("/proc/kpagecount", pfn, &maps) == sizeof(maps))
		s->vdso_frame[i].maps = maps;
	s->vdso_left += s->vdso_frame[i].maps;
	return i;
}

/* The tool itself is left out, as everywhere. */
static void leave_out(struct share *s, size_t mm, unsigned long long pfn)
{
	size_t frame = find_frame(s, pfn);

	(void)mm;
	if (!s->vdso_frame[frame].maps)
		return;
	s->vdso_frame[frame].maps--;
	s->vdso_left--;
}

static void keep(struct share *s, size_t mm, unsigned long long pfn)
{
	size_t frame = find_frame(s, pfn);

	if (!s->vdso_frame[frame].maps)
		return;
	s->vdso = sharing_must(reallocarray(s->vdso, s->nr_vdso + 1, sizeof(*s->vdso)));
	s->vdso[s->nr_vdso++] = (struct share_vdso){ mm, frame };
	s->vdso_left -= !!s->vdso_left;
}

/* Before v6.13 the kernel doesn't count the mappings of the data. */
static void look_at_data(struct share *s, size_t mm, unsigned long long pfn)
{
	size_t frame = find_frame(s, pfn);

	data_counts |= s->vdso_frame[frame].maps;
	leave_out(s, mm, pfn);
}

/* Let the tool have all pages of the vdso, and the data that it reads, so that they are known. */
static void touch_own(unsigned int page_size)
{
	const volatile char *vdso = (void *)getauxval(AT_SYSINFO_EHDR);
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (i = 0; vdso && own.nr && i < own.area[0].pages; i++)
		(void)vdso[i * page_size];
}

/* Find the VMAs and frames of the tool itself. */
static void begin(struct share *s)
{
	struct areas data;

	s->vdso_began = true;
	find_areas(getpid(), s->page_size, true, false, &own);
	touch_own(s->page_size);
	each_frame(getpid(), s->page_size, &own, leave_out, s, 0);
	find_areas(getpid(), s->page_size, false, true, &data);
	each_frame(getpid(), s->page_size, &data, look_at_data, s, 0);
	if (data_counts)
		find_areas(getpid(), s->page_size, true, true, &own);
}

/**
 * share_vdso_read() - note which pages of the vdso a process has
 * @s: the report, after the stream of the process
 * @pid: the process
 */
void share_vdso_read(struct share *s, int pid)
{
	struct areas areas;
	size_t mm;

	if (!sharing_find(&s->sharing, pid, &mm))
		return;
	if (!s->vdso_began)
		begin(s);
	place_areas(pid, s->page_size, &areas);
	each_frame(pid, s->page_size, &areas, keep, s, mm);
}

/**
 * share_vdso_rest() - the same for the next process of a machine, if it may have any
 * @s: the report, after the stream of all frames
 * @mm: its address space
 * @pid: the process
 *
 * The kernel counts the mappings of a frame. When they have been found, the processes that are left
 * have none. 32-bit processes have a vdso of their own, and each time namespace has its own data.
 */
void share_vdso_rest(struct share *s, const struct sharing_mm *mm, int pid)
{
	if (!s->vdso_began)
		begin(s);
	if (s->vdso_left || data_counts || !mm->high)
		share_vdso_read(s, pid);
}

static void add(struct sharing_sums *sums, unsigned long long maps, bool first,
		unsigned int page_size)
{
	sums->mapped[CHANNEL_CACHE]++;
	sums->pages[CHANNEL_CACHE] += first;
	sums->pss[CHANNEL_CACHE] += ((unsigned long long)page_size << SHARING_PSS_SHIFT) / maps;
	if (maps > 1)
		return;
	sums->unique[CHANNEL_CACHE]++;
	sums->unique_pages[CHANNEL_CACHE]++;
	sums->single[CHANNEL_CACHE]++;
}

/* Test if a frame counts for the first time. @seen: by frame. */
static bool is_first(bool *seen, size_t frame)
{
	bool first = !seen[frame];

	seen[frame] = true;
	return first;
}

/**
 * share_vdso_add() - add the pages of the vdso to the sums
 * @s: the report, with its units and their other sums
 */
void share_vdso_add(struct share *s)
{
	bool *of_all = scan_alloc(s->nr_vdso_frames + 1, sizeof(*of_all));
	bool *of_unit = scan_alloc(s->nr_units * s->nr_vdso_frames + 1, sizeof(*of_unit));
	size_t i;

	for (i = 0; i < s->nr_vdso; i++) {
		const struct share_vdso *vdso = &s->vdso[i];
		unsigned long long maps = s->vdso_frame[vdso->frame].maps;
		size_t unit = s->unit_of[vdso->mm];

		add(&s->unit[unit].sums, maps,
		    is_first(of_unit + unit * s->nr_vdso_frames, vdso->frame), s->page_size);
		if (!s->member[vdso->mm])
			add(&s->all.sums, maps, is_first(of_all, vdso->frame), s->page_size);
	}
	free(of_unit);
	free(of_all);
}
