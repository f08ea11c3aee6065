#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_history.h"
#include "history/diff.h"
#include "history/import.h"
#include "night_audit.h"
#include "render/brief.h"

/* Whatever is told of a run agrees with what its pages did, and with all else that is told. */

static struct nights nights;
static struct haul_summary summary;

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

/* ---- on the wire ---- */

/* As people read it: "3.6", or a dash. */
static const char *ratio_of(const struct nights_packed *packed)
{
    static char text[40];

    snprintf(text, sizeof text, packed->wire > 0 ? "%.1f" : "\u2013",
             (double)packed->decoded / (double)packed->wire);
    return text;
}

static void check_json_packed(const json_t *object, const struct nights_packed *packed)
{
    if (packed->known)
        ck_assert(number(object, "wire") == (double)packed->wire);
    else
        ck_assert(json_is_null(json_object_get(object, "wire")));
    if (packed->wire > 0)
        ck_assert(fabs(number(object, "compression") -
                       (double)packed->decoded / (double)packed->wire) < 1e-5);
    else
        ck_assert(json_is_null(json_object_get(object, "compression")));
}

static void check_json_wire(const json_t *root)
{
    const struct nights_packed html = nights_packed(&nights, false),
                               image = nights_packed(&nights, true);
    const struct nights_packed all = {html.known + image.known, html.wire + image.wire,
                                      html.decoded + image.decoded};
    const json_t *types = json_object_get(root, "types"), *before = json_object_get(root, "before");
    const struct nights wire = nights_on_wire(&nights);
    struct nights_figures figures;

    nights_add_up(&wire, &figures);
    check_json_packed(root, &all);
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *type = json_array_get(types, i);
        const char *name = json_string_value(json_object_get(type, "name"));

        /* What has failed is of the type of its error page, and has no bytes. */
        check_json_packed(type, !strcmp(name, "image/png")   ? &image
                                : !strcmp(name, "text/html") ? &html
                                                             : &(struct nights_packed){0});
    }
    if (nights.count > 1 && all.known) {
        ck_assert(number(before, "compared_wire") == (double)figures.before);
        ck_assert(number(before, "wire_change") == (double)(figures.after - figures.before));
    }
}

/* The rows of images, if there are any. */
static void check_wire_formats(void)
{
    const struct nights_packed image = nights_packed(&nights, true);
    struct haul_buf text;
    char wanted[200];

    if (image.wire <= 0 || image.wire > 999)
        return; /* the rest is a matter of units */
    snprintf(wanted, sizeof wanted, " | %lld B | %s | ", (long long)image.wire, ratio_of(&image));
    night_check_has(night_render(&summary, HAUL_FORMAT_MARKDOWN), wanted);
    snprintf(wanted, sizeof wanted, "<td class=\"n opt\">%lld B</td><td class=\"n opt\">%s</td>",
             (long long)image.wire, ratio_of(&image));
    night_check_has(night_render(&summary, HAUL_FORMAT_HTML), wanted);
    snprintf(wanted, sizeof wanted,
             "\nhaul_type_wire_bytes{site=\"site.example\",type=\"image/png\"} %lld\n",
             (long long)image.wire);
    night_check_has(night_render(&summary, HAUL_FORMAT_PROMETHEUS), wanted);
    snprintf(wanted, sizeof wanted, "image/png %s", ratio_of(&image));
    haul_buf_init(&text, 0);
    haul_brief_add_wire(&text, &summary, true); /* a budget is about it */
    night_check_has(haul_buf_str(&text), wanted);
    haul_buf_done(&text);
}

