#include <string.h>

#include "base/escape.h"
#include "render/number.h"
#include "render/render.h"
#include "render/writer.h"

/*
 * Workflow commands: "::error title=TITLE::MESSAGE". In both, % CR LF are written %25 %0D %0A, and
 * : and , in the title too (github.com/actions/toolkit, packages/core/src/command.ts).
 */

enum {
    ANNOTATIONS_MAX = 10, /* of a kind and step, is what GitHub shows */
    TEXT_MAX = 300,       /* columns of one text */
};

static void add_escaped(struct haul_buf *buf, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' || strchr(special, *text))
            haul_buf_addf(buf, "%%%02X", (unsigned)(unsigned char)*text);
        else
            haul_buf_add_char(buf, *text);
    }
}

/* Only the text between is hostile; what comes after it in `special` is escaped too. */
static void add_text(struct haul_buf *buf, const char *text, const char *special)
{
    struct haul_buf plain;

    haul_buf_init(&plain, 0);
    haul_escape_terminal_middle(&plain, text, strlen(text), true, TEXT_MAX);
    add_escaped(buf, haul_buf_str(&plain), special);
    haul_writer_scratch_done(&plain, buf);
}

/* Frees `message`. */
static void add_annotation(struct haul_buf *buf, const char *kind, const char *title,
                           struct haul_buf *message)
{
    haul_buf_addf(buf, "::%s title=", kind);
    add_text(buf, title, ":,");
    haul_buf_add_str(buf, "::");
    add_text(buf, haul_buf_str(message), "");
    haul_buf_add_char(buf, '\n');
    haul_writer_scratch_done(message, buf);
}

static void add_budget(struct haul_buf *buf, const char *kind,
                       const struct haul_summary_budget *budget)
{
    static const char *const titles[HAUL_BUDGET_STATES] = {
        [HAUL_BUDGET_EXCEEDED] = "haul: budget exceeded",
        [HAUL_BUDGET_UNKNOWN] = "haul: budget unknown",
        [HAUL_BUDGET_EMPTY] = "haul: budget matches nothing"};
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "%s: ", budget->expression);
    haul_render_add_budget_text(&text, budget);
    if (budget->offender_count)
        haul_buf_addf(&text, "; first: %s", budget->offender[0]);
    add_annotation(buf, kind, titles[budget->state], &text);
}

static void add_page(struct haul_buf *buf, const struct haul_summary_page *page, bool is_url)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "%s: ", *page->reason ? page->reason : is_url ? "failed" : "invalid");
    if (!is_url) {
        haul_render_add_place(&text, page);
        haul_buf_add_str(&text, ": ");
    }
    haul_buf_add_str(&text, page->url);
    add_annotation(buf, "error", is_url ? "haul: URL failed" : "haul: line invalid", &text);
}

static void add_rest(struct haul_buf *buf, const char *kind, uint64_t rest, const char *what)
{
    haul_buf_addf(buf, "::%s title=haul::and %llu %s\n", kind, (unsigned long long)rest, what);
}

/* Adds the first `max` budgets that are in `state`, and gives how many there were. */
static uint64_t add_budgets(struct haul_buf *buf, const char *kind,
                            const struct haul_summary *summary, enum haul_budget_state state,
                            uint64_t max)
{
    uint64_t done = 0;

    for (size_t i = 0; done < max && i < summary->budget_count; i++) {
        if (summary->budget[i].state != state)
            continue;
        add_budget(buf, kind, &summary->budget[i]);
        done++;
    }
    return done;
}

/* How many of `total` get a line of their own: all, or one less than fit beside the rest. */
static uint64_t shown_of(uint64_t total)
{
    return total > ANNOTATIONS_MAX ? ANNOTATIONS_MAX - 1 : total;
}

/* Adds what is wrong with the run as a whole if it is of this kind, and returns whether it is: an
 * error where the exit status says so. */
static bool add_flaw(struct haul_buf *buf, const struct haul_summary *summary, bool is_error)
{
    const struct haul_render_flaw *flaw = haul_render_find_flaw(summary);

    if (!flaw || (flaw->is_failure && summary->exit_status) != is_error)
        return false;
    haul_buf_addf(buf, "::%s title=haul%%3A %s::%s\n", is_error ? "error" : "warning", flaw->title,
                  flaw->text);
    return true;
}

/* The run first, then budgets, URLs, and lines: what fits. */
static void add_errors(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t flaws = add_flaw(buf, summary, true);
    uint64_t budgets = haul_render_count_budgets(summary, HAUL_BUDGET_EXCEEDED);
    uint64_t failed = haul_summary_count(summary, HAUL_OUTCOME_FAILED);
    uint64_t lines = summary->outcome[HAUL_OUTCOME_INVALID];
    uint64_t invalid = lines < summary->invalid_count ? summary->invalid_count : lines;
    uint64_t total = flaws + budgets + failed + invalid, shown = shown_of(total);
    uint64_t done = flaws + add_budgets(buf, "error", summary, HAUL_BUDGET_EXCEEDED, shown - flaws);

    for (size_t i = 0; done < shown && i < summary->failed_count; i++, done++)
        add_page(buf, &summary->failed[i], true);
    for (size_t i = 0; done < shown && i < summary->invalid_count; i++, done++)
        add_page(buf, &summary->invalid[i], false);
    if (done < total)
        add_rest(buf, "error", total - done, "more: see the report");
}

static void add_warnings(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t unknown = haul_render_count_budgets(summary, HAUL_BUDGET_UNKNOWN);
    uint64_t empty = haul_render_count_budgets(summary, HAUL_BUDGET_EMPTY);
    uint64_t i = add_flaw(buf, summary, false);
    uint64_t total = i + unknown + empty, shown = shown_of(total);

    i += add_budgets(buf, "warning", summary, HAUL_BUDGET_UNKNOWN, shown - i);
    i += add_budgets(buf, "warning", summary, HAUL_BUDGET_EMPTY, shown - i);
    if (i < total)
        add_rest(buf, "warning", total - i, "budgets more are unknown, or match nothing");
}

static void add_notice(struct haul_buf *buf, const struct haul_summary *summary)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "%s: ", haul_render_title(summary));
    haul_render_add_headline(&text, summary);
    add_annotation(buf, "notice", "haul", &text);
}

void haul_render_write_github(struct haul_out *out, const struct haul_summary *summary)
{
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    add_errors(&writer.buf, summary);
    add_warnings(&writer.buf, summary);
    add_notice(&writer.buf, summary);
    haul_writer_done(&writer);
}
