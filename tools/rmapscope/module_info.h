/* SPDX-License-Identifier: GPL-2.0 */
/* What the loaded module says about itself in its file "info". */
#ifndef RMAPSCOPE_MODULE_INFO_H
#define RMAPSCOPE_MODULE_INFO_H

#include <stdbool.h>

bool module_lacks(const char *part);
bool module_scans(const char *option);

#endif
