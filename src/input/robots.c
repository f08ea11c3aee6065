#include "input/robots.h"

#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/span.h"
#include "base/visible.h"
#include "input/text.h"

enum { READ_SIZE = 65536 };

static bool is_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

struct haul_robots haul_robots_of(const char *bytes, size_t len, size_t max)
{
    if (len > max) {
        len = max;
        while (len && !is_end(bytes[len]) && !is_end(bytes[len - 1]))
            len--;
    }
    return (struct haul_robots){.at = bytes, .end = bytes + len};
}

enum haul_err haul_robots_read(struct haul_robots *robots, int fd, bool was_cut,
                               struct haul_buf *bytes)
{
    ssize_t len = 1;
    enum haul_err err;
    char *to;

    *robots = (struct haul_robots){.at = NULL};
    haul_buf_clear(bytes);
    while (len > 0 && (to = haul_buf_reserve(bytes, READ_SIZE))) {
        len = read(fd, to, READ_SIZE);
        if (len > 0)
            haul_buf_grew(bytes, (size_t)len);
    }
    if (bytes->err || len < 0)
        return bytes->err == HAUL_ERR_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
    err = haul_charset_decode(bytes, was_cut, &robots->problem);
    if (err)
        return err == HAUL_ERR_SYNTAX ? err : HAUL_ERR_NOMEM;
    while (was_cut && bytes->len && !is_end(bytes->data[bytes->len - 1]))
        bytes->len--;
    robots->at = haul_buf_str(bytes);
    robots->end = robots->at + bytes->len;
    return HAUL_OK;
}

static struct haul_span take_line(struct haul_robots *robots)
{
    struct haul_span line = {robots->at, 0};

    while (robots->at < robots->end && !is_end(*robots->at))
        robots->at++;
    line.len = (size_t)(robots->at - line.at);
    if (robots->end - robots->at >= 2 && memcmp(robots->at, "\r\n", 2) == 0)
        robots->at++;
    if (robots->at < robots->end)
        robots->at++;
    return robots->line++ ? line : haul_text_skip_mark(line);
}

static bool is_blank_inside(struct haul_span text)
{
    return memchr(text.at, ' ', text.len) || memchr(text.at, '\t', text.len);
}

/* "Disallow /a": of two words, so that a sentence is none. */
static bool read_without_colon(struct haul_span record, struct haul_span *name,
                               struct haul_span *value)
{
    *name = (struct haul_span){record.at, 0};
    while (name->len < record.len && !haul_ascii_is_blank(record.at[name->len]))
        name->len++;
    *value = haul_span_trim((struct haul_span){record.at + name->len, record.len - name->len});
    return value->len && !is_blank_inside(*value);
}

static bool read_line(struct haul_span line, struct haul_span *name, struct haul_span *value)
{
    struct haul_span record = haul_span_trim(haul_text_before(line, '#')), rest = record;

    if (!haul_span_take_before(&rest, ':', name))
        return read_without_colon(record, name, value);
    *name = haul_span_trim(*name);
    *value = haul_span_trim(rest);
    return true;
}

bool haul_robots_record(struct haul_robots *robots, struct haul_span *name, struct haul_span *value)
{
    while (robots->at < robots->end)
        if (read_line(take_line(robots), name, value))
            return true;
    return false;
}

bool haul_robots_next(struct haul_robots *robots, struct haul_span *url)
{
    struct haul_span name;

    while (haul_robots_record(robots, &name, url)) {
        if (!haul_span_is_word(name, "sitemap") && !haul_span_is_word(name, "site-map"))
            continue;
        *url = haul_visible_trim(*url, &robots->trimmed);
        if (url->len)
            return true;
    }
    return false;
}
