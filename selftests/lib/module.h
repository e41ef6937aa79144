/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_MODULE_H
#define RMAPSCOPE_SELFTEST_MODULE_H

#include <stdbool.h>

const char *module_path(void);
bool module_loaded(void);
int module_load(const char *parameters);
int module_load_changed(const char *from, const char *to);
int module_unload(void);
int module_users(void);

#endif
