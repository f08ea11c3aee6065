#include <check.h>
#include <math.h>

#include "render/number.h"
#include "render/squarify.h"
#include "render/svg.h"
#include "sample_summary.h"

/* --- numbers ---------------------------------------------------------------------------------- */

static const struct {
    double value;
    int digits;
    const char *text, *shorter;
} decimals[] = {
    {0, 0, "0", "0"},
    {-0.0, 2, "0.00", "0"},
    {12.5, 2, "12.50", "12.5"},
    {-12.5, 2, "-12.50", "-12.5"},
    {0.05, 1, "0.1", "0.1"},
    {-0.04, 1, "0.0", "0"},
    {0.999, 2, "1.00", "1"},
    {1.005, 3, "1.005", "1.005"},
    {100, 0, "100", "100"},
    {979266074543, 6, "979266074543.000000", "979266074543"}, /* changes if it is scaled */
    {1e300, 1, "9000000000000000000.0", "9000000000000000000"},
    {-1e300, 0, "-9000000000000000000", "-9000000000000000000"},
    {NAN, 1, "0.0", "0"},
    {INFINITY, 1, "0.0", "0"},
    {1763873709.123456, 6, "1763873709.123456", "1763873709.123456"},
};

START_TEST(decimal_is_rounded_and_needs_no_locale)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_add_str(&buf, haul_render_decimal(decimals[_i].value, decimals[_i].digits).text);
    ck_assert_str_eq(haul_buf_str(&buf), decimals[_i].text);
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, haul_render_short_decimal(decimals[_i].value, decimals[_i].digits).text);
    ck_assert_str_eq(haul_buf_str(&buf), decimals[_i].shorter);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(changes_shares_and_dates_are_as_people_write_them)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_add_str(&buf, haul_render_change(1536).text);
    haul_buf_add_str(&buf, haul_render_change(-300).text);
    haul_buf_add_str(&buf, haul_render_change(0).text);
    haul_buf_add_str(&buf, haul_render_change(INT64_MIN).text);
    ck_assert_str_eq(haul_buf_str(&buf), "+1.5 KiB-300 B0 B-8.0+ EiB");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, haul_render_share(1, 3).text);
    haul_buf_add_str(&buf, haul_render_share(1, 0).text);
    haul_buf_add_str(&buf, haul_render_signed_share(-1, 3).text);
    haul_buf_add_str(&buf, haul_render_signed_share(1, 3).text);
    ck_assert_str_eq(haul_buf_str(&buf), "33.3 %\u2013-33.3 %+33.3 %");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, haul_render_signed_share(-300, 4e7).text);
    haul_buf_add_str(&buf, haul_render_signed_share(300, 4e7).text);
    haul_buf_add_str(&buf, haul_render_signed_share(1, 0).text);
    ck_assert_str_eq(haul_buf_str(&buf), "0.0 %0.0 %\u2013");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, haul_render_date(INT64_C(1795409709) * 1000000).text);
    haul_buf_add_str(&buf, haul_render_timestamp(INT64_C(1795409709) * 1000000).text);
    haul_buf_add_str(&buf, haul_render_date(-1).text);
    haul_buf_add_str(&buf, haul_render_date(INT64_MAX).text);
    ck_assert_str_eq(haul_buf_str(&buf), "2026-11-23 04:55 UTC2026-11-23T04:55:09Z\u2013\u2013");
    haul_buf_done(&buf);
}
END_TEST

