#include "input/setting.h"

#include <assert.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"
#include "base/units.h"
#include "http/field.h"

enum { NAME_SHOWN_MAX = 40, VALUE_SHOWN_MAX = 200 };

enum use { TEXT, HEADER, CHECKSUM, COUNT, SECONDS, SPEED };

struct setting {
    const char *name;
    enum use use;
    size_t offset; /* of the entry's member: an int for COUNT, milliseconds for SECONDS */
    int min, max;  /* of COUNT and SECONDS */
};

#define MEMBER(field) .offset = offsetof(struct haul_entry_options, field)

/* Ranges are aria2's. */
static const struct setting settings[] = {
    {.name = "out", .use = TEXT, MEMBER(out)},
    {.name = "checksum", .use = CHECKSUM, MEMBER(checksum)},
    {.name = "header", .use = HEADER},
    {.name = "referer", .use = TEXT, MEMBER(referer)},
    {.name = "user-agent", .use = TEXT, MEMBER(user_agent)},
    {.name = "http-user", .use = TEXT, MEMBER(user)},
    {.name = "http-passwd", .use = TEXT, MEMBER(password)},
    {.name = "max-tries", .use = COUNT, MEMBER(max_tries), .max = 1000000},
    {.name = "retry-wait", .use = SECONDS, MEMBER(retry_wait_ms), .max = 600},
    {.name = "timeout", .use = SECONDS, MEMBER(timeout_ms), .min = 1, .max = 600},
    {.name = "connect-timeout", .use = SECONDS, MEMBER(connect_timeout_ms), .min = 1, .max = 600},
    {.name = "lowest-speed-limit", .use = SPEED, MEMBER(speed_limit)},
};

/* Without them something else would be fetched, or it would be fetched as was not wanted. */
static const char refused[] =
    "all-proxy all-proxy-passwd all-proxy-user dry-run hash-check-only http-proxy "
    "http-proxy-passwd http-proxy-user https-proxy https-proxy-passwd https-proxy-user no-proxy "
    "parameterized-uri pause proxy-method use-head";

/* They do not change what is fetched. One that ends in '-' is all that begin so. */
static const char ignored[] =
    "allow-overwrite allow-piece-length-change always-resume async-dns auto-file-renaming "
    "check-integrity conditional-get content-disposition-default-utf8 continue "
    "enable-http-keep-alive "
    "enable-http-pipelining enable-mmap enable-peer-exchange file-allocation follow-metalink "
    "follow-torrent force-save gid http-accept-gzip http-auth-challenge http-no-cache index-out "
    "max-connection-per-server max-download-limit max-file-not-found max-mmap-limit "
    "max-resume-failure-tries max-upload-limit min-split-size no-file-allocation-limit no-netrc "
    "no-want-digest-header pause-metadata piece-length realtime-chunk-checksum remote-time "
    "remove-control-file reuse-uri rpc-save-upload-metadata save-not-found seed-ratio seed-time "
    "select-file "
    "split ssh-host-key-md stream-piece-selector uri-selector bt- ftp- metalink-";

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || haul_ascii_is_digit(c) || c == '-';
}

bool haul_setting_split(const char *text, size_t len, struct haul_span *key,
                        struct haul_span *value)
{
    struct haul_span rest = {text, len};
    size_t i = 0;

    if (!haul_span_take_before(&rest, '=', key))
        return false;
    *key = haul_span_trim(*key);
    *value = haul_span_trim(rest);
    while (i < key->len && is_name_char(key->at[i]))
        i++;
    return i && i == key->len;
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

/* A path behind the root, or NULL: it is elsewhere. */
static const char *skip_root(const char *path, const char *root)
{
    size_t len = root ? strlen(root) : 0;

    if (!root || strncmp(path, root, len) != 0 || (path[len] && path[len] != '/'))
        return NULL;
    return path + len;
}

static bool set_directory(const struct haul_setting_rules *rules, const char *value,
                          struct haul_entry_options *options, struct haul_setting_told *told,
                          struct haul_buf *problem, struct haul_buf *warning)
{
    const char *below = *value == '/' ? skip_root(value, rules->root) : NULL;
    bool is_moved = *value == '/' && !below && rules->keys != HAUL_LIST_KEYS_ALL;

