#include <math.h>

#include "base/units.h"
#include "summary/budget_eval_inside.h"

/* ---- the limit ---- */

bool haul_evaluation_is_whole(const struct haul_evaluation *evaluation)
{
    return evaluation->summary->complete || evaluation->summary->inputs.nothing_found;
}

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

enum haul_budget_state haul_evaluation_compare(enum haul_budget_op op,
                                               struct haul_evaluation_end least,
                                               struct haul_evaluation_end most)
{
    bool holds_least = holds(op, least.value, least.limit);
    bool holds_most = holds(op, most.value, most.limit);

    if (holds_least && holds_most)
        return HAUL_BUDGET_KEPT;
    if (holds_least || holds_most)
        return HAUL_BUDGET_UNKNOWN;
    if (op == HAUL_OP_EQ && least.value < least.limit && most.value > most.limit)
        return HAUL_BUDGET_UNKNOWN;
    return HAUL_BUDGET_EXCEEDED;
}

/* Fills in what it came to. */
static void show(struct haul_evaluation *evaluation, double least, double most)
{
    evaluation->result->actual = haul_evaluation_shown(evaluation, least);
    evaluation->result->most = haul_evaluation_shown(evaluation, most);
}

/* Compares, and fills in the state of the result, too. */
static void conclude(struct haul_evaluation *evaluation, double least, double most)
{
    double limit = (double)evaluation->budget.limit;

    evaluation->result->state =
        haul_evaluation_compare(evaluation->budget.op, (struct haul_evaluation_end){least, limit},
                                (struct haul_evaluation_end){most, limit});
    show(evaluation, least, most);
}

/* ---- notes ---- */

static void begin_note(struct haul_evaluation *evaluation)
{
    if (evaluation->note.len)
        haul_buf_add_str(&evaluation->note, "; ");
}

void haul_evaluation_add_note(struct haul_evaluation *evaluation, const char *text)
{
    begin_note(evaluation);
    haul_buf_add_str(&evaluation->note, text);
}

void haul_evaluation_note_number(struct haul_evaluation *evaluation, double number, const char *one,
                                 const char *many)
{
    if (number < 1)
        return;
    begin_note(evaluation);
    haul_units_add_grouped(&evaluation->note, (int64_t)number);
    haul_buf_add_str(&evaluation->note, number > 1 ? many : one);
}

void haul_evaluation_note_length(struct haul_evaluation *evaluation, double number, const char *one,
                                 const char *many, const char *rest)
{
    haul_evaluation_note_number(evaluation, number, one, many);
    if (number >= 1)
        haul_buf_addf(&evaluation->note, "%s%s", evaluation->budget.is_wire ? " on the wire" : "",
                      rest);
}

void haul_evaluation_note_incomplete(struct haul_evaluation *evaluation)
{
    if (!haul_evaluation_is_whole(evaluation))
        haul_evaluation_add_note(evaluation, "the run is not complete");
}

static void keep_note(struct haul_evaluation *evaluation)
{
    if (!evaluation->err)
        evaluation->err = evaluation->note.err;
    if (evaluation->err || !evaluation->note.len)
        return;
    evaluation->result->note =
        haul_summary_keep(evaluation->summary, haul_buf_str(&evaluation->note));
    if (!evaluation->result->note)
        evaluation->err = HAUL_ERR_NOMEM;
}

/* ---- sizes ---- */

/*
 * What is known of the bodies that a budget is about. A URL that was answered with 404 or 410 has
 * none. One that failed otherwise, or was not tried, has one of 0 bytes to as many as it had when
 * its size was last known; if that never was, it may have any.
 */
struct bodies {
    double known, sum, smallest, largest; /* how many; of those: bytes */
    double unknown;                       /* how many */
    double failing, had_sum, had_largest; /* how many had a size; of those: bytes */
};

static const char bodies_sql[] =
    "SELECT * FROM (SELECT count(@s), total(@s), min(@s), max(@s) FROM @n),"
    " (SELECT count(*) - count(@l), count(@l), total(@l), max(@l)"
    " FROM @m WHERE " HAUL_BUDGET_LACKS_SIZE ")";

static struct bodies ask_bodies(struct haul_evaluation *evaluation)
{
    double value[8] = {0};

    haul_evaluation_ask(evaluation, bodies_sql, 0, value, 8);
    return (struct bodies){.known = value[0],
                           .sum = value[1],
                           .smallest = value[2],
                           .largest = value[3],
                           .unknown = value[4],
                           .failing = value[5],
                           .had_sum = value[6],
                           .had_largest = value[7]};
}

/* Is there more to come, of any size? */
static bool is_open(const struct haul_evaluation *evaluation, const struct bodies *bodies)
{
    return bodies->unknown > 0 || !haul_evaluation_is_whole(evaluation);
}

