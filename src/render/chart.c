#include <stdio.h>
#include <string.h>

#include "base/ci.h"
#include "base/escape.h"
#include "render/number.h"
#include "render/render.h"
#include "render/writer.h"

enum {
    COLUMNS_DEFAULT = 80,
    COLUMNS_MIN = 40,
    COLUMNS_MAX = 120, /* wider, the eye loses the line */
    TOP = 10,
    LABEL = 21,  /* "512.0 KiB - 1.0 MiB" and two spaces */
    AMOUNT = 12, /* a count, or a size, at the end of a line */
    BAR_MAX = 60,
    EIGHTHS = 8,
};

static size_t columns_of(const struct haul_render_chart_style *style)
{
    if (style->columns <= 0)
        return COLUMNS_DEFAULT;
    if (style->columns < COLUMNS_MIN)
        return COLUMNS_MIN;
    return style->columns > COLUMNS_MAX ? COLUMNS_MAX : (size_t)style->columns;
}

/* How many units of `size` columns, in eighths of one; never nothing for what is not 0. */
static size_t eighths_of(uint64_t value, uint64_t most, size_t columns)
{
    size_t eighths;

    if (!value || !most)
        return 0;
    eighths = (size_t)((double)value / (double)most * (double)(columns * EIGHTHS) + 0.5);
    return eighths ? eighths : 1;
}

/* A bar in `columns` columns, padded with spaces. */
static void add_bar(struct haul_buf *buf, uint64_t value, uint64_t most, size_t columns,
                    const struct haul_render_chart_style *style)
{
    /* U+258F..U+2589, left blocks of one to seven eighths, and U+2588. */
    static const char *const part[] = {"",
                                       "\xe2\x96\x8f",
                                       "\xe2\x96\x8e",
                                       "\xe2\x96\x8d",
                                       "\xe2\x96\x8c",
                                       "\xe2\x96\x8b",
                                       "\xe2\x96\x8a",
                                       "\xe2\x96\x89"};
    size_t eighths = eighths_of(value, most, columns), used;

    if (!style->utf8)
        eighths = (eighths + EIGHTHS - 1) / EIGHTHS * EIGHTHS;
    used = (eighths + EIGHTHS - 1) / EIGHTHS;
    haul_buf_add_str(buf, style->colour && used ? "\x1b[36m" : "");
    for (size_t i = 0; i < eighths / EIGHTHS; i++)
        haul_buf_add_str(buf, style->utf8 ? "\xe2\x96\x88" : "#");
    haul_buf_add_str(buf, part[eighths % EIGHTHS]);
    haul_buf_add_str(buf, style->colour && used ? "\x1b[0m" : "");
    haul_buf_pad(buf, ' ', columns - used);
}

static void add_title(struct haul_buf *buf, const char *title,
                      const struct haul_render_chart_style *style)
{
    haul_buf_addf(buf, style->colour ? "\x1b[1m%s\x1b[0m\n" : "%s\n", title);
}

static void add_bin(struct haul_buf *buf, const struct haul_summary_bin *bin, uint64_t most,
                    const struct haul_render_chart_style *style)
{
    size_t columns = haul_render_at_most(columns_of(style) - LABEL - 3 - AMOUNT, BAR_MAX);
    char label[2 * sizeof(struct haul_render_number) + 3];

    snprintf(label, sizeof label, "%s - %s", haul_render_size(bin->from).text,
             haul_render_size(bin->to).text);
    haul_buf_addf(buf, "%*s  ", LABEL, label);
    add_bar(buf, bin->count, most, columns, style);
    /* Above INT64_MAX, which no run can have, it becomes negative, and so fits on its line. */
    haul_buf_addf(buf, "%*s\n", AMOUNT, haul_render_amount((double)(int64_t)bin->count, NULL).text);
}

static void add_histogram(struct haul_buf *buf, const struct haul_summary *summary,
                          const struct haul_render_chart_style *style)
{
    uint64_t most = 0;

    for (size_t i = 0; i < summary->bin_count; i++)
        most = summary->bin[i].count > most ? summary->bin[i].count : most;
    if (!most)
        return;
    add_title(buf, "How large they are (URLs by size)", style);
    for (size_t i = 0; i < summary->bin_count; i++)
        add_bin(buf, &summary->bin[i], most, style);
    haul_buf_add_char(buf, '\n');
}

static void add_page(struct haul_buf *buf, const struct haul_summary_page *page, uint64_t most,
                     const struct haul_render_chart_style *style)
{
    size_t room = columns_of(style) - AMOUNT - 2, bar = room / 3, width = room - bar, used;
    size_t start = buf->len;

    used = haul_escape_terminal_middle(buf, page->url, strlen(page->url), style->utf8, width);
    used += haul_ci_break_line(buf, start);
    haul_buf_pad(buf, ' ', used < width + 2 ? width - used + 2 : 1);
    add_bar(buf, (uint64_t)page->size, most, bar, style);
    haul_buf_addf(buf, "%*s\n", AMOUNT, haul_render_size(page->size).text);
}

static void add_top(struct haul_buf *buf, const struct haul_summary *summary,
                    const struct haul_render_chart_style *style)
{
    uint64_t most = summary->page_count ? (uint64_t)summary->page[0].size : 0;

    if (!summary->page_count || summary->page[0].size < 0)
        return;
    add_title(buf, "The largest", style);
    for (size_t i = 0; i < summary->page_count && i < TOP && summary->page[i].size >= 0; i++)
        add_page(buf, &summary->page[i], most, style);
    haul_buf_add_char(buf, '\n');
}

void haul_render_write_chart(struct haul_out *out, const struct haul_summary *summary,
                             const struct haul_render_chart_style *style)
{
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    add_histogram(&writer.buf, summary, style);
    add_top(&writer.buf, summary, style);
    if (!writer.buf.len && !writer.buf.err)
        haul_buf_add_str(&writer.buf, "Nothing to draw: no URL has a known size.\n");
    haul_writer_done(&writer);
}
