/* SPDX-License-Identifier: GPL-2.0 */
/* Times, as all text output prints them. */
#ifndef RMAPSCOPE_DURATION_H
#define RMAPSCOPE_DURATION_H

void duration_print(unsigned long long ns);

#endif
