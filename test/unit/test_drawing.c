#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/svg.h"

/* ---- what the boxes of the map have become ---- */

static const struct {
    int64_t size, before, after, added;
    enum haul_render_map_shade shade;
} shades[] = {
    {100, 100, 100, 0, HAUL_RENDER_MAP_SAME},
    {101, 100, 101, 0, HAUL_RENDER_MAP_GREW},
    {109, 100, 109, 0, HAUL_RENDER_MAP_GREW},
    {110, 100, 110, 0, HAUL_RENDER_MAP_GREW_MUCH},
    {99, 100, 99, 0, HAUL_RENDER_MAP_SHRANK},
    {91, 100, 91, 0, HAUL_RENDER_MAP_SHRANK},
    {90, 100, 90, 0, HAUL_RENDER_MAP_SHRANK_MUCH},
    {100, 0, 0, 100, HAUL_RENDER_MAP_NEW},
    {100, 40, 49, 51, HAUL_RENDER_MAP_NEW},
    {100, 49, 49, 50, HAUL_RENDER_MAP_SAME}, /* what was there tells more */
    {100, 0, 100, 0, HAUL_RENDER_MAP_GREW_MUCH},
    {100, 0, 0, 0, HAUL_RENDER_MAP_UNKNOWN},
    {0, 0, 0, 0, HAUL_RENDER_MAP_UNKNOWN},
    {INT64_MAX, INT64_MAX, INT64_MAX, 0, HAUL_RENDER_MAP_SAME},
    {INT64_MAX, 0, 0, INT64_MAX, HAUL_RENDER_MAP_NEW},
};
enum { SHADES = sizeof shades / sizeof *shades };

START_TEST(box_has_the_shade_of_its_change)
{
    const struct haul_summary_node node = {.size = shades[_i].size,
                                           .before = shades[_i].before,
                                           .after = shades[_i].after,
                                           .added = shades[_i].added};

    ck_assert_int_eq(haul_render_map_shade_of(&node), shades[_i].shade);
}
END_TEST

/* ---- the map ---- */

enum { DIRECTORIES = 40, PAGES = 75, NODES = 2 + DIRECTORIES * (1 + PAGES) };

/* A host with directories, and pages in them, none of which is a hundredth of it. */
static void make_site(struct haul_summary *summary, struct haul_summary_node *node)
{
    size_t count = 2, top;

    haul_summary_init(summary);
    node[0] = (struct haul_summary_node){.name = "", .size = INT64_C(1000) * DIRECTORIES * PAGES};
    node[1] = node[0];
    node[1].name = "h";
    node[1].depth = 1;
    for (size_t i = 0; i < DIRECTORIES; i++) {
        top = count;
        node[count++] = (struct haul_summary_node){
            .name = "dir", .parent = 1, .depth = 2, .size = INT64_C(1000) * PAGES, .count = PAGES};
        for (size_t k = 0; k < PAGES; k++)
            node[count++] = (struct haul_summary_node){.name = "page",
                                                       .parent = top,
                                                       .depth = 3,
                                                       .size = 1000,
                                                       .count = 1,
                                                       .type = (i * PAGES + k) % 8,
                                                       .before = 1000,
                                                       .after = 1000};
    }
    summary->node = node;
    summary->node_count = count;
}

/* How often a text stands in the wide picture, which comes first. */
static size_t count_of(const struct haul_buf *buf, const char *text)
{
    const char *at = haul_buf_str(buf), *end = strstr(at, "</svg>");
    size_t count = 0;

    ck_assert_ptr_nonnull(end);
    while ((at = strstr(at, text)) != NULL && at < end) {
        count++;
        at++;
    }
    return count;
}