static void check_json(const struct nights_figures *figures)
{
    json_t *root = json_loads(night_render(&summary, HAUL_FORMAT_JSON), 0, NULL);
    const json_t *before = json_object_get(root, "before");
    const json_t *changes = json_object_get(before, "changes");

    ck_assert_ptr_nonnull(root);
    ck_assert(number(root, "size") == (double)figures->size);
    ck_assert(number(root, "failed_urls") == (double)figures->failed);
    ck_assert(number(root, "newly_failing") == (double)figures->newly_failing);
    ck_assert(number(root, "still_failing") == (double)(figures->failed - figures->newly_failing));
    check_json_wire(root);
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
    night_check_has(night_brief(&summary), wanted);
    if (failing) {
        night_check_has(night_render(&summary, HAUL_FORMAT_MARKDOWN), rest);
        night_check_has(night_render(&summary, HAUL_FORMAT_HTML), rest);
        night_check_has(night_render(&summary, HAUL_FORMAT_JUNIT), rest);
        night_check_has(night_render(&summary, HAUL_FORMAT_GITHUB), rest);
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
    const char *text = night_brief(&summary);
    char wanted[100];

    ck_assert_uint_eq(count(text, ": kept: "), 0); /* no news */
    ck_assert_uint_eq(count(text, ": EXCEEDED: "), exceeded);
    ck_assert_uint_eq(count(text, ": not known: "), unknown);
    ck_assert_uint_eq(count(text, ": matches nothing: "), none);
    text = night_render(&summary, HAUL_FORMAT_MARKDOWN);
    ck_assert_uint_eq(count(text, "| :white_check_mark: | "), kept);
    ck_assert_uint_eq(count(text, "| :x: | "), exceeded);
    ck_assert_uint_eq(count(text, "| :warning: | "), none);
    text = night_render(&summary, HAUL_FORMAT_HTML);
    ck_assert_uint_eq(count(text, "&#10003; kept"), kept);
    ck_assert_uint_eq(count(text, "&#10007; exceeded"), exceeded);
    ck_assert_uint_eq(count(text, "? unknown"), unknown);
    ck_assert_uint_eq(count(text, "! empty"), none);
    snprintf(wanted, sizeof wanted,
             "\"haul.budgets\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
             "skipped=\"%zu\"",
             summary.budget_count, exceeded, unknown + none);
    night_check_has(night_render(&summary, HAUL_FORMAT_JUNIT), wanted);
    text = night_render(&summary, HAUL_FORMAT_PROMETHEUS);
    ck_assert_uint_eq(count(text, "\nhaul_budget_exceeded{"), kept + exceeded);
}

/* Each page that fails is told, or is one of those that are counted. */
static uint64_t told(enum haul_change change)
{
    uint64_t n = 0;

    for (size_t i = 0; i < summary.news_count; i++)
        if (summary.news[i].change == change)
            n += summary.news[i].count;
    return n;
}

static void check_news(const struct nights_figures *figures)
{
    uint64_t still = figures->failed - figures->newly_failing;
    char wanted[100];

    ck_assert_uint_eq(summary.newly_failing, figures->newly_failing);
    ck_assert_uint_eq(summary.still_failing, still);
    ck_assert_uint_eq(told(HAUL_CHANGE_FAILING), figures->newly_failing);
    ck_assert_uint_eq(told(HAUL_CHANGE_RECOVERED), summary.change[HAUL_CHANGE_RECOVERED]);
    if (!still) {
        ck_assert_uint_eq(count(night_brief(&summary), "still failing"), 0);
        return;
    }
    snprintf(wanted, sizeof wanted, "\nstill failing: %llu URL%s since 1970-01-%02d 00:00 UTC\n",
             (unsigned long long)still, still == 1 ? "" : "s, the first",
             figures->still_failing_since + 1);
    night_check_has(night_brief(&summary), wanted);
}

static void check_formats(const struct nights_figures *figures)
{
    char wanted[100];

    check_json(figures);
    check_budgets_in_formats();
    check_wire_formats();
    if (nights.count > 1)
        check_headlines(figures);
    snprintf(wanted, sizeof wanted, "\nhaul_size_bytes{site=\"site.example\"} %lld\n",
             (long long)figures->size);
    if (figures->urls)
        night_check_has(night_render(&summary, HAUL_FORMAT_PROMETHEUS), wanted);
}

/* ---- the two nights, compared by themselves ---- */

static void import_run(struct haul_store *store, const char *suffix)
{
    struct haul_buf message;
    char name[100];

    snprintf(name, sizeof name, "%s%s", fake_path(), suffix);
    haul_buf_init(&message, 0);
    ck_assert_msg(!haul_import_run(store, name, NULL, &message), "%s", haul_buf_str(&message));
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
    ck_assert(!haul_diff_make(store, NULL, NULL));
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

enum { GROWTH = 5, WIRE_GROWTH = 8, BUDGETS = 12 };
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
    if (limits[i] < 0 && !strstr(measure, "growth"))
        limits[i] = 0;
    ranges[i] = range;
    snprintf(expressions[i], sizeof expressions[i], "%s<%lld", measure, (long long)limits[i]);
    list[i] = expressions[i];
}

/* What they were before, and what is newly known, too. */
static struct nights_range growth_of(const struct nights_figures *figures)
{
    double gained = (double)(figures->after - figures->before);

    return (struct nights_range){gained, gained + (double)figures->newly_known_size};
}

static void set_budgets(const struct nights_figures *figures, int night)
{
    const struct nights wire = nights_on_wire(&nights);
    struct nights_figures on_wire;

    nights_add_up(&wire, &on_wire);

    set_budget(0, "total", nights_total(&nights, false), night);
    set_budget(1, "type:image/*", nights_total(&nights, true), night);
    set_budget(2, "url", nights_largest(&nights), night);
    set_budget(3, "p50", nights_percentile(&nights, 50), night);
    set_budget(4, "p90", nights_percentile(&nights, 90), night);
    set_budget(GROWTH, "growth", growth_of(figures), night);
    set_budget(WIRE_GROWTH, "wire:growth", growth_of(&on_wire), night);
    set_budget(9, "wire:total", nights_total(&wire, false), night);
    set_budget(10, "wire:url", nights_largest(&wire), night);
    set_budget(11, "wire:p50", nights_percentile(&wire, 50), night);
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
        if ((i == GROWTH || i == WIRE_GROWTH) && (night == 1 || !isfinite(budget->most)))
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

static void check_types(void)
{
    for (size_t i = 0; i < summary.type_count; i++) {
        bool is_image = !strcmp(summary.type[i].name, "image/png");

        ck_assert_int_eq(summary.type[i].change, nights_type_gain(&nights, is_image));
        ck_assert_int_eq(summary.group[i].change, summary.type[i].change);
    }
}

static void check_night(int night)
{
    struct nights_figures figures;

    nights_add_up(&nights, &figures);
    set_budgets(&figures, night);
    night_audit(&nights, &budgets, &summary);
    ck_assert_int_eq(summary.size, figures.size);
    check_budgets(night);
    if (nights.count > 1) {
        ck_assert_int_eq(summary.compared_before, figures.before);
        ck_assert_int_eq(summary.compared, figures.after);
        check_diff(&figures);
        check_types();
    }
    check_formats(&figures);
    check_news(&figures);
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

int main(void)
{
    Suite *suite = suite_create("figures");
    TCase *tcase = tcase_create("figures");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, random_nights_are_told_as_they_were, 0, 12);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
