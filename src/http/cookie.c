#include "http/cookie.h"

#include <string.h>

#include "base/ascii.h"
#include "http/cookie_date.h"
#include "http/public_suffix.h"
#include "model/host.h"
#include "model/url_parts.h"

/* ---- hosts and paths ---- */

struct haul_cookie_target haul_cookie_target_of(const char *url, bool is_local)
{
    const struct haul_url_parts parts = haul_url_parts_of(url, strlen(url));

    return (struct haul_cookie_target){.host = haul_host_without_dot(parts.host),
                                       .path = parts.path.len ? parts.path : haul_span_of("/"),
                                       .is_secure =
                                           is_local || haul_span_is_word(parts.scheme, "https")};
}

bool haul_cookie_is_address(struct haul_span domain)
{
    size_t at = domain.len;

    if (domain.len && (*domain.at == '[' || memchr(domain.at, ':', domain.len)))
        return true;
    while (at && haul_ascii_is_digit(domain.at[at - 1]))
        at--;
    return at < domain.len && (!at || domain.at[at - 1] == '.');
}

/* RFC 6265, 5.1.3. */
static bool is_in_domain(struct haul_span host, const char *domain)
{
    size_t len = strlen(domain);

    if (!len || host.len <= len)
        return len && haul_span_is_word(host, domain);
    return haul_span_is_word((struct haul_span){host.at + host.len - len, len}, domain) &&
           host.at[host.len - len - 1] == '.' && !haul_cookie_is_address(host);
}

bool haul_cookie_is_for_host(const struct haul_cookie *cookie, struct haul_span host)
{
    return cookie->is_host_only ? haul_span_is_word(host, cookie->domain)
                                : is_in_domain(host, cookie->domain);
}

/* RFC 6265, 5.1.4. */
static bool is_in_path(struct haul_span path, const char *cookie_path)
{
    size_t len = strlen(cookie_path);

    return path.len >= len && !memcmp(path.at, cookie_path, len) &&
           (path.len == len || cookie_path[len - 1] == '/' || path.at[len] == '/');
}

/* Of the path of a URL, all before the last '/'; at least that. */
static struct haul_span default_path(struct haul_span path)
{
    size_t len = path.len;

    while (len && path.at[len - 1] != '/')
        len--;
    return len > 1 ? (struct haul_span){path.at, len - 1} : haul_span_of("/");
}

/* ---- what a Set-Cookie says ---- */

/* Of several of a name, the last one that means something. */
struct attributes {
    bool has_max_age, has_expires, is_secure;
    int64_t max_age_s, expires_s;
    struct haul_span domain, path; /* not there; or empty: then it is as if it were not */
};

static bool has_control(struct haul_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (haul_ascii_is_control(text.at[i]) && text.at[i] != '\t')
            return true;
    return false;
}

static bool is_ascii(struct haul_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* Digits, perhaps behind a '-'; what is longer than a number counts as the largest. */
static bool read_max_age(struct haul_span text, int64_t *seconds)
{
    bool is_negative = haul_span_skip(&text, "-");
    int64_t sum = 0;

    if (!text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!haul_ascii_is_digit(text.at[i]))
            return false;
        if (sum < INT64_MAX / 100)
            sum = sum * 10 + (text.at[i] - '0');
    }
    *seconds = is_negative ? 0 : sum;
    return true;
}

static void read_attribute(struct haul_span name, struct haul_span value, struct attributes *to)
{
    if (value.len > HAUL_COOKIE_ATTRIBUTE_MAX)
        return;
    if (haul_span_is_word(name, "Expires"))
        to->has_expires = haul_cookie_date_parse(value, &to->expires_s) || to->has_expires;
    else if (haul_span_is_word(name, "Max-Age"))
        to->has_max_age = read_max_age(value, &to->max_age_s) || to->has_max_age;
    else if (haul_span_is_word(name, "Domain"))
        to->domain = value;
    else if (haul_span_is_word(name, "Path"))
        to->path = value;
    else if (haul_span_is_word(name, "Secure"))
        to->is_secure = true;
}

