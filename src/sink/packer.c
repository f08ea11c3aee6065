#include "sink/packer.h"

#include <errno.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 16 << 10, TRAILER = 8 };

/* As fast as it can be, as in press.c. */
enum { LEVEL = 1, WINDOW = -15 /* bare deflate */, MEMORY = 8 };

void haul_packer_init(struct haul_packer *packer, struct haul_press *press, const char *directory)
{
    *packer = (struct haul_packer){.press = press};
    haul_buf_init(&packer->body, 0);
    haul_spool_init(&packer->spool, directory);
}

void haul_packer_done(struct haul_packer *packer)
{
    haul_packer_begin(packer);
    haul_buf_done(&packer->body);
    haul_spool_done(&packer->spool);
}

/* ---- compressing a long body ---- */

static int begin_stream(struct haul_packer *packer)
{
    z_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return ENOMEM;
    if (deflateInit2(stream, LEVEL, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(stream);
        return ENOMEM;
    }
    packer->stream = stream;
    packer->crc = 0;
    return 0;
}

static void end_stream(struct haul_packer *packer)
{
    if (!packer->stream)
        return;
    (void)deflateEnd(packer->stream);
    free(packer->stream);
    packer->stream = NULL;
}

/* Who gets what was compressed: a spool or a buffer. */
struct drain {
    struct haul_spool *spool;
    struct haul_buf *buf;
};

static int drain(const struct drain *to, const unsigned char *bytes, size_t len)
{
    if (to->spool)
        return haul_spool_add(to->spool, bytes, len);
    haul_buf_add(to->buf, bytes, len);
    return to->buf->err ? ENOMEM : 0;
}

/* zlib reads what it is given, and says so with a type that lets it write. */
static Bytef *readable(const void *bytes)
{
    union {
        const void *given;
        Bytef *wanted;
    } at = {.given = bytes};

    return at.wanted;
}

static int compress_some(struct haul_packer *packer, const void *bytes, size_t len, int flush,
                         const struct drain *to)
{
    unsigned char piece[PIECE];
    z_stream *stream = packer->stream;
    int error = 0;

    if (len > UINT_MAX)
        return EFBIG;
    stream->next_in = readable(bytes);
    stream->avail_in = (uInt)len;
    do {
        stream->next_out = piece;
        stream->avail_out = PIECE;
        if (deflate(stream, flush) == Z_STREAM_ERROR)
            return EINVAL;
        error = drain(to, piece, PIECE - stream->avail_out);
    } while (!error && !stream->avail_out);
    return error;
}

/* ---- members ---- */

static void put(unsigned char *at, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++, number >>= 8)
        at[i] = (unsigned char)number;
}

static uint64_t get(const unsigned char *at, int bytes)
{
    uint64_t number = 0;

    for (int i = bytes; i > 0; i--)
        number = number << 8 | at[i - 1];
    return number;
}

enum {
    FIXED = 16,
    NUMBERS = 32,
    OLD_NUMBERS = 24, /* with a key of one number */
    SIZE = FIXED,
    KEY = SIZE + 8,
    TAG = KEY + 16,
    CRC = FIXED + NUMBERS,
    OLD_TAG = KEY + 8
};

/* Deflate, an extra field, no time, an unknown system; the field's length, name and length. */
#define FIXED_HEAD(numbers)                                                                        \
    {                                                                                              \
        0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, (numbers) + 8, 0, 'H', 'L', (numbers) + 4, 0         \
    }
static const unsigned char fixed_head[FIXED] = FIXED_HEAD(NUMBERS);
static const unsigned char old_head[FIXED] = FIXED_HEAD(OLD_NUMBERS);

static void put_key(unsigned char head[HAUL_PACKER_HEAD], const struct haul_key *key)
{
    put(head + KEY, key->high, 8);
    put(head + KEY + 8, key->low, 8);
    put(head + CRC, libdeflate_crc32(0, head + FIXED, NUMBERS), 4);
}