    if (!*value)
        return complain(problem, "dir", "the value is empty");
    if (is_moved && rules->root && !told->dir) {
        told->dir = true;
        haul_buf_addf(warning, "%sdir=%.*s is absolute, and is put below --dir (--list-keys safe)",
                      warning->len ? "; " : "", VALUE_SHOWN_MAX, value);
    }
    if (is_moved || below) {
        value = below ? below : value;
        value += strspn(value, "/");
    }
    options->dir = *value ? value : NULL;
    return true;
}

static bool add_header(const struct haul_setting_rules *rules, const char *value,
                       struct haul_entry_options *options, struct haul_buf *problem)
{
    const char *cause = haul_field_check(value);

    if (!cause && haul_field_is_reserved(value))
        cause = "haul itself answers for this field";
    if (!cause && rules->keys != HAUL_LIST_KEYS_ALL && !haul_field_is_harmless(value))
        cause = "a list may not set this field (but with --list-keys all)";
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

        if (!haul_span_is_word((struct haul_span){value, strnlen(value, len)}, known[i].type))
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
    if (setting->use == SECONDS) {
        int64_t ms = number * 1000;

        memcpy(member, &ms, sizeof ms);
    } else {
        int count = (int)number;

        memcpy(member, &count, sizeof count);
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

static bool apply(const struct setting *setting, const char *value,
                  const struct haul_setting_rules *rules, struct haul_entry_options *options,
                  struct haul_buf *problem)
{
    switch (setting->use) {
    case TEXT:
        return set_text(setting, value, options, problem);
    case HEADER:
        return add_header(rules, value, options, problem);
    case CHECKSUM:
        return set_checksum(setting, value, options, problem);
    case SPEED:
        return set_speed(setting, value, options, problem);
    default:
        return set_number(setting, value, options, problem);
    }
}

/* Which one of some names the key is, from 0 on; -1: none. */
static int find(const char *names, struct haul_span key)
{
    for (int i = 0; *names; i++) {
        size_t len = strcspn(names, " ");
        bool is_family = names[len - 1] == '-';

        if ((is_family ? len < key.len : len == key.len) && memcmp(names, key.at, len) == 0)
            return i;
        names += names[len] ? len + 1 : len;
    }
    return -1;
}

static void warn(struct haul_span key, struct haul_buf *warning)
{
    haul_buf_add_str(warning, warning->len ? "; the key '" : "the key '");
    haul_buf_add(warning, key.at, key.len);
    haul_buf_add_str(warning, "' means nothing to haul and is ignored");
}

bool haul_setting_apply(const char *line, const struct haul_setting_rules *rules,
                        struct haul_entry_options *options, struct haul_setting_told *told,
                        struct haul_buf *problem, struct haul_buf *warning)
{
    const struct haul_span key = {line, strcspn(line, "=")};
    int number;

    if (haul_span_is(key, "dir"))
        return set_directory(rules, line + key.len + 1, options, told, problem, warning);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (haul_span_is(key, settings[i].name))
            return apply(&settings[i], line + key.len + 1, rules, options, problem);
    number = find(ignored, key);
    assert(number < HAUL_SETTING_IGNORED_MAX);
    if (number >= 0) {
        if (!told->at[number])
            warn(key, warning);
        told->at[number] = true;
        return true;
    }
    if (find(refused, key) >= 0)
        haul_buf_addf(problem, "%.*s: haul cannot do this for a single URL", (int)key.len, line);
    else
        haul_buf_addf(problem, "unknown key '%.*s'",
                      key.len > NAME_SHOWN_MAX ? NAME_SHOWN_MAX : (int)key.len, line);
    return false;
}
