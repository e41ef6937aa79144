// SPDX-License-Identifier: GPL-2.0
/* Faults that KASAN, UBSAN, kmemleak or the checks of data structures should report. */
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

#include "faults.h"

/* Returns @number, which the compiler then no longer knows. */
static unsigned int hidden(unsigned int number)
{
	OPTIMIZER_HIDE_VAR(number);
	return number;
}

/**
 * fault_use_after_free() - read freed memory
 *
 * Context: process context.
 */
void fault_use_after_free(void)
{
	char *memory = kmalloc(hidden(16), GFP_KERNEL);

	kfree(memory);
	OPTIMIZER_HIDE_VAR(memory);
	READ_ONCE(memory[3]);
}

/**
 * fault_out_of_bounds() - read beyond the end of a slab object
 *
 * Context: process context.
 */
void fault_out_of_bounds(void)
{
	char *memory = kmalloc(hidden(16), GFP_KERNEL);

	if (memory)
		READ_ONCE(memory[hidden(16)]);
	kfree(memory);
}

/**
 * fault_vmalloc_out_of_bounds() - read beyond the end of memory from vmalloc
 *
 * Context: process context.
 */
void fault_vmalloc_out_of_bounds(void)
{
	char *memory = vmalloc(hidden(16));

	if (memory)
		READ_ONCE(memory[hidden(16)]);
	vfree(memory);
}

/**
 * fault_stack_out_of_bounds() - read beyond the end of an array on the stack
 *
 * Context: process context.
 */
void fault_stack_out_of_bounds(void)
{
	char array[16] = {};
	char *pointer = array;

	OPTIMIZER_HIDE_VAR(pointer);
	READ_ONCE(pointer[hidden(16)]);
}

/**
 * fault_shift() - shift by more bits than there are
 *
 * Context: process context.
 */
void fault_shift(void)
{
	int result = 1 << hidden(40);

	OPTIMIZER_HIDE_VAR(result);
}

/**
 * fault_index() - read beyond the end of an array whose size the compiler knows
 *
 * Context: process context.
 */
void fault_index(void)
{
	static int array[16];
	int value = array[hidden(40)];

	OPTIMIZER_HIDE_VAR(value);
}

/**
 * fault_leak() - lose the only pointers to some memory
 *
 * Context: process context.
 */
void fault_leak(void)
{
	unsigned int i;

	/* kmemleak may miss some, because an old copy of a pointer can be left somewhere. */
	for (i = 0; i < 64; i++) {
		void *memory = kmalloc(200, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(memory);
	}
}

static void timer_runs(struct timer_list *timer)
{
}

/**
 * fault_object() - initialise a pending timer
 *
 * Context: process context.
 */
void fault_object(void)
{
	static struct timer_list timer;

	timer_setup(&timer, timer_runs, 0);
	mod_timer(&timer, jiffies + 3600 * HZ);
	timer_setup(&timer, timer_runs, 0);
}

/**
 * fault_list() - add an entry behind one whose neighbour does not point back
 *
 * Context: process context.
 */
void fault_list(void)
{
	static LIST_HEAD(head);
	static LIST_HEAD(other);
	static struct list_head entry;

	head.next = &other;
	list_add(&entry, &head);
}

/**
 * fault_refcount() - take a reference when the count is zero
 *
 * Context: process context.
 */
void fault_refcount(void)
{
	static refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}
