#include "night_audit.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fake_history.h"
#include "render/brief.h"
#include "render/render.h"
#include "summary/budget_eval.h"
#include "summary/query.h"

static void add_page(const struct nights *nights, struct haul_store *store, int page)
{
    struct haul_record rec;

    if (nights_record(nights, page, &rec)) {
        const struct haul_key key = haul_key_make(HAUL_KEY_URL, rec.url, strlen(rec.url));

        ck_assert_msg(!haul_store_add(store, &rec, &key, false), "%s", haul_store_error(store));
    }
}

static void finish(const struct nights *nights, struct haul_store *store)
{
    struct nights_figures figures;
    struct haul_ledger ledger = {0};
    const struct haul_store_end end = {.ledger = &ledger,
                                       .ended_us = nights_start_us(nights->count) + 2000000,
                                       .elapsed_us = 2000000,
                                       .complete = true};

    nights_add_up(nights, &figures);
    ledger.lines = figures.urls;
    for (int i = 0; i < NIGHTS_PAGES; i++) {
        struct haul_record rec;

        if (nights_record(nights, i, &rec))
            ledger.count[rec.outcome]++;
    }
    ck_assert_msg(!haul_store_finish(store, &end), "%s", haul_store_error(store));
}

void night_audit(const struct nights *nights, const struct haul_strings *budgets,
                 struct haul_summary *summary)
{
    static const struct haul_summary_options options = {
        .version = "1", .workers = 1, .streams = 1, .group_by = "type"};
    const struct haul_store_run run = {
        .started_us = nights_start_us(nights->count), .version = "0", .options = "{}"};
    struct haul_store *store = fake_open();

    ck_assert_msg(!haul_store_begin(store, &run), "%s", haul_store_error(store));
    for (int i = 0; i < NIGHTS_PAGES; i++)
        add_page(nights, store, i);
    finish(nights, store);
    ck_assert_msg(!haul_summary_make(store, &options, summary), "%s", haul_store_error(store));
    ck_assert_int_eq(
        haul_budget_evaluate(haul_store_db(store), budgets, HAUL_BUDGET_EMPTY_WARN, summary),
        HAUL_OK);
    haul_store_free(store);
}

/* ---- the formats ---- */

const char *night_render(const struct haul_summary *summary, enum haul_format format)
{
    static char text[1 << 20];
    FILE *file = tmpfile();
    struct haul_out *out;
    size_t len;

    ck_assert_ptr_nonnull(file);
    out = haul_out_create(fileno(file));
    ck_assert_ptr_nonnull(out);
    haul_render_write(format, out, summary);
    ck_assert_int_eq(haul_out_flush(out), HAUL_OK);
    haul_out_free(out);
    rewind(file);
    len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

const char *night_brief(const struct haul_summary *summary)
{
    static char text[100000];
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_brief_add(&buf, summary, true);
    ck_assert_uint_lt(buf.len, sizeof text);
    memcpy(text, haul_buf_str(&buf), buf.len + 1);
    haul_buf_done(&buf);
    return text;
}

void night_check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in: %s", part, text);
}
