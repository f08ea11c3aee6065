#include <math.h>

#include "base/units.h"
#include "summary/budget_eval_inside.h"

/* ---- the limit ---- */

bool haul_evaluation_is_lower_limit(const struct haul_evaluation *evaluation)
{
    return evaluation->budget.op == HAUL_OP_GT || evaluation->budget.op == HAUL_OP_GE;
}

double haul_evaluation_shown(const struct haul_evaluation *evaluation, double value)
{
    return evaluation->budget.unit == HAUL_UNIT_MILLIONTHS ? value / 10000 : value;
}

static bool holds(enum haul_budget_op op, double value, double limit)
{
    switch (op) {
    case HAUL_OP_LT:
        return value < limit;
    case HAUL_OP_LE:
        return value <= limit;
    case HAUL_OP_GT:
        return value > limit;
    case HAUL_OP_GE:
        return value >= limit;
    case HAUL_OP_EQ:
        break;
    }
    return !(value < limit) && !(value > limit);
}

/* Kept (exceeded) if the limit holds (does not hold) for all from `least` to `most`. */
static enum haul_budget_state compare(enum haul_budget_op op, double least, double most,
                                      double limit)
{
    bool holds_least = holds(op, least, limit), holds_most = holds(op, most, limit);

    if (holds_least && holds_most)
        return HAUL_BUDGET_KEPT;
    if (holds_least || holds_most)
        return HAUL_BUDGET_UNKNOWN;
    if (op == HAUL_OP_EQ && least < limit && most > limit)
        return HAUL_BUDGET_UNKNOWN;
    return HAUL_BUDGET_EXCEEDED;
}

/* Compares, and fills in the state and the figure of the result. */
static void conclude(struct haul_evaluation *evaluation, double least, double most, double limit)
{
    evaluation->result->state = compare(evaluation->budget.op, least, most, limit);
    evaluation->result->actual = haul_evaluation_shown(evaluation, least);
}

/* The upper end of what is measured, where `known` is the lower one. */
static double open_end(const struct haul_evaluation *evaluation, double known, double unknown)
{
    return unknown > 0 || !evaluation->summary->complete ? HUGE_VAL : known;
}

/* ---- notes ---- */

/* Sets the note if there is none yet. */
static void add_note(struct haul_evaluation *evaluation, const char *text)
{
    if (evaluation->result->note)
        return;
    evaluation->result->note = haul_summary_keep(evaluation->summary, text);
    if (!evaluation->result->note)
        evaluation->err = HAUL_ERR_NOMEM;
}

static void note_number(struct haul_evaluation *evaluation, double number, const char *one,
                        const char *many)
{
    haul_buf_clear(&evaluation->text);
    haul_units_add_grouped(&evaluation->text, (int64_t)number);
    haul_buf_add_str(&evaluation->text, number > 1 ? many : one);
    if (evaluation->text.err)
        evaluation->err = evaluation->text.err;
    else
        add_note(evaluation, haul_buf_str(&evaluation->text));
}

/* What is missing, if anything is. `unknown`: URLs that may add to the figure, and have no size. */
static void note_gaps(struct haul_evaluation *evaluation, double unknown)
{
    if (unknown > 0)
        note_number(evaluation, unknown, " URL has no known length", " URLs have no known length");
    else if (!evaluation->summary->complete)
        add_note(evaluation, "the run is not complete");
}

static void note_if_nothing(struct haul_evaluation *evaluation, double known, double unknown)
{
    if (known > 0 || unknown > 0 || evaluation->budget.choice == HAUL_CHOICE_ALL)
        note_gaps(evaluation, unknown);
    else
        add_note(evaluation, "no URL matches");
}

/* ---- measures ---- */

#define UNKNOWN "(SELECT count(*) FROM @m WHERE size IS NULL)"

static void evaluate_total(struct haul_evaluation *evaluation)
{
    double value[3] = {0, 0, 0};

    haul_evaluation_ask(evaluation, "SELECT count(size), total(size), " UNKNOWN " FROM @n", 0,
                        value, 3);
    note_if_nothing(evaluation, value[0], value[2]);
    conclude(evaluation, value[1], open_end(evaluation, value[1], value[2]),
             (double)evaluation->budget.limit);
}

/* Whatever the unknown ones are: one that is too large is one. */
static void evaluate_each(struct haul_evaluation *evaluation)
{
    double value[4] = {0, 0, 0, 0}, limit = (double)evaluation->budget.limit;

    haul_evaluation_ask(evaluation, "SELECT count(size), max(size), min(size), " UNKNOWN " FROM @n",
                        0, value, 4);
    note_if_nothing(evaluation, value[0], value[3]);
    evaluation->result->actual = haul_evaluation_is_lower_limit(evaluation) ? value[2] : value[1];
    if (value[0] > 0 && !(holds(evaluation->budget.op, value[1], limit) &&
                          holds(evaluation->budget.op, value[2], limit)))
        evaluation->result->state = HAUL_BUDGET_EXCEEDED;
    else if (value[3] > 0 || !evaluation->summary->complete)
        evaluation->result->state = HAUL_BUDGET_UNKNOWN;
}

/* The size of that rank, from 1. What is before the first is nothing, and behind the last there is
 * no bound. */
static double ask_size(struct haul_evaluation *evaluation, int64_t rank, int64_t known)
{
    double size = rank < 1 ? 0 : HUGE_VAL;

    if (rank >= 1 && rank <= known)
        haul_evaluation_ask(evaluation,
                            "SELECT size FROM @n WHERE size IS NOT NULL ORDER BY size "
                            "LIMIT 1 OFFSET :rank - 1",
                            rank, &size, 1);
    return size;
}

