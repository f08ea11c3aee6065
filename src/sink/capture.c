#include "sink/capture.h"

#include <errno.h>

#include "sink/tree.h"

static struct haul_capture *capture_of(struct haul_sink *sink)
{
    return (struct haul_capture *)sink; /* its first field */
}

static enum haul_reason fail(struct haul_capture *capture, int error)
{
    if (!capture->error)
        capture->error = error;
    return haul_tree_reason(capture->error);
}

static void discard(struct haul_sink *sink)
{
    struct haul_capture *capture = capture_of(sink);

    haul_packer_begin(&capture->packer);
    haul_parcel_free(haul_capture_take(capture));
    capture->is_begun = false;
}

/* ---- digests ---- */

static int begin_digest(struct haul_digester **digester)
{
    if (!*digester && haul_digester_create(digester))
        return ENOMEM;
    return haul_digester_begin(*digester, 1u << HAUL_HASH_SHA256) ? ENOMEM : 0;
}

/* NULL: it could not be computed. */
static const char *end_digest(struct haul_digester *digester, char text[HAUL_WARC_DIGEST_MAX])
{
    if (haul_digester_end(digester))
        return NULL;
    return haul_warc_digest(haul_digester_hex(digester, HAUL_HASH_SHA256), text);
}

/* Of bytes in memory; the block's digester is free by then. */
static const char *digest_of(struct haul_capture *capture, const char *bytes, size_t len,
                             char text[HAUL_WARC_DIGEST_MAX])
{
    if (begin_digest(&capture->block))
        return NULL;
    haul_digester_add(capture->block, bytes, len);
    return end_digest(capture->block, text);
}

/* ---- the body ---- */

static enum haul_reason begin(struct haul_sink *sink, const struct haul_sink_plan *plan)
{
    struct haul_capture *capture = capture_of(sink);
    const struct haul_sink_exchange *exchange = plan->exchange;
    int error;

    discard(sink);
    capture->error = 0;
    capture->plan = *plan;
    haul_buf_clear(&capture->head);
    haul_warc_add_response(&capture->head, exchange->response, exchange->response_len);
    error = capture->head.err ? ENOMEM : begin_digest(&capture->payload);
    if (!error)
        error = begin_digest(&capture->block);
    if (error)
        return fail(capture, error);
    haul_digester_add(capture->block, haul_buf_str(&capture->head), capture->head.len);
    capture->is_begun = true;
    return HAUL_REASON_NONE;
}

static enum haul_reason write_bytes(struct haul_sink *sink, const void *bytes, size_t len)
{
    struct haul_capture *capture = capture_of(sink);
    int error = capture->error;

    if (error)
        return fail(capture, error);
    haul_digester_add(capture->payload, bytes, len);
    haul_digester_add(capture->block, bytes, len);
    error = haul_packer_add(&capture->packer, bytes, len);
    return error ? fail(capture, error) : HAUL_REASON_NONE;
}

/* ---- the records ---- */

enum { RECORDS = 3 };

/* What one capture's records have in common, and the response's digests. */
struct records {
    struct haul_warc_head head;
    unsigned char random[RECORDS * HAUL_WARC_RANDOM];
    int made;                  /* identifiers */
    char id[HAUL_WARC_ID_MAX]; /* of the response */
    char payload_digest[HAUL_WARC_DIGEST_MAX], block_digest[HAUL_WARC_DIGEST_MAX];
    int64_t payload; /* bytes */
    uint64_t tag;
    struct haul_parcel **last; /* where the next parcel goes */
};

static const char *make_id(struct records *r, char id[HAUL_WARC_ID_MAX])
{
    return haul_warc_make_id(r->random + HAUL_WARC_RANDOM * r->made++, id);
}

static int add_parcel(struct records *r, int error, struct haul_parcel *parcel)
{
    if (!error) {
        *r->last = parcel;
        r->last = &parcel->next;
    }
    return error;
}

