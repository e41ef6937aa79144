/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Describes frames and page-table entries that the module refuses to report on.
 */
#ifndef RMAPSCOPE_FRAME_H
#define RMAPSCOPE_FRAME_H

#include <stdbool.h>
#include <sys/types.h>

#include "target.h"

/* The end of an error message, after a beginning such as "pfn 0x1: ". */
struct finding {
	char text[256];
	/*
	 * Set if the module reports on such a page, so that a retry should succeed. If the retry
	 * fails as well, this text is right and @text is not.
	 */
	const char *if_still;
};

#define FRAME_POISONED	\
	"hwpoison: its memory is broken, or the kernel took it out of use (soft offline)"

/* Missing in the kernel's header for user space. tools/mm/page-types.c defines it as well. */
#define KPF_RESERVED		32

void finding_set(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* frame.c */
ssize_t frame_read(const char *path, unsigned long long index, unsigned long long *entry);
bool frame_flags(unsigned long long pfn, unsigned long long *flags);
bool frame_is_poisoned(unsigned long long pfn, unsigned long long flags);
bool frame_describe(unsigned long long pfn, struct finding *f);

/* frame_map.c */
bool frame_is_offline(unsigned long long pfn);
bool frame_resource(unsigned long long pfn, char *name, size_t size);

/* entry.c */
bool entry_read(const struct target *t, unsigned long long *entry);
bool entry_is_empty(unsigned long long entry);
bool entry_pfn(const struct target *t, unsigned long long *pfn);
void entry_describe_empty(const struct target *t, struct finding *f);
bool entry_describe(const struct target *t, struct finding *f);

#endif