START_TEST(each_page_of_a_site_of_small_ones_has_a_box_of_its_own)
{
    struct haul_summary_node *node = calloc(NODES, sizeof *node);
    struct haul_summary summary;
    struct haul_buf buf;
    char class[32];

    make_site(&summary, node);
    haul_buf_init(&buf, 0);
    haul_render_svg_add_treemap(&buf, &summary);
    for (int i = 0; i < 8; i++) { /* its type's colour, and its change's: nothing else has one */
        snprintf(class, sizeof class, "<rect class=\"k%d d0\"", i);
        ck_assert_uint_eq(count_of(&buf, class), DIRECTORIES * PAGES / 8);
    }
    ck_assert_uint_eq(count_of(&buf, "<rect class=\"box\""), DIRECTORIES);
    ck_assert_uint_eq(count_of(&buf, "<rect "), DIRECTORIES * (PAGES + 1));
    haul_buf_done(&buf);
    free(node);
}
END_TEST

START_TEST(box_of_several_tells_the_first_and_the_last)
{
    struct haul_summary_node node[] = {
        {.name = "", .size = 1 << 20},
        {.name = "h", .depth = 1, .size = 1 << 20},
        {.name = "a", .parent = 1, .depth = 2, .size = 1 << 19, .count = 1},
        {.name = "b<1>",
         .last = "b<9>",
         .parent = 1,
         .depth = 2,
         .size = 1 << 19,
         .count = 9,
         .type = SIZE_MAX,
         .before = 1 << 19,
         .after = (1 << 19) + 1024},
    };
    struct haul_summary summary;
    struct haul_buf buf;

    haul_summary_init(&summary);
    summary.node = node;
    summary.node_count = sizeof node / sizeof *node;
    haul_buf_init(&buf, 0);
    haul_render_svg_add_treemap(&buf, &summary);
    ck_assert_uint_eq(count_of(&buf, "<title>a: 512.0 KiB (50.0 %)</title>"), 1);
    ck_assert_uint_eq(count_of(&buf, "<title>b&lt;1&gt; to b&lt;9&gt;: 512.0 KiB (50.0 %), 9 URLs,"
                                     " +1.0 KiB</title><rect class=\"k7 d1\""),
                      1);
    ck_assert_uint_eq(count_of(&buf, ">b&lt;1&gt; &hellip;</text>"), 1);
    haul_buf_done(&buf);
}
END_TEST

/* ---- the timeline ---- */

/* What is waited for is drawn first, so that what its worker did meanwhile lies upon it. */
START_TEST(waiting_lies_below_what_was_done)
{
    struct haul_summary_slice slice[] = {
        {.worker = 1, .to_us = 100000, .count = 1, .failed = 1},
        {.worker = 1, .from_us = 100000, .to_us = 600000, .count = 1, .is_wait = true},
        {.worker = 1, .from_us = 200000, .to_us = 300000, .count = 1},
        {.worker = 2, .from_us = 600000, .to_us = 958000, .count = 1}};
    static const char wanted[] =
        "<path class=\"busy wait\" d=\"M129.8 7h478.4v14h-478.4z\"/>\n"
        "<path class=\"busy\" d=\"M225.6 7h95.2v14h-95.2zM608.8 23h342.4v14h-342.4z\"/>\n"
        "<path class=\"busy over\" d=\"M34 7h95.2v14h-95.2z\"/>\n";
    struct haul_summary summary;
    struct haul_buf buf;

    haul_summary_init(&summary);
    summary.workers = 2;
    summary.duration_us = 1000000;
    summary.slice = slice;
    summary.slice_count = sizeof slice / sizeof *slice;
    haul_buf_init(&buf, 0);
    haul_render_svg_add_timeline(&buf, &summary);
    ck_assert_msg(count_of(&buf, wanted) == 1, "%s", haul_buf_str(&buf));
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("drawing");
    TCase *map = tcase_create("map"), *timeline = tcase_create("timeline");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(map, box_has_the_shade_of_its_change, 0, SHADES);
    tcase_add_test(map, each_page_of_a_site_of_small_ones_has_a_box_of_its_own);
    tcase_add_test(map, box_of_several_tells_the_first_and_the_last);
    suite_add_tcase(suite, map);
    tcase_add_test(timeline, waiting_lies_below_what_was_done);
    suite_add_tcase(suite, timeline);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
