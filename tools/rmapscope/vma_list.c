// SPDX-License-Identifier: GPL-2.0
/*
 * The VMAs of a process, as in the text of /proc/PID/maps.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process_list.h"
#include "vma_list.h"

/**
 * vma_list_read() - read /proc/PID/maps
 * @pid: the process
 *
 * Return: its text, which the caller frees, or NULL with errno set.
 */
char *vma_list_read(unsigned long long pid)
{
	size_t room = 64 * 1024, len = 0;
	char path[64], *text = malloc(room);
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%llu/task/%d/maps", pid,
		 process_thread(pid) ?: (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && text) {
		n = read(fd, text + len, room - len - 1);
		if (n <= 0)
			break;
		len += n;
		if (len == room - 1) {
			char *larger = realloc(text, room *= 2);

			n = -1;
			if (!larger)
				break;
			text = larger;
		}
	}
	if (n < 0) {
		int err = errno;

		free(text);
		text = NULL;
		errno = err;
	} else {
		text[len] = '\0';
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* START-END PERMS OFFSET DEVICE INODE [NAME] */
static int parse_line(const char *line, struct vma_line *vma)
{
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %*x:%*x %llu%n", &vma->start, &vma->end, vma->perms,
		   &vma->offset, &vma->inode, &name) < 5 || !name || vma->start >= vma->end)
		return -EPROTO;
	line += name;
	vma->name = line + strspn(line, " ");
	return 0;
}

/**
 * vma_list_parse() - parse the text of /proc/PID/maps
 * @list: filled; vma_list_free() must follow in any case
 * @text: the text, which is copied
 *
 * Return: 0, -ENOMEM, or -EPROTO if a line is no VMA or not behind the one before.
 */
int vma_list_parse(struct vma_list *list, const char *text)
{
	size_t lines = 1;
	char *line, *save;
	const char *s;

	for (s = text; *s; s++)
		lines += *s == '\n';
	*list = (struct vma_list){ .text = strdup(text), .vma = calloc(lines, sizeof(*list->vma)) };
	if (!list->text || !list->vma)
		return -ENOMEM;

	for (line = strtok_r(list->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct vma_line *vma = &list->vma[list->nr];

		if (parse_line(line, vma))
			return -EPROTO;
		if (list->nr && vma->start < vma[-1].end)
			return -EPROTO;
		list->nr++;
	}
	return 0;
}

/**
 * vma_list_free() - free a list
 * @list: the list, or zeroed memory
 */
void vma_list_free(struct vma_list *list)
{
	free(list->text);
	free(list->vma);
	*list = (struct vma_list){ };
}

/**
 * vma_list_find() - find the VMA at or behind an address
 * @list: the list
 * @addr: the address
 *
 * Return: index of the first VMA that ends behind the address; @list->nr if there is none.
 */
size_t vma_list_find(const struct vma_list *list, unsigned long long addr)
{
	size_t low = 0, high = list->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->vma[middle].end > addr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/**
 * vma_list_at() - find the VMA that has an address
 * @list: the list
 * @addr: the address
 *
 * Return: the VMA, or NULL if there is none.
 */
const struct vma_line *vma_list_at(const struct vma_list *list, unsigned long long addr)
{
	size_t i = vma_list_find(list, addr);

	return i < list->nr && list->vma[i].start <= addr ? &list->vma[i] : NULL;
}

/**
 * vma_list_part() - find out how far it is to the next border of a VMA
 * @list: the list
 * @addr: an address
 * @end: where to stop; becomes less if a VMA begins or ends before
 *
 * Return: the VMA that has all addresses from @addr to @end, or NULL if none has any of them.
 */
const struct vma_line *vma_list_part(const struct vma_list *list, unsigned long long addr,
				     unsigned long long *end)
{
	const struct vma_line *vma = vma_list_at(list, addr);
	size_t next = vma_list_find(list, addr);

	if (vma && vma->end < *end)
		*end = vma->end;
	else if (!vma && next < list->nr && list->vma[next].start < *end)
		*end = list->vma[next].start;
	return vma;
}
