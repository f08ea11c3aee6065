#include "render/squarify.h"

#include <stdbool.h>

static double sum_of(const double *value, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += value[i];
    return sum;
}

/* The worst relation of sides, at least 1, in a row of areas that add up to `sum` along `side`. */
static double worst_ratio(double largest, double smallest, double sum, double side)
{
    double wide = side * side * largest / (sum * sum), tall = sum * sum / (side * side * smallest);

    return wide > tall ? wide : tall;
}

/* How many of the values make the best row along `side`. `scale`: area of 1. */
static size_t row_length(const double *value, size_t count, double side, double scale)
{
    double sum = value[0] * scale, ratio = worst_ratio(sum, sum, sum, side), next;
    size_t n = 1;

    for (; n < count; n++) {
        sum += value[n] * scale;
        next = worst_ratio(value[0] * scale, value[n] * scale, sum, side);
        if (next > ratio)
            break;
        ratio = next;
    }
    return n;
}

/* Lays a row along the shorter side of `area`, `part` of it, and takes it off. */
static void lay_row(const double *value, size_t count, double part, struct haul_render_box *area,
                    struct haul_render_box *box)
{
    bool is_column = area->width >= area->height;
    double sum = sum_of(value, count), at = 0, share;
    struct haul_render_box row = *area;

    if (is_column)
        row.width *= part;
    else
        row.height *= part;
    for (size_t i = 0; i < count; i++, at += share) {
        share = value[i] / sum;
        box[i] = is_column ? (struct haul_render_box){row.x, row.y + at * row.height, row.width,
                                                      share * row.height}
                           : (struct haul_render_box){row.x + at * row.width, row.y,
                                                      share * row.width, row.height};
    }
    area->x += is_column ? row.width : 0;
    area->y += is_column ? 0 : row.height;
    area->width -= is_column ? row.width : 0;
    area->height -= is_column ? 0 : row.height;
}

void haul_render_squarify(const double *value, size_t count, struct haul_render_box area,
                          struct haul_render_box *box)
{
    double left = sum_of(value, count), side, sum;
    size_t n;

    for (; count; count -= n, value += n, box += n) {
        side = area.width < area.height ? area.width : area.height;
        if (!(side > 0)) {
            for (n = 0; n < count; n++)
                box[n] = (struct haul_render_box){area.x, area.y, 0, 0};
            return;
        }
        n = row_length(value, count, side, area.width * area.height / left);
        sum = sum_of(value, n);
        lay_row(value, n, n == count ? 1 : sum / left, &area, box);
        left -= sum;
    }
}
