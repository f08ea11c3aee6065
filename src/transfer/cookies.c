#include <string.h>

#include "base/clock.h"
#include "http/cookie.h"
#include "model/notice.h"
#include "transfer/transfer_inside.h"

/*
 * Cookies of a job, and of the user's file. Each hop gets those that are for its host, wherever the
 * way began: whoever has set or written one has said for whom. The user's own field is for the
 * origin of the job, as all of his are, and goes first there; of a name that it has, there is no
 * other one.
 */

static int64_t now_s(void)
{
    return haul_clock_wall_us() / 1000000;
}

/* The user's, if it was he who has led here. */
static struct haul_cookies file_of(const struct haul_transfer *t)
{
    if (haul_transfer_named_by(t) == HAUL_NAMED_BY_STRANGER)
        return (struct haul_cookies){NULL, 0};
    return (struct haul_cookies){t->config->cookie, t->config->cookie_count};
}

static struct haul_cookie_target target_of(const struct haul_transfer *t)
{
    return haul_cookie_target_of(haul_buf_str(&t->url), t->hop.is_local);
}

static struct haul_span value_of(const char *field)
{
    size_t len = haul_transfer_own_name(field);

    return haul_span_trim(haul_span_of(field + len + (field[len] != '\0')));
}

static void add_own(struct haul_transfer *t, const char *field, enum haul_own_source source)
{
    const struct haul_span value = value_of(field);

    (void)source;
    if (!haul_span_is_word((struct haul_span){field, haul_transfer_own_name(field)}, "Cookie"))
        return;
    haul_buf_add_str(&t->cookies, t->cookies.len && value.len ? "; " : "");
    haul_buf_add(&t->cookies, value.at ? value.at : "", value.len);
}

/* "Cookie:" sends none, whosever it is. */
static bool takes_all_out(const struct haul_transfer *t, const char *own)
{
    return own && !t->cookies.len && own[haul_transfer_own_name(own)] == ':';
}

void haul_transfer_add_cookies(struct haul_transfer *t)
{
    const struct haul_own_fields from = haul_transfer_own_fields(t);
    const struct haul_cookies file = file_of(t);
    const struct haul_cookie_sources sources = {.jar = t->job->jar, .file = &file};
    const struct haul_cookie_target target = target_of(t);
    const char *own = haul_transfer_find_own(&from, "Cookie");
    struct haul_cookies_sent sent = {.count = 0};
    size_t start = t->fields.len, end;

    if (!own && !sources.jar && !file.count)
        return;
    haul_buf_clear(&t->cookies);
    haul_transfer_each_own(t, add_own);
    if (takes_all_out(t, own))
        return;
    haul_buf_add_str(&t->fields, "Cookie: ");
    haul_buf_add_str(&t->fields, haul_buf_str(&t->cookies));
    end = t->fields.len;
    haul_buf_add_str(&t->fields, t->cookies.len ? "; " : "");
    if (!haul_cookie_write(&sources, &target, now_s(),
                           (struct haul_span){haul_buf_str(&t->cookies), t->cookies.len},
                           &t->fields, &sent))
        haul_buf_cut(&t->fields, own ? end : start);
    if (own || t->fields.len > start)
        haul_buf_add_str(&t->fields, "\r\n");
    t->hop.has_credential = t->hop.has_credential || sent.count;
    haul_transfer_note_cookies(t, &sent);
    if (sent.left_out)
        haul_notice_add(&t->notices, HAUL_NOTICE_COOKIES, haul_transfer_origin(t));
    if (t->cookies.err)
        t->fields.err = t->cookies.err;
}

void haul_transfer_keep_cookies(struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;
    const struct haul_cookies file = file_of(t);
    const struct haul_cookie_target target = target_of(t);

    if (!res->cookies.len || res->reason != HAUL_REASON_NONE || !haul_response_is_complete(res))
        return;
    haul_cookie_keep(&t->job->jar, &file, &target, haul_buf_str(&res->cookies), res->cookies.len,
                     now_s(), &t->cookies);
}
