/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes, as lsblk prints them. */
#ifndef RMAPSCOPE_SIZE_H
#define RMAPSCOPE_SIZE_H

#include <stdbool.h>

#define SIZE_TEXT	32

void size_text(unsigned long long bytes, bool exact, char text[SIZE_TEXT]);
void size_format(unsigned long long bytes, char text[SIZE_TEXT]);

#endif
