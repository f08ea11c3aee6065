#include <string.h>

#include "base/escape.h"
#include "render/number.h"
#include "render/render.h"
#include "render/writer.h"

enum {
    ROWS_MAX = 10,  /* of a table */
    TEXT_MAX = 160, /* columns of one text */
};

static size_t longest_run(const char *text, char of)
{
    size_t longest = 0, run = 0;

    for (; *text; text++) {
        run = *text == of ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest;
}

/*
 * A code span: nothing in it is markup, a link or a mention, and it ends only at as many backticks
 * as began it (CommonMark 6.1). A table cell ends at a | even there, unless it is written \|
 * (GitHub's specification 4.10); after haul_escape_terminal a backslash never stands alone before
 * it.
 */
void haul_render_add_code(struct haul_buf *buf, const char *text)
{
    struct haul_buf plain;
    size_t ticks;

    haul_buf_init(&plain, 0);
    haul_escape_terminal_middle(&plain, text, strlen(text), true, TEXT_MAX);
    ticks = longest_run(haul_buf_str(&plain), '`') + 1;
    haul_buf_pad(buf, '`', ticks);
    haul_buf_add_str(buf, ticks > 1 || !plain.len ? " " : "");
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.data[i] == '|')
            haul_buf_add_char(buf, '\\');
        haul_buf_add_char(buf, plain.data[i]);
    }
    haul_buf_add_str(buf, ticks > 1 || !plain.len ? " " : "");
    haul_buf_pad(buf, '`', ticks);
    haul_writer_scratch_done(&plain, buf);
}

/* The last cells of a row. */
static void end_row(struct haul_buf *buf, bool has_before, int64_t size, const char *change)
{
    haul_buf_addf(buf, " | %s", haul_render_size(size).text);
    if (has_before)
        haul_buf_addf(buf, " | %s", change);
    haul_buf_add_str(buf, " |\n");
}

static void add_rest(struct haul_buf *buf, uint64_t total, uint64_t shown)
{
    if (total > shown)
        haul_buf_addf(buf, "\nand %s more\n", haul_render_grouped(total - shown).text);
}

static void add_head(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "## haul: ");
    haul_render_add_code(buf, haul_render_title(summary));
    haul_buf_add_str(buf, "\n\n**");
    haul_render_add_headline(buf, summary);
    haul_buf_addf(buf, "**\n\nRun of %s, %s with %d worker%s.\n",
                  haul_render_date(summary->started_us).text,
                  haul_render_duration(summary->duration_us).text, summary->workers,
                  summary->workers == 1 ? "" : "s");
}

static void add_budgets(struct haul_buf *buf, const struct haul_summary *summary)
{
    static const char *const marks[] = {
        ":white_check_mark:", ":x:", ":grey_question:", ":warning:"};
    struct haul_buf text;

    if (!summary->budget_count)
        return;
    haul_buf_add_str(buf, "\n### Budgets\n\n| | budget | state | what it came to |\n"
                          "|---|---|---|---|\n");
    for (size_t i = 0; i < summary->budget_count; i++) {
        const struct haul_summary_budget *budget = &summary->budget[i];

        haul_buf_addf(buf, "| %s | ", marks[budget->state]);
        haul_render_add_code(buf, budget->expression);
        haul_buf_addf(buf, " | %s | ", haul_render_budget_word(budget->state));
        haul_buf_init(&text, 0);
        haul_render_add_budget_text(&text, budget);
        haul_render_add_code(buf, haul_buf_str(&text));
        haul_writer_scratch_done(&text, buf);
        haul_buf_add_str(buf, " |\n");
    }
}

static void add_changes(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->has_before || haul_summary_is_bare(summary))
        return;
    haul_buf_addf(buf, "\n### Changes since %s\n\n%s",
                  haul_render_date(summary->before_started_us).text,
                  haul_render_count_changes(summary) ? "| change | URLs | bytes |\n|---|--:|--:|\n"
                                                     : "None.\n");
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        if (summary->change[i])
            haul_buf_addf(buf, "| %s | %s | %s |\n", haul_change_texts[i],
                          haul_render_grouped(summary->change[i]).text,
                          haul_render_changed(summary, (enum haul_change)i).text);
}

