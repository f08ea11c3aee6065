#include <string.h>

#include "render/markup.h"
#include "render/number.h"
#include "render/render.h"
#include "render/writer.h"

/* haul_escape_html's references and \xNN are right for XML 1.0 too: no control, surrogate or
 * noncharacter is left, and &quot; and &#39; are known to XML. */

enum {
    FAILED_MAX = 1000,
    TEXT_MAX = 1000, /* columns of one text: a name, a message */
};

static void add_text(struct haul_buf *buf, const char *text)
{
    haul_render_html_add_text(buf, text, TEXT_MAX);
}

static void begin_case(struct haul_buf *buf, const char *room, const char *name)
{
    haul_buf_addf(buf, "    <testcase classname=\"haul.%s\" name=\"", room);
    add_text(buf, name);
    haul_buf_add_char(buf, '"');
}

static void add_seconds(struct haul_buf *buf, int64_t us)
{
    haul_buf_addf(buf, " time=\"%s\"", haul_render_decimal(us > 0 ? (double)us / 1e6 : 0, 3).text);
}

struct counts {
    uint64_t tests, failures, errors, skipped;
};

/* A title of the user's keeps the suites of several jobs apart where they are gathered. */
static void begin_suite(struct haul_buf *buf, const struct haul_summary *summary, const char *name,
                        const struct counts *counts)
{
    haul_buf_add_str(buf, "  <testsuite name=\"");
    if (summary->is_titled) {
        add_text(buf, summary->title);
        haul_buf_add_str(buf, ": ");
    }
    haul_buf_addf(buf,
                  "haul.%s\" tests=\"%llu\" failures=\"%llu\" errors=\"%llu\" skipped=\"%llu\">\n",
                  name, (unsigned long long)counts->tests, (unsigned long long)counts->failures,
                  (unsigned long long)counts->errors, (unsigned long long)counts->skipped);
}

static void end_suite(struct haul_buf *buf)
{
    haul_buf_add_str(buf, "  </testsuite>\n");
}

/* Where nothing was found and that is no error, or nothing was allowed, there was nothing to be
 * tested. */
static bool is_skipped(const struct haul_summary *summary)
{
    return (summary->inputs.nothing_found || haul_summary_is_disallowed(summary)) &&
           !summary->exit_status;
}

static const char *cause_of(const struct haul_summary *summary, const struct haul_render_flaw *flaw)
{
    return summary->inputs.nothing_found || !flaw ? "nothing was found" : flaw->text;
}

/* One case that is always there, so that a run in which all is well is not an empty file. */
static void add_run(struct haul_buf *buf, const struct haul_summary *summary)
{
    const struct haul_render_flaw *flaw = haul_render_find_flaw(summary);
    bool skipped = is_skipped(summary), failed = flaw && flaw->is_failure && !skipped;
    const struct counts counts = {.tests = 1, .failures = failed, .skipped = skipped};

    begin_suite(buf, summary, "run", &counts);
    begin_case(buf, "run", haul_render_title(summary));
    add_seconds(buf, summary->duration_us);
    haul_buf_add_str(buf, ">\n");
    if (skipped)
        haul_buf_addf(buf, "      <skipped message=\"%s\"/>\n", cause_of(summary, flaw));
    else if (failed)
        haul_buf_addf(buf, "      <failure type=\"%s\" message=\"%s\"/>\n", flaw->type,
                      cause_of(summary, flaw));
    haul_buf_add_str(buf, "      <system-out>");
    haul_render_add_headline(buf, summary);
    haul_buf_add_str(buf, "</system-out>\n    </testcase>\n");
    end_suite(buf);
}

static void add_offenders(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    for (size_t i = 0; i < budget->offender_count; i++) {
        add_text(buf, budget->offender[i]);
        haul_buf_add_char(buf, '\n');
    }
    if (budget->offender_total > budget->offender_count)
        haul_buf_addf(
            buf, "and %s\n",
            haul_render_count(budget->offender_total - budget->offender_count, "other", "others")
                .text);
}

