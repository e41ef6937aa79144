/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For files with tables of columns: a column, and its other members, as in
 * HEX("PFN", "pfn", .help = "number of the frame").
 */
#ifndef RMAPSCOPE_COLUMNS_TABLE_H
#define RMAPSCOPE_COLUMNS_TABLE_H

#include "columns.h"

#define TEXT(heading, k, ...)	{ .name = heading, .key = k, ##__VA_ARGS__ }
#define NUMBER(heading, k, ...)	\
	{ .name = heading, .key = k, .type = VALUE_NUMBER, .right = true, ##__VA_ARGS__ }
#define HEX(heading, k, ...)	{ .name = heading, .key = k, .right = true, ##__VA_ARGS__ }

#endif