void haul_packer_put_mark(unsigned char head[HAUL_PACKER_HEAD], const struct haul_packer_mark *mark)
{
    memcpy(head, fixed_head, FIXED);
    put(head + SIZE, mark->size, 8);
    put(head + TAG, mark->tag, 8);
    put_key(head, &mark->key);
}

static bool begins_as(const unsigned char fixed[FIXED], const unsigned char *bytes, size_t len)
{
    return memcmp(bytes, fixed, len < FIXED ? len : FIXED) == 0;
}

bool haul_packer_may_begin(const unsigned char *bytes, size_t len)
{
    return begins_as(fixed_head, bytes, len) || begins_as(old_head, bytes, len);
}

bool haul_packer_read_mark(const unsigned char head[HAUL_PACKER_HEAD],
                           struct haul_packer_mark *mark)
{
    bool is_old = begins_as(old_head, head, HAUL_PACKER_HEAD);
    int numbers = is_old ? OLD_NUMBERS : NUMBERS;

    *mark = (struct haul_packer_mark){.size = get(head + SIZE, 8),
                                      .tag = get(head + (is_old ? OLD_TAG : TAG), 8)};
    if (is_old)
        mark->key.old = get(head + KEY, 8);
    else
        mark->key = (struct haul_key){.high = get(head + KEY, 8), .low = get(head + KEY + 8, 8)};
    return haul_packer_may_begin(head, HAUL_PACKER_HEAD) &&
           get(head + FIXED + numbers, 4) == libdeflate_crc32(0, head + FIXED, (size_t)numbers) &&
           mark->size > (uint64_t)FIXED + (uint64_t)numbers + 4 + TRAILER &&
           mark->size <= INT64_MAX;
}

void haul_packer_set_key(struct haul_parcel *parcel, const struct haul_key *key)
{
    put_key((unsigned char *)parcel->bytes, key);
}

static void put_trailer(unsigned char trailer[TRAILER], uint32_t crc, uint64_t size)
{
    put(trailer, crc, 4);
    put(trailer + 4, size, 4);
}

/* The head in front of what is in the spool, its blocks ending so that others can follow. */
static int put_together(struct haul_packer *packer, const struct haul_buf *head,
                        struct haul_packer_mark *mark, struct haul_parcel **out)
{
    struct haul_buf before;
    unsigned char trailer[TRAILER];
    uLong crc = libdeflate_crc32(0, head->data, head->len);
    int error = deflateReset(packer->stream) == Z_OK ? 0 : EINVAL;

    haul_buf_init(&before, 0);
    haul_buf_pad(&before, '\0', HAUL_PACKER_HEAD);
    if (!error)
        error = compress_some(packer, head->data, head->len, Z_FULL_FLUSH,
                              &(struct drain){.buf = &before});
    if (!error) {
        crc = crc32_combine(crc, packer->crc, (z_off_t)packer->size);
        put_trailer(trailer, (uint32_t)crc, (uint64_t)head->len + (uint64_t)packer->size);
        mark->size = before.len + (uint64_t)haul_spool_size(&packer->spool) + TRAILER;
        haul_packer_put_mark((unsigned char *)before.data, mark);
        error = haul_spool_pack(&packer->spool, before.data, before.len, trailer, TRAILER, out);
    }
    haul_buf_done(&before);
    return error;
}

/* What is in memory as a whole. */
static int pack_whole(struct haul_press *press, const char *record, size_t len,
                      struct haul_packer_mark *mark, struct haul_parcel **out)
{
    struct haul_buf *packed = &press->packed;
    unsigned char trailer[TRAILER];
    int error;

    haul_buf_clear(packed);
    haul_buf_pad(packed, '\0', HAUL_PACKER_HEAD);
    error = haul_press_deflate(press, record, len, packed);
    if (error)
        return error;
    put_trailer(trailer, libdeflate_crc32(0, record, len), len);
    haul_buf_add(packed, trailer, TRAILER);
    if (packed->err)
        return ENOMEM;
    mark->size = packed->len;
    haul_packer_put_mark((unsigned char *)packed->data, mark);
    *out = haul_parcel_create(packed->data, packed->len);
    return *out ? 0 : ENOMEM;
}

