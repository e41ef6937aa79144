/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways to find the mappings of a page.
 */
#ifndef RMAPSCOPE_METHOD_H
#define RMAPSCOPE_METHOD_H

enum method {
	METHOD_DEFAULT,		/* METHOD_RMAP, or another one if the module can't */
	METHOD_RMAP,		/* ask the module, which uses the kernel's reverse map */
	METHOD_SCAN,		/* for each question, look through all page tables */
	METHOD_INDEX,		/* turn all page tables round once, then look up */
};

int method_parse(const char *arg, enum method *method);
const char *method_word(enum method method);

#endif
