#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_history.h"
#include "history/diff.h"
#include "history/import.h"
#include "history/sql.h"
#include "nights.h"
#include "render/brief.h"
#include "render/render.h"
#include "summary/budget_eval.h"
#include "summary/query.h"

/* Whatever is told of a run agrees with what its pages did, and with all else that is told. */

static struct nights nights;
static struct haul_summary summary;
static enum haul_budget_empty empty; /* --budget-empty */

/* ---- an audit of the night ---- */

static void add_page(struct haul_store *store, int page)
{
    struct haul_record rec;

    if (nights_record(&nights, page, &rec)) {
        const struct haul_key key = haul_key_make(HAUL_KEY_URL, rec.url, strlen(rec.url));

        ck_assert_msg(!haul_store_add(store, &rec, &key, false), "%s", haul_store_error(store));
    }
}

static void finish(struct haul_store *store)
{
    struct nights_figures figures;
    struct haul_ledger ledger = {0};
    const struct haul_store_end end = {
        .ledger = &ledger, .ended_us = 3000000, .elapsed_us = 2000000, .complete = true};

    nights_add_up(&nights, &figures);
    ledger.lines = figures.urls;
    for (int i = 0; i < NIGHTS_PAGES; i++) {
        struct haul_record rec;

        if (nights_record(&nights, i, &rec))
            ledger.count[rec.outcome]++;
    }
    ck_assert_msg(!haul_store_finish(store, &end), "%s", haul_store_error(store));
}

/* Of the night, with these budgets; `summary` is made. */
static void audit(const struct haul_strings *budgets)
{
    static const struct haul_summary_options options = {
        .version = "1", .workers = 1, .streams = 1, .group_by = "type"};
    struct haul_store *store = fake_open();

    fake_start(store);
    for (int i = 0; i < NIGHTS_PAGES; i++)
        add_page(store, i);
    finish(store);
    ck_assert_msg(!haul_summary_make(store, &options, &summary), "%s", haul_store_error(store));
    ck_assert_int_eq(haul_budget_evaluate(haul_store_db(store), budgets, empty, &summary), HAUL_OK);
    haul_store_free(store);
}

/* ---- the formats ---- */

static const char *render(enum haul_format format)
{
    static char text[1 << 20];
    FILE *file = tmpfile();
    struct haul_out *out;
    size_t len;

    ck_assert_ptr_nonnull(file);
    out = haul_out_create(fileno(file));
    ck_assert_ptr_nonnull(out);
    haul_render_write(format, out, &summary);
    ck_assert_int_eq(haul_out_flush(out), HAUL_OK);
    haul_out_free(out);
    rewind(file);
    len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static const char *brief(void)
{
    static char text[100000];
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_brief_add(&buf, &summary, true);
    ck_assert_uint_lt(buf.len, sizeof text);
    memcpy(text, haul_buf_str(&buf), buf.len + 1);
    haul_buf_done(&buf);
    return text;
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in: %s", part, text);
}

/* How often a part stands in a text. */
static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(value != NULL, "no %s", key);
    return json_is_null(value) ? HUGE_VAL : json_number_value(value);
}

static void check_json_budget(const json_t *budget, const struct haul_summary_budget *wanted)
{
    static const char *const words[] = {"kept", "exceeded", "unknown", "empty"};

    ck_assert_str_eq(json_string_value(json_object_get(budget, "state")), words[wanted->state]);
    if (wanted->state == HAUL_BUDGET_EMPTY)
        return;
    if (wanted->state != HAUL_BUDGET_UNKNOWN || wanted->actual != 0)
        ck_assert(fabs(number(budget, "least") - wanted->actual) < 1e-3);
    ck_assert(number(budget, "most") == wanted->most ||
              fabs(number(budget, "most") - wanted->most) < 1e-3);
}

