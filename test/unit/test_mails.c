#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_history.h"
#include "night_audit.h"
#include "summary/budget_eval.h"
#include "summary/query.h"

/*
 * Twelve nights of one site, and the mail of each, word for word: what somebody reads in the
 * morning has to say what is new, and no more.
 */

enum { DOCS = 30, BLOG = 12, IMAGES = 12, PAGES = 1 + DOCS + BLOG + IMAGES, NIGHTS = 12 };
enum { LINES_MAX = 30 };

struct page {
    char url[80];
    const char *type;
    int64_t size;
    int status; /* 200; or 0: no answer in time; or -1: not in the list */
};
static struct page site[PAGES];

static struct page *const home = site, *const docs = site + 1, *const blog = site + 1 + DOCS,
                          *const images = site + 1 + DOCS + BLOG;

static void make_site(void)
{
    for (int i = 0; i < PAGES; i++)
        site[i] = (struct page){.type = "text/html", .size = 10000 + 100 * i, .status = 200};
    snprintf(home->url, sizeof home->url, "https://www.example.com/");
    for (int i = 0; i < DOCS; i++)
        snprintf(docs[i].url, sizeof docs[i].url, "https://www.example.com/docs/topic-%d/page-%d",
                 i / 10 + 1, i % 10);
    for (int i = 0; i < BLOG; i++)
        snprintf(blog[i].url, sizeof blog[i].url, "https://www.example.com/blog/%d.html", i);
    for (int i = 0; i < IMAGES; i++) {
        snprintf(images[i].url, sizeof images[i].url, "https://www.example.com/img/%d.png", i);
        images[i].type = "image/png";
        images[i].size *= 10;
    }
}

static void set_status(struct page *page, int count, int status)
{
    for (int i = 0; i < count; i++)
        page[i].status = status;
}

/* What happens before a night. */
static void happen(int night)
{
    switch (night) {
    case 1:
    case 2:
    case 4:
    case 6:
        break;
    case 3: /* two links are broken, and a photograph is too large */
        blog[3].status = 404;
        docs[7].status = 410;
        images[2].size += 400000;
        break;
    case 5: /* a part is out of order */
        set_status(docs + 20, 10, 503);
        blog[5].status = 0;
        break;
    case 7: /* and is back, two pages of it fuller than before */
        set_status(docs + 20, 10, 200);
        docs[21].size += 2500;
        docs[22].size += 100;
        break;
    case 8: /* one comes back that never should have */
        blog[5] = (struct page){.type = "text/html", .size = 26000000, .status = 200};
        snprintf(blog[5].url, sizeof blog[5].url, "https://www.example.com/blog/5.html");
        break;
    case 9: /* a section moves away, and a page becomes a picture */
        set_status(blog, BLOG, -1);
        docs[0].type = "image/svg+xml";
        break;
    case 10: /* the whole site is down */
        set_status(site, 1 + DOCS, 0);
        set_status(images, IMAGES, 0);
        break;
    case 11: /* all is well but for what was broken before */
        set_status(site, 1 + DOCS, 200);
        set_status(images, IMAGES, 200);
        docs[7].status = 410;
        break;
    default: /* it is mended, and smaller */
        docs[7].status = 200;
        for (int i = 0; i < IMAGES; i++)
            images[i].size /= 2;
    }
}

static void add_page(struct haul_store *store, const struct page *page, uint64_t seq)
{
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, page->url, strlen(page->url));
    bool is_ok = page->status == 200;
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = page->url;
    rec.seq = seq;
    rec.line = seq + 1;
    rec.outcome = is_ok ? HAUL_OUTCOME_OK : HAUL_OUTCOME_FAILED;
    rec.reason = is_ok          ? HAUL_REASON_NONE
                 : page->status ? HAUL_REASON_HTTP_STATUS
                                : HAUL_REASON_TIMEOUT;
    rec.http_code = page->status;
    rec.content_type = page->type;
    rec.size_body = rec.size_download = page->size;
    ck_assert_msg(!haul_store_add(store, &rec, &key, false), "%s", haul_store_error(store));
}

