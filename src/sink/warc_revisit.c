/* memmem */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/hash.h"
#include "model/warc_row.h"
#include "sink/warc.h"
#include "sink/warc_file.h"

enum { ORIGINALS = 4096 };

static int open_numbered(const struct haul_warc *warc, unsigned number)
{
    struct haul_owned_found found;
    struct haul_buf path;
    int fd = -1;

    if (number == warc->number)
        return fcntl(warc->file.fd, F_DUPFD_CLOEXEC, 0);
    haul_buf_init(&path, 0);
    if (haul_warc_row_name(warc->config->warc, number, &path))
        fd = haul_owned_open(haul_buf_str(&path), &haul_warc_earlier, &found);
    haul_buf_done(&path);
    return fd;
}

static void add_reference(struct haul_buf *record, const char *name, struct haul_span value)
{
    haul_buf_add_str(record, name);
    haul_buf_add_str(record, ": ");
    haul_buf_add(record, value.at, value.len);
    haul_buf_add_str(record, "\r\n");
}

/* The revisit, with what it refers to at the end of its head. False: that is another payload. */
static bool refer(const struct haul_parcel *instead, const struct haul_buf *original,
                  struct haul_buf *record)
{
    static const char name[] = "WARC-Payload-Digest";
    struct haul_span own = haul_warc_find(instead->bytes, instead->len, name);
    struct haul_span other = haul_warc_find(original->data, original->len, name);
    struct haul_span id = haul_warc_find(original->data, original->len, "WARC-Record-ID");
    struct haul_span uri = haul_warc_find(original->data, original->len, "WARC-Target-URI");
    struct haul_span date = haul_warc_find(original->data, original->len, "WARC-Date");
    const char *end = memmem(instead->bytes, instead->len, "\r\n\r\n", 4);
    size_t head;

    if (!own.at || own.len != other.len || memcmp(own.at, other.at, own.len) != 0 || !id.at ||
        !uri.at || !date.at || !end)
        return false;
    head = (size_t)(end - instead->bytes) + 2;
    haul_buf_add(record, instead->bytes, head);
    add_reference(record, "WARC-Refers-To", id);
    add_reference(record, "WARC-Refers-To-Target-URI", uri);
    add_reference(record, "WARC-Refers-To-Date", date);
    haul_buf_add(record, instead->bytes + head, instead->len - head);
    return true;
}

/* Of the record's head, with the empty line. */
static size_t head_len(const struct haul_buf *text)
{
    const char *end = memmem(text->data, text->len, "\r\n\r\n", 4);

    return end ? (size_t)(end - text->data) + 4 : text->len;
}

/*
 * The record at that place, which never changes once it is known. Those that were referred to are
 * kept, of two that meet in the table the later one: what is there twice is often there many times,
 * and to unpack a head takes as long as to pack the revisit.
 */
static const struct haul_buf *find_original(struct haul_warc *warc, uint64_t tag, uint64_t place)
{
    struct haul_warc_original *original;
    struct haul_buf head;
    int fd;

    if (!warc->originals && !(warc->originals = calloc(ORIGINALS, sizeof *warc->originals)))
        return NULL;
    original = &warc->originals[tag % ORIGINALS];
    if (original->head.len && original->place == place)
        return &original->head;
    haul_buf_done(&original->head);
    haul_buf_init(&original->head, 0);
    haul_buf_init(&head, 0);
    fd = open_numbered(warc, (unsigned)(place >> 40));
    if (fd >= 0 && !haul_warc_read_head(fd, (int64_t)(place & ((UINT64_C(1) << 40) - 1)), &head)) {
        original->place = place;
        haul_buf_add(&original->head, head.data, head_len(&head));
    }
    haul_buf_done(&head);
    if (fd >= 0)
        close(fd);
    return original->head.len && !original->head.err ? &original->head : NULL;
}

void haul_warc_forget_originals(struct haul_warc *warc)
{
    for (size_t i = 0; warc->originals && i < ORIGINALS; i++)
        haul_buf_done(&warc->originals[i].head);
    free(warc->originals);
    warc->originals = NULL;
}

struct haul_parcel *haul_warc_make_revisit(struct haul_warc *warc,
                                           const struct haul_parcel *response)
{
    const struct haul_buf *original;
    struct haul_parcel *parcel = NULL;
    struct haul_buf record;
    uint64_t place;

    if (!response->instead ||
        !haul_keyset_find(warc->seen, haul_hash_keyed_pair(response->tag, 0), &place))
        return NULL;
    original = find_original(warc, response->tag, place);
    if (!original)
        return NULL;
    haul_buf_init(&record, 0);
    if (refer(response->instead, original, &record) &&
        haul_packer_pack(&warc->packer, &record, NULL, 0, &parcel))
        parcel = NULL;
    haul_buf_done(&record);
    return parcel;
}