/* The unknown ones may all be small, or all be large. */
static void evaluate_percentile(struct haul_evaluation *evaluation)
{
    double value[2] = {0, 0}, least = 0, most = HUGE_VAL;
    int64_t known, unknown, rank;

    haul_evaluation_ask(evaluation, "SELECT count(size), " UNKNOWN " FROM @n", 0, value, 2);
    known = (int64_t)value[0];
    unknown = (int64_t)value[1];
    rank = ((known + unknown) * evaluation->budget.percent + 99) / 100;
    if (known)
        note_gaps(evaluation, value[1]);
    else
        add_note(evaluation, "no URL has a known length");
    if (known)
        least = ask_size(evaluation, rank - unknown, known);
    if (known && evaluation->summary->complete)
        most = ask_size(evaluation, rank, known);
    conclude(evaluation, least, most, (double)evaluation->budget.limit);
}

static void evaluate_count(struct haul_evaluation *evaluation)
{
    double value[2] = {0, 0}, unknown;

    haul_evaluation_ask(evaluation, "SELECT (SELECT count(*) FROM @n), (SELECT count(*) FROM @m)",
                        0, value, 2);
    unknown = value[1] - value[0];
    note_if_nothing(evaluation, value[0], unknown);
    conclude(evaluation, value[0], open_end(evaluation, value[0], unknown),
             (double)evaluation->budget.limit);
}

/* A share is compared as a product: there is no quotient of nothing, and nothing is rounded. */
static void evaluate_failed(struct haul_evaluation *evaluation)
{
    double value[3] = {0, 0, 0}, limit = (double)evaluation->budget.limit, scale;
    bool is_share = evaluation->budget.unit == HAUL_UNIT_MILLIONTHS;

    haul_evaluation_ask(evaluation,
                        "SELECT (SELECT count(*) FROM @n), "
                        "(SELECT count(*) FROM @n WHERE haul_is_failure(outcome, reason)), "
                        "(SELECT count(*) FROM @m WHERE haul_is_failure(outcome, reason))",
                        0, value, 3);
    if (value[0] > 0)
        note_gaps(evaluation, 0);
    else
        note_if_nothing(evaluation, 0, value[2]);
    scale = is_share ? 1e6 : 1;
    conclude(evaluation, value[1] * scale, open_end(evaluation, value[2] * scale, 0),
             is_share && value[0] > 0 ? limit * value[0] : limit);
    if (is_share && value[0] > 0)
        evaluation->result->actual = value[1] / value[0] * 100;
}

static void evaluate_change(struct haul_evaluation *evaluation, double now, double before)
{
    double change = now - before, most = open_end(evaluation, change, 0);
    double limit = (double)evaluation->budget.limit;

    if (evaluation->budget.unit == HAUL_UNIT_BYTES || (before < 1 && change <= 0)) {
        conclude(evaluation, change, most, limit);
    } else if (before < 1) {
        /* A percentage of nothing: anything is infinitely more; and nothing has not grown. */
        evaluation->result->unit = "bytes";
        evaluation->result->limit = 0;
        evaluation->result->state = compare(evaluation->budget.op, change, most, 0);
        evaluation->result->actual = change;
        add_note(evaluation, "nothing was there before, so this is no percentage");
    } else {
        conclude(evaluation, change * 1e6, most * 1e6, limit * before);
        evaluation->result->actual = change / before * 100;
    }
}

static void evaluate_growth(struct haul_evaluation *evaluation)
{
    double value[4] = {0, 0, 0, 0};

    if (!evaluation->summary->has_before) {
        evaluation->result->state = HAUL_BUDGET_UNKNOWN;
        add_note(evaluation, "there is no earlier complete run");
        return;
    }
    haul_evaluation_ask(evaluation,
                        "WITH gap(page) AS (SELECT page FROM before_page WHERE size IS NULL "
                        "UNION SELECT page FROM now_page WHERE size IS NULL) "
                        "SELECT (SELECT total(size) FROM @n WHERE page NOT IN gap), "
                        "(SELECT total(size) FROM @b WHERE page NOT IN gap), "
                        "(SELECT count(DISTINCT page) FROM (SELECT page FROM @m UNION ALL "
                        "SELECT page FROM @b) WHERE page IN gap), "
                        "(SELECT count(*) FROM @n WHERE page NOT IN gap) + "
                        "(SELECT count(*) FROM @b WHERE page NOT IN gap)",
                        0, value, 4);
    if (value[2] > 0)
        note_number(evaluation, value[2],
                    " URL that has no known length in one of the runs is left out",
                    " URLs that have no known length in one of the runs are left out");
    note_gaps(evaluation, 0);
    if (value[3] > 0 || value[2] < 1)
        evaluate_change(evaluation, value[0], value[1]);
    else
        evaluation->result->state = HAUL_BUDGET_UNKNOWN; /* there is nothing to compare */
}

void haul_evaluation_measure(struct haul_evaluation *evaluation)
{
    static void (*const evaluate[])(struct haul_evaluation *) = {
        [HAUL_MEASURE_TOTAL] = evaluate_total,           [HAUL_MEASURE_EACH] = evaluate_each,
        [HAUL_MEASURE_PERCENTILE] = evaluate_percentile, [HAUL_MEASURE_GROWTH] = evaluate_growth,
        [HAUL_MEASURE_COUNT] = evaluate_count,           [HAUL_MEASURE_FAILED] = evaluate_failed};

    evaluate[evaluation->budget.measure](evaluation);
}
