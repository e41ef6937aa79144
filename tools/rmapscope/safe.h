/* SPDX-License-Identifier: GPL-2.0 */
/* Printing of text that users choose, such as names of processes and files. */
#ifndef RMAPSCOPE_SAFE_H
#define RMAPSCOPE_SAFE_H

void safe_print(const char *text);
void safe_print_json(const char *text);

#endif
