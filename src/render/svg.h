#ifndef HAUL_RENDER_SVG_H
#define HAUL_RENDER_SVG_H

#include <stdbool.h>

#include "base/buf.h"
#include "render/number.h"
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

/* Whether there is a tree to be drawn. */
bool haul_render_svg_has_treemap(const struct haul_summary *summary);

/* What a box of the tree has become since the run before. Its rectangle has two classes: "k3" for
 * the fourth type, "d1" for the second of these. */
enum haul_render_map_shade {
    HAUL_RENDER_MAP_SAME,
    HAUL_RENDER_MAP_GREW,
    HAUL_RENDER_MAP_GREW_MUCH, /* by a tenth, at least */
    HAUL_RENDER_MAP_SHRANK,
    HAUL_RENDER_MAP_SHRANK_MUCH,
    HAUL_RENDER_MAP_NEW,     /* most of it was not there */
    HAUL_RENDER_MAP_UNKNOWN, /* its size then is not known */
    HAUL_RENDER_MAP_SHADES
};
enum haul_render_map_shade haul_render_map_shade_of(const struct haul_summary_node *node);

/* --- for those who draw --- */

/* What a chart is called: `name` makes its identifiers, `title` and `describe` are read aloud. */
struct haul_render_svg_chart {
    const char *name, *title;
    const char *note;              /* a sentence instead of the figure, if there is no data */
    double wide_tall, narrow_tall; /* the heights of the two pictures */
    void (*describe)(struct haul_buf *buf, const struct haul_summary *summary);
    void (*draw)(struct haul_buf *buf, const struct haul_summary *summary, double width,
                 double height);
};

/* Appends the figure, or the note. */
void haul_render_svg_add_chart(struct haul_buf *buf, const struct haul_summary *summary,
                               const struct haul_render_svg_chart *chart, bool has_data);

/* A number for a path or an attribute, one decimal. */
struct haul_render_number haul_render_svg_number(double value);

/* <rect>, without a class if `class` is ""; the caller closes nothing. */
void haul_render_svg_add_rect(struct haul_buf *buf, const char *class, double x, double y,
                              double width, double height);

/* The same without its end, so that something can stand in it; the caller closes it. */
void haul_render_svg_begin_rect(struct haul_buf *buf, const char *class, double x, double y,
                                double width, double height);

/* A straight line along an axis. */
void haul_render_svg_add_line(struct haul_buf *buf, const char *class, double x1, double y1,
                              double x2, double y2);

/* Begins a text at a point; the text, escaped, and </text> are the caller's. */
void haul_render_svg_begin_text(struct haul_buf *buf, const char *class, double x, double y);

/* All of it, for a text of haul's own. */
void haul_render_svg_add_text(struct haul_buf *buf, const char *class, double x, double y,
                              const char *text);

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

/* Bytes without a decimal that is 0: "4 KiB", "1.25 MiB". */
struct haul_render_number haul_render_svg_bytes(double bytes);

/* Horizontal grid lines and their labels, for a picture whose values go from y `bottom` (low) to
 * `top` (high), between x `left` and `right`; labels stand left of `left`. */
void haul_render_svg_add_grid(struct haul_buf *buf, const struct haul_render_svg_axis *axis,
                              double left, double right, double top, double bottom);

#endif