/* ---- records ---- */

void haul_packer_begin(struct haul_packer *packer)
{
    end_stream(packer);
    haul_spool_clear(&packer->spool);
    haul_buf_clear(&packer->body);
    packer->size = 0;
}

static int add_to_stream(struct haul_packer *packer, const void *bytes, size_t len)
{
    packer->crc = libdeflate_crc32(packer->crc, bytes, len);
    return compress_some(packer, bytes, len, Z_NO_FLUSH, &(struct drain){.spool = &packer->spool});
}

/* The body is too long to wait. */
static int switch_to_stream(struct haul_packer *packer)
{
    int error = begin_stream(packer);

    if (!error)
        error = add_to_stream(packer, haul_buf_str(&packer->body), packer->body.len);
    haul_buf_done(&packer->body);
    return error;
}

int haul_packer_add(struct haul_packer *packer, const void *bytes, size_t len)
{
    bool is_whole = !packer->stream && len <= HAUL_PACKER_WHOLE_MAX - packer->body.len;
    int error = 0;

    packer->size += (int64_t)len;
    if (is_whole) {
        haul_buf_add(&packer->body, bytes, len);
        return packer->body.err ? ENOMEM : 0;
    }
    if (!packer->stream)
        error = switch_to_stream(packer);
    return error ? error : add_to_stream(packer, bytes, len);
}

/* Head and body in one, the press's. */
static const struct haul_buf *join(const struct haul_packer *packer, const struct haul_buf *head)
{
    struct haul_buf *whole = &packer->press->whole;

    haul_buf_clear(whole);
    haul_buf_add(whole, haul_buf_str(head), head->len);
    haul_buf_add(whole, haul_buf_str(&packer->body), packer->body.len);
    return whole;
}

static int finish_stream(struct haul_packer *packer, const struct haul_buf *head,
                         struct haul_packer_mark *mark, struct haul_parcel **out)
{
    int error = compress_some(packer, "", 0, Z_FINISH, &(struct drain){.spool = &packer->spool});

    return error ? error : put_together(packer, head, mark, out);
}

int haul_packer_finish(struct haul_packer *packer, const struct haul_buf *head,
                       const struct haul_key *key, uint64_t tag, struct haul_parcel **out)
{
    struct haul_packer_mark mark = {.key = key ? *key : (struct haul_key){0}, .tag = tag};
    int error = head->err ? ENOMEM : 0;

    *out = NULL;
    if (!error)
        error = packer->stream ? finish_stream(packer, head, &mark, out)
                               : haul_packer_pack(packer, join(packer, head), key, tag, out);
    haul_packer_begin(packer);
    return error;
}

int haul_packer_finish_raw(struct haul_packer *packer, const struct haul_buf *head, uint64_t tag,
                           struct haul_parcel **out)
{
    const struct haul_buf *whole;

    if (packer->stream || head->err)
        return haul_packer_finish(packer, head, NULL, tag, out);
    whole = join(packer, head);
    *out = whole->err ? NULL : haul_parcel_create(whole->data, whole->len);
    if (*out) {
        (*out)->tag = tag;
        (*out)->is_raw = true;
    }
    haul_packer_begin(packer);
    return *out ? 0 : ENOMEM;
}

int haul_packer_pack_raw(struct haul_packer *packer, const struct haul_parcel *raw,
                         struct haul_parcel **out)
{
    struct haul_packer_mark mark = {.tag = raw->tag};

    *out = NULL;
    return pack_whole(packer->press, raw->bytes, raw->len, &mark, out);
}

int haul_packer_pack(struct haul_packer *packer, const struct haul_buf *record,
                     const struct haul_key *key, uint64_t tag, struct haul_parcel **out)
{
    struct haul_packer_mark mark = {.key = key ? *key : (struct haul_key){0}, .tag = tag};

    *out = NULL;
    return record->err ? ENOMEM
                       : pack_whole(packer->press, haul_buf_str(record), record->len, &mark, out);
}
