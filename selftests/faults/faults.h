/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_FAULTS_H
#define RMAPSCOPE_FAULTS_H

void fault_lock_order(void);
void fault_held_lock(void);
void fault_sleep(void);
void fault_rcu(void);
void fault_race(void);

void fault_use_after_free(void);
void fault_out_of_bounds(void);
void fault_vmalloc_out_of_bounds(void);
void fault_stack_out_of_bounds(void);
void fault_shift(void);
void fault_index(void);
void fault_leak(void);
void fault_object(void);
void fault_list(void);
void fault_refcount(void);

void fault_page_flag(void);
void fault_page_table(void);
void fault_interval_tree(void);

#endif
