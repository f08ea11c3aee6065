#include "sink/type_ext.h"

#include <string.h>

static const struct row {
    const char *type, *ext;
} table[] = {
    {"application/atom+xml", ".atom"},
    {"application/epub+zip", ".epub"},
    {"application/geo+json", ".geojson"},
    {"application/gzip", ".gz"},
    {"application/java-archive", ".jar"},
    {"application/javascript", ".js"},
    {"application/json", ".json"},
    {"application/ld+json", ".jsonld"},
    {"application/manifest+json", ".json"},
    {"application/msword", ".doc"},
    {"application/ogg", ".ogx"},
    {"application/pdf", ".pdf"},
    {"application/pgp-signature", ".sig"},
    {"application/postscript", ".ps"},
    {"application/problem+json", ".json"},
    {"application/rdf+xml", ".rdf"},
    {"application/rss+xml", ".rss"},
    {"application/rtf", ".rtf"},
    {"application/sql", ".sql"},
    {"application/vnd.android.package-archive", ".apk"},
    {"application/vnd.apache.arrow.file", ".arrow"},
    {"application/vnd.apache.parquet", ".parquet"},
    {"application/vnd.debian.binary-package", ".deb"},
    {"application/vnd.ms-excel", ".xls"},
    {"application/vnd.ms-fontobject", ".eot"},
    {"application/vnd.ms-powerpoint", ".ppt"},
    {"application/vnd.oasis.opendocument.presentation", ".odp"},
    {"application/vnd.oasis.opendocument.spreadsheet", ".ods"},
    {"application/vnd.oasis.opendocument.text", ".odt"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
    {"application/vnd.rar", ".rar"},
    {"application/vnd.sqlite3", ".sqlite"},
    {"application/wasm", ".wasm"},
    {"application/x-7z-compressed", ".7z"},
    {"application/x-bzip2", ".bz2"},
    {"application/x-debian-package", ".deb"},
    {"application/x-gzip", ".gz"},
    {"application/x-javascript", ".js"},
    {"application/x-ndjson", ".jsonl"},
    {"application/x-rpm", ".rpm"},
    {"application/x-sh", ".sh"},
    {"application/x-tar", ".tar"},
    {"application/x-www-form-urlencoded", ".txt"},
    {"application/x-xz", ".xz"},
    {"application/xhtml+xml", ".xhtml"},
    {"application/xml", ".xml"},
    {"application/yaml", ".yaml"},
    {"application/zip", ".zip"},
    {"application/zstd", ".zst"},
    {"audio/aac", ".aac"},
    {"audio/flac", ".flac"},
    {"audio/midi", ".mid"},
    {"audio/mp4", ".m4a"},
    {"audio/mpeg", ".mp3"},
    {"audio/ogg", ".ogg"},
    {"audio/opus", ".opus"},
    {"audio/wav", ".wav"},
    {"audio/webm", ".weba"},
    {"audio/x-wav", ".wav"},
    {"font/otf", ".otf"},
    {"font/ttf", ".ttf"},
    {"font/woff", ".woff"},
    {"font/woff2", ".woff2"},
    {"image/apng", ".apng"},
    {"image/avif", ".avif"},
    {"image/bmp", ".bmp"},
    {"image/gif", ".gif"},
    {"image/heic", ".heic"},
    {"image/heif", ".heif"},
    {"image/jpeg", ".jpg"},
    {"image/jpg", ".jpg"},
    {"image/jxl", ".jxl"},
    {"image/png", ".png"},
    {"image/svg+xml", ".svg"},
    {"image/tiff", ".tif"},
    {"image/vnd.microsoft.icon", ".ico"},
    {"image/webp", ".webp"},
    {"image/x-icon", ".ico"},
    {"message/rfc822", ".eml"},
    {"model/gltf+json", ".gltf"},
    {"model/gltf-binary", ".glb"},
    {"text/calendar", ".ics"},
    {"text/css", ".css"},
    {"text/csv", ".csv"},
    {"text/html", ".html"},
    {"text/javascript", ".js"},
    {"text/markdown", ".md"},
    {"text/plain", ".txt"},
    {"text/tab-separated-values", ".tsv"},
    {"text/vcard", ".vcf"},
    {"text/vtt", ".vtt"},
    {"text/xml", ".xml"},
    {"text/yaml", ".yaml"},
    {"video/mp2t", ".ts"},
    {"video/mp4", ".mp4"},
    {"video/mpeg", ".mpg"},
    {"video/ogg", ".ogv"},
    {"video/quicktime", ".mov"},
    {"video/webm", ".webm"},
    {"video/x-matroska", ".mkv"},
    {"video/x-msvideo", ".avi"},
};

static const char text_ext[] = ".txt", any_ext[] = ".bin";

static struct haul_span type_of(const char *content_type)
{
    return haul_span_trim((struct haul_span){content_type, strcspn(content_type, ";,")});
}

const char *haul_type_ext(const char *content_type)
{
    const struct haul_span type = type_of(content_type);
    struct haul_span kind = {type.at, type.len < 5 ? type.len : 5};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (haul_span_is_word(type, table[i].type))
            return table[i].ext;
    return haul_span_is_word(kind, "text/") ? text_ext : any_ext;
}

static bool ends_in(const char *text, size_t len, const char *ext)
{
    size_t ext_len = strlen(ext);

    return len >= ext_len && memcmp(text + len - ext_len, ext, ext_len) == 0;
}

size_t haul_type_ext_length(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (ends_in(text, len, table[i].ext))
            return strlen(table[i].ext);
    return ends_in(text, len, any_ext) ? sizeof any_ext - 1 : 0;
}
