#include "packed_files.h"

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "harness.h"
#include "sink/digest.h"

struct packed_bytes packed_plain, packed_gzip, packed_twice;
static struct packed_bytes zlib_form, br_form, zstd_form, bzip2_form, br_of_gzip, gzip_of_zstd;

struct packed_coding packed_codings[PACKED_CODINGS] = {
    {"", "", &packed_gzip, &packed_gzip, &packed_gzip},
    {"gzip", "gzip", &packed_gzip, &packed_gzip, &packed_plain},
    {"x-gzip", "gzip", &packed_gzip, &packed_gzip, &packed_plain},
    {"GZIP", "gzip", &packed_gzip, &packed_gzip, &packed_plain},
    {"deflate", "deflate", &zlib_form, &zlib_form, &packed_plain},
    {"br", "br", &br_form, &br_form, &packed_plain},
    {"zstd", "zstd", &zstd_form, &zstd_form, &packed_plain},
    {"x-bzip2", "bzip2", &bzip2_form, &bzip2_form, NULL},
    {"gzip, br", "gzip", &br_of_gzip, &packed_gzip, &packed_plain},
    {"zstd, gzip", "zstd", &gzip_of_zstd, &zstd_form, &packed_plain},
};

const struct packed_word packed_names[PACKED_NAMES] = {
    {"pkg.tar.gz", "gzip"}, {"PKG.TGZ", "gzip"}, {"data.json.zst", "zstd"}, {"app.js.br", "br"},
    {"a.tar.bz2", "bzip2"}, {"page", ""},        {"pkg.tar", ""},           {".gz", ""},
};

const struct packed_word packed_types[PACKED_TYPES] = {
    {"text/plain", ""},
    {"application/octet-stream", ""},
    {"application/x-tar", ""},
    {"application/gzip", "gzip"},
    {"Application/X-Gzip; charset=binary", "gzip"},
    {"application/zstd", "zstd"},
};

static void pack_with_zlib(const struct packed_bytes *from, int bits, struct packed_bytes *to)
{
    z_stream z = {.next_in = from->at,
                  .avail_in = (uInt)from->len,
                  .next_out = to->at,
                  .avail_out = sizeof to->at};

    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->len = sizeof to->at - z.avail_out;
    deflateEnd(&z);
}

void packed_with_gzip(const struct packed_bytes *from, struct packed_bytes *to)
{
    pack_with_zlib(from, MAX_WBITS + 16, to);
}

/* A meta-block that is not compressed, and an empty last one (RFC 7932, 9.2). */
static void pack_with_brotli(const struct packed_bytes *from, struct packed_bytes *to)
{
    uint32_t head = (uint32_t)(from->len - 1) << 4 | 1u << 20;

    for (size_t i = 0; i < 3; i++)
        to->at[i] = (uint8_t)(head >> 8 * i);
    memcpy(to->at + 3, from->at, from->len);
    to->at[3 + from->len] = 3;
    to->len = from->len + 4;
}

void packed_prepare(void)
{
    static const char text[] = "What was published is what is saved. ";
    size_t code;

    while (packed_plain.len < 200)
        packed_plain.at[packed_plain.len] = (uint8_t)text[packed_plain.len % (sizeof text - 1)],
        packed_plain.len++;
    packed_with_gzip(&packed_plain, &packed_gzip);
    packed_with_gzip(&packed_gzip, &packed_twice);
    pack_with_zlib(&packed_plain, MAX_WBITS, &zlib_form);
    pack_with_brotli(&packed_plain, &br_form);
    pack_with_brotli(&packed_gzip, &br_of_gzip);
    code = ZSTD_compress(zstd_form.at, sizeof zstd_form.at, packed_plain.at, packed_plain.len, 3);
    ck_assert(!ZSTD_isError(code));
    zstd_form.len = code;
    packed_with_gzip(&zstd_form, &gzip_of_zstd);
    memcpy(bzip2_form.at, "BZh91AY&SY", 10); /* nobody here looks into it */
    bzip2_form.len = 10;
}

struct packed_file packed_file(int index)
{
    struct packed_file file = {
        .coding = &packed_codings[index / PACKED_TYPES / PACKED_NAMES],
        .name = &packed_names[index / PACKED_TYPES % PACKED_NAMES],
        .type = &packed_types[index % PACKED_TYPES],
    };

    file.is_own = file.coding->own[0] && (strcmp(file.coding->own, file.name->own) == 0 ||
                                          strcmp(file.coding->own, file.type->own) == 0);
    return file;
}

static void add_escaped(struct haul_buf *out, const char *text)
{
    for (; *text; text++)
        haul_buf_addf(out, "%%%02X", (unsigned char)*text);
}

const char *packed_path_of(const char *name, const struct packed_bytes *bytes, const char *tail)
{
    struct haul_buf path;
    const char *text;

    haul_buf_init(&path, 0);
    haul_buf_addf(&path, "/bytes/%s?hex=", name);
    for (size_t i = 0; i < bytes->len; i++)
        haul_buf_addf(&path, "%02x", bytes->at[i]);
    text = it_text("%s%s", haul_buf_str(&path), tail);
    haul_buf_done(&path);
    return text;
}

const char *packed_path(const struct packed_file *file, const char *tail)
{
    struct haul_buf options;
    const char *text;

    haul_buf_init(&options, 0);
    haul_buf_add_str(&options, "&coding=");
    add_escaped(&options, file->coding->label);
    haul_buf_add_str(&options, "&type=");
    add_escaped(&options, file->type->text);
    haul_buf_add_str(&options, tail);
    text = packed_path_of(file->name->text, file->coding->raw, haul_buf_str(&options));
    haul_buf_done(&options);
    return text;
}

const char *packed_checksum(const struct packed_bytes *bytes)
{
    struct haul_digester *digester;
    const char *text;

    ck_assert_int_eq(haul_digester_create(&digester), HAUL_OK);
    ck_assert_int_eq(haul_digester_begin(digester, 1u << HAUL_HASH_SHA256), HAUL_OK);
    haul_digester_add(digester, bytes->at, bytes->len);
    ck_assert_int_eq(haul_digester_end(digester), HAUL_OK);
    text = it_text("sha-256=%s", haul_digester_hex(digester, HAUL_HASH_SHA256));
    haul_digester_free(digester);
    return text;
}

bool packed_is_in(const char *path, const struct packed_bytes *bytes)
{
    size_t len;
    const char *got = it_read(path, &len);

    return len == bytes->len && memcmp(got, bytes->at, len) == 0;
}
