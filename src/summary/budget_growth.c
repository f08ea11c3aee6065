#include <math.h>

#include "summary/budget_eval_inside.h"

/* What the whole, or a part of it, has gained since the earlier run, from the one comparison that
 * there is (history/diff.h). */
struct gain {
    double now, before; /* bytes of what is compared */
    double compared;    /* how many URLs */
    double missing;     /* bytes of what is gone, unless a run that is not complete finds it */
    double newly_known, size; /* how many URLs never had a size before, and their bytes */
    double left_out;          /* how many URLs have none */
};

/* Of a page that has another type now, or other tags, a part has lost what it had. */
static const char gain_sql[] =
    "SELECT * FROM"
    " (SELECT total(c.@wcounted_after), count(c.@wcounted_after), count(c.@wnewly_known),"
    "   total(c.@wnewly_known)"
    "  FROM @n AS n JOIN compared AS c ON c.page = n.page) AS n,"
    " (SELECT total(iif(c.kind IS 1, 0, c.@wcounted_before)),"
    "   total(iif(c.kind IS 1, c.@wcounted_before, 0)), count(c.@wcounted_before)"
    "  FROM @b AS b JOIN compared AS c ON c.page = b.page) AS b,"
    " (SELECT count(*) FROM compared WHERE @wis_left_out AND page IN"
    "  (SELECT page FROM @m UNION SELECT page FROM @b)) AS g";

static struct gain ask_gain(struct haul_evaluation *evaluation)
{
    double value[8] = {0};
    bool complete = haul_evaluation_is_whole(evaluation);

    haul_evaluation_ask(evaluation, gain_sql, 0, value, 8);
    return (struct gain){.now = value[0],
                         .compared = value[1] + value[6],
                         .newly_known = value[2],
                         .size = value[3],
                         .before = value[4] + (complete ? value[5] : 0),
                         .missing = complete ? 0 : value[5],
                         .left_out = value[7]};
}

/* In bytes, or in millionths of what was there before. */
static void conclude(struct haul_evaluation *evaluation, const struct gain *gain, double scale,
                     double before)
{
    double change = gain->now - gain->before, most = change + gain->size;
    double limit = (double)evaluation->budget.limit * before;
    struct haul_summary_budget *result = evaluation->result;

    if (!haul_evaluation_is_whole(evaluation))
        most = HUGE_VAL;
    result->state = haul_evaluation_compare(
        evaluation->budget.op,
        (struct haul_evaluation_end){(change - gain->missing) * scale, limit},
        (struct haul_evaluation_end){most * scale, limit});
    result->actual = haul_evaluation_shown(evaluation, change * scale / before);
    result->most = haul_evaluation_shown(evaluation, most * scale / before);
}

/* A percentage of nothing: anything is infinitely more; and nothing has not grown. */
static void conclude_new(struct haul_evaluation *evaluation, const struct gain *gain)
{
    struct haul_summary_budget *result = evaluation->result;

    evaluation->budget.unit = HAUL_UNIT_BYTES;
    evaluation->budget.limit = 0;
    conclude(evaluation, gain, 1, 1);
    result->unit = "bytes";
    result->limit = 0;
    haul_evaluation_add_note(evaluation, "nothing was there before, so this is no percentage");
}

static void note_gaps(struct haul_evaluation *evaluation, const struct gain *gain)
{
    haul_evaluation_note_length(evaluation, gain->newly_known, " URL had no known length",
                                " URLs had no known length", " before, and may have grown");
    haul_evaluation_note_length(evaluation, gain->left_out, " URL that has no known length",
                                " URLs that have no known length",
                                gain->left_out > 1 ? " are left out" : " is left out");
    haul_evaluation_note_incomplete(evaluation);
}

void haul_evaluation_measure_growth(struct haul_evaluation *evaluation)
{
    struct haul_summary_budget *result = evaluation->result;
    bool is_share = evaluation->budget.unit == HAUL_UNIT_MILLIONTHS;
    struct gain gain;

    result->most = HUGE_VAL;
    if (!evaluation->summary->has_before) {
        result->state = HAUL_BUDGET_UNKNOWN;
        haul_evaluation_add_note(evaluation, "there is no earlier complete run");
        return;
    }
    gain = ask_gain(evaluation);
    note_gaps(evaluation, &gain);
    if (gain.compared < 1 && gain.left_out + gain.newly_known > 0)
        result->state = HAUL_BUDGET_UNKNOWN; /* there is nothing to compare */
    else if (is_share && gain.before >= 1)
        conclude(evaluation, &gain, 1e6, gain.before);
    else if (is_share && gain.now > 0)
        conclude_new(evaluation, &gain);
    else
        conclude(evaluation, &gain, 1, 1);
}
