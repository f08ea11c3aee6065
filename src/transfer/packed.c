#include <string.h>

#include "transfer/transfer_inside.h"

/* ---- what is asked for ---- */

unsigned haul_transfer_packed(const struct haul_transfer *t)
{
    const struct haul_entry_options *options = t->job->options;
    unsigned packed;

    if (t->job->body)
        return 0;
    packed = 1u << haul_coding_of_url(haul_buf_str(&t->url), t->url.len);
    if (t->attempt.redirects)
        packed |= 1u << haul_coding_of_url(t->job->url, strlen(t->job->url));
    if (options && options->out)
        packed |= 1u << haul_coding_of_path(haul_span_of(options->out));
    return packed & ~(1u << HAUL_CODING_NONE);
}

/* haul reads a document itself, and can make nothing of one that is packed. */
enum haul_coding_rule haul_transfer_first_rule(const struct haul_transfer *t)
{
    if (t->job->body)
        return HAUL_CODING_UNDO_ALL;
    return t->config->compressed ? HAUL_CODING_BY_FILE : HAUL_CODING_UNDO_NONE;
}

/*
 * Only the type says that the file is packed already, and nothing says whether the server has
 * packed it once more, as it was allowed to. A server that need not, and is told so, does not.
 */
bool haul_transfer_is_in_doubt(const struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;

    return t->hop.offers && t->attempt.rule == HAUL_CODING_BY_FILE &&
           haul_response_keeps_coding(res) && !haul_response_has_no_body(res) &&
           haul_status_set_has(&t->config->accept, res->status) && !haul_transfer_is_followed(t);
}

/* ---- the other form of the body: decoded if it is saved as it comes, else as it comes ---- */

bool haul_transfer_has_other_form(const struct haul_transfer *t)
{
    return t->job->checksum && t->attempt.rule == HAUL_CODING_BY_FILE &&
           haul_coding_rest(t->response.content_encoding, 0)[0] && !haul_transfer_offset(t);
}

static enum haul_reason on_other(void *arg, const uint8_t *bytes, size_t len)
{
    struct haul_transfer *t = arg;

    haul_body_write_other(&t->body, bytes, len);
    return HAUL_REASON_NONE;
}

enum haul_reason haul_transfer_note_memory(struct haul_transfer *t, struct haul_decoder *decoder,
                                           enum haul_reason reason)
{
    if (reason == HAUL_REASON_NO_MEMORY && decoder->memory.was_refused)
        t->hop.short_of_memory = decoder;
    return reason;
}

/* Without it a good body could be refused for its checksum: no memory for it ends the attempt. */
static enum haul_reason lose_other(struct haul_transfer *t, enum haul_reason reason)
{
    t->hop.has_other = false;
    haul_decoder_rest(&t->other);
    if (reason != HAUL_REASON_NO_MEMORY)
        return HAUL_REASON_NONE;
    return haul_transfer_note_memory(t, &t->other, reason);
}

enum haul_reason haul_transfer_begin_other(struct haul_transfer *t,
                                           const struct haul_decode_limits *limits)
{
    const char *list = haul_response_coding(&t->response)[0] ? "" : t->response.content_encoding;
    enum haul_reason reason;

    t->hop.has_other = haul_transfer_has_other_form(t);
    if (!t->hop.has_other)
        return HAUL_REASON_NONE;
    reason = haul_decoder_begin(&t->other, list, limits, on_other, t);
    return reason ? lose_other(t, reason) : reason;
}

enum haul_reason haul_transfer_feed_other(struct haul_transfer *t, const void *bytes, size_t len)
{
    enum haul_reason reason =
        t->hop.has_other ? haul_decoder_feed(&t->other, bytes, len) : HAUL_REASON_NONE;

    return reason ? lose_other(t, reason) : reason;
}

/* All has come, and its checksum is that of the other form alone. */
static bool fits_other_form(struct haul_transfer *t, enum haul_reason reason)
{
    const struct haul_transfer_end end = {.reason = reason};
    bool is_whole = haul_verdict(&t->response, &end, &t->config->accept).outcome == HAUL_OUTCOME_OK;

    if (!is_whole || !t->hop.has_other || haul_decoder_end(&t->other) != HAUL_REASON_NONE)
        return false;
    return haul_body_other_fits(&t->body) &&
           !(haul_decoder_end(&t->decoder) == HAUL_REASON_NONE && haul_body_fits(&t->body));
}

/* What cannot be decoded may be the very bytes that are wanted. */
bool haul_transfer_wants_other_form(struct haul_transfer *t, enum haul_reason reason)
{
    if (!t->hop.decoding || !t->body.is_begun || !haul_transfer_has_other_form(t))
        return false;
    return t->hop.cut == HAUL_REASON_BAD_ENCODING || fits_other_form(t, reason);
}

enum haul_coding_rule haul_transfer_other_rule(const struct haul_transfer *t)
{
    return haul_response_coding(&t->response)[0] ? HAUL_CODING_UNDO_NONE : HAUL_CODING_UNDO_ALL;
}
