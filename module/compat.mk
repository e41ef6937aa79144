# SPDX-License-Identifier: GPL-2.0
# Header probes, for compat.h: ask the header for the thing, not the version for
# the number, so that kernels between the three we test on have a chance too.
#   $(call probe,HEADER,REGEX,MACRO)  defines MACRO if HEADER matches REGEX
probe = $(if $(shell grep -sE '$(2)' $(srctree)/$(1)),-D$(3))
ccflags-y += $(call probe,include/linux/rmap.h,\<rmap_walk.struct folio,HAVE_FOLIO_RMAP_WALK)
ccflags-y += $(call probe,include/linux/mm.h,\*__pte_offset_map_lock\>,HAVE___PTE_OFFSET_MAP_LOCK)
ccflags-y += $(call probe,include/linux/mm.h,\*pte_offset_map_lock\>,HAVE_PTE_OFFSET_MAP_LOCK_FN)
ccflags-y += $(call probe,include/linux/rmap.h,\*folio_lock_anon_vma_read.const,HAVE_CONST_ANON_LOCK)
ccflags-y += $(call probe,include/linux/mm_types.h,memdesc_flags_t flags,HAVE_MEMDESC_FLAGS)
ccflags-y += $(if $(wildcard $(srctree)/include/linux/leafops.h),-DHAVE_LEAFOPS)
ccflags-y += $(call probe,include/linux/fs.h,\<file_user_path\>,HAVE_FILE_USER_PATH)
ccflags-y += $(call probe,arch/x86/include/asm/pgtable.h,int pte_uffd\>,HAVE_PTE_UFFD)
ccflags-y += $(call probe,include/linux/mm.h,\<vma_start_anon_pgoff\>,HAVE_ANON_PGOFF)
ccflags-y += $(call probe,include/linux/pagemap.h,\<hugetlb_basepage_index\>,HAVE_HUGETLB_HUGE_INDEX)
ccflags-y += $(call probe,include/linux/mm.h,int __page_mapcount\>,HAVE___PAGE_MAPCOUNT)
ccflags-y += $(call probe,include/linux/mm.h,\<folio_pincount_ptr\>,HAVE_FOLIO_PINCOUNT_PTR)
ccflags-y += $(call probe,include/linux/pagemap.h,\<mapping_inaccessible\>,HAVE_MAPPING_INACCESSIBLE)
ccflags-y += $(call probe,include/linux/pagemap.h,\<mapping_min_folio_order\>,HAVE_MAPPING_MIN_FOLIO_ORDER)
ccflags-y += $(call probe,include/linux/huge_mm.h,\<folio_split\>,HAVE___FOLIO_SPLIT)
ccflags-y += $(call probe,include/linux/huge_mm.h,\<split_huge_page_to_list_to_order\>,HAVE_SPLIT_TO_ORDER)
ccflags-y += $(call probe,include/linux/fs.h,\(\*writepage\),HAVE_WRITEPAGE)
ccflags-y += $(call probe,include/linux/page-flags.h,^.PG_slab$(comma),HAVE_PG_SLAB)