static const struct {
    struct haul_summary_budget budget;
    const char *text;
} budget_texts[] = {
    {{.state = HAUL_BUDGET_KEPT, .unit = "bytes", .actual = 1024, .most = 1024, .limit = 2048},
     "1.0 KiB, the limit is 2.0 KiB"},
    {{.state = HAUL_BUDGET_EXCEEDED,
      .unit = "URLs",
      .actual = 12345,
      .most = 12345,
      .note = "so far"},
     "12,345 URLs, the limit is 0 URLs (so far)"},
    {{.state = HAUL_BUDGET_EXCEEDED, .unit = "URLs", .actual = 1, .most = 1},
     "1 URL, the limit is 0 URLs"},
    {{.state = HAUL_BUDGET_EXCEEDED, .unit = "%", .actual = 9.876, .limit = 5},
     "9.876 %, the limit is 5 %"},
    {{.state = HAUL_BUDGET_KEPT, .unit = "bytes", .actual = 1024, .most = 1536, .limit = 2048},
     "1.0 KiB to 1.5 KiB, the limit is 2.0 KiB"},
    {{.state = HAUL_BUDGET_EXCEEDED, .unit = "URLs", .actual = 7, .most = HUGE_VAL, .limit = 5},
     "at least 7 URLs, the limit is 5 URLs"},
    {{.state = HAUL_BUDGET_UNKNOWN, .unit = "%", .most = 3, .limit = 1},
     "unknown, 0 % to 3 %, the limit is 1 %"},
    {{.state = HAUL_BUDGET_UNKNOWN, .is_partial = true, .unit = "URLs", .actual = 3, .limit = 5},
     "unknown, so far 3 URLs, the limit is 5 URLs"},
    {{.state = HAUL_BUDGET_EMPTY, .unit = "%", .note = "no URL matches"}, "no URL matches"},
    {{.state = HAUL_BUDGET_UNKNOWN, .unit = "%", .most = HUGE_VAL, .note = "no earlier run"},
     "unknown (no earlier run)"},
};

START_TEST(place_of_a_page_names_its_list)
{
    static const struct {
        const char *source, *text;
    } cases[] = {{"", "line 12"},
                 {"-", "standard input:12"},
                 {"http://h/sitemap.xml", "http://h/sitemap.xml:12"}};
    struct haul_buf buf;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct haul_summary_page page = {.line = 12, .source = cases[i].source};

        haul_buf_init(&buf, 0);
        haul_render_add_place(&buf, &page);
        ck_assert_str_eq(haul_buf_str(&buf), cases[i].text);
        haul_buf_done(&buf);
    }
}
END_TEST

START_TEST(budget_is_told_in_its_unit)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_render_add_budget_text(&buf, &budget_texts[_i].budget);
    ck_assert_str_eq(haul_buf_str(&buf), budget_texts[_i].text);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(headline_tells_what_there_is)
{
    struct sample sample;
    struct haul_buf buf;

    sample_make_one(&sample, 777);
    haul_buf_init(&buf, 0);
    haul_render_add_headline(&buf, &sample.summary);
    ck_assert_str_eq(haul_buf_str(&buf), "1 URL, 777 B");
    haul_buf_clear(&buf);
    sample.summary.complete = false;
    sample.summary.outcome[HAUL_OUTCOME_FAILED] = 2000;
    sample.summary.has_before = true;
    sample.summary.compared_before = 1000;
    sample.summary.compared = 777;
    sample.summary.before_started_us = 0;
    haul_render_add_headline(&buf, &sample.summary);
    ck_assert_str_eq(haul_buf_str(&buf), "1 URL, 777 B, 2,000 failed, -223 B (-22.3 %)"
                                         " since 1970-01-01 00:00 UTC, NOT complete");
    haul_buf_clear(&buf);
    sample.summary.change[HAUL_CHANGE_FAILING] = 1500;
    sample.summary.compared = 1000;
    haul_render_add_headline(&buf, &sample.summary);
    ck_assert_str_eq(haul_buf_str(&buf), "1 URL, 777 B, 2,000 failed, 1,500 now failing, the rest "
                                         "0 B since 1970-01-01 00:00 UTC, NOT complete");
    haul_buf_done(&buf);
    sample_done(&sample);
}
END_TEST

/*
 * --- the squares -------------------------------------------------------------------------------
 */

static double overlap(double a, double a_len, double b, double b_len)
{
    double low = a > b ? a : b, high = a + a_len < b + b_len ? a + a_len : b + b_len;

    return high > low ? high - low : 0;
}