/* The next part of it, up to a ';'. */
static struct haul_span next_part(struct haul_span *text)
{
    struct haul_span part;

    if (!haul_span_take_before(text, ';', &part))
        part = haul_span_take(text, text->len);
    return part;
}

/* Cuts it at its first '='; false: there is none, and it is all name. */
static bool split(struct haul_span part, struct haul_span *name, struct haul_span *value)
{
    bool has_value = haul_span_take_before(&part, '=', name);

    if (!has_value)
        *name = haul_span_take(&part, part.len);
    *name = haul_span_trim(*name);
    *value = haul_span_trim(part);
    return has_value;
}

static struct attributes read_attributes(struct haul_span text)
{
    struct attributes found = {.has_expires = false};
    struct haul_span name, value;

    while (text.len) {
        (void)split(next_part(&text), &name, &value);
        read_attribute(name, value, &found);
    }
    (void)haul_span_skip(&found.domain, ".");
    return found;
}

static int64_t expiry_of(const struct attributes *said, int64_t now_s)
{
    if (said->has_max_age)
        return said->max_age_s > 0 ? now_s + said->max_age_s : INT64_MIN;
    return said->has_expires ? said->expires_s : HAUL_COOKIE_NEVER;
}

static bool begins(const char *name, const char *prefix)
{
    size_t len = strlen(prefix);

    return haul_span_is_word((struct haul_span){name, strnlen(name, len)}, prefix);
}

/* What a name promises (RFC 6265bis, 4.1.3). */
static bool keeps_promise(const struct haul_cookie *cookie, const struct attributes *said)
{
    if (begins(cookie->name, "__Secure-"))
        return cookie->is_secure;
    if (begins(cookie->name, "__Host-"))
        return cookie->is_secure && !said->domain.len && haul_span_is(said->path, "/");
    return true;
}

/* ---- whether it is believed ---- */

/* What is written into the room, and where: it moves as it grows. */
static size_t put(struct haul_buf *room, struct haul_span text, bool lower)
{
    size_t at = room->len;

    haul_buf_add(room, text.at ? text.at : "", text.len);
    haul_buf_add_char(room, '\0');
    for (size_t i = at; lower && !room->err && i < room->len; i++)
        room->data[i] = haul_ascii_lower(room->data[i]);
    return at;
}

/* Writes the strings of the cookie, with the domain as the server wrote it or else the host. */
static bool write_strings(const struct haul_cookie_target *target, struct haul_span name,
                          struct haul_span value, const struct attributes *said,
                          struct haul_buf *room, struct haul_cookie *cookie)
{
    bool has_path = said->path.len && *said->path.at == '/';
    size_t name_at, value_at, domain_at, path_at;

    haul_buf_clear(room);
    name_at = put(room, name, false);
    value_at = put(room, value, false);
    domain_at = put(room, said->domain.len ? said->domain : target->host, true);
    path_at = put(room, has_path ? said->path : default_path(target->path), false);
    if (room->err)
        return false;
    cookie->name = room->data + name_at;
    cookie->value = room->data + value_at;
    cookie->domain = room->data + domain_at;
    cookie->path = room->data + path_at;
    return true;
}

bool haul_cookie_may_be_shared(const char *domain)
{
    size_t len = strlen(domain);

    /* With a dot before or behind it, the list does not know a suffix again. */
    return len && *domain != '.' && domain[len - 1] != '.' &&
           !haul_cookie_is_address((struct haul_span){domain, len}) &&
           !haul_public_suffix_is(domain);
}

/* Whether the host may set it for that domain, if it names one; and for whom it is then. */
static bool settle_domain(const struct haul_cookie_target *target, const struct attributes *said,
                          struct haul_cookie *cookie)
{
    cookie->is_host_only = !said->domain.len || !haul_cookie_may_be_shared(cookie->domain);
    return haul_cookie_is_for_host(cookie, target->host);
}

