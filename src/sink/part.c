#include "sink/part.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"

enum { KEY_DIGITS = 32 };

static const char mark[] = "haul-part 2";

const char *haul_part_validator(const struct haul_part *part)
{
    return part->etag[0] ? part->etag : part->last_modified;
}

bool haul_part_is_same(const struct haul_part *part, const struct haul_part *other)
{
    return haul_key_is_same(&part->url, &other->url) && part->total == other->total &&
           strcmp(part->etag, other->etag) == 0 &&
           strcmp(part->last_modified, other->last_modified) == 0;
}

void haul_part_render(const struct haul_part *part, struct haul_buf *text)
{
    size_t begin = text->len;

    haul_buf_addf(text, "%s\n%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n", mark, part->device,
                  part->inode, part->total, part->synced);
    haul_buf_addf(text, "%016" PRIx64 "%016" PRIx64 "\n", part->url.high, part->url.low);
    haul_buf_addf(text, "%s\n%s\n%s\n%s\n", part->boot, part->etag, part->last_modified,
                  part->content_type);
    haul_buf_addf(text, "%016" PRIx64 "\n",
                  haul_hash(haul_buf_str(text) + begin, text->len - begin));
}

/* Takes the next line off *text into `line`, which has room for `size` bytes. */
static bool take_line(const char **text, char *line, size_t size)
{
    size_t len = strcspn(*text, "\n");

    if ((*text)[len] != '\n' || len >= size)
        return false;
    memcpy(line, *text, len);
    line[len] = '\0';
    *text += len + 1;
    return true;
}

static bool take_numbers(const char **text, struct haul_part *part)
{
    char *at;

    part->device = strtoull(*text, &at, 10);
    part->inode = strtoull(at, &at, 10);
    part->total = strtoll(at, &at, 10);
    part->synced = strtoll(at, &at, 10);
    *text = at + 1;
    return *at == '\n';
}

static bool take_key(const char **text, struct haul_key *key)
{
    char digits[KEY_DIGITS + 1];

    if (!take_line(text, digits, sizeof digits) || strlen(digits) != KEY_DIGITS)
        return false;
    key->low = strtoull(digits + KEY_DIGITS / 2, NULL, 16);
    digits[KEY_DIGITS / 2] = '\0';
    key->high = strtoull(digits, NULL, 16);
    return true;
}

/*
 * Reads freely; what it made is then compared with what it had, so that no rule stands here twice.
 */
static bool read_freely(const char *text, struct haul_part *part)
{
    char first[sizeof mark];

    return take_line(&text, first, sizeof first) && take_numbers(&text, part) &&
           take_key(&text, &part->url) && take_line(&text, part->boot, sizeof part->boot) &&
           take_line(&text, part->etag, sizeof part->etag) &&
           take_line(&text, part->last_modified, sizeof part->last_modified) &&
           take_line(&text, part->content_type, sizeof part->content_type);
}

bool haul_part_parse(const char *text, size_t len, struct haul_part *part)
{
    char copy[HAUL_PART_TEXT_MAX];
    struct haul_buf again;
    bool is_one;

    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    memset(part, 0, sizeof *part);
    if (!read_freely(copy, part))
        return false;
    haul_buf_init(&again, 0);
    haul_part_render(part, &again);
    is_one = !again.err && again.len == len && memcmp(again.data, text, len) == 0 &&
             part->total >= -1 && part->synced >= 0 && !haul_key_is_old(&part->url) &&
             haul_part_validator(part)[0];
    haul_buf_done(&again);
    return is_one;
}
