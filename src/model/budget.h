#ifndef HAUL_MODEL_BUDGET_H
#define HAUL_MODEL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/glob.h"
#include "haul/err.h"

/*
 * What a site may cost, as people write it (--budget): SELECTOR OPERATOR LIMIT, with blanks around
 * the operator or not.
 *
 *   total<50M            all bodies together
 *   path:/img**<500k     the bodies of the URLs whose path matches, together
 *   host:*.example.com<9M, type:image**<9M, tag:team=web<9M    the same, by another property
 *   url<2M               each body by itself; url:type:image**<300k: each image
 *   p95<1M               95 of 100 bodies are not larger than that; p1 to p100
 *   growth<10%           all bodies together, compared with the run before; growth<5M, growth>-5%
 *   growth:path:/blog**<1M
 *   count<5000           number of URLs
 *   failed=0, failed<1%  number of URLs that failed, or their share of all
 *
 *   wire:total<20M, wire:url<1M, wire:p95<300k, wire:growth<10%, wire:growth:path:/blog**<1M,
 *   wire:type:text**<500k    the same of what bodies take on the wire
 *
 * So a selector is a measure (total, url, pNN, growth, count, failed), or a measure, a colon and a
 * choice of URLs (path:GLOB, host:GLOB, type:GLOB, tag:NAME=GLOB), or a choice alone, which means
 * its total. Those of bytes may follow upon "wire:"; "wire" alone means its total, too. GLOB is a
 * pattern of base/glob.h. Operators: < <= > >= =. The last of them in the text is the one: a tag
 * has one of its own, a path may have.
 *
 * Limits: bytes as in haul_units_parse_size for total, url, pNN and growth; a number for count and
 * failed; a percentage, with up to four decimals, for growth and failed. That of growth may have a
 * sign.
 *
 * The parser is pure: any thread, no allocation, and any text is safe.
 */

enum haul_budget_measure {
    HAUL_MEASURE_TOTAL,
    HAUL_MEASURE_EACH,
    HAUL_MEASURE_PERCENTILE,
    HAUL_MEASURE_GROWTH,
    HAUL_MEASURE_COUNT,
    HAUL_MEASURE_FAILED
};

enum haul_budget_choice {
    HAUL_CHOICE_ALL,
    HAUL_CHOICE_PATH,
    HAUL_CHOICE_HOST,
    HAUL_CHOICE_TYPE,
    HAUL_CHOICE_TAG
};

enum haul_budget_op { HAUL_OP_LT, HAUL_OP_LE, HAUL_OP_GT, HAUL_OP_GE, HAUL_OP_EQ };

/* One millionth of the whole is the unit of a share: 1 % is 10000 of them. */
enum haul_budget_unit { HAUL_UNIT_BYTES, HAUL_UNIT_URLS, HAUL_UNIT_MILLIONTHS };

struct haul_budget {
    enum haul_budget_measure measure;
    bool is_wire; /* bytes on the wire, not those of the decoded bodies; of no number of URLs */
    int percent;  /* of PERCENTILE: 1..100 */
    enum haul_budget_choice choice;
    char tag[HAUL_GLOB_MAX + 1];  /* name of the tag of CHOICE_TAG, or "" */
    char glob[HAUL_GLOB_MAX + 1]; /* what is chosen; lower case for hosts and types; "" for ALL */
    enum haul_budget_op op;
    enum haul_budget_unit unit;
    int64_t limit; /* in that unit; negative for growth only */
};

/* Where a budget cannot be understood, and why. */
struct haul_budget_error {
    size_t at;         /* bytes into the text */
    const char *cause; /* static, for people: "the units are k, M, G, T and P" */
};

/*
 * Reads `text` into `budget`, which holds copies. HAUL_ERR_SYNTAX, HAUL_ERR_RANGE (the limit does
 * not fit), HAUL_ERR_LIMIT (a pattern or a name is longer than HAUL_GLOB_MAX): `error` is filled in
 * and `budget` means nothing.
 */
HAUL_MUST_USE enum haul_err haul_budget_parse(const char *text, struct haul_budget *budget,
                                              struct haul_budget_error *error);

#endif
