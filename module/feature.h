/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of the module that a kernel may lack.
 */
#ifndef _RMAPSCOPE_FEATURE_H
#define _RMAPSCOPE_FEATURE_H

#include <linux/types.h>

/**
 * enum rms_feature - what the module can do without
 * @RMS_FEATURE_SCAN: the files "scan" and "scan_raw"
 * @RMS_NR_FEATURES: how many there are
 */
enum rms_feature {
	RMS_FEATURE_SCAN,
	RMS_NR_FEATURES,
};

int rms_features_init(void);
bool rms_has_feature(enum rms_feature feature);
void rms_lose_feature(enum rms_feature feature);
const char *rms_feature_word(enum rms_feature feature);

#endif /* _RMAPSCOPE_FEATURE_H */
