/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_SYMBOLS_H
#define _RMAPSCOPE_SYMBOLS_H

#include <linux/static_call.h>

#include "compat.h"

/*
 * The unexported functions that the module calls, as static_call(rms_NAME)(arguments). That is a
 * direct call, patched in when the module loads. It has the type of the real declaration, so a
 * changed prototype breaks the build and not the machine.
 */
DECLARE_STATIC_CALL(rms_rmap_walk, rmap_walk);
DECLARE_STATIC_CALL(rms_folio_lock_anon_vma_read, folio_lock_anon_vma_read);
DECLARE_STATIC_CALL(rms___put_anon_vma, __put_anon_vma);
DECLARE_STATIC_CALL(rms_anon_tree_first, RMS_ANON_TREE_FIRST);
DECLARE_STATIC_CALL(rms_anon_tree_next, RMS_ANON_TREE_NEXT);
DECLARE_STATIC_CALL(rms_file_tree_first, RMS_FILE_TREE_FIRST);
DECLARE_STATIC_CALL(rms_file_tree_next, RMS_FILE_TREE_NEXT);
/*
 * compat.h has rms_swp_swapcount and rms_pte_offset_map_lock, where the kernel has such functions.
 */

/**
 * enum rms_optional - symbols that are never called, and may be missing
 * @RMS_AIO_MIGRATE_FOLIO: how the ring of io_setup(2) is moved
 * @RMS_BUFFER_MIGRATE_FOLIO_NOREFS: how a block device's pages are moved; not exported in v6.1
 * @RMS_BH_LRUS: the buffers that each CPU has used last, and holds a reference to
 */
enum rms_optional {
	RMS_AIO_MIGRATE_FOLIO,
	RMS_BUFFER_MIGRATE_FOLIO_NOREFS,
	RMS_BH_LRUS,
};

int rms_symbols_init(void);
const char *rms_symbol_name(unsigned int i);
bool rms_symbol_resolved(unsigned int i);
bool rms_symbol_only_for_scan(unsigned int i);
unsigned long rms_optional_symbol(enum rms_optional symbol);
const char *rms_optional_name(unsigned int i);

#endif /* _RMAPSCOPE_SYMBOLS_H */