static void check_json(const struct nights_figures *figures)
{
    json_t *root = json_loads(render(HAUL_FORMAT_JSON), 0, NULL);
    const json_t *before = json_object_get(root, "before");
    const json_t *changes = json_object_get(before, "changes");

    ck_assert_ptr_nonnull(root);
    ck_assert(number(root, "size") == (double)figures->size);
    ck_assert(number(root, "failed_urls") == (double)figures->failed);
    for (size_t i = 0; i < summary.budget_count; i++)
        check_json_budget(json_array_get(json_object_get(root, "budgets"), i), &summary.budget[i]);
    if (nights.count > 1) {
        ck_assert(number(before, "change") == (double)(figures->after - figures->before));
        ck_assert(number(before, "compared_size") == (double)figures->before);
        ck_assert(number(before, "newly_known") == (double)figures->newly_known);
        for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
            ck_assert(number(json_object_get(changes, haul_change_words[i]), "urls") ==
                      (double)figures->change[i]);
    }
    json_decref(root);
}

/* What people are told of the change since the last night, in text and in the other formats. */
static void check_headlines(const struct nights_figures *figures)
{
    long long gained = (long long)(figures->after - figures->before);
    uint64_t failing = figures->change[HAUL_CHANGE_FAILING];
    char rest[60] = "", wanted[100];

    if (failing)
        snprintf(rest, sizeof rest, "%llu now failing, the rest ", (unsigned long long)failing);
    if (!gained)
        snprintf(wanted, sizeof wanted, ", %s%s on ", rest,
                 figures->newly_known && !figures->after ? "nothing to compare with"
                                                         : "the same size as");
    else if (llabs(gained) < 1000)
        snprintf(wanted, sizeof wanted, ", %s%+lld B", rest, gained);
    else
        snprintf(wanted, sizeof wanted, ", %s%s", rest, gained < 0 ? "-" : "+");
    check_has(brief(), wanted);
    if (failing) {
        check_has(render(HAUL_FORMAT_MARKDOWN), rest);
        check_has(render(HAUL_FORMAT_HTML), rest);
        check_has(render(HAUL_FORMAT_JUNIT), rest);
        check_has(render(HAUL_FORMAT_GITHUB), rest);
    }
}

static size_t in_state(enum haul_budget_state state)
{
    size_t n = 0;

    for (size_t i = 0; i < summary.budget_count; i++)
        n += summary.budget[i].state == state;
    return n;
}

static void check_budgets_in_formats(void)
{
    size_t kept = in_state(HAUL_BUDGET_KEPT), exceeded = in_state(HAUL_BUDGET_EXCEEDED);
    size_t unknown = in_state(HAUL_BUDGET_UNKNOWN), none = in_state(HAUL_BUDGET_EMPTY);
    const char *text = brief();
    char wanted[100];

    ck_assert_uint_eq(count(text, ": kept: "), kept);
    ck_assert_uint_eq(count(text, ": EXCEEDED: "), exceeded);
    ck_assert_uint_eq(count(text, ": not known: "), unknown);
    ck_assert_uint_eq(count(text, ": matches nothing: "), none);
    text = render(HAUL_FORMAT_MARKDOWN);
    ck_assert_uint_eq(count(text, "| :white_check_mark: | "), kept);
    ck_assert_uint_eq(count(text, "| :x: | "), exceeded);
    ck_assert_uint_eq(count(text, "| :warning: | "), none);
    text = render(HAUL_FORMAT_HTML);
    ck_assert_uint_eq(count(text, "&#10003; kept"), kept);
    ck_assert_uint_eq(count(text, "&#10007; exceeded"), exceeded);
    ck_assert_uint_eq(count(text, "? unknown"), unknown);
    ck_assert_uint_eq(count(text, "! empty"), none);
    snprintf(wanted, sizeof wanted,
             "\"haul.budgets\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
             "skipped=\"%zu\"",
             summary.budget_count, exceeded, unknown + none);
    check_has(render(HAUL_FORMAT_JUNIT), wanted);
    text = render(HAUL_FORMAT_PROMETHEUS);
    ck_assert_uint_eq(count(text, "\nhaul_budget_exceeded{"), kept + exceeded);
}

static void check_formats(const struct nights_figures *figures)
{
    char wanted[100];

    check_json(figures);
    check_budgets_in_formats();
    if (nights.count > 1)
        check_headlines(figures);
    snprintf(wanted, sizeof wanted, "\nhaul_size_bytes{site=\"site.example\"} %lld\n",
             (long long)figures->size);
    if (figures->urls)
        check_has(render(HAUL_FORMAT_PROMETHEUS), wanted);
}

/* ---- the two nights, compared by themselves ---- */