START_TEST(boxes_have_their_areas_and_do_not_overlap)
{
    enum { COUNT = 40 };
    struct haul_render_box area = {10, 20, _i % 2 ? 300 : 90, _i % 3 ? 200 : 700}, box[COUNT];
    double value[COUNT] = {0}, sum = 0, whole = area.width * area.height;
    size_t count = (size_t)_i + 1;

    for (size_t i = 0; i < count; i++)
        sum += value[i] = (double)((count - i) * (count - i)) + 1;
    haul_render_squarify(value, count, area, box);
    for (size_t i = 0; i < count; i++) {
        ck_assert_double_eq_tol(box[i].width * box[i].height, value[i] / sum * whole, 1e-6);
        ck_assert(box[i].x >= area.x - 1e-6 && box[i].y >= area.y - 1e-6);
        ck_assert(box[i].x + box[i].width <= area.x + area.width + 1e-6);
        ck_assert(box[i].y + box[i].height <= area.y + area.height + 1e-6);
        for (size_t k = 0; k < i; k++)
            ck_assert_double_lt(overlap(box[i].x, box[i].width, box[k].x, box[k].width) *
                                    overlap(box[i].y, box[i].height, box[k].y, box[k].height),
                                1e-6);
    }
}
END_TEST

START_TEST(boxes_are_those_of_the_paper)
{
    static const double value[] = {6, 6, 4, 3, 2, 2, 1};
    static const struct haul_render_box wanted[] = {{0, 0, 3, 2},
                                                    {0, 2, 3, 2},
                                                    {3, 0, 12. / 7, 7. / 3},
                                                    {33. / 7, 0, 9. / 7, 7. / 3},
                                                    {3, 7. / 3, 1.2, 5. / 3},
                                                    {4.2, 7. / 3, 1.2, 5. / 3},
                                                    {5.4, 7. / 3, .6, 5. / 3}};
    struct haul_render_box box[7];

    haul_render_squarify(value, 7, (struct haul_render_box){0, 0, 6, 4}, box);
    for (int i = 0; i < 7; i++) {
        ck_assert_double_eq_tol(box[i].x, wanted[i].x, 1e-9);
        ck_assert_double_eq_tol(box[i].y, wanted[i].y, 1e-9);
        ck_assert_double_eq_tol(box[i].width, wanted[i].width, 1e-9);
        ck_assert_double_eq_tol(box[i].height, wanted[i].height, 1e-9);
    }
}
END_TEST

static const struct {
    double low, high;
    bool is_bytes;
    double axis_low, axis_high, step;
} axes[] = {
    {0, 1, false, 0, 1, 1},
    {0, 3, false, 0, 3, 1},
    {0, 10036, false, 0, 15000, 5000},
    {0, 777, true, 0, 800, 200},
    {0, 4096, true, 0, 4096, 1024},
    {5, 5, false, 5, 6, 1},
    {0, 9.3e18, false, 0, 10e18, 5e18},
};

START_TEST(axis_has_whole_steps)
{
    struct haul_render_svg_axis axis =
        haul_render_svg_make_axis(axes[_i].low, axes[_i].high, 4, axes[_i].is_bytes);

    ck_assert_double_eq_tol(axis.low, axes[_i].axis_low, 1e-9);
    ck_assert_double_eq_tol(axis.high, axes[_i].axis_high, axes[_i].axis_high * 1e-12);
    ck_assert_double_eq_tol(axis.step, axes[_i].step, axes[_i].step * 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_number");
    TCase *tcase = tcase_create("numbers");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, decimal_is_rounded_and_needs_no_locale, 0,
                        (int)(sizeof decimals / sizeof *decimals));
    tcase_add_test(tcase, changes_shares_and_dates_are_as_people_write_them);
    tcase_add_loop_test(tcase, budget_is_told_in_its_unit, 0,
                        (int)(sizeof budget_texts / sizeof *budget_texts));
    tcase_add_test(tcase, place_of_a_page_names_its_list);
    tcase_add_test(tcase, headline_tells_what_there_is);
    tcase_add_loop_test(tcase, axis_has_whole_steps, 0, (int)(sizeof axes / sizeof *axes));
    tcase_add_loop_test(tcase, boxes_have_their_areas_and_do_not_overlap, 0, 40);
    tcase_add_test(tcase, boxes_are_those_of_the_paper);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
