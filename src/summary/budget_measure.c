#include <math.h>

#include "summary/budget_eval_inside.h"

static enum haul_err count_unknown(struct haul_evaluation *evaluation, double *unknown)
{
    return haul_evaluation_ask(evaluation, "SELECT count(*) FROM @m WHERE size IS NULL", unknown,
                               1);
}

static enum haul_err note_if_nothing(struct haul_evaluation *evaluation, double known,
                                     double unknown)
{
    if (known > 0 || unknown > 0)
        return haul_evaluation_note_gaps(evaluation, unknown);
    return evaluation->budget.choice == HAUL_CHOICE_ALL
               ? haul_evaluation_note_gaps(evaluation, 0)
               : haul_evaluation_note(evaluation, "no URL matches");
}

static enum haul_err evaluate_total(struct haul_evaluation *evaluation)
{
    double value[2] = {0, 0}, unknown = 0;
    enum haul_err err = haul_evaluation_ask(
        evaluation, "SELECT count(*), total(size) FROM @n WHERE size IS NOT NULL", value, 2);

    if (!err)
        err = count_unknown(evaluation, &unknown);
    if (!err)
        err = note_if_nothing(evaluation, value[0], unknown);
    if (err)
        return err;
    haul_evaluation_conclude(evaluation,
                             (struct haul_evaluation_range){
                                 value[1], haul_evaluation_open_end(evaluation, value[1], unknown)},
                             (double)evaluation->budget.limit);
    return HAUL_OK;
}

/* Whatever the unknown ones are: one that is too large is one. */
static enum haul_err evaluate_each(struct haul_evaluation *evaluation)
{
    double value[3] = {0, 0, 0}, unknown = 0;
    enum haul_err err = haul_evaluation_ask(
        evaluation, "SELECT count(*), max(size), min(size) FROM @n WHERE size IS NOT NULL", value,
        3);
    bool holds_all =
        haul_evaluation_holds(evaluation->budget.op, value[1], (double)evaluation->budget.limit) &&
        haul_evaluation_holds(evaluation->budget.op, value[2], (double)evaluation->budget.limit);

    if (!err)
        err = count_unknown(evaluation, &unknown);
    if (!err)
        err = note_if_nothing(evaluation, value[0], unknown);
    if (err)
        return err;
    evaluation->result->actual = haul_evaluation_is_lower_limit(evaluation) ? value[2] : value[1];
    if (value[0] > 0 && !holds_all)
        evaluation->result->state = HAUL_BUDGET_EXCEEDED;
    else if (unknown > 0 || !evaluation->summary->complete)
        evaluation->result->state = HAUL_BUDGET_UNKNOWN;
    return HAUL_OK;
}

/* The size of that rank, from 1. What is before the first is nothing, and behind the last there is
 * no bound. */
static enum haul_err ask_size(struct haul_evaluation *evaluation, int64_t rank, int64_t known,
                              double *size)
{
    *size = rank < 1 ? 0 : HUGE_VAL;
    if (rank < 1 || rank > known)
        return HAUL_OK;
    return haul_evaluation_ask_rank(evaluation,
                                    "SELECT size FROM @n WHERE size IS NOT NULL ORDER BY size "
                                    "LIMIT 1 OFFSET :rank - 1",
                                    rank, size, 1);
}

/* The unknown ones may all be small, or all be large. */
static enum haul_err evaluate_percentile(struct haul_evaluation *evaluation)
{
    double known = 0, unknown = 0;
    struct haul_evaluation_range range = {0, 0};
    int64_t rank;
    enum haul_err err = haul_evaluation_ask(
        evaluation, "SELECT count(*) FROM @n WHERE size IS NOT NULL", &known, 1);

    if (!err)
        err = count_unknown(evaluation, &unknown);
    if (!err)
        err = known > 0 ? haul_evaluation_note_gaps(evaluation, unknown)
                        : haul_evaluation_note(evaluation, "no URL has a known length");
    rank = ((int64_t)(known + unknown) * evaluation->budget.percent + 99) / 100;
    if (!err)
        err = ask_size(evaluation, rank - (int64_t)unknown, (int64_t)known, &range.least);
    if (!err)
        err = ask_size(evaluation, rank, (int64_t)known, &range.most);
    if (err)
        return err;
    if (known < 1)
        range = (struct haul_evaluation_range){0, HUGE_VAL};
    if (!evaluation->summary->complete)
        range.most = HUGE_VAL;
    haul_evaluation_conclude(evaluation, range, (double)evaluation->budget.limit);
    return HAUL_OK;
}

static enum haul_err evaluate_count(struct haul_evaluation *evaluation)
{
    double value[2] = {0, 0};
    enum haul_err err = haul_evaluation_ask(
        evaluation, "SELECT (SELECT count(*) FROM @n), (SELECT count(*) FROM @m)", value, 2);

    if (!err)
        err = note_if_nothing(evaluation, value[0], value[1] - value[0]);
    if (err)
        return err;
    haul_evaluation_conclude(
        evaluation,
        (struct haul_evaluation_range){
            value[0], haul_evaluation_open_end(evaluation, value[0], value[1] - value[0])},
        (double)evaluation->budget.limit);
    return HAUL_OK;
}

