#include "sink/decode.h"

#include <stdlib.h>
#include <string.h>

#include "sink/decode_inside.h"

/*
 * The stages of a body form a chain: what stage n makes fills its output buffer, and each time that
 * it did, the buffer goes through stage n + 1, and from the last one to the sink. So one buffer for
 * each stage is enough, whatever the ratio, and nothing is ever held back: when feed returns, all
 * that follows from the bytes so far has reached the sink.
 */

static enum haul_reason deliver(struct haul_decoder *dec, const uint8_t *bytes, size_t len)
{
    int64_t max = dec->limits.body_max > 0 ? dec->limits.body_max : INT64_MAX;
    uint64_t room = (uint64_t)(max - dec->size_body);
    size_t fits = len > room ? (size_t)room : len;
    enum haul_reason reason = HAUL_REASON_NONE;

    if (fits > 0 && dec->sink)
        reason = dec->sink(dec->arg, bytes, fits);
    if (reason)
        return reason;
    dec->size_body += (int64_t)fits;
    return fits < len ? HAUL_REASON_TOO_LARGE : HAUL_REASON_NONE;
}

static enum haul_reason feed_stage(struct haul_decoder *dec, int index, const uint8_t *bytes,
                                   size_t len);

static enum haul_reason pass_on(struct haul_decoder *dec, int index, size_t len)
{
    struct haul_decode_stage *stage = dec->stage[index];
    int64_t ratio = dec->limits.ratio_max;

    stage->out_bytes += (int64_t)len;
    if (ratio > 0 && stage->out_bytes > dec->limits.ratio_from &&
        stage->out_bytes / ratio > dec->stage[0]->in_bytes)
        return HAUL_REASON_TOO_LARGE;
    return feed_stage(dec, index + 1, stage->out, len);
}

/* What is known by now of the window of each may be less than the coding allows. */
static void shrink_reserve(struct haul_decoder *dec)
{
    int64_t most = 0;

    for (int i = 0; i < dec->stages; i++)
        most += dec->stage[i]->most;
    if (most < dec->memory.reserved)
        (void)haul_decode_memory_reserve(&dec->memory, most);
}

/* Whether no more has come behind the last end than might be the magic number of a coding. */
static bool is_behind_end(const struct haul_decode_stage *stage)
{
    enum { MAGIC_LEN = 4 };

    return stage->end_at && stage->in_bytes - stage->end_at <= MAGIC_LEN;
}

/* Looks what follows the end of a stream; nothing else than another one may. */
static enum haul_reason go_on(struct haul_decoder *dec, struct haul_decode_stage *stage,
                              struct haul_decode_input *in)
{
    enum haul_reason reason =
        stage->coding->go_on ? stage->coding->go_on(stage, in) : HAUL_REASON_BAD_ENCODING;

    if (reason == HAUL_REASON_BAD_ENCODING)
        dec->followed = stage->coding->name;
    return reason;
}

static enum haul_reason step(struct haul_decoder *dec, struct haul_decode_stage *stage,
                             struct haul_decode_input *in, size_t *made)
{
    enum haul_reason reason = stage->coding->step(stage, in, made);

    if (stage->ended)
        stage->end_at = stage->in_bytes;
    else if (reason == HAUL_REASON_BAD_ENCODING && is_behind_end(stage))
        dec->followed = stage->coding->name;
    return reason;
}

static enum haul_reason run_stage(struct haul_decoder *dec, int index, struct haul_decode_input in)
{
    struct haul_decode_stage *stage = dec->stage[index];
    enum haul_reason reason = HAUL_REASON_NONE, passed;
    size_t made = sizeof stage->out;

    /* A full buffer may hide more output, though there is no input left. */
    while (!reason && (in.len > 0 || (!stage->ended && made == sizeof stage->out))) {
        if (stage->ended) {
            reason = go_on(dec, stage, &in);
            if (reason || in.len == 0)
                break;
        }
        made = 0;
        reason = step(dec, stage, &in, &made);
        if (dec->memory.reserved)
            shrink_reserve(dec);
        passed = made > 0 ? pass_on(dec, index, made) : HAUL_REASON_NONE;
        reason = passed ? passed : reason;
    }
    return reason;
}

