#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sink/name.h"

/*
 * Whatever a list says: a name is refused, or it stays where it belongs. The input is a form, a
 * URL, a name and a directory of the list, with newlines between; an empty one of the last two is
 * none.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static void require_safe_part(const char *part, size_t len)
{
    REQUIRE(len && len <= HAUL_NAME_PART_MAX);
    REQUIRE(part[0] != '.' && part[0] != '-');
    for (size_t i = 0; i < len; i++)
        REQUIRE(((unsigned char)part[i] >= 0x20 && part[i] != 0x7f) ||
                part[i] == HAUL_NAME_SHA256[0]);
}

static void require_safe_name(const struct haul_buf *name)
{
    const char *at = haul_buf_str(name);
    size_t parts = 0, len;

    REQUIRE(strlen(at) == name->len && name->len <= HAUL_NAME_MAX + 2 * HAUL_NAME_PART_MAX);
    for (bool more = true; more; at += len + 1) {
        len = strcspn(at, "/");
        more = at[len] == '/';
        require_safe_part(at, len);
        parts++;
    }
    REQUIRE(parts <= HAUL_NAME_PARTS_MAX);
}

static void check(const char *form, const struct haul_name_facts *facts)
{
    struct haul_buf name, again;

    haul_buf_init(&name, 0);
    haul_buf_init(&again, 0);
    for (unsigned variant = 0; variant < 3; variant++) {
        haul_buf_clear(&name);
        haul_buf_clear(&again);
        if (haul_name_build(form, facts, variant, &name) != HAUL_REASON_NONE)
            break;
        require_safe_name(&name);
        REQUIRE(haul_name_build(form, facts, variant, &again) == HAUL_REASON_NONE);
        REQUIRE(strcmp(haul_buf_str(&name), haul_buf_str(&again)) == 0);
    }
    haul_buf_done(&name);
    haul_buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_name_facts facts = {.hash = 1, .number = 2, .line = 3, .date = "2024-02-29"};
    char *text = malloc(size + 1), *part[4] = {NULL}, *at = text;

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    for (int i = 0; i < 4 && at; i++) {
        part[i] = at;
        at = strchr(at, '\n');
        if (at)
            *at++ = '\0';
    }
    facts.url = part[1] ? part[1] : "http://h/";
    facts.out = part[2] && *part[2] ? part[2] : NULL;
    facts.dir = part[3] && *part[3] ? part[3] : NULL;
    check(haul_name_check(part[0]) ? "path" : part[0], &facts);
    free(text);
    return 0;
}
