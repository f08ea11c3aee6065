#include <string.h>

#include "base/escape.h"
#include "base/units.h"
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

/* What `added` since `start` leaves of `width`, as spaces before it or behind it. */
static void add_right(struct haul_buf *buf, const struct haul_buf *text, size_t width)
{
    if (text->len < width)
        haul_buf_pad(buf, ' ', width - text->len);
    haul_buf_add(buf, text->data, text->len);
}

static void add_bin_label(struct haul_buf *buf, const struct haul_summary_bin *bin)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_units_add_bytes(&text, bin->from);
    haul_buf_add_str(&text, " - ");
    haul_units_add_bytes(&text, bin->to);
    add_right(buf, &text, LABEL);
    haul_buf_add_str(buf, "  ");
    haul_writer_scratch_done(&text, buf);
}

static void add_histogram(struct haul_buf *buf, const struct haul_summary *summary,
                          const struct haul_render_chart_style *style)
{
    size_t columns = columns_of(style) - LABEL - 3 - AMOUNT;
    uint64_t most = 0;
    struct haul_buf text;

    if (columns > BAR_MAX)
        columns = BAR_MAX;
    for (size_t i = 0; i < summary->bin_count; i++)
        most = summary->bin[i].count > most ? summary->bin[i].count : most;
    if (!most)
        return;
    add_title(buf, "How large they are (URLs by size)", style);
    for (size_t i = 0; i < summary->bin_count; i++) {
        add_bin_label(buf, &summary->bin[i]);
        add_bar(buf, summary->bin[i].count, most, columns, style);
        haul_buf_init(&text, 0);
        haul_units_add_grouped(&text, (int64_t)summary->bin[i].count);
        add_right(buf, &text, AMOUNT);
        haul_writer_scratch_done(&text, buf);
        haul_buf_add_char(buf, '\n');
    }
    haul_buf_add_char(buf, '\n');
}

static void add_page(struct haul_buf *buf, const struct haul_summary_page *page, uint64_t most,
                     const struct haul_render_chart_style *style)
{
    size_t room = columns_of(style) - AMOUNT - 2, bar = room / 3, width = room - bar, used;
    struct haul_buf text;

    used = haul_escape_terminal_middle(buf, page->url, strlen(page->url), style->utf8, width);
    haul_buf_pad(buf, ' ', width - used + 2);
    add_bar(buf, (uint64_t)page->size, most, bar, style);
    haul_buf_init(&text, 0);
    haul_units_add_bytes(&text, page->size);
    add_right(buf, &text, AMOUNT);
    haul_writer_scratch_done(&text, buf);
    haul_buf_add_char(buf, '\n');
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