/* A record that is in memory as a whole: its block is what `capture->text` holds. */
static int add_small(struct haul_capture *capture, struct records *r, const char *type,
                     const char *content_type)
{
    char id[HAUL_WARC_ID_MAX], digest[HAUL_WARC_DIGEST_MAX];
    struct haul_warc_head head = r->head;
    struct haul_parcel *parcel = NULL;
    struct haul_buf record;
    int error;

    head.type = type;
    head.id = make_id(r, id);
    head.concurrent_to = r->id;
    head.content_type = content_type;
    head.length = (int64_t)capture->text.len;
    head.block_digest = digest_of(capture, haul_buf_str(&capture->text), capture->text.len, digest);
    if (capture->text.err || !head.block_digest)
        return ENOMEM;
    haul_buf_init(&record, 0);
    haul_warc_add_head(&record, &head);
    haul_buf_add(&record, haul_buf_str(&capture->text), capture->text.len);
    haul_buf_add_str(&record, HAUL_WARC_BLOCK_END);
    error = haul_packer_pack(&capture->packer, &record, NULL, 0, &parcel);
    haul_buf_done(&record);
    return add_parcel(r, error, parcel);
}

static struct haul_warc_head response_head(const struct haul_capture *capture,
                                           const struct records *r, const char *type)
{
    struct haul_warc_head head = r->head;

    head.type = type;
    head.id = r->id;
    head.content_type = "application/http; msgtype=response";
    head.payload_digest = r->payload_digest;
    head.block_digest = r->block_digest;
    head.length = (int64_t)capture->head.len;
    return head;
}

/* What stands in place of the response, if the archive has its payload. Not packed: the writer has
 * something to add. */
static int make_revisit(struct haul_capture *capture, const struct records *r,
                        struct haul_parcel **out)
{
    struct haul_warc_head head = response_head(capture, r, "revisit");
    char digest[HAUL_WARC_DIGEST_MAX];
    struct haul_buf record;
    int error;

    head.profile = HAUL_WARC_SAME_PAYLOAD;
    head.block_digest = digest_of(capture, capture->head.data, capture->head.len, digest);
    haul_buf_init(&record, 0);
    haul_warc_add_head(&record, &head);
    haul_buf_add(&record, capture->head.data, capture->head.len);
    haul_buf_add_str(&record, HAUL_WARC_BLOCK_END);
    *out = record.err || !head.block_digest ? NULL : haul_parcel_create(record.data, record.len);
    error = *out ? 0 : ENOMEM;
    haul_buf_done(&record);
    return error;
}

/* What came before is probably there, and a revisit goes in its place: it is not packed in vain. */
static int finish_response(struct haul_capture *capture, uint64_t tag, struct haul_parcel **out)
{
    struct haul_packer *packer = &capture->packer;

    if (tag && haul_press_note(packer->press, tag))
        return haul_packer_finish_raw(packer, &capture->text, tag, out);
    return haul_packer_finish(packer, &capture->text, NULL, tag, out);
}

/* The body was added to the packer already. */
static int add_response(struct haul_capture *capture, struct records *r, const char *truncated)
{
    struct haul_warc_head head = response_head(capture, r, "response");
    struct haul_parcel *parcel = NULL, *instead = NULL;
    int error = haul_packer_add(&capture->packer, HAUL_WARC_BLOCK_END, 4);

    head.truncated = truncated;
    head.length += r->payload;
    haul_buf_clear(&capture->text);
    haul_warc_add_head(&capture->text, &head);
    haul_buf_add(&capture->text, capture->head.data, capture->head.len);
    if (!error)
        error = finish_response(capture, r->tag, &parcel);
    if (!error && r->tag)
        error = make_revisit(capture, r, &instead);
    if (error) {
        haul_parcel_free(parcel);
        return error;
    }
    parcel->tag = r->tag;
    parcel->instead = instead;
    return add_parcel(r, 0, parcel);
}

