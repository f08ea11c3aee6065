#include "input/robots.h"

#include <string.h>
#include <unistd.h>

#include "base/span.h"
#include "input/text.h"

enum { READ_SIZE = 65536 };

static bool is_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

enum haul_err haul_robots_read(struct haul_robots *robots, int fd, bool was_cut,
                               struct haul_buf *bytes)
{
    ssize_t len = 1;
    char *to;

    haul_buf_clear(bytes);
    while (len > 0 && (to = haul_buf_reserve(bytes, READ_SIZE))) {
        len = read(fd, to, READ_SIZE);
        if (len > 0)
            haul_buf_grew(bytes, (size_t)len);
    }
    if (bytes->err || len < 0)
        return bytes->err == HAUL_ERR_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
    while (was_cut && bytes->len && !is_end(bytes->data[bytes->len - 1]))
        bytes->len--;
    robots->at = haul_buf_str(bytes);
    robots->end = robots->at + bytes->len;
    robots->line = 0;
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

static bool read_line(struct haul_span line, struct haul_span *url)
{
    struct haul_span record = haul_text_before(line, '#'), name = haul_text_before(record, ':');

    if (name.len == record.len)
        return false;
    *url = haul_span_trim((struct haul_span){name.at + name.len + 1, record.len - name.len - 1});
    return url->len && haul_span_is_word(haul_span_trim(name), "sitemap");
}

bool haul_robots_next(struct haul_robots *robots, struct haul_span *url)
{
    while (robots->at < robots->end)
        if (read_line(take_line(robots), url))
            return true;
    return false;
}
