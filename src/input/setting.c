#include "input/setting.h"

#include <string.h>

#include "base/units.h"
#include "http/field.h"

/*
 * IGNORED: does not change what is fetched; said once, and passed over. REFUSED: without it
 * something else would be fetched, or it would be fetched in a way that was not wanted.
 */
enum use { TEXT, HEADER, CHECKSUM, NUMBER, SPEED, IGNORED, REFUSED };

struct setting {
    const char *name;
    enum use use;
    size_t offset;      /* of the entry's member; of all but HEADER, IGNORED and REFUSED */
    int min, max;       /* of NUMBER */
    int64_t multiplier; /* of NUMBER: 0: an int as it is; else int64_t, this many in one */
};

#define MEMBER(field) .offset = offsetof(struct haul_entry_options, field)
#define SECONDS(field, least, most)                                                                \
    .use = NUMBER, MEMBER(field), .min = least, .max = most, .multiplier = 1000

/* Ranges are aria2's. */
static const struct setting settings[] = {
    {.name = "out", .use = TEXT, MEMBER(out)},
    {.name = "dir", .use = TEXT, MEMBER(dir)},
    {.name = "checksum", .use = CHECKSUM, MEMBER(checksum)},
    {.name = "header", .use = HEADER},
    {.name = "referer", .use = TEXT, MEMBER(referer)},
    {.name = "user-agent", .use = TEXT, MEMBER(user_agent)},
    {.name = "http-user", .use = TEXT, MEMBER(user)},
    {.name = "http-passwd", .use = TEXT, MEMBER(password)},
    {.name = "max-tries", .use = NUMBER, MEMBER(max_tries), .max = 1000000},
    {.name = "retry-wait", SECONDS(retry_wait_ms, 0, 600)},
    {.name = "timeout", SECONDS(timeout_ms, 1, 600)},
    {.name = "connect-timeout", SECONDS(connect_timeout_ms, 1, 600)},
    {.name = "lowest-speed-limit", .use = SPEED, MEMBER(speed_limit)},

    {.name = "all-proxy", .use = REFUSED},
    {.name = "all-proxy-passwd", .use = REFUSED},
    {.name = "all-proxy-user", .use = REFUSED},
    {.name = "dry-run", .use = REFUSED},
    {.name = "hash-check-only", .use = REFUSED},
    {.name = "http-proxy", .use = REFUSED},
    {.name = "http-proxy-passwd", .use = REFUSED},
    {.name = "http-proxy-user", .use = REFUSED},
    {.name = "https-proxy", .use = REFUSED},
    {.name = "https-proxy-passwd", .use = REFUSED},
    {.name = "https-proxy-user", .use = REFUSED},
    {.name = "no-proxy", .use = REFUSED},
    {.name = "parameterized-uri", .use = REFUSED},
    {.name = "pause", .use = REFUSED},
    {.name = "proxy-method", .use = REFUSED},
    {.name = "use-head", .use = REFUSED},

    {.name = "allow-overwrite", .use = IGNORED},
    {.name = "allow-piece-length-change", .use = IGNORED},
    {.name = "always-resume", .use = IGNORED},
    {.name = "async-dns", .use = IGNORED},
    {.name = "auto-file-renaming", .use = IGNORED},
    {.name = "conditional-get", .use = IGNORED},
    {.name = "content-disposition-default-utf8", .use = IGNORED},
    {.name = "continue", .use = IGNORED},
    {.name = "enable-http-keep-alive", .use = IGNORED},
    {.name = "enable-http-pipelining", .use = IGNORED},
    {.name = "enable-mmap", .use = IGNORED},
    {.name = "enable-peer-exchange", .use = IGNORED},
    {.name = "file-allocation", .use = IGNORED},
    {.name = "follow-metalink", .use = IGNORED},
    {.name = "follow-torrent", .use = IGNORED},
    {.name = "force-save", .use = IGNORED},
    {.name = "gid", .use = IGNORED},
    {.name = "http-accept-gzip", .use = IGNORED},
    {.name = "http-auth-challenge", .use = IGNORED},
    {.name = "http-no-cache", .use = IGNORED},
    {.name = "index-out", .use = IGNORED},
    {.name = "max-connection-per-server", .use = IGNORED},
    {.name = "max-download-limit", .use = IGNORED},
    {.name = "max-file-not-found", .use = IGNORED},
    {.name = "max-mmap-limit", .use = IGNORED},
    {.name = "max-resume-failure-tries", .use = IGNORED},
    {.name = "max-upload-limit", .use = IGNORED},
    {.name = "min-split-size", .use = IGNORED},
    {.name = "no-file-allocation-limit", .use = IGNORED},
    {.name = "no-netrc", .use = IGNORED},
    {.name = "no-want-digest-header", .use = IGNORED},
    {.name = "pause-metadata", .use = IGNORED},
    {.name = "piece-length", .use = IGNORED},
    {.name = "realtime-chunk-checksum", .use = IGNORED},
    {.name = "remote-time", .use = IGNORED},
    {.name = "remove-control-file", .use = IGNORED},
    {.name = "reuse-uri", .use = IGNORED},
    {.name = "rpc-save-upload-metadata", .use = IGNORED},
    {.name = "seed-ratio", .use = IGNORED},
    {.name = "seed-time", .use = IGNORED},
    {.name = "select-file", .use = IGNORED},
    {.name = "split", .use = IGNORED},
    {.name = "ssh-host-key-md", .use = IGNORED},
    {.name = "stream-piece-selector", .use = IGNORED},
    {.name = "uri-selector", .use = IGNORED},
    {.name = "bt-", .use = IGNORED}, /* and all that begin so */
    {.name = "ftp-", .use = IGNORED},
    {.name = "metalink-", .use = IGNORED},
};
enum { SETTING_COUNT = sizeof settings / sizeof *settings };
_Static_assert((int)SETTING_COUNT <= (int)HAUL_SETTING_NAMES_MAX, "each has its place in `told`");

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool haul_setting_has_form(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && is_name_char(text[i]))
        i++;
    return i && i < len && text[i] == '=';
}