bool haul_cookie_read(struct haul_span text, const struct haul_cookie_target *target, int64_t now_s,
                      struct haul_buf *room, struct haul_cookie *cookie)
{
    struct haul_span name, value;
    struct attributes said;

    if (has_control(text) || !split(next_part(&text), &name, &value) || !name.len ||
        name.len + value.len > HAUL_COOKIE_MAX)
        return false;
    said = read_attributes(text);
    if (!is_ascii(said.domain) || (said.is_secure && !target->is_secure) ||
        !write_strings(target, name, value, &said, room, cookie))
        return false;
    cookie->expires_s = expiry_of(&said, now_s);
    cookie->is_secure = said.is_secure;
    return settle_domain(target, &said, cookie) && keeps_promise(cookie, &said);
}

/* ---- keeping ---- */

/* Over http, nothing takes the place of what is for https, nor hides it (RFC 6265bis, 5.7). */
static bool would_hide(const struct haul_cookie *kept, const struct haul_cookie *cookie)
{
    return kept->is_secure && strcmp(kept->name, cookie->name) == 0 &&
           (is_in_domain(haul_span_of(kept->domain), cookie->domain) ||
            is_in_domain(haul_span_of(cookie->domain), kept->domain)) &&
           is_in_path(haul_span_of(cookie->path), kept->path);
}

static bool hides_a_secure_one(const struct haul_cookie_sources *from,
                               const struct haul_cookie *cookie)
{
    for (size_t i = 0; from->jar && i < from->jar->count; i++)
        if (would_hide(from->jar->cookie[i], cookie))
            return true;
    for (size_t i = 0; from->file && i < from->file->count; i++)
        if (would_hide(&from->file->cookie[i], cookie))
            return true;
    return false;
}

void haul_cookie_keep(struct haul_cookie_jar **jar, const struct haul_cookies *file,
                      const struct haul_cookie_target *target, const char *values, size_t len,
                      int64_t now_s, struct haul_buf *room)
{
    const char *end = values + len;
    struct haul_cookie cookie;

    for (; values < end; values += strlen(values) + 1) {
        const struct haul_cookie_sources from = {*jar, file};

        if (!haul_cookie_read(haul_span_of(values), target, now_s, room, &cookie))
            continue;
        if (!target->is_secure && hides_a_secure_one(&from, &cookie))
            continue;
        haul_cookie_jar_put(jar, &cookie, now_s, file && haul_cookie_find(file, &cookie));
    }
}

/* ---- those of a file ---- */

