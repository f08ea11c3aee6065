#include "render/html.h"
#include "render/number.h"

enum { OFFENDER_MAX = 200, OFFENDERS_MAX = 10 };

/* Where the limit and the actual value stand on a line of 1000. */
static void add_meter(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    double most = budget->actual > budget->limit ? budget->actual : budget->limit;
    double actual = most > 0 && budget->actual > 0 ? budget->actual / most * 1000 : 0;
    double limit = most > 0 && budget->limit > 0 ? budget->limit / most * 1000 : 0;

    haul_buf_add_str(buf, "<svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\""
                          " aria-hidden=\"true\"><rect class=\"track\" width=\"1000\""
                          " height=\"12\"/><rect class=\"fill");
    haul_buf_add_str(buf,
                     budget->state == HAUL_BUDGET_EXCEEDED ? " over\" width=\"" : "\" width=\"");
    haul_render_add_short_decimal(buf, actual, 1);
    haul_buf_add_str(buf, "\" y=\"2\" height=\"8\"/><path class=\"limit\""
                          " vector-effect=\"non-scaling-stroke\" d=\"M");
    haul_render_add_short_decimal(buf, limit < 1 ? 1 : limit > 999 ? 999 : limit, 1);
    haul_buf_add_str(buf, " 0v12\"/></svg>");
}

static void add_offenders(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    size_t shown = budget->offender_count < OFFENDERS_MAX ? budget->offender_count : OFFENDERS_MAX;

    if (!shown)
        return;
    haul_buf_add_str(buf, "<ul>");
    for (size_t i = 0; i < shown; i++) {
        haul_buf_add_str(buf, "<li><code>");
        haul_render_html_add_text(buf, budget->offender[i], OFFENDER_MAX);
        haul_buf_add_str(buf, "</code></li>");
    }
    if (budget->offender_total > shown) {
        haul_buf_add_str(buf, "<li>and ");
        haul_render_add_count(buf, budget->offender_total - shown, "other", "others");
        haul_buf_add_str(buf, "</li>");
    }
    haul_buf_add_str(buf, "</ul>");
}

static void add_state(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    static const char *const marks[] = {"good\">&#10003;", "bad\">&#10007;", "\">?"};

    if (haul_render_has_figures(budget)) {
        haul_buf_add_str(buf, budget->state == HAUL_BUDGET_UNKNOWN ? "so far " : "");
        haul_render_add_amount(buf, budget->actual, budget->unit);
        haul_buf_add_str(buf, " of ");
        haul_render_add_amount(buf, budget->limit, budget->unit);
        haul_buf_add_str(buf, " &nbsp; ");
    }
    haul_buf_addf(buf, "<span class=\"word %s %s</span>", marks[budget->state],
                  haul_render_budget_word(budget->state));
}

void haul_render_html_add_budgets(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->budget_count)
        return;
    haul_buf_add_str(buf, "<section id=\"budgets\"><h2>Budgets</h2><ul class=\"budgets\">\n");
    for (size_t i = 0; i < summary->budget_count; i++) {
        const struct haul_summary_budget *budget = &summary->budget[i];

        haul_buf_add_str(buf, "<li><p><code>");
        haul_render_html_add_text(buf, budget->expression, HAUL_RENDER_HTML_NAME_MAX);
        haul_buf_add_str(buf, "</code><span>");
        add_state(buf, budget);
        haul_buf_add_str(buf, "</span></p>");
        if (haul_render_has_figures(budget))
            add_meter(buf, budget);
        if (budget->note && *budget->note) {
            haul_buf_add_str(buf, "<span class=\"note\">");
            haul_render_html_add_text(buf, budget->note, OFFENDER_MAX);
            haul_buf_add_str(buf, "</span>");
        }
        add_offenders(buf, budget);
        haul_buf_add_str(buf, "</li>\n");
    }
    haul_buf_add_str(buf, "</ul></section>\n");
}