/* A share is compared as a product: there is no quotient of nothing, and nothing is rounded. */
static enum haul_err evaluate_failed(struct haul_evaluation *evaluation)
{
    bool is_share = evaluation->budget.unit == HAUL_UNIT_MILLIONTHS;
    double value[3] = {0, 0, 0}, scale = is_share ? 1e6 : 1,
           limit = (double)evaluation->budget.limit;
    struct haul_evaluation_range range;
    enum haul_err err =
        haul_evaluation_ask(evaluation,
                            "SELECT (SELECT count(*) FROM @n), "
                            "(SELECT count(*) FROM @n WHERE haul_is_failure(outcome, reason)), "
                            "(SELECT count(*) FROM @m WHERE haul_is_failure(outcome, reason))",
                            value, 3);

    if (!err)
        err = value[0] > 0 ? haul_evaluation_note_gaps(evaluation, 0)
                           : note_if_nothing(evaluation, 0, value[2]);
    if (err)
        return err;
    range.least = value[1] * scale;
    range.most = haul_evaluation_open_end(evaluation, value[2] * scale, 0);
    haul_evaluation_conclude(evaluation, range,
                             is_share && value[0] > 0 ? limit * value[0] : limit);
    if (is_share && value[0] > 0)
        evaluation->result->actual = value[1] / value[0] * 100;
    return HAUL_OK;
}

/* A percentage of nothing: anything is infinitely more, and nothing has not grown. */
static enum haul_err evaluate_from_nothing(struct haul_evaluation *evaluation,
                                           struct haul_evaluation_range range)
{
    if (range.least <= 0) {
        haul_evaluation_conclude(evaluation, range, (double)evaluation->budget.limit);
        return HAUL_OK;
    }
    evaluation->result->unit = "bytes";
    evaluation->result->limit = 0;
    evaluation->result->state = haul_evaluation_compare(evaluation->budget.op, range, 0);
    evaluation->result->actual = range.least;
    return haul_evaluation_note(evaluation, "nothing was there before, so this is no percentage");
}

static enum haul_err evaluate_change(struct haul_evaluation *evaluation, double now, double before)
{
    double change = now - before;
    struct haul_evaluation_range range = {change, haul_evaluation_open_end(evaluation, change, 0)};

    if (evaluation->budget.unit == HAUL_UNIT_BYTES) {
        haul_evaluation_conclude(evaluation, range, (double)evaluation->budget.limit);
        return HAUL_OK;
    }
    if (before < 1)
        return evaluate_from_nothing(evaluation, range);
    range.least *= 1e6;
    range.most *= 1e6;
    haul_evaluation_conclude(evaluation, range, (double)evaluation->budget.limit * before);
    evaluation->result->actual = change / before * 100;
    return HAUL_OK;
}

static enum haul_err evaluate_growth(struct haul_evaluation *evaluation)
{
    double value[4] = {0, 0, 0, 0};
    enum haul_err err;

    if (!evaluation->summary->has_before) {
        evaluation->result->state = HAUL_BUDGET_UNKNOWN;
        return haul_evaluation_note(evaluation, "there is no earlier complete run");
    }
    err = haul_evaluation_ask(evaluation,
                              "WITH gap(page) AS (SELECT page FROM before_page WHERE size IS NULL "
                              "UNION SELECT page FROM now_page WHERE size IS NULL) "
                              "SELECT (SELECT total(size) FROM @n WHERE page NOT IN gap), "
                              "(SELECT total(size) FROM @b WHERE page NOT IN gap), "
                              "(SELECT count(DISTINCT page) FROM (SELECT page FROM @m UNION ALL "
                              "SELECT page FROM @b) WHERE page IN gap), "
                              "(SELECT count(*) FROM @n WHERE page NOT IN gap) + "
                              "(SELECT count(*) FROM @b WHERE page NOT IN gap)",
                              value, 4);
    if (!err && value[2] > 0)
        err = haul_evaluation_note_number(
            evaluation, value[2], " URL that has no known length in one of the runs is left out",
            " URLs that have no known length in one of the runs are left out");
    if (!err)
        err = haul_evaluation_note_gaps(evaluation, 0);
    if (err || value[3] > 0 || value[2] < 1)
        return err ? err : evaluate_change(evaluation, value[0], value[1]);
    evaluation->result->state = HAUL_BUDGET_UNKNOWN; /* there is nothing to compare */
    return HAUL_OK;
}

enum haul_err haul_evaluation_measure(struct haul_evaluation *evaluation)
{
    switch (evaluation->budget.measure) {
    case HAUL_MEASURE_TOTAL:
        return evaluate_total(evaluation);
    case HAUL_MEASURE_EACH:
        return evaluate_each(evaluation);
    case HAUL_MEASURE_PERCENTILE:
        return evaluate_percentile(evaluation);
    case HAUL_MEASURE_GROWTH:
        return evaluate_growth(evaluation);
    case HAUL_MEASURE_COUNT:
        return evaluate_count(evaluation);
    case HAUL_MEASURE_FAILED:
        break;
    }
    return evaluate_failed(evaluation);
}