/* 2026-11-20 at three in the morning is the first. */
static int64_t start_us(int night)
{
    return (INT64_C(1763607600) + INT64_C(86400) * (night + 364)) * 1000000;
}

static void audit(int night, struct haul_summary *summary)
{
    static const char *text[] = {"total<1500k", "url:type:image/*<500k", "growth<5%", "failed=0"};
    static const struct haul_strings budgets = {.item = text, .count = 4};
    static const struct haul_summary_options options = {.version = "1", .workers = 1, .streams = 1};
    const struct haul_store_run run = {
        .started_us = start_us(night), .version = "0", .options = "{}"};
    struct haul_ledger ledger = {0};
    const struct haul_store_end end = {.ledger = &ledger,
                                       .ended_us = start_us(night) + 2000000,
                                       .elapsed_us = 2000000,
                                       .complete = true};
    struct haul_store *store = fake_open();

    ck_assert_msg(!haul_store_begin(store, &run), "%s", haul_store_error(store));
    for (int i = 0; i < PAGES; i++)
        if (site[i].status >= 0) {
            add_page(store, &site[i], (uint64_t)i);
            ledger.lines++;
            ledger.count[site[i].status == 200 ? HAUL_OUTCOME_OK : HAUL_OUTCOME_FAILED]++;
        }
    ck_assert_msg(!haul_store_finish(store, &end), "%s", haul_store_error(store));
    ck_assert_msg(!haul_summary_make(store, &options, summary), "%s", haul_store_error(store));
    ck_assert(
        !haul_budget_evaluate(haul_store_db(store), &budgets, HAUL_BUDGET_EMPTY_WARN, summary));
    haul_store_free(store);
}

