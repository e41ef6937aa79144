/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_SLAB_H
#define RMAPSCOPE_SELFTEST_SLAB_H

#include <stdint.h>

int64_t slab_objects(const char *cache);
int64_t slab_at_rest(const char *cache);
int64_t slab_settles(const char *cache, int64_t most);

#endif