static int add_request(struct haul_capture *capture, struct records *r)
{
    haul_buf_clear(&capture->text);
    haul_warc_add_request(&capture->text, capture->plan.exchange->request,
                          capture->plan.exchange->request_len);
    return add_small(capture, r, "request", "application/http; msgtype=request");
}

static int add_metadata(struct haul_capture *capture, struct records *r, int64_t took_us)
{
    const char *via = capture->plan.exchange->via;

    haul_buf_clear(&capture->text);
    if (via)
        haul_buf_addf(&capture->text, "via: %s\r\n", via);
    haul_buf_add_str(&capture->text, "fetchTimeMs: ");
    haul_buf_add_i64(&capture->text, took_us / 1000);
    haul_buf_add_str(&capture->text, "\r\n");
    return add_small(capture, r, "metadata", "application/warc-fields");
}

/* What was cut says so, and that says a revisit of nothing: it is none, and none refers to it. */
static int end_digests(struct haul_capture *capture, struct records *r, bool is_cut)
{
    r->payload = capture->packer.size;
    if (!end_digest(capture->payload, r->payload_digest) ||
        !end_digest(capture->block, r->block_digest))
        return ENOMEM;
    if (!haul_warc_get_random(r->random, RECORDS))
        return EIO;
    (void)make_id(r, r->id);
    r->tag = r->payload && !is_cut ? haul_warc_tag(r->payload_digest) : 0;
    return 0;
}

static enum haul_reason publish(struct haul_sink *sink, const char *name,
                                const struct haul_sink_end *end, struct haul_buf *published)
{
    struct haul_capture *capture = capture_of(sink);
    const struct haul_sink_exchange *exchange = capture->plan.exchange;
    struct records r = {.last = &capture->parcels,
                        .head = {.date_us = exchange->date_us,
                                 .target_uri = name,
                                 .ip = exchange->ip && *exchange->ip ? exchange->ip : NULL,
                                 .protocol = exchange->is_h2 ? "h2" : NULL}};
    int error = capture->error ? capture->error : end_digests(capture, &r, end->truncated);

    if (!error)
        error = add_response(capture, &r, end->truncated);
    if (!error)
        error = add_request(capture, &r);
    if (!error)
        error = add_metadata(capture, &r, end->took_us);
    haul_buf_add_str(published, r.id);
    capture->is_begun = false;
    if (error) /* a part of an exchange is none */
        haul_parcel_free(haul_capture_take(capture));
    return error ? fail(capture, error) : HAUL_REASON_NONE;
}

static void leave(struct haul_sink *sink, bool syncs)
{
    (void)syncs;
    discard(sink);
}

static int error_of(const struct haul_sink *sink)
{
    return ((const struct haul_capture *)sink)->error;
}

static const struct haul_sink_kind capture_kind = {.begin = begin,
                                                   .write = write_bytes,
                                                   .publish = publish,
                                                   .leave = leave,
                                                   .discard = discard,
                                                   .error = error_of};

void haul_capture_init(struct haul_capture *capture, struct haul_press *press,
                       const char *directory)
{
    *capture = (struct haul_capture){.sink = {.kind = &capture_kind}};
    haul_packer_init(&capture->packer, press, directory);
    haul_buf_init(&capture->head, 0);
    haul_buf_init(&capture->text, 0);
}

void haul_capture_done(struct haul_capture *capture)
{
    discard(&capture->sink);
    haul_packer_done(&capture->packer);
    haul_digester_free(capture->payload);
    haul_digester_free(capture->block);
    haul_buf_done(&capture->head);
    haul_buf_done(&capture->text);
}

struct haul_parcel *haul_capture_take(struct haul_capture *capture)
{
    struct haul_parcel *parcels = capture->parcels;

    capture->parcels = NULL;
    return parcels;
}