static void import_run(struct haul_store *store, const char *suffix)
{
    struct haul_buf message;
    char name[100];

    snprintf(name, sizeof name, "%s%s", fake_path(), suffix);
    haul_buf_init(&message, 0);
    ck_assert_msg(!haul_import_run(store, name, &message), "%s", haul_buf_str(&message));
    haul_buf_done(&message);
}

static void check_diff(const struct nights_figures *figures)
{
    const struct haul_store_options options = {.several = true};
    uint64_t changes[HAUL_CHANGE_COUNT];
    int64_t size[HAUL_CHANGE_COUNT];
    struct haul_diff_totals totals;
    struct haul_store *store;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert(!haul_store_open(&options, &store, &message));
    haul_buf_done(&message);
    import_run(store, "@-2");
    import_run(store, "@-1");
    ck_assert(!haul_diff_make(store));
    ck_assert(!haul_diff_count(store, changes, size));
    ck_assert(!haul_diff_add_up(store, &totals));
    ck_assert_int_eq(totals.before, figures->before);
    ck_assert_int_eq(totals.after, figures->after);
    ck_assert_uint_eq(totals.newly_known, figures->newly_known);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        ck_assert_uint_eq(changes[i], figures->change[i]);
        ck_assert_int_eq(size[i], summary.change_size[i]);
    }
    haul_store_free(store);
}

/* ---- budgets ---- */

enum { BUDGETS = 8 };
static char expressions[BUDGETS][60];
static const char *list[BUDGETS];
static const struct haul_strings budgets = {.item = list, .count = BUDGETS};
static struct nights_range ranges[BUDGETS];
static double limits[BUDGETS];

/* One of `measure` that is to be less than something: what it comes to, or near. */
static void set_budget(int i, const char *measure, struct nights_range range, int night)
{
    static const double shares[] = {0, 0.5, 1, 2};
    double most = isfinite(range.most) ? range.most : range.least + 1000;

    limits[i] = floor(range.least + (most - range.least) * shares[(night + i) % 4]) + night % 2;
    if (limits[i] < 0 && strcmp(measure, "growth") != 0)
        limits[i] = 0;
    ranges[i] = range;
    snprintf(expressions[i], sizeof expressions[i], "%s<%lld", measure, (long long)limits[i]);
    list[i] = expressions[i];
}

static void set_budgets(const struct nights_figures *figures, int night)
{
    double gained = (double)(figures->after - figures->before);

    set_budget(0, "total", nights_total(&nights, false), night);
    set_budget(1, "type:image/*", nights_total(&nights, true), night);
    set_budget(2, "url", nights_largest(&nights), night);
    set_budget(3, "p50", nights_percentile(&nights, 50), night);
    set_budget(4, "p90", nights_percentile(&nights, 90), night);
    set_budget(5, "growth",
               (struct nights_range){gained, gained + (double)figures->newly_known_size}, night);
    set_budget(6, "failed", (struct nights_range){(double)figures->failed, (double)figures->failed},
               night);
    set_budget(7, "count", (struct nights_range){(double)figures->urls, (double)figures->urls},
               night);
}

static void check_budgets(int night)
{
    for (int i = 0; i < BUDGETS; i++) {
        const struct haul_summary_budget *budget = &summary.budget[i];
        bool may_be_empty = i == 1 && ranges[i].most == 0; /* no image */
        enum haul_budget_state wanted = ranges[i].most < limits[i]     ? HAUL_BUDGET_KEPT
                                        : ranges[i].least >= limits[i] ? HAUL_BUDGET_EXCEEDED
                                                                       : HAUL_BUDGET_UNKNOWN;

        if (may_be_empty && budget->state == HAUL_BUDGET_EMPTY)
            continue;
        if (i == 5 && (night == 1 || !isfinite(budget->most)))
            continue; /* there is nothing to compare with */
        ck_assert_msg(
            budget->state == wanted && budget->actual == ranges[i].least &&
                (budget->most == ranges[i].most || fabs(budget->most - ranges[i].most) < 1),
            "night %d: %s: state %d of %g to %g, wanted %d of %g to %g (%s)", night,
            budget->expression, budget->state, budget->actual, budget->most, wanted,
            ranges[i].least, ranges[i].most, budget->note ? budget->note : "-");
        ck_assert(budget->state != HAUL_BUDGET_UNKNOWN || budget->offender_count > 0);
    }
}

