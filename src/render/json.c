#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/saturate.h"
#include "render/number.h"
#include "render/render.h"
#include "render/writer.h"

/*
 * Written by hand, as the rows of JSON Lines are, and not with jansson: that takes only well-formed
 * UTF-8, and loses bytes when memory runs out while it reads a text.
 */

enum {
    LIST_MAX = 100, /* rows of a list of URLs: for all of them there are the reports of rows */
};

/* --- the parts of JSON ------------------------------------------------------------------------ */

/* A comma, unless this is the first of its list or the value of a key. */
static void begin_value(struct haul_buf *buf)
{
    if (buf->len && !strchr("{[ ", buf->data[buf->len - 1]))
        haul_buf_add_char(buf, ',');
}

static void add_key(struct haul_buf *buf, const char *key)
{
    begin_value(buf);
    haul_buf_addf(buf, "\n\"%s\": ", key);
}

static void add_text(struct haul_buf *buf, const char *text)
{
    begin_value(buf);
    haul_buf_add_char(buf, '"');
    haul_escape_json(buf, text, strlen(text));
    haul_buf_add_char(buf, '"');
}

/* null for NULL. */
static void put_text(struct haul_buf *buf, const char *key, const char *text)
{
    add_key(buf, key);
    if (text)
        add_text(buf, text);
    else
        haul_buf_add_str(buf, "null");
}

/* null for "" too, which stands for what is not there. */
static void put_word(struct haul_buf *buf, const char *key, const char *text)
{
    put_text(buf, key, text && *text ? text : NULL);
}

/* null for what is unknown. */
static void put_number(struct haul_buf *buf, const char *key, int64_t value)
{
    add_key(buf, key);
    if (value < 0)
        haul_buf_add_str(buf, "null");
    else
        haul_buf_add_i64(buf, value);
}

/* Bytes gained, negative: lost. */
static void put_change(struct haul_buf *buf, const char *key, int64_t bytes)
{
    add_key(buf, key);
    haul_buf_add_i64(buf, bytes);
}

static void put_count(struct haul_buf *buf, const char *key, uint64_t value)
{
    add_key(buf, key);
    haul_buf_add_u64(buf, value);
}

/* JSON has no infinity and nothing that is not a number. */
static void put_real(struct haul_buf *buf, const char *key, double value)
{
    add_key(buf, key);
    if (isfinite(value))
        haul_buf_add_str(buf, haul_render_short_decimal(value, 6).text);
    else
        haul_buf_add_str(buf, "null");
}

static void put_seconds(struct haul_buf *buf, const char *key, int64_t us)
{
    put_real(buf, key, us < 0 ? NAN : (double)us / 1e6);
}

static void put_bool(struct haul_buf *buf, const char *key, bool value)
{
    add_key(buf, key);
    haul_buf_add_str(buf, value ? "true" : "false");
}

static void put_time(struct haul_buf *buf, const char *key, int64_t us)
{
    add_key(buf, key);
    haul_buf_addf(buf, "\"%s\"", haul_render_timestamp(us).text);
}

static void begin(struct haul_buf *buf, const char *key, char bracket)
{
    add_key(buf, key);
    haul_buf_add_char(buf, bracket);
}

static void begin_item(struct haul_buf *buf)
{
    begin_value(buf);
    haul_buf_add_char(buf, '{');
}

/* --- the parts of a summary ------------------------------------------------------------------- */

static void put_budget(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    begin_item(buf);
    put_text(buf, "budget", budget->expression);
    put_text(buf, "state", haul_render_budget_word(budget->state));
    put_real(buf, "actual", budget->state > HAUL_BUDGET_EXCEEDED ? NAN : budget->actual);
    put_real(buf, "least", haul_render_has_figures(budget) ? budget->actual : NAN);
    put_real(buf, "most",
             budget->is_partial || budget->state == HAUL_BUDGET_EMPTY ? NAN : budget->most);
    put_real(buf, "limit", budget->limit);
    put_word(buf, "unit", budget->unit);
    put_word(buf, "note", budget->note);
    begin(buf, "offenders", '[');
    for (size_t i = 0; i < budget->offender_count; i++)
        add_text(buf, budget->offender[i]);
    haul_buf_add_char(buf, ']');
    put_count(buf, "offenders_total", budget->offender_total);
    haul_buf_add_char(buf, '}');
}

static void put_budgets(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "budgets", '[');
    for (size_t i = 0; i < summary->budget_count; i++)
        put_budget(buf, &summary->budget[i]);
    haul_buf_add_char(buf, ']');
}

