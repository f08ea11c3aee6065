#include <check.h>

#include "base/buf.h"
#include "base/saturate.h"
#include "base/units.h"

/* Sums stop at the largest number, and never wrap around. */

static const int64_t numbers[] = {
    INT64_MIN, -INT64_MAX, -INT64_MAX + 1,   -((int64_t)1 << 62), -1,
    0,         1,          (int64_t)1 << 62, INT64_MAX - 1,       INT64_MAX};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* What does not fit is far from what does, in these numbers: a double tells. */
static int64_t stop(double about, uint64_t exact)
{
    if (about > 9.2233720368547e18 && (int64_t)exact != INT64_MAX)
        return about > 9.2233720368548e18 || (int64_t)exact < 0 ? INT64_MAX : (int64_t)exact;
    if (about < -9.2233720368547e18)
        return about < -9.2233720368548e18 || (int64_t)exact > 0 || (int64_t)exact == INT64_MIN
                   ? -INT64_MAX
                   : (int64_t)exact;
    return (int64_t)exact;
}

START_TEST(what_fits_is_exact_and_what_does_not_stops)
{
    for (int i = 0; i < NUMBERS; i++)
        for (int k = 0; k < NUMBERS; k++) {
            int64_t a = numbers[i], b = numbers[k];
            double x = (double)a, y = (double)b;

            ck_assert_int_eq(haul_saturate_add(a, b), stop(x + y, (uint64_t)a + (uint64_t)b));
            ck_assert_int_eq(haul_saturate_sub(a, b), stop(x - y, (uint64_t)a - (uint64_t)b));
            ck_assert_int_eq(haul_saturate_mul(a, b), stop(x * y, (uint64_t)a * (uint64_t)b));
        }
}
END_TEST

START_TEST(sum_that_has_stopped_is_shown_as_one)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_units_add_bytes(&buf, haul_saturate_add((int64_t)1 << 62, (int64_t)1 << 62));
    ck_assert_str_eq(haul_buf_str(&buf), "8.0+ EiB");
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("saturate");
    TCase *tcase = tcase_create("saturate");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, what_fits_is_exact_and_what_does_not_stops);
    tcase_add_test(tcase, sum_that_has_stopped_is_shown_as_one);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
