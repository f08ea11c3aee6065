#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/again.h"
#include "base/hash.h"
#include "sink/warc_file.h"

enum { PLACE_BITS = 40, HEAD_MAX = 64 << 10, READ_SIZE = 4 << 10, WINDOW = 15 + 16 /* gzip */ };

uint64_t haul_warc_place(unsigned number, int64_t at)
{
    return (uint64_t)number << PLACE_BITS | ((uint64_t)at & ((UINT64_C(1) << PLACE_BITS) - 1));
}

/* ---- payloads ---- */

void haul_warc_note_payload(struct haul_warc_payloads *payloads, uint64_t tag, uint64_t place)
{
    if (!tag || payloads->count == HAUL_WARC_PAYLOADS_MAX)
        return;
    payloads->tag[payloads->count] = tag;
    payloads->place[payloads->count++] = place;
}

enum haul_err haul_warc_take_payloads(struct haul_warc *warc,
                                      const struct haul_warc_payloads *payloads)
{
    enum haul_err err = HAUL_OK;
    uint64_t first;
    bool is_new;

    for (size_t i = 0; i < payloads->count && !err; i++)
        err = haul_keyset_add(warc->seen, haul_hash_keyed_pair(payloads->tag[i], 0),
                              payloads->place[i], &is_new, &first);
    return err;
}

/* ---- reading ---- */

/* As many as are there. Negative: errno. */
static ssize_t read_at(int fd, int64_t at, void *bytes, size_t len)
{
    char *to = bytes;
    size_t done = 0;

    while (done < len) {
        ssize_t got;

        HAUL_AGAIN(got, pread(fd, to + done, len - done, (off_t)at + (off_t)done));
        if (got < 0)
            return -1;
        if (!got)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* ---- marks ---- */

/* What is no mark; fewer bytes, if the file ends. One that is only begun may be haul's. */
static enum haul_warc_state state_of_rest(const unsigned char *head, size_t len, int64_t at)
{
    if (len < HAUL_PACKER_HEAD && haul_packer_may_begin(head, len))
        return HAUL_WARC_TORN;
    return at || haul_packer_may_begin(head, len) ? HAUL_WARC_DAMAGED : HAUL_WARC_FOREIGN;
}

static bool has_key(const struct haul_packer_mark *mark)
{
    return !haul_key_is_old(&mark->key) || mark->key.old;
}

static bool is_begin(const struct haul_key *key)
{
    const struct haul_key *begin = &haul_warc_begin;

    return haul_key_is_old(key) ? key->old == begin->old
                                : key->high == begin->high && key->low == begin->low;
}

static enum haul_err take_job(struct haul_warc *warc, const struct haul_packer_mark *last,
                              struct haul_warc_payloads *payloads)
{
    enum haul_err err = haul_warc_take_payloads(warc, payloads);
    uint64_t first;
    bool is_new;

    payloads->count = 0;
    if (!err && !is_begin(&last->key))
        err = haul_keyset_add(warc->known, haul_key_number(&last->key), 0, &is_new, &first);
    return err;
}

enum haul_err haul_warc_scan(struct haul_warc *warc, int fd, int64_t size, unsigned number,
                             enum haul_warc_state *state, int64_t *keep)
{
    struct haul_warc_payloads payloads = {.count = 0};
    unsigned char head[HAUL_PACKER_HEAD];
    struct haul_packer_mark mark;
    enum haul_err err = HAUL_OK;

    *keep = 0;
    *state = HAUL_WARC_WHOLE;
    for (int64_t at = 0; at < size && !err; at += (int64_t)mark.size) {
        ssize_t got = read_at(fd, at, head, sizeof head);

        if (got < 0)
            return HAUL_ERR_IO;
        if (got < HAUL_PACKER_HEAD || !haul_packer_read_mark(head, &mark)) {
            *state = state_of_rest(head, (size_t)got, at);
            return HAUL_OK;
        }
        if ((int64_t)mark.size > size - at) {
            *state = HAUL_WARC_TORN;
            return HAUL_OK;
        }
        haul_warc_note_payload(&payloads, mark.tag, haul_warc_place(number, at));
        if (!has_key(&mark))
            continue;
        err = take_job(warc, &mark, &payloads);
        *keep = at + (int64_t)mark.size;
    }
    if (*keep < size)
        *state = HAUL_WARC_TORN; /* records of a job without its last */
    return err;
}

/* ---- a record's head ---- */

static bool is_whole(const struct haul_buf *head)
{
    return strstr(haul_buf_str(head), "\r\n\r\n") != NULL;
}

/* Unpacks until the head is there. */
static int unpack_head(z_stream *stream, unsigned char packed[READ_SIZE], int fd, int64_t at,
                       struct haul_buf *head)
{
    while (!is_whole(head) && head->len < HEAD_MAX) {
        ssize_t got = read_at(fd, at, packed, READ_SIZE);
        int result = Z_OK;

        if (got <= 0)
            return got < 0 ? errno : EIO;
        at += got;
        stream->next_in = packed;
        stream->avail_in = (uInt)got;
        while (stream->avail_in && result == Z_OK && !is_whole(head) && head->len < HEAD_MAX) {
            char *room = haul_buf_reserve(head, READ_SIZE);

            if (!room)
                return ENOMEM;
            stream->next_out = (Bytef *)room;
            stream->avail_out = READ_SIZE;
            result = inflate(stream, Z_NO_FLUSH);
            haul_buf_grew(head, READ_SIZE - stream->avail_out);
        }
        if (result != Z_OK)
            break;
    }
    return is_whole(head) ? 0 : EIO;
}

int haul_warc_read_head(int fd, int64_t at, struct haul_buf *head)
{
    unsigned char packed[READ_SIZE];
    z_stream stream = {.next_in = packed};
    int error;

    haul_buf_clear(head);
    if (inflateInit2(&stream, WINDOW) != Z_OK)
        return ENOMEM;
    error = unpack_head(&stream, packed, fd, at, head);
    (void)inflateEnd(&stream);
    return error;
}
