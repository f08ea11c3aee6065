#include "input/robots_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/saturate.h"
#include "input/robots.h"
#include "input/robots_paths.h"
#include "input/robots_rules_inside.h"
#include "input/text.h"
#include "input/url.h"

enum { US_PER_S = 1000000 };

/* What all groups of one name say together. */
struct group {
    struct haul_robots_paths paths;
    int64_t delay_us; /* or -1 */
    bool is_there;
    bool is_meant; /* by the lines that are read now */
};

struct haul_robots_rules {
    struct group group; /* the one that applies; its flags mean nothing */
};

/* What is known while the lines are read. */
struct reading {
    struct haul_span product;
    struct group own, any;
    bool had_rule; /* a User-agent would begin another group */
};

/* ---- lines ---- */

enum record { AGENT, ALLOW, DISALLOW, DELAY, OTHER };

static const struct {
    const char *name;
    enum record record;
} names[] = {
    {"user-agent", AGENT},  {"useragent", AGENT},    {"user agent", AGENT},  {"allow", ALLOW},
    {"disallow", DISALLOW}, {"dissallow", DISALLOW}, {"dissalow", DISALLOW}, {"disalow", DISALLOW},
    {"diasllow", DISALLOW}, {"disallaw", DISALLOW},  {"crawl-delay", DELAY},
};

static enum record record_of(struct haul_span name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (haul_span_is_word(name, names[i].name))
            return names[i].record;
    return OTHER;
}

static struct haul_span token_of(struct haul_span text)
{
    struct haul_span token = {text.at, 0};

    while (token.len < text.len && (haul_ascii_is_alnum(text.at[token.len]) ||
                                    text.at[token.len] == '-' || text.at[token.len] == '_'))
        token.len++;
    return token;
}

static bool is_same_token(struct haul_span one, struct haul_span other)
{
    if (!one.len || one.len != other.len)
        return false;
    for (size_t i = 0; i < one.len; i++)
        if (haul_ascii_lower(one.at[i]) != haul_ascii_lower(other.at[i]))
            return false;
    return true;
}

static void mean(struct group *group)
{
    group->is_there = true;
    group->is_meant = true;
}

static void read_agent(struct reading *reading, struct haul_span value)
{
    if (reading->had_rule) {
        reading->own.is_meant = false;
        reading->any.is_meant = false;
        reading->had_rule = false;
    }
    if (is_same_token(token_of(value), reading->product))
        mean(&reading->own);
    if (value.len && *value.at == '*' && (value.len == 1 || haul_ascii_is_blank(value.at[1])))
        mean(&reading->any);
}

static void add_path(struct group *group, struct haul_span path, bool allows)
{
    if (group->is_meant)
        haul_robots_paths_add(&group->paths, path, allows);
}

static void read_path(struct reading *reading, struct haul_span path, bool allows)
{
    reading->had_rule = true;
    if (!path.len || (*path.at != '/' && *path.at != '*'))
        return;
    add_path(&reading->own, path, allows);
    if (!reading->own.is_there)
        add_path(&reading->any, path, allows);
}

/* ---- Crawl-delay ---- */

/* Digits; what does not fit stops at INT64_MAX. False: there are none. */
static bool take_digits(struct haul_span *text, int64_t *value)
{
    const char *begin = text->at;

    while (text->len && haul_ascii_is_digit(*text->at))
        *value =
            haul_saturate_add(haul_saturate_mul(*value, 10), *haul_span_take(text, 1).at - '0');
    return text->at > begin;
}

/* As microseconds; -1: it is no number. */
static int64_t delay_of(struct haul_span text)
{
    int64_t whole = 0, part = 0;
    bool has_digits = take_digits(&text, &whole);

    if (haul_span_skip(&text, ".")) {
        for (int64_t unit = US_PER_S / 10; text.len && haul_ascii_is_digit(*text.at); unit /= 10) {
            part += unit * (*haul_span_take(&text, 1).at - '0');
            has_digits = true;
        }
    }
    if (!has_digits || text.len)
        return -1;
    return haul_saturate_add(haul_saturate_mul(whole, US_PER_S), part);
}

static void read_delay(struct group *group, int64_t delay_us)
{
    if (group->is_meant && delay_us > group->delay_us)
        group->delay_us = delay_us;
}

/* ---- the whole ---- */

static void read_record(struct reading *reading, struct haul_span name, struct haul_span value)
{
    enum record record = record_of(name);

    if (record == AGENT)
        read_agent(reading, value);
    if (record == ALLOW || record == DISALLOW)
        read_path(reading, value, record == ALLOW);
    if (record == DELAY) {
        read_delay(&reading->own, delay_of(value));
        read_delay(&reading->any, delay_of(value));
    }
}

static void init_group(struct group *group)
{
    *group = (struct group){.delay_us = -1};
    haul_robots_paths_init(&group->paths);
}

enum haul_err haul_robots_rules_parse_up_to(const char *bytes, size_t len, size_t max,
                                            const char *product, struct haul_robots_rules **out)
{
    struct haul_robots robots = haul_robots_of(bytes, len, max);
    struct reading reading = {.product = token_of(haul_span_of(product))};
    struct haul_robots_rules *rules = malloc(sizeof *rules);
    struct haul_span name, value;
    struct group *other;

    *out = NULL;
    if (!rules)
        return HAUL_ERR_NOMEM;
    init_group(&reading.own);
    init_group(&reading.any);
    while (haul_robots_record(&robots, &name, &value))
        read_record(&reading, name, value);
    rules->group = reading.own.is_there ? reading.own : reading.any;
    other = reading.own.is_there ? &reading.any : &reading.own;
    haul_robots_paths_done(&other->paths);
    if (haul_robots_paths_finish(&rules->group.paths)) {
        haul_robots_rules_free(rules);
        return HAUL_ERR_NOMEM;
    }
    *out = rules;
    return HAUL_OK;
}

enum haul_err haul_robots_rules_parse(const char *bytes, size_t len, const char *product,
                                      struct haul_robots_rules **out)
{
    return haul_robots_rules_parse_up_to(bytes, len, HAUL_ROBOTS_MAX, product, out);
}

void haul_robots_rules_free(struct haul_robots_rules *rules)
{
    if (rules)
        haul_robots_paths_done(&rules->group.paths);
    free(rules);
}

bool haul_robots_rules_allow(const struct haul_robots_rules *rules, const char *target, size_t len)
{
    static const char own[] = "/robots.txt";
    const struct haul_span text = {target, len};
    char octets[HAUL_URL_MAX + 1]; /* not cleared: it is large, and mostly little of it is used */
    size_t count = len && *target == '/' ? 0 : 1;
    int64_t steps;

    if (len > HAUL_URL_MAX)
        return false;
    octets[0] = '/';
    for (size_t at = 0; at < len;)
        octets[count++] = haul_text_decode_byte(text, &at);
    if (count == sizeof own - 1 && memcmp(octets, own, count) == 0)
        return true;
    return haul_robots_paths_allow(&rules->group.paths, octets, count, &steps);
}

int64_t haul_robots_rules_delay_us(const struct haul_robots_rules *rules)
{
    return rules->group.delay_us;
}

size_t haul_robots_rules_size(const struct haul_robots_rules *rules)
{
    return sizeof *rules + haul_robots_paths_size(&rules->group.paths);
}
