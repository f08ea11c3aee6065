#include "http/validator.h"

#include <string.h>

#include "http/date.h"

/* Both clocks may be a little wrong, and the file may have changed twice in that time. */
enum { SETTLED_S = 60 };

/* RFC 9110, 8.8.3: quoted, and no quote inside. */
static bool is_strong_tag(const char *tag)
{
    const char *end = tag[0] == '"' ? strchr(tag + 1, '"') : NULL;

    return end && !end[1];
}

static bool is_strong_date(const struct haul_response *res, int64_t now_s)
{
    const char *modified = res->last_modified;
    int64_t modified_s, sent_s;

    if (!haul_http_date_parse(modified, strlen(modified), now_s, &modified_s))
        return false;
    if (!haul_http_date_parse(res->date, strlen(res->date), now_s, &sent_s))
        sent_s = now_s;
    return modified_s <= sent_s - SETTLED_S;
}

const char *haul_validator_strong(const struct haul_response *res, int64_t now_s)
{
    if (res->etag[0])
        return is_strong_tag(res->etag) ? res->etag : NULL;
    if (res->etag_seen)
        return NULL;
    return is_strong_date(res, now_s) ? res->last_modified : NULL;
}