static void add_budget(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    bool is_failure = budget->state == HAUL_BUDGET_EXCEEDED;
    struct haul_buf text;

    begin_case(buf, "budgets", budget->expression);
    if (budget->state == HAUL_BUDGET_KEPT) {
        haul_buf_add_str(buf, "/>\n");
        return;
    }
    haul_buf_init(&text, 0);
    haul_render_add_budget_text(&text, budget);
    haul_buf_add_str(buf, is_failure ? ">\n      <failure type=\"budget\" message=\""
                                     : ">\n      <skipped message=\"");
    add_text(buf, haul_buf_str(&text));
    haul_writer_scratch_done(&text, buf);
    haul_buf_add_str(buf, "\">");
    add_offenders(buf, budget);
    haul_buf_add_str(buf, is_failure ? "</failure>" : "</skipped>");
    haul_buf_add_str(buf, "\n    </testcase>\n");
}

static void add_budgets(struct haul_writer *writer, const struct haul_summary *summary)
{
    const struct counts counts = {
        .tests = summary->budget_count,
        .failures = haul_render_count_budgets(summary, HAUL_BUDGET_EXCEEDED),
        .skipped = haul_render_count_budgets(summary, HAUL_BUDGET_UNKNOWN) +
                   haul_render_count_budgets(summary, HAUL_BUDGET_EMPTY)};

    if (!summary->budget_count)
        return;
    begin_suite(&writer->buf, summary, "budgets", &counts);
    for (size_t i = 0; i < summary->budget_count; i++) {
        add_budget(&writer->buf, &summary->budget[i]);
        haul_writer_pass(writer);
    }
    end_suite(&writer->buf);
}

/* A suite of pages that are no success. */
struct bad_suite {
    const char *name, *kind; /* "failure", or "error" where there was nothing to be tested */
    const struct haul_summary_page *page;
    size_t count;
    uint64_t total; /* of which these are the first */
    const char *rest;
};

static void add_bad(struct haul_buf *buf, const struct bad_suite *suite,
                    const struct haul_summary_page *page)
{
    struct haul_buf place;

    begin_case(buf, suite->name, page->url);
    add_seconds(buf, page->time_us);
    haul_buf_addf(buf, ">\n      <%s type=\"", suite->kind);
    add_text(buf, haul_render_reason(page));
    haul_buf_add_str(buf, "\" message=\"");
    haul_buf_init(&place, 0);
    haul_render_add_place(&place, page);
    add_text(buf, haul_buf_str(&place));
    haul_writer_scratch_done(&place, buf);
    haul_buf_addf(buf, ": %s", haul_outcome_word(page->outcome));
    if (*page->reason) {
        haul_buf_add_str(buf, ": ");
        add_text(buf, page->reason);
    }
    haul_buf_add_str(buf, "\"/>\n    </testcase>\n");
}

static void add_bad_suite(struct haul_writer *writer, const struct haul_summary *summary,
                          const struct bad_suite *suite)
{
    size_t shown = haul_render_at_most(suite->count, FAILED_MAX);
    bool is_error = strcmp(suite->kind, "error") == 0;
    const struct counts counts = {
        .tests = shown, .failures = is_error ? 0 : shown, .errors = is_error ? shown : 0};

    if (!shown)
        return;
    begin_suite(&writer->buf, summary, suite->name, &counts);
    for (size_t i = 0; i < shown; i++) {
        add_bad(&writer->buf, suite, &suite->page[i]);
        haul_writer_pass(writer);
    }
    if (suite->total > shown)
        haul_buf_addf(&writer->buf, "    <system-out>%s %s</system-out>\n",
                      haul_render_grouped(suite->total - shown).text, suite->rest);
    end_suite(&writer->buf);
}

void haul_render_write_junit(struct haul_out *out, const struct haul_summary *summary)
{
    const struct bad_suite failed = {"urls",
                                     "failure",
                                     summary->failed,
                                     summary->failed_count,
                                     haul_summary_count(summary, HAUL_OUTCOME_FAILED),
                                     "URLs more failed"};
    const struct bad_suite invalid = {"lines",
                                      "error",
                                      summary->invalid,
                                      summary->invalid_count,
                                      summary->outcome[HAUL_OUTCOME_INVALID],
                                      "lines more are invalid"};
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    writer.hash = "&#35;";
    haul_buf_add_str(&writer.buf,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"");
    add_text(&writer.buf, haul_render_title(summary));
    haul_buf_add_str(&writer.buf, "\">\n");
    add_run(&writer.buf, summary);
    add_budgets(&writer, summary);
    add_bad_suite(&writer, summary, &failed);
    add_bad_suite(&writer, summary, &invalid);
    haul_buf_add_str(&writer.buf, "</testsuites>\n");
    haul_writer_done(&writer);
}
