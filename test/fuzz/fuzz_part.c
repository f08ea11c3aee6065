/*
 * Whatever stands beside a temporary, its parser either refuses it or gives a part of which
 * rendering makes the same text again, and nothing of which is too long or out of range. It has a
 * whole key, which is part of what makes two of them the same; so nothing of version 1 is one. A
 * text whose checksum is wrong is refused anyway: so each is also tried with the right one.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/hash.h"
#include "sink/part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* With a bit of its key changed it is another URL's, and its text says so. */
static void check_key(const struct haul_part *part)
{
    struct haul_part others[2] = {*part, *part}, back;
    struct haul_buf text;

    require(!haul_key_is_old(&part->url) && !part->url.old);
    others[0].url.high ^= UINT64_C(1) << (part->inode & 63);
    others[1].url.low ^= UINT64_C(1) << (part->inode & 63);
    for (int i = 0; i < 2; i++) {
        require(!haul_part_is_same(part, &others[i]) && !haul_part_is_same(&others[i], part));
        haul_buf_init(&text, 0);
        haul_part_render(&others[i], &text);
        if (!text.err && haul_part_parse(text.data, text.len, &back))
            require(haul_part_is_same(&others[i], &back) && !haul_part_is_same(part, &back));
        else
            require(text.err || haul_key_is_old(&others[i].url));
        haul_buf_done(&text);
    }
}

static void check_part(const struct haul_part *part, const char *text, size_t len)
{
    static const char mark[] = "haul-part 2\n";
    struct haul_buf again;

    require(len < HAUL_PART_TEXT_MAX);
    require(len > sizeof mark && memcmp(text, mark, sizeof mark - 1) == 0);
    require(part->total >= -1 && part->synced >= 0);
    require(memchr(part->boot, '\0', sizeof part->boot) != NULL);
    require(memchr(part->etag, '\0', sizeof part->etag) != NULL);
    require(memchr(part->last_modified, '\0', sizeof part->last_modified) != NULL);
    require(memchr(part->content_type, '\0', sizeof part->content_type) != NULL);
    require(*haul_part_validator(part) && haul_part_is_same(part, part));
    haul_buf_init(&again, 0);
    haul_part_render(part, &again);
    require(again.err || (again.len == len && memcmp(again.data, text, len) == 0));
    haul_buf_done(&again);
    check_key(part);
}

/* In a room of exactly its size, so that reading beyond it is seen. Returns whether it is one. */
static bool try_text(const char *text, size_t len)
{
    char *exact = calloc(1, len ? len : 1);
    struct haul_part part;
    bool is_one;

    if (!exact)
        return false;
    if (len)
        memcpy(exact, text, len);
    is_one = haul_part_parse(exact, len, &part);
    if (is_one)
        check_part(&part, text, len);
    free(exact);
    return is_one;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf signed_text;
    const char *text = (const char *)data;

    (void)try_text(text, size);
    haul_buf_init(&signed_text, 0);
    haul_buf_add(&signed_text, text, size);
    haul_buf_addf(&signed_text, "%016" PRIx64 "\n", haul_hash(text, size));
    if (!signed_text.err && try_text(signed_text.data, signed_text.len)) {
        signed_text.data[signed_text.len - 2] ^= 1;
        require(!try_text(signed_text.data, signed_text.len));
    }
    haul_buf_done(&signed_text);
    return 0;
}
