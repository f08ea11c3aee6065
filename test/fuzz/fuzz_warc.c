/* memfd_create */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "largest.h"
#include "sink/packer.h"
#include "sink/warc_file.h"

/*
 * A file of any bytes is read as a web archive, by its marks, to its end or to a fault. What is
 * kept of it is whole: cut to that, it is read again with the same jobs and payloads and no fault.
 * A record's head is read from any bytes, or refused, without unpacking more than a head may have;
 * and one that haul has packed is read as it was.
 *
 * The first byte chooses: '0' the rest is a file, '1' it is the plan of one, '2' a gzip member,
 * else a record that is packed first.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 255, TRAILER = 8, HEAD_MAX = 64 << 10, STEP = 4 << 10 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int make_file(const void *bytes, size_t len)
{
    int fd = memfd_create("archive", MFD_CLOEXEC);

    require(fd >= 0 && (!len || write(fd, bytes, len) == (ssize_t)len));
    return fd;
}

/* ---- marks ---- */

struct scan {
    struct haul_warc warc;
    enum haul_warc_state state;
    int64_t keep;
};

static void scan_file(struct scan *scan, int fd, int64_t size)
{
    *scan = (struct scan){.keep = -1};
    require(!haul_keyset_create(&scan->warc.known) && !haul_keyset_create(&scan->warc.seen));
    require(haul_warc_scan(&scan->warc, fd, size, 0, &scan->state, &scan->keep) == HAUL_OK);
    require(scan->keep >= 0 && scan->keep <= size);
    require((scan->state == HAUL_WARC_WHOLE) == (scan->keep == size));
    require(scan->state != HAUL_WARC_FOREIGN || !scan->keep);
}

static void end_scan(struct scan *scan)
{
    haul_keyset_free(scan->warc.known);
    haul_keyset_free(scan->warc.seen);
}

/* Of the keys and tags that a plan can have. */
static void check_same(const struct scan *scan, const struct scan *again)
{
    uint64_t at = 0, at_again = 0, tag;

    for (uint64_t key = 1; key <= KEYS; key++) {
        const struct haul_key mine = {.high = key};

        require(haul_warc_has(&scan->warc, &mine) == haul_warc_has(&again->warc, &mine));
        tag = haul_hash_keyed_pair(key, 0);
        require(haul_keyset_find(scan->warc.seen, tag, &at) ==
                haul_keyset_find(again->warc.seen, tag, &at_again));
        require(at == at_again && at <= (uint64_t)scan->keep);
    }
}

static void check_scan(const void *bytes, size_t len)
{
    struct scan scan, again;
    int fd = make_file(bytes, len);

    scan_file(&scan, fd, (int64_t)len);
    require(ftruncate(fd, (off_t)scan.keep) == 0);
    scan_file(&again, fd, scan.keep);
    require(again.state == HAUL_WARC_WHOLE && again.keep == scan.keep);
    check_same(&scan, &again);
    end_scan(&scan);
    end_scan(&again);
    close(fd);
}

/* Of a record: its key, its tag, how many bytes it has, and how many more its mark claims. The last
 * byte of the plan is how many bytes of the file are torn off. */
static void check_plan(const uint8_t *plan, size_t len)
{
    unsigned char head[HAUL_PACKER_HEAD];
    struct haul_buf file;
    size_t torn;

    haul_buf_init(&file, 0);
    for (; len > 4; plan += 4, len -= 4) {
        const struct haul_packer_mark mark = {.size = (uint64_t)HAUL_PACKER_HEAD + TRAILER + 1 +
                                                      plan[2] + (uint64_t)(int64_t)(int8_t)plan[3],
                                              .key.high = plan[0],
                                              .tag = plan[1]};

        haul_packer_put_mark(head, &mark);
        haul_buf_add(&file, head, HAUL_PACKER_HEAD);
        haul_buf_pad(&file, 'x', (size_t)TRAILER + 1 + plan[2]);
    }
    torn = len ? plan[len - 1] : 0;
    haul_buf_cut(&file, torn < file.len ? file.len - torn : 0);
    require(!file.err);
    check_scan(haul_buf_str(&file), file.len);
    haul_buf_done(&file);
}

/* ---- heads ---- */

/* Whether there is one. */
static bool read_head(const void *bytes, size_t len, struct haul_buf *head)
{
    int fd = make_file(bytes, len), error;

    fuzz_largest_reset();
    error = haul_warc_read_head(fd, 0, head);
    close(fd);
    require(fuzz_largest <= 4 * HEAD_MAX && head->len <= HEAD_MAX + STEP);
    require(error || memmem(head->data, head->len, "\r\n\r\n", 4));
    return !error;
}

static void check_member(const void *bytes, size_t len)
{
    struct haul_buf head, again;
    bool is_one;

    haul_buf_init(&head, 0);
    haul_buf_init(&again, 0);
    is_one = read_head(bytes, len, &head);
    require(read_head(bytes, len, &again) == is_one && again.len == head.len);
    require(!head.len || memcmp(again.data, head.data, head.len) == 0);
    haul_buf_done(&head);
    haul_buf_done(&again);
}

static void check_packed(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4), *nul = memchr(text, '\0', len);
    struct haul_packer packer;
    struct haul_parcel *parcel = NULL;
    struct haul_press press;
    struct haul_buf record, head;

    haul_buf_init(&record, 0);
    haul_buf_init(&head, 0);
    haul_buf_add(&record, text, len);
    haul_press_init(&press);
    haul_packer_init(&packer, &press, NULL);
    require(haul_packer_pack(&packer, &record, &(struct haul_key){.high = 1}, 1, &parcel) == 0 &&
            parcel->fd < 0);
    check_scan(parcel->bytes, parcel->len);
    if (read_head(parcel->bytes, parcel->len, &head))
        require(end && head.len <= len && memcmp(head.data, text, head.len) == 0);
    else
        require(!end || (nul && nul < end));
    haul_parcel_free(parcel);
    haul_packer_done(&packer);
    haul_press_done(&press);
    haul_buf_done(&head);
    haul_buf_done(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    if (data[0] == '0')
        check_scan(data + 1, size - 1);
    else if (data[0] == '1')
        check_plan(data + 1, size - 1);
    else if (data[0] == '2')
        check_member(data + 1, size - 1);
    else
        check_packed((const char *)data + 1, size - 1);
    return 0;
}