static void check_night(int night)
{
    struct nights_figures figures;

    nights_add_up(&nights, &figures);
    set_budgets(&figures, night);
    audit(&budgets);
    ck_assert_int_eq(summary.size, figures.size);
    check_budgets(night);
    if (nights.count > 1) {
        ck_assert_int_eq(summary.compared_before, figures.before);
        ck_assert_int_eq(summary.compared, figures.after);
        check_diff(&figures);
    }
    check_formats(&figures);
    haul_summary_done(&summary);
}

START_TEST(random_nights_are_told_as_they_were)
{
    nights = (struct nights){.seed = (uint64_t)_i + 1};
    for (int night = 1; night <= 7; night++) {
        nights_pass(&nights);
        check_night(night);
    }
}
END_TEST

/* ---- nights that were told of ---- */

/* What a night was: one letter for each page, and their sizes, 0 where there is none. */
static void tell(const char *states, const int64_t *size, const struct haul_strings *wanted)
{
    static const char letters[] = "-oF4s";
    struct nights_page page[NIGHTS_PAGES] = {{.state = NIGHTS_ABSENT}};

    for (int i = 0; states[i]; i++)
        page[i] = (struct nights_page){
            .state = (enum nights_state)(strchr(letters, states[i]) - letters), .size = size[i]};
    haul_summary_done(&summary);
    nights_set(&nights, page);
    audit(wanted);
}

static void check_budget(size_t i, enum haul_budget_state state, double actual, double most)
{
    const struct haul_summary_budget *budget = &summary.budget[i];

    ck_assert_msg(budget->state == state && budget->actual == actual && budget->most == most,
                  "%s: state %d of %g to %g", budget->expression, budget->state, budget->actual,
                  budget->most);
}

static const int64_t thousands[] = {1000, 2000,  3000, 4000, 5000, 6000, 7000, 8000,
                                    9000, 10000, 0,    0,    0,    0,    0};

START_TEST(page_that_is_not_there_is_no_body)
{
    const char *text[] = {"p50<=5000", "p50<5000", "total<60k", "type:image/*<1"};
    const struct haul_strings wanted = {.item = text, .count = 4};

    nights = (struct nights){0};
    tell("oooooooooo44444", thousands, &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 5000, 5000);
    check_budget(1, HAUL_BUDGET_EXCEEDED, 5000, 5000);
    check_budget(2, HAUL_BUDGET_KEPT, 55000, 55000);
    ck_assert_int_eq(summary.budget[3].state, HAUL_BUDGET_EMPTY);
    tell("ooooooooooFFFFF", thousands, &wanted); /* the next night these have never had a size */
    check_budget(0, HAUL_BUDGET_UNKNOWN, 3000, 8000);
    check_has(brief(),
              "budget p50<=5000: not known: 2.9 KiB (3,000 bytes) to 7.8 KiB (8,000 bytes), "
              "limit 4.9 KiB (5,000 bytes); 5 URLs have no known length\n"
              "  http://site.example/");
    check_has(brief(), "/10 (http-503)\n");
    check_budget(2, HAUL_BUDGET_UNKNOWN, 55000, HUGE_VAL);
    check_has(brief(), "budget total<60k: not known: at least 53.7 KiB (55,000 bytes), limit ");
    haul_summary_done(&summary);
}
END_TEST

START_TEST(page_that_failed_for_a_night_is_compared_with_what_it_had)
{
    static const int64_t size[][2] = {{1000, 1000}, {1000, 0}, {1000, 2500000}};
    const char *text[] = {"growth<10%", "growth<=2499000", "total<2k", "total<1k"};
    const struct haul_strings wanted = {.item = text, .count = 4};

    nights = (struct nights){0};
    tell("oo", size[0], &wanted);
    tell("oF", size[1], &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 0, 0);
    check_budget(2, HAUL_BUDGET_KEPT, 1000, 2000); /* it had 1000 */
    check_budget(3, HAUL_BUDGET_UNKNOWN, 1000, 2000);
    check_has(brief(), ": 1 of 2 failed, 1 now failing, the rest the same size as on ");
    check_has(brief(), "\nnow failing: had 1000 B: ");
    tell("oo", size[2], &wanted);
    check_budget(0, HAUL_BUDGET_EXCEEDED, 2499000.0 / 2000 * 100, 2499000.0 / 2000 * 100);
    check_budget(1, HAUL_BUDGET_KEPT, 2499000, 2499000);
    ck_assert_int_eq(summary.compared - summary.compared_before, 2499000);
    check_has(brief(), "\nrecovered: +2.4 MiB: ");
    haul_summary_done(&summary);
}
END_TEST

