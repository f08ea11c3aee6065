#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/robots.h"
#include "input/robots_rules.h"
#include "input/text.h"
#include "unit/robots_model.h"

/*
 * What a robots.txt names lies inside of it, is on one line, and comes in its order. And what it
 * allows, the model allows, too: the input is a target, the end of its line, and a robots.txt.
 */

enum {
    /* The model tries "*" with everything. */
    STARS_MAX = 3,
    TARGET_MAX = 48
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_sitemaps(const char *text, size_t size)
{
    struct haul_robots robots = {.at = text, .end = text + size};
    struct haul_span url;
    uint64_t line = 0;

    while (haul_robots_next(&robots, &url)) {
        require(url.len > 0 && url.at >= text && url.at + url.len <= text + size);
        require(!memchr(url.at, '\n', url.len) && !memchr(url.at, '\r', url.len) &&
                !memchr(url.at, '#', url.len));
        require(*url.at != ' ' && *url.at != '\t' && url.at[url.len - 1] != ' ');
        require(robots.line > line);
        line = robots.line;
    }
}

static bool is_easy_for_the_model(const char *text, size_t size)
{
    int stars = 0;

    for (size_t i = 0; i < size && stars <= STARS_MAX; i++)
        if (text[i] == '\n' || text[i] == '\r')
            stars = 0;
        else if (text[i] == '*')
            stars++;
    return stars <= STARS_MAX && !(size >= 3 && memcmp(text, HAUL_TEXT_MARK, 3) == 0);
}

static void check_rules(const char *target, size_t target_len, const char *text, size_t size)
{
    struct haul_robots_rules *rules;
    bool allow;

    if (haul_robots_rules_parse(text, size, "haul", &rules))
        return;
    require(haul_robots_rules_delay_us(rules) >= -1);
    require(haul_robots_rules_size(rules) <= 4096 + 12 * size);
    require(haul_robots_rules_allow(rules, "/robots.txt", strlen("/robots.txt")));
    allow = haul_robots_rules_allow(rules, target, target_len);
    if (target_len && *target == '/' && target_len <= TARGET_MAX &&
        is_easy_for_the_model(text, size))
        require(allow == robots_model_allow(text, size, "haul", target, target_len));
    haul_robots_rules_free(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    size_t target = 0;

    require(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    check_sitemaps(copy, size);
    while (target < size && copy[target] != '\n')
        target++;
    check_rules(copy, target, copy + target, size - target);
    free(copy);
    return 0;
}