static void put_wire(struct haul_buf *buf, const struct haul_summary_wire *wire)
{
    put_number(buf, "wire", wire->known ? wire->bytes : -1);
    if (haul_render_has_ratio(wire))
        put_real(buf, "compression", (double)wire->decoded / (double)wire->bytes);
    else
        put_text(buf, "compression", NULL);
}

static void put_wire_change(struct haul_buf *buf, const struct haul_summary_wire *wire,
                            int64_t change)
{
    if (wire->known)
        put_change(buf, "wire_change", change);
    else
        put_text(buf, "wire_change", NULL);
}

static void put_groups(struct haul_buf *buf, const char *key,
                       const struct haul_summary_group *group, size_t count)
{
    begin(buf, key, '[');
    for (size_t i = 0; i < count; i++) {
        begin_item(buf);
        put_text(buf, "name", group[i].name);
        put_count(buf, "urls", group[i].count);
        put_count(buf, "failed", group[i].failed);
        put_number(buf, "size", group[i].size);
        put_number(buf, "size_before", group[i].size_before);
        put_change(buf, "change", group[i].change);
        put_wire(buf, &group[i].wire);
        put_wire_change(buf, &group[i].wire, group[i].wire_change);
        haul_buf_add_char(buf, '}');
    }
    haul_buf_add_char(buf, ']');
}

static void put_page(struct haul_buf *buf, const struct haul_summary_page *page)
{
    begin_item(buf);
    put_text(buf, "url", page->url);
    put_text(buf, "outcome", haul_outcome_word(page->outcome));
    put_word(buf, "reason", page->reason);
    put_number(buf, "http_code", page->http_code);
    put_word(buf, "content_type", page->type);
    put_number(buf, "size", page->size);
    put_number(buf, "size_before", page->size_before);
    put_number(buf, "wire", page->wire);
    put_seconds(buf, "time_total", page->time_us);
    put_word(buf, "source", page->source);
    put_count(buf, "line", page->line);
    haul_buf_add_char(buf, '}');
}

static void put_pages(struct haul_buf *buf, const char *key, const struct haul_summary_page *page,
                      size_t count)
{
    begin(buf, key, '[');
    for (size_t i = 0; i < haul_render_at_most(count, LIST_MAX); i++)
        put_page(buf, &page[i]);
    haul_buf_add_char(buf, ']');
}

/* Those without a known size stand behind all others. */
static size_t count_known(const struct haul_summary *summary)
{
    size_t count = 0;

    while (count < haul_render_at_most(summary->page_count, LIST_MAX) &&
           summary->page[count].size >= 0)
        count++;
    return count;
}

static void put_changes(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "changes", '{');
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        begin(buf, haul_change_words[i], '{');
        put_count(buf, "urls", summary->change[i]);
        put_change(buf, "size", summary->change_size[i]);
        haul_buf_add_char(buf, '}');
    }
    haul_buf_add_char(buf, '}');
}

/* null where it is not known what it was, or is. */
static void put_gain(struct haul_buf *buf, const struct haul_summary_mover *mover)
{
    if (mover->is_gain_known)
        put_change(buf, "gained", mover->gained);
    else
        put_text(buf, "gained", NULL);
}

static void put_movers(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "movers", '[');
    for (size_t i = 0; i < haul_render_at_most(summary->mover_count, LIST_MAX); i++) {
        const struct haul_summary_mover *mover = &summary->mover[i];
        bool is_wire = mover->change == HAUL_CHANGE_WIRE;

        begin_item(buf);
        put_text(buf, "url", mover->url);
        put_text(buf, "change", haul_change_words[mover->change]);
        put_number(buf, is_wire ? "wire_before" : "size_before", mover->before);
        put_number(buf, is_wire ? "wire" : "size", mover->after);
        put_gain(buf, mover);
        put_word(buf, "content_type_before", mover->type_before);
        put_word(buf, "content_type", mover->type_after);
        haul_buf_add_char(buf, '}');
    }
    haul_buf_add_char(buf, ']');
}

static void put_news(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "news", '[');
    for (size_t i = 0; i < summary->news_count; i++) {
        const struct haul_summary_news *news = &summary->news[i];

        begin_item(buf);
        put_text(buf, "change", haul_change_words[news->change]);
        put_word(buf, "reason", news->reason);
        put_count(buf, "urls", news->count);
        put_text(buf, news->count > 1 ? "below" : "url", news->url);
        haul_buf_add_char(buf, '}');
    }
    haul_buf_add_char(buf, ']');
}

/* What fails and did not before, and what did. */
static void put_failing(struct haul_buf *buf, const struct haul_summary *summary)
{
    put_count(buf, "newly_failing", summary->newly_failing);
    put_count(buf, "still_failing", summary->still_failing);
    if (summary->still_failing_since_us > 0)
        put_time(buf, "still_failing_since", summary->still_failing_since_us);
    else
        put_text(buf, "still_failing_since", NULL);
    put_news(buf, summary);
}

