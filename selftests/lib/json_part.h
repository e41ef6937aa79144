/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_JSON_PART_H
#define RMAPSCOPE_SELFTEST_JSON_PART_H

int json_has_part(const char *document, const char *part);

#endif
