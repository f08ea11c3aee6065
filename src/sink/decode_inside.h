#ifndef HAUL_SINK_DECODE_INSIDE_H
#define HAUL_SINK_DECODE_INSIDE_H

#include <brotli/decode.h>
#include <stdbool.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/span.h"
#include "base/unzstd.h"
#include "sink/decode.h"

/* One coding at work, for the files of the decoder only: decode.c makes a chain of them,
 * decode_coding.c knows what each is. */

struct haul_decode_stage {
    struct haul_decode_memory *memory; /* the decoder's */
    const struct haul_decode_coding *coding;
    bool ended;   /* at the end of a stream, member or frame, and nothing of a next one was seen */
    bool padding; /* only zero bytes may follow */
    size_t head_len; /* deflate: bytes in `head`; 2: its form is decided */
    uint8_t head[2];
    int64_t end_at;    /* in_bytes at the last end of a stream, member or frame; 0: none so far */
    int64_t in_bytes;  /* consumed */
    int64_t out_bytes; /* produced */

    bool z_ready;
    z_stream z;                 /* valid if z_ready; kept between responses */
    struct haul_unzstd *zstd;   /* or NULL: not needed so far; kept if small */
    size_t zstd_size;           /* bytes of it that are counted */
    int64_t most;               /* bytes that it may come to take, as far as is known */
    BrotliDecoderState *brotli; /* or NULL; of one response */

    uint8_t out[16 * 1024];
};

/* Input that is being used up. */
struct haul_decode_input {
    const uint8_t *at;
    size_t len;
};

struct haul_decode_coding {
    const char *name;
    int64_t most;       /* bytes that a stage may take */
    int window_bits;    /* of zlib */
    bool has_two_forms; /* "deflate": the first two bytes tell which */
    enum haul_reason (*begin)(struct haul_decode_stage *stage);
    /*
     * Decodes as much of `in` as fits into the stage's buffer, which is empty. Consumes what it
     * used, tells in `*made` how much it produced (also when it fails), and knows in stage->ended
     * whether the stream is at its end.
     */
    enum haul_reason (*step)(struct haul_decode_stage *stage, struct haul_decode_input *in,
                             size_t *made);
    /*
     * Looks what bytes after the end of a stream are: the next member or frame, padding, garbage.
     * NULL: always garbage.
     */
    enum haul_reason (*go_on)(struct haul_decode_stage *stage, struct haul_decode_input *in);
};

/* The coding of that name, or NULL. */
const struct haul_decode_coding *haul_decode_coding_find(struct haul_span name);

/* Uses up bytes of `in`. */
void haul_decode_consume(struct haul_decode_stage *stage, struct haul_decode_input *in, size_t len);

/* Makes a stage, of no coding yet; NULL: no memory. Frees one; NULL is fine. */
struct haul_decode_stage *haul_decode_stage_create(struct haul_decode_memory *memory);
void haul_decode_stage_free(struct haul_decode_stage *stage);

/* Gives back what would be much to keep until the next body. */
void haul_decode_stage_rest(struct haul_decode_stage *stage);

#endif
