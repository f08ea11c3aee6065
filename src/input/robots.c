#include "input/robots.h"

#include <string.h>

static bool is_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

static struct haul_span take_line(struct haul_robots *robots)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct haul_span line = {robots->at, 0};

    while (line.at + line.len < robots->end && !is_end(line.at[line.len]))
        line.len++;
    robots->at += line.len;
    if (robots->end - robots->at >= 2 && memcmp(robots->at, "\r\n", 2) == 0)
        robots->at++;
    if (robots->at < robots->end)
        robots->at++;
    if (!robots->line++ && line.len >= 3 && memcmp(line.at, mark, 3) == 0)
        line = (struct haul_span){line.at + 3, line.len - 3};
    return line;
}

static bool is_word(struct haul_span text, const char *lower)
{
    if (text.len != strlen(lower))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte + ('a' - 'A'));
        if (byte != lower[i])
            return false;
    }
    return true;
}

static bool read_line(struct haul_span line, struct haul_span *url)
{
    const char *comment = line.len ? memchr(line.at, '#', line.len) : NULL;
    const char *colon;

    if (comment)
        line.len = (size_t)(comment - line.at);
    colon = line.len ? memchr(line.at, ':', line.len) : NULL;
    if (!colon ||
        !is_word(haul_text_trim_blanks((struct haul_span){line.at, (size_t)(colon - line.at)}),
                 "sitemap"))
        return false;
    *url = haul_text_trim_blanks(
        (struct haul_span){colon + 1, line.len - (size_t)(colon + 1 - line.at)});
    return url->len;
}

bool haul_robots_next(struct haul_robots *robots, struct haul_span *url)
{
    while (robots->at < robots->end)
        if (read_line(take_line(robots), url))
            return true;
    return false;
}
