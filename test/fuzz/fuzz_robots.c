#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/robots.h"

/* What a robots.txt names lies inside of it, is on one line, and comes in its order. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    struct haul_robots robots;
    struct haul_span url;
    uint64_t line = 0;

    require(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    robots = (struct haul_robots){.at = copy, .end = copy + size};
    while (haul_robots_next(&robots, &url)) {
        require(url.len > 0 && url.at >= copy && url.at + url.len <= copy + size);
        require(!memchr(url.at, '\n', url.len) && !memchr(url.at, '\r', url.len) &&
                !memchr(url.at, '#', url.len));
        require(*url.at != ' ' && *url.at != '\t' && url.at[url.len - 1] != ' ');
        require(robots.line > line);
        line = robots.line;
    }
    free(copy);
    return 0;
}
