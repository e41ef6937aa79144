/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SAFE_H
#define RMAPSCOPE_SAFE_H

void safe_print(const char *text);
void safe_print_json(const char *text);

#endif