static bool is_name_of(const struct setting *setting, const char *name, size_t len)
{
    size_t own = strlen(setting->name);
    bool is_family = setting->name[own - 1] == '-';

    return (is_family ? own < len : own == len) && memcmp(setting->name, name, own) == 0;
}

static const struct setting *find(const char *name, size_t len)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (is_name_of(&settings[i], name, len))
            return &settings[i];
    return NULL;
}

/* Returns false, for whoever wants to return it. */
static bool complain(struct haul_buf *problem, const char *name, const char *cause)
{
    haul_buf_addf(problem, "%s: %s", name, cause);
    return false;
}

static bool set_text(const struct setting *setting, const char *value,
                     struct haul_entry_options *options, struct haul_buf *problem)
{
    if (!*value)
        return complain(problem, setting->name, "the value is empty");
    memcpy((char *)options + setting->offset, &value, sizeof value);
    return true;
}

static bool add_header(const char *value, struct haul_entry_options *options,
                       struct haul_buf *problem)
{
    const char *cause = haul_field_check(value);

    if (!cause && haul_field_is_reserved(value))
        cause = "haul itself answers for this field";
    if (!cause && options->header_count == HAUL_SETTING_HEADERS_MAX)
        cause = "more than 64 headers";
    if (cause)
        return complain(problem, "header", cause);
    options->headers[options->header_count++] = value;
    return true;
}

/* TYPE=DIGEST, with aria2's names of the types. */
static bool set_checksum(const struct setting *setting, const char *value,
                         struct haul_entry_options *options, struct haul_buf *problem)
{
    static const struct {
        const char *type;
        size_t digits;
    } known[] = {{"md5=", 32}, {"sha-1=", 40}, {"sha-256=", 64}, {"sha-512=", 128}};
    static const char hex[] = "0123456789abcdefABCDEF";

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t len = strlen(known[i].type);

        if (strncmp(value, known[i].type, len) != 0)
            continue;
        if (strlen(value + len) != known[i].digits || strspn(value + len, hex) != known[i].digits)
            return complain(problem, "checksum", "the digest has not the form of its type");
        return set_text(setting, value, options, problem);
    }
    return complain(problem, "checksum",
                    "must be md5=, sha-1=, sha-256= or sha-512= and the digest in hexadecimal");
}

static bool set_number(const struct setting *setting, const char *value,
                       struct haul_entry_options *options, struct haul_buf *problem)
{
    char *member = (char *)options + setting->offset;
    const char *cause;
    int64_t number;

    if (haul_units_parse_int(value, setting->min, setting->max, &number, &cause)) {
        haul_buf_addf(problem, "%s: must be a whole number from %d to %d", setting->name,
                      setting->min, setting->max);
        return false;
    }
    if (setting->multiplier) {
        number *= setting->multiplier;
        memcpy(member, &number, sizeof number);
    } else {
        int narrow = (int)number;

        memcpy(member, &narrow, sizeof narrow);
    }
    return true;
}

static bool set_speed(const struct setting *setting, const char *value,
                      struct haul_entry_options *options, struct haul_buf *problem)
{
    const char *cause;
    int64_t bytes;

    if (haul_units_parse_size(value, &bytes, &cause))
        return complain(problem, setting->name, cause);
    if (bytes > INT32_MAX)
        return complain(problem, setting->name, "must be less than 2 GiB per second");
    memcpy((char *)options + setting->offset, &bytes, sizeof bytes);
    return true;
}

static void warn(size_t i, const char *name, size_t len, struct haul_setting_told *told,
                 struct haul_buf *warning)
{
    if (told->at[i])
        return;
    told->at[i] = true;
    haul_buf_add_str(warning, warning->len ? "; the key '" : "the key '");
    haul_buf_add(warning, name, len);
    haul_buf_add_str(warning, "' means nothing to haul and is ignored");
}

static bool apply(const struct setting *setting, const char *value,
                  struct haul_entry_options *options, struct haul_buf *problem)
{
    switch (setting->use) {
    case TEXT:
        return set_text(setting, value, options, problem);
    case HEADER:
        return add_header(value, options, problem);
    case CHECKSUM:
        return set_checksum(setting, value, options, problem);
    case NUMBER:
        return set_number(setting, value, options, problem);
    case SPEED:
        return set_speed(setting, value, options, problem);
    default:
        return complain(problem, setting->name, "haul cannot do this for a single URL");
    }
}

enum { NAME_SHOWN_MAX = 40 };

bool haul_setting_apply(const char *line, struct haul_entry_options *options,
                        struct haul_setting_told *told, struct haul_buf *problem,
                        struct haul_buf *warning)
{
    size_t len = strcspn(line, "=");
    const struct setting *setting = find(line, len);

    if (!setting) {
        haul_buf_add_str(problem, "unknown key '");
        haul_buf_add(problem, line, len > NAME_SHOWN_MAX ? NAME_SHOWN_MAX : len);
        haul_buf_add_str(problem, "'");
        return false;
    }
    if (setting->use == IGNORED) {
        warn((size_t)(setting - settings), line, len, told, warning);
        return true;
    }
    return apply(setting, line + len + 1, options, problem);
}
