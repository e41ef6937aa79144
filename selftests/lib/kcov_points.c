// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the points of the module's code that call kcov: by the relocations in the module's file,
 * and by the addresses at which its sections were loaded. Skips sections that are freed after the
 * load.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "kcov.h"
#include "module.h"

#define TRACE	"__sanitizer_cov_trace_pc"

struct image {
	const char *start;
	const Elf64_Ehdr *head;
	const Elf64_Shdr *sections;
	const char *section_names;
	const Elf64_Sym *symbols;
	size_t nr_symbols;
	const char *symbol_names;
};

static char *read_module(void)
{
	int fd = open(module_path(), O_RDONLY | O_CLOEXEC);
	char *start = NULL;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st))
		start = malloc(st.st_size);
	if (start && read(fd, start, st.st_size) != st.st_size) {
		free(start);
		start = NULL;
	}
	if (!start)
		complain("%s: %s", module_path(), strerror(errno));
	if (fd >= 0)
		close(fd);
	return start;
}

static int open_image(struct image *image, const char *start)
{
	size_t i;

	*image = (struct image){ .start = start, .head = (const Elf64_Ehdr *)start };
	image->sections = (const Elf64_Shdr *)(start + image->head->e_shoff);
	image->section_names = start + image->sections[image->head->e_shstrndx].sh_offset;
	for (i = 0; i < image->head->e_shnum; i++) {
		const Elf64_Shdr *section = &image->sections[i];

		if (section->sh_type != SHT_SYMTAB)
			continue;
		image->symbols = (const Elf64_Sym *)(start + section->sh_offset);
		image->nr_symbols = section->sh_size / sizeof(Elf64_Sym);
		image->symbol_names = start + image->sections[section->sh_link].sh_offset;
	}
	return image->symbols ? 0 : complain("%s has no symbols", module_path());
}

static uint64_t loaded_at(const char *section)
{
	char path[256];
	uint64_t address = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/rmapscope/sections/%s", section);
	file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%" SCNx64, &address) != 1)
			address = 0;
		fclose(file);
	}
	return address;
}

static const char *function_at(const struct image *image, size_t section, uint64_t offset)
{
	size_t i;

	for (i = 0; i < image->nr_symbols; i++) {
		const Elf64_Sym *symbol = &image->symbols[i];

		if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx == section &&
		    offset >= symbol->st_value && offset < symbol->st_value + symbol->st_size)
			return image->symbol_names + symbol->st_name;
	}
	return "?";
}

static int add_point(struct kcov_points *points, uint64_t address, const char *function)
{
	struct kcov_point *more = realloc(points->v, (points->nr + 1) * sizeof(*more));

	if (!more)
		return complain("no memory for %zu points", points->nr);
	points->v = more;
	more[points->nr++] = (struct kcov_point){ .address = address, .function = function };
	return 0;
}

/*
 * Skips the .cold parts of functions, where the sanitizers report, and functions that the
 * compiler has generated.
 */
static bool is_of_interest(const char *function)
{
	return !strstr(function, ".cold") && strncmp(function, "_sub_", 5);
}

/*
 * Adds the calls in one section. kcov reports the return address, which is four bytes after the
 * relocation.
 */
static int add_section(struct kcov_points *points, const struct image *image,
		       const Elf64_Shdr *relocations, uint64_t base)
{
	const Elf64_Rela *one = (const Elf64_Rela *)(image->start + relocations->sh_offset);
	const Elf64_Rela *end = one + relocations->sh_size / sizeof(*one);
	const char *function;

	for (; one < end; one++) {
		const Elf64_Sym *symbol = &image->symbols[ELF64_R_SYM(one->r_info)];

		if (strcmp(image->symbol_names + symbol->st_name, TRACE))
			continue;
		function = function_at(image, relocations->sh_info, one->r_offset);
		if (is_of_interest(function) &&
		    add_point(points, base + one->r_offset + 4, function))
			return -1;
	}
	return 0;
}

static int by_function(const void *a, const void *b)
{
	const struct kcov_point *x = a, *y = b;

	return strcmp(x->function, y->function);
}

/**
 * kcov_points_read() - find all points
 * @points: filled; kcov_points_free() must follow if this succeeds
 *
 * Return: 0 or -1; -1 also if there are no points.
 */
int kcov_points_read(struct kcov_points *points)
{
	struct image image;
	size_t i;

	*points = (struct kcov_points){ .image = read_module() };
	if (!points->image)
		return -1;
	if (open_image(&image, points->image))
		goto out_free;
	for (i = 0; i < image.head->e_shnum; i++) {
		const Elf64_Shdr *section = &image.sections[i], *code;
		const char *name;
		uint64_t base;

		if (section->sh_type != SHT_RELA)
			continue;
		code = &image.sections[section->sh_info];
		name = image.section_names + code->sh_name;
		if (!(code->sh_flags & SHF_EXECINSTR) || !strncmp(name, ".init", 5))
			continue;
		base = loaded_at(name);
		if (base && add_section(points, &image, section, base))
			goto out_free;
	}
	qsort(points->v, points->nr, sizeof(*points->v), by_function);
	if (points->nr)
		return 0;
	complain("%s is not built with KCOV_INSTRUMENT=y", module_path());
out_free:
	kcov_points_free(points);
	return -1;
}

/**
 * kcov_points_free() - free the points
 * @points: the points
 */
void kcov_points_free(struct kcov_points *points)
{
	free(points->v);
	free(points->image);
	*points = (struct kcov_points){ 0 };
}
