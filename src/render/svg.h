#ifndef HAUL_RENDER_SVG_H
#define HAUL_RENDER_SVG_H

#include <stdbool.h>

#include "base/buf.h"
#include "summary/summary.h"

/*
 * Charts of the HTML report, as inline SVG made here: they stand without script. Colours and type
 * are report.css's; a chart only names classes. Each is drawn twice, for wide and for narrow
 * screens, because text that shrinks with its picture cannot be read on a phone; one of the two is
 * shown. Pure; text from outside is escaped.
 */

enum { HAUL_RENDER_SVG_WIDE = 1000, HAUL_RENDER_SVG_NARROW = 380 };

/* A figure with both pictures. Nothing is drawn (and a sentence says why) if there is no data. */
void haul_render_svg_add_treemap(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_svg_add_histogram(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_svg_add_trend(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_svg_add_timeline(struct haul_buf *buf, const struct haul_summary *summary);

/* --- for those who draw --- */

/* What a chart is called: `name` makes its identifiers, `title` and `describe` are read aloud. */
struct haul_render_svg_chart {
    const char *name, *title;
    void (*describe)(struct haul_buf *buf, const struct haul_summary *summary);
    /* The height of the picture for a width, and its elements. */
    double (*height)(const struct haul_summary *summary, double width);
    void (*draw)(struct haul_buf *buf, const struct haul_summary *summary, double width);
};

/* Appends the figure. */
void haul_render_svg_add_chart(struct haul_buf *buf, const struct haul_summary *summary,
                               const struct haul_render_svg_chart *chart);

/* ` NAME="12.5"` */
void haul_render_svg_add_attribute(struct haul_buf *buf, const char *name, double value);

/* A number for a path or an attribute, one decimal. */
void haul_render_svg_add_number(struct haul_buf *buf, double value);

/* <rect>, without a class if `class` is ""; the caller closes nothing. */
void haul_render_svg_add_rect(struct haul_buf *buf, const char *class, double x, double y,
                              double width, double height);

/* A straight line along an axis. */
void haul_render_svg_add_line(struct haul_buf *buf, const char *class, double x1, double y1,
                              double x2, double y2);

/* Begins a text at a point; the text, escaped, and </text> are the caller's. */
void haul_render_svg_begin_text(struct haul_buf *buf, const char *class, double x, double y);

/* Where the marks of an axis stand: low, low + step and so on up to high. */
struct haul_render_svg_axis {
    double low, high, step;
    bool is_bytes;
};

/*
 * An axis with about `marks` marks for values of low..high (high above low); both are moved out to
 * whole steps. Steps are 1, 2, 5 ... times a power of ten, of bytes in the unit that `high` is
 * shown in.
 */
struct haul_render_svg_axis haul_render_svg_make_axis(double low, double high, int marks,
                                                      bool is_bytes);

/* The label of a mark: "5,000", "10 MiB". */
void haul_render_svg_add_mark(struct haul_buf *buf, const struct haul_render_svg_axis *axis,
                              double value);

/* Bytes without a decimal that is 0: "4 KiB", "1.25 MiB". */
void haul_render_svg_add_bytes(struct haul_buf *buf, double bytes);

/* Horizontal grid lines and their labels, for a picture whose values go from y `bottom` (low) to
 * `top` (high), between x `left` and `right`; labels stand left of `left`. */
void haul_render_svg_add_grid(struct haul_buf *buf, const struct haul_render_svg_axis *axis,
                              double left, double right, double top, double bottom);

#endif