START_TEST(page_that_never_had_a_size_may_have_grown)
{
    static const int64_t size[][2] = {{1000, 0}, {1000, 2500000}};
    const char *text[] = {"growth<10%", "growth<2500001"};
    const struct haul_strings wanted = {.item = text, .count = 2};

    nights = (struct nights){0};
    tell("oF", size[0], &wanted);
    tell("oo", size[1], &wanted);
    check_budget(0, HAUL_BUDGET_UNKNOWN, 0, 250000);
    check_budget(1, HAUL_BUDGET_KEPT, 0, 2500000);
    check_has(brief(), ", the same size as on 1970-01-01, 1 newly known, 1 budget not known\n");
    check_has(render(HAUL_FORMAT_HTML), "as in the last run, 1 newly known</span>");
    check_has(render(HAUL_FORMAT_GITHUB), " UTC, 1 newly known\n");
    check_has(brief(), "(no earlier length)\n");
    check_has(brief(), "\nrecovered: now 2.4 MiB: ");
    nights = (struct nights){0};
    haul_summary_done(&summary);
    fake_remove("");
    tell("FF", size[0], &wanted);
    tell("oo", size[1], &wanted);
    check_budget(0, HAUL_BUDGET_UNKNOWN, 0, HUGE_VAL);
    check_has(brief(), ", nothing to compare with on 1970-01-01, 2 newly known, ");
    haul_summary_done(&summary);
}
END_TEST

START_TEST(outage_is_no_improvement)
{
    const char *text[] = {"growth>=0", "growth:type:text/*>-1%"};
    const struct haul_strings wanted = {.item = text, .count = 2};

    nights = (struct nights){0};
    tell("oooooooooo", thousands, &wanted);
    tell("ooooooFF44", thousands, &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 0, 0);
    check_budget(1, HAUL_BUDGET_KEPT, 0, 0);
    check_has(render(HAUL_FORMAT_MARKDOWN), ", 4 now failing, the rest 0 B since ");
    check_has(render(HAUL_FORMAT_MARKDOWN), "| now failing | 4 | had 33.2 KiB |\n");
    check_has(render(HAUL_FORMAT_HTML), "4 now failing, the rest as in the last run");
    for (size_t i = 0; i < summary.type_count; i++)
        ck_assert_int_eq(summary.type[i].change, 0);
    tell("oooooooooo", thousands, &wanted);
    ck_assert_int_eq(summary.compared, summary.compared_before);
    haul_summary_done(&summary);
}
END_TEST

START_TEST(page_that_was_not_tried_is_compared_with_what_it_had)
{
    static const int64_t size[][2] = {{1000, 1000}, {1000, 0}, {1000, 3000}};
    const char *text[] = {"growth<=2000"};
    const struct haul_strings wanted = {.item = text, .count = 1};

    nights = (struct nights){0};
    tell("oo", size[0], &wanted);
    tell("os", size[1], &wanted);
    tell("oo", size[2], &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 2000, 2000);
    ck_assert_uint_eq(summary.change[HAUL_CHANGE_GROWN], 1);
    haul_summary_done(&summary);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("figures");
    TCase *tcase = tcase_create("figures");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, random_nights_are_told_as_they_were, 0, 12);
    tcase_add_test(tcase, page_that_is_not_there_is_no_body);
    tcase_add_test(tcase, page_that_failed_for_a_night_is_compared_with_what_it_had);
    tcase_add_test(tcase, page_that_never_had_a_size_may_have_grown);
    tcase_add_test(tcase, outage_is_no_improvement);
    tcase_add_test(tcase, page_that_was_not_tried_is_compared_with_what_it_had);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