/* The first cookie whose domain is not before that one, which is in small letters. */
static size_t first_of(const struct haul_cookies *file, struct haul_span domain)
{
    size_t from = 0, to = file->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const char *there = file->cookie[middle].domain;
        int order = strncmp(there, domain.at, domain.len);

        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_of_domain(const struct haul_cookies *file, size_t i, struct haul_span domain)
{
    return i < file->count && haul_span_is(domain, file->cookie[i].domain);
}

const struct haul_cookie *haul_cookie_find(const struct haul_cookies *file,
                                           const struct haul_cookie *cookie)
{
    const struct haul_span domain = haul_span_of(cookie->domain);

    for (size_t i = first_of(file, domain); is_of_domain(file, i, domain); i++)
        if (haul_cookie_is_same(&file->cookie[i], cookie))
            return &file->cookie[i];
    return NULL;
}

struct haul_cookie_walk haul_cookie_walk_of(const struct haul_cookies *file, struct haul_span host)
{
    struct haul_cookie_walk walk = {.file = file, .host = host, .domain = host};

    if (file && file->count)
        walk.next = first_of(file, host);
    else
        walk.domain.len = 0;
    return walk;
}

const struct haul_cookie *haul_cookie_walk_next(struct haul_cookie_walk *walk)
{
    struct haul_span label;

    while (walk->domain.len) {
        while (is_of_domain(walk->file, walk->next, walk->domain)) {
            const struct haul_cookie *cookie = &walk->file->cookie[walk->next++];

            if (haul_cookie_is_for_host(cookie, walk->host))
                return cookie;
        }
        if (!haul_span_take_before(&walk->domain, '.', &label))
            walk->domain.len = 0;
        if (walk->domain.len)
            walk->next = first_of(walk->file, walk->domain);
    }
    return NULL;
}

/* ---- sending ---- */

struct choice {
    const struct haul_cookie *cookie[HAUL_COOKIE_SENT_MAX];
    bool is_of_file[HAUL_COOKIE_SENT_MAX];
    size_t count;
    size_t left_out; /* of the file */
};

/* Behind those whose paths are as long; `max` of them at most. */
static void choose(struct choice *choice, const struct haul_cookie *cookie, bool is_of_file,
                   size_t max)
{
    size_t i = choice->count, len = strlen(cookie->path);

    if (i == max) {
        choice->left_out += is_of_file;
        return;
    }
    for (; i && strlen(choice->cookie[i - 1]->path) < len; i--) {
        choice->cookie[i] = choice->cookie[i - 1];
        choice->is_of_file[i] = choice->is_of_file[i - 1];
    }
    choice->cookie[i] = cookie;
    choice->is_of_file[i] = is_of_file;
    choice->count++;
}

static bool has_name(struct haul_span own, const char *name)
{
    struct haul_span found, value;

    while (own.len) {
        (void)split(next_part(&own), &found, &value);
        if (haul_span_is(found, name))
            return true;
    }
    return false;
}

static bool is_wanted(const struct haul_cookie *cookie, const struct haul_cookie_target *target,
                      int64_t now_s, struct haul_span own)
{
    return cookie->expires_s > now_s && (target->is_secure || !cookie->is_secure) &&
           haul_cookie_is_for_host(cookie, target->host) &&
           is_in_path(target->path, cookie->path) && !has_name(own, cookie->name);
}

static bool is_in_jar(const struct haul_cookie_jar *jar, const struct haul_cookie *cookie)
{
    for (size_t i = 0; jar && i < jar->count; i++)
        if (haul_cookie_is_same(jar->cookie[i], cookie))
            return true;
    return false;
}

static struct choice choose_all(const struct haul_cookie_sources *from,
                                const struct haul_cookie_target *target, int64_t now_s,
                                struct haul_span own)
{
    struct haul_cookie_walk walk = haul_cookie_walk_of(from->file, target->host);
    struct choice choice = {.count = 0};
    const struct haul_cookie *cookie;

    while ((cookie = haul_cookie_walk_next(&walk)) != NULL)
        if (is_wanted(cookie, target, now_s, own) && !is_in_jar(from->jar, cookie))
            choose(&choice, cookie, true, HAUL_COOKIE_FILE_SENT_MAX);
    for (size_t i = 0; from->jar && i < from->jar->count; i++)
        if (is_wanted(from->jar->cookie[i], target, now_s, own))
            choose(&choice, from->jar->cookie[i], false, HAUL_COOKIE_SENT_MAX);
    return choice;
}

size_t haul_cookie_write(const struct haul_cookie_sources *from,
                         const struct haul_cookie_target *target, int64_t now_s,
                         struct haul_span own, struct haul_buf *out, struct haul_cookies_sent *sent)
{
    const struct choice choice = choose_all(from, target, now_s, own);
    size_t start = out->len, count = 0;

    *sent = (struct haul_cookies_sent){.left_out = choice.left_out};
    for (size_t i = 0; i < choice.count; i++) {
        const struct haul_cookie *cookie = choice.cookie[i];
        size_t len = strlen(cookie->name) + strlen(cookie->value) + strlen("; =");

        if (out->len - start + len > HAUL_COOKIE_FIELD_MAX) {
            sent->left_out += choice.is_of_file[i];
            continue;
        }
        haul_buf_add_str(out, count++ ? "; " : "");
        haul_buf_add_str(out, cookie->name);
        haul_buf_add_char(out, '=');
        haul_buf_add_str(out, cookie->value);
        if (choice.is_of_file[i])
            sent->cookie[sent->count++] = cookie;
    }
    return count;
}
