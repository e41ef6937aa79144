/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_UFFD_H
#define RMAPSCOPE_SELFTEST_UFFD_H

int uffd_register(void *page);
int uffd_await(int uffd);

#endif