static void note_gaps(struct haul_evaluation *evaluation, const struct bodies *bodies)
{
    haul_evaluation_note_length(evaluation, bodies->unknown, " URL has no known length",
                                " URLs have no known length", "");
    haul_evaluation_note_number(evaluation, bodies->failing,
                                " URL without a length counts from 0 to its last known one",
                                " URLs without a length count from 0 to their last known ones");
    haul_evaluation_note_incomplete(evaluation);
}

static void evaluate_total(struct haul_evaluation *evaluation)
{
    struct bodies bodies = ask_bodies(evaluation);

    note_gaps(evaluation, &bodies);
    conclude(evaluation, bodies.sum,
             is_open(evaluation, &bodies) ? HUGE_VAL : bodies.sum + bodies.had_sum);
}

/* What is measured: of a lower limit the smallest one, else the largest. */
static void show_extreme(struct haul_evaluation *evaluation, const struct bodies *bodies)
{
    double most =
        is_open(evaluation, bodies) ? HUGE_VAL : fmax(bodies->largest, bodies->had_largest);
    double least = bodies->unknown + bodies->failing > 0 || !haul_evaluation_is_whole(evaluation)
                       ? 0
                       : bodies->smallest;

    if (!haul_evaluation_is_lower_limit(evaluation))
        show(evaluation, bodies->largest, most);
    else
        show(evaluation, least, bodies->known > 0 ? bodies->smallest : most);
}

/* Does the limit hold for all bodies of these sizes? */
static bool holds_both(const struct haul_evaluation *evaluation, double smallest, double largest)
{
    double limit = (double)evaluation->budget.limit;

    return holds(evaluation->budget.op, smallest, limit) &&
           holds(evaluation->budget.op, largest, limit);
}

/* Whatever the unknown ones are: one that is too large is one. */
static void evaluate_each(struct haul_evaluation *evaluation)
{
    struct bodies bodies = ask_bodies(evaluation);

    note_gaps(evaluation, &bodies);
    show_extreme(evaluation, &bodies);
    if (bodies.known > 0 && !holds_both(evaluation, bodies.smallest, bodies.largest))
        evaluation->result->state = HAUL_BUDGET_EXCEEDED;
    else if (is_open(evaluation, &bodies) ||
             (bodies.failing > 0 && !holds_both(evaluation, 0, bodies.had_largest)))
        evaluation->result->state = HAUL_BUDGET_UNKNOWN;
}

/* The size of that rank, from 1, among those that are known, or that were. What is before the first
 * is nothing, and behind the last there is no bound. */
static double ask_size(struct haul_evaluation *evaluation, double rank, bool with_last)
{
    double size = rank < 1 ? 0 : HUGE_VAL;

    if (rank >= 1)
        haul_evaluation_ask(
            evaluation,
            with_last ? "SELECT b FROM (SELECT @s AS b FROM @n WHERE @s IS NOT NULL "
                        "UNION ALL SELECT @l FROM @m WHERE @l IS NOT "
                        "NULL AND " HAUL_BUDGET_LACKS_SIZE ") ORDER BY b LIMIT 1 OFFSET :rank - 1"
                      : "SELECT @s FROM @n WHERE @s IS NOT NULL ORDER BY 1 "
                        "LIMIT 1 OFFSET :rank - 1",
            (int64_t)rank, &size, 1);
    return size;
}

/* Those without a size may all be small, or all be as large as they can be. */
static void evaluate_percentile(struct haul_evaluation *evaluation)
{
    struct bodies bodies = ask_bodies(evaluation);
    double gaps = bodies.unknown + bodies.failing, least = 0, most = HUGE_VAL;
    double rank = ceil((bodies.known + gaps) * evaluation->budget.percent / 100);

    note_gaps(evaluation, &bodies);
    if (rank < 1)
        haul_evaluation_add_note(evaluation, "no URL has a known length");
    else
        least = ask_size(evaluation, fmax(rank - gaps, 0), false);
    if (rank >= 1 && haul_evaluation_is_whole(evaluation))
        most = ask_size(evaluation, rank, true);
    conclude(evaluation, haul_evaluation_is_whole(evaluation) ? least : 0, most);
    evaluation->result->actual = least;
}

/* ---- numbers of URLs ---- */

