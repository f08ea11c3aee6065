#include <math.h>

#include "base/units.h"
#include "summary/budget_eval_inside.h"

bool haul_evaluation_is_lower_limit(const struct haul_evaluation *evaluation)
{
    return evaluation->budget.op == HAUL_OP_GT || evaluation->budget.op == HAUL_OP_GE;
}

/* A number in the unit of the budget, as people want it. */
double haul_evaluation_shown(const struct haul_evaluation *evaluation, double value)
{
    return evaluation->budget.unit == HAUL_UNIT_MILLIONTHS ? value / 10000 : value;
}

bool haul_evaluation_holds(enum haul_budget_op op, double value, double limit)
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

/* Kept (exceeded) if the limit holds (does not hold) wherever in the range the truth is. */
enum haul_budget_state haul_evaluation_compare(enum haul_budget_op op,
                                               struct haul_evaluation_range range, double limit)
{
    bool least = haul_evaluation_holds(op, range.least, limit),
         most = haul_evaluation_holds(op, range.most, limit);

    if (least && most)
        return HAUL_BUDGET_KEPT;
    if (least || most)
        return HAUL_BUDGET_UNKNOWN;
    if (op == HAUL_OP_EQ && range.least < limit && range.most > limit)
        return HAUL_BUDGET_UNKNOWN;
    return HAUL_BUDGET_EXCEEDED;
}

/* Sets the note if there is none yet. */
enum haul_err haul_evaluation_note(struct haul_evaluation *evaluation, const char *text)
{
    if (evaluation->result->note)
        return HAUL_OK;
    evaluation->result->note = haul_summary_keep(evaluation->summary, text);
    return evaluation->result->note ? HAUL_OK : HAUL_ERR_NOMEM;
}

enum haul_err haul_evaluation_note_number(struct haul_evaluation *evaluation, double number,
                                          const char *one, const char *many)
{
    haul_buf_clear(&evaluation->text);
    haul_units_add_grouped(&evaluation->text, (int64_t)number);
    haul_buf_add_str(&evaluation->text, number > 1 ? many : one);
    return evaluation->text.err ? evaluation->text.err
                                : haul_evaluation_note(evaluation, haul_buf_str(&evaluation->text));
}

/* `unknown`: URLs that may add to the figure, and have no size. */
enum haul_err haul_evaluation_note_gaps(struct haul_evaluation *evaluation, double unknown)
{
    if (unknown > 0)
        return haul_evaluation_note_number(evaluation, unknown, " URL has no known length",
                                           " URLs have no known length");
    return evaluation->summary->complete
               ? HAUL_OK
               : haul_evaluation_note(evaluation, "the run is not complete");
}

void haul_evaluation_conclude(struct haul_evaluation *evaluation,
                              struct haul_evaluation_range range, double limit)
{
    evaluation->result->state = haul_evaluation_compare(evaluation->budget.op, range, limit);
    evaluation->result->actual = haul_evaluation_shown(evaluation, range.least);
}

/* What may be added by what is not known. */
double haul_evaluation_open_end(const struct haul_evaluation *evaluation, double known,
                                double unknown)
{
    return unknown > 0 || !evaluation->summary->complete ? HUGE_VAL : known;
}