/*
 * Collects the first two bytes of a "deflate" body, which tell its form, and then lets them go
 * their way. Bare deflate never begins like zlib's header: it would be a stored block with odd
 * padding.
 */
static enum haul_reason run_deflate_head(struct haul_decoder *dec, int index,
                                         struct haul_decode_input *in)
{
    struct haul_decode_stage *stage = dec->stage[index];
    const uint8_t *cmf = stage->head, *flg = cmf + 1; /* RFC 1950, 2.2 */
    bool wrapped;

    while (stage->head_len < sizeof stage->head && in->len > 0) {
        stage->head[stage->head_len++] = *in->at++;
        in->len--;
    }
    if (stage->head_len < sizeof stage->head)
        return HAUL_REASON_NONE;
    wrapped = (*cmf & 0x0f) == Z_DEFLATED && *cmf >> 4 <= 7 && (*cmf << 8 | *flg) % 31 == 0;
    if (inflateReset2(&stage->z, wrapped ? MAX_WBITS : -MAX_WBITS) != Z_OK)
        return HAUL_REASON_NO_MEMORY;
    return run_stage(dec, index, (struct haul_decode_input){stage->head, sizeof stage->head});
}

static enum haul_reason feed_stage(struct haul_decoder *dec, int index, const uint8_t *bytes,
                                   size_t len)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    struct haul_decode_input in = {bytes, len};
    struct haul_decode_stage *stage;

    if (index == dec->stages)
        return deliver(dec, bytes, len);
    stage = dec->stage[index];
    if (stage->coding->has_two_forms && stage->head_len < sizeof stage->head)
        reason = run_deflate_head(dec, index, &in);
    return !reason && in.len > 0 ? run_stage(dec, index, in) : reason;
}

/* Keeps what costs little: of the first stage, since few bodies have more than one. */
static void rest_stages(struct haul_decoder *dec)
{
    bool is_short = dec->memory.allowance && haul_allowance_is_short(dec->memory.allowance);
    int kept = is_short ? 0 : 1;
    struct haul_decode_stage *stage = dec->stage[0];

    for (int i = kept; i < HAUL_DECODE_STAGES_MAX; i++) {
        haul_decode_stage_free(dec->stage[i]);
        dec->stage[i] = NULL;
    }
    if (kept && stage)
        haul_decode_stage_rest(stage);
}

/* ---- the list of codings ---- */

/* Adds one member of Content-Encoding to the list of codings. */
static enum haul_reason add_coding(struct haul_decoder *dec,
                                   const struct haul_decode_coding **codings, struct haul_span name)
{
    const struct haul_decode_coding *coding = haul_decode_coding_find(name);

    if (!name.len || haul_span_is_word(name, "identity") || haul_span_is_word(name, "none"))
        return HAUL_REASON_NONE;
    dec->is_unknown = !coding || dec->stages == HAUL_DECODE_STAGES_MAX;
    if (dec->is_unknown)
        return HAUL_REASON_BAD_ENCODING;
    codings[dec->stages++] = coding;
    dec->most += coding->most;
    return HAUL_REASON_NONE;
}

static enum haul_reason parse_codings(struct haul_decoder *dec,
                                      const struct haul_decode_coding **codings, const char *list)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    while (!reason && *list) {
        struct haul_span name = {list, strcspn(list, ",")};

        list += name.len + (list[name.len] == ',');
        reason = add_coding(dec, codings, haul_span_trim(name));
    }
    return reason;
}