static void evaluate_count(struct haul_evaluation *evaluation)
{
    double value[2] = {0, 0};

    haul_evaluation_ask(evaluation, "SELECT (SELECT count(*) FROM @n), (SELECT count(*) FROM @m)",
                        0, value, 2);
    haul_evaluation_note_number(evaluation, value[1] - value[0], " URL has no known type",
                                " URLs have no known type");
    haul_evaluation_note_incomplete(evaluation);
    conclude(evaluation, value[0], haul_evaluation_is_whole(evaluation) ? value[1] : HUGE_VAL);
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* A share is compared as a product: there is no quotient of nothing, and nothing is rounded. */
static struct haul_evaluation_end end_of_share(const struct haul_evaluation *evaluation,
                                               double part, double whole)
{
    double limit = (double)evaluation->budget.limit;

    return (struct haul_evaluation_end){part * 1e6, whole > 0 ? limit * whole : limit};
}

/*
 * `value`: how many URLs, how many of them failed; and the same of those that may be meant. What
 * may be meant besides makes the share larger if it failed, else smaller; and that of a run that is
 * not complete may become any.
 */
static void evaluate_share(struct haul_evaluation *evaluation, const double value[4])
{
    double all = value[0], failed = value[1], may_have_failed = value[3] - failed;
    double at_most = all + may_have_failed, at_least = value[2] - may_have_failed;
    bool complete = haul_evaluation_is_whole(evaluation);

    evaluation->result->state = haul_evaluation_compare(
        evaluation->budget.op, end_of_share(evaluation, complete ? failed : 0, at_least),
        end_of_share(evaluation, complete ? failed + may_have_failed : HUGE_VAL, at_most));
    show(evaluation, 1e6 * share(failed, at_least),
         complete ? 1e6 * share(failed + may_have_failed, at_most) : 1e6);
}

static void evaluate_failed(struct haul_evaluation *evaluation)
{
    double value[4] = {0, 0, 0, 0};

    haul_evaluation_ask(evaluation,
                        "SELECT * FROM (SELECT count(*), total(haul_is_failure(outcome, reason)) "
                        "FROM @n) AS n, (SELECT count(*), total(haul_is_failure(outcome, reason)) "
                        "FROM @m) AS m",
                        0, value, 4);
    haul_evaluation_note_number(evaluation, value[2] - value[0], " URL has no known type",
                                " URLs have no known type");
    haul_evaluation_note_incomplete(evaluation);
    if (evaluation->budget.unit == HAUL_UNIT_MILLIONTHS)
        evaluate_share(evaluation, value);
    else
        conclude(evaluation, value[1], haul_evaluation_is_whole(evaluation) ? value[3] : HUGE_VAL);
}

/* ---- nothing ---- */

/* What was not allowed to be asked for is nothing that could be measured. */
#define COUNT_ALLOWED(table)                                                                       \
    "(SELECT count(*) FROM " table " WHERE NOT haul_is_disallowed(outcome, reason))"

/* Why there is nothing to be measured; NULL: there is. */
static const char *find_nothing(struct haul_evaluation *evaluation)
{
    double count[3] = {0, 0, 0}; /* that match; that are allowed, now and before */

    if (evaluation->summary->inputs.nothing_found)
        return "nothing was found";
    haul_evaluation_ask(
        evaluation,
        "SELECT (SELECT count(*) FROM @m), " COUNT_ALLOWED("@m") ", " COUNT_ALLOWED("@b"), 0, count,
        3);
    if (count[1] > 0 || (evaluation->budget.measure == HAUL_MEASURE_GROWTH && count[2] > 0))
        return NULL;
    if (count[0] > 0)
        return "robots.txt allows no URL that matches";
    return evaluation->budget.choice == HAUL_CHOICE_ALL ? NULL : "no URL matches";
}

/* Of what was not listed to its end, something may match yet. */
static void conclude_empty(struct haul_evaluation *evaluation, const char *note)
{
    struct haul_summary_budget *result = evaluation->result;
    bool nothing = evaluation->summary->inputs.nothing_found;

    haul_buf_clear(&evaluation->note);
    haul_evaluation_add_note(evaluation, note);
    haul_evaluation_note_incomplete(evaluation);
    if ((evaluation->budget.measure == HAUL_MEASURE_COUNT && !nothing) ||
        !haul_evaluation_is_whole(evaluation) || result->state == HAUL_BUDGET_EXCEEDED)
        return;
    result->state = evaluation->empty == HAUL_BUDGET_EMPTY_FAIL ? HAUL_BUDGET_EXCEEDED
                    : evaluation->empty == HAUL_BUDGET_EMPTY_OK ? HAUL_BUDGET_KEPT
                                                                : HAUL_BUDGET_EMPTY;
}

/* ---- all measures ---- */

void haul_evaluation_measure(struct haul_evaluation *evaluation)
{
    static void (*const evaluate[])(struct haul_evaluation *) = {
        [HAUL_MEASURE_TOTAL] = evaluate_total,
        [HAUL_MEASURE_EACH] = evaluate_each,
        [HAUL_MEASURE_PERCENTILE] = evaluate_percentile,
        [HAUL_MEASURE_GROWTH] = haul_evaluation_measure_growth,
        [HAUL_MEASURE_COUNT] = evaluate_count,
        [HAUL_MEASURE_FAILED] = evaluate_failed};

    const char *nothing;

    haul_buf_clear(&evaluation->note);
    evaluate[evaluation->budget.measure](evaluation);
    nothing = find_nothing(evaluation);
    if (nothing)
        conclude_empty(evaluation, nothing);
    keep_note(evaluation);
}
