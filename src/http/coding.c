#include "http/coding.h"

#include <stdbool.h>
#include <string.h>

#include "model/url_parts.h"

struct word {
    const char *text;
    enum haul_coding coding;
};

/* Of Content-Encoding (RFC 9110, 8.4.1), and what servers put there for files on their disks. */
static const struct word codings[] = {
    {"gzip", HAUL_CODING_GZIP},         {"x-gzip", HAUL_CODING_GZIP},
    {"compress", HAUL_CODING_COMPRESS}, {"x-compress", HAUL_CODING_COMPRESS},
    {"deflate", HAUL_CODING_DEFLATE},   {"br", HAUL_CODING_BR},
    {"zstd", HAUL_CODING_ZSTD},         {"x-zstd", HAUL_CODING_ZSTD},
    {"bzip2", HAUL_CODING_BZIP2},       {"x-bzip2", HAUL_CODING_BZIP2},
    {"x-bzip", HAUL_CODING_BZIP2},      {"xz", HAUL_CODING_XZ},
    {"x-xz", HAUL_CODING_XZ},           {"lzma", HAUL_CODING_LZMA},
    {"x-lzma", HAUL_CODING_LZMA},       {"lzip", HAUL_CODING_LZIP},
    {"x-lzip", HAUL_CODING_LZIP},       {"lz4", HAUL_CODING_LZ4},
    {"x-lz4", HAUL_CODING_LZ4},
};

static const struct word endings[] = {
    {"gz", HAUL_CODING_GZIP},    {"tgz", HAUL_CODING_GZIP},   {"gzip", HAUL_CODING_GZIP},
    {"svgz", HAUL_CODING_GZIP},  {"emz", HAUL_CODING_GZIP},   {"wmz", HAUL_CODING_GZIP},
    {"cpgz", HAUL_CODING_GZIP},  {"z", HAUL_CODING_COMPRESS}, {"taz", HAUL_CODING_COMPRESS},
    {"zz", HAUL_CODING_DEFLATE}, {"br", HAUL_CODING_BR},      {"tbr", HAUL_CODING_BR},
    {"zst", HAUL_CODING_ZSTD},   {"tzst", HAUL_CODING_ZSTD},  {"zstd", HAUL_CODING_ZSTD},
    {"bz2", HAUL_CODING_BZIP2},  {"tbz2", HAUL_CODING_BZIP2}, {"tbz", HAUL_CODING_BZIP2},
    {"tb2", HAUL_CODING_BZIP2},  {"bz", HAUL_CODING_BZIP2},   {"xz", HAUL_CODING_XZ},
    {"txz", HAUL_CODING_XZ},     {"lzma", HAUL_CODING_LZMA},  {"tlz", HAUL_CODING_LZMA},
    {"lz", HAUL_CODING_LZIP},    {"lz4", HAUL_CODING_LZ4},
};

static const struct word types[] = {
    {"application/gzip", HAUL_CODING_GZIP},
    {"application/x-gzip", HAUL_CODING_GZIP},
    {"application/x-gunzip", HAUL_CODING_GZIP},
    {"application/gzipped", HAUL_CODING_GZIP},
    {"application/gzip-compressed", HAUL_CODING_GZIP},
    {"application/x-gzip-compressed", HAUL_CODING_GZIP},
    {"application/x-tgz", HAUL_CODING_GZIP},
    {"application/x-tar-gz", HAUL_CODING_GZIP},
    {"application/tar+gzip", HAUL_CODING_GZIP},
    {"application/x-tar+gzip", HAUL_CODING_GZIP},
    {"application/x-compressed-tar", HAUL_CODING_GZIP},
    {"application/x-compress", HAUL_CODING_COMPRESS},
    {"application/zlib", HAUL_CODING_DEFLATE},
    {"application/x-brotli", HAUL_CODING_BR},
    {"application/zstd", HAUL_CODING_ZSTD},
    {"application/x-zstd", HAUL_CODING_ZSTD},
    {"application/x-zstd-compressed-tar", HAUL_CODING_ZSTD},
    {"application/bzip2", HAUL_CODING_BZIP2},
    {"application/x-bzip2", HAUL_CODING_BZIP2},
    {"application/x-bzip", HAUL_CODING_BZIP2},
    {"application/x-bzip-compressed-tar", HAUL_CODING_BZIP2},
    {"application/x-bzip2-compressed-tar", HAUL_CODING_BZIP2},
    {"application/xz", HAUL_CODING_XZ},
    {"application/x-xz", HAUL_CODING_XZ},
    {"application/x-xz-compressed-tar", HAUL_CODING_XZ},
    {"application/x-lzma", HAUL_CODING_LZMA},
    {"application/lzip", HAUL_CODING_LZIP},
    {"application/x-lzip", HAUL_CODING_LZIP},
    {"application/x-lz4", HAUL_CODING_LZ4},
};

#define FIND(words, text) find(words, sizeof(words) / sizeof *(words), text)

static enum haul_coding find(const struct word *words, size_t count, struct haul_span text)
{
    for (size_t i = 0; i < count; i++)
        if (haul_span_is_word(text, words[i].text))
            return words[i].coding;
    return HAUL_CODING_NONE;
}

/* What stands behind the last `mark`, or nothing. */
static struct haul_span behind_last(struct haul_span text, char mark)
{
    for (size_t i = text.len; i > 0; i--)
        if (text.at[i - 1] == mark)
            return (struct haul_span){text.at + i, text.len - i};
    return (struct haul_span){NULL, 0};
}

enum haul_coding haul_coding_of_path(struct haul_span path)
{
    struct haul_span name = behind_last(path, '/'), ending;

    if (!name.at)
        name = path;
    ending = behind_last(name, '.');
    return ending.len + 1 < name.len ? FIND(endings, ending) : HAUL_CODING_NONE;
}

/* What ends the path of a URL. */
static size_t path_end(const char *url, size_t len)
{
    size_t end = 0;

    while (end < len && url[end] != '?' && url[end] != '#')
        end++;
    return end;
}

enum haul_coding haul_coding_of_url(const char *url, size_t len)
{
    const struct haul_span without_query = {url, path_end(url, len)};

    if (!haul_coding_of_path(without_query)) /* most say nothing, be it even their host */
        return HAUL_CODING_NONE;
    return haul_coding_of_path(haul_url_parts_of(url, len).path);
}

enum haul_coding haul_coding_of_type(const char *type)
{
    const struct haul_span text = {type, strcspn(type, ";")};

    return FIND(types, haul_span_trim(text));
}

static bool means_nothing(struct haul_span member)
{
    return !member.len || haul_span_is_word(member, "identity") ||
           haul_span_is_word(member, "none");
}

const char *haul_coding_rest(const char *list, unsigned own)
{
    while (*list) {
        size_t len = strcspn(list, ",");
        struct haul_span member = haul_span_trim((struct haul_span){list, len});

        if (!means_nothing(member)) {
            enum haul_coding coding = FIND(codings, member);

            if (!coding || !(own & 1u << coding))
                return list;
            own = 0; /* what stands behind it was put upon it */
        }
        list += len + (list[len] == ',');
    }
    return list;
}