static void add_movers(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = haul_render_at_most(summary->mover_count, ROWS_MAX);

    if (!shown)
        return;
    haul_buf_add_str(buf, "\n### Largest changes\n\n| change | URL | before | now |\n"
                          "|---|---|--:|--:|\n");
    for (size_t i = 0; i < shown; i++) {
        const struct haul_summary_mover *mover = &summary->mover[i];

        haul_buf_addf(buf, "| %s | ", haul_change_texts[mover->change]);
        haul_render_add_code(buf, mover->url);
        haul_buf_addf(buf, " | %s | %s |\n", haul_render_size(mover->before).text,
                      haul_render_size(mover->after).text);
    }
    add_rest(buf, haul_render_count_changes(summary), shown);
}

static void add_failed(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = haul_render_at_most(summary->failed_count, ROWS_MAX);

    if (!shown)
        return;
    haul_buf_add_str(buf, "\n### Failed\n\n| reason | URL |\n|---|---|\n");
    for (size_t i = 0; i < shown; i++) {
        haul_buf_add_str(buf, "| ");
        haul_render_add_code(buf, haul_render_reason(&summary->failed[i]));
        haul_buf_add_str(buf, " | ");
        haul_render_add_code(buf, summary->failed[i].url);
        haul_buf_add_str(buf, " |\n");
    }
    add_rest(buf, haul_summary_count(summary, HAUL_OUTCOME_FAILED), shown);
}

static void add_pages(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = haul_render_at_most(summary->page_count, ROWS_MAX);

    if (!shown || summary->page[0].size < 0)
        return;
    haul_buf_addf(buf, "\n### Largest\n\n| URL | type | size |%s\n|---|---|--:|%s\n",
                  summary->has_before ? " change |" : "", summary->has_before ? "--:|" : "");
    for (size_t i = 0; i < shown && summary->page[i].size >= 0; i++) {
        const struct haul_summary_page *page = &summary->page[i];

        haul_buf_add_str(buf, "| ");
        haul_render_add_code(buf, page->url);
        haul_buf_add_str(buf, " | ");
        haul_render_add_code(buf, page->type);
        end_row(buf, summary->has_before, page->size,
                page->size_before < 0 ? "new"
                                      : haul_render_change(page->size - page->size_before).text);
    }
}

static bool has_wire(const struct haul_summary_group *group, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (group[i].wire.known)
            return true;
    return false;
}

static void add_groups(struct haul_buf *buf, const char *title,
                       const struct haul_summary_group *group, size_t count, bool has_before)
{
    bool is_packed = has_wire(group, count);

    if (!count)
        return;
    haul_buf_addf(buf, "\n### By %s\n\n| %s | URLs | failed |%s size |%s\n|---|--:|--:|%s--:|%s\n",
                  title, title, is_packed ? " on the wire | ratio |" : "",
                  has_before ? " change |" : "", is_packed ? "--:|--:|" : "",
                  has_before ? "--:|" : "");
    for (size_t i = 0; i < haul_render_at_most(count, ROWS_MAX); i++) {
        haul_buf_add_str(buf, "| ");
        haul_render_add_code(buf, group[i].name);
        haul_buf_addf(buf, " | %s | %s", haul_render_grouped(group[i].count).text,
                      haul_render_grouped(group[i].failed).text);
        if (is_packed)
            haul_buf_addf(buf, " | %s | %s", haul_render_wire(&group[i].wire).text,
                          haul_render_ratio(&group[i].wire).text);
        end_row(buf, has_before, group[i].size,
                group[i].size_before < 0 ? "new" : haul_render_change(group[i].change).text);
    }
    add_rest(buf, count, ROWS_MAX);
}

void haul_render_write_markdown(struct haul_out *out, const struct haul_summary *summary)
{
    bool has_before = summary->has_before;
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    add_head(&writer.buf, summary);
    add_budgets(&writer.buf, summary);
    add_failed(&writer.buf, summary);
    add_changes(&writer.buf, summary);
    add_movers(&writer.buf, summary);
    add_pages(&writer.buf, summary);
    add_groups(&writer.buf, "host", summary->host, summary->host_count, has_before);
    add_groups(&writer.buf, "type", summary->type, summary->type_count, has_before);
    add_groups(&writer.buf, "group", summary->group, summary->group_count, has_before);
    haul_writer_done(&writer);
}
