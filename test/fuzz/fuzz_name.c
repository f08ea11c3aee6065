#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sink/name.h"
#include "sink/name_form.h"
#include "sink/name_late.h"

/*
 * Whatever a list says: a name is refused, or it stays where it belongs. The input is a form, a
 * URL, a name and a directory of the list, and what its column "c" has, with newlines between; an
 * empty name or directory is none.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* By other means than base/visible.h: UTF-8 to the letter, and nothing that cannot be seen. */
static uint32_t next_code(const unsigned char **at)
{
    unsigned char first = *(*at)++;
    int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t code = more ? first & (0x3fU >> more) : first;

    REQUIRE(first < 0x80 || (first >= 0xc2 && first <= 0xf4));
    for (int i = 0; i < more; i++) {
        REQUIRE((**at & 0xc0) == 0x80);
        code = code << 6 | (*(*at)++ & 0x3f);
    }
    REQUIRE(more < 2 || code >= (more == 2 ? 0x800 : 0x10000));
    REQUIRE((code < 0xd800 || code > 0xdfff) && code <= 0x10ffff);
    return code;
}

/* A joiner never stands behind what it does not join: text of Europe, another joiner, nothing. */
static void require_can_be_seen(const char *name)
{
    static const uint32_t unseen[][2] = {{0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},
                                         {0x200b, 0x200b}, {0x200e, 0x200f},  {0x2028, 0x202e},
                                         {0x2060, 0x206f}, {0xfeff, 0xfeff},  {0xfff9, 0xfffb},
                                         {0xfffe, 0xffff}, {0xe0000, 0xe0fff}};
    const unsigned char *at = (const unsigned char *)name;

    for (uint32_t code, last = 0; *at; last = code) {
        code = next_code(&at);
        for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
            REQUIRE(code < unseen[i][0] || code > unseen[i][1]);
        REQUIRE((code != 0x200c && code != 0x200d) ||
                (last >= 0x600 && last != 0x200c && last != 0x200d));
    }
}

/* Text of a form is the user's own, and may be anything. */
static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

static void require_safe_part(const char *part, size_t len, bool is_late)
{
    REQUIRE(len && len <= HAUL_NAME_PART_MAX);
    REQUIRE(part[0] != '.' && part[0] != '-');
    for (size_t i = 0; i < len; i++)
        REQUIRE(((unsigned char)part[i] >= 0x20 && part[i] != 0x7f) ||
                (is_late && part[i] <= HAUL_NAME_MARK_DIGIT[0]));
}

/* `is_late`: there may be marks. */
static void require_safe_name(const struct haul_buf *name, bool is_late)
{
    const char *at = haul_buf_str(name);
    size_t parts = 0, len;

    REQUIRE(strlen(at) == name->len && name->len <= HAUL_NAME_MAX + 2 * HAUL_NAME_PART_MAX);
    for (bool more = true; more; at += len + 1) {
        len = strcspn(at, "/");
        more = at[len] == '/';
        require_safe_part(at, len, is_late);
        parts++;
    }
    REQUIRE(parts <= HAUL_NAME_PARTS_MAX);
}

/* With its marks filled in it is one, too; a part that has a digest beside other text and a mark of
 * its URL may then be longer than others, and no file system minds. */
static void require_safe_when_filled(const struct haul_buf *name, unsigned variant)
{
    static const char sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct haul_buf full;

    haul_buf_init(&full, 0);
    haul_name_fill(&full, haul_buf_str(name), sha256, "text/html");
    REQUIRE(!haul_name_is_late(haul_buf_str(&full)));
    if (!variant)
        require_safe_name(&full, false);
    haul_buf_done(&full);
}

/* As earlier versions spelled it: a safe name, and the same where there is nothing to be encoded.
 */
static void check_earlier(const char *form, struct haul_name_facts facts, const char *now)
{
    struct haul_buf name;

    haul_buf_init(&name, 0);
    facts.spelling = HAUL_NAME_EARLIER;
    REQUIRE(haul_name_build(form, &facts, 0, &name) == HAUL_REASON_NONE);
    require_safe_name(&name, true);
    if (is_printable(facts.out ? facts.out : "") && is_printable(facts.dir ? facts.dir : ""))
        REQUIRE(strcmp(haul_buf_str(&name), now) == 0);
    haul_buf_done(&name);
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
        require_safe_name(&name, true);
        if (is_printable(form))
            require_can_be_seen(haul_buf_str(&name));
        if (!variant)
            check_earlier(form, *facts, haul_buf_str(&name));
        require_safe_when_filled(&name, variant);
        REQUIRE(haul_name_build(form, facts, variant, &again) == HAUL_REASON_NONE);
        REQUIRE(strcmp(haul_buf_str(&name), haul_buf_str(&again)) == 0);
    }
    haul_buf_done(&name);
    haul_buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_name_facts facts = {.hash = 1, .number = 2, .line = 3, .date = "2024-02-29"};
    struct haul_attached column = {"c", ""};
    char *text = malloc(size + 1), *part[5] = {NULL}, *at = text;

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    for (int i = 0; i < 5 && at; i++) {
        part[i] = at;
        at = strchr(at, '\n');
        if (at)
            *at++ = '\0';
    }
    facts.url = part[1] ? part[1] : "http://h/";
    facts.out = part[2] && *part[2] ? part[2] : NULL;
    facts.dir = part[3] && *part[3] ? part[3] : NULL;
    column.value = part[4] ? part[4] : "";
    facts.attached = &column;
    facts.attached_count = 1;
    check(haul_name_check(part[0]) ? "path" : part[0], &facts);
    free(text);
    return 0;
}
