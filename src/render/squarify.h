#ifndef HAUL_RENDER_SQUARIFY_H
#define HAUL_RENDER_SQUARIFY_H

#include <stddef.h>

/* A rectangle; y grows downwards, as in SVG. */
struct haul_render_box {
    double x, y, width, height;
};

/*
 * Divides `area` into `count` boxes whose areas are to each other as the values, with sides as
 * equal as it gets (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000). The values must be above
 * 0, finite and descending; box[i] is that of value[i]. Together the boxes cover the area. Pure.
 */
void haul_render_squarify(const double *value, size_t count, struct haul_render_box area,
                          struct haul_render_box *box);

#endif
