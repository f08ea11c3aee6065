#include "render/svg.h"

#include <math.h>
#include <string.h>

struct haul_render_number haul_render_svg_number(double value)
{
    return haul_render_short_decimal(value, 1);
}

/* ` NAME="12.5"` */
static void add_attribute(struct haul_buf *buf, const char *name, double value)
{
    haul_buf_addf(buf, " %s=\"%s\"", name, haul_render_svg_number(value).text);
}

static void begin_element(struct haul_buf *buf, const char *name, const char *class)
{
    haul_buf_addf(buf, *class ? "<%s class=\"%s\"" : "<%s", name, class);
}

void haul_render_svg_begin_rect(struct haul_buf *buf, const char *class, double x, double y,
                                double width, double height)
{
    begin_element(buf, "rect", class);
    add_attribute(buf, "x", x);
    add_attribute(buf, "y", y);
    add_attribute(buf, "width", width > 0 ? width : 0);
    add_attribute(buf, "height", height > 0 ? height : 0);
}

void haul_render_svg_add_rect(struct haul_buf *buf, const char *class, double x, double y,
                              double width, double height)
{
    haul_render_svg_begin_rect(buf, class, x, y, width, height);
    haul_buf_add_str(buf, "/>");
}

void haul_render_svg_add_line(struct haul_buf *buf, const char *class, double x1, double y1,
                              double x2, double y2)
{
    begin_element(buf, "line", class);
    add_attribute(buf, "x1", x1);
    add_attribute(buf, "y1", y1);
    add_attribute(buf, "x2", x2);
    add_attribute(buf, "y2", y2);
    haul_buf_add_str(buf, "/>");
}

void haul_render_svg_begin_text(struct haul_buf *buf, const char *class, double x, double y)
{
    begin_element(buf, "text", class);
    add_attribute(buf, "x", x);
    add_attribute(buf, "y", y);
    haul_buf_add_char(buf, '>');
}

void haul_render_svg_add_text(struct haul_buf *buf, const char *class, double x, double y,
                              const char *text)
{
    haul_render_svg_begin_text(buf, class, x, y);
    haul_buf_addf(buf, "%s</text>", text);
}

static void add_picture(struct haul_buf *buf, const struct haul_summary *summary,
                        const struct haul_render_svg_chart *chart, const char *class, double width,
                        double height)
{
    haul_buf_addf(buf,
                  "<svg class=\"%s\" role=\"img\" aria-labelledby=\"%s-%s-t %s-%s-d\""
                  " viewBox=\"0 0 %s %s\"><title id=\"%s-%s-t\">%s</title><desc id=\"%s-%s-d\">",
                  class, chart->name, class, chart->name, class, haul_render_svg_number(width).text,
                  haul_render_svg_number(height).text, chart->name, class, chart->title,
                  chart->name, class);
    chart->describe(buf, summary);
    haul_buf_add_str(buf, "</desc>\n");
    chart->draw(buf, summary, width, height);
    haul_buf_add_str(buf, "</svg>\n");
}

void haul_render_svg_add_chart(struct haul_buf *buf, const struct haul_summary *summary,
                               const struct haul_render_svg_chart *chart, bool has_data)
{
    if (!has_data) {
        haul_buf_addf(buf, "<p class=\"note\">%s</p>", chart->note);
        return;
    }
    haul_buf_add_str(buf, "<figure>");
    add_picture(buf, summary, chart, "wide", HAUL_RENDER_SVG_WIDE, chart->wide_tall);
    add_picture(buf, summary, chart, "narrow", HAUL_RENDER_SVG_NARROW, chart->narrow_tall);
    haul_buf_add_str(buf, "</figure>\n");
}

/* --- axes ------------------------------------------------------------------------------------- */

/* The smallest of 1, 2, 5, 10, 20 ... times `unit` that is not below `rough`. */
static double nice_step(double rough, double unit)
{
    static const double factors[] = {1, 2, 5};

    for (double power = unit; power < 1e30; power *= 10) {
        for (int i = 0; i < 3; i++) {
            if (factors[i] * power >= rough)
                return factors[i] * power;
        }
    }
    return rough;
}

struct haul_render_svg_axis haul_render_svg_make_axis(double low, double high, int marks,
                                                      bool is_bytes)
{
    struct haul_render_svg_axis axis = {.is_bytes = is_bytes};
    double rough = (high - low) / marks, unit = 1;

    while (is_bytes && high >= 1024 * unit)
        unit *= 1024;
    axis.step = nice_step(rough > 1 ? rough : 1, unit > 1 ? unit / 1000 : 1);
    axis.low = floor(low / axis.step) * axis.step;
    axis.high = ceil(high / axis.step) * axis.step;
    if (axis.high <= axis.low)
        axis.high = axis.low + axis.step;
    return axis;
}

struct haul_render_number haul_render_svg_bytes(double bytes)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
    struct haul_render_number number;
    size_t i = 0;

    for (; bytes >= 1024 && i < 6; i++)
        bytes /= 1024;
    number = haul_render_short_decimal(bytes, i ? 2 : 0);
    memcpy(strchr(number.text, '\0'), units[i], strlen(units[i]) + 1); /* 20 of 64 bytes are used */
    return number;
}

void haul_render_svg_add_grid(struct haul_buf *buf, const struct haul_render_svg_axis *axis,
                              double left, double right, double top, double bottom)
{
    int marks = (int)round((axis->high - axis->low) / axis->step);

    for (int i = 0; i <= marks && i < 20; i++) {
        double value = axis->low + i * axis->step;
        double y = bottom - (bottom - top) * i / marks;

        haul_render_svg_add_line(buf, i ? "grid" : "base", left, y, right, y);
        haul_render_svg_add_text(
            buf, "t e", left - 8, y + 4,
            axis->is_bytes ? haul_render_svg_bytes(value).text
                           : haul_render_grouped(value < 9e18 ? (uint64_t)value : UINT64_MAX).text);
    }
}
