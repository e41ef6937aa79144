// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of the module that a kernel may lack. The module then loads without them, and "info" names
 * them. A parameter pretends that the kernel lacks them, which tests the tool's other ways.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#include "feature.h"

static const char * const rms_feature_words[RMS_NR_FEATURES] = {
	[RMS_FEATURE_SCAN] = "scan",
};

static bool rms_missing[RMS_NR_FEATURES];

/* Some more than there are, so that a word given twice is no error. */
static char *without[RMS_NR_FEATURES + 4];
static unsigned int nr_without;
module_param_array(without, charp, &nr_without, 0400);
MODULE_PARM_DESC(without, "Pretend that this kernel lacks what these parts need: scan");

static int rms_pretend(const char *word)
{
	int feature = match_string(rms_feature_words, RMS_NR_FEATURES, word);

	if (feature < 0) {
		pr_err("without=%s: no such part; the only one is: scan\n", word);
		return -EINVAL;
	}
	rms_missing[feature] = true;
	return 0;
}

/**
 * rms_features_init - read the parameter
 *
 * Context: module load, before anything that a feature needs is looked for.
 * Return: 0; -EINVAL if it has an unknown word, with the reason in the kernel log.
 */
int rms_features_init(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr_without && !ret; i++)
		ret = rms_pretend(without[i]);
	return ret;
}

/**
 * rms_has_feature - whether the module has a part on this kernel
 * @feature: the part
 *
 * Context: any, after rms_features_init().
 * Return: true if it has.
 */
bool rms_has_feature(enum rms_feature feature)
{
	return !rms_missing[feature];
}

/**
 * rms_lose_feature - note that the kernel lacks what a part needs
 * @feature: the part
 *
 * Context: module load.
 */
void rms_lose_feature(enum rms_feature feature)
{
	rms_missing[feature] = true;
}

/**
 * rms_feature_word - the name of a part
 * @feature: the part
 *
 * Context: any.
 * Return: a word.
 */
const char *rms_feature_word(enum rms_feature feature)
{
	return rms_feature_words[feature];
}
