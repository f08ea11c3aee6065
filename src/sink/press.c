#include "sink/press.h"

#include <errno.h>
#include <libdeflate.h>

/* Packing takes longer than all else that is done for a small file; what is to be small can be
 * packed again. */
enum { LEVEL = 1 };

void haul_press_init(struct haul_press *press)
{
    *press = (struct haul_press){.compressor = NULL};
    haul_buf_init(&press->whole, 0);
    haul_buf_init(&press->packed, 0);
}

void haul_press_done(struct haul_press *press)
{
    libdeflate_free_compressor(press->compressor);
    press->compressor = NULL;
    haul_buf_done(&press->whole);
    haul_buf_done(&press->packed);
}

int haul_press_deflate(struct haul_press *press, const void *bytes, size_t len, struct haul_buf *to)
{
    size_t max, done;
    char *room;

    if (!press->compressor && !(press->compressor = libdeflate_alloc_compressor(LEVEL)))
        return ENOMEM;
    max = libdeflate_deflate_compress_bound(press->compressor, len);
    room = haul_buf_reserve(to, max);
    if (!room)
        return ENOMEM;
    done = libdeflate_deflate_compress(press->compressor, bytes, len, room, max);
    haul_buf_grew(to, done);
    return done ? 0 : EINVAL;
}

bool haul_press_note(struct haul_press *press, uint64_t tag)
{
    uint64_t *noted = &press->tags[tag % HAUL_PRESS_TAGS];
    bool is_known = *noted == tag;

    *noted = tag;
    return is_known;
}