static const char *const mails[NIGHTS] = {
    /* 1 */
    "haul: www.example.com: 55 URLs, none failed, 2.2 MiB in all, 1 budget exceeded, 1 budget not "
    "known\n"
    "budget total<1500k: EXCEEDED: 2.2 MiB (2,302,300 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  https://www.example.com/img/9.png (148.4 KiB)\n"
    "  and 52 more\n"
    "budget growth<5%: not known: limit 5 %; there is no earlier complete run\n",
    /* 2 */
    "haul: www.example.com: 55 URLs, none failed, the same size as on 2026-11-20 03:00 UTC, 1 "
    "budget exceeded\n"
    "budget total<1500k: EXCEEDED: 2.2 MiB (2,302,300 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  https://www.example.com/img/9.png (148.4 KiB)\n"
    "  and 52 more\n",
    /* 3 */
    "haul: www.example.com: 2 of 55 failed, 2 now failing, the rest +390.6 KiB (+17.6 %) since "
    "2026-11-21 03:00 UTC, 4 budgets exceeded\n"
    "now failing: http-404: https://www.example.com/blog/3.html\n"
    "now failing: http-410: https://www.example.com/docs/topic-1/page-7\n"
    "budget total<1500k: EXCEEDED: 2.6 MiB (2,678,100 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB, +390.6 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 50 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB, +390.6 KiB)\n"
    "budget growth<5%: EXCEEDED: 17.5585 %, limit 5 %; 2 URLs that have no known length are left "
    "out\n"
    "  https://www.example.com/img/2.png (+390.6 KiB)\n"
    "budget failed=0: EXCEEDED: 2 URLs, limit 0 URLs\n",
    /* 4 */
    "haul: www.example.com: 2 of 55 failed, the same size as on 2026-11-22 03:00 UTC, 3 budgets "
    "exceeded\n"
    "still failing: 2 URLs, the first since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 2.6 MiB (2,678,100 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 50 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget failed=0: EXCEEDED: 2 URLs, limit 0 URLs\n",
    /* 5 */
    "haul: www.example.com: 13 of 55 failed, 11 now failing, the rest the same size as on "
    "2026-11-23 03:00 UTC, 3 budgets exceeded\n"
    "now failing: 10 x http-503 below https://www.example.com/docs/topic-3/\n"
    "now failing: timeout: https://www.example.com/blog/5.html\n"
    "still failing: 2 URLs, the first since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 2.4 MiB (2,539,000 bytes) to 2.6 MiB (2,678,100 bytes), limit "
    "1.5 MiB (1,536,000 bytes); 11 URLs without a length count from 0 to their last known ones\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 39 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget failed=0: EXCEEDED: 13 URLs, limit 0 URLs\n",
    /* 6 */
    "haul: www.example.com: 13 of 55 failed, the same size as on 2026-11-24 03:00 UTC, 3 budgets "
    "exceeded\n"
    "still failing: 13 URLs, the first since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 2.4 MiB (2,539,000 bytes) to 2.6 MiB (2,678,100 bytes), limit "
    "1.5 MiB (1,536,000 bytes); 11 URLs without a length count from 0 to their last known ones\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 39 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget failed=0: EXCEEDED: 13 URLs, limit 0 URLs\n",
    /* 7 */
    "haul: www.example.com: 3 of 55 failed, +2.5 KiB (+0.1 %) since 2026-11-25 03:00 UTC, 3 "
    "budgets exceeded\n"
    "still failing: 3 URLs, the first since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 2.5 MiB (2,667,100 bytes) to 2.6 MiB (2,680,700 bytes), limit "
    "1.5 MiB (1,536,000 bytes); 1 URL without a length counts from 0 to its last known one\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 49 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget failed=0: EXCEEDED: 3 URLs, limit 0 URLs\n"
    "recovered: 10 URLs, +2.5 KiB below https://www.example.com/docs/topic-3/\n",
    /* 8 */
    "haul: www.example.com: 2 of 55 failed, +24.8 MiB (+969.4 %) since 2026-11-26 03:00 UTC, 4 "
    "budgets exceeded\n"
    "still failing: 2 URLs, the first since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 27.3 MiB (28,667,100 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/blog/5.html (24.8 MiB)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  and 50 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget growth<5%: EXCEEDED: 969.3886 %, limit 5 %; 2 URLs that have no known length are left "
    "out\n"
    "  https://www.example.com/blog/5.html (+24.8 MiB)\n"
    "budget failed=0: EXCEEDED: 2 URLs, limit 0 URLs\n"
    "recovered: +24.8 MiB: https://www.example.com/blog/5.html\n",
    /* 9 */
    "haul: www.example.com: 1 of 43 failed, -24.9 MiB (-91.2 %) since 2026-11-27 03:00 UTC, 3 "
    "budgets exceeded\n"
    "still failing: 1 URL since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 2.4 MiB (2,530,300 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 39 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget failed=0: EXCEEDED: 1 URL, limit 0 URLs\n"
    "gone: 12 URLs, -24.9 MiB below https://www.example.com/blog/\n"
    "new type: text/html to image/svg+xml: https://www.example.com/docs/topic-1/page-0\n",
    /* 10 */
    "haul: www.example.com: 43 of 43 failed, 42 now failing, the rest the same size as on "
    "2026-11-28 03:00 UTC, 1 budget exceeded, 3 budgets not known\n"
    "now failing: 29 x timeout below https://www.example.com/docs/\n"
    "now failing: 12 x timeout below https://www.example.com/img/\n"
    "now failing: timeout: https://www.example.com/\n"
    "still failing: 1 URL since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: not known: 0 B to 2.4 MiB (2,541,100 bytes), limit 1.5 MiB (1,536,000 "
    "bytes); 43 URLs without a length count from 0 to their last known ones\n"
    "  https://www.example.com/img/2.png (timeout, had 532.2 KiB)\n"
    "  https://www.example.com/img/11.png (timeout, had 150.4 KiB)\n"
    "  https://www.example.com/img/10.png (timeout, had 149.4 KiB)\n"
    "  and 40 more\n"
    "budget url:type:image/*<500k: not known: 0 B to 532.2 KiB (545,000 bytes), limit 500.0 KiB "
    "(512,000 bytes); 13 URLs without a length count from 0 to their last known ones\n"
    "  https://www.example.com/img/2.png (timeout, had 532.2 KiB)\n"
    "  https://www.example.com/img/11.png (timeout, had 150.4 KiB)\n"
    "  https://www.example.com/img/10.png (timeout, had 149.4 KiB)\n"
    "  and 10 more\n"
    "budget growth<5%: not known: limit 5 %; 43 URLs that have no known length are left out\n"
    "  https://www.example.com/ (timeout)\n"
    "  https://www.example.com/docs/topic-1/page-0 (timeout)\n"
    "  https://www.example.com/docs/topic-1/page-1 (timeout)\n"
    "  and 40 more\n"
    "budget failed=0: EXCEEDED: 43 URLs, limit 0 URLs\n",
    /* 11 */
    "haul: www.example.com: 1 of 43 failed, the same size as on 2026-11-29 03:00 UTC, 3 budgets "
    "exceeded\n"
    "still failing: 1 URL since 2026-11-22 03:00 UTC\n"
    "budget total<1500k: EXCEEDED: 2.4 MiB (2,530,300 bytes), limit 1.5 MiB (1,536,000 bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "  https://www.example.com/img/11.png (150.4 KiB)\n"
    "  https://www.example.com/img/10.png (149.4 KiB)\n"
    "  and 39 more\n"
    "budget url:type:image/*<500k: EXCEEDED: 532.2 KiB (545,000 bytes), limit 500.0 KiB (512,000 "
    "bytes)\n"
    "  https://www.example.com/img/2.png (532.2 KiB)\n"
    "budget failed=0: EXCEEDED: 1 URL, limit 0 URLs\n"
    "recovered: 29 URLs below https://www.example.com/docs/\n"
    "recovered: 12 URLs below https://www.example.com/img/\n"
    "recovered: https://www.example.com/\n",
    /* 12 */
    "haul: www.example.com: 43 URLs, none failed, -1.0 MiB (-42.9 %) since 2026-11-30 03:00 UTC\n"
    "recovered: https://www.example.com/docs/topic-1/page-7\n"
    "shrunk: -266.1 KiB: https://www.example.com/img/2.png\n"
    "shrunk: -75.2 KiB: https://www.example.com/img/11.png\n"
    "shrunk: -74.7 KiB: https://www.example.com/img/10.png\n"
    "shrunk: -74.2 KiB: https://www.example.com/img/9.png\n"
    "shrunk: -73.7 KiB: https://www.example.com/img/8.png\n"
    "shrunk: -73.2 KiB: https://www.example.com/img/7.png\n"
    "shrunk: -72.8 KiB: https://www.example.com/img/6.png\n"
    "shrunk: -72.3 KiB: https://www.example.com/img/5.png\n"
    "shrunk: -71.8 KiB: https://www.example.com/img/4.png\n"
    "shrunk: -71.3 KiB: https://www.example.com/img/3.png\n"
    "  and 2 more that changed\n",
};

START_TEST(mail_of_each_night_says_what_is_new)
{
    make_site();
    for (int night = 1; night <= NIGHTS; night++) {
        struct haul_summary summary;
        const char *text, *line;
        int lines = 0;

        happen(night);
        audit(night, &summary);
        text = night_brief(&summary);
        ck_assert_msg(!strcmp(text, mails[night - 1]), "night %d:\n%s", night, text);
        for (line = text; *line; line = strchr(line, '\n') + 1)
            lines++;
        ck_assert_int_le(lines, LINES_MAX);
        haul_summary_done(&summary);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mails");
    TCase *tcase = tcase_create("mails");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_add_test(tcase, mail_of_each_night_says_what_is_new);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