static void put_before(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->has_before) {
        put_text(buf, "before", NULL);
        return;
    }
    begin(buf, "before", '{');
    put_time(buf, "started", summary->before_started_us);
    put_number(buf, "size", summary->before_size);
    put_count(buf, "urls", summary->before_count);
    put_count(buf, "failed", summary->before_failed);
    put_number(buf, "compared_size", summary->compared_before);
    put_change(buf, "change", haul_render_total_change(summary));
    put_number(buf, "compared_wire", summary->page_wire.known ? summary->compared_wire_before : -1);
    put_wire_change(buf, &summary->page_wire,
                    haul_saturate_sub(summary->compared_wire, summary->compared_wire_before));
    put_count(buf, "newly_known", summary->newly_known);
    put_changes(buf, summary);
    put_movers(buf, summary);
    haul_buf_add_char(buf, '}');
}

static void put_histogram(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "histogram", '[');
    for (size_t i = 0; i < summary->bin_count; i++) {
        begin_item(buf);
        put_number(buf, "from", summary->bin[i].from);
        put_number(buf, "to", summary->bin[i].to);
        put_count(buf, "urls", summary->bin[i].count);
        put_number(buf, "size", summary->bin[i].size);
        haul_buf_add_char(buf, '}');
    }
    haul_buf_add_char(buf, ']');
}

static void put_history(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "history", '[');
    for (size_t i = 0; i < summary->past_count; i++) {
        begin_item(buf);
        put_number(buf, "run", summary->past[i].run);
        put_time(buf, "started", summary->past[i].started_us);
        put_number(buf, "size", summary->past[i].size);
        put_count(buf, "urls", summary->past[i].count);
        put_count(buf, "failed", summary->past[i].failed);
        put_number(buf, "wire", summary->past[i].wire);
        haul_buf_add_char(buf, '}');
    }
    haul_buf_add_char(buf, ']');
}

static void put_outcomes(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin(buf, "outcomes", '{');
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        put_count(buf, haul_outcome_word((enum haul_outcome)i), summary->outcome[i]);
    haul_buf_add_char(buf, '}');
}

static void put_run(struct haul_buf *buf, const struct haul_summary *summary)
{
    put_word(buf, "title", summary->title);
    put_text(buf, "version", summary->version);
    put_time(buf, "started", summary->started_us);
    put_seconds(buf, "duration", summary->duration_us);
    put_seconds(buf, "time_serial", summary->serial_us);
    put_number(buf, "workers", summary->workers);
    put_number(buf, "streams", summary->streams);
    put_number(buf, "exit_status", summary->exit_status);
    put_bool(buf, "complete", summary->complete);
    put_bool(buf, "nothing_found", summary->inputs.nothing_found);
    put_count(buf, "empty_inputs", summary->inputs.empty);
    put_bool(buf, "empty_is_error", summary->inputs.is_error);
    put_bool(buf, "unread", summary->inputs.is_unread);
    put_count(buf, "lines", summary->lines);
    put_outcomes(buf, summary);
    put_count(buf, "failed_urls", haul_summary_count(summary, HAUL_OUTCOME_FAILED));
    put_count(buf, "disallowed_urls", summary->disallowed);
    put_number(buf, "size", summary->size);
    put_number(buf, "size_download", summary->wire);
    put_count(buf, "size_unknown", summary->size_unknown);
    put_wire(buf, &summary->page_wire);
    put_count(buf, "wire_unknown", summary->wire_unknown);
}

void haul_render_write_json(struct haul_out *out, const struct haul_summary *summary)
{
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    writer.hash = "\\u0023";
    begin_item(&writer.buf);
    put_run(&writer.buf, summary);
    put_budgets(&writer.buf, summary);
    put_failing(&writer.buf, summary);
    put_before(&writer.buf, summary);
    put_groups(&writer.buf, "hosts", summary->host, summary->host_count);
    put_groups(&writer.buf, "types", summary->type, summary->type_count);
    put_text(&writer.buf, "group_by", summary->group_by);
    put_groups(&writer.buf, "groups", summary->group, summary->group_count);
    put_pages(&writer.buf, "largest", summary->page, count_known(summary));
    put_pages(&writer.buf, "failed", summary->failed, summary->failed_count);
    put_histogram(&writer.buf, summary);
    put_history(&writer.buf, summary);
    haul_buf_add_str(&writer.buf, "}\n");
    haul_writer_done(&writer);
}
