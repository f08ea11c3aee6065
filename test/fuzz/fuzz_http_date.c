/*
 * Whatever is read as a date is a moment that gmtime_r writes as the same date again, and delays
 * are never out of bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1767225600)

static void check_delay(int64_t delay_s)
{
    if (delay_s < -1 || delay_s > HAUL_HTTP_DELAY_MAX_S)
        abort();
}

/* The same text in IMF-fixdate's form means the same moment. */
static void check_date(int64_t date_s)
{
    time_t moment = (time_t)date_s;
    char text[64];
    struct tm tm;
    int64_t again_s;

    if (!gmtime_r(&moment, &tm))
        abort();
    if (tm.tm_year > 9999 - 1900) /* second 60 of the last minute */
        return;
    snprintf(text, sizeof text, "Mon, %02d %s %04d %02d:%02d:%02d GMT", tm.tm_mday,
             &"Jan\0Feb\0Mar\0Apr\0May\0Jun\0Jul\0Aug\0Sep\0Oct\0Nov\0Dec"[tm.tm_mon * 4],
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (!haul_http_date_parse(text, strlen(text), NOW, &again_s) || again_s != date_s)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t now_s = NOW, date_s;

    check_delay(haul_http_retry_after_s(text, size, NOW));
    check_delay(haul_http_rate_reset_s(text, size, NOW));
    if (haul_http_date_parse(text, size, NOW, &date_s))
        check_date(date_s);
    /* an absurd clock may change the century, and nothing else */
    if (size >= sizeof now_s)
        memcpy(&now_s, data, sizeof now_s);
    check_delay(haul_http_retry_after_s(text, size, now_s));
    if (haul_http_date_parse(text, size, now_s, &date_s))
        check_date(date_s);
    return 0;
}
