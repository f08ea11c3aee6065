#include "head_feed.h"

#include <check.h>
#include <string.h>

/* Up to the LF that ends a line: the next one begins with a blank only where the first may not. */
static size_t line_of(const struct haul_response *res, const char *bytes, size_t len)
{
    size_t line = 0;
    const char *end;

    do {
        end = memchr(bytes + line, '\n', len - line);
        line = end ? (size_t)(end - bytes) + 1 : len;
    } while (res->state == HAUL_RESPONSE_FIELDS && *bytes != '\r' && *bytes != '\n' && line < len &&
             (bytes[line] == ' ' || bytes[line] == '\t'));
    return line;
}

enum haul_reason head_feed(struct haul_response *res, const char *bytes, size_t len)
{
    enum haul_reason reason = res->reason;

    while (len > 0) {
        size_t line = line_of(res, bytes, len);

        reason = haul_response_header_line(res, bytes, line);
        ck_assert_int_eq(reason, res->reason);
        bytes += line;
        len -= line;
    }
    return reason;
}

enum haul_reason head_feed_str(struct haul_response *res, const char *text)
{
    return head_feed(res, text, strlen(text));
}