/* The coding that was applied last is the first to be undone. */
static enum haul_reason begin_stages(struct haul_decoder *dec,
                                     const struct haul_decode_coding **codings)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    for (int i = 0; i < dec->stages && !reason; i++) {
        struct haul_decode_stage *stage = dec->stage[i];

        if (!stage)
            stage = dec->stage[i] = haul_decode_stage_create(&dec->memory);
        if (!stage)
            return HAUL_REASON_NO_MEMORY;
        stage->coding = codings[dec->stages - 1 - i];
        stage->ended = stage->padding = false;
        stage->head_len = 0;
        stage->in_bytes = stage->out_bytes = stage->end_at = 0;
        stage->most = stage->coding->most;
        reason = stage->coding->begin(stage);
    }
    return reason;
}

static const struct haul_decode_limits default_limits = {.ratio_max = HAUL_DECODE_RATIO_MAX,
                                                         .ratio_from = HAUL_DECODE_RATIO_FROM};

void haul_decoder_init(struct haul_decoder *dec)
{
    *dec = (struct haul_decoder){.limits = default_limits};
}

void haul_decoder_done(struct haul_decoder *dec)
{
    haul_decoder_rest(dec);
    haul_decode_stage_free(dec->stage[0]);
    haul_decoder_init(dec);
}

enum haul_reason haul_decoder_begin(struct haul_decoder *dec, const char *content_encoding,
                                    const struct haul_decode_limits *limits, haul_decode_sink *sink,
                                    void *arg)
{
    const struct haul_decode_coding *codings[HAUL_DECODE_STAGES_MAX];

    rest_stages(dec);
    dec->stages = 0;
    dec->is_unknown = false;
    dec->followed = NULL;
    dec->most = 0;
    dec->limits = limits ? *limits : default_limits;
    dec->memory.was_refused = false;
    if (!dec->stage[0] && !dec->memory.reserved) /* what is taken is given back to the same */
        dec->memory.allowance = dec->limits.memory;
    dec->sink = sink;
    dec->arg = arg;
    dec->wire_bytes = dec->size_body = 0;
    dec->reason = parse_codings(dec, codings, content_encoding ? content_encoding : "");
    if (!dec->reason)
        dec->reason = begin_stages(dec, codings);
    if (dec->most < dec->memory.reserved)
        (void)haul_decode_memory_reserve(&dec->memory, dec->most);
    return dec->reason;
}

enum haul_reason haul_decoder_feed(struct haul_decoder *dec, const uint8_t *bytes, size_t len)
{
    if (dec->reason || len == 0)
        return dec->reason;
    dec->wire_bytes += (int64_t)len;
    dec->reason = feed_stage(dec, 0, bytes, len);
    return dec->reason;
}

enum haul_reason haul_decoder_end(struct haul_decoder *dec)
{
    for (int i = 0; i < dec->stages && !dec->reason && dec->wire_bytes > 0; i++) {
        const struct haul_decode_stage *stage = dec->stage[i];

        if (stage->ended)
            continue;
        dec->reason = HAUL_REASON_TRUNCATED;
        if (is_behind_end(stage))
            dec->followed = stage->coding->name;
    }
    haul_decoder_rest(dec);
    return dec->reason;
}

void haul_decoder_rest(struct haul_decoder *dec)
{
    bool had_much = haul_decode_memory_has_much(&dec->memory);

    (void)haul_decode_memory_reserve(&dec->memory, 0);
    rest_stages(dec);
    dec->stages = 0;
    if (had_much && dec->memory.allowance && !dec->memory.was_refused)
        atomic_fetch_add(&dec->memory.allowance->returned, 1);
}

bool haul_decoder_is_at_rest(const struct haul_decoder *dec)
{
    return !dec->memory.reserved && dec->memory.used <= HAUL_DECODE_KEPT_MAX;
}

bool haul_decoder_reserve(struct haul_decoder *dec, struct haul_allowance *memory, int64_t bytes)
{
    if (!dec->stage[0])
        dec->memory.allowance = memory;
    return haul_decode_memory_reserve(&dec->memory, bytes);
}
