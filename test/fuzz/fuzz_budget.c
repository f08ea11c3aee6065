/*
 * Whatever a text is, the parser of budgets either refuses it, naming a place inside the text and a
 * cause, or gives a budget whose parts are in range. The patterns are tried on the text itself.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_unit(const struct haul_budget *budget)
{
    bool is_growth = budget->measure == HAUL_MEASURE_GROWTH;
    bool is_failed = budget->measure == HAUL_MEASURE_FAILED;
    bool is_count = budget->measure == HAUL_MEASURE_COUNT;

    require(budget->limit >= 0 || is_growth);
    require(!budget->is_wire || (!is_count && !is_failed));
    if (budget->unit == HAUL_UNIT_BYTES)
        require(!is_count && !is_failed);
    else if (budget->unit == HAUL_UNIT_URLS)
        require(is_count || is_failed);
    else
        require(budget->unit == HAUL_UNIT_MILLIONTHS && (is_growth || is_failed));
}

static void check_budget(const struct haul_budget *budget)
{
    bool is_all = budget->choice == HAUL_CHOICE_ALL, is_tag = budget->choice == HAUL_CHOICE_TAG;

    require(budget->measure <= HAUL_MEASURE_FAILED && budget->choice <= HAUL_CHOICE_TAG);
    require(budget->op <= HAUL_OP_EQ);
    require(strlen(budget->glob) <= HAUL_GLOB_MAX && strlen(budget->tag) <= HAUL_GLOB_MAX);
    require(is_all == !*budget->glob && is_tag == !!*budget->tag);
    if (budget->measure == HAUL_MEASURE_PERCENTILE)
        require(budget->percent >= 1 && budget->percent <= 100);
    check_unit(budget);
}

/* A pattern always matches itself: a star matches one or two stars, all else is literal. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct haul_budget_error error = {0, NULL};
    struct haul_budget budget;

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (haul_budget_parse(text, &budget, &error)) {
        require(error.cause && error.at <= strlen(text));
    } else {
        check_budget(&budget);
        require(haul_glob_matches(budget.glob, budget.glob, strlen(budget.glob)));
        (void)haul_glob_matches(budget.glob, text, size);
    }
    free(text);
    return 0;
}
